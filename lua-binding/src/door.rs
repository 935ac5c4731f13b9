//! The one place where calls of every dialect wait: outside of fibers by the blocking driver, inside one by parking
//! the operation and suspending that fiber alone.

use std::time::Duration;

use moonsocket_core::ops::Sleep;
use moonsocket_core::park::Bound;
use moonsocket_core::{
    Attempt, Attempted, Backend as _, Error, Handle, Interest, Limit, Need, Operation, Patience,
    Step, Stop, advance, drive, drive_after,
};

use crate::backend::Chosen;
use crate::fibers::{Again, Standing};
use crate::socket::{Engine, Socket};
use crate::vm::{Answer, Body, Cx, Lua, Reply};
use crate::waiting::{
    Done, LOOKUP_LIMIT, OnObject, OnlyLookup, Owned, Parked, ParkedFree, ParkedOwned,
};
pub use crate::waiting::{Finish, FinishOwned, Waiting};

/// An object that has a socket inside.
pub trait HasSocket: Body {
    /// The socket.
    fn socket(&mut self) -> &mut Socket;
}

/// How a call went on.
pub enum Outcome<T> {
    /// It is done.
    Now(T),
    /// The operation is parked: answer with [`Reply::Suspend`].
    Later,
}

/// Runs an operation on the running method's object.
///
/// In a fiber whose VM can yield, what cannot be done at once is parked, and `finish` makes the results when it is done.
pub fn run<T, O>(
    cx: Cx<'_>,
    this: &mut T,
    mut operation: O,
    patience: Patience,
    finish: Finish<T, O::Out>,
) -> Outcome<O::Out>
where
    T: HasSocket,
    O: Operation<Chosen, On = Handle<Chosen>> + 'static,
{
    match begin(cx, this, &mut operation, patience) {
        Begun::Done(out) => Outcome::Now(out),
        Begun::Waits(begun) => go_on(cx, this, operation, patience, begun, finish),
    }
}

/// What [`begin`] came to.
pub enum Begun<T> {
    /// It is done.
    Done(T),
    /// It waits for this, in a fiber: [`go_on`].
    Waits(Awaited),
}

/// What an operation that has begun waits for.
#[derive(Clone, Copy, Debug)]
pub struct Awaited {
    need: Need,
    stand: Standing,
    /// Its next attempt is its last.
    once: bool,
}

impl Awaited {
    /// An attempt has found that it must wait; of a call that tries `again` it was its turn.
    fn tried(need: Need, again: Option<Again>) -> Self {
        let stand = again.map_or(Standing::Tried, Standing::First);
        Self { need, stand, once: false }
    }

    /// For the fiber's next turn. Until then it has its place before whoever else asks for the same of its socket.
    fn turn(direction: Interest, again: Option<Again>) -> Self {
        if direction.is_none() {
            return Self::tried(Need::Pause(Duration::ZERO), again);
        }
        let stand = again.map_or(Standing::New, Standing::Next);
        Self { need: Need::Io(direction), stand, once: false }
    }
}

/// Makes the first attempt of an operation on the running method's object, or outside of fibers all of them.
#[inline]
pub fn begin<T, O>(cx: Cx<'_>, this: &mut T, operation: &mut O, patience: Patience) -> Begun<O::Out>
where
    T: HasSocket,
    O: Operation<Chosen, On = Handle<Chosen>>,
{
    let Socket { handle, engine, .. } = this.socket();
    if !engine.fibers.may_suspend(cx) {
        return Begun::Done(drive(&engine.backend, operation, handle, patience));
    }
    begin_in_fiber(engine, handle, operation, patience)
}

/// Answers with what was done at once; in a fiber only when those that are ready have had their turn.
pub fn in_turn<'a, T: HasSocket, O: 'static>(
    cx: Cx<'a>,
    this: &mut T,
    out: O,
    finish: Finish<T, O>,
) -> Answer<'a> {
    let fibers = &this.socket().engine.fibers;
    if !(fibers.others_are_ready() && fibers.may_suspend(cx) && cx.can_yield()) {
        return finish(cx, this, out);
    }
    let Some(held) = cx.hold_own::<T>() else { return finish(cx, this, out) };
    fibers.suspend_turn(Some(Box::new(Done { held, out: Some(out), finish })));
    Ok(Reply::Suspend)
}

#[inline(never)]
fn begin_in_fiber<O>(
    engine: &Engine,
    handle: &mut Handle<Chosen>,
    operation: &mut O,
    patience: Patience,
) -> Begun<O::Out>
where
    O: Operation<Chosen, On = Handle<Chosen>>,
{
    let Engine { backend, fibers, .. } = engine;
    let direction = operation.direction();
    let patience = fibers.patience_of_call(patience);
    if let Some(signal) = patience.signal(backend) {
        return Begun::Done(operation.stop(handle, signal));
    }
    let zero = patience.whole.is_zero();
    let again = fibers.take_again();
    let is_contended = || fibers.is_contended(handle.descriptor(), direction);
    if !direction.is_none() && again.is_none() && is_contended() {
        let need = Need::Io(direction);
        return Begun::Waits(Awaited { need, stand: Standing::New, once: false });
    }
    if fibers.had_its_share() {
        return Begun::Waits(Awaited { once: zero, ..Awaited::turn(direction, again) });
    }
    let step = advance(backend, operation, handle, zero);
    begun(operation, handle, step, zero, again)
}

