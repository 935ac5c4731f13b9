//! Phase 1: arguments. Each kind of argument is a type that names itself in a function's
//! declaration and says what the function is given: always something `Copy`.
//!
//! Reading one may raise the C API's own error. Only this file may, so dialects cannot add kinds;
//! what they want beyond these they take as [`Any`] and judge in the function itself.

use super::hub;
use super::lua::Lua;
use super::object::{self, Object, Ref};
use super::sys::{self, lua_State};
use super::{Anchor, Body, Cx, Guard, Local, raise};
use std::ffi::c_int;
use std::marker::PhantomData;

/// The length of one call.
#[doc(hidden)]
pub type Span<'a> = PhantomData<&'a ()>;

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
    /// call, and `own` is the object the function gets as `&mut`, or null.
    #[doc(hidden)]
    unsafe fn read<'a>(
        l: *mut lua_State,
        index: c_int,
        own: *const (),
        call: Span<'a>,
    ) -> Self::Of<'a>;
}

/// A kind of argument that gives no way to run Lua code, so that `&mut self` may stand beside it.
pub trait Passive: Arg {}

macro_rules! passive {
    ($($kind:ty),* $(,)?) => { $(impl Passive for $kind {})* };
}
passive!(Number, Integer, Bytes, Boolean, Truth, Any, Rest, Call);
impl<A: Passive> Passive for Option<A> {}
impl<A: Passive> Passive for Maybe<A> {}
impl<T: Body, G: Guard<T>> Passive for Obj<T, G> {}

/// A number, or a string that reads as one: `f64`.
#[derive(Debug)]
pub struct Number;

impl Arg for Number {
    type Of<'a> = f64;

    #[inline(always)]
    unsafe fn read<'a>(l: *mut lua_State, index: c_int, _: *const (), _: Span<'a>) -> Self::Of<'a> {
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
    unsafe fn read<'a>(l: *mut lua_State, index: c_int, _: *const (), _: Span<'a>) -> Self::Of<'a> {
        // SAFETY: as the caller promises.
        unsafe { sys::luaL_checkinteger(l, index).into() }
    }
}

/// The bytes of a string or a number: `&[u8]`.
#[derive(Debug)]
pub struct Bytes;

impl Arg for Bytes {
    type Of<'a> = &'a [u8];

    #[inline(always)]
    unsafe fn read<'a>(l: *mut lua_State, index: c_int, _: *const (), _: Span<'a>) -> Self::Of<'a> {
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
    unsafe fn read<'a>(l: *mut lua_State, index: c_int, _: *const (), _: Span<'a>) -> Self::Of<'a> {
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
    unsafe fn read<'a>(l: *mut lua_State, index: c_int, _: *const (), _: Span<'a>) -> Self::Of<'a> {
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
        own: *const (),
        call: Span<'a>,
    ) -> Self::Of<'a> {
        // SAFETY: as the caller promises.
        unsafe { (sys::lua_type(l, index) > sys::LUA_TNIL).then(|| A::read(l, index, own, call)) }
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
        own: *const (),
        call: Span<'a>,
    ) -> Self::Of<'a> {
        // SAFETY: as the caller promises.
        unsafe {
            match sys::lua_type(l, index) {
                sys::LUA_TNONE => Presence::Absent,
                sys::LUA_TNIL => Presence::Nil,
                _ => Presence::Given(A::read(l, index, own, call)),
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
        own: *const (),
        _: Span<'a>,
    ) -> Self::Of<'a> {
        // SAFETY: as the caller promises; no Lua code runs while the guard looks at the body.
        unsafe {
            match super::function::admitted::<T, G>(l, index) {
                Some(object) => Ref::new(object, own.cast::<Object<T>>()),
                None => super::function::refuse::<T, G>(l, index),
            }
        }
    }
}

/// What type a Lua value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are Lua's own names")]
pub enum Kind {
    None,
    Nil,
    Boolean,
    LightUserdata,
    Number,
    String,
    Table,
    Function,
    Userdata,
    Thread,
    /// LuaJIT's `cdata`.
    Foreign,
}

/// Anything, to be looked at in the function: [`Given`].
#[derive(Debug)]
pub struct Any;

/// One argument, whatever it is.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    l: *mut lua_State,
    index: c_int,
    own: *const (),
    /// Remembered, because an active function puts other values where it would have been.
    absent: bool,
    call: PhantomData<&'a ()>,
}

impl Arg for Any {
    type Of<'a> = Given<'a>;

    #[inline(always)]
    unsafe fn read<'a>(
        l: *mut lua_State,
        index: c_int,
        own: *const (),
        call: Span<'a>,
    ) -> Self::Of<'a> {
        // SAFETY: as the caller promises.
        let absent = unsafe { sys::lua_type(l, index) } == sys::LUA_TNONE;
        Given { l, index, own, absent, call }
    }
}

/// Which of Lua's types is at `index`.
pub(super) unsafe fn kind_at(l: *mut lua_State, index: c_int) -> Kind {
    // SAFETY: `l` is live and `index` acceptable (caller).
    match unsafe { sys::lua_type(l, index) } {
        sys::LUA_TNONE => Kind::None,
        sys::LUA_TNIL => Kind::Nil,
        sys::LUA_TBOOLEAN => Kind::Boolean,
        sys::LUA_TLIGHTUSERDATA => Kind::LightUserdata,
        sys::LUA_TNUMBER => Kind::Number,
        sys::LUA_TSTRING => Kind::String,
        sys::LUA_TTABLE => Kind::Table,
        sys::LUA_TFUNCTION => Kind::Function,
        sys::LUA_TUSERDATA => Kind::Userdata,
        sys::LUA_TTHREAD => Kind::Thread,
        _ => Kind::Foreign,
    }
}

