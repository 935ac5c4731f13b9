//! Results that a waiting call pushes itself when it is resumed.
//!
//! Where a yield can name a continuation (Lua 5.3 and later), that runs in the coroutine first, in the very function that
//! waits. What raises there raises in the fiber, so the scheduler needs no protected call for it. Where that cannot be, the
//! results are handed over on the stack.

use super::hub;
use super::reply::{Reply, Value};
use super::sys::{self, lua_State};
use std::cell::Cell;
use std::ffi::c_int;

/// The results on their way, and the coroutine that is to push them.
#[derive(Default)]
pub(super) struct Late {
    values: Cell<Option<(*mut lua_State, *const [Value<'static>])>>,
    /// The coroutine in which a call last suspended itself.
    suspended: Cell<usize>,
}

/// Can results come so?
pub(super) const SUPPORTED: bool =
    cfg!(any(feature = "lua53", feature = "lua54", feature = "lua55"));

impl Late {
    /// Was it in this coroutine that a call last suspended itself? Not in one inside it, whose yield it passes on.
    pub(super) fn suspended_in(&self, co: *mut lua_State) -> bool {
        SUPPORTED && self.suspended.get() == co.addr()
    }

    /// From here on a yield is another one.
    pub(super) fn forget_suspended(&self) {
        self.suspended.set(0);
    }

    /// Runs `resume`, in which the call that waits in `co` pushes these values.
    pub(super) fn with<R>(
        &self,
        co: *mut lua_State,
        values: &[Value<'_>],
        resume: impl FnOnce() -> R,
    ) -> R {
        /// The values outlive `resume`, after which nobody finds them, even if it panics.
        struct Forget<'f>(&'f Late);
        impl Drop for Forget<'_> {
            fn drop(&mut self) {
                self.0.values.set(None);
            }
        }
        let _forget = Forget(self);
        self.forget_suspended();
        let first = values.as_ptr().cast::<Value<'static>>();
        self.values.set(Some((co, std::ptr::slice_from_raw_parts(first, values.len()))));
        resume()
    }
}

/// Can a waiting call push these? Not what lies on the scheduler's own stack.
pub(super) fn can_be_late(reply: &Reply<'_>, listed: &[Value<'_>]) -> bool {
    !matches!(reply, Reply::From(_) | Reply::Arguments(_))
        && listed.iter().all(|it| !matches!(it, Value::Local(_) | Value::Argument(_)))
}

/// Suspends the running call.
///
/// # Safety
/// `l` is live and runs one of our functions, with a free slot; nothing alive needs dropping.
pub(super) unsafe fn suspend(l: *mut lua_State) -> c_int {
    // SAFETY: as the caller promises. What the call had on its stack is kept by anchors; empty it has room for what the
    // resume brings.
    unsafe {
        sys::lua_settop(l, 0);
        #[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
        if let Some(hub) = hub::of_function(l) {
            hub.late.suspended.set(l.addr());
        }
        sys::lua_pushlightuserdata(l, hub::SUSPENDED.key().cast_mut());
        #[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
        return continued::yield_mark(l);
        #[cfg(not(any(feature = "lua53", feature = "lua54", feature = "lua55")))]
        return sys::lua_yield(l, 1);
    }
}

#[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
mod continued {
    use super::super::hub::Hub;
    use super::super::{keep, push, raise};
    use super::{Value, c_int, hub, lua_State, sys};

    /// Yields the mark, which is all that is on the stack.
    pub(super) unsafe fn yield_mark(l: *mut lua_State) -> c_int {
        // SAFETY: as for `suspend`.
        unsafe { mlua::ffi::lua_yieldk(l, 1, 0, Some(go_on)) }
    }

    /// The call goes on.
    unsafe extern "C-unwind" fn go_on(
        l: *mut lua_State,
        _status: c_int,
        _context: mlua::ffi::lua_KContext,
    ) -> c_int {
        // SAFETY: Lua calls this with a live state, in the function that has yielded; nothing is alive here. The values live
        // as long as the resume in which they are found.
        unsafe {
            let hub = hub::of_function(l);
            let late = hub.and_then(|hub| Some((hub, hub.late.values.get()?)));
            match late {
                Some((hub, (co, values))) if co == l => {
                    hub.late.values.set(None);
                    push_all(l, hub, &*values)
                }
                // Somebody else has resumed it, with values of his own.
                _ => sys::lua_gettop(l),
            }
        }
    }

    unsafe fn push_all(l: *mut lua_State, hub: &Hub, values: &[Value<'_>]) -> c_int {
        // SAFETY: as in `go_on`. What is kept stays so until the scheduler goes on, what is borrowed is the scheduler's.
        unsafe {
            if sys::lua_checkstack(l, values.len() as c_int + 4) == 0 {
                raise::plain(l, "stack overflow");
            }
            for it in values {
                match it {
                    Value::Kept(it) => keep::push(l, hub, it.index),
                    Value::Bytes(it) | Value::Lent(it) => sys::push_bytes(l, it),
                    it => push::value(l, it),
                }
            }
        }
        values.len() as c_int
    }
}
