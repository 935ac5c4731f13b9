//! The scheduler at work: turn by turn, until somebody's end.

use std::io::Write as _;
use std::rc::Rc;
use std::time::Instant;

use moonsocket_core::errno;

use super::Ending;
use super::fiber::{Call, Fiber, Stand};
use super::scheduler::{Again, Answering, Cause, Fibers, Parked, Standing};
use crate::socket::Engine;
use crate::vm::{
    Answer, Attempt, CLOSES, Local, Lua, Raise, Reply, Stopped, Thread, Value, function, is_short,
};

/// Why [`Fibers::run`] came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// The fiber that was waited for has ended, or all have.
    Ended,
    /// What is left waits for each other.
    Deadlock,
    /// It is running already, further up.
    Busy,
    /// The reactor's error number.
    Failed(i32),
}

impl Fibers {
    /// Lets fibers run until this one has ended; without one until all have. Raises what a hook does, as after Ctrl-C.
    pub fn run<'a>(
        &self,
        lua: Lua<'a>,
        engine: &Engine,
        until: Option<&Fiber>,
    ) -> Attempt<'a, Halt> {
        if self.running.replace(true) {
            return Ok(Halt::Busy);
        }
        /// Whatever happens, the next `run` may run.
        struct Running<'f>(&'f Fibers);
        impl Drop for Running<'_> {
            fn drop(&mut self) {
                self.0.running.set(false);
            }
        }
        let _running = Running(self);
        let halt = self.turn_by_turn(lua, engine, until);
        self.report_all(lua);
        // What only fibers used can be collected from here on.
        lua.tidy();
        halt
    }

    fn turn_by_turn<'a>(
        &self,
        lua: Lua<'a>,
        engine: &Engine,
        until: Option<&Fiber>,
    ) -> Attempt<'a, Halt> {
        let over = || until.is_some_and(|until| until.ending().is_some());
        loop {
            if is_short() {
                return Ok(Halt::Failed(errno::ENOMEM));
            }
            let any_ready = !self.ready.borrow().is_empty();
            if !self.parking.borrow().is_empty() {
                let now = any_ready.then(Instant::now);
                let waited = self.parking.borrow_mut().wait(&engine.backend, now);
                if let Err(error) = waited
                    && error.kind() != std::io::ErrorKind::Interrupted
                {
                    return Ok(Halt::Failed(error.raw_os_error().unwrap_or(errno::EIO)));
                }
            } else if !any_ready {
                let stuck = until.is_some() || !self.joining.borrow().is_empty();
                return Ok(if stuck { Halt::Deadlock } else { Halt::Ended });
            }
            heed_hook(lua)?;
            // Those that are ready now come before those whose waits are over; what they make ready comes after both.
            let count = self.ready.borrow().len();
            for _ in 0..count {
                let Some((fiber, results)) = self.ready.borrow_mut().pop_front() else { break };
                self.give_turn(lua, engine, fiber, results);
                if over() {
                    return Ok(Halt::Ended);
                }
            }
            loop {
                let next = self.parking.borrow_mut().next(&engine.backend);
                let Some((_, Parked { task, fiber })) = next else { break };
                *fiber.stand.borrow_mut() = Stand::Ready;
                *self.current.borrow_mut() = Some(Rc::clone(&fiber));
                lua.scope(|lua| match task {
                    Some(mut task) => {
                        let answer = task.answer(lua);
                        self.resume(lua, engine, fiber, answer);
                    }
                    None => self.resume_call(lua, engine, fiber),
                });
                if over() {
                    return Ok(Halt::Ended);
                }
            }
            self.report_all(lua);
        }
    }

    fn give_turn(
        &self,
        lua: Lua<'_>,
        engine: &Engine,
        fiber: Rc<Fiber>,
        results: Option<Box<dyn Answering>>,
    ) {
        *self.current.borrow_mut() = Some(Rc::clone(&fiber));
        lua.scope(|lua| match results {
            Some(mut results) => {
                let answer = results.answer(lua);
                self.resume(lua, engine, fiber, answer);
            }
            None => self.resume(lua, engine, fiber, Ok(Reply::Nothing)),
        });
    }

    /// Lets the current fiber run until it waits or ends.
    fn resume(&self, lua: Lua<'_>, engine: &Engine, fiber: Rc<Fiber>, with: Answer<'_>) {
        // Nothing can be raised in a call that was resumed: it gives nil and the error, "not enough memory".
        let with = &with.unwrap_or_else(|raise| {
            let error = match raise {
                Raise::Value(error) => error,
                _ => Value::Str("the call failed while it waited"),
            };
            Reply::Two(Value::Nil, error)
        });
        // Without memory for the results the call says so.
        self.switch(lua, engine, fiber, |lua, thread| {
            lua.resume_fiber(thread, with)
                .or_else(|fault| lua.resume_fiber(thread, &Reply::Two(Value::Nil, fault.0.into())))
        });
    }

    /// As [`resume`](Self::resume), of one whose call tries again by itself.
    fn resume_call(&self, lua: Lua<'_>, engine: &Engine, fiber: Rc<Fiber>) {
        let Call { coroutine, again, ended, .. } = fiber.call.get();
        self.again.set(ended.is_none().then_some(again));
        self.switch(lua, engine, fiber, |lua, thread| lua.resume_call(thread, coroutine, ended));
        self.again.set(None);
    }

    #[inline(always)]
    fn switch<'a>(
        &self,
        lua: Lua<'a>,
        engine: &Engine,
        fiber: Rc<Fiber>,
        resume: impl FnOnce(Lua<'a>, &Thread) -> Attempt<'a, Stopped>,
    ) {
        let Some(thread) = fiber.thread() else {
            self.current.borrow_mut().take();
            return;
        };
        self.innermost.set(thread.id());
        self.calls.set(0);
        let stopped = resume(lua, &thread);
        self.current.borrow_mut().take();
        self.innermost.set(0);
        let cause = self.cause.borrow_mut().take();
        self.after(lua, engine, fiber, &thread, stopped, cause);
    }

    /// The current fiber has stopped, and may have said why.
    fn after<'a>(
        &self,
        lua: Lua<'a>,
        engine: &Engine,
        fiber: Rc<Fiber>,
        thread: &Thread,
        stopped: Attempt<'a, Stopped>,
        cause: Option<Cause>,
    ) {
        if let Some(Cause::Parked(ticket)) = cause
            && !matches!(stopped, Ok(Stopped::Suspended))
        {
            // It could not yield.
            self.parking.borrow_mut().withdraw(&engine.backend, ticket);
        }
        match stopped {
            Ok(Stopped::Suspended) => self.set_aside(engine, fiber, cause),
            // A plain yield gives the others their turn. A cause besides: what waited for it could not yield, and raised.
            Ok(stopped @ Stopped::Yielded(_)) => {
                let _ = lua.take(thread, stopped);
                self.ready.borrow_mut().push_back((fiber, None));
            }
            Ok(Stopped::Returned(_)) if fiber.end_epilogue() => self.end(&fiber, Ending::Failed),
            Ok(Stopped::Returned(count)) => self.end(&fiber, Ending::Returned(count)),
            Ok(stopped @ Stopped::Failed) => self.fail(lua, fiber, thread, stopped),
            // It could not be resumed at all: somebody else did that.
            Err(fault) => {
                self.report(lua, thread, fault.0, None);
                self.end(&fiber, Ending::Taken);
            }
        }
    }

    /// A fiber has yielded for this.
    fn set_aside(&self, engine: &Engine, fiber: Rc<Fiber>, cause: Option<Cause>) {
        match cause {
            Some(Cause::Parked(ticket)) => {
                *fiber.stand.borrow_mut() = Stand::Parked(ticket);
                self.end_wait(&fiber);
            }
            Some(Cause::Operation { task, need, stand }) => {
                let patience = self.patience.get();
                let parked = Parked { task: Some(task), fiber: Rc::clone(&fiber) };
                let mut parking = self.parking.borrow_mut();
                let ticket = match stand {
                    Standing::New => parking.park(&engine.backend, parked, need, patience),
                    Standing::Tried => parking.park_tried(&engine.backend, parked, need, patience),
                    Standing::First(Again { began, .. }) => {
                        parking.park_ahead(&engine.backend, parked, need, (patience, began), true)
                    }
                    Standing::Next(Again { began, .. }) => {
                        parking.park_ahead(&engine.backend, parked, need, (patience, began), false)
                    }
                };
                drop(parking);
                *fiber.stand.borrow_mut() = Stand::Parked(ticket);
                self.end_wait(&fiber);
            }
            Some(Cause::Join(other, results)) if other.ending().is_none() => {
                *other.joiner.borrow_mut() = Some(Rc::clone(&fiber));
                *fiber.stand.borrow_mut() = Stand::Joining(other);
                self.joining.borrow_mut().insert(fiber.id(), (Rc::clone(&fiber), Some(results)));
                self.end_wait(&fiber);
            }
            Some(Cause::Join(_, results)) => {
                self.ready.borrow_mut().push_back((fiber, Some(results)));
            }
            Some(Cause::Turn(results)) => self.ready.borrow_mut().push_back((fiber, results)),
            None => self.ready.borrow_mut().push_back((fiber, None)),
        }
    }

    /// A fiber has raised, in what it was spawned for or while it cleaned up after that.
    fn fail(&self, lua: Lua<'_>, fiber: Rc<Fiber>, thread: &Thread, stopped: Stopped) {
        let calls = self.close_variables(lua, &fiber, thread);
        if fiber.end_epilogue() {
            if let Ok(error) = lua.take(thread, stopped) {
                self.report(lua, thread, error, calls);
            }
            return self.end(&fiber, Ending::Failed);
        }
        fiber.set_calls(calls);
        match fiber.begin_epilogue(lua) {
            Ok(true) => self.ready.borrow_mut().push_back((fiber, None)),
            // Without memory for an epilogue there is none.
            Ok(false) | Err(_) => self.end(&fiber, Ending::Failed),
        }
    }

    /// Closes what a fiber that has raised declared to be closed. A call that waits in there blocks: its coroutine runs no
    /// more. Where it was, for the report: its stack does not tell any more.
    fn close_variables(&self, lua: Lua<'_>, fiber: &Rc<Fiber>, thread: &Thread) -> Option<String> {
        if !CLOSES {
            return None;
        }
        let calls = lua.value(Value::Nil).and_then(|none| lua.traceback(thread, none));
        let calls = calls.ok().map(|calls| lua.text(calls));
        fiber.shield(1);
        *self.current.borrow_mut() = Some(Rc::clone(fiber));
        self.innermost.set(thread.id());
        lua.close_failed(thread);
        self.innermost.set(0);
        self.current.borrow_mut().take();
        fiber.shield(-1);
        calls
    }

    fn end(&self, fiber: &Rc<Fiber>, ending: Ending) {
        *fiber.stand.borrow_mut() = Stand::Ended(ending);
        let joiner = fiber.joiner.take();
        if let Some(joiner) = joiner {
            self.wake_joiner(&joiner);
        } else if fiber.is_detached() && ending == Ending::Failed {
            self.unreported.borrow_mut().push_back(Rc::clone(fiber));
        } else if fiber.is_detached() {
            fiber.take_thread();
        }
    }

    /// Takes what an ended fiber left: how it ended, and its values from the local on.
    pub fn take<'a>(&self, lua: Lua<'a>, fiber: &Fiber) -> Option<(Ending, Local<'a>)> {
        let ending = fiber.ending()?;
        *fiber.stand.borrow_mut() = Stand::Ended(Ending::Taken);
        let stopped = match ending {
            Ending::Returned(count) => Stopped::Returned(count),
            Ending::Failed => Stopped::Failed,
            Ending::Taken => return None,
        };
        let thread = fiber.take_thread()?;
        lua.take(&thread, stopped).ok().map(|first| (ending, first))
    }

    /// Reports the errors that nobody will ask for.
    pub fn report_all(&self, lua: Lua<'_>) {
        loop {
            let Some(fiber) = self.unreported.borrow_mut().pop_front() else { return };
            lua.scope(|lua| {
                if let Some(thread) = fiber.thread()
                    && let Some((Ending::Failed, error)) = self.take(lua, &fiber)
                {
                    self.report(lua, &thread, error, fiber.take_calls());
                }
            });
        }
    }

    fn report<'a>(&self, lua: Lua<'a>, thread: &Thread, error: Local<'a>, calls: Option<String>) {
        let silent = self.silence.borrow().as_ref().is_some_and(|silence| {
            let answer = lua.fetch(silence).and_then(|silence| lua.call(silence, &[error]));
            answer.is_ok_and(|it| lua.count(it) > 0 && lua.truth(it))
        });
        if silent {
            return;
        }
        let mut text = lua.text(error);
        if let Some(calls) = calls {
            text = format!("{text}\n{calls}");
        } else {
            let message = lua.value(lua.cx().bytes(text)).unwrap_or(error);
            text = lua.text(lua.traceback(thread, message).unwrap_or(message));
        }
        let _ = writeln!(std::io::stderr(), "moonsocket: error in a fiber: {text}");
    }
}

/// Makes a call, where somebody wants to be told of calls. So an interpreter does that gets a signal, and raises when it is
/// told; but in this coroutine nobody calls anything while fibers run.
fn heed_hook<'a>(lua: Lua<'a>) -> Attempt<'a, ()> {
    fn heed() -> Answer<'static> {
        Ok(Reply::Nothing)
    }
    if !lua.calls_are_hooked() {
        return Ok(());
    }
    lua.scope(|lua| lua.call(lua.function(function!("heed", heed))?, &[]).map(drop))
}
