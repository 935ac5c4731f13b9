//! The Rust suite: one test target called `conformance` in each backend's package.

use std::process::Command;

use super::{Column, Row, Session};
use crate::tally::Tally;

const SUITE: &str = "sockets";

/// Fills the `rust` column: the backends, and the simulated one unless a backend was asked for.
pub(super) fn run(session: &mut Session<'_>) {
    for backend in session.options.backends() {
        cell(session, backend.name(), &format!("moonsocket-{}", backend.name()));
    }
    if session.options.backends.is_empty() {
        cell(session, "simulated", "moonsocket-conformance");
    }
}

fn cell(session: &mut Session<'_>, on: &str, package: &str) {
    let mut cargo: Command = session.project.cargo();
    cargo.args(["test", "--package", package, "--test", "conformance"]);
    if let Some(filter) = &session.options.filter {
        cargo.args(["--", filter]);
    }
    session.fill(Row { suite: SUITE, on }, Column::Rust, &mut cargo, Tally::libtest);
}
