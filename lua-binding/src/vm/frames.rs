//! The calls that are under way in a coroutine, for the Luas that don't say whether it may yield (5.1, 5.2).

use super::sys::{self, lua_State};

/// Is some function of C's that cannot be yielded across under way, besides the running one?
///
/// # Safety
/// `l` is live and runs one of our functions, with two free slots.
#[cold]
pub(super) unsafe fn any_of_c(l: *mut lua_State) -> bool {
    // SAFETY: as the caller promises; what `lua_getinfo` pushes is popped.
    unsafe {
        let mut about: sys::lua_Debug = std::mem::zeroed();
        let mut level = 1;
        while sys::lua_getstack(l, level, &mut about) != 0 {
            // Of a call that a tail call has replaced (5.1) it pushes nil.
            sys::lua_getinfo(l, c"f".as_ptr(), &mut about);
            let function = mlua::ffi::lua_tocfunction(l, -1);
            sys::lua_pop(l, 1);
            if function.is_some_and(|function| !lets_pass(function)) {
                return true;
            }
            level += 1;
        }
        false
    }
}

/// On 5.2 calls can yield across these.
#[cfg(feature = "lua52")]
fn lets_pass(function: sys::lua_CFunction) -> bool {
    use std::sync::OnceLock;
    static FOUND: OnceLock<Vec<usize>> = OnceLock::new();
    let found = FOUND.get_or_init(|| {
        // Looked up in a fresh state: in the running one anybody may have put others in their place.
        // SAFETY: the state is ours alone; where memory is short it is null, and nothing was found.
        unsafe {
            let l = mlua::ffi::luaL_newstate();
            if l.is_null() {
                return Vec::new();
            }
            sys::lua_pushcclosure(l, list, 0);
            let listed = sys::lua_pcall(l, 0, 3, 0) == sys::LUA_OK;
            let found = (1..=3).filter_map(|i| mlua::ffi::lua_tocfunction(l, i));
            let found = if listed { found.map(|f| f as usize).collect() } else { Vec::new() };
            mlua::ffi::lua_close(l);
            found
        }
    });
    found.contains(&(function as usize))
}

#[cfg(feature = "lua52")]
unsafe extern "C-unwind" fn list(l: *mut lua_State) -> std::ffi::c_int {
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
