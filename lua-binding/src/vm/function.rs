//! Functions and methods: how an ordinary safe Rust function becomes one that Lua can call.
//!
//! The three phases are here, for every function alike: arguments are read (which may raise, and
//! nothing is alive), the function runs (a panic is caught, and nothing raises), its answer is
//! pushed (which may raise, and nothing is alive again). `Copy` on both sides enforces it.

use super::arg::{Any, Arg, Frame, Passive};
use super::class::{self, Body, Guard};
use super::given::Given;
use super::hub::{self, Hub};
use super::object::{self, Object};
use super::reply::{Answer, Lent, Reply};
use super::sys::{self, lua_State};
use super::{keep, push, raise};
use std::ffi::c_int;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
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

    /// As [`method`](Self::method), with a shortcut for calls with at most one argument: `Q` is asked first, and lends
    /// what needs neither the other arguments nor the call. It must not panic, and leaves the object as it was when it
    /// has no answer.
    pub const fn quick_method<T, G, A, F, Q, const NILS: usize>(
        name: &'static str,
        _: F,
        _: Q,
    ) -> Self
    where
        T: Body,
        G: Guard<T>,
        F: for<'a> Method<'a, T, A>,
        Q: Copy + 'static + for<'a> Fn(&'a mut T, Given<'a>) -> Option<Lent<'a, NILS>>,
    {
        Self { name, entry: quick_entry::<T, G, A, F, Q, NILS> }
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
        unsafe { hub::push_function(l, self) }
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
    unsafe fn run<const HOT: bool>(self, l: *mut lua_State, object: *mut ()) -> c_int;
}

/// The only value of a type that has no size: Rust's functions are such types.
#[inline(always)]
fn conjure<F: Copy + 'static>() -> F {
    const { assert!(size_of::<F>() == 0, "a function item, not a pointer or a capturing closure") };
    // SAFETY: the type has no size, and an `F` was given to `Function::plain` or `method`, so it
    // has values; being `Copy` this is as good as that one.
    unsafe { std::ptr::NonNull::<F>::dangling().as_ptr().read() }
}

unsafe extern "C-unwind" fn plain_entry<A, F: for<'a> Plain<'a, A>>(l: *mut lua_State) -> c_int {
    // SAFETY: Lua calls this with a live state, and nothing is alive here.
    unsafe { conjure::<F>().run(l) }
}

unsafe extern "C-unwind" fn method_entry<T, G, A, F, const HOT: bool>(l: *mut lua_State) -> c_int
where
    T: Body,
    G: Guard<T>,
    F: for<'a> Method<'a, T, A>,
{
    // SAFETY: Lua calls this with a live state, and nothing is alive here.
    unsafe {
        let object = if HOT { enter_here::<T, G>(l) } else { enter::<T, G>(l) };
        conjure::<F>().run::<HOT>(l, object.cast())
    }
}

/// The object of a method, or the error that says why it is none: one for all methods of a guard.
#[inline(never)]
unsafe fn enter<T: Body, G: Guard<T>>(l: *mut lua_State) -> *mut Object<T> {
    // SAFETY: as for the caller.
    unsafe { enter_here::<T, G>(l) }
}

/// [`enter`], in place.
#[inline(always)]
unsafe fn enter_here<T: Body, G: Guard<T>>(l: *mut lua_State) -> *mut Object<T> {
    // SAFETY: as for the caller: nothing is alive yet.
    unsafe {
        match admitted::<T, G>(l, 1) {
            Some(object) => object,
            None => refuse::<T, G>(l, 1),
        }
    }
}

