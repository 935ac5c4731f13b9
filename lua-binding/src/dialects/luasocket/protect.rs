//! `newtry` and `protect`, in Lua: only there can a call be yielded across on every version.

use crate::fibers::crossing;
use crate::vm::{Answer, Given, Lua, Reply};

const SOURCE: &str = include_str!("protect.lua");

/// Adds them to the module's table, on a `pcall` that fibers can cross.
pub(super) fn setup<'a>(lua: Lua<'a>, module: Given<'a>) -> Answer<'a> {
    let pcall = match lua.calls_yield() {
        true => lua.global("pcall")?,
        false => lua.get(crossing::functions(lua)?, "call")?,
    };
    lua.call(lua.load(SOURCE, "=socket.core")?, &[module.local(), pcall])?;
    Ok(Reply::Nothing)
}
