//! The figures as data: comma-separated, a line for each entrant of each workload.

use super::entrants::Role;
use super::results::{Figure, Row};
use super::stats::Spread;

const HEAD: &str = "workload,entrant,compared with,operations,repetitions,\
cpu µs,cpu ratio,cpu ratio q1,cpu ratio q3,wall µs,wall ratio,wall ratio q1,wall ratio q3,\
grown bytes,peak kB,problem\n";

/// All rows, after remarks about where they are from.
pub(super) fn csv(rows: &[Row], about: &[String]) -> String {
    let mut text: String = about.iter().map(|line| format!("# {line}\n")).collect();
    text += HEAD;
    for row in rows {
        for index in 0..row.outcomes.len() {
            text += &line(row, index);
        }
    }
    text
}

fn line(row: &Row, index: usize) -> String {
    let outcome = &row.outcomes[index];
    let entrant = &outcome.entrant;
    let is_original = entrant.role == Role::Original;
    let base = entrant.base.filter(|_| !is_original).map(|base| &row.outcomes[base].entrant.name);
    let (count, problem) = match &outcome.samples {
        Ok(samples) => (samples.len(), ""),
        Err(why) => (0, why.as_str()),
    };
    let median = |figure| number(row.figure(index, figure).map(|spread| spread.median));
    let mut cells = vec![
        quoted(row.workload.name),
        quoted(&entrant.name),
        quoted(base.map_or("", |name| name)),
        row.workload.times.to_string(),
        count.to_string(),
    ];
    for figure in [Figure::Cpu, Figure::Wall] {
        cells.push(median(figure));
        cells.extend(spread(row.ratio(index, figure)));
    }
    cells.extend([median(Figure::Grown), median(Figure::Peak), quoted(problem)]);
    cells.join(",") + "\n"
}

fn spread(spread: Option<Spread>) -> [String; 3] {
    [spread.map(|s| s.median), spread.map(|s| s.low), spread.map(|s| s.high)].map(number)
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:.4}"))
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::results::tests::row;
    use super::*;

    #[test]
    fn every_line_has_every_column() {
        let text = csv(&[row([3.0, 1.5, 2.0])], &["on a machine".to_owned()]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "# on a machine");
        assert_eq!(lines.len(), 6);
        let columns = lines[1].split(',').count();
        assert!(lines[2..].iter().all(|line| line.split(',').count() == columns), "{text}");
        assert!(lines[3].contains(",1.5000,2.0000,2.0000,2.0000,3.0000,2.0000,"), "{text}");
        assert!(lines[5].ends_with("gone & <lost>"), "{text}");
    }

    #[test]
    fn commas_and_quotes_are_quoted() {
        assert_eq!(quoted("a, \"b\""), "\"a, \"\"b\"\"\"");
        assert_eq!(quoted("a b"), "a b");
    }
}
