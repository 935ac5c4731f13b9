//! `moonsocket.spawn` and `moonsocket.run`: fibers without a handle.

use crate::socket::Engine;
use crate::vm::{Answer, Given, Kind, Lua, Others, Raise, Reply, Value};

use super::{Halt, crossing};

/// `spawn(f, ...)`: a new fiber that will call `f` with the arguments when `run` gives it its turn.
pub fn spawn<'a>(lua: Lua<'a>, f: Given<'a>, rest: Others<'a>) -> Answer<'a> {
    if f.kind() != Kind::Function {
        return Err(Raise::Type(1, "function"));
    }
    let engine = Engine::of(lua.cx());
    let args: Vec<_> = (0..rest.count()).map(|i| rest.get(i).local()).collect();
    let fiber = engine.fibers.spawn(lua.thread(f.local(), &args)?);
    engine.fibers.detach(&fiber);
    Ok(Reply::Nothing)
}

/// `run()`: lets fibers run until all have ended. An error in one is reported on stderr and ends that one.
pub fn run(lua: Lua<'_>) -> Answer<'_> {
    let engine = Engine::of(lua.cx());
    if engine.fibers.are_running() {
        return Err(Raise::here("fibers are running already"));
    }
    crossing::install(lua)?;
    let halt = engine.fibers.run(lua, &engine, None);
    crossing::restore(lua)?;
    match halt? {
        Halt::Ended => Ok(Reply::one(true)),
        Halt::Busy => Err(Raise::here("fibers are running already")),
        Halt::Deadlock => Ok((Value::Nil, "deadlock").into()),
        Halt::Failed(errno) => {
            let text = moonsocket_core::os::error_text(errno);
            Ok((Value::Nil, lua.cx().bytes(text)).into())
        }
    }
}
