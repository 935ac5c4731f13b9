//! The tables: aligned for a terminal, or in Markdown.

use super::entrants::Role;
use super::results::{Figure, Row};
use super::stats::Spread;
use crate::lua::{Backend, Lua};
use crate::paint::Style;

/// Lines of cells; the first line is the head.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    lines: Vec<Vec<String>>,
}

impl Table {
    fn headed(head: &[&str]) -> Self {
        Table { lines: vec![head.iter().map(|cell| (*cell).to_owned()).collect()] }
    }

    /// Is there nothing below the head?
    pub(super) fn is_empty(&self) -> bool {
        self.lines.len() < 2
    }

    /// For a terminal; a cell that says `✗` is painted.
    pub(super) fn text(&self, style: Style) -> String {
        let columns = self.lines.first().map_or(0, Vec::len);
        let widths: Vec<usize> = (0..columns)
            .map(|column| self.lines.iter().map(|line| width(&line[column])).max().unwrap_or(0))
            .collect();
        let mut text = String::new();
        for (index, line) in self.lines.iter().enumerate() {
            for (column, cell) in line.iter().enumerate() {
                let pad = " ".repeat(widths[column] - width(cell));
                let painted = match cell {
                    cell if index == 0 => style.bold(cell),
                    cell if cell.contains('✗') => style.bad(cell),
                    cell => cell.clone(),
                };
                let gap = if column == 0 { "" } else { "  " };
                text += &if column == 0 { painted + &pad } else { format!("{gap}{pad}{painted}") };
            }
            text.truncate(text.trim_end().len());
            text.push('\n');
        }
        text
    }

