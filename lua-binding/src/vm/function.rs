//! Functions and methods: how an ordinary safe Rust function becomes one that Lua can call.
//!
//! The three phases come together here, for every function alike: arguments are read (which may
//! raise, and nothing is alive), the function runs (a panic is caught, and nothing raises), its
//! answer is pushed (which may raise, and nothing is alive again). `Copy` on both sides enforces
//! it. What the first and the third are made of is in `phases`.

use super::arg::{Arg, Frame, Passive};
use super::class::{Body, Guard};
use super::given::{Given, Others};
#[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
use super::late;
use super::object::Object;
use super::phases::{
    Place, admitted, enter, finish, finish_method, finish_method_here, keeping, settle, without,
};
use super::reply::Answer;
use super::shape::Shape;
use super::shortage::retried;
use super::sys::{self, lua_State};
use super::{raise, upvalues};
use moonsocket_core::{Attempt, First};
use std::ffi::c_int;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A function for Lua, with its name.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    pub(super) name: &'static str,
    pub(super) entry: sys::lua_CFunction,
}

impl Function {
    /// A function with arguments of the kinds `A`, a tuple.
    pub const fn plain<A, F: for<'a> Plain<'a, A>>(name: &'static str, _: F) -> Self {
        Self { name, entry: plain_entry::<A, F> }
    }

