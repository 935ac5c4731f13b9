//! Counts of tests, as the suites print them.

use std::ops::AddAssign;

/// How many tests passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    /// Did nothing run, nor say why it did not?
    pub(crate) fn is_empty(self) -> bool {
        self == Tally::default()
    }

    /// The last line that says `N passed, N failed, N skipped`.
    pub(crate) fn closing_line(output: &str) -> Option<Tally> {
        output.lines().rev().find_map(|line| {
            let mut parts = line.trim().split(", ");
            let mut count = |word| parts.next()?.strip_suffix(word)?.trim_end().parse().ok();
            let tally = Tally {
                passed: count("passed")?,
                failed: count("failed")?,
                skipped: count("skipped")?,
            };
            parts.next().is_none().then_some(tally)
        })
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally { passed, failed, skipped }
    }

    #[test]
    fn the_closing_line_is_the_last_that_fits_exactly() {
        let output = "1 passed, 0 failed, 0 skipped\nok x\n12 passed, 3 failed, 4 skipped\nbye\n";
        assert_eq!(Tally::closing_line(output), Some(tally(12, 3, 4)));
        for wrong in [
            "",
            "12 passed, 3 failed",
            "12 passed, 3 failed, 4 skipped, 1 more",
            "x passed, 3 failed, 4 skipped",
        ] {
            assert_eq!(Tally::closing_line(wrong), None, "{wrong}");
        }
    }
}
