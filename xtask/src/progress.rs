//! Says on stderr what is being done, and how long it took.

use std::io::{self, Write};
use std::time::Instant;

use crate::paint;

/// One piece of long work: says that it began, and how it ended and how long it took.
#[derive(Debug)]
pub(crate) struct Step {
    label: String,
    started: Instant,
}

impl Step {
    /// Begins. On a terminal the line stays open until [`Step::end`] rewrites it.
    pub(crate) fn begin(label: impl Into<String>) -> Self {
        let label = label.into();
        let style = paint::stderr();
        if style.is_on() {
            eprint!("  {} {label} …", style.dim("·"));
            let _ = io::stderr().flush();
        }
        Step { label, started: Instant::now() }
    }

    /// Begins beside others: nothing is said before its end.
    pub(crate) fn among_others(label: impl Into<String>) -> Self {
        Step { label: label.into(), started: Instant::now() }
    }

    /// Ends, well or not, with a short remark. Gives the seconds that it took.
    pub(crate) fn end(self, well: bool, remark: &str) -> f64 {
        let style = paint::stderr();
        let seconds = self.started.elapsed().as_secs_f64();
        let mark = if well { style.good("✓") } else { style.bad("✗") };
        let start = if style.is_on() { "\r\x1b[K" } else { "" };
        let time = style.dim(&format!("{seconds:6.1} s"));
        eprintln!("{start}  {mark} {:<44} {time}  {remark}", self.label);
        seconds
    }
}