    /// A method of objects of `T` that `G` admits, with further arguments of the kinds `A`.
    pub const fn method<T, G, A, F>(name: &'static str, _: F) -> Self
    where
        T: Body,
        G: Guard<T>,
        F: for<'a> Method<'a, T, A>,
    {
        Self { name, entry: method_entry::<T, G, A, F, false> }
    }

    /// As [`plain`](Self::plain), for one that makes descriptors: where there are none left it is called once more after
    /// garbage was collected.
    pub const fn opening<A, F: for<'a> Plain<'a, A>>(name: &'static str, _: F) -> Self {
        Self { name, entry: opening_entry::<A, F> }
    }

    /// As [`method`](Self::method), for one that makes descriptors: see [`opening`](Self::opening).
    pub const fn opening_method<T, G, A, F>(name: &'static str, _: F) -> Self
    where
        T: Body,
        G: Guard<T>,
        F: for<'a> Method<'a, T, A>,
    {
        Self { name, entry: opening_method_entry::<T, G, A, F> }
    }

    /// As [`method`](Self::method), for one that is called so often that its answer is pushed in place. It is some hundred
    /// bytes longer for that.
    pub const fn hot_method<T, G, A, F>(name: &'static str, _: F) -> Self
    where
        T: Body,
        G: Guard<T>,
        F: for<'a> Method<'a, T, A>,
    {
        Self { name, entry: method_entry::<T, G, A, F, true> }
    }

    /// As [`method`](Self::method), with a shortcut for calls with no more arguments than it takes: `Q` is asked first,
    /// and answers what needs neither other arguments nor the call. What it has begun without coming to an answer goes to
    /// the function as [`Begun`](super::Begun).
    pub const fn quick_method<T, G, A, F, N, Q>(name: &'static str, _: F, _: Q) -> Self
    where
        T: Body,
        G: Guard<T>,
        F: for<'a> Method<'a, T, A>,
        Q: for<'a> Shortcut<'a, T, N>,
    {
        Self { name, entry: quick_entry::<T, G, A, F, N, Q> }
    }

    /// As [`quick_method`](Self::quick_method), for one that makes descriptors: see [`opening`](Self::opening).
    pub const fn opening_quick_method<T, G, A, F, N, Q>(name: &'static str, _: F, _: Q) -> Self
    where
        T: Body,
        G: Guard<T>,
        F: for<'a> Method<'a, T, A>,
        Q: for<'a> Shortcut<'a, T, N>,
    {
        Self { name, entry: opening_quick_entry::<T, G, A, F, N, Q> }
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The same function under another name.
    pub const fn named(self, name: &'static str) -> Self {
        Self { name, ..self }
    }

    /// Pushes it as a Lua closure. May raise.
    pub(super) unsafe fn push(&self, l: *mut lua_State) {
        // SAFETY: the caller may raise and has free slots.
        unsafe { upvalues::push_closure(l, self.entry) }
    }
}

/// A safe function whose arguments are of the kinds `A`.
pub trait Plain<'a, A>: Copy + 'static {
    /// # Safety
    /// As for [`Arg::read`].
    #[doc(hidden)]
    unsafe fn run(self, l: *mut lua_State) -> c_int;
}

/// A safe function whose first argument is `&mut T`, and the others of the kinds `A`.
pub trait Method<'a, T, A>: Copy + 'static {
    /// # Safety
    /// As for [`Arg::read`]; `object` is live and at index 1.
    #[doc(hidden)]
    unsafe fn run<const HOT: bool>(
        self,
        l: *mut lua_State,
        object: *mut (),
        begun: Option<&'a Attempt>,
    ) -> c_int;
}

/// A safe function that answers the simple cases of a method by its object and its first arguments alone, as many as `N`
/// is long.
pub trait Shortcut<'a, T, N>: Copy + 'static {
    /// What it answers with.
    type Shape: Shape;
    /// How many arguments it takes.
    const MOST: c_int;
    /// Asks it. Arguments are taken from `first` on, of which there are so many.
    #[doc(hidden)]
    fn ask(self, body: &'a mut T, first: Given<'a>, count: c_int) -> First<Self::Shape>;
}

// One by one, so that what is not looked at costs nothing.
macro_rules! shortcut {
    ($count:literal $($position:literal)*) => {
        impl<'a, T: 'a, R: Shape, F> Shortcut<'a, T, [(); $count]> for F
        where
            F: Copy + 'static + Fn(&'a mut T, [Given<'a>; $count]) -> First<R>,
        {
            type Shape = R;
            const MOST: c_int = $count;

            #[inline(always)]
            #[allow(unused_variables, reason = "no arguments")]
            fn ask(self, body: &'a mut T, first: Given<'a>, count: c_int) -> First<R> {
                let others = Others { first, count };
                self(body, [$(others.get($position)),*])
            }
        }
    };
}

shortcut!(0);
shortcut!(1 0);
shortcut!(2 0 1);
shortcut!(3 0 1 2);

/// The only value of a type that has no size: Rust's functions are such types.
#[inline(always)]
pub(super) fn conjure<F: Copy + 'static>() -> F {
    const { assert!(size_of::<F>() == 0, "a function item, not a pointer or a capturing closure") };
    // SAFETY: the type has no size, and an `F` was given to `Function::plain` or `method`, so it
    // has values; being `Copy` this is as good as that one.
    unsafe { std::ptr::NonNull::<F>::dangling().as_ptr().read() }
}

pub(super) unsafe extern "C-unwind" fn plain_entry<A, F: for<'a> Plain<'a, A>>(
    l: *mut lua_State,
) -> c_int {
    // SAFETY: Lua calls this with a live state, and nothing is alive here.
    unsafe { conjure::<F>().run(l) }
}

pub(super) unsafe extern "C-unwind" fn method_entry<T, G, A, F, const HOT: bool>(
    l: *mut lua_State,
) -> c_int
where
    T: Body,
    G: Guard<T>,
    F: for<'a> Method<'a, T, A>,
{
    // SAFETY: Lua calls this with a live state, and nothing is alive here.
    unsafe {
        let object = if HOT { admitted::<T, G>(l, 1) } else { enter::<T, G>(l) };
        let Some(object) = object else { return without::<T, G>(l) };
        conjure::<F>().run::<HOT>(l, object.cast(), None)
    }
}

unsafe extern "C-unwind" fn opening_entry<A, F: for<'a> Plain<'a, A>>(l: *mut lua_State) -> c_int {
    // SAFETY: Lua calls this with a live state, and nothing is alive here.
    unsafe { retried(l, plain_entry::<A, F>) }
}

unsafe extern "C-unwind" fn opening_method_entry<T, G, A, F>(l: *mut lua_State) -> c_int
where
    T: Body,
    G: Guard<T>,
    F: for<'a> Method<'a, T, A>,
{
    // SAFETY: as in `opening_entry`.
    unsafe { retried(l, method_entry::<T, G, A, F, false>) }
}

unsafe extern "C-unwind" fn quick_entry<T, G, A, F, N, Q>(l: *mut lua_State) -> c_int
where
    T: Body,
    G: Guard<T>,
    F: for<'a> Method<'a, T, A>,
    Q: for<'a> Shortcut<'a, T, N>,
{
    // SAFETY: Lua calls this with a live state, and nothing is alive here. The shortcut can run no Lua code, so the body
    // is borrowed once; what it lends is pushed before anything else happens.
    unsafe {
        let Some(object) = admitted::<T, G>(l, 1) else { return without::<T, G>(l) };
        let count = sys::lua_gettop(l) - 1;
        if count > Q::MOST {
            return whole::<T, A, F>(l, object, None);
        }
        let own = object.cast_const().cast();
        let first = Given { l, index: 2, own, absent: false, call: PhantomData };
        let body = (&raw mut (*object).body).cast::<T>();
        match catch_unwind(AssertUnwindSafe(|| conjure::<Q>().ask(&mut *body, first, count))) {
            #[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
            Ok(First::Done(answer)) if answer.awaits() => {
                late::wait(l, quick_again::<T, G, A, F, N, Q>)
            }
            Ok(First::Done(answer)) => {
                let results = answer.push(l);
                if answer.tells() {
                    settle(object);
                }
                results
            }
            Ok(First::Begun(attempt)) => whole::<T, A, F>(l, object, Some(&attempt)),
            Ok(First::Not) => whole::<T, A, F>(l, object, None),
            Err(payload) => raise::panic(l, payload),
        }
    }
}

unsafe extern "C-unwind" fn opening_quick_entry<T, G, A, F, N, Q>(l: *mut lua_State) -> c_int
where
    T: Body,
    G: Guard<T>,
    F: for<'a> Method<'a, T, A>,
    Q: for<'a> Shortcut<'a, T, N>,
{
    // SAFETY: as in `opening_entry`.
    unsafe { retried(l, quick_entry::<T, G, A, F, N, Q>) }
}

/// A call whose shortcut has waited.
#[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
unsafe extern "C-unwind" fn quick_again<T, G, A, F, N, Q>(
    l: *mut lua_State,
    _status: c_int,
    context: mlua::ffi::lua_KContext,
) -> c_int
where
    T: Body,
    G: Guard<T>,
    F: for<'a> Method<'a, T, A>,
    Q: for<'a> Shortcut<'a, T, N>,
{
    // SAFETY: Lua calls this with a live state, in the function that has yielded, and nothing is alive here.
    unsafe {
        match late::resumed(l, context) {
            late::Resumed::Again(None) => quick_entry::<T, G, A, F, N, Q>(l),
            late::Resumed::Again(Some(why)) => match admitted::<T, G>(l, 1) {
                Some(object) => whole::<T, A, F>(l, object, Some(&Attempt::ended(why))),
                None => without::<T, G>(l),
            },
            late::Resumed::Otherwise(count) => count,
        }
    }
}

/// The method behind a shortcut: apart, so that the shortcut does not set up what it needs.
#[inline(never)]
unsafe fn whole<T: Body, A, F: for<'a> Method<'a, T, A>>(
    l: *mut lua_State,
    object: *mut Object<T>,
    begun: Option<&Attempt>,
) -> c_int {
    // SAFETY: as for the caller.
    unsafe { conjure::<F>().run::<true>(l, object.cast(), begun) }
}

macro_rules! arity {
    ($($kind:ident $value:ident),*) => {
        impl<'a, 'b: 'a, F, $($kind),*> Plain<'a, ($($kind,)*)> for F
        where
            $($kind: Arg,)*
            F: Copy + 'static + Fn($($kind::Of<'a>),*) -> Answer<'b>,
        {
            #[inline(always)]
            #[allow(unused_assignments, unused_mut, unused_variables, reason = "no arguments")]
            unsafe fn run(self, l: *mut lua_State) -> c_int {
                let mut index = 1;
                // SAFETY: the caller promises what each phase needs.
                unsafe {
                    let keeping = if false $(|| $kind::KEEPS)* { keeping(l) } else { None };
                    let frame = Frame::new(std::ptr::null(), keeping);
                    $(
                        let $value = $kind::read(l, index, frame, PhantomData);
                        index += $kind::SLOTS;
                    )*
                    let mut place = Place::uninit();
                    let caught = catch_unwind(AssertUnwindSafe(|| {
                        place.write(self($($value),*));
                    }));
                    finish(l, keeping, caught, &place)
                }
            }
        }

        impl<'a, 'b: 'a, F, T, $($kind),*> Method<'a, T, ($($kind,)*)> for F
        where
            T: Body,
            $($kind: Passive,)*
            F: Copy + 'static + Fn(&'a mut T, $($kind::Of<'a>),*) -> Answer<'b>,
        {
            #[inline(always)]
            #[allow(unused_assignments, unused_mut, unused_variables, reason = "no arguments")]
            unsafe fn run<const HOT: bool>(
                self,
                l: *mut lua_State,
                object: *mut (),
                begun: Option<&'a Attempt>,
            ) -> c_int {
                let object = object.cast::<Object<T>>();
                let mut index = 2;
                // SAFETY: the caller promises what each phase needs. No kind of argument that a
                // method may have can run Lua code, so the body is borrowed once.
                unsafe {
                    let keeping = if false $(|| $kind::KEEPS)* { keeping(l) } else { None };
                    let own = object.cast_const().cast();
                    let frame = Frame { begun, ..Frame::new(own, keeping) };
                    $(
                        let $value = $kind::read(l, index, frame, PhantomData);
                        index += $kind::SLOTS;
                    )*
                    let body = (&raw mut (*object).body).cast::<T>();
                    let mut place = Place::uninit();
                    let caught = catch_unwind(AssertUnwindSafe(|| {
                        place.write(self(&mut *body, $($value),*));
                        (*body).class()
                    }));
                    if HOT {
                        finish_method_here(l, object, keeping, caught, &place)
                    } else {
                        finish_method(l, object, keeping, caught, &place)
                    }
                }
            }
        }
    };
}

arity!();
arity!(A1 a1);
arity!(A1 a1, A2 a2);
arity!(A1 a1, A2 a2, A3 a3);
arity!(A1 a1, A2 a2, A3 a3, A4 a4);
arity!(A1 a1, A2 a2, A3 a3, A4 a4, A5 a5);
arity!(A1 a1, A2 a2, A3 a3, A4 a4, A5 a5, A6 a6);
arity!(A1 a1, A2 a2, A3 a3, A4 a4, A5 a5, A6 a6, A7 a7);
arity!(A1 a1, A2 a2, A3 a3, A4 a4, A5 a5, A6 a6, A7 a7, A8 a8);
