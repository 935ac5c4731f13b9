//! What LuaSec's connections need to be told of fibers: the rest is in Lua, on their own methods.

use std::cell::Cell;

use super::control;
use crate::door::HasSocket;
use crate::socket::Engine;
use crate::vm::{Answer, Any, Attempt, Call, Cx, Kind, Lua, Machine, Number, Ref, Reply, function};

const SOURCE: &str = include_str!("luasec.lua");

/// Whether it was told, in this Lua state.
#[derive(Default)]
struct Told(Cell<bool>);

/// `setfd(n)` of streams: see [`control::setfd`]. It is how LuaSec takes a descriptor over, so the first one finds it
/// loaded, and none of its connections in use.
pub(super) fn setfd<'a, T: HasSocket>(
    this: Ref<'a, T>,
    lua: Lua<'a>,
    descriptor: f64,
) -> Answer<'a> {
    this.with(|object| control::setfd(object, descriptor));
    // Only who gives the descriptor up may have given it to LuaSec.
    if descriptor < 0.0 {
        let told = lua.cx().state::<Told>();
        if !told.0.get() {
            told.0.set(tell(lua)?);
        }
    }
    Ok(Reply::Nothing)
}

/// False: there is no LuaSec.
fn tell(lua: Lua<'_>) -> Attempt<'_, bool> {
    let class = lua.registered("SSL:Connection")?;
    if lua.kind(class) != Kind::Table {
        return Ok(false);
    }
    let methods = lua.get(class, "__index")?;
    if lua.kind(methods) == Kind::Table {
        let select = function!("select", super::select::select, Machine, Any, Any, Option<Number>);
        let select = lua.function(select)?;
        let monotime = lua.function(function!(show "monotime", super::monotime))?;
        let suspends = lua.function(function!("suspends", suspends, Call))?;
        let closing = lua.function(function!("closing", closing, Call, Number))?;
        lua.call(
            lua.load(SOURCE, "=moonsocket")?,
            &[methods, select, monotime, suspends, closing],
        )?;
    }
    Ok(true)
}

/// `suspends()`: would a call that waits suspend a fiber here?
fn suspends(cx: Cx<'_>) -> Answer<'_> {
    Ok(Reply::one(Engine::of(cx).fibers.may_suspend(cx)))
}

/// `closing(fd)`: this descriptor is about to go.
fn closing(cx: Cx<'_>, descriptor: f64) -> Answer<'_> {
    let engine = Engine::of(cx);
    engine.fibers.closing(&engine.backend, descriptor as i32);
    Ok(Reply::Nothing)
}
