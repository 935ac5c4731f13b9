//! Functions that make descriptors: where there are none left, what the collector finds may have some. A small heap is
//! collected rarely, so a program that closes nothing would run out of them long before Lua runs out of memory.

use super::sys::{self, lua_State};
use moonsocket_core::os::descriptors_ran_out;
use std::cell::Cell;
use std::ffi::c_int;
use std::time::{Duration, Instant};

/// After a collection that set nothing free there is none for so long: whoever lives at the limit tries again and again.
const PAUSE: Duration = Duration::from_secs(1);

thread_local! {
    static IN_VAIN: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Calls a function of ours, and once more if it failed because descriptors had run out and garbage was collected.
///
/// # Safety
/// `l` is live and runs that very function, with its arguments on the stack and nothing alive.
pub(super) unsafe fn retried(l: *mut lua_State, entry: sys::lua_CFunction) -> c_int {
    // SAFETY: as the caller promises. What a first call leaves above its arguments is dropped; collecting may raise and
    // run Lua code, and nothing is alive.
    unsafe {
        let arguments = sys::lua_gettop(l);
        descriptors_ran_out();
        let results = entry(l);
        let failed = results > 0 && sys::lua_toboolean(l, -results) == 0;
        if !(descriptors_ran_out() && failed && may_help()) {
            return results;
        }
        sys::lua_settop(l, arguments);
        mlua::ffi::lua_gc(l, mlua::ffi::LUA_GCCOLLECT, 0);
        let results = entry(l);
        if descriptors_ran_out() {
            IN_VAIN.set(Some(Instant::now()));
        }
        results
    }
}

fn may_help() -> bool {
    IN_VAIN.get().is_none_or(|then| then.elapsed() >= PAUSE)
}
