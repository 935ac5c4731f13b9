//! Phase 1: arguments. Each kind of argument is a type that names itself in a function's
//! declaration and says what the function is given: always something `Copy`.
//!
//! Reading one may raise the C API's own error. Only this file may, so dialects cannot add kinds;
//! what they want beyond these they take as [`Any`] and judge in the function itself.

use super::given::{Given, Others};
use super::hub::Hub;
use super::lua::Lua;
use super::made::Maker;
use super::object::{Object, Ref};
use super::phases::Keeping;
use super::port::Port;
use super::sys::{self, lua_State};
use super::{Body, Cx, Guard, raise};
use moonsocket_core::Attempt;
use std::ffi::c_int;
use std::marker::PhantomData;

/// The length of one call.
#[doc(hidden)]
pub type Span<'a> = PhantomData<&'a ()>;

/// What a call has besides its arguments.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The object that the function gets as `&mut`, or null.
    pub(super) own: *const (),
    /// What this image keeps for the state, if a kind of argument asks for it.
    pub(super) hub: Option<&'a Hub>,
    /// What the method's shortcut has begun.
    pub(super) begun: Option<&'a Attempt>,
}

impl<'a> Frame<'a> {
    #[inline(always)]
    pub(super) fn new(own: *const (), keeping: Keeping<'a>) -> Self {
        Self { own, hub: keeping.map(|(hub, _)| hub), begun: None }
    }
}

/// A kind of argument.
pub trait Arg: 'static {
    /// What the function is given.
    type Of<'a>: Copy;
    /// How many Lua arguments it takes: one, or none for a handle.
    const SLOTS: c_int = 1;
    /// Whether the call may keep things.
    const KEEPS: bool = false;

    /// # Safety
    /// `l` is live and runs one of our functions, nothing alive needs dropping, `'a` ends with the
    /// call, and `frame` is this call's.
    #[doc(hidden)]
    unsafe fn read<'a>(
        l: *mut lua_State,
        index: c_int,
        frame: Frame<'a>,
        call: Span<'a>,
    ) -> Self::Of<'a>;
}

/// A kind of argument that gives no way to run Lua code, so that `&mut self` may stand beside it.
pub trait Passive: Arg + seal::Seal {}

macro_rules! passive {
    ($($kind:ty),* $(,)?) => { $(
            impl Passive for $kind {}
            impl seal::Seal for $kind {}
        )* };
}
mod seal {
    pub trait Seal {}
}

passive!(Number, Integer, Bytes, Port, Boolean, Truth, Any, Rest, Call, Begun);
impl<A: Passive> Passive for Option<A> {}
impl<A: Passive> seal::Seal for Option<A> {}
impl<A: Passive> Passive for Maybe<A> {}
impl<A: Passive> seal::Seal for Maybe<A> {}
impl<T: Body> Passive for New<T> {}
impl<T: Body> seal::Seal for New<T> {}
impl<T: Body, G: Guard<T>> Passive for Obj<T, G> {}
impl<T: Body, G: Guard<T>> seal::Seal for Obj<T, G> {}

/// A number, or a string that reads as one: `f64`.
#[derive(Debug)]
pub struct Number;

impl Arg for Number {
    type Of<'a> = f64;

    #[inline(never)]
    unsafe fn read<'a>(l: *mut lua_State, index: c_int, _: Frame<'a>, _: Span<'a>) -> Self::Of<'a> {
        // SAFETY: as the caller promises. The second call raises unless Lua changes its mind.
        unsafe {
            match sys::to_number(l, index) {
                Some(n) => n,
                None => sys::luaL_checknumber(l, index),
            }
        }
    }
}

/// An integer as `luaL_checkinteger` reads it: `i64`. A float with a fraction raises on 5.3 and
/// later, and is cut before.
#[derive(Debug)]
pub struct Integer;

impl Arg for Integer {
    type Of<'a> = i64;

    #[inline(always)]
    #[allow(clippy::useless_conversion, reason = "a Lua integer has 32 bits on some targets")]
    unsafe fn read<'a>(l: *mut lua_State, index: c_int, _: Frame<'a>, _: Span<'a>) -> Self::Of<'a> {
        // SAFETY: as the caller promises.
        unsafe { sys::luaL_checkinteger(l, index).into() }
    }
}

