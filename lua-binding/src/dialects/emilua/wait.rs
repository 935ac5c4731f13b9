//! How Emilua's calls wait: interruption first, then an attempt, then the others' turn.

use std::rc::Rc;

use moonsocket_core::{Handle, Limit, Operation};

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
    this: &mut T,
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
    if engine.fibers.others_are_ready() {
        engine.fibers.end_share();
    }
    door::run_free(lua, &engine, operation, Limit::FOREVER.into(), finish)
}
