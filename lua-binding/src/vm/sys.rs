//! The C API as this crate wants it: one name per operation for all six Luas.
//!
//! `mlua::ffi` follows the API of Lua 5.3 and emulates it on 5.1 and 5.2, at a price that hot code
//! cannot pay (`lua_pushlstring` reads its own string back, `lua_rawgeti` checks a conversion).
//! This file takes the plain functions where they exist. It is not safe: it only smooths.

use std::ffi::{c_char, c_int, c_void};

pub(super) use mlua::ffi::{
    LUA_MASKCALL, LUA_MULTRET, LUA_OK, LUA_REGISTRYINDEX, LUA_TBOOLEAN, LUA_TFUNCTION,
    LUA_TLIGHTUSERDATA, LUA_TNIL, LUA_TNONE, LUA_TNUMBER, LUA_TSTRING, LUA_TTABLE, LUA_TTHREAD,
    LUA_TUSERDATA, LUA_YIELD, lua_CFunction, lua_Debug, lua_State, lua_checkstack, lua_createtable,
    lua_error, lua_gethookmask, lua_getinfo, lua_getmetatable, lua_getstack, lua_gettop,
    lua_insert, lua_newthread, lua_next, lua_pcall, lua_pop, lua_pushboolean, lua_pushcclosure,
    lua_pushfstring, lua_pushlightuserdata, lua_pushnil, lua_pushnumber, lua_pushvalue,
    lua_rawequal, lua_rawlen, lua_rawset, lua_remove, lua_replace, lua_setmetatable, lua_settop,
    lua_status, lua_toboolean, lua_tolstring, lua_tothread, lua_touserdata, lua_type, lua_typename,
    lua_upvalueindex, lua_xmove, luaL_argerror, luaL_checkinteger, luaL_checklstring,
    luaL_checknumber, luaL_loadbuffer, luaL_where,
};

#[cfg(not(any(feature = "lua53", feature = "lua54", feature = "lua55")))]
pub(super) use mlua::ffi::lua_yield;

/// Whether a push collects garbage *before* it copies the bytes it was given.
pub(super) const COLLECTS_FIRST: bool =
    cfg!(any(feature = "lua51", feature = "luajit", feature = "lua52"));

/// `lua_pushlstring`, without reading the string back.
#[inline(always)]
pub(super) unsafe fn push_bytes(l: *mut lua_State, bytes: &[u8]) {
    let (data, len) = (bytes.as_ptr().cast::<c_char>(), bytes.len());
    // SAFETY: `l` is live with a free slot (caller); `data` is readable for `len` bytes.
    unsafe {
        #[cfg(any(feature = "lua51", feature = "luajit", feature = "lua52"))]
        mlua::ffi::lua_pushlstring_(l, data, len);
        #[cfg(not(any(feature = "lua51", feature = "luajit", feature = "lua52")))]
        mlua::ffi::lua_pushlstring(l, data, len);
    }
}

/// `lua_pushinteger`, saturated where a Lua integer is narrower than 64 bits.
#[inline(always)]
pub(super) unsafe fn push_integer(l: *mut lua_State, n: i64) {
    // SAFETY: `l` is live with a free slot (caller).
    unsafe { mlua::ffi::lua_pushinteger(l, n as mlua::ffi::lua_Integer) }
}

/// `lua_tonumberx`: a number, or a string that reads as one.
#[inline(always)]
pub(super) unsafe fn to_number(l: *mut lua_State, index: c_int) -> Option<f64> {
    let mut ok = 0;
    // SAFETY: `l` is live and `index` acceptable (caller); `ok` outlives the call.
    let n = unsafe { mlua::ffi::lua_tonumberx(l, index, &mut ok) };
    (ok != 0).then_some(n)
}

/// Whether the number at `index` is of the integer subtype (5.3 and later), or integral before.
#[inline(always)]
pub(super) unsafe fn is_integer(l: *mut lua_State, index: c_int) -> bool {
    // SAFETY: `l` is live and `index` acceptable (caller).
    unsafe { mlua::ffi::lua_isinteger(l, index) != 0 }
}

/// `lua_newuserdata` without user values.
#[inline(always)]
pub(super) unsafe fn new_userdata(l: *mut lua_State, size: usize) -> *mut c_void {
    // SAFETY: `l` is live with a free slot, in a phase that may raise (caller).
    unsafe {
        #[cfg(any(feature = "lua54", feature = "lua55"))]
        return mlua::ffi::lua_newuserdatauv(l, size, 0);
        #[cfg(not(any(feature = "lua54", feature = "lua55")))]
        return mlua::ffi::lua_newuserdata(l, size);
    }
}

