//! The LuaSocket scripts on the system's LuaSocket: the suite is judged by the original.

use std::process::Command;

use super::{Column, Row, Session, scripts};
use crate::args::Failure;
use crate::lua::{self, Lua};
use crate::tally::Tally;

pub(super) const DIALECT: &str = "luasocket";
pub(super) const ROW: Row<'_> = Row { suite: DIALECT, on: "LuaSocket" };

/// Fills the row of the original, one cell per installed Lua that has it.
pub(super) fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    if session.options.dialect.as_deref().is_some_and(|dialect| dialect != DIALECT) {
        return Ok(());
    }
    let row = ROW;
    for lua in Lua::ALL {
        let column = Column::Module(lua);
        // No distribution has one for 5.5 yet: a cell that is always empty would only hide one that became so.
        if lua == Lua::V55 || !session.options.wants(column) {
            continue;
        }
        let interpreter = match lua.installed() {
            Ok(path) => path,
            Err(why) => {
                session.skip(row, column, why);
                continue;
            }
        };
        if !lua::has_luasocket(&interpreter) {
            session.skip(row, column, "no LuaSocket (lua-socket)");
            continue;
        }
        let mut command = lua::plain(Command::new(&interpreter));
        command.current_dir(&session.project.root);
        scripts::arguments(session, &mut command, DIALECT);
        session.fill(row, column, command.arg("--oracle"), Tally::closing_line);
    }
    Ok(())
}
