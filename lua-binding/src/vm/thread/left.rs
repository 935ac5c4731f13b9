//! What a coroutine that has stopped leaves, and its end.

use std::ffi::c_int;

use super::super::local::{Attempt, Local};
use super::super::lua::Lua;
use super::super::sys::{self, lua_State};
use super::{Status, Stopped, Thread};

impl<'a> Lua<'a> {
    /// Takes the values that a stopped coroutine left, or its error: from the local on.
    pub fn take(self, thread: &Thread, stopped: Stopped) -> Attempt<'a, Local<'a>> {
        let count = match stopped {
            _ if !thread.anchor.is_of(self.cx.hub) => 0,
            Stopped::Yielded(n) | Stopped::Returned(n) => c_int::try_from(n).unwrap_or(0),
            Stopped::Suspended => 0,
            Stopped::Failed => 1,
        };
        let first = Local { index: self.top().index + 1, call: std::marker::PhantomData };
        if !self.room(count) {
            return Err(self.no_room(count));
        }
        if count > 0 {
            // SAFETY: never more than the coroutine has, and there is room for them.
            unsafe {
                let count = count.min(sys::lua_gettop(thread.co));
                sys::lua_xmove(thread.co, self.l(), count);
            }
        }
        Ok(first)
    }

    /// The message with a traceback of the coroutine's calls, while its stack is still there.
    pub fn traceback(self, thread: &Thread, message: Local<'a>) -> Attempt<'a, Local<'a>> {
        unsafe fn work(l: *mut lua_State, co: *mut *mut lua_State) {
            // SAFETY: runs protected, with the message on the stack.
            unsafe {
                let message = match sys::lua_type(l, 1) {
                    sys::LUA_TSTRING => sys::lua_tolstring(l, 1, std::ptr::null_mut()),
                    _ => std::ptr::null(),
                };
                sys::push_traceback(l, *co, message, 0);
                sys::lua_remove(l, 1);
            }
        }
        if !thread.anchor.is_of(self.cx.hub) {
            return Ok(message);
        }
        self.protected(&[message], work, &mut { thread.co })
    }

    /// Closes the variables of a coroutine that has raised. Its error, or that of such a variable's end, is still there.
    pub fn close_failed(self, thread: &Thread) {
        let has_failed = self.status(thread) == Status::Failed && self.room(1);
        // SAFETY: the coroutine does not run, and the anchor keeps it alive; there is room for one value on both stacks.
        unsafe {
            if !has_failed || sys::lua_checkstack(thread.co, 1) == 0 {
                return;
            }
            sys::lua_pushvalue(thread.co, -1);
            sys::lua_xmove(thread.co, self.l(), 1);
            sys::close_thread(thread.co, self.l());
            if sys::lua_gettop(thread.co) == 0 {
                sys::lua_xmove(self.l(), thread.co, 1);
            } else {
                sys::lua_pop(self.l(), 1);
            }
        }
    }

    /// Ends a coroutine that is not running: closes its variables (5.4 on) and empties its stack.
    pub fn close(self, thread: &Thread) {
        if self.status(thread) == Status::Active || !thread.anchor.is_of(self.cx.hub) {
            return;
        }
        // SAFETY: the coroutine does not run, and the anchor keeps it alive.
        unsafe { sys::close_thread(thread.co, self.l()) }
        thread.returned.set(true);
    }
}
