//! Sorts of functions whose results have one shape, so that their calls are a straight line: makers of objects, methods and
//! functions that show a trifle, and active methods with a shortcut.
//!
//! The three phases are those of every call, without what these have no use for: arguments, an answer that may be
//! anything, things that the call keeps.

use super::class::{self, Body, Guard};
use super::function::{Function, Method, Plain, conjure, method_entry, plain_entry};
use super::given::Given;
use super::object::{self, Object};
use super::phases::{admitted, without};
use super::shape::Shape;
use super::sys::{self, lua_State};
use super::{hub, raise, reserve};
use std::ffi::c_int;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, UnwindSafe, catch_unwind};

impl Function {
    /// A function that makes an object whatever its arguments are, from the one `S` of the Lua state.
    pub const fn maker<T, S, F>(name: &'static str, _: F, _: PhantomData<(T, S)>) -> Self
    where
        T: Body,
        S: Default + 'static,
        F: Copy + 'static + Fn(&S) -> T,
    {
        Self { name, entry: maker_entry::<T, S, F> }
    }

    /// As [`method`](Self::method), with a shortcut: `Q` is asked first, whatever the arguments are, and shows what needs
    /// neither them nor the call. It must not panic, and leaves the object as it was.
    pub const fn showing_method<T, G, A, F, Q, S>(name: &'static str, _: F, _: Q) -> Self
    where
        T: Body,
        G: Guard<T>,
        F: for<'a> Method<'a, T, A>,
        Q: Copy + 'static + Fn(&mut T) -> Option<S>,
        S: Shape,
    {
        Self { name, entry: showing_entry::<T, G, A, F, Q, S> }
    }

    /// A function without arguments that shows a trifle.
    pub const fn shown<F, S>(name: &'static str, _: F) -> Self
    where
        F: Copy + 'static + Fn() -> S + UnwindSafe,
        S: Shape,
    {
        Self { name, entry: shown_entry::<F, S> }
    }

    /// As [`plain`](Self::plain), for an active method of objects of `T`, with a shortcut: `Q` is asked first if there are
    /// two arguments, and answers what needs no Lua machine.
    pub const fn abridged<T, A, F, Q, S>(name: &'static str, _: F, _: Q) -> Self
    where
        T: Body,
        F: for<'a> Plain<'a, A>,
        Q: Copy + 'static + for<'a> Fn(&mut T, [Given<'a>; 2]) -> Option<S>,
        S: Shape,
    {
        Self { name, entry: abridged_entry::<T, A, F, Q, S> }
    }
}

unsafe extern "C-unwind" fn maker_entry<T, S, F>(l: *mut lua_State) -> c_int
where
    T: Body,
    S: Default + 'static,
    F: Copy + 'static + Fn(&S) -> T,
{
    // SAFETY: Lua calls this with a live state, and nothing is alive here. Nothing that may raise comes between the body's
    // making and its metatable; what raises afterwards finds it in Lua's care.
    unsafe {
        let Some(hub) = hub::of_function(l) else { raise::plain(l, super::CLOSING) };
        if reserve::is_short() {
            raise::plain(l, reserve::NONE);
        }
        let memory = sys::new_userdata(l, size_of::<Object<T>>()).cast::<Object<T>>();
        object::clear(memory);
        let made = catch_unwind(AssertUnwindSafe(|| {
            hub.with_state::<S, _>(|state| Object::fill(memory, || conjure::<F>()(state)))
        }));
        match made {
            Ok(class) => class::set_metatable::<T>(l, hub, -2, class),
            Err(payload) => raise::panic(l, payload),
        }
    }
    1
}

unsafe extern "C-unwind" fn showing_entry<T, G, A, F, Q, S>(l: *mut lua_State) -> c_int
where
    T: Body,
    G: Guard<T>,
    F: for<'a> Method<'a, T, A>,
    Q: Copy + 'static + Fn(&mut T) -> Option<S>,
    S: Shape,
{
    // SAFETY: Lua calls this with a live state, and nothing is alive here. The shortcut can run no Lua code, so the body
    // is borrowed once, and what it shows is no part of it.
    unsafe {
        let Some(object) = admitted::<T, G>(l, 1) else { return without::<T, G>(l) };
        let body = (&raw mut (*object).body).cast::<T>();
        match catch_unwind(AssertUnwindSafe(|| conjure::<Q>()(&mut *body))) {
            Ok(Some(shown)) => shown.push(l),
            Ok(None) => method_entry::<T, G, A, F, false>(l),
            Err(payload) => raise::panic(l, payload),
        }
    }
}

unsafe extern "C-unwind" fn abridged_entry<T, A, F, Q, S>(l: *mut lua_State) -> c_int
where
    T: Body,
    F: for<'a> Plain<'a, A>,
    Q: Copy + 'static + for<'a> Fn(&mut T, [Given<'a>; 2]) -> Option<S>,
    S: Shape,
{
    // SAFETY: Lua calls this with a live state, and nothing is alive here. The shortcut can run no Lua code, so the body
    // is borrowed once.
    unsafe {
        if sys::lua_gettop(l) == 3
            && let Some(object) = object::object_at::<T>(l, 1)
        {
            let own = object.cast_const().cast();
            let given = |index| Given { l, index, own, absent: false, call: PhantomData };
            let body = (&raw mut (*object).body).cast::<T>();
            match catch_unwind(AssertUnwindSafe(|| {
                conjure::<Q>()(&mut *body, [given(2), given(3)])
            })) {
                Ok(Some(answer)) => return answer.push(l),
                Ok(None) => {}
                Err(payload) => raise::panic(l, payload),
            }
        }
        plain_entry::<A, F>(l)
    }
}

unsafe extern "C-unwind" fn shown_entry<F, S>(l: *mut lua_State) -> c_int
where
    F: Copy + 'static + Fn() -> S + UnwindSafe,
    S: Shape,
{
    // SAFETY: Lua calls this with a live state, and nothing is alive here.
    unsafe {
        match catch_unwind(conjure::<F>()) {
            Ok(shown) => shown.push(l),
            Err(payload) => raise::panic(l, payload),
        }
    }
}