impl<'a> Given<'a> {
    pub(super) fn of_local(l: *mut lua_State, it: Local<'a>) -> Self {
        // SAFETY: the state is that of the running call.
        let absent = !(1..=unsafe { sys::lua_gettop(l) }).contains(&it.index);
        Self { l, index: it.index, own: std::ptr::null(), absent, call: PhantomData }
    }

    /// Its number among the arguments, as [`Raise::argument`](super::Raise::argument) wants it.
    pub fn number(self) -> i32 {
        self.index
    }

    /// Its type.
    pub fn kind(self) -> Kind {
        if self.absent {
            return Kind::None;
        }
        // SAFETY: the state is that of the running call, and the index positive.
        unsafe { kind_at(self.l, self.index) }
    }

    /// Whether it is false or nil or nothing.
    pub fn truth(self) -> bool {
        // SAFETY: as in `kind`.
        !self.absent && unsafe { sys::lua_toboolean(self.l, self.index) != 0 }
    }

    /// Its value as a number, if it is one or reads as one.
    pub fn to_number(self) -> Option<f64> {
        if self.absent {
            return None;
        }
        // SAFETY: as in `kind`; this neither raises nor changes the value.
        unsafe { sys::to_number(self.l, self.index) }
    }

    /// Whether it is a number of Lua's integer subtype (before 5.3: a whole number).
    pub fn is_integer(self) -> bool {
        // SAFETY: as in `kind`.
        !self.absent && unsafe { sys::is_integer(self.l, self.index) }
    }

    /// Its bytes, if it is a string (a number is not).
    pub fn to_bytes(self) -> Option<&'a [u8]> {
        // SAFETY: as in `kind`; for a string `lua_tolstring` neither raises nor allocates, and
        // arguments stay on the stack for the whole call.
        unsafe {
            if self.absent || sys::lua_type(self.l, self.index) != sys::LUA_TSTRING {
                return None;
            }
            let mut len = 0;
            let data = sys::lua_tolstring(self.l, self.index, &mut len);
            Some(std::slice::from_raw_parts(data.cast(), len))
        }
    }

    /// The object, if it is one of `T`.
    pub fn to_object<T: Body>(self) -> Option<Ref<'a, T>> {
        if self.absent {
            return None;
        }
        // SAFETY: as in `kind`; arguments stay on the stack for the whole call.
        unsafe {
            let object = object::object_at::<T>(self.l, self.index)?;
            Some(Ref::new(object, self.own.cast()))
        }
    }

    /// The value for an active function's operations.
    pub fn local(self) -> Local<'a> {
        Local { index: if self.absent { 0 } else { self.index }, call: PhantomData }
    }
}

/// All arguments from here on: [`Others`].
#[derive(Debug)]
pub struct Rest;

/// See [`Rest`].
#[derive(Clone, Copy, Debug)]
pub struct Others<'a> {
    first: Given<'a>,
    count: c_int,
}

impl Arg for Rest {
    type Of<'a> = Others<'a>;
    const SLOTS: c_int = 0;

    #[inline(always)]
    unsafe fn read<'a>(
        l: *mut lua_State,
        index: c_int,
        own: *const (),
        call: Span<'a>,
    ) -> Self::Of<'a> {
        // SAFETY: as the caller promises.
        let count = (unsafe { sys::lua_gettop(l) } - index + 1).max(0);
        Others { first: Given { l, index, own, absent: false, call }, count }
    }
}

impl<'a> Others<'a> {
    /// How many there are.
    pub fn count(self) -> usize {
        self.count as usize
    }

    /// The one at this position, counted from 0.
    pub fn get(self, i: usize) -> Given<'a> {
        let absent = i >= self.count();
        let index = self.first.index + if absent { self.count } else { i as c_int };
        Given { index, absent, ..self.first }
    }
}

/// The call itself: [`Cx`]. Takes no Lua argument.
#[derive(Debug)]
pub struct Call;

impl Arg for Call {
    type Of<'a> = Cx<'a>;
    const SLOTS: c_int = 0;
    const KEEPS: bool = true;

    #[inline(always)]
    unsafe fn read<'a>(l: *mut lua_State, _: c_int, _: *const (), _: Span<'a>) -> Self::Of<'a> {
        // SAFETY: as the caller promises; the function's upvalue keeps the hub.
        unsafe {
            let Some(hub) = hub::of_function(l) else { raise::plain(l, super::CLOSING) };
            super::anchor::prepare(l, hub);
            Cx { l, hub }
        }
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
        own: *const (),
        call: Span<'a>,
    ) -> Self::Of<'a> {
        // SAFETY: as the caller promises.
        unsafe { Lua { cx: Call::read(l, index, own, call) } }
    }
}

impl Given<'_> {
    /// Keeps the value beyond the call. `None` after eight of them in one call.
    pub fn anchor(self, cx: Cx<'_>) -> Option<Anchor> {
        if self.absent {
            return None;
        }
        // SAFETY: the state is that of the running call, which has free slots.
        unsafe { super::anchor::take(self.l, cx.hub, self.index) }
    }
}
