//! A small random generator (SplitMix64): the same numbers from the same seed, on every machine.

/// A stream of numbers from a seed.
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x9e37_79b9_7f4a_7c15)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `end`, which is not 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// From `low` to `high`, both included.
    pub(crate) fn within(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// True this often in a thousand.
    pub(crate) fn chance(&mut self, per_mille: u16) -> bool {
        per_mille != 0 && self.below(1000) < usize::from(per_mille)
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Bytes of text in which line ends, lone carriage returns and NULs are frequent.
    pub(crate) fn text(&mut self, len: usize) -> Vec<u8> {
        const LETTERS: [u8; 16] = *b"abcdefghi\r\r\r\n\n\0z";
        let dense = self.chance(500);
        let mut bytes = Vec::with_capacity(len);
        while bytes.len() < len {
            let mut bits = self.next();
            for _ in 0..16.min(len - bytes.len()) {
                let nibble = (bits & 15) as usize;
                bits >>= 4;
                let byte = LETTERS[nibble];
                // Long lines now and then: most of the specials become letters.
                bytes.push(if dense || bits & 7 == 0 { byte } else { b'a' + nibble as u8 });
            }
        }
        bytes
    }
}
