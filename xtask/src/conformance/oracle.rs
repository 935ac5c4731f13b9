//! Dialects' scripts on their originals: each suite is judged by what it stands in for.

use std::path::Path;
use std::process::Command;

use super::{Cell, Column, Row, Session, scripts};
use crate::args::Failure;
use crate::lua::{self, Lua};
use crate::tally::Tally;

/// Names a checkout of Neopallium/nixio in which `make LUA_CFLAGS=-I… NIXIO_TLS= compile` was run for Lua 5.1. Nobody
/// packages it, so without the variable it is left out.
const NIXIO: &str = "MOONSOCKET_NIXIO";

/// The original of a dialect.
struct Original {
    row: Row<'static>,
    /// The Luas that it may be had for.
    luas: &'static [Lua],
    /// The command that finds it in this Lua, or why there is none.
    command: fn(&Path) -> Result<Command, Cell>,
}

const ORIGINALS: &[Original] = &[
    Original {
        row: Row { suite: "luasocket", on: "LuaSocket" },
        // No distribution has one for 5.5 yet: a cell that is always empty would only hide one that became so.
        luas: &[Lua::V51, Lua::V52, Lua::V53, Lua::V54, Lua::Jit],
        command: luasocket,
    },
    Original {
        row: Row { suite: "nixio", on: "nixio" },
        luas: &[Lua::V51, Lua::Jit],
        command: nixio,
    },
];

/// The row of a dialect's original, if it has one.
pub(super) fn row(dialect: &str) -> Option<Row<'static>> {
    ORIGINALS.iter().map(|original| original.row).find(|row| row.suite == dialect)
}

/// Fills the rows of the originals, one cell per installed Lua that may have them.
pub(super) fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    for Original { row, luas, command } in ORIGINALS {
        if session.options.dialect.as_deref().is_some_and(|dialect| dialect != row.suite) {
            continue;
        }
        for &lua in *luas {
            let column = Column::Module(lua);
            if !session.options.wants(column) {
                continue;
            }
            let found = lua.installed().map_err(Cell::Skipped).and_then(|path| command(&path));
            let mut command = match found {
                Ok(command) => command,
                Err(cell) => {
                    session.matrix.set(*row, column, cell);
                    continue;
                }
            };
            command.current_dir(&session.project.root);
            scripts::arguments(session, &mut command, row.suite);
            session.fill(*row, column, command.arg("--oracle"), Tally::closing_line);
        }
    }
    Ok(())
}

/// The system's LuaSocket.
fn luasocket(interpreter: &Path) -> Result<Command, Cell> {
    if lua::has_luasocket(interpreter) {
        Ok(lua::plain(Command::new(interpreter)))
    } else {
        Err(Cell::Skipped("no LuaSocket (lua-socket)".to_owned()))
    }
}

fn nixio(interpreter: &Path) -> Result<Command, Cell> {
    let Some(checkout) = std::env::var_os(NIXIO) else {
        return Err(Cell::Optional(format!("{NIXIO} names no built nixio")));
    };
    let checkout = Path::new(&checkout).display();
    let mut command = lua::plain(Command::new(interpreter));
    command.env("LUA_PATH", format!("{checkout}/lua/?.lua;;"));
    command.env("LUA_CPATH", format!("{checkout}/src/?.so;;"));
    Ok(command)
}
