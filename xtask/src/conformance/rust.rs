//! The Rust suite: one test target called `conformance` in each backend's package.

use std::process::Command;

use super::{Column, Row, Session};
use crate::build;
use crate::progress::Step;
use crate::tally::Tally;

const SUITE: &str = "sockets";

/// Fills the `rust` column: the backends, and the simulated one unless a backend was asked for.
pub(super) fn run(session: &mut Session<'_>) {
    for backend in session.options.backends() {
        cell(session, backend.name(), &format!("moonsocket-{}", backend.name()));
    }
    if session.options.takes_any_backend() {
        cell(session, "simulated", "moonsocket-conformance");
    }
}

fn cell(session: &mut Session<'_>, on: &str, package: &str) {
    let row = Row { suite: SUITE, on };
    let test = |more: &[&str]| {
        let mut cargo: Command = session.project.cargo();
        cargo.args(["test", "--package", package, "--test", "conformance"]).args(more);
        cargo
    };
    let mut cargo = test(&[]);
    if let Some(filter) = &session.options.filter {
        cargo.env("MOONSOCKET_CASES", filter);
    }
    // Built apart: the cell's limit is for the tests alone.
    let log = session.logs().join(format!("build-{package}.log"));
    let step = Step::begin(format!("build {SUITE} · {on}"));
    let built = build::compile(&mut test(&["--no-run"]), Some(&log));
    step.end(built.is_ok(), "");
    match built {
        // The suite counts its cases itself; to libtest it is one test.
        Ok(()) => session.fill(row, Column::Rust, cargo, Tally::closing_line),
        Err(failure) => {
            failure.report();
            session.broken(row, Column::Rust, "build");
        }
    }
}
