//! Maps whose keys are small numbers of the program's own: descriptors, tokens. Nobody chooses them to collide, so
//! their hash may be as cheap as it gets.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map from numbers, or tuples of them.
pub type NumberMap<K, V> = HashMap<K, V, BuildHasherDefault<NumberHasher>>;

/// Mixes numbers by multiplication.
#[derive(Debug, Default, Clone, Copy)]
pub struct NumberHasher(u64);

impl NumberHasher {
    fn mix(&mut self, number: u64) {
        // An odd number without a pattern (the golden ratio); the rotation brings high bits to where maps look.
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }
}

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.mix(u64::from(*byte));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.mix(number.into());
    }

    fn write_i32(&mut self, number: i32) {
        self.mix(number as u64);
    }

    fn write_usize(&mut self, number: usize) {
        self.mix(number as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::BuildHasher;

    #[test]
    fn numbers_spread() {
        // hashbrown looks at the top seven bits and the lowest ones: both have to differ from number to number.
        let hasher = BuildHasherDefault::<NumberHasher>::default();
        let hashes: Vec<u64> =
            (0..1024_i32).map(|number| hasher.hash_one((number, 1_u8))).collect();
        for bits in [|hash: &u64| hash >> 57, |hash: &u64| hash & 1023] {
            let mut seen: Vec<u64> = hashes.iter().map(bits).collect();
            seen.sort_unstable();
            seen.dedup();
            assert!(seen.len() > 100, "only {} of them", seen.len());
        }
    }
}
