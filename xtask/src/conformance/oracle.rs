//! Suites on what they stand in for, which judges them: the system's LuaSocket, or nixio. Those that have a file of
//! exceptions for it take part; a suite that has one for each half of LuaSocket also runs with one half of the original
//! and one of ours.

use std::path::Path;
use std::process::Command;

use super::{Cell, Column, Row, Session, scripts};
use crate::build::Extra;
use crate::lua::{self, Lua};
use crate::tally::Tally;

/// Names a checkout of Neopallium/nixio in which `make LUA_CFLAGS=-I… NIXIO_TLS= compile` was run for Lua 5.1. Nobody
/// packages it, so without the variable it is left out.
const NIXIO: &str = "MOONSOCKET_NIXIO";

/// What is the original's in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Original {
    Whole,
    /// What is written in Lua, on our library.
    Lua,
    /// The library, below our files.
    Core,
    /// Everything, of nixio.
    Nixio,
}

impl Original {
    pub(super) const ALL: [Original; 4] =
        [Original::Whole, Original::Lua, Original::Core, Original::Nixio];

    /// As the matrix shows it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Original::Whole => "LuaSocket",
            Original::Lua => "its Lua half",
            Original::Core => "its core",
            Original::Nixio => "nixio",
        }
    }

    /// The runner's words.
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Original::Whole | Original::Nixio => &["--oracle"],
            Original::Lua => &["--oracle", "--half", "lua"],
            Original::Core => &["--oracle", "--half", "core"],
        }
    }

    /// May it be had for this Lua?
    fn knows(self, lua: Lua) -> bool {
        self != Original::Nixio || matches!(lua, Lua::V51 | Lua::Jit)
    }

    /// Does this suite run on it?
    pub(super) fn judges(self, session: &Session<'_>, suite: &str) -> bool {
        let file = match self {
            Original::Whole | Original::Nixio => "oracle.lua",
            Original::Lua => "oracle_lua.lua",
            Original::Core => "oracle_core.lua",
        };
        session.options.oracle
            && (self == Original::Nixio) == (suite == "nixio")
            && session.project.root.join("conformance/lua").join(suite).join(file).is_file()
    }
}

/// Fills the rows of the original, one cell per installed Lua that has it.
pub(super) fn run(session: &mut Session<'_>, suites: &[String]) {
    for lua in Lua::ALL {
        let column = Column::Module(lua);
        // No distribution has one for 5.5 yet: a cell that is always empty would only hide one that became so.
        if lua == Lua::V55 || !session.options.wants(column) {
            continue;
        }
        let interpreter = lua.installed();
        let has_luasocket = interpreter.as_deref().is_ok_and(lua::has_luasocket);
        for suite in suites {
            for original in Original::ALL {
                if !original.judges(session, suite) || !original.knows(lua) {
                    continue;
                }
                let row = Row { suite, on: original.name() };
                match &interpreter {
                    Ok(interpreter) if original == Original::Nixio => {
                        nixio(session, row, lua, interpreter);
                    }
                    Ok(interpreter) if has_luasocket => {
                        cell(session, row, original, lua, interpreter);
                    }
                    Ok(_) => session.skip(row, column, "no LuaSocket (lua-socket)"),
                    Err(why) => session.skip(row, column, why.clone()),
                }
            }
        }
    }
}

/// The cell of nixio, which can do without: few will have built it.
fn nixio(session: &mut Session<'_>, row: Row<'_>, lua: Lua, interpreter: &Path) {
    let column = Column::Module(lua);
    let Some(checkout) = std::env::var_os(NIXIO) else {
        let why = format!("{NIXIO} names no built nixio");
        return session.matrix.set(row, column, Cell::Optional(why));
    };
    let checkout = Path::new(&checkout).display();
    let mut command = lua::plain(Command::new(interpreter));
    command.env("LUA_PATH", format!("{checkout}/lua/?.lua;;"));
    command.env("LUA_CPATH", format!("{checkout}/src/?.so;;"));
    command.current_dir(&session.project.root);
    scripts::arguments(session, &mut command, row.suite);
    command.args(Original::Nixio.arguments());
    session.queue(row, column, command, Tally::closing_line);
}

fn cell(session: &mut Session<'_>, row: Row<'_>, original: Original, lua: Lua, interpreter: &Path) {
    let column = Column::Module(lua);
    let mut command = lua::plain(Command::new(interpreter));
    if original != Original::Whole {
        // What waits is tested elsewhere: any backend will do.
        let backend = session.options.backends()[0];
        let Some(module) = session.artefacts.module(lua, backend, Extra::None) else {
            return session.broken(row, column, "build");
        };
        let (name, files) = match original {
            Original::Core => ("LUA_PATH", "?.lua"),
            _ => ("LUA_CPATH", "?.so"),
        };
        command.env(name, format!("{}/{files};;", module.display()));
    }
    command.current_dir(&session.project.root);
    scripts::arguments(session, &mut command, row.suite);
    command.args(original.arguments());
    session.queue(row, column, command, Tally::closing_line);
}