/// `lua_rawgeti` by the native index type. Never raises.
#[inline(always)]
pub(super) unsafe fn raw_get_i(l: *mut lua_State, table: c_int, i: c_int) {
    // SAFETY: `table` is a table of the live state `l`, which has a free slot (caller).
    unsafe {
        #[cfg(any(feature = "lua51", feature = "luajit", feature = "lua52"))]
        mlua::ffi::lua_rawgeti_(l, table, i);
        #[cfg(not(any(feature = "lua51", feature = "luajit", feature = "lua52")))]
        mlua::ffi::lua_rawgeti(l, table, i.into());
    }
}

/// `lua_rawseti`. Allocates, so may raise, unless the key is there already.
#[inline(always)]
pub(super) unsafe fn raw_set_i(l: *mut lua_State, table: c_int, i: c_int) {
    // SAFETY: `table` is a table of the live state `l`, whose top is the value (caller).
    unsafe {
        #[cfg(any(feature = "lua51", feature = "luajit", feature = "lua52"))]
        mlua::ffi::lua_rawseti_(l, table, i);
        #[cfg(not(any(feature = "lua51", feature = "luajit", feature = "lua52")))]
        mlua::ffi::lua_rawseti(l, table, i.into());
    }
}

/// Pushes `registry[key]`, `key` being an address of this image. Never raises.
#[inline(always)]
pub(super) unsafe fn registry_get(l: *mut lua_State, key: *const c_void) {
    // SAFETY: `l` is live with two free slots (caller); the registry is a table.
    unsafe {
        mlua::ffi::lua_pushlightuserdata(l, key.cast_mut());
        #[cfg(any(feature = "lua51", feature = "luajit", feature = "lua52"))]
        mlua::ffi::lua_rawget_(l, LUA_REGISTRYINDEX);
        #[cfg(not(any(feature = "lua51", feature = "luajit", feature = "lua52")))]
        mlua::ffi::lua_rawget(l, LUA_REGISTRYINDEX);
    }
}

/// `registry[key] = top`, popping it. May raise.
pub(super) unsafe fn registry_set(l: *mut lua_State, key: *const c_void) {
    // SAFETY: `l` is live with a free slot and the value on top (caller).
    unsafe {
        lua_pushlightuserdata(l, key.cast_mut());
        lua_insert(l, -2);
        lua_rawset(l, LUA_REGISTRYINDEX);
    }
}

/// `table[name] = top` without metamethods, popping the value. May raise.
pub(super) unsafe fn raw_set_name(l: *mut lua_State, table: c_int, name: &str) {
    // SAFETY: `table` is an absolute or pseudo index of a table, the value is on top, and there is
    // a free slot (caller).
    unsafe {
        push_bytes(l, name.as_bytes());
        lua_insert(l, -2);
        lua_rawset(l, table);
    }
}

/// Pushes `table[name]` without metamethods. May raise (the name is made a string).
pub(super) unsafe fn raw_get_name(l: *mut lua_State, table: c_int, name: &[u8]) {
    // SAFETY: `table` is an absolute or pseudo index of a table and there is a free slot (caller).
    unsafe {
        push_bytes(l, name);
        mlua::ffi::lua_rawget(l, table);
    }
}

/// Pushes the table of globals.
pub(super) unsafe fn push_globals(l: *mut lua_State) {
    // SAFETY: `l` is live with a free slot (caller).
    unsafe {
        mlua::ffi::lua_pushglobaltable(l);
    }
}

/// `lua_gettable` and `lua_settable`: with metamethods, so they may call Lua and raise.
pub(super) unsafe fn get_meta(l: *mut lua_State, table: c_int) {
    // SAFETY: `l` is live, the key is on top (caller).
    unsafe {
        mlua::ffi::lua_gettable(l, table);
    }
}

/// See [`get_meta`].
pub(super) unsafe fn set_meta(l: *mut lua_State, table: c_int) {
    // SAFETY: `l` is live, key and value are on top (caller).
    unsafe { mlua::ffi::lua_settable(l, table) }
}

/// `luaL_tolstring`: pushes what `tostring` gives. May call Lua and raise.
pub(super) unsafe fn push_tostring(l: *mut lua_State, index: c_int) {
    // SAFETY: `l` is live with free slots, `index` acceptable (caller).
    unsafe {
        mlua::ffi::luaL_tolstring(l, index, std::ptr::null_mut());
    }
}

