//! Fibers as Emilua has them: their handles, and what the running one says of itself.

use std::rc::Rc;

use moonsocket_core::ops::Sleep;
use moonsocket_core::{Error, ErrorKind, errno};
use std::time::Duration;

use super::error::{self, GENERIC, coded, fail};
use super::wait;
use crate::fibers::{Answering, Ending, Fiber, Halt};
use crate::socket::Engine;
use crate::vm::{
    Answer, Any, AnyClass, Body, Call, Class, Cx, Family, Function, Given, Lua, Machine, Number,
    Raise, Reply, function, method,
};

/// A fiber's handle. Without it nobody asks how the fiber ends.
pub(super) struct FiberHandle {
    engine: Rc<Engine>,
    fiber: Rc<Fiber>,
    /// It may be joined.
    joinable: bool,
}

impl Drop for FiberHandle {
    fn drop(&mut self) {
        if self.joinable {
            self.engine.fibers.detach(&self.fiber);
        }
    }
}

impl Body for FiberHandle {
    const FAMILY: &'static Family = &Family {
        name: "fiber",
        classes: &[Class { name: "fiber", marks: &[] }],
        methods: &[
            method!("detach", FiberHandle, AnyClass, detach),
            method!("interrupt", FiberHandle, AnyClass, interrupt),
            method!("joinable", FiberHandle, AnyClass, joinable),
        ],
        stranger: "fiber expected",
    };

    fn misplaced() -> Option<Reply<'static>> {
        error::misplaced()
    }
}

/// The functions that are no methods.
pub(super) const FUNCTIONS: &[Function] = &[
    method!("abort", FiberHandle, AnyClass, abort),
    function!("alone", alone, Machine, Any),
    function!("check", check, Call),
    function!("current", current, Machine),
    function!("epilogue", epilogue, Machine, Any),
    function!("forbid", forbid, Call, Number),
    function!("join", join, Machine, Any),
    function!("kill", kill, Machine),
    function!("now", now),
    function!("report", report, Machine),
    function!("rest", rest, Machine),
    function!("root", root, Machine),
    function!("running", running, Call),
    function!("shield", shield, Call, Number),
    function!("silence", silence, Machine, Any),
    function!("sleep", sleep, Machine, Number),
    function!("spawn", spawn, Machine, Any),
    function!("turn", turn, Call),
];

/// `spawn(f)`: a fiber, and its handle.
fn spawn<'a>(lua: Lua<'a>, f: Given<'a>) -> Answer<'a> {
    let engine = Engine::of(lua.cx());
    let fiber = engine.fibers.spawn(lua.thread(f.local(), &[])?);
    Ok(Reply::One(lua.cx().object(FiberHandle { engine, fiber, joinable: true })))
}

/// `alone(f)`: lets fibers run until one of `f` has ended: true and its results; false and its error; or nil and why
/// it cannot end.
fn alone<'a>(lua: Lua<'a>, f: Given<'a>) -> Answer<'a> {
    let engine = Engine::of(lua.cx());
    let fiber = engine.fibers.spawn(lua.thread(f.local(), &[])?);
    match engine.fibers.run(lua, &engine, Some(&fiber))? {
        Halt::Ended => {}
        Halt::Busy => return Err(Raise::here("fibers are running already")),
        Halt::Deadlock => return coded(errno::EDEADLK, GENERIC),
        Halt::Failed(code) => return fail(lua.cx(), &Error::new(ErrorKind::Os(code), "run")),
    }
    outcome(lua, &engine, &fiber)
}

/// True and what a fiber returned, or false and its error.
fn outcome<'a>(lua: Lua<'a>, engine: &Engine, fiber: &Fiber) -> Answer<'a> {
    let returned = matches!(fiber.ending(), Some(Ending::Returned(_)));
    let first = lua.value(returned)?;
    match engine.fibers.take(lua, fiber) {
        Some(_) => Ok(Reply::From(first)),
        None => coded(errno::EINVAL, GENERIC),
    }
}

