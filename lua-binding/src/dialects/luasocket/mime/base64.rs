//! Base64 (RFC 2045, 6.8).

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{PAD, STANDARD};

use super::Code;
use super::held::Held;
use super::out::Out;

/// Letters that are made or read in one go: whole groups of four that stay in the nearest cache.
const BLOCK: usize = 4096;

/// Letters that are gathered from lines before they are read.
const LINES: usize = 1024;

/// Bytes that are too few for vectors: to set their engine to work takes longer than a few groups.
const FEW: usize = 12;

/// The processor's vector instructions, where there are some that the crate knows.
#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
static ENGINE: LazyLock<base64::engine::Simd> =
    LazyLock::new(|| base64::engine::Simd::standard(PAD));
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
static ENGINE: LazyLock<base64::engine::GeneralPurpose> =
    LazyLock::new(|| base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, PAD));

/// Makes it.
#[derive(Default)]
pub(super) struct Encoder {
    /// Fewer than three bytes.
    held: Held,
}

impl Code for Encoder {
    fn expected(len: usize) -> usize {
        len / 3 * 4 + 8
    }

    fn feed(&mut self, input: &[u8], out: &mut Out) {
        self.held.scan(input, |bytes| {
            let whole = bytes.len() / 3 * 3;
            encode(&bytes[..whole], out);
            whole
        });
    }

    fn held(&self) -> &[u8] {
        self.held.as_slice()
    }

    fn finish(&mut self, out: &mut Out) {
        encode(self.held.as_slice(), out);
    }
}

fn encode(bytes: &[u8], out: &mut Out) {
    for block in bytes.chunks(BLOCK / 4 * 3) {
        // It cannot fail: the letters of a block fit.
        let _ = out.put_with(block.len().div_ceil(3) * 4, |to| match block.len() {
            ..=FEW => STANDARD.encode_slice(block, to),
            _ => ENGINE.encode_slice(block, to),
        });
    }
}

/// Reads it.
#[derive(Default)]
pub(super) struct Decoder {
    /// Fewer than four letters.
    held: Held,
}

impl Code for Decoder {
    fn expected(len: usize) -> usize {
        len / 4 * 3 + 8
    }

    fn feed(&mut self, input: &[u8], out: &mut Out) {
        let mut rest = input;
        if self.held.as_slice().is_empty() {
            // Straight from the input, as long as it has nothing but letters.
            while rest.len() >= 4 {
                let block = &rest[..(rest.len() / 4 * 4).min(BLOCK)];
                if memchr::memchr2(b'\r', b'\n', block).is_some() || decode(block, out).is_err() {
                    break;
                }
                rest = &rest[block.len()..];
            }
        }
        if !rest.is_empty() {
            let mut lines = Lines::of(self.held.as_slice());
            lines.feed(rest, out);
            self.held = Held::of(lines.as_slice());
        }
    }

    fn held(&self) -> &[u8] {
        self.held.as_slice()
    }

    /// Letters that make no group are nobody's.
    fn finish(&mut self, _: &mut Out) {}
}

/// Whole groups, of which only the last may have padding.
fn decode(letters: &[u8], out: &mut Out) -> Result<(), base64::DecodeSliceError> {
    out.put_with(letters.len() / 4 * 3, |to| ENGINE.decode_slice(letters, to))
}

/// Letters of some lines without the line ends, and whatever else stood between them.
struct Lines {
    letters: [u8; LINES],
    count: usize,
}

impl Lines {
    fn of(held: &[u8]) -> Self {
        let mut lines = Self { letters: [0; LINES], count: held.len() };
        lines.letters[..held.len()].copy_from_slice(held);
        lines
    }

    /// After a `feed` fewer than four letters and nothing else.
    fn as_slice(&self) -> &[u8] {
        &self.letters[..self.count]
    }

    fn feed(&mut self, mut input: &[u8], out: &mut Out) {
        let ends_line = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let mut line = usize::MAX;
        loop {
            let near = &input[..input.len().min(LINES - self.count)];
            // Most lines are as long as the one before; a line end that is overlooked so is left out with the rest.
            let run = if near.get(line).is_some_and(ends_line) {
                line
            } else {
                memchr::memchr2(b'\r', b'\n', near).unwrap_or(near.len())
            };
            line = run;
            self.letters[self.count..self.count + run].copy_from_slice(&near[..run]);
            self.count += run;
            input = &input[run..];
            while let [b'\r' | b'\n', rest @ ..] = input {
                input = rest;
            }
            if self.count == LINES || input.is_empty() {
                self.decode(out);
            }
            if input.is_empty() {
                return;
            }
        }
    }

    /// All whole groups.
    fn decode(&mut self, out: &mut Out) {
        let mut whole = self.count / 4 * 4;
        if decode(&self.letters[..whole], out).is_ok() {
            self.keep_letters(whole);
        } else {
            self.keep_letters(0);
            whole = self.count / 4 * 4;
            self.letters[..whole].as_chunks().0.iter().for_each(|group| decode_group(*group, out));
            self.keep_letters(whole);
        }
    }

    /// Forgets what is before `from`, and what is no letter.
    fn keep_letters(&mut self, from: usize) {
        let mut kept = 0;
        for i in from..self.count {
            let byte = self.letters[i];
            if byte == b'=' || value(byte).is_some() {
                self.letters[kept] = byte;
                kept += 1;
            }
        }
        self.count = kept;
    }
}

/// A group with padding, or what passes for one: it ends where that says so, and another may follow it.
fn decode_group(group: [u8; 4], out: &mut Out) {
    let bits = group.iter().fold(0u32, |bits, it| bits << 6 | u32::from(value(*it).unwrap_or(0)));
    let count = match group {
        [_, _, b'=', _] => 1,
        [_, _, _, b'='] => 2,
        _ => 3,
    };
    out.put(&bits.to_be_bytes()[1..=count]);
}

fn value(letter: u8) -> Option<u8> {
    Some(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}
