//! Results that a waiting call pushes itself when it is resumed.
//!
//! Where a yield can name a continuation (Lua 5.3 and later), that runs in the coroutine first, in the very function that
//! waits. What raises there raises in the fiber, so the scheduler needs no protected call for it. Where that cannot be, the
//! results are handed over on the stack.

use super::hub;
use super::reply::{Reply, Value};
use super::sys::{self, lua_State};
use moonsocket_core::Stop;
use std::cell::Cell;
use std::ffi::c_int;

/// The results on their way, and the coroutine that is to push them.
#[derive(Default)]
pub(super) struct Late {
    values: Cell<Option<(*mut lua_State, *const [Value<'static>])>>,
    /// The coroutine in which a call last suspended itself.
    suspended: Cell<usize>,
    /// The coroutine whose call is to try again, and why its wait was ended if it was.
    again: Cell<Option<(usize, Option<Stop>)>>,
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

    /// Runs `resume`, in which the call that [waits](wait) in this coroutine tries again.
    pub(super) fn again<R>(
        &self,
        coroutine: usize,
        ended: Option<Stop>,
        resume: impl FnOnce() -> R,
    ) -> R {
        self.forget_suspended();
        self.again.set(Some((coroutine, ended)));
        let outcome = resume();
        self.again.set(None);
        outcome
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
        return continued::yield_mark(l, 0, continued::go_on);
        #[cfg(not(any(feature = "lua53", feature = "lua54", feature = "lua55")))]
        sys::lua_pushlightuserdata(l, hub::SUSPENDED.key().cast_mut());
        #[cfg(not(any(feature = "lua53", feature = "lua54", feature = "lua55")))]
        return sys::lua_yield(l, 1);
    }
}

#[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
pub(super) use continued::{Resumed, resumed, wait};

#[cfg(any(feature = "lua53", feature = "lua54", feature = "lua55"))]
mod continued {
    use super::super::hub::Hub;
    use super::super::{keep, push, raise};
    use super::{Stop, Value, c_int, hub, lua_State, sys};
    use mlua::ffi::{lua_KContext, lua_KFunction};

    /// How a call that waited is resumed.
    pub(in super::super) enum Resumed {
        /// By the scheduler: it tries again, or says why its wait was ended.
        Again(Option<Stop>),
        /// By somebody else, with so many values of his own.
        Otherwise(c_int),
    }

    /// Suspends the running call, which tries again when it is resumed; its arguments stay where they are.
    pub(in super::super) unsafe fn wait(l: *mut lua_State, again: lua_KFunction) -> c_int {
        // SAFETY: as for `suspend`; a call of ours has slots to spare.
        unsafe { yield_mark(l, sys::lua_gettop(l), again) }
    }

    /// What the call is to do that waited, with so many values on its stack.
    pub(in super::super) unsafe fn resumed(l: *mut lua_State, context: lua_KContext) -> Resumed {
        let values = context as c_int;
        // SAFETY: Lua calls the caller with a live state, in the function that has yielded; nothing is alive there.
        unsafe {
            let late = hub::of_function(l).map(|hub| &hub.late);
            match late.and_then(|late| late.again.get()) {
                Some((coroutine, ended)) if coroutine == l.addr() => {
                    late.inspect(|late| late.again.set(None));
                    sys::lua_settop(l, values);
                    Resumed::Again(ended)
                }
                _ => Resumed::Otherwise(sys::lua_gettop(l) - values),
            }
        }
    }

    /// Yields the mark alone; what the call has on its stack, so many values, stays there.
    pub(super) unsafe fn yield_mark(
        l: *mut lua_State,
        values: c_int,
        then: lua_KFunction,
    ) -> c_int {
        // SAFETY: as for `suspend`.
        unsafe {
            if let Some(hub) = hub::of_function(l) {
                hub.late.suspended.set(l.addr());
            }
            sys::lua_pushlightuserdata(l, hub::SUSPENDED.key().cast_mut());
            mlua::ffi::lua_yieldk(l, 1, values as lua_KContext, Some(then))
        }
    }

    /// The call goes on.
    pub(super) unsafe extern "C-unwind" fn go_on(
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
