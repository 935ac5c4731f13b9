//! The table of counts, and what its bars say.

use super::measure::Calls;
use super::operations::Operation;
use crate::lua::Backend;
use crate::paint::Style;
use crate::tally::Tally;

/// A measurement: a number, or why there is none.
pub(super) type Measured<T> = Option<Result<T, String>>;

/// What was counted of one operation on one subject.
#[derive(Debug, Default)]
pub(super) struct Counted {
    pub(super) calls: Measured<Calls>,
    pub(super) instructions: Measured<f64>,
}

/// A column: a subject, and which backend's bars it has to keep.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) backend: Option<Backend>,
    /// In the order of the operations.
    pub(super) counted: Vec<Counted>,
}

/// A count that is no whole number by more than this was disturbed, or misses its bar.
const SLACK: f64 = 0.02;

fn bar(operation: &Operation, backend: Option<Backend>) -> Option<u32> {
    let [blocking, mio] = operation.bars?;
    Some(if backend? == Backend::Blocking { blocking } else { mio })
}

fn total(calls: &Calls) -> f64 {
    calls.values().sum()
}

fn is_kept(calls: &Result<Calls, String>, bar: u32) -> bool {
    calls.as_ref().is_ok_and(|calls| total(calls) <= f64::from(bar) + SLACK)
}

/// Renders a part of the table: a line per operation, a cell per column; cells are aligned before they are painted.
pub(super) fn render(
    title: &str,
    operations: &[&Operation],
    columns: &[Column],
    style: Style,
    cell: fn(&Operation, &Column, &Counted) -> (String, bool),
) -> String {
    let name_width =
        operations.iter().map(|operation| operation.name.len()).max().unwrap_or(0).max(title.len());
    let mut lines = vec![format!("{title:name_width$}")];
    lines.extend(operations.iter().map(|operation| format!("{:name_width$}", operation.name)));
    for column in columns {
        let cells: Vec<_> = operations
            .iter()
            .zip(&column.counted)
            .map(|(op, counted)| cell(op, column, counted))
            .collect();
        let width = cells
            .iter()
            .map(|(text, _)| text.chars().count())
            .chain([column.name.chars().count()])
            .max();
        let width = width.unwrap_or(0);
        lines[0] += &format!("  {:>width$}", column.name);
        for (line, (text, well)) in lines[1..].iter_mut().zip(&cells) {
            let text = format!("{text:>width$}");
            *line += "  ";
            *line += &if *well { text } else { style.bad(&text) };
        }
    }
    lines[0] = style.bold(&lines[0]);
    lines.join("\n") + "\n"
}

/// `2.00 ≤ 3`, and whether the bar is kept.
pub(super) fn calls_cell(
    operation: &Operation,
    column: &Column,
    counted: &Counted,
) -> (String, bool) {
    let Some(calls) = &counted.calls else {
        return ("–".to_owned(), true);
    };
    let bar = bar(operation, column.backend);
    let text =
        calls.as_ref().map_or("failed".to_owned(), |calls| format!("{:.2}", total(calls).abs()));
    match bar {
        None => (text, calls.is_ok()),
        Some(bar) if is_kept(calls, bar) => (format!("{text} ≤ {bar}"), true),
        Some(bar) => (format!("{text} ✗ {bar}"), false),
    }
}

pub(super) fn instructions_cell(_: &Operation, _: &Column, counted: &Counted) -> (String, bool) {
    match &counted.instructions {
        None => ("–".to_owned(), true),
        Some(Ok(count)) => (format!("{count:.0}"), true),
        Some(Err(_)) => ("failed".to_owned(), false),
    }
}

/// A line for each measurement that failed and each bar that was missed, with the calls that were made.
pub(super) fn problems(operations: &[&Operation], columns: &[Column]) -> Vec<String> {
    let mut problems = Vec::new();
    for column in columns {
        for (operation, counted) in operations.iter().zip(&column.counted) {
            let place = format!("{}, {}", column.name, operation.name);
            match (&counted.calls, bar(operation, column.backend)) {
                (Some(Err(why)), _) => problems.push(format!("{place}: {why}")),
                (Some(Ok(calls)), Some(bar)) if !is_kept(&Ok(calls.clone()), bar) => {
                    let made: Vec<_> =
                        calls.iter().map(|(name, count)| format!("{count:.2} {name}")).collect();
                    problems.push(format!(
                        "{place}: {:.2} calls, at most {bar} wanted: {}",
                        total(calls),
                        made.join(", ")
                    ));
                }
                _ => {}
            }
            if let Some(Err(why)) = &counted.instructions {
                problems.push(format!("{place}: {why}"));
            }
        }
    }
    problems
}

/// The bars that were kept and missed.
pub(super) fn verdict(operations: &[&Operation], columns: &[Column]) -> Tally {
    let mut tally = Tally::default();
    for column in columns {
        for (operation, counted) in operations.iter().zip(&column.counted) {
            match (bar(operation, column.backend), &counted.calls) {
                (Some(bar), Some(calls)) if is_kept(calls, bar) => tally.passed += 1,
                (Some(_), _) => tally.failed += 1,
                (None, _) => {}
            }
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::super::operations::OPERATIONS;
    use super::*;

    fn column(backend: Option<Backend>, calls: Result<f64, String>) -> Column {
        let calls = calls.map(|count| Calls::from([("recvfrom".to_owned(), count)]));
        Column {
            name: "x".into(),
            backend,
            counted: vec![Counted { calls: Some(calls), instructions: None }],
        }
    }

    #[test]
    fn a_bar_is_kept_missed_or_not_measured() {
        // receive with data ready: 1 on blocking, 2 on mio.
        let operations = [&OPERATIONS[0]];
        let verdict = |column| verdict(&operations, &[column]);
        let (kept, missed) =
            (Tally { passed: 1, ..Tally::default() }, Tally { failed: 1, ..Tally::default() });
        assert_eq!(verdict(column(Some(Backend::Blocking), Ok(1.0))), kept);
        assert_eq!(verdict(column(Some(Backend::Blocking), Ok(1.1))), missed);
        assert_eq!(verdict(column(Some(Backend::Mio), Ok(2.0))), kept);
        assert_eq!(verdict(column(Some(Backend::Mio), Err("gone".into()))), missed);
        assert_eq!(verdict(column(None, Ok(9.0))), Tally::default());
        let mut unmeasured = column(Some(Backend::Mio), Ok(0.0));
        unmeasured.counted[0].calls = None;
        assert_eq!(verdict(unmeasured), missed);
        assert_eq!(problems(&operations, &[column(Some(Backend::Blocking), Ok(2.0))]).len(), 1);
    }
}
