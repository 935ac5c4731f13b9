//! What lets a fiber wait within coroutines and protected calls of its own: its Lua half, and the chain of coroutines
//! that pass the yields of such calls on.

use std::cell::RefCell;

use crate::socket::Engine;
use crate::vm::{
    Anchor, Answer, Any, Attempt, Call, Cx, Given, Local, Lua, Reply, Truth, Value, function,
};

const SOURCE: &str = include_str!("crossing.lua");

/// The Lua half's table, once it is loaded.
#[derive(Default)]
struct Loaded(RefCell<Option<Anchor>>);

/// The functions: `coroutine`, and `pcall` and `xpcall` where Lua's own cannot be crossed, for fibers to use in place of
/// Lua's; `call` and `xcall`, which are those or Lua's own; `install` and `restore`.
pub fn functions(lua: Lua<'_>) -> Attempt<'_, Local<'_>> {
    let loaded = lua.cx().state::<Loaded>();
    if let Some(anchor) = &*loaded.0.borrow() {
        return lua.fetch(anchor);
    }
    let enter = lua.function(function!("enter", enter, Call, Any, Truth))?;
    let leave = lua.function(function!("leave", leave, Call, Any))?;
    let suspend = lua.function(function!("suspend", suspend))?;
    let mark = lua.value(Value::Mark)?;
    let functions = lua.call(lua.load(SOURCE, "=moonsocket")?, &[enter, leave, suspend, mark])?;
    let anchor = lua.anchor(functions)?;
    *loaded.0.borrow_mut() = Some(anchor);
    Ok(functions)
}

/// Puts them in the place of Lua's.
pub(super) fn install(lua: Lua<'_>) -> Attempt<'_, ()> {
    let functions = functions(lua)?;
    let install = lua.get(functions, "install")?;
    lua.call(install, &[functions]).map(drop)
}

/// Puts Lua's back.
pub(super) fn restore(lua: Lua<'_>) -> Attempt<'_, ()> {
    let restore = lua.get(functions(lua)?, "restore")?;
    lua.call(restore, &[]).map(drop)
}

/// `enter(co, fresh)`: the running fiber goes on in this coroutine, whose yields the caller passes on. False: there is none,
/// or somebody is between who takes its yields, or lets none pass. Nil: it is not for the caller to go on in, because a call
/// waits in it; asked of a `fresh` one.
fn enter<'a>(cx: Cx<'a>, coroutine: Given<'a>, fresh: bool) -> Answer<'a> {
    if fresh && coroutine.awaits() {
        return Ok(Reply::One(Value::Nil));
    }
    let known = coroutine.coroutine().is_some_and(|id| Engine::of(cx).fibers.enter(cx, id));
    Ok(Reply::one(known))
}

/// `leave(co)`: it is back.
fn leave<'a>(cx: Cx<'a>, coroutine: Given<'a>) -> Answer<'a> {
    if let Some(id) = coroutine.coroutine() {
        Engine::of(cx).fibers.leave(cx, id);
    }
    Ok(Reply::Nothing)
}

/// `suspend()`: yields the mark. By Lua's own `yield` there would be no room promised for what the resume brings.
fn suspend() -> Answer<'static> {
    Ok(Reply::Suspend)
}