/// What an attempt in a fiber comes to; `zero`: there is no time.
fn begun<O>(
    operation: &mut O,
    handle: &mut Handle<Chosen>,
    step: Step<O::Out>,
    zero: bool,
    again: Option<Again>,
) -> Begun<O::Out>
where
    O: Operation<Chosen, On = Handle<Chosen>>,
{
    match step {
        Step::Done(out) => Begun::Done(out),
        Step::Again | Step::Interrupted => {
            Begun::Waits(Awaited::turn(operation.direction(), again))
        }
        Step::Wait(_) if zero => Begun::Done(operation.stop(handle, Stop::Timeout)),
        Step::Wait(need) => Begun::Waits(Awaited::tried(need, again)),
    }
}

/// Parks an operation that has begun; where the fiber cannot yield, it blocks the thread.
#[inline(never)]
pub fn go_on<T, O>(
    cx: Cx<'_>,
    this: &mut T,
    operation: O,
    patience: Patience,
    begun: Awaited,
    finish: Finish<T, O::Out>,
) -> Outcome<O::Out>
where
    T: HasSocket,
    O: Operation<Chosen, On = Handle<Chosen>> + 'static,
{
    // No object cannot be: a method's is at hand.
    let Some(held) = cx.can_yield().then(|| cx.hold_own::<T>()).flatten() else {
        return Outcome::Now(block(this, operation, patience));
    };
    let Awaited { need, stand, once } = begun;
    let patience = match stand {
        Standing::First(again) | Standing::Next(again) => again.patience,
        Standing::New | Standing::Tried => patience,
    };
    let bound = Bound::new(operation, OnObject(held)).once(once);
    let patience = if once { Patience::default() } else { patience };
    let fibers = &this.socket().engine.fibers;
    fibers.suspend(Box::new(Parked { bound, finish }), need, patience, stand);
    Outcome::Later
}

/// Goes on with an operation that has begun, blocking the thread.
pub fn block<T, O>(this: &mut T, mut operation: O, patience: Patience) -> O::Out
where
    T: HasSocket,
    O: Operation<Chosen, On = Handle<Chosen>>,
{
    let Socket { handle, engine, .. } = this.socket();
    drive(&engine.backend, &mut operation, handle, patience)
}

/// As [`begin`], where a shortcut may have made the first attempt.
pub fn begin_after<T, O>(
    cx: Cx<'_>,
    this: &mut T,
    operation: &mut O,
    patience: Patience,
    attempt: Option<&Attempt>,
) -> Begun<O::Out>
where
    T: HasSocket,
    O: Attempted<Chosen> + Operation<Chosen, On = Handle<Chosen>>,
{
    let Some(attempt) = attempt else { return begin(cx, this, operation, patience) };
    let Socket { handle, engine, .. } = this.socket();
    if let Some(why) = attempt.stopped() {
        return Begun::Done(operation.stop(handle, why));
    }
    if !engine.fibers.may_suspend(cx) {
        return Begun::Done(drive_after(&engine.backend, operation, handle, patience, *attempt));
    }
    let zero = engine.fibers.patience_of_call(patience).whole.is_zero();
    let again = engine.fibers.take_again();
    let mut step = operation.after(handle, attempt.outcome());
    if matches!(step, Step::Again | Step::Interrupted) {
        step = advance(&engine.backend, operation, handle, zero);
    }
    begun(operation, handle, step, zero, again)
}

/// As [`run`], where a shortcut may have made the first attempt.
pub fn run_after<T, O>(
    cx: Cx<'_>,
    this: &mut T,
    mut operation: O,
    patience: Patience,
    attempt: Option<&Attempt>,
    finish: Finish<T, O::Out>,
) -> Outcome<O::Out>
where
    T: HasSocket,
    O: Attempted<Chosen> + Operation<Chosen, On = Handle<Chosen>> + 'static,
{
    match begin_after(cx, this, &mut operation, patience, attempt) {
        Begun::Done(out) => Outcome::Now(out),
        Begun::Waits(begun) => go_on(cx, this, operation, patience, begun, finish),
    }
}