unsafe extern "C-unwind" fn quick_entry<T, G, A, F, Q, const NILS: usize>(
    l: *mut lua_State,
) -> c_int
where
    T: Body,
    G: Guard<T>,
    F: for<'a> Method<'a, T, A>,
    Q: Copy + 'static + for<'a> Fn(&'a mut T, Given<'a>) -> Option<Lent<'a, NILS>>,
{
    // SAFETY: Lua calls this with a live state, and nothing is alive here. The shortcut can run no Lua code, so the body
    // is borrowed once; what it lends is pushed before anything else happens.
    unsafe {
        let object = enter_here::<T, G>(l);
        if sys::lua_gettop(l) <= 2 {
            let frame = Frame { own: object.cast_const().cast(), hub: None };
            let given = Any::read(l, 2, frame, PhantomData);
            let body = (&raw mut (*object).body).cast::<T>();
            match catch_unwind(AssertUnwindSafe(|| conjure::<Q>()(&mut *body, given))) {
                Ok(Some(Lent(bytes))) => {
                    let results = push::lent::<NILS>(l, bytes);
                    settle(object);
                    return results;
                }
                Ok(None) => {}
                Err(payload) => raise::panic(l, payload),
            }
        }
        conjure::<F>().run::<true>(l, object.cast())
    }
}

/// The object at `index`, if it is one of `T` that `G` admits.
#[inline(always)]
pub(super) unsafe fn admitted<T: Body, G: Guard<T>>(
    l: *mut lua_State,
    index: c_int,
) -> Option<*mut Object<T>> {
    // SAFETY: `l` is live (caller); no Lua code runs while the guard looks.
    unsafe {
        let object = object::object_at::<T>(l, index)?;
        let body = (*object).body.assume_init_ref();
        match catch_unwind(AssertUnwindSafe(|| G::admits(body))) {
            Ok(true) => Some(object),
            Ok(false) => None,
            Err(payload) => raise::panic(l, payload),
        }
    }
}

/// Raises what is to be said of a wrong object.
#[cold]
#[inline(never)]
pub(super) unsafe fn refuse<T: Body, G: Guard<T>>(l: *mut lua_State, index: c_int) -> ! {
    // SAFETY: `l` is live and nothing is alive (caller).
    unsafe {
        if object::is_busy::<T>(l, index) {
            raise::plain(l, "moonsocket: the object is in use further up");
        }
        raise::argument(l, index, super::Text(G::EXPECTED, b"", " expected"));
    }
}

/// Where phase 2 leaves its answer for phase 3: it is too long to be moved about.
type Place<'a> = MaybeUninit<Answer<'a>>;

/// Phase 3 of a plain function: one for all of them.
///
/// # Safety
/// `place` holds an answer unless a panic was caught; the rest as in [`finish_here`].
#[inline(never)]
unsafe fn finish(
    l: *mut lua_State,
    keeping: Option<(&Hub, usize)>,
    caught: std::thread::Result<()>,
    place: &Place<'_>,
) -> c_int {
    // SAFETY: as for the caller.
    unsafe { finish_here(l, keeping, caught.map(|()| place.assume_init_ref())) }
}

/// Phase 3, in place.
///
/// # Safety
/// The function is done, so nothing is borrowed but what the answer lends.
#[inline(always)]
unsafe fn finish_here(
    l: *mut lua_State,
    keeping: Option<(&Hub, usize)>,
    caught: std::thread::Result<&Answer<'_>>,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        match caught {
            Ok(Ok(reply)) => {
                if let Some((hub, base)) = keeping
                    && hub.kept.borrow().len() > base
                {
                    return push::kept(l, hub, base, reply);
                }
                push::reply(l, reply)
            }
            Ok(Err(raise)) => push::error(l, keeping, raise),
            Err(payload) => {
                if let Some((hub, base)) = keeping {
                    keep::truncate(hub, base);
                }
                raise::panic(l, payload)
            }
        }
    }
}

/// Phase 3 of a method: the object may have changed its class, and what it lent comes back. One for all methods of a type.
///
/// # Safety
/// As for [`finish`]; `object` is at index 1.
#[inline(never)]
unsafe fn finish_method<T: Body>(
    l: *mut lua_State,
    object: *mut Object<T>,
    keeping: Option<(&Hub, usize)>,
    caught: std::thread::Result<usize>,
    place: &Place<'_>,
) -> c_int {
    // SAFETY: as for the caller.
    unsafe { finish_method_here(l, object, keeping, caught, place) }
}