/// The bytes of a string or a number: `&[u8]`.
#[derive(Debug)]
pub struct Bytes;

impl Arg for Bytes {
    type Of<'a> = &'a [u8];

    #[inline(never)]
    unsafe fn read<'a>(l: *mut lua_State, index: c_int, _: Frame<'a>, _: Span<'a>) -> Self::Of<'a> {
        let mut len = 0;
        // SAFETY: as the caller promises; a string stays where it is while it is on the stack.
        unsafe {
            let mut data = sys::lua_tolstring(l, index, &mut len);
            if data.is_null() {
                data = sys::luaL_checklstring(l, index, &mut len);
            }
            std::slice::from_raw_parts(data.cast(), len)
        }
    }
}

/// A boolean and nothing else: `bool`.
#[derive(Debug)]
pub struct Boolean;

impl Arg for Boolean {
    type Of<'a> = bool;

    #[inline(always)]
    unsafe fn read<'a>(l: *mut lua_State, index: c_int, _: Frame<'a>, _: Span<'a>) -> Self::Of<'a> {
        // SAFETY: as the caller promises.
        unsafe {
            if sys::lua_type(l, index) != sys::LUA_TBOOLEAN {
                raise::kind(l, index, "boolean");
            }
            sys::lua_toboolean(l, index) != 0
        }
    }
}

/// Anything, for its truth: `bool`; nothing at all is false.
#[derive(Debug)]
pub struct Truth;

impl Arg for Truth {
    type Of<'a> = bool;

    #[inline(always)]
    unsafe fn read<'a>(l: *mut lua_State, index: c_int, _: Frame<'a>, _: Span<'a>) -> Self::Of<'a> {
        // SAFETY: as the caller promises.
        unsafe { sys::lua_toboolean(l, index) != 0 }
    }
}

impl<A: Arg> Arg for Option<A> {
    type Of<'a> = Option<A::Of<'a>>;

    #[inline(always)]
    unsafe fn read<'a>(
        l: *mut lua_State,
        index: c_int,
        frame: Frame<'a>,
        call: Span<'a>,
    ) -> Self::Of<'a> {
        // SAFETY: as the caller promises.
        unsafe { (sys::lua_type(l, index) > sys::LUA_TNIL).then(|| A::read(l, index, frame, call)) }
    }
}

/// As `Option`, where nil is not the same as nothing: [`Presence`].
#[derive(Debug)]
pub struct Maybe<A>(PhantomData<A>);

/// See [`Maybe`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence<V> {
    /// There are fewer arguments.
    Absent,
    /// It is nil.
    Nil,
    /// It is something.
    Given(V),
}

impl<A: Arg> Arg for Maybe<A> {
    type Of<'a> = Presence<A::Of<'a>>;

    #[inline(always)]
    unsafe fn read<'a>(
        l: *mut lua_State,
        index: c_int,
        frame: Frame<'a>,
        call: Span<'a>,
    ) -> Self::Of<'a> {
        // SAFETY: as the caller promises.
        unsafe {
            match sys::lua_type(l, index) {
                sys::LUA_TNONE => Presence::Absent,
                sys::LUA_TNIL => Presence::Nil,
                _ => Presence::Given(A::read(l, index, frame, call)),
            }
        }
    }
}

/// Another object, of type `T` and admitted by `G`: [`Ref`].
#[derive(Debug)]
pub struct Obj<T, G = super::AnyClass>(PhantomData<(T, G)>);

impl<T: Body, G: Guard<T>> Arg for Obj<T, G> {
    type Of<'a> = Ref<'a, T>;

    #[inline(always)]
    unsafe fn read<'a>(
        l: *mut lua_State,
        index: c_int,
        frame: Frame<'a>,
        _: Span<'a>,
    ) -> Self::Of<'a> {
        // SAFETY: as the caller promises; no Lua code runs while the guard looks at the body.
        unsafe {
            match super::phases::admitted::<T, G>(l, index) {
                Some(object) => Ref::new(object, frame.own.cast::<Object<T>>()),
                None => super::phases::refuse::<T, G>(l, index),
            }
        }
    }
}

