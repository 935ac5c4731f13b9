//! Real programs and servers on our engine, below LuaSocket's own Lua half: conformance/apps.

use std::path::{Path, PathBuf};

use super::{Column, Row, Session, scripts};
use crate::args::Failure;
use crate::lua::{self, Backend, Lua};
use crate::tally::Tally;

const LUAS: [Lua; 3] = [Lua::V51, Lua::V54, Lua::Jit];

/// Fills a row per test and backend.
pub(super) fn run(session: &mut Session<'_>) -> Result<(), Failure> {
    let tests = tests(session)?;
    for (name, script) in &tests {
        for backend in session.options.backends() {
            for lua in LUAS
                .into_iter()
                .filter(|lua| session.options.wants(Column::Module(*lua)))
            {
                cell(session, &format!("app {name}"), script, backend, lua);
            }
        }
    }
    Ok(())
}

/// The scripts that run cases, by name; the others are helpers.
fn tests(session: &Session<'_>) -> Result<Vec<(String, PathBuf)>, Failure> {
    let top = session.project.root.join("conformance/apps");
    let entries = std::fs::read_dir(&top).map_err(|error| Failure::io(top.display(), &error))?;
    let mut tests = Vec::new();
    for path in entries
        .filter_map(|entry| entry.ok())
        .map(|entry| entry.path())
    {
        let is_script = path.extension().is_some_and(|extension| extension == "lua");
        let text = if is_script {
            std::fs::read_to_string(&path).unwrap_or_default()
        } else {
            String::new()
        };
        let name = path
            .file_stem()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let wanted = session
            .options
            .filter
            .as_ref()
            .is_none_or(|filter| name.contains(filter.as_str()));
        if wanted && text.lines().any(|line| line.starts_with("app.run(")) {
            tests.push((name, path));
        }
    }
    tests.sort();
    if tests.is_empty() && session.options.filter.is_none() {
        return Err(Failure::Failed(format!(
            "no test in {}",
            session.project.short(&top)
        )));
    }
    Ok(tests)
}

fn cell(session: &mut Session<'_>, suite: &str, script: &Path, backend: Backend, lua: Lua) {
    let (row, column) = (
        Row {
            suite,
            on: backend.name(),
        },
        Column::Module(lua),
    );
    let interpreter = match lua.installed() {
        Ok(path) if lua::has_luasocket(&path) => path,
        Ok(_) => return session.skip(row, column, "no LuaSocket (lua-socket)"),
        Err(why) => return session.skip(row, column, why),
    };
    let Some((mut command, module)) =
        scripts::under_luasocket(session, (&interpreter, lua), backend)
    else {
        return session.broken(row, column, "build");
    };
    // The test fails if its socket.core comes from anywhere else.
    command.arg(script).env("MOONSOCKET_APPS_CORE", module);
    session.fill(row, column, &mut command, Tally::closing_line);
}
