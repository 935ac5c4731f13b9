//! The calls that are under way in a coroutine, for the Luas that don't say whether it may yield (5.1, 5.2).

use super::protect;
use super::sys::{self, lua_State};
use std::ffi::c_int;
use std::sync::OnceLock;

/// What is asked of a call. The name, for [`iterates`], is slow to find.
const ASKED: &std::ffi::CStr = if cfg!(feature = "lua52") { c"f" } else { c"fn" };

/// Is some function of C's that cannot be yielded across under way, besides the running one?
///
/// # Safety
/// `l` is live and runs one of our functions, with four free slots.
#[cold]
pub(super) unsafe fn any_of_c(l: *mut lua_State) -> bool {
    // SAFETY: as the caller promises; what `lua_getinfo` pushes is popped.
    unsafe {
        let mut about: sys::lua_Debug = std::mem::zeroed();
        let mut level = 1;
        while sys::lua_getstack(l, level, &mut about) != 0 {
            // Of a call that a tail call has replaced (5.1) it pushes nil.
            sys::lua_getinfo(l, ASKED.as_ptr(), &mut about);
            let function = mlua::ffi::lua_tocfunction(l, -1);
            sys::lua_pop(l, 1);
            if function.is_some_and(|function| !lets_pass(function)) || iterates(&about) {
                return true;
            }
            level += 1;
        }
        match mlua::ffi::lua_gethook(l) {
            Some(_) => hook_runs(l),
            None => finaliser_runs(l),
        }
    }
}

/// Is a finaliser under way that the collector has called by itself? That has no place among the calls, but Lua tells no
/// hook of the calls in it.
///
/// # Safety
/// As for [`any_of_c`], and no hook is set.
unsafe fn finaliser_runs(l: *mut lua_State) -> bool {
    unsafe extern "C-unwind" fn told(l: *mut lua_State, _: *mut sys::lua_Debug) {
        // SAFETY: nothing raises in it.
        unsafe { mlua::ffi::lua_sethook(l, None, 0, 0) };
    }
    unsafe fn nothing(_: *mut lua_State, _: *mut ()) {}
    // SAFETY: as the caller promises; an error that the call leaves is popped.
    unsafe {
        let before = sys::lua_gettop(l);
        mlua::ffi::lua_sethook(l, Some(told), sys::LUA_MASKCALL, 0);
        let called = protect::call(l, 0, nothing, &mut ());
        let untold = mlua::ffi::lua_gethook(l).is_some();
        mlua::ffi::lua_sethook(l, None, 0, 0);
        sys::lua_settop(l, before);
        called && untold
    }
}

/// Is the function under way that `debug.sethook` was given? The library's own, in C, calls it without a place among the
/// calls. By that function, so a hook that has left by a tail call is not seen.
///
/// # Safety
/// As for [`any_of_c`].
unsafe fn hook_runs(l: *mut lua_State) -> bool {
    struct Look {
        gethook: sys::lua_CFunction,
        runs: bool,
    }
    unsafe fn look(l: *mut lua_State, data: *mut Look) {
        // SAFETY: runs protected on a stack of its own; the data outlives the call.
        unsafe {
            sys::lua_pushcclosure(l, (*data).gethook, 0);
            mlua::ffi::lua_call(l, 0, 1);
            let mut about: sys::lua_Debug = std::mem::zeroed();
            let mut level = 1;
            while sys::lua_getstack(l, level, &mut about) != 0 {
                sys::lua_getinfo(l, c"f".as_ptr(), &mut about);
                (*data).runs |= sys::lua_rawequal(l, 1, -1) != 0;
                sys::lua_pop(l, 1);
                level += 1;
            }
            sys::lua_settop(l, 0);
        }
    }
    static FOUND: OnceLock<Option<sys::lua_CFunction>> = OnceLock::new();
    // SAFETY: it leaves one function.
    let found = FOUND.get_or_init(|| unsafe { listed(gethook, 1) }.first().copied());
    let Some(gethook) = *found else { return false };
    let mut data = Look { gethook, runs: false };
    // SAFETY: as the caller promises; an error that it leaves is popped.
    unsafe {
        let before = sys::lua_gettop(l);
        protect::call(l, 0, look, &mut data);
        sys::lua_settop(l, before);
    }
    data.runs
}

unsafe extern "C-unwind" fn gethook(l: *mut lua_State) -> c_int {
    // SAFETY: runs protected in a fresh state; nothing alive needs dropping.
    unsafe {
        sys::lua_pushcclosure(l, mlua::ffi::luaopen_debug, 0);
        mlua::ffi::lua_call(l, 0, 1);
        mlua::ffi::lua_getfield(l, -1, c"gethook".as_ptr());
    }
    1
}

/// The functions in C that `list` leaves, of a fresh state: in the running one anybody may have put others in their place.
/// None where memory is short.
///
/// # Safety
/// `list` leaves `count` values.
unsafe fn listed(list: sys::lua_CFunction, count: c_int) -> Vec<sys::lua_CFunction> {
    // SAFETY: the state is ours alone.
    unsafe {
        let l = mlua::ffi::luaL_newstate();
        if l.is_null() {
            return Vec::new();
        }
        sys::lua_pushcclosure(l, list, 0);
        let listed = sys::lua_pcall(l, 0, count, 0) == sys::LUA_OK;
        let found = (1..=count).filter_map(|i| mlua::ffi::lua_tocfunction(l, i));
        let found = if listed { found.collect() } else { Vec::new() };
        mlua::ffi::lua_close(l);
        found
    }
}

/// On 5.1 a `for` loop calls its iterator from C. The name is that of the loop's hidden variable, as no other is called.
#[cfg(not(feature = "lua52"))]
fn iterates(about: &sys::lua_Debug) -> bool {
    // SAFETY: where there is a name Lua has set it to a string of its own.
    !about.name.is_null() && unsafe { std::ffi::CStr::from_ptr(about.name) } == c"(for generator)"
}

/// On 5.2 calls can yield across a loop.
#[cfg(feature = "lua52")]
fn iterates(_: &sys::lua_Debug) -> bool {
    false
}

/// On 5.2 calls can yield across these.
#[cfg(feature = "lua52")]
fn lets_pass(function: sys::lua_CFunction) -> bool {
    static FOUND: OnceLock<Vec<sys::lua_CFunction>> = OnceLock::new();
    // SAFETY: it leaves three functions.
    let found = FOUND.get_or_init(|| unsafe { listed(calls, 3) });
    found.iter().any(|known| *known as usize == function as usize)
}

#[cfg(feature = "lua52")]
unsafe extern "C-unwind" fn calls(l: *mut lua_State) -> c_int {
    // SAFETY: runs protected in a fresh state; nothing alive needs dropping.
    unsafe {
        mlua::ffi::luaL_requiref(l, c"_G".as_ptr(), mlua::ffi::luaopen_base, 0);
        for name in [c"pcall", c"xpcall", c"dofile"] {
            mlua::ffi::lua_getfield(l, 1, name.as_ptr());
        }
    }
    3
}

/// On 5.1 there are none; the others never ask.
#[cfg(not(feature = "lua52"))]
fn lets_pass(_: sys::lua_CFunction) -> bool {
    false
}
