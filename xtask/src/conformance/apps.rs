//! Real programs and servers on our engine, below LuaSocket's own Lua half or ours: conformance/apps. And LuaSocket's own test
//! programs, which are no part of the project.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Column, Row, Session};
use crate::args::Failure;
use crate::build::Extra;
use crate::lua::{self, Backend, Lua};
use crate::tally::Tally;

const FOLDER: &str = "conformance/apps";
const LUAS: [Lua; 3] = [Lua::V51, Lua::V54, Lua::Jit];

/// The one that needs a checkout of LuaSocket.
const UPSTREAM: &str = "upstream";

/// The ones about what LuaSocket has in Lua: they run with our Lua files as well, on the first backend.
const OF_LUA: [&str; 7] = ["exim", "ftp", "handoff", "http", "smtp", UPSTREAM, "vsftpd"];

/// Whose Lua files are above our engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Half {
    Theirs,
    Ours,
}

/// What a row runs.
enum App<'a> {
    /// A script of ours.
    Script(&'a Path),
    /// LuaSocket's test programs from this checkout, on a debug build, which their pair wants.
    Upstream(&'a Path),
}

/// Fills a row per test and backend.
pub(super) fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    for (name, script) in tests(session)? {
        row(session, &name, &App::Script(&script));
    }
    Ok(())
}

/// Fills the rows of LuaSocket's test programs.
pub(super) fn upstream(session: &mut Session<'_>, checkout: &Path) -> Result<(), Failure> {
    let checkout =
        checkout.canonicalize().map_err(|error| Failure::io(checkout.display(), &error))?;
    row(session, UPSTREAM, &App::Upstream(&checkout));
    Ok(())
}

/// The scripts that run cases, by name; the others are helpers.
fn tests(session: &Session<'_>) -> Result<Vec<(String, PathBuf)>, Failure> {
    let top = session.project.root.join(FOLDER);
    let entries = std::fs::read_dir(&top).map_err(|error| Failure::io(top.display(), &error))?;
    let mut tests = Vec::new();
    for path in entries.filter_map(|entry| entry.ok()).map(|entry| entry.path()) {
        let Some(name) = path.file_stem().and_then(|name| name.to_str()).map(str::to_owned) else {
            continue;
        };
        let is_wanted =
            session.options.filter.as_ref().is_none_or(|filter| name.contains(filter.as_str()));
        if is_wanted && name != UPSTREAM && has_cases(&path) {
            tests.push((name, path));
        }
    }
    tests.sort();
    if tests.is_empty() && session.options.filter.is_none() {
        return Err(Failure::Failed(format!("no test in {}", session.project.short(&top))));
    }
    Ok(tests)
}

/// Why a script ran none of its cases, if it said so: what it needs is not on this machine.
pub(super) fn skipped_whole(output: &str) -> Option<String> {
    output.lines().find_map(|line| line.strip_prefix("skipped (the script): ")).map(str::to_owned)
}

fn has_cases(path: &Path) -> bool {
    let is_script = path.extension().is_some_and(|extension| extension == "lua");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    is_script && text.lines().any(|line| line.starts_with("app.run("))
}

fn row(session: &mut Session<'_>, name: &str, app: &App<'_>) {
    let backends = session.options.backends();
    let mut places: Vec<_> = backends.iter().map(|backend| (*backend, Half::Theirs)).collect();
    if OF_LUA.contains(&name) {
        places.push((backends[0], Half::Ours));
    }
    let suite = format!("app {name}");
    for (backend, half) in places {
        let on = if half == Half::Ours { "our Lua half" } else { backend.name() };
        for lua in LUAS.into_iter().filter(|lua| session.options.wants(Column::Module(*lua))) {
            cell(session, Row { suite: &suite, on }, app, (backend, half), lua);
        }
    }
}

fn cell(
    session: &mut Session<'_>,
    row: Row<'_>,
    app: &App<'_>,
    (backend, half): (Backend, Half),
    lua: Lua,
) {
    let column = Column::Module(lua);
    let interpreter = match lua.installed() {
        Ok(path) if lua::has_luasocket(&path) => path,
        Ok(_) => return session.skip(row, column, "no LuaSocket (lua-socket)"),
        Err(why) => return session.skip(row, column, why),
    };
    let extra = if matches!(app, App::Upstream(_)) { Extra::Debug } else { Extra::None };
    let Some(module) = session.artefacts.module(lua, backend, extra) else {
        return session.broken(row, column, "build");
    };
    let folder = session.project.root.join(FOLDER);
    let mut command = lua::plain(match app {
        App::Script(script) => command(&[&interpreter, script]),
        App::Upstream(checkout) => {
            command(&[Path::new("sh"), &folder.join("upstream.sh"), &interpreter, checkout])
        }
    });
    if half == Half::Ours {
        command.env("LUA_PATH", format!("{}/?.lua;;", module.display()));
    }
    // Else only what a distribution would swap; and a test fails if its socket.core comes from anywhere else.
    command
        .env("LUA_CPATH", format!("{}/?.so;;", module.display()))
        .env("MOONSOCKET_APPS_CORE", module);
    command.current_dir(folder);
    session.fill(row, column, command, Tally::closing_line);
}

fn command(words: &[&Path]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}
