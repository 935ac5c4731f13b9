//! Lua operations that may raise, run so that they cannot: for code that owns something.
//!
//! `lua_pcall` needs a function on the stack. On 5.1 making one may itself raise, so each state has
//! one that runs whatever job it is given. From 5.2 on a function without upvalues is a plain value.

use super::hub::PROTECTED;
use super::sys::{self, lua_State};
use std::ffi::c_int;

/// A job: may raise, leaves its results on top of an empty stack, owns nothing while it raises.
type Work<D> = unsafe fn(*mut lua_State, *mut D);

struct Job {
    run: unsafe fn(*mut lua_State, *mut ()),
    data: *mut (),
}

/// The C function that runs a job. Only this file calls it.
pub(super) unsafe extern "C-unwind" fn dispatch(l: *mut lua_State) -> c_int {
    // SAFETY: the function is in the registry under a key that only this image has, and is only
    // called by `call`, whose `Job` outlives the call.
    unsafe {
        let job = sys::lua_touserdata(l, -1).cast::<Job>();
        sys::lua_pop(l, 1);
        ((*job).run)(l, (*job).data);
        sys::lua_gettop(l)
    }
}

/// Moves the top `args` values to a stack of their own, runs `work` there and brings back all that
/// it leaves. `false`: it raised, and the error value is on top.
///
/// # Safety
/// `l` is live with four free slots besides what comes back; `work` may be given `data`.
pub(super) unsafe fn call<D>(l: *mut lua_State, args: c_int, work: Work<D>, data: &mut D) -> bool {
    // SAFETY: a function that takes one thin pointer for one that takes another.
    let run = unsafe { std::mem::transmute::<Work<D>, unsafe fn(*mut lua_State, *mut ())>(work) };
    let mut job = Job { run, data: (&raw mut *data).cast() };
    // SAFETY: as the caller promises; the registry look-up and the light userdata cannot raise.
    unsafe {
        push_dispatch(l);
        if args > 0 {
            sys::lua_insert(l, -1 - args);
        }
        sys::lua_pushlightuserdata(l, (&raw mut job).cast());
        sys::lua_pcall(l, args + 1, sys::LUA_MULTRET, 0) == sys::LUA_OK
    }
}

/// Pushes the function that runs a job. Does not raise.
#[inline(always)]
unsafe fn push_dispatch(l: *mut lua_State) {
    // SAFETY: the caller has free slots.
    unsafe {
        if cfg!(any(feature = "lua51", feature = "luajit")) {
            sys::registry_get(l, PROTECTED.key());
        } else {
            sys::lua_pushcclosure(l, dispatch, 0);
        }
    }
}
