//! The layer over Lua's C functions, judged by its toy dialect: lua-binding/tests/vm.lua.

use super::{Column, Row, Session, scripts};
use crate::build::Extra;
use crate::lua::Lua;
use crate::tally::Tally;

/// Fills a row with a module build per Lua. The layer knows no backend: one of them is enough.
pub(super) fn run(session: &mut Session<'_>) {
    if session.options.dialect.is_some() || session.options.filter.is_some() {
        return;
    }
    let backend = session.options.backends()[0];
    let row = Row { suite: "vm", on: backend.name() };
    for column in Lua::ALL.map(Column::Module) {
        if !session.options.wants(column) {
            continue;
        }
        match scripts::interpreter(session, column, backend, Extra::Selftest) {
            Ok(mut command) => {
                command.arg("lua-binding/tests/vm.lua");
                session.fill(row, column, command, judge);
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