/// As [`run`], where one function makes the results in either case.
pub fn answer<'a, T, O>(
    cx: Cx<'a>,
    this: &mut T,
    operation: O,
    patience: Patience,
    finish: Finish<T, O::Out>,
) -> Answer<'a>
where
    T: HasSocket,
    O: Operation<Chosen, On = Handle<Chosen>> + 'static,
{
    match run(cx, this, operation, patience, finish) {
        Outcome::Now(out) => finish(cx, this, out),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

/// Waits for time alone; in a fiber it lets the others have their turn, however short it is.
pub fn sleep<'a, F>(lua: Lua<'a>, time: Duration, finish: F) -> Answer<'a>
where
    F: for<'b> FnOnce(Lua<'b>, Result<(), Error>) -> Answer<'b> + 'static,
{
    let engine = Engine::of(lua.cx());
    let suspends = engine.fibers.may_suspend(lua.cx());
    let time = if suspends { time.max(Duration::from_nanos(1)) } else { time };
    run_free(lua, &engine, Sleep::new(time), Limit::FOREVER.into(), finish)
}

/// Runs an operation that no object belongs to; `finish` makes the call's results of its own.
pub fn run_free<'a, O, F>(
    lua: Lua<'a>,
    engine: &Engine,
    mut operation: O,
    patience: Patience,
    finish: F,
) -> Answer<'a>
where
    O: Operation<Chosen, On = ()> + 'static,
    F: for<'b> FnOnce(Lua<'b>, O::Out) -> Answer<'b> + 'static,
{
    let backend = &engine.backend;
    if !engine.fibers.may_suspend(lua.cx()) {
        return finish(lua, drive(backend, &mut operation, &mut (), patience));
    }
    if let Some(signal) = patience.signal(backend) {
        return finish(lua, operation.stop(&mut (), signal));
    }
    let zero = patience.whole.is_zero();
    let mut once = false;
    let need = if engine.fibers.had_its_share() {
        once = zero;
        Need::Pause(Duration::ZERO)
    } else {
        let mut step = advance(backend, &mut operation, &mut (), zero);
        if matches!(step, Step::Wait(Need::Many)) {
            // What a failing look is about, the wait reports.
            let _ = backend.look(operation.watches());
            step = advance(backend, &mut operation, &mut (), zero);
        }
        match step {
            Step::Done(out) => return finish(lua, out),
            Step::Again | Step::Interrupted => Need::Pause(Duration::ZERO),
            Step::Wait(_) if zero => return finish(lua, operation.stop(&mut (), Stop::Timeout)),
            Step::Wait(need) => need,
        }
    };
    if !lua.cx().can_yield() {
        return finish(lua, drive(backend, &mut operation, &mut (), patience));
    }
    let bound = Bound::new(operation, ()).once(once);
    let patience = if once { Patience::default() } else { patience };
    let parked = Box::new(ParkedFree { bound, finish: Some(finish) });
    engine.fibers.suspend(parked, need, patience, Standing::Tried);
    Ok(Reply::Suspend)
}

/// Runs an operation on an object that Lua has not seen yet, and makes the call's answer of both.
pub fn run_owned<'a, T, O>(
    cx: Cx<'a>,
    mut this: T,
    mut operation: O,
    patience: Patience,
    finish: FinishOwned<T, O::Out>,
) -> Answer<'a>
where
    T: HasSocket,
    O: Operation<Chosen, On = Handle<Chosen>> + 'static,
{
    let Socket { handle, engine, .. } = this.socket();
    let engine = std::rc::Rc::clone(engine);
    if !engine.fibers.may_suspend(cx) {
        let out = drive(&engine.backend, &mut operation, handle, patience);
        return finish(cx, this, out);
    }
    if let Some(signal) = patience.signal(&engine.backend) {
        let out = operation.stop(handle, signal);
        return finish(cx, this, out);
    }
    let need = match advance(&engine.backend, &mut operation, handle, false) {
        Step::Done(out) => return finish(cx, this, out),
        Step::Again | Step::Interrupted => Need::Pause(Duration::ZERO),
        Step::Wait(need) => need,
    };
    if !cx.can_yield() {
        let out = drive(&engine.backend, &mut operation, handle, patience);
        return finish(cx, this, out);
    }
    let bound = Bound::new(operation, Owned(Some(this)));
    let parked = Box::new(ParkedOwned { bound, finish });
    engine.fibers.suspend(parked, need, patience, Standing::Tried);
    Ok(Reply::Suspend)
}

/// As [`answer`], for what may look a name up first. On an object whose limit is zero that has a limit of its own.
pub fn answer_named<'a, T, O>(
    cx: Cx<'a>,
    this: &mut T,
    operation: O,
    patience: Patience,
    finish: Finish<T, O::Out>,
) -> Answer<'a>
where
    T: HasSocket,
    O: Operation<Chosen, On = Handle<Chosen>> + 'static,
{
    // Only a lookup waits for no direction of the socket.
    if patience.whole.is_zero() && operation.interest().is_none() {
        let patience = Patience { whole: LOOKUP_LIMIT, ..patience };
        return answer(cx, this, OnlyLookup(operation), patience, finish);
    }
    answer(cx, this, operation, patience, finish)
}