/// Anything, to be looked at in the function: [`Given`].
#[derive(Debug)]
pub struct Any;

impl Arg for Any {
    type Of<'a> = Given<'a>;

    #[inline(always)]
    unsafe fn read<'a>(
        l: *mut lua_State,
        index: c_int,
        frame: Frame<'a>,
        call: Span<'a>,
    ) -> Self::Of<'a> {
        // SAFETY: as the caller promises.
        let absent = unsafe { sys::lua_type(l, index) } == sys::LUA_TNONE;
        Given { l, index, own: frame.own, absent, call }
    }
}

/// All arguments from here on: [`Others`].
#[derive(Debug)]
pub struct Rest;

impl Arg for Rest {
    type Of<'a> = Others<'a>;
    const SLOTS: c_int = 0;

    #[inline(always)]
    unsafe fn read<'a>(
        l: *mut lua_State,
        index: c_int,
        frame: Frame<'a>,
        call: Span<'a>,
    ) -> Self::Of<'a> {
        // SAFETY: as the caller promises.
        let count = (unsafe { sys::lua_gettop(l) } - index + 1).max(0);
        Others { first: Given { l, index, own: frame.own, absent: false, call }, count }
    }
}

/// The call itself: [`Cx`]. Takes no Lua argument.
#[derive(Debug)]
pub struct Call;

impl Arg for Call {
    type Of<'a> = Cx<'a>;
    const SLOTS: c_int = 0;
    const KEEPS: bool = true;

    #[inline(never)]
    unsafe fn read<'a>(l: *mut lua_State, _: c_int, frame: Frame<'a>, _: Span<'a>) -> Self::Of<'a> {
        // SAFETY: as the caller promises; the function's upvalue keeps the hub.
        unsafe {
            let Some(hub) = frame.hub else { raise::plain(l, super::CLOSING) };
            if super::reserve::is_short() {
                raise::plain(l, super::reserve::NONE);
            }
            super::anchor::prepare(l, hub);
            Cx { l, hub }
        }
    }
}

/// What the method's [shortcut](super::Function::quick_method) has begun, if it has: `Option<&Attempt>`. Takes no Lua
/// argument.
#[derive(Debug)]
pub struct Begun;

impl Arg for Begun {
    type Of<'a> = Option<&'a Attempt>;
    const SLOTS: c_int = 0;

    #[inline(always)]
    unsafe fn read<'a>(_: *mut lua_State, _: c_int, frame: Frame<'a>, _: Span<'a>) -> Self::Of<'a> {
        frame.begun
    }
}

/// The Lua machine: [`Lua`]. Takes no Lua argument, and cannot stand beside `&mut self`.
#[derive(Debug)]
pub struct Machine;

impl Arg for Machine {
    type Of<'a> = Lua<'a>;
    const SLOTS: c_int = 0;
    const KEEPS: bool = true;

    #[inline(always)]
    unsafe fn read<'a>(
        l: *mut lua_State,
        index: c_int,
        frame: Frame<'a>,
        call: Span<'a>,
    ) -> Self::Of<'a> {
        // SAFETY: as the caller promises. Nothing is alive yet, so this may raise.
        unsafe {
            if sys::lua_checkstack(l, super::lua::ROOM) == 0 {
                raise::plain(l, super::NO_ROOM);
            }
            Lua { cx: Call::read(l, index, frame, call) }
        }
    }
}

/// Memory for an object that the function may make: [`Maker`]. Takes no Lua argument, and comes last. Cheaper than
/// [`Cx::object`], which is for objects that are made rarely, late or by chance.
#[derive(Debug)]
pub struct New<T>(PhantomData<T>);

impl<T: Body> Arg for New<T> {
    type Of<'a> = Maker<'a, T>;
    const SLOTS: c_int = 0;
    const KEEPS: bool = true;

    #[inline(always)]
    unsafe fn read<'a>(l: *mut lua_State, _: c_int, frame: Frame<'a>, _: Span<'a>) -> Self::Of<'a> {
        // SAFETY: as the caller promises. Nothing is alive yet, so this may raise.
        unsafe {
            let Some(hub) = frame.hub else { raise::plain(l, super::CLOSING) };
            Maker::new(l, hub)
        }
    }
}
