//! `conformance`: every suite on every backend and Lua, as one matrix.

mod apps;
mod artefacts;
mod column;
mod lanes;
mod matrix;
mod options;
mod oracle;
mod rust;
mod scripts;
mod vm;

use std::path::PathBuf;
use std::process::Command;

use crate::args::{Args, Failure};
use crate::process::Ran;
use crate::project::Project;
use crate::tally::Tally;
use artefacts::Artefacts;
use column::Column;
use lanes::Job;
use matrix::{Cell, Matrix};

pub(crate) use options::{HELP, Options};

/// Results: all of them, and those of the Rust suite alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    pub(crate) all: Tally,
    rust: Tally,
}

impl Report {
    /// For callers that have already counted the Rust suite.
    pub(crate) fn all_but_rust(self) -> Tally {
        let Report { all, rust } = self;
        Tally {
            passed: all.passed - rust.passed,
            failed: all.failed - rust.failed,
            skipped: all.skipped - rust.skipped,
        }
    }
}

pub(crate) fn main(mut args: Args) -> Result<(), Failure> {
    let options = Options::read(&mut args)?;
    args.finish()?;
    let report = run(&Project::find()?, &options)?;
    if report.all.failed > 0 { Err(Failure::Reported) } else { Ok(()) }
}

/// Runs the suites, prints the matrix, and gives the sums.
pub(crate) fn run(project: &Project, options: &Options) -> Result<Report, Failure> {
    let mut session = Session::new(project, options);
    if options.rust {
        rust::run(&mut session);
    }
    if options.lua {
        vm::run(&mut session);
        scripts::run(&mut session)?;
        if options.apps {
            apps::run(&mut session)?;
        }
        if let Some(checkout) = &options.upstream {
            apps::upstream(&mut session, checkout)?;
        }
    }
    let rust = session.matrix.tally_of(Column::Rust, options.require_all);
    let all = session.matrix.print(options.require_all);
    eprintln!("Logs: {}", project.short(&session.logs()));
    Ok(Report { all, rust })
}

/// One run of this command.
struct Session<'a> {
    project: &'a Project,
    options: &'a Options,
    artefacts: Artefacts<'a>,
    matrix: Matrix,
    /// What is to be run together.
    jobs: Vec<Job>,
}

impl<'a> Session<'a> {
    fn new(project: &'a Project, options: &'a Options) -> Self {
        let artefacts = Artefacts::new(project, options.profile);
        Session { project, options, artefacts, matrix: Matrix::default(), jobs: Vec::new() }
    }

    fn logs(&self) -> PathBuf {
        self.project.target.join("conformance").join("logs")
    }

    /// Runs a command, alone, to fill one cell. `judge` reads the counts; without counts the cell is broken.
    fn fill(&mut self, row: Row<'_>, column: Column, command: Command, judge: lanes::Judge) {
        self.jobs.push(Job::new(row, column, command, judge));
        self.run_jobs(1);
    }

    /// Leaves a command to [`run_jobs`](Self::run_jobs).
    fn queue(&mut self, row: Row<'_>, column: Column, command: Command, judge: lanes::Judge) {
        self.jobs.push(Job::new(row, column, command, judge));
    }

    fn judged(&self, ran: &Ran, tally: Option<Tally>) -> Cell {
        let nothing_matches = self.options.filter.is_some()
            && tally
                .is_some_and(|tally| tally.is_empty() || ran.output().contains(scripts::EMPTY_RUN));
        match tally {
            _ if nothing_matches => Cell::Skipped("no case matches the filter".into()),
            None => Cell::broken(if ran.end.is_success() {
                "no closing line".into()
            } else {
                ran.end.to_string()
            }),
            Some(tally) if tally.passed + tally.failed == 0 => {
                match apps::skipped_whole(&ran.output()) {
                    Some(reason) if ran.end.is_success() => Cell::Optional(reason),
                    _ => Cell::Broken { tally, why: "nothing ran".into() },
                }
            }
            Some(tally) if tally.failed == 0 && !ran.end.is_success() => {
                Cell::Broken { tally, why: ran.end.to_string() }
            }
            Some(tally) => Cell::Counts(tally),
        }
    }

    fn skip(&mut self, row: Row<'_>, column: Column, why: impl Into<String>) {
        self.matrix.set(row, column, Cell::Skipped(why.into()));
    }

    fn broken(&mut self, row: Row<'_>, column: Column, why: impl Into<String>) {
        self.matrix.set(row, column, Cell::broken(why.into()));
    }
}

/// A row's key: the suite, and what it runs on.
#[derive(Clone, Copy, Debug)]
struct Row<'a> {
    suite: &'a str,
    on: &'a str,
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
