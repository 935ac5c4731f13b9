//! Arguments that a function looks at itself, of whatever type. Nothing here raises or runs Lua code.

use super::object::{self, Ref};
use super::port::{self, Digits};
use super::sys::{self, lua_State};
use super::{Anchor, Body, Cx, Local};
use std::ffi::c_int;
use std::marker::PhantomData;

/// One argument, whatever it is.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    pub(super) l: *mut lua_State,
    pub(super) index: c_int,
    pub(super) own: *const (),
    /// Remembered, because an active function puts other values where it would have been.
    pub(super) absent: bool,
    pub(super) call: PhantomData<&'a ()>,
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

/// All arguments from one on. See [`Rest`](super::Rest).
#[derive(Clone, Copy, Debug)]
pub struct Others<'a> {
    pub(super) first: Given<'a>,
    pub(super) count: c_int,
}

/// Which of Lua's types is at `index`.
#[inline(always)]
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
    #[inline(always)]
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

    /// The running call; `None` while the Lua state closes.
    pub fn call(self) -> Option<Cx<'a>> {
        // SAFETY: the state is that of the running call, whose upvalue keeps the hub.
        let hub = unsafe { super::hub::of_function(self.l) };
        hub.map(|hub| Cx { l: self.l, hub })
    }

    /// Its value as a number, if it is one or reads as one.
    #[inline(always)]
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
    #[inline(always)]
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

    /// As a port: a whole number in range, or a string.
    #[inline(always)]
    pub fn to_digits(self) -> Option<Digits<'a>> {
        if self.absent {
            return None;
        }
        // SAFETY: as in `kind`.
        let number = unsafe { port::number_at(self.l, self.index) };
        number.map(Digits::Number).or_else(|| self.to_bytes().map(Digits::Text))
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

    /// A number for it if it is a coroutine, the same as [`Thread::id`](super::Thread::id).
    pub fn coroutine(self) -> Option<usize> {
        if self.kind() != Kind::Thread {
            return None;
        }
        // SAFETY: as in `kind`.
        Some(unsafe { sys::lua_tothread(self.l, self.index) }.addr())
    }

    /// Is it a coroutine in which a call of ours waits? That is what it has stopped in then.
    pub fn awaits(self) -> bool {
        if self.kind() != Kind::Thread {
            return false;
        }
        // SAFETY: as in `kind`; our functions alone have the hub as an upvalue. A coroutine that is suspended has two free
        // slots, and what is pushed there is popped.
        unsafe {
            let co = sys::lua_tothread(self.l, self.index);
            let mut about: sys::lua_Debug = std::mem::zeroed();
            if sys::lua_status(co) != sys::LUA_YIELD || sys::lua_getstack(co, 0, &mut about) == 0 {
                return false;
            }
            sys::lua_getinfo(co, c"f".as_ptr(), &mut about);
            let before = sys::lua_gettop(co);
            let has_one = !mlua::ffi::lua_getupvalue(co, -1, 1).is_null();
            let hub = sys::lua_touserdata(self.l, sys::lua_upvalueindex(1));
            let ours = has_one && std::ptr::eq(sys::lua_touserdata(co, -1), hub);
            sys::lua_settop(co, before - 1);
            ours
        }
    }

    /// The value for an active function's operations.
    pub fn local(self) -> Local<'a> {
        Local { index: if self.absent { 0 } else { self.index }, call: PhantomData }
    }

    /// Keeps the value beyond the call. `None` after eight of them in one call.
    pub fn anchor(self, cx: Cx<'_>) -> Option<Anchor> {
        if self.absent {
            return None;
        }
        // SAFETY: the state is that of the running call, which has free slots.
        unsafe { super::anchor::take(self.l, cx.hub, self.index) }
    }
}

impl<'a> Others<'a> {
    /// How many there are.
    pub fn count(self) -> usize {
        self.count as usize
    }

    /// The one at this position, counted from 0.
    #[inline(always)]
    pub fn get(self, i: usize) -> Given<'a> {
        let absent = i >= self.count();
        let index = self.first.index + if absent { self.count } else { i as c_int };
        Given { index, absent, ..self.first }
    }
}
