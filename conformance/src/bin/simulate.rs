//! Simulates worlds: `simulate FIRST COUNT`. `cargo xtask simulate` is the way to call it.
//!
//! Exit codes: 0 no surprise; 1 a surprise, whose seed is the last line's first word; 2 wrong usage.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "it is what it is for")]

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use moonsocket_conformance::sim::{Report, Surprise, explore};

/// Worlds that a thread takes at once.
const SHARE: u64 = 500;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let (Some(Ok(first)), Some(Ok(count)), None) = (numbers.next(), numbers.next(), numbers.next())
    else {
        eprintln!("usage: simulate FIRST COUNT");
        return ExitCode::from(2);
    };
    if count != 1 {
        // A surprise is told once, in one line; alone it may say more, such as where it happened.
        std::panic::set_hook(Box::new(|_| {}));
    }
    match simulate(first, first.saturating_add(count)) {
        Ok(Report { runs, operations, virtual_time }) => {
            println!("{runs} worlds, {operations} operations, {} s", virtual_time.as_secs());
            ExitCode::SUCCESS
        }
        Err(Surprise { seed, what }) => {
            println!("{seed} {}", what.replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

/// On all processors; of several surprises the one with the lowest seed.
fn simulate(first: u64, end: u64) -> Result<Report, Surprise> {
    let next = AtomicU64::new(first);
    let stop = AtomicU64::new(end);
    let outcome = Mutex::new((Report::default(), None::<Surprise>));
    let work = || {
        loop {
            let from = next.fetch_add(SHARE, Ordering::Relaxed);
            if from >= stop.load(Ordering::Relaxed) {
                return;
            }
            let explored = explore(from..end.min(from.saturating_add(SHARE)));
            let Ok(mut outcome) = outcome.lock() else { return };
            match explored {
                Ok(report) => outcome.0 += report,
                Err(surprise) => {
                    // Only what might be lower still is of interest.
                    stop.fetch_min(surprise.seed, Ordering::Relaxed);
                    if outcome.1.as_ref().is_none_or(|known| surprise.seed < known.seed) {
                        outcome.1 = Some(surprise);
                    }
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    match outcome.into_inner() {
        Ok((_, Some(surprise))) => Err(surprise),
        Ok((report, None)) => Ok(report),
        Err(_) => unreachable!("surprises are caught, not passed on"),
    }
}
