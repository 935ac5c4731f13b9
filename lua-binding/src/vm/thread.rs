//! Coroutines, for a scheduler that finishes operations and passes the results to the resume.
//!
//! Whatever is given to a coroutine that waits in [`Reply::Suspend`] becomes the results of the
//! call it waits in, on every Lua.

mod left;

use super::Anchor;
use super::hub;
use super::late;
use super::local::{Attempt, Fault, Local};
use super::lua::Lua;
use super::protect;
use super::reply::{Reply, Value};
use super::sys::{self, lua_State};
use moonsocket_core::Stop;
use moonsocket_core::os::prefetch_at;
use std::cell::Cell;
use std::ffi::c_int;

/// A coroutine, kept alive by an anchor.
#[derive(Debug)]
pub struct Thread {
    co: *mut lua_State,
    anchor: Anchor,
    /// What lies on its stack for its start, besides the function.
    waiting: Cell<c_int>,
    /// It has returned: what lies on its stack is results, not a function to start.
    returned: Cell<bool>,
    /// A call of its own waits in it, which can push its results itself.
    direct: Cell<bool>,
}

/// How a resumed coroutine stopped. What it left lies on its own stack: [`Lua::take`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// A call of ours waits in it, that answered [`Reply::Suspend`].
    Suspended,
    /// It yielded by itself, with so many values.
    Yielded(usize),
    /// It returned, with so many values.
    Returned(usize),
    /// It raised: the error is the one value to take.
    Failed,
}

/// What a coroutine is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It was never resumed, or has yielded.
    Suspended,
    /// It runs, or has resumed another.
    Active,
    /// It has returned.
    Finished,
    /// It has raised.
    Failed,
}

/// So many values a new coroutine has room for: Lua promises 20.
const ROOM_AT_FIRST: c_int = 16;
/// So many values one has room for that waits: its stack is empty (`late` empties it before the yield), but LuaJIT has no more
/// than a few slots to spare where a script passed the yield on by itself.
const ROOM_TO_GO_ON: c_int = 4;

impl Thread {
    /// A number for it, the same as [`Cx::coroutine`](super::Cx::coroutine) in its calls.
    pub fn id(&self) -> usize {
        self.co.addr()
    }

    /// Has the processor's cache loaded with the coroutine.
    pub fn warm(&self) {
        /// A state's own bytes, without its stack.
        const STATE: usize = 200;
        prefetch_at(self.co.cast_const().cast(), STATE);
    }

    /// Once the coroutine is there: with the top of its stack, and the call that it is in.
    pub fn warm_stack(&self) {
        /// Two lines of most caches.
        const AROUND: usize = 128;
        for (word, before) in sys::POINTERS_TO_WHAT_RUNS {
            // SAFETY: the anchor keeps the coroutine, whose `lua_State` is longer than that, in words. Whatever the word is,
            // it is only prefetched.
            let address = unsafe { self.co.cast::<*const ()>().add(word).read() };
            prefetch_at(address.wrapping_byte_sub(before), AROUND);
        }
    }

    /// The coroutine as a value.
    pub fn value(&self) -> Value<'_> {
        self.anchor.value()
    }
}

