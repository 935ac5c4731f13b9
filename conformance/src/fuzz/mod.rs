//! Fuzz targets: functions that take any bytes (and perhaps a backend) and panic when something is wrong. Coverage-guided fuzzers drive them
//! from the folder `fuzz`; [`smoke`] does it with random bytes, on any toolchain.

mod addresses;
mod options;

pub use addresses::addresses;
pub use options::options;

use crate::sim::Rng;
pub use crate::sim::{every_split, split};

/// `runs`, as many times as the variable `MOONSOCKET_FUZZ` says.
///
/// # Panics
/// When that is no number.
pub fn times(runs: u64) -> u64 {
    runs * std::env::var("MOONSOCKET_FUZZ").map_or(1, |times| times.parse().expect("a number"))
}

/// Calls a target with `runs` random inputs, of which many are made of `words`. The same `seed` gives the same inputs.
///
/// # Panics
/// When the target does; the input is printed before.
pub fn smoke(target: impl Fn(&[u8]), words: &[&str], seed: u64, runs: u64) {
    for run in 0..runs {
        let mut rng = Rng::new(seed.wrapping_add(run));
        let input = random(&mut rng, words);
        let told = Told(&input);
        target(told.0);
        std::mem::forget(told);
    }
}

/// Prints an input when it is dropped by a panic.
struct Told<'a>(&'a [u8]);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        use std::io::Write;
        let _ = writeln!(std::io::stderr(), "the input: b\"{}\"", self.0.escape_ascii());
    }
}

fn random(rng: &mut Rng, words: &[&str]) -> Vec<u8> {
    let parts = rng.below(12);
    let mut input = Vec::new();
    for _ in 0..parts {
        match rng.below(4) {
            0 => input.push(rng.next() as u8),
            1 => {
                let count = rng.below(40);
                input.extend(rng.text(count));
            }
            _ if words.is_empty() => {
                let count = rng.below(30);
                input.extend((0..count).map(|_| rng.next() as u8));
            }
            _ => input.extend_from_slice(rng.pick(words).as_bytes()),
        }
    }
    input
}
