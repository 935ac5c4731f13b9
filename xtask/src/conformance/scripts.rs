//! The Lua suites: each dialect's scripts, as a module, in the standalone interpreter and on the original.

use std::process::Command;

use super::column::Host;
use super::oracle::{self, Original};
use super::{Cell, Column, Row, Session};
use crate::args::Failure;
use crate::build::Extra;
use crate::lua::{self, Backend};
use crate::tally::Tally;

/// The runner's complaint when no case was selected.
pub(super) const EMPTY_RUN: &str = "FAIL  runner: some case runs";

/// Fills a cell for each dialect, backend and Lua, and those of the original.
pub(super) fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let dialects = dialects(session)?;
    for dialect in &dialects {
        for backend in session.options.backends() {
            session.matrix.row(Row { suite: dialect, on: backend.name() });
        }
        for original in Original::ALL {
            if original.judges(session, dialect) {
                session.matrix.row(Row { suite: dialect, on: original.name() });
            }
        }
    }
    for column in Column::scripts() {
        if !session.options.wants(column) {
            continue;
        }
        for backend in session.options.backends() {
            for dialect in &dialects {
                cell(session, dialect, backend, column);
            }
        }
        session.run_jobs(session.options.jobs);
    }
    oracle::run(session, &dialects);
    session.run_jobs(session.options.jobs);
    Ok(())
}

/// The folders of conformance/lua that hold a suite.
fn dialects(session: &Session<'_>) -> Result<Vec<String>, Failure> {
    let top = session.project.root.join("conformance/lua");
    let entries = std::fs::read_dir(&top).map_err(|error| Failure::io(top.display(), &error))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok())
        .filter(|entry| entry.path().join("suite.lua").is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    if names.is_empty() {
        return Err(Failure::Failed(format!("no suite below {}", session.project.short(&top))));
    }
    if let Some(wanted) = &session.options.dialect {
        if !names.contains(wanted) {
            let message = format!("`--dialect {wanted}`: known are {}", names.join(" "));
            return Err(Failure::no_such("conformance", message));
        }
        names.retain(|name| name == wanted);
    }
    Ok(names)
}

fn cell(session: &mut Session<'_>, dialect: &str, backend: Backend, column: Column) {
    let row = Row { suite: dialect, on: backend.name() };
    let mut command = match interpreter(session, column, backend, Extra::None) {
        Ok(command) => command,
        Err(cell) => return session.matrix.set(row, column, cell),
    };
    arguments(session, &mut command, dialect);
    if let Some(lua) = column.lua() {
        command.args(["--expect-backend", backend.name(), "--expect-lua", lua.name()]);
    }
    session.queue(row, column, command, Tally::closing_line);
}

/// The runner and what to run, without what it should find there.
pub(super) fn arguments(session: &Session<'_>, command: &mut Command, dialect: &str) {
    command.args(["conformance/lua/run.lua", "--dialect", dialect]);
    if let Some(filter) = &session.options.filter {
        command.args(["--filter", filter]);
    }
}

/// The column's interpreter with our library in it, or in its reach; else the cell that says why not.
pub(super) fn interpreter(
    session: &mut Session<'_>,
    column: Column,
    backend: Backend,
    extra: Extra,
) -> Result<Command, Cell> {
    let host = Host::of(column).map_err(Cell::Skipped)?;
    let lua = column.lua().ok_or_else(|| Cell::Skipped("no Lua".to_owned()))?;
    let unbuilt = || Cell::broken("build".to_owned());
    let artefacts = &mut session.artefacts;
    let mut command = match host {
        Host::Alone => {
            lua::plain(Command::new(artefacts.standalone(lua, backend).ok_or_else(unbuilt)?))
        }
        Host::Installed(interpreter) => {
            let module = artefacts.module(lua, backend, extra).ok_or_else(unbuilt)?;
            lua::with_module(&interpreter, &module)
        }
        Host::Hosted => {
            let interpreter = artefacts.standalone(lua, backend).ok_or_else(unbuilt)?;
            let module = artefacts.module(lua, backend, extra).ok_or_else(unbuilt)?;
            let mut command = lua::with_module(&interpreter, &module);
            command.arg("xtask/lua/host.lua");
            command
        }
    };
    if session.options.valgrind {
        command = below_valgrind(&command);
    }
    command.current_dir(&session.project.root);
    Ok(command)
}

/// The same command, watched: valgrind's own exit code is none that a runner has.
fn below_valgrind(command: &Command) -> Command {
    let mut watched = Command::new("valgrind");
    watched.args(["--quiet", "--error-exitcode=99", "--num-callers=30", "--leak-check=full"]);
    watched.args(["--show-leak-kinds=definite", "--errors-for-leak-kinds=definite"]);
    watched.arg("--suppressions=conformance/valgrind.supp");
    watched.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => watched.env(name, value),
            None => watched.env_remove(name),
        };
    }
    watched
}
