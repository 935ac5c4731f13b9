//! What wants a module build with the toy dialect: lua-binding/tests/vm.lua, which judges the layer over Lua's C functions by
//! it, and conformance/starved, whose Lua states it makes.

use super::{Column, Row, Session, scripts};
use crate::build::Extra;
use crate::lua::{Backend, Lua};
use crate::tally::Tally;

/// The scenes are played for one allocation of so many. For each it would take minutes.
const EVERY: &str = "25";

/// Fills two rows with a module build per Lua. The layer knows no backend: one of them is enough.
pub(super) fn run(session: &mut Session<'_>) {
    if session.options.dialect.is_some() || session.options.filter.is_some() {
        return;
    }
    let backend = session.options.backends()[0];
    let scripts: [(&str, &[&str]); 2] = [
        ("vm", &["lua-binding/tests/vm.lua"]),
        ("starved", &["conformance/starved/run.lua", "--every", EVERY]),
    ];
    for (suite, script) in scripts {
        row(session, Row { suite, on: backend.name() }, backend, script);
    }
    session.run_jobs(session.options.jobs);
}

fn row(session: &mut Session<'_>, row: Row<'_>, backend: Backend, script: &[&str]) {
    for column in Lua::ALL.map(Column::Module) {
        if !session.options.wants(column) {
            continue;
        }
        match scripts::interpreter(session, column, backend, Extra::Selftest) {
            Ok(mut command) => {
                command.args(script);
                session.queue(row, column, command, judge);
            }
            Err(cell) => session.matrix.set(row, column, cell),
        }
    }
}

/// Its closing line is `Lua 5.4: N passed, N failed`: it can skip nothing.
fn judge(output: &str) -> Option<Tally> {
    let line = output.lines().rev().find(|line| line.contains(" passed, "))?;
    let (_, counts) = line.rsplit_once(": ")?;
    Tally::closing_line(&format!("{counts}, 0 skipped"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_is_read() {
        let tally = Tally { passed: 12, failed: 1, skipped: 0 };
        assert_eq!(judge("x: got 1, wanted 2\nLua 5.4: 12 passed, 1 failed\n"), Some(tally));
        assert_eq!(judge("lua: vm.lua:3: attempt to index a nil value"), None);
    }
}