/// `running()`: is there a scheduler at work?
fn running(cx: Cx<'_>) -> Answer<'_> {
    Ok(Reply::one(Engine::of(cx).fibers.are_running()))
}

/// `kill()`: ends all fibers, and what they wait for.
fn kill(lua: Lua<'_>) -> Answer<'_> {
    Engine::of(lua.cx()).fibers.clear();
    // What only they used can be collected from here on.
    lua.tidy();
    Ok(Reply::Nothing)
}

/// `report()`: reports the errors of fibers whose handles have gone, unless the scheduler will.
fn report(lua: Lua<'_>) -> Answer<'_> {
    let engine = Engine::of(lua.cx());
    if !engine.fibers.are_running() {
        engine.fibers.report_all(lua);
    }
    Ok(Reply::Nothing)
}

/// `join(handle)`: as [`alone`], of a fiber that was spawned before.
fn join<'a>(lua: Lua<'a>, handle: Given<'a>) -> Answer<'a> {
    let engine = Engine::of(lua.cx());
    let Some(handle) = handle.to_object::<FiberHandle>() else { return error::invalid(1) };
    let Some((fiber, joinable)) = handle.with(|it| (Rc::clone(&it.fiber), it.joinable)) else {
        return coded(errno::EINVAL, GENERIC);
    };
    let current = engine.fibers.current();
    if current.as_ref().is_some_and(|current| Rc::ptr_eq(current, &fiber)) {
        return coded(errno::EDEADLK, GENERIC);
    }
    if !joinable || fiber.is_awaited() {
        return coded(errno::EINVAL, GENERIC);
    }
    if let Some(refusal) = wait::refusal(&engine) {
        return refusal;
    }
    if fiber.ending().is_some() {
        handle.with(|it| it.joinable = false);
        return outcome(lua, &engine, &fiber);
    }
    if !(engine.fibers.may_suspend(lua.cx()) && lua.cx().can_yield()) {
        // Nobody could run to its end meanwhile.
        return coded(errno::EDEADLK, GENERIC);
    }
    let Some(held) = lua.cx().hold::<FiberHandle>(1) else { return coded(errno::EINVAL, GENERIC) };
    engine.fibers.suspend_join(fiber, Box::new(Joined { held, aborted: false }));
    Ok(Reply::Suspend)
}

struct Joined {
    held: crate::vm::Held<FiberHandle>,
    /// The joining fiber was interrupted: the other may be joined later.
    aborted: bool,
}

impl Answering for Joined {
    fn answer<'a>(&mut self, lua: Lua<'a>) -> Answer<'a> {
        let engine = Engine::of(lua.cx());
        let aborted = self.aborted;
        let ended = self.held.with(|it| {
            let ended = !aborted && it.fiber.ending().is_some();
            it.joinable &= !ended;
            ended.then(|| Rc::clone(&it.fiber))
        });
        match ended.flatten() {
            Some(fiber) => outcome(lua, &engine, &fiber),
            None => fail(lua.cx(), &Error::new(ErrorKind::Cancelled, "join")),
        }
    }
    fn abort(&mut self) {
        self.aborted = true;
    }
}

fn detach(this: &mut FiberHandle) -> Answer<'static> {
    if !this.joinable || this.fiber.is_awaited() {
        return coded(errno::EINVAL, GENERIC);
    }
    this.joinable = false;
    this.engine.fibers.detach(&this.fiber);
    Ok(Reply::one(true))
}

fn interrupt(this: &mut FiberHandle) -> Answer<'static> {
    this.engine.fibers.interrupt(&this.fiber);
    Ok(Reply::one(true))
}

/// Ends what it waits for now, without more.
fn abort(this: &mut FiberHandle) -> Answer<'static> {
    this.engine.fibers.abort(&this.fiber);
    Ok(Reply::Nothing)
}

fn joinable(this: &mut FiberHandle) -> Answer<'static> {
    Ok(Reply::one(this.joinable))
}