    /// With the numbers to the right.
    pub(super) fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let mut text = String::new();
        for (index, cells) in self.lines.iter().enumerate() {
            text += &line(cells);
            if index == 0 {
                text += &format!("|---|{}\n", "--:|".repeat(cells.len() - 1));
            }
        }
        text
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// `1.32 (1.29–1.35)`.
fn ratio_cell(ratio: Spread) -> String {
    format!("{:.2} ({:.2}–{:.2})", ratio.median, ratio.low, ratio.high)
}

/// Three digits, whatever the size.
pub(super) fn number(value: f64) -> String {
    let digits = match value.abs() {
        0.0..1.0 => 3,
        1.0..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}

/// The workloads of one program each: what LuaSocket costs, and how many times as cheap the others are.
pub(super) fn ratios(rows: &[Row], figure: Figure, lua: Lua) -> Table {
    let title = if figure == Figure::Cpu { "CPU" } else { "wall" };
    let original = format!("LuaSocket µs {title}");
    let mut table =
        Table::headed(&["workload", &original, "blocking", "mio", "LuaSocket again", "C", "bar"]);
    for row in rows.iter().filter(|row| !row.is_server() && !row.is_start()) {
        let own_of =
            |index| row.figure(index, figure).map(|own| format!("{} µs", number(own.median)));
        let ratio = |role| {
            let index = row.first(|r| r == role);
            // With nobody to be compared with, its own cost.
            let alone =
                || index.filter(|i| row.outcomes[*i].entrant.base.is_none()).and_then(own_of);
            let ratio = index.and_then(|index| row.ratio(index, figure));
            ratio.map(ratio_cell).or_else(alone).unwrap_or_else(|| "–".to_owned())
        };
        let own = row.first(|role| role == Role::Original).and_then(|i| row.figure(i, figure));
        table.lines.push(vec![
            row.workload.name.to_owned(),
            own.map_or_else(|| "–".to_owned(), |own| number(own.median)),
            ratio(Role::Ours(Backend::Blocking)),
            ratio(Role::Ours(Backend::Mio)),
            ratio(Role::Again),
            ratio(Role::Limit),
            if figure == Figure::Cpu { bar_cell(row, lua) } else { String::new() },
        ]);
    }
    table
}

/// What the better backend has to reach, and whether it did.
fn bar_cell(row: &Row, lua: Lua) -> String {
    let limit = row.first(|role| role == Role::Limit).and_then(|i| row.ratio(i, Figure::Cpu));
    let bar = match (row.workload.bars, limit) {
        (Some([plain, jit]), _) => {
            if lua == Lua::Jit {
                jit
            } else {
                plain
            }
        }
        (None, Some(limit)) => 1.0 + (limit.median - 1.0) / 2.0,
        (None, None) => return String::new(),
    };
    match row.best_of_ours() {
        Some(best) => format!("{} {}", number(bar), if best >= bar { "✓" } else { "✗" }),
        // Nobody to compare with.
        None => number(bar),
    }
}

/// The servers: microseconds of processor time for a request, and how that compares.
pub(super) fn servers(rows: &[Row]) -> Table {
    let rows: Vec<&Row> = rows.iter().filter(|row| row.is_server()).collect();
    let mut names: Vec<&str> = Vec::new();
    for outcome in rows.iter().flat_map(|row| &row.outcomes) {
        if !names.contains(&outcome.entrant.name.as_str()) {
            names.push(&outcome.entrant.name);
        }
    }
    let head: Vec<&str> =
        std::iter::once("server").chain(rows.iter().map(|row| row.workload.name)).collect();
    let mut table = Table::headed(&head);
    for name in names {
        let cell = |row: &&Row| {
            let index = row.outcomes.iter().position(|outcome| outcome.entrant.name == name);
            let Some(index) = index else { return "–".to_owned() };
            let own = row.figure(index, Figure::Cpu);
            let own =
                own.map_or_else(|| "–".to_owned(), |own| format!("{} µs", number(own.median)));
            match row.ratio(index, Figure::Cpu) {
                Some(ratio) => format!("{own} ({:.2}×)", ratio.median),
                None => own,
            }
        };
        table.lines.push(std::iter::once(name.to_owned()).chain(rows.iter().map(cell)).collect());
    }
    table
}

/// What a program pays in memory and at its start.
pub(super) fn footprint(rows: &[Row]) -> Table {
    let mut table = Table::headed(&["", "LuaSocket", "blocking", "mio"]);
    let roles = [Role::Original, Role::Ours(Backend::Blocking), Role::Ours(Backend::Mio)];
    let mut line =
        |name: &str, row: &Row, cell: &dyn Fn(usize) -> Option<String>| {
            let mut cells = vec![name.to_owned()];
            cells.extend(roles.map(|role| {
                row.first(|r| r == role).and_then(cell).unwrap_or_else(|| "–".to_owned())
            }));
            table.lines.push(cells);
        };
    let median = |row: &Row, index, figure| row.figure(index, figure).map(|f| f.median);
    for row in rows {
        match row.workload.name {
            "a connection, used and idle" => line("bytes for an idle connection", row, &|index| {
                median(row, index, Figure::Grown).map(number)
            }),
            "a fiber and its connection, used and idle" => {
                line("bytes for a fiber and its idle connection, of 10,000", row, &|index| {
                    median(row, index, Figure::Grown).map(number)
                });
                line("of them in Lua's heap", row, &|index| {
                    median(row, index, Figure::InLua).map(number)
                });
            }
            "receive(\"*a\") of 100 MB" => line("MB at most, for that \"*a\"", row, &|index| {
                median(row, index, Figure::Peak).map(|kb| number(kb / 1000.0))
            }),
            _ => {}
        }
    }
    let start = |name| rows.iter().find(|row| row.workload.name == name);
    if let (Some(with), Some(without)) =
        (start("require \"socket\""), start("nothing but the interpreter"))
    {
        let ms = |index, figure| {
            let more = median(with, index, figure)? - median(without, index, figure)?;
            Some(number(more / 1000.0))
        };
        line("ms CPU for `require \"socket\"`", with, &|index| ms(index, Figure::Cpu));
        line("ms wall for it", with, &|index| ms(index, Figure::Wall));
        line("KB of memory for it", with, &|index| {
            let own = |row| median(row, index, Figure::Grown);
            Some(number((own(with)? - own(without)?) / 1024.0))
        });
        line("KB of the library's file", with, &|index| {
            let module = with.outcomes[index].entrant.module()?;
            let length = std::fs::metadata(module.join("moonsocket.so")).ok()?.len();
            Some(number(length as f64 / 1000.0))
        });
    }
    table
}

#[cfg(test)]
mod tests {
    use super::super::results::tests::row;
    use super::*;

    #[test]
    fn cells_are_aligned_and_bars_judged() {
        let rows = [row([3.0, 1.5, 2.0]), row([30.0, 28.0, 30.0])];
        let table = ratios(&rows, Figure::Cpu, Lua::V54);
        let text = table.text(crate::paint::stdout());
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].contains("3.00  2.00 (2.00–2.00)  1.50 (1.50–1.50)"), "{text}");
        assert!(lines[1].ends_with('✓') && lines[2].ends_with('✗'), "{text}");
        assert_eq!(width(lines[1]), width(lines[2]));
        assert!(table.markdown().lines().nth(1).unwrap().starts_with("|---|--:|"));
        assert!(Table::headed(&["x"]).is_empty() && !table.is_empty());
    }

    #[test]
    fn numbers_have_three_digits() {
        assert_eq!([0.1234, 1.234, 12.34, 123.4].map(number), ["0.123", "1.23", "12.3", "123"]);
    }
}
