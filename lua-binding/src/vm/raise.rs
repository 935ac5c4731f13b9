//! Raising: errors are strings, worded by the C API, and nothing is alive when they leave.

use super::reply::Text;
use super::sys::{self, lua_State};
use std::any::Any;
use std::ffi::{CStr, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A text on the stack: errors need no allocation that outlives the raise.
struct Buffer {
    bytes: [u8; 512],
    len: usize,
}

impl Buffer {
    fn new(parts: &[&[u8]]) -> Self {
        let mut it = Self { bytes: [0; 512], len: 0 };
        for part in parts {
            // One byte stays free for the terminator.
            let room = it.bytes.len() - 1 - it.len;
            let part = &part[..part.len().min(room)];
            it.bytes[it.len..it.len + part.len()].copy_from_slice(part);
            it.len += part.len();
        }
        it
    }

    fn of(text: Text<'_>) -> Self {
        Self::new(&[text.0.as_bytes(), text.1, text.2.as_bytes()])
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// `bad argument #n to 'f' (text)`, or `calling 'f' on bad self (text)`.
#[cold]
#[inline(never)]
pub(super) unsafe fn argument(l: *mut lua_State, number: c_int, text: Text<'_>) -> ! {
    let text = Buffer::of(text);
    // SAFETY: nothing alive here needs dropping; the text is NUL-terminated.
    unsafe {
        sys::luaL_argerror(l, number, text.bytes.as_ptr().cast());
    }
    unreachable!("luaL_argerror does not return")
}

/// `bad argument #n to 'f' (x expected, got y)`.
#[cold]
#[inline(never)]
pub(super) unsafe fn kind(l: *mut lua_State, number: c_int, expected: &str) -> ! {
    // SAFETY: type names are static C strings; a name that is pushed stays on the stack.
    let got = unsafe { type_name(l, number) };
    let text = Buffer::new(&[expected.as_bytes(), b" expected, got ", got]);
    // SAFETY: nothing alive here needs dropping; the text is NUL-terminated.
    unsafe {
        sys::luaL_argerror(l, number, text.bytes.as_ptr().cast());
    }
    unreachable!("luaL_argerror does not return")
}

/// The name of the argument's type: from Lua 5.3 on its metatable may have one of its own.
///
/// # Safety
/// `l` is live, with two free slots. The text is good until something is popped.
unsafe fn type_name<'a>(l: *mut lua_State, number: c_int) -> &'a [u8] {
    // SAFETY: as the caller promises; a string that is on the stack is not collected, and type names are static.
    unsafe {
        let names_types = cfg!(any(feature = "lua53", feature = "lua54", feature = "lua55"));
        if names_types
            && mlua::ffi::luaL_getmetafield(l, number, c"__name".as_ptr()) != 0
            && sys::lua_type(l, -1) == sys::LUA_TSTRING
        {
            let mut len = 0;
            let data = sys::lua_tolstring(l, -1, &mut len);
            return std::slice::from_raw_parts(data.cast(), len);
        }
        if names_types && sys::lua_type(l, number) == sys::LUA_TLIGHTUSERDATA {
            return b"light userdata";
        }
        CStr::from_ptr(sys::lua_typename(l, sys::lua_type(l, number))).to_bytes()
    }
}

/// The text with the position of the calling Lua code, or without.
#[cold]
#[inline(never)]
pub(super) unsafe fn text(l: *mut lua_State, text: Text<'_>, position: bool) -> ! {
    let text = Buffer::of(text);
    // SAFETY: nothing alive here needs dropping.
    unsafe {
        if position {
            sys::luaL_where(l, 1);
            sys::push_bytes(l, text.bytes());
            mlua::ffi::lua_concat(l, 2);
        } else {
            sys::push_bytes(l, text.bytes());
        }
        sys::lua_error(l)
    }
}

/// See [`text`].
#[cold]
#[inline(never)]
pub(super) unsafe fn plain(l: *mut lua_State, message: &'static str) -> ! {
    // SAFETY: as in `text`.
    unsafe { text(l, Text(message, b"", ""), false) }
}

/// Raises what a panic said, as `moonsocket: internal error in 'send': …`.
#[cold]
#[inline(never)]
pub(super) unsafe fn panic(l: *mut lua_State, payload: Box<dyn Any + Send>) -> ! {
    let message = {
        let said = payload
            .downcast_ref::<&'static str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("it panicked");
        Buffer::new(&[said.as_bytes()])
    };
    swallow::<()>(Err(payload));
    // SAFETY: the payload is gone, nothing alive here needs dropping. Level 0 is this function.
    unsafe {
        let mut about: sys::lua_Debug = std::mem::zeroed();
        let known = sys::lua_getstack(l, 0, &mut about) != 0
            && sys::lua_getinfo(l, c"n".as_ptr(), &mut about) != 0
            && !about.name.is_null();
        let name = if known { CStr::from_ptr(about.name).to_bytes() } else { b"?" };
        let whole =
            Buffer::new(&[b"moonsocket: internal error in '", name, b"': ", message.bytes()]);
        sys::push_bytes(l, whole.bytes());
        sys::lua_error(l)
    }
}

/// Drops a panic's payload, which may panic itself.
#[inline(always)]
pub(super) fn swallow<R>(caught: Result<R, Box<dyn Any + Send>>) {
    if let Err(payload) = caught {
        drop_payload(payload);
    }
}

#[cold]
#[inline(never)]
fn drop_payload(payload: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // A payload that panics while it is dropped has had its chance.
        std::mem::forget(again);
    }
}
