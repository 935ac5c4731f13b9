//! The matrix of results: a row per suite and what it runs on, a column per Lua.

use std::collections::BTreeMap;

use super::{Column, Row};
use crate::paint::{self, Style};
use crate::tally::Tally;

/// What became of one suite in one place.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// It ran to its end.
    Counts(Tally),
    /// It did not, or not as it should: always a failure.
    Broken { tally: Tally, why: String },
    /// It was not run, for this reason.
    Skipped(String),
    /// The same, where even a complete run can do without.
    Optional(String),
}

impl Cell {
    /// A cell without counts.
    pub(super) fn broken(why: String) -> Self {
        Cell::Broken { tally: Tally::default(), why }
    }

    pub(super) fn is_failure(&self) -> bool {
        match self {
            Cell::Counts(tally) => tally.failed > 0,
            Cell::Broken { .. } => true,
            Cell::Skipped(_) | Cell::Optional(_) => false,
        }
    }

    /// As the matrix shows it.
    pub(super) fn text(&self) -> String {
        match self {
            Cell::Counts(Tally { passed, failed: 0, skipped: 0 }) => format!("{passed}"),
            Cell::Counts(Tally { passed, failed: 0, skipped }) => format!("{passed} –{skipped}"),
            Cell::Counts(Tally { passed, failed, .. }) => format!("{passed} ✗{failed}"),
            Cell::Broken { why, .. } => format!("✗ {why}"),
            Cell::Skipped(_) | Cell::Optional(_) => "–".to_owned(),
        }
    }

    /// Its share in the sums: a cell that was not run counts as one skipped test, or as a failed one.
    fn tally(&self, require_all: bool) -> Tally {
        match self {
            Cell::Counts(tally) => *tally,
            Cell::Broken { tally, .. } => Tally { failed: tally.failed.max(1), ..*tally },
            Cell::Skipped(_) if require_all => Tally { failed: 1, ..Tally::default() },
            Cell::Skipped(_) | Cell::Optional(_) => Tally { skipped: 1, ..Tally::default() },
        }
    }
}

/// All results so far.
#[derive(Debug, Default)]
pub(super) struct Matrix {
    /// In the order in which they are shown.
    rows: Vec<(String, String)>,
    cells: BTreeMap<(usize, Column), Cell>,
}

impl Matrix {
    /// The row's index; it is made if it is new.
    pub(super) fn row(&mut self, row: Row<'_>) -> usize {
        let found = self.rows.iter().position(|(suite, on)| suite == row.suite && on == row.on);
        found.unwrap_or_else(|| {
            self.rows.push((row.suite.to_owned(), row.on.to_owned()));
            self.rows.len() - 1
        })
    }

    pub(super) fn set(&mut self, row: Row<'_>, column: Column, cell: Cell) {
        let row = self.row(row);
        self.cells.insert((row, column), cell);
    }

    /// The sum of one column.
    pub(super) fn tally_of(&self, column: Column, require_all: bool) -> Tally {
        let cells = self.cells.iter().filter(|((_, at), _)| *at == column);
        sum(cells.map(|(_, cell)| cell), require_all)
    }

    /// Prints the matrix and the closing line; gives the sum, in which nothing at all is a failure.
    pub(super) fn print(&self, require_all: bool) -> Tally {
        let mut total = sum(self.cells.values(), require_all);
        if total.passed == 0 && total.failed == 0 {
            total.failed = 1;
            println!("\nNothing ran.");
        }
        println!("\n{}", self.render(paint::stdout(), require_all));
        println!("{total}");
        total
    }

