//! The dialects in simulated worlds: a process a world, two at a time.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::args::Failure;
use crate::build::{self, Extra, Profile, Spec};
use crate::lua::{Backend, Lua};
use crate::process;
use crate::project::Project;
use crate::tally::Tally;

/// The fibers that talk to each other.
const PROGRAM: &str = "conformance/simulated/world.lua";

/// How long a world may take. It knows no waiting, only work.
const LIMIT: Duration = Duration::from_secs(60);

/// More failures than these are not told.
const TOLD: usize = 5;

/// Builds the interpreter for simulated worlds and lets so many of them run, from this seed on.
pub(crate) fn run(project: &Project, first: u64, count: u64) -> Result<Tally, Failure> {
    let spec = Spec {
        lua: Lua::V54,
        backend: Backend::Blocking,
        profile: Profile::Quick,
        extra: Extra::Simulated,
    };
    let logs = project.target.join("simulate");
    let interpreter = build::standalone(project, &spec, Some(&logs.join("build.log")))?;
    let next = AtomicU64::new(first);
    let end = first.saturating_add(count);
    let failures = Mutex::new(Vec::new());
    let work = |worker: usize| {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return;
            }
            let log = logs.join(format!("world-{worker}.log"));
            if let Err(why) = world(project, &interpreter, seed, &log)
                && let Ok(mut failures) = failures.lock()
            {
                failures.push((seed, why));
            }
        }
    };
    std::thread::scope(|scope| {
        for worker in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(move || work(worker));
        }
    });
    let mut failures = failures.into_inner().unwrap_or_default();
    failures.sort();
    for (seed, why) in failures.iter().take(TOLD) {
        eprintln!("{why}\nOnce more: cargo xtask simulate --lua --seed {seed}\n");
    }
    let failed = failures.len() as u64;
    Ok(Tally { passed: count - failed, failed, skipped: 0 })
}

fn world(project: &Project, interpreter: &Path, seed: u64, log: &Path) -> Result<(), String> {
    let mut command = Command::new(interpreter);
    command.arg(project.root.join(PROGRAM)).env("MOONSOCKET_SEED", seed.to_string());
    let ran = process::logged(&mut command, log, LIMIT).map_err(|failure| failure.to_string())?;
    if ran.end.is_success() { Ok(()) } else { Err(format!("{}: {}", ran.end, ran.tail(20))) }
}
