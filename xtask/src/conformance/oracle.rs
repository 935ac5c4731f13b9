//! Suites on the system's LuaSocket: they are judged by the original. Those that have a file of exceptions for it take
//! part; a suite that has one for each half of LuaSocket also runs with one half of the original and one of ours.

use std::path::Path;
use std::process::Command;

use super::{Column, Row, Session, scripts};
use crate::build::Extra;
use crate::lua::{self, Lua};
use crate::tally::Tally;

/// What is the original's in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Original {
    Whole,
    /// What is written in Lua, on our library.
    Lua,
    /// The library, below our files.
    Core,
}

impl Original {
    pub(super) const ALL: [Original; 3] = [Original::Whole, Original::Lua, Original::Core];

    /// As the matrix shows it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Original::Whole => "LuaSocket",
            Original::Lua => "its Lua half",
            Original::Core => "its core",
        }
    }

    /// The runner's words.
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Original::Whole => &["--oracle"],
            Original::Lua => &["--oracle", "--half", "lua"],
            Original::Core => &["--oracle", "--half", "core"],
        }
    }

    /// Does this suite run on it?
    pub(super) fn judges(self, session: &Session<'_>, suite: &str) -> bool {
        let file = match self {
            Original::Whole => "oracle.lua",
            Original::Lua => "oracle_lua.lua",
            Original::Core => "oracle_core.lua",
        };
        session.options.oracle
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
        let interpreter = match lua.installed() {
            Ok(path) if lua::has_luasocket(&path) => Ok(path),
            Ok(_) => Err("no LuaSocket (lua-socket)".to_owned()),
            Err(why) => Err(why),
        };
        for suite in suites {
            for original in Original::ALL {
                if !original.judges(session, suite) {
                    continue;
                }
                let row = Row { suite, on: original.name() };
                match &interpreter {
                    Ok(interpreter) => cell(session, row, original, lua, interpreter),
                    Err(why) => session.skip(row, column, why.clone()),
                }
            }
        }
    }
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
    session.fill(row, column, command.args(original.arguments()), Tally::closing_line);
}