/// `root()`: the running fiber's coroutine; nil outside.
fn root(lua: Lua<'_>) -> Answer<'_> {
    match Engine::of(lua.cx()).fibers.current().and_then(|fiber| fiber.thread()) {
        Some(thread) => Ok(Reply::one(lua.local(thread.value())?)),
        None => Ok(Reply::Nothing),
    }
}

/// `current()`: a handle of the running fiber that nobody joins; nil outside.
fn current(lua: Lua<'_>) -> Answer<'_> {
    let engine = Engine::of(lua.cx());
    let Some(fiber) = engine.fibers.current() else { return Ok(Reply::Nothing) };
    Ok(Reply::One(lua.cx().object(FiberHandle { engine, fiber, joinable: false })))
}

/// `epilogue(f)`: what the running fiber does should it fail.
fn epilogue<'a>(lua: Lua<'a>, f: Given<'a>) -> Answer<'a> {
    if let Some(fiber) = Engine::of(lua.cx()).fibers.current() {
        fiber.set_epilogue(lua.anchor(f.local())?);
    }
    Ok(Reply::Nothing)
}

/// `rest()`: lets fibers run until all have ended; true, or nil and why that cannot be.
fn rest(lua: Lua<'_>) -> Answer<'_> {
    let engine = Engine::of(lua.cx());
    match engine.fibers.run(lua, &engine, None)? {
        Halt::Ended => Ok(Reply::one(true)),
        Halt::Busy => Err(Raise::here("fibers are running already")),
        Halt::Deadlock => coded(errno::EDEADLK, GENERIC),
        Halt::Failed(code) => fail(lua.cx(), &Error::new(ErrorKind::Os(code), "run")),
    }
}

/// `check()`: true, or that the fiber is interrupted.
fn check(cx: Cx<'_>) -> Answer<'_> {
    match Engine::of(cx).fibers.current() {
        Some(fiber) if fiber.is_interrupted() => {
            fail(cx, &Error::new(ErrorKind::Cancelled, "check"))
        }
        _ => Ok(Reply::one(true)),
    }
}

/// `shield(1)` defers interruptions, `shield(-1)` admits them again: false when they were not deferred.
fn shield(cx: Cx<'_>, by: f64) -> Answer<'_> {
    let fiber = Engine::of(cx).fibers.current();
    Ok(Reply::one(fiber.is_some_and(|fiber| fiber.shield(by as i32))))
}

/// `forbid(1)` forbids calls that wait, `forbid(-1)` allows them again: false when they were not forbidden.
fn forbid(cx: Cx<'_>, by: f64) -> Answer<'_> {
    let fiber = Engine::of(cx).fibers.current();
    Ok(Reply::one(fiber.is_some_and(|fiber| fiber.forbid(by as i32))))
}

/// `silence(f)`: errors of which `f` says true are not reported.
fn silence<'a>(lua: Lua<'a>, f: Given<'a>) -> Answer<'a> {
    Engine::of(lua.cx()).fibers.silence(lua.anchor(f.local())?);
    Ok(Reply::Nothing)
}

/// `turn()`: lets the others have their turn.
fn turn(cx: Cx<'_>) -> Answer<'_> {
    struct True;
    impl Answering for True {
        fn answer<'a>(&mut self, _: Lua<'a>) -> Answer<'a> {
            Ok(Reply::one(true))
        }
    }
    let engine = Engine::of(cx);
    if let Some(refusal) = wait::refusal(&engine) {
        return refusal;
    }
    if !(engine.fibers.may_suspend(cx) && cx.can_yield()) {
        return Ok(Reply::one(true));
    }
    engine.fibers.suspend_turn(Some(Box::new(True)));
    Ok(Reply::Suspend)
}

/// `now()`: seconds on a clock that never steps.
fn now() -> Answer<'static> {
    Ok(Reply::one(moonsocket_core::os::monotonic_s()))
}

/// `sleep(seconds)`.
fn sleep(lua: Lua<'_>, seconds: f64) -> Answer<'_> {
    if !(0.0..=f64::MAX).contains(&seconds) {
        return coded(errno::EDOM, GENERIC);
    }
    // To sleep is to let the others have their turn, however short.
    let time = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    wait::run_free(lua, Sleep::new(time.max(Duration::from_nanos(1))), |lua, out| match out {
        Ok(()) => Ok(Reply::one(true)),
        Err(error) => fail(lua.cx(), &error),
    })
}
