//! The suite that every backend passes: plain generic functions, listed once in `cases`, joined by one line:
//! `moonsocket_conformance::suite!(Blocking::new);`

mod again;
mod buffers;
mod cases;
mod connect;
mod daemon;
mod datagrams;
mod errors;
mod firsts;
mod forks;
mod limits;
mod listeners;
mod lookup;
mod many;
mod memory;
mod options;
mod parked;
mod parts;
mod process;
mod queues;
mod registration;
mod shortage;
mod signals;
pub(crate) mod stage;
mod stopped;
mod streams;
pub(crate) mod system;
mod unix;
mod urgent;
mod wakes;

use std::io::Write;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use moonsocket_core::Backend;

use crate::panicked;

/// A case that takes longer hangs.
const HANGS: Duration = Duration::from_secs(60);

/// What a case needs of the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// A backend, nothing else.
    Nothing,
    /// A real kernel: threads, signals, processes, descriptors of any kind.
    Kernel,
    /// A backend and time: cases that mostly wait, and can do so together.
    Time,
    /// A real kernel, and time.
    KernelAndTime,
}

impl Needs {
    const fn kernel(self) -> bool {
        matches!(self, Self::Kernel | Self::KernelAndTime)
    }

    const fn time(self) -> bool {
        matches!(self, Self::Time | Self::KernelAndTime)
    }
}

/// One case.
struct Case<B: Backend> {
    name: &'static str,
    needs: Needs,
    run: fn(&B),
}

/// Which cases a backend can join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum World {
    /// Real sockets: all of them.
    Real,
    /// Simulated sockets: those that need no kernel.
    Simulated,
}

/// How a case ended.
enum Verdict {
    Passed(Duration),
    Skipped(&'static str),
    Failed(String),
}

/// Runs every case on backends that `make` makes, each on a thread of its own. `MOONSOCKET_CASES=text` runs those
/// whose names contain the text.
///
/// # Panics
/// When a case fails or hangs, when none ran, or when one of the list was left out.
pub fn run<B: Backend>(make: impl Fn() -> B + Copy + Send + Sync + 'static, world: World) {
    if world == World::Real {
        process::allow_descriptors();
    }
    let filter = std::env::var("MOONSOCKET_CASES").unwrap_or_default();
    let cases = cases::cases::<B>();
    let chosen = || cases.iter().filter(|case| case.name.contains(&filter));
    let mut verdicts = Vec::new();
    // One by one, because some look at descriptor numbers, which are the whole process's.
    for case in chosen().filter(|case| !case.needs.time()) {
        verdicts.push(tell(case, judge(case, make, world)));
    }
    // Those that only wait do so together.
    let waits: Vec<_> = chosen().filter(|case| case.needs.time()).collect();
    let waited = thread::scope(|scope| {
        let judge = |case| scope.spawn(move || judge(case, make, world));
        let threads: Vec<_> = waits.iter().map(|case| judge(*case)).collect();
        threads.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    for (case, verdict) in waits.into_iter().zip(waited) {
        let verdict = verdict.unwrap_or(Verdict::Failed("the judge fainted".into()));
        verdicts.push(tell(case, verdict));
    }
    let count = |which: fn(&Verdict) -> bool| verdicts.iter().filter(|v| which(&v.1)).count();
    let passed = count(|verdict| matches!(verdict, Verdict::Passed(_)));
    let skipped = count(|verdict| matches!(verdict, Verdict::Skipped(_)));
    let failed = verdicts.iter().filter(|v| matches!(v.1, Verdict::Failed(_)));
    let failed: Vec<_> = failed.map(|(name, _)| *name).collect();
    let filtered = cases.len() - chosen().count();
    let total = cases.len();
    say(&format!("{:10} {total} cases, {filtered} filtered out", B::NAME));
    say(&format!("{passed} passed, {} failed, {skipped} skipped", failed.len()));
    assert!(failed.is_empty(), "{failed:?} failed on {}", B::NAME);
    assert!(passed > 0, "no case ran");
    assert_eq!(passed + skipped + filtered, cases::COUNT, "a case was left out");
}

fn tell<B: Backend>(case: &Case<B>, verdict: Verdict) -> (&'static str, Verdict) {
    let (word, detail) = match &verdict {
        Verdict::Passed(time) => ("ok", format!("{:5} ms", time.as_millis())),
        Verdict::Skipped(reason) => ("skip", (*reason).to_owned()),
        Verdict::Failed(why) => ("FAIL", why.clone()),
    };
    say(&format!("{:10} {word:5} {:56} {detail}", B::NAME, case.name));
    (case.name, verdict)
}

fn judge<B: Backend>(
    case: &Case<B>,
    make: impl Fn() -> B + Copy + Send + 'static,
    world: World,
) -> Verdict {
    if case.needs.kernel() && world == World::Simulated {
        return Verdict::Skipped("needs a kernel");
    }
    let run = case.run;
    let (done, ended) = channel();
    let start = Instant::now();
    let thread = thread::Builder::new().name(case.name.into()).spawn(move || {
        run(&make());
        let _ = done.send(());
    });
    let thread = match thread {
        Ok(thread) => thread,
        Err(error) => return Verdict::Failed(error.to_string()),
    };
    match ended.recv_timeout(HANGS) {
        Err(RecvTimeoutError::Timeout) => return Verdict::Failed("it hangs".into()),
        Ok(()) | Err(RecvTimeoutError::Disconnected) => {}
    }
    match thread.join() {
        Ok(()) => Verdict::Passed(start.elapsed()),
        Err(why) => Verdict::Failed(panicked::text(&*why).to_owned()),
    }
}

/// Past the test harness, which hides what passing tests print: a skip must be seen.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Joins a backend to the suite, as one test: `suite!(Blocking::new);`, or, without a kernel below,
/// `suite!(Sim::new, Simulated);`
#[macro_export]
macro_rules! suite {
    ($make:expr) => {
        $crate::suite!($make, Real);
    };
    ($make:expr, $world:ident) => {
        #[test]
        fn conformance() {
            $crate::suite::run($make, $crate::suite::World::$world);
        }
    };
}