    fn render(&self, style: Style, require_all: bool) -> String {
        let mut columns: Vec<Column> = self.cells.keys().map(|(_, column)| *column).collect();
        columns.sort();
        columns.dedup();
        let width_of = |texts: &mut dyn Iterator<Item = String>| {
            texts.map(|text| text.chars().count()).max().unwrap_or(0)
        };
        let suites = width_of(&mut self.rows.iter().map(|(suite, _)| suite.clone())).max(5);
        let ons = width_of(&mut self.rows.iter().map(|(_, on)| on.clone()));
        let widths: Vec<usize> = columns
            .iter()
            .map(|column| {
                let cells = self
                    .cells
                    .iter()
                    .filter(|((_, at), _)| at == column)
                    .map(|(_, cell)| cell.text());
                width_of(&mut cells.chain([column.label()]))
            })
            .collect();
        let mut out = format!("{:suites$}  {:ons$}", "suite", "on");
        for (column, width) in columns.iter().zip(&widths) {
            out += &format!("  {:>width$}", column.label());
        }
        let rule = "─".repeat(out.chars().count());
        out = format!("{}\n{}\n", style.bold(&out), style.dim(&rule));
        let mut before = "";
        for (index, (suite, on)) in self.rows.iter().enumerate() {
            out += &format!("{:suites$}  {on:ons$}", if suite == before { "" } else { suite });
            before = suite;
            for (column, width) in columns.iter().zip(&widths) {
                out += "  ";
                out += &self.painted(style, (index, *column), *width, require_all);
            }
            out.truncate(out.trim_end().len());
            out.push('\n');
        }
        out + &self.notes(&columns)
    }

    fn painted(
        &self,
        style: Style,
        at: (usize, Column),
        width: usize,
        require_all: bool,
    ) -> String {
        let Some(cell) = self.cells.get(&at) else {
            return " ".repeat(width);
        };
        let text = format!("{:>width$}", cell.text());
        match cell {
            Cell::Skipped(_) if !require_all => style.dim(&text),
            Cell::Optional(_) => style.dim(&text),
            Cell::Counts(tally) if tally.failed == 0 => style.good(&text),
            _ => style.bad(&text),
        }
    }

    /// Why cells were not run: a line for each column and reason.
    fn notes(&self, columns: &[Column]) -> String {
        let mut notes = Vec::new();
        for column in columns {
            for ((row, at), cell) in &self.cells {
                let (Cell::Skipped(why) | Cell::Optional(why)) = cell else { continue };
                let note = if at == &Column::Rust {
                    self.rows[*row].1.clone()
                } else {
                    format!("Lua {}", at.label())
                };
                let note = format!("  – {note}: {why}");
                if at == column && !notes.contains(&note) {
                    notes.push(note);
                }
            }
        }
        notes.iter().fold(String::new(), |text, note| text + note + "\n")
    }
}

fn sum<'a>(cells: impl Iterator<Item = &'a Cell>, require_all: bool) -> Tally {
    let mut total = Tally::default();
    for cell in cells {
        total += cell.tally(require_all);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lua::Lua;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Cell {
        Cell::Counts(Tally { passed, failed, skipped })
    }

    #[test]
    fn the_matrix_shows_every_kind_of_cell() {
        let mut matrix = Matrix::default();
        let (blocking, mio) =
            (Row { suite: "luasocket", on: "blocking" }, Row { suite: "luasocket", on: "mio" });
        matrix.set(blocking, Column::Rust, counts(212, 0, 0));
        matrix.set(blocking, Column::Module(Lua::V54), counts(209, 0, 3));
        matrix.set(mio, Column::Module(Lua::V54), counts(210, 2, 0));
        matrix.set(mio, Column::Module(Lua::V51), Cell::Skipped("no interpreter".into()));
        matrix.set(mio, Column::Rust, Cell::broken("exit 1".into()));
        let text = matrix.render(paint::stderr(), false);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "suite      on            rust  5.1     5.4");
        assert_eq!(lines[2], "luasocket  blocking       212       209 –3");
        assert_eq!(lines[3], "           mio       ✗ exit 1    –  210 ✗2");
        assert_eq!(lines[4], "  – Lua 5.1: no interpreter");
    }

    #[test]
    fn what_did_not_run_never_counts_as_passed() {
        let cells = [Cell::Skipped("x".into()), Cell::broken("y".into()), counts(1, 0, 0)];
        assert_eq!(sum(cells.iter(), false), Tally { passed: 1, failed: 1, skipped: 1 });
        assert_eq!(sum(cells.iter(), true), Tally { passed: 1, failed: 2, skipped: 0 });
        let optional = [Cell::Optional("z".into())];
        assert_eq!(sum(optional.iter(), true), Tally { passed: 0, failed: 0, skipped: 1 });
    }
}
