//! The few bytes that a code holds back until it sees what follows them.

/// As many as a decision may need: two that wait, and two more.
const ROOM: usize = 4;

/// A very short string.
#[derive(Clone, Copy, Default)]
pub(super) struct Held {
    bytes: [u8; ROOM],
    len: usize,
}

impl Held {
    /// A copy of the first bytes, as many as there is room for.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut held = Self::default();
        held.fill(bytes);
        held
    }

    /// Appends what there is room for; how many that are.
    pub(super) fn fill(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(ROOM - self.len);
        self.bytes[self.len..self.len + count].copy_from_slice(&bytes[..count]);
        self.len += count;
        count
    }

    /// The bytes.
    pub(super) fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Runs `scan` over these bytes and `input` as if they were one string, and holds what it leaves. It says how many
    /// bytes it has taken, and leaves two at most.
    pub(super) fn scan(&mut self, mut input: &[u8], mut scan: impl FnMut(&[u8]) -> usize) {
        if input.is_empty() {
            return;
        }
        if self.len > 0 {
            let before = self.len;
            self.fill(input);
            let taken = scan(self.as_slice());
            if taken < before {
                // Then all of the input is in here.
                *self = Self::of(&self.as_slice()[taken..]);
                return;
            }
            input = &input[taken - before..];
        }
        let taken = scan(input);
        self.len = 0;
        self.fill(&input[taken..]);
    }
}
