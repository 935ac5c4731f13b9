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

/// Is there room for so many values more on the stack of the running function? Never raises.
///
/// # Safety
/// `l` is live and runs one of our functions.
pub(super) unsafe fn has_room(l: *mut lua_State, slots: c_int) -> bool {
    /// What every function has from its beginning, beyond its arguments.
    const MINIMUM: c_int = 20;
    // SAFETY: as the caller promises.
    unsafe { sys::lua_gettop(l).saturating_add(slots) <= MINIMUM || make_room(l, slots) }
}

/// `lua_checkstack` that never raises. On 5.1 and LuaJIT it does when the stack cannot grow, through whatever Rust code is
/// under way; and after a protected one the collector may take the room away again. So there so many values are returned by
/// a protected call, which makes room for them in the caller's frame, and taken off.
///
/// # Safety
/// As for [`has_room`].
#[cold]
pub(super) unsafe fn make_room(l: *mut lua_State, slots: c_int) -> bool {
    if !GROWTH_RAISES {
        // SAFETY: as the caller promises; it does not raise.
        return unsafe { sys::lua_checkstack(l, slots) != 0 };
    }
    unsafe fn fill(l: *mut lua_State, slots: *mut c_int) {
        // SAFETY: runs protected; the number outlives the call.
        unsafe {
            if sys::lua_checkstack(l, *slots) == 0 {
                super::raise::plain(l, super::NO_ROOM);
            }
            sys::lua_settop(l, *slots);
        }
    }
    // SAFETY: as the caller promises; the stack has a few slots more than it tells, and is left as it was.
    unsafe {
        let before = sys::lua_gettop(l);
        let made = call(l, 0, fill, &mut { slots });
        sys::lua_settop(l, before);
        made
    }
}

/// `lua_xmove` to a coroutine that does not run, which makes room there first. Does not raise; false: there is none, and the
/// values are where they were.
///
/// # Safety
/// Both states are live and of one Lua; so many values are on top of `from`, and `to` has four free slots.
#[cold]
pub(super) unsafe fn transfer(from: *mut lua_State, to: *mut lua_State, count: c_int) -> bool {
    unsafe fn take(to: *mut lua_State, source: *mut (*mut lua_State, c_int)) {
        // SAFETY: runs protected, in a frame of its own whose values are all returned.
        unsafe {
            let (from, count) = *source;
            if sys::lua_checkstack(to, count) == 0 {
                super::raise::plain(to, super::NO_ROOM);
            }
            sys::lua_xmove(from, to, count);
        }
    }
    // SAFETY: as the caller promises. A call in a coroutine that waits is none to yield in, and is over before it goes on.
    unsafe {
        if GROWTH_RAISES {
            let moved = call(to, 0, take, &mut (from, count));
            if !moved {
                sys::lua_pop(to, 1);
            }
            return moved;
        }
        let room = sys::lua_checkstack(to, count) != 0;
        if room {
            sys::lua_xmove(from, to, count);
        }
        room
    }
}

/// Does `lua_checkstack` raise where memory is short?
const GROWTH_RAISES: bool = cfg!(any(feature = "lua51", feature = "luajit"));

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