/// `luaL_traceback` of `of`, pushed on `l`. May raise.
pub(super) unsafe fn push_traceback(
    l: *mut lua_State,
    of: *mut lua_State,
    message: *const c_char,
    level: c_int,
) {
    // SAFETY: both states are live and of one Lua; `message` is null or NUL-terminated (caller).
    unsafe { mlua::ffi::luaL_traceback(l, of, message, level) }
}

/// `lua_resume` with the results counted: on every version those are what lies on `co`'s stack.
#[inline(always)]
pub(super) unsafe fn resume(
    co: *mut lua_State,
    from: *mut lua_State,
    args: c_int,
) -> (c_int, c_int) {
    let mut results = 0;
    // SAFETY: `co` is a coroutine that may be resumed, with `args` values on top (caller).
    let status = unsafe { mlua::ffi::lua_resume(co, from, args, &mut results) };
    (status, results)
}

/// Whether a yield from here would succeed; `None` where this Lua cannot tell (5.1, 5.2).
#[inline]
pub(super) unsafe fn is_yieldable(l: *mut lua_State) -> Option<bool> {
    #[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
    // SAFETY: `l` is live (caller).
    return Some(unsafe { mlua::ffi::lua_isyieldable(l) } != 0);
    #[cfg(feature = "lua52")]
    {
        let _ = l;
        None
    }
    #[cfg(any(feature = "lua51", feature = "luajit"))]
    // SAFETY: `l` is live (caller).
    return jit::is_yieldable().map(|ask| unsafe { ask(l) } != 0);
}

/// Does a yield pass through `lua_pcall`? On all but plain 5.1.
pub(super) fn calls_yield() -> bool {
    #[cfg(any(feature = "lua51", feature = "luajit"))]
    return jit::is_yieldable().is_some();
    #[cfg(not(any(feature = "lua51", feature = "luajit")))]
    true
}

/// Words of a `lua_State`, and how many bytes before the place that each points to matter as well: the top of its stack, and
/// the call that it is in (plain 5.1's; LuaJIT has neither there but, in the second, its stack's top). Where a Lua is built
/// otherwise, they are something else: good for [`prefetch_at`](moonsocket_core::os::prefetch_at) alone.
pub(super) const POINTERS_TO_WHAT_RUNS: [(usize, usize); 2] =
    if cfg!(any(feature = "lua51", feature = "luajit")) {
        [(2, 64), (5, 64)]
    } else {
        [(2, 64), (4, 0)]
    };

/// Has this Lua variables that are closed?
pub const CLOSES: bool = cfg!(any(feature = "lua54", feature = "lua55"));

/// Closes a dead or suspended coroutine's pending variables (5.4 and later).
pub(super) unsafe fn close_thread(co: *mut lua_State, from: *mut lua_State) {
    let _ = from;
    // SAFETY: `co` is not running (caller); the call is protected inside Lua.
    unsafe {
        #[cfg(feature = "lua55")]
        mlua::ffi::lua_closethread(co, from);
        #[cfg(feature = "lua54")]
        mlua::ffi::lua_resetthread(co);
        #[cfg(not(any(feature = "lua54", feature = "lua55")))]
        lua_settop(co, 0);
    }
}

/// What LuaJIT has over the Lua 5.1 whose build it shares: looked up while running.
#[cfg(any(feature = "lua51", feature = "luajit"))]
mod jit {
    use super::{c_char, c_int, c_void, lua_State};
    use std::sync::OnceLock;

    type Ask = unsafe extern "C" fn(*mut lua_State) -> c_int;

    unsafe extern "C" {
        fn dlsym(handle: *mut c_void, symbol: *const c_char) -> *mut c_void;
    }

    pub(super) fn is_yieldable() -> Option<Ask> {
        static FOUND: OnceLock<Option<Ask>> = OnceLock::new();
        *FOUND.get_or_init(|| {
            // `RTLD_DEFAULT`.
            let everywhere = if cfg!(target_vendor = "apple") { -2isize } else { 0 };
            // SAFETY: a look-up by a NUL-terminated name has no preconditions.
            let symbol = unsafe { dlsym(everywhere as *mut c_void, c"lua_isyieldable".as_ptr()) };
            // SAFETY: a symbol of that name is LuaJIT's function of this type.
            (!symbol.is_null()).then(|| unsafe { std::mem::transmute::<*mut c_void, Ask>(symbol) })
        })
    }
}
