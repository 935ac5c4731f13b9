//! How Emilua's calls wait: interruption first, then an attempt, then the others' turn.

use std::rc::Rc;
use std::time::Duration;

use moonsocket_core::{Handle, Interest, Limit, Mode, Need, Operation, Step, Stop, Watch};

use super::error::{CORE, FORBIDDEN, INTERRUPTED, coded};
use crate::backend::Chosen;
use crate::door::{self, Finish, HasSocket, Outcome};
use crate::socket::Engine;
use crate::vm::{Answer, Cx, Lua, Reply, Value};

/// What keeps a call from waiting: it is outside of fibers (`nil, false`; the Lua half then makes a fiber of it), it is
/// forbidden, or the fiber is to end.
pub(super) fn refusal<'a>(engine: &Engine) -> Option<Answer<'a>> {
    let Some(fiber) = engine.fibers.current() else {
        return Some(Ok(Reply::Two(Value::Nil, Value::Boolean(false))));
    };
    if fiber.is_forbidden() {
        Some(coded(FORBIDDEN, CORE))
    } else if fiber.is_interrupted() {
        Some(coded(INTERRUPTED, CORE))
    } else {
        None
    }
}

/// Runs an operation on the running method's object.
pub(super) fn run<'a, T, O>(
    cx: Cx<'a>,
    this: &'a mut T,
    operation: O,
    finish: Finish<T, O::Out>,
) -> Answer<'a>
where
    T: HasSocket,
    O: Operation<Chosen, On = Handle<Chosen>> + 'static,
    O::Out: 'static,
{
    let engine = Rc::clone(&this.socket().engine);
    if let Some(refusal) = refusal(&engine) {
        return refusal;
    }
    match door::run(cx, this, operation, Limit::FOREVER.into(), finish) {
        Outcome::Now(out) => door::in_turn(cx, this, out, finish),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

/// Runs an operation that no object belongs to.
pub(super) fn run_free<'a, O, F>(lua: Lua<'a>, operation: O, finish: F) -> Answer<'a>
where
    O: Operation<Chosen, On = ()> + 'static,
    F: for<'b> FnOnce(Lua<'b>, O::Out) -> Answer<'b> + 'static,
{
    let engine = Engine::of(lua.cx());
    if let Some(refusal) = refusal(&engine) {
        return refusal;
    }
    let turn = engine.fibers.others_are_ready();
    let operation = InTurn { operation, turn, out: None };
    door::run_free(lua, &engine, operation, Limit::FOREVER.into(), finish)
}

/// An operation that is not done before the others have had their turn, however soon it could be.
struct InTurn<O: Operation<Chosen>> {
    operation: O,
    turn: bool,
    out: Option<O::Out>,
}

impl<O: Operation<Chosen>> Operation<Chosen> for InTurn<O> {
    type On = O::On;
    type Out = O::Out;

    fn interest(&self) -> Interest {
        self.operation.interest()
    }

    fn step(&mut self, backend: &Chosen, on: &mut O::On, mode: Mode) -> Step<O::Out> {
        if let Some(out) = self.out.take() {
            return Step::Done(out);
        }
        let step = self.operation.step(backend, on, mode);
        match (std::mem::take(&mut self.turn), step) {
            (true, Step::Done(out)) => {
                self.out = Some(out);
                Step::Wait(Need::Pause(Duration::ZERO))
            }
            (_, step) => step,
        }
    }

    fn stop(&mut self, on: &mut O::On, why: Stop) -> O::Out {
        self.out.take().unwrap_or_else(|| self.operation.stop(on, why))
    }

    fn watches(&mut self) -> &mut [Watch] {
        self.operation.watches()
    }
}