/// [`finish_method`], in place.
#[inline(always)]
unsafe fn finish_method_here<T: Body>(
    l: *mut lua_State,
    object: *mut Object<T>,
    keeping: Option<(&Hub, usize)>,
    caught: std::thread::Result<usize>,
    place: &Place<'_>,
) -> c_int {
    // SAFETY: as in `finish`; the object is looked at anew after Lua code may have run.
    unsafe {
        let caught = caught.map(|class| {
            if T::FAMILY.classes.len() > 1 && class != (*object).head.class {
                class::change::<T>(l, object, 1, class);
            }
            place.assume_init_ref()
        });
        let reply = if let Ok(Ok(reply)) = &caught { Some(reply) } else { None };
        let results = finish_here(l, keeping, caught);
        if let Some(reply) = reply {
            returned(object, reply);
        }
        results
    }
}

/// Tells the object that what it lent has been copied.
#[inline(always)]
unsafe fn returned<T: Body>(object: *mut Object<T>, reply: &Reply<'_>) {
    if reply.lends() {
        // SAFETY: as for the caller.
        unsafe { settle(object) }
    }
}

/// See [`returned`].
#[inline(always)]
unsafe fn settle<T: Body>(object: *mut Object<T>) {
    // SAFETY: the object is still at index 1, so its memory is there; whether its body is shows its mark. No Lua code
    // runs during the call.
    unsafe {
        if object::is_live(object) {
            let body = (*object).body.assume_init_mut();
            raise::swallow(catch_unwind(AssertUnwindSafe(|| body.returned())));
        }
    }
}

/// What a call has, with the hub if it may keep things.
#[inline(always)]
unsafe fn frame<'a>(l: *mut lua_State, own: *const (), keeps: bool) -> Frame<'a> {
    // SAFETY: the function's upvalue keeps the hub for the whole call.
    Frame { own, hub: if keeps { unsafe { hub::of_function(l) } } else { None } }
}

/// Where this call's keeping starts, if it may keep things.
#[inline(always)]
fn keeping(frame: Frame<'_>) -> Option<(&Hub, usize)> {
    frame.hub.map(|hub| (hub, hub.kept.borrow().len()))
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
                    let frame = frame(l, std::ptr::null(), false $(|| $kind::KEEPS)*);
                    $(
                        let $value = $kind::read(l, index, frame, PhantomData);
                        index += $kind::SLOTS;
                    )*
                    let keeping = keeping(frame);
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
            unsafe fn run<const HOT: bool>(self, l: *mut lua_State, object: *mut ()) -> c_int {
                let object = object.cast::<Object<T>>();
                let mut index = 2;
                // SAFETY: the caller promises what each phase needs. No kind of argument that a
                // method may have can run Lua code, so the body is borrowed once.
                unsafe {
                    let frame = frame(l, object.cast_const().cast(), false $(|| $kind::KEEPS)*);
                    $(
                        let $value = $kind::read(l, index, frame, PhantomData);
                        index += $kind::SLOTS;
                    )*
                    let keeping = keeping(frame);
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

/// `function!("name", path(Kind, …))`: a [`Function`] from a safe function.
#[macro_export]
#[doc(hidden)]
macro_rules! __function {
    ($name:expr, $path:path $(, $kind:ty)* $(,)?) => {
        $crate::vm::Function::plain::<($($kind,)*), _>($name, $path)
    };
}

/// `method!("name", Type, Guard, path, Kind, …)`: a [`Function`] from a function on `&mut Type`. With `shortcut => path`
/// in place of the path, one with a [shortcut](crate::vm::Function::quick_method).
#[macro_export]
#[doc(hidden)]
macro_rules! __method {
    (hot $name:expr, $body:ty, $guard:ty, $path:path $(, $kind:ty)* $(,)?) => {
        $crate::vm::Function::hot_method::<$body, $guard, ($($kind,)*), _>($name, $path)
    };
    ($name:expr, $body:ty, $guard:ty, $quick:path => $path:path $(, $kind:ty)* $(,)?) => {
        $crate::vm::Function::quick_method::<$body, $guard, ($($kind,)*), _, _, _>($name, $path, $quick)
    };
    ($name:expr, $body:ty, $guard:ty, $path:path $(, $kind:ty)* $(,)?) => {
        $crate::vm::Function::method::<$body, $guard, ($($kind,)*), _>($name, $path)
    };
}
