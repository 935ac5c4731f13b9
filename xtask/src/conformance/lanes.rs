//! Commands that fill cells, several at a time: the suites mostly wait, and have ports, files and names of their own.

use std::process::Command;

use super::{Cell, Column, Row, Session, indented};
use crate::process;
use crate::progress::Step;
use crate::tally::Tally;
use crate::workers;

/// Reads the counts in a command's output.
pub(super) type Judge = fn(&str) -> Option<Tally>;

/// A command that fills a cell.
pub(super) struct Job {
    suite: String,
    on: String,
    column: Column,
    command: Command,
    judge: Judge,
}

impl Job {
    pub(super) fn new(row: Row<'_>, column: Column, command: Command, judge: Judge) -> Self {
        Job { suite: row.suite.to_owned(), on: row.on.to_owned(), column, command, judge }
    }

    fn name(&self) -> String {
        format!("{}-{}-{}", self.suite, self.on, self.column.label())
    }
}

impl Session<'_> {
    /// Runs what is queued in so many lanes, and fills the cells.
    pub(super) fn run_jobs(&mut self, lanes: usize) {
        let jobs = std::mem::take(&mut self.jobs);
        let done = workers::each(jobs, lanes, |_, job| self.run_job(job, lanes == 1));
        for (Job { suite, on, column, .. }, cell) in done {
            self.matrix.set(Row { suite: &suite, on: &on }, column, cell);
        }
    }

    fn run_job(&self, mut job: Job, alone: bool) -> (Job, Cell) {
        let log = self.logs().join(format!("{}.log", job.name().replace(['/', ' '], "-")));
        let label = format!("{} · {} · {}", job.suite, job.on, job.column.label());
        let step = if alone { Step::begin(label) } else { Step::among_others(label) };
        let ran = process::logged(&mut job.command, &log, self.options.limit);
        let (cell, why) = match &ran {
            Ok(ran) => {
                let cell = self.judged(ran, (job.judge)(&ran.output()));
                let log = self.project.short(&ran.log);
                (cell, format!("{}\n    full log: {log}", indented(&ran.tail(30))))
            }
            Err(failure) => (Cell::broken("did not start".into()), failure.to_string()),
        };
        step.end(!cell.is_failure(), &cell.text());
        if cell.is_failure() {
            eprintln!("{why}");
        }
        (job, cell)
    }
}
