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
    /// What LuaSocket takes: see [`compare`].
    pub(super) theirs: Option<f64>,
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
    of_backend(operation.bars, backend)
}

fn of_backend(bars: Option<[u32; 2]>, backend: Option<Backend>) -> Option<u32> {
    let [blocking, mio] = bars?;
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

/// `812 ≤ 80 %`, and whether the bar is kept.
pub(super) fn instructions_cell(
    operation: &Operation,
    column: &Column,
    counted: &Counted,
) -> (String, bool) {
    let count = match &counted.instructions {
        None => return ("–".to_owned(), true),
        Some(Err(_)) => return ("failed".to_owned(), false),
        Some(Ok(count)) => count,
    };
    match Compared::of(operation, column, counted) {
        None => (format!("{count:.0}"), true),
        Some(it) if it.is_kept() => (format!("{count:.0} ≤ {} %", it.percent), true),
        Some(it) => (format!("{count:.0} ✗ {} %", it.percent), false),
    }
}

/// Tells each column what LuaSocket takes, for the bars that are relative to it.
pub(super) fn compare(columns: &mut [Column]) {
    let theirs = columns.iter().find(|column| column.backend.is_none()).map(|column| {
        let counted = column.counted.iter();
        counted.map(|counted| counted.instructions.clone()?.ok()).collect::<Vec<_>>()
    });
    for column in columns {
        for (counted, theirs) in column.counted.iter_mut().zip(theirs.iter().flatten()) {
            counted.theirs = *theirs;
        }
    }
}

/// A count of instructions that has a bar, and what LuaSocket takes.
struct Compared {
    count: f64,
    percent: u32,
    theirs: f64,
}

impl Compared {
    fn of(operation: &Operation, column: &Column, counted: &Counted) -> Option<Self> {
        let count = *counted.instructions.as_ref()?.as_ref().ok()?;
        let percent = of_backend(operation.percent, column.backend)?;
        Some(Self { count, percent, theirs: counted.theirs? })
    }

    fn is_kept(&self) -> bool {
        self.count * 100.0 <= self.theirs * f64::from(self.percent)
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
            if let Some(it) = Compared::of(operation, column, counted)
                && !it.is_kept()
            {
                let Compared { count, percent, theirs } = it;
                problems.push(format!(
                    "{place}: {count:.0} instructions, at most {percent} % of LuaSocket's {theirs:.0} wanted"
                ));
            }
        }
    }
    problems
}

/// The bars that were kept and missed. Those on instructions count where LuaSocket's are known.
pub(super) fn verdict(operations: &[&Operation], columns: &[Column]) -> Tally {
    let mut tally = Tally::default();
    let mut judge = |kept: bool| if kept { tally.passed += 1 } else { tally.failed += 1 };
    for column in columns {
        for (operation, counted) in operations.iter().zip(&column.counted) {
            if let Some(bar) = bar(operation, column.backend) {
                judge(counted.calls.as_ref().is_some_and(|calls| is_kept(calls, bar)));
            }
            if let Some(it) = Compared::of(operation, column, counted) {
                judge(it.is_kept());
            } else if let Some(Err(_)) = counted.instructions
                && of_backend(operation.percent, column.backend).is_some()
            {
                judge(false);
            }
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::super::operations::Service;
    use super::*;

    /// One row with bars of its own: those of the real ones change.
    const ROW: Operation = Operation {
        name: "row",
        script: "",
        settings: "",
        service: Service::Hold,
        runs: [1, 2],
        bars: Some([1, 2]),
        percent: Some([90, 90]),
    };

    fn column(backend: Option<Backend>, calls: Result<f64, String>) -> Column {
        let calls = calls.map(|count| Calls::from([("recvfrom".to_owned(), count)]));
        Column {
            name: "x".into(),
            backend,
            counted: vec![Counted { calls: Some(calls), ..Counted::default() }],
        }
    }

    #[test]
    fn a_bar_is_kept_missed_or_not_measured() {
        let operations = [&ROW];
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

    #[test]
    fn a_bar_on_instructions_is_relative_to_luasocket() {
        let operations = [&ROW];
        let column = |backend, instructions| {
            let instructions = Some(Ok(instructions));
            let counted = Counted { instructions, ..Counted::default() };
            Column { name: "x".into(), backend, counted: vec![counted] }
        };
        let judged = |ours| {
            let mut columns = [column(None, 1000.0), column(Some(Backend::Mio), ours)];
            compare(&mut columns);
            (verdict(&operations, &columns).passed, problems(&operations, &columns).len())
        };
        assert_eq!(judged(900.0), (1, 0));
        assert_eq!(judged(901.0), (0, 1));
    }
}
