//! Many short simulated runs; `MOONSOCKET_SEED=n` repeats one.

use std::thread;

use moonsocket_conformance::sim;

/// Worlds per test run.
const RUNS: u64 = 100_000;

#[test]
fn every_world_agrees_with_the_model() {
    if let Ok(seed) = std::env::var("MOONSOCKET_SEED") {
        let seed: u64 = seed.parse().expect("MOONSOCKET_SEED is a number");
        assert_eq!(sim::run(seed..seed + 1).runs, 1);
        return;
    }
    let first: u64 =
        std::env::var("MOONSOCKET_FIRST").map_or(0, |first| first.parse().expect("a number"));
    let middle = first + RUNS / 2;
    let half = thread::spawn(move || sim::run(first..middle));
    let other = sim::run(middle..first + RUNS);
    let half = half.join().unwrap_or_else(|why| std::panic::resume_unwind(why));
    assert_eq!(half.runs + other.runs, RUNS);
    assert!(half.operations + other.operations > RUNS, "the worlds did next to nothing");
}

#[test]
fn a_seed_gives_the_same_run_again() {
    assert_eq!(sim::run(7..307), sim::run(7..307));
}