impl<'a> Lua<'a> {
    /// A coroutine that will run `function` with these arguments.
    pub fn thread(self, function: Local<'a>, args: &[Local<'a>]) -> Attempt<'a, Thread> {
        let function = self.started_by(function)?;
        let coroutine = self.coroutine()?;
        let anchor = self.anchor(coroutine)?;
        // SAFETY: the local is a thread; its stack is that of a new coroutine.
        let co = unsafe { sys::lua_tothread(self.l(), coroutine.index) };
        self.move_to(co, std::iter::once(function).chain(args.iter().copied()), args.len() + 1)?;
        let waiting = Cell::new(c_int::try_from(args.len()).unwrap_or(0));
        let (returned, direct) = (Cell::new(false), Cell::new(false));
        Ok(Thread { co, anchor, waiting, returned, direct })
    }

    /// What a coroutine can begin with: on 5.1 no function of C's that yields, which would crash it when it is resumed.
    fn started_by(self, function: Local<'a>) -> Attempt<'a, Local<'a>> {
        const CALLS: &str = "local f = ... return function(...) return f(...) end";
        // SAFETY: the local is between 1 and the top.
        let plain = unsafe { mlua::ffi::lua_iscfunction(self.l(), function.index) == 0 };
        if plain || !cfg!(any(feature = "lua51", feature = "luajit")) {
            return Ok(function);
        }
        let make = self.load(CALLS, "=moonsocket")?;
        self.call(make, &[function])
    }

    fn coroutine(self) -> Attempt<'a, Local<'a>> {
        unsafe fn work(l: *mut lua_State, _: *mut ()) {
            // SAFETY: runs protected with free slots.
            unsafe {
                sys::lua_newthread(l);
            }
        }
        self.protected(&[], work, &mut ())
    }

    /// Copies values to another stack.
    fn move_to(
        self,
        co: *mut lua_State,
        values: impl Iterator<Item = Local<'a>>,
        count: usize,
    ) -> Attempt<'a, ()> {
        let count = c_int::try_from(count).unwrap_or(c_int::MAX);
        // SAFETY: both states are live and of one Lua; room is made on both.
        unsafe {
            if !self.room(count) {
                return Err(self.no_room(count));
            }
            for it in values {
                self.push_local(it);
            }
            self.hand(co, count, ROOM_AT_FIRST)?;
        }
        Ok(())
    }

    /// Moves the top values to a coroutine that has room for so many at least.
    ///
    /// # Safety
    /// The coroutine is live, of this Lua, and does not run; the values are there.
    unsafe fn hand(self, co: *mut lua_State, count: c_int, room: c_int) -> Attempt<'a, ()> {
        // SAFETY: as the caller promises.
        unsafe {
            if count <= room {
                sys::lua_xmove(self.l(), co, count);
            } else if !protect::transfer(self.l(), co, count) {
                sys::lua_pop(self.l(), count);
                return Err(self.no_room(count));
            }
        }
        Ok(())
    }

    /// What a coroutine is doing.
    pub fn status(self, thread: &Thread) -> Status {
        if !thread.anchor.is_of(self.cx.hub) {
            // Another Lua's: its memory may be gone.
            return Status::Finished;
        }
        // SAFETY: the anchor keeps the coroutine alive.
        unsafe {
            match sys::lua_status(thread.co) {
                sys::LUA_YIELD => Status::Suspended,
                sys::LUA_OK => {
                    let mut about: sys::lua_Debug = std::mem::zeroed();
                    if sys::lua_getstack(thread.co, 0, &mut about) != 0 {
                        Status::Active
                    } else if thread.returned.get() || sys::lua_gettop(thread.co) == 0 {
                        // The second: somebody else resumed it to its end.
                        Status::Finished
                    } else {
                        Status::Suspended
                    }
                }
                _ => Status::Failed,
            }
        }
    }

    /// Resumes it; what it waits for gets these results. At its start they are further arguments.
    pub fn resume(self, thread: &Thread, with: &Reply<'_>) -> Attempt<'a, Stopped> {
        self.go_on(thread, with, self.cx.hub.in_fiber.get())
    }

    fn go_on(self, thread: &Thread, with: &Reply<'_>, in_fiber: bool) -> Attempt<'a, Stopped> {
        self.check_suspended(thread)?;
        let mut room = [Value::Nil; 4];
        let list = with.listed(&mut room);
        let late = &self.cx.hub.late;
        let stopped = if thread.direct.take() && late::can_be_late(with, list) {
            late.with(thread.co, list, || self.switch(thread, 0, in_fiber))
        } else {
            late.forget_suspended();
            let count = self.hand_over(thread, with, list)?;
            self.switch(thread, count + thread.waiting.take(), in_fiber)
        };
        Ok(self.stopped(thread, stopped))
    }

    #[inline(always)]
    fn check_suspended(self, thread: &Thread) -> Attempt<'a, ()> {
        if self.status(thread) != Status::Suspended {
            return Err(Fault(self.value("cannot resume a coroutine that is not suspended")?));
        }
        Ok(())
    }

    /// Lets a suspended coroutine run, with so many values on its stack for it. How it stopped, as Lua says that.
    #[inline(always)]
    fn switch(self, thread: &Thread, count: c_int, in_fiber: bool) -> (c_int, c_int) {
        let outer = self.cx.hub.in_fiber.replace(in_fiber);
        // SAFETY: the coroutine is suspended with as many values on top; a resume is protected.
        let stopped = unsafe { sys::resume(thread.co, self.l(), count) };
        self.cx.hub.in_fiber.set(outer);
        stopped
    }

    #[inline(always)]
    fn stopped(self, thread: &Thread, (status, results): (c_int, c_int)) -> Stopped {
        let results = usize::try_from(results).unwrap_or(0);
        match status {
            sys::LUA_OK => {
                thread.returned.set(true);
                Stopped::Returned(results)
            }
            // SAFETY: it left so many values; ours is taken off again.
            sys::LUA_YIELD if results == 1 && unsafe { suspended(thread.co) } => {
                thread.direct.set(self.cx.hub.late.suspended_in(thread.co));
                Stopped::Suspended
            }
            sys::LUA_YIELD => Stopped::Yielded(results),
            _ => Stopped::Failed,
        }
    }

    /// As [`resume`](Self::resume), with [`Cx::may_suspend`](super::Cx::may_suspend) true inside.
    pub fn resume_fiber(self, thread: &Thread, with: &Reply<'_>) -> Attempt<'a, Stopped> {
        self.spare()?;
        // SAFETY: there are free slots. What the last one let go of must not wait for this one's next call.
        unsafe { super::anchor::let_go(self.l(), self.cx.hub) };
        self.go_on(thread, with, true)
    }

    /// As [`resume_fiber`](Self::resume_fiber), of one in which a call waits that tries again by itself, in this coroutine;
    /// with the reason if its wait was ended.
    pub fn resume_call(
        self,
        thread: &Thread,
        coroutine: usize,
        ended: Option<Stop>,
    ) -> Attempt<'a, Stopped> {
        self.spare()?;
        // SAFETY: as in `resume_fiber`.
        unsafe { super::anchor::let_go(self.l(), self.cx.hub) };
        self.check_suspended(thread)?;
        thread.direct.set(false);
        let late = &self.cx.hub.late;
        let stopped = late.again(coroutine, ended, || self.switch(thread, 0, true));
        Ok(self.stopped(thread, stopped))
    }

    /// Puts a reply on a suspended coroutine's stack; how many values it has.
    fn hand_over(
        self,
        thread: &Thread,
        with: &Reply<'_>,
        list: &[Value<'_>],
    ) -> Attempt<'a, c_int> {
        let top = self.top().index;
        match with {
            Reply::From(local) => {
                let each = (local.index..=top).map(|index| Value::Local(Local { index, ..*local }));
                self.hand_over_all(thread, top - local.index + 1, each)
            }
            Reply::Arguments(number) => {
                let each = (*number..=top).map(Value::Argument);
                self.hand_over_all(thread, top - number + 1, each)
            }
            _ => self.hand_over_all(thread, list.len() as c_int, list.iter().copied()),
        }
    }

    fn hand_over_all<'v>(
        self,
        thread: &Thread,
        count: c_int,
        values: impl Iterator<Item = Value<'v>>,
    ) -> Attempt<'a, c_int> {
        // SAFETY: the coroutine is suspended, and the anchor keeps it. Only what cannot raise is pushed there, everything else
        // here, under protection.
        unsafe {
            if count > ROOM_TO_GO_ON {
                for it in values {
                    self.push_value(&it)?;
                }
                self.hand(thread.co, count, ROOM_TO_GO_ON)?;
                return Ok(count);
            }
            let before = sys::lua_gettop(thread.co);
            for it in values {
                match it {
                    Value::Nil => sys::lua_pushnil(thread.co),
                    Value::Integer(it) => sys::push_integer(thread.co, it),
                    it => match self.push_value(&it) {
                        Ok(()) => sys::lua_xmove(self.l(), thread.co, 1),
                        Err(fault) => {
                            sys::lua_settop(thread.co, before);
                            return Err(fault);
                        }
                    },
                }
            }
        }
        Ok(count.max(0))
    }
}

/// Takes the mark of [`Reply::Suspend`] off a coroutine's stack, if that is what it yielded.
unsafe fn suspended(co: *mut lua_State) -> bool {
    // SAFETY: the coroutine has a value on top (caller).
    unsafe {
        let ours = sys::lua_type(co, -1) == sys::LUA_TLIGHTUSERDATA
            && std::ptr::eq(sys::lua_touserdata(co, -1).cast_const(), hub::SUSPENDED.key());
        if ours {
            sys::lua_pop(co, 1);
        }
        ours
    }
}
