//! Quoted-printable (RFC 2045, 6.7), without its limit on the length of lines: that is `lines`' work.

use super::Code;
use super::held::Held;
use super::lines::SOFT_BREAK;
use super::out::Out;

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// Which bytes stand for themselves wherever they are.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b'!';
    while byte <= b'~' {
        plain[byte as usize] = byte != b'=';
        byte += 1;
    }
    plain
};

/// How many bytes at the start stand for themselves.
fn plain_run(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| !PLAIN[usize::from(*byte)]).unwrap_or(bytes.len())
}

/// What each byte becomes, and of how many bytes that is.
const WRITTEN: [[u8; 4]; 256] = {
    let mut written = [[0; 4]; 256];
    let mut i = 0;
    while i < 256 {
        written[i] =
            if PLAIN[i] { [i as u8, 0, 0, 1] } else { [b'=', DIGITS[i >> 4], DIGITS[i & 15], 3] };
        i += 1;
    }
    written
};

fn quote(byte: u8, out: &mut Out) {
    out.put(&WRITTEN[usize::from(byte)][..3]);
}

/// So many bytes that may have to be quoted are written in one go.
const BATCH: usize = 128;

/// Writes bytes without asking each whether it must be quoted, which nobody could foresee in binary data. As far as what
/// may be part of a line end; how many they were.
fn write_batch(bytes: &[u8], out: &mut Out) -> usize {
    let mut batch = [0; BATCH * 3 + 1];
    let (mut len, mut count) = (0, 0);
    for &byte in bytes.iter().take(BATCH).take_while(|byte| !matches!(byte, b' ' | b'\t' | b'\r')) {
        let written = WRITTEN[usize::from(byte)];
        batch[len..len + 4].copy_from_slice(&written);
        len += usize::from(written[3]);
        count += 1;
    }
    out.put(&batch[..len]);
    count
}

/// Makes it.
pub(super) struct Encoder<'m> {
    /// A space or CR that may belong to a line end, and what followed it.
    held: Held,
    /// What stands for a line end.
    marker: &'m [u8],
}

impl<'m> Encoder<'m> {
    pub(super) fn new(marker: &'m [u8]) -> Self {
        Self { held: Held::default(), marker }
    }
}

impl Code for Encoder<'_> {
    fn expected(len: usize) -> usize {
        len + len / 8 + 16
    }

    fn feed(&mut self, input: &[u8], out: &mut Out) {
        let marker = self.marker;
        self.held.scan(input, |bytes| encode(bytes, marker, out));
    }

    fn held(&self) -> &[u8] {
        self.held.as_slice()
    }

    /// A line that does not end: what is invisible at its end is quoted, and a soft break follows.
    fn finish(&mut self, out: &mut Out) {
        for &byte in self.held.as_slice() {
            let written = WRITTEN[usize::from(byte)];
            out.put(&written[..usize::from(written[3])]);
        }
        if !self.held.as_slice().is_empty() {
            out.put(SOFT_BREAK);
        }
    }
}

/// As far as what follows need not be known; how many bytes that are.
fn encode(bytes: &[u8], marker: &[u8], out: &mut Out) -> usize {
    let mut rest = bytes;
    loop {
        let run = plain_run(rest);
        out.put(&rest[..run]);
        rest = &rest[run..];
        rest = match *rest {
            [blank @ (b' ' | b'\t'), b'\r', b'\n', ref rest @ ..] => {
                quote(blank, out);
                out.put(marker);
                rest
            }
            [blank @ (b' ' | b'\t'), _, _, ..] => {
                out.put(&[blank]);
                &rest[1..]
            }
            [b'\r', b'\n', ref rest @ ..] => {
                out.put(marker);
                rest
            }
            [b' ' | b'\t', ..] | [b'\r'] | [] => return bytes.len() - rest.len(),
            [b'\r', ref rest @ ..] => {
                quote(b'\r', out);
                rest
            }
            _ => &rest[write_batch(rest, out)..],
        };
    }
}

/// Reads it.
#[derive(Default)]
pub(super) struct Decoder {
    /// The start of a quoted byte or of a line end.
    held: Held,
}

impl Code for Decoder {
    fn expected(len: usize) -> usize {
        len
    }

    fn feed(&mut self, input: &[u8], out: &mut Out) {
        self.held.scan(input, |bytes| decode(bytes, out));
    }

    fn held(&self) -> &[u8] {
        self.held.as_slice()
    }

    /// Half a quoted byte is nobody's.
    fn finish(&mut self, _: &mut Out) {}
}

fn decode(bytes: &[u8], out: &mut Out) -> usize {
    let mut rest = bytes;
    loop {
        let run = plain_run(rest);
        out.put(&rest[..run]);
        rest = &rest[run..];
        rest = match *rest {
            [b'=', b'\r', b'\n', ref rest @ ..] => rest,
            [b'=', high, low, ref rest @ ..] => {
                match (digit(high), digit(low)) {
                    (Some(high), Some(low)) => out.put(&[high << 4 | low]),
                    // Not quoted-printable; it stays as it is.
                    _ => out.put(&[b'=', high, low]),
                }
                rest
            }
            [b'=', ..] | [b'\r'] | [] => return bytes.len() - rest.len(),
            [b'\r', b'\n', ref rest @ ..] => {
                out.put(b"\r\n");
                rest
            }
            [blank @ (b' ' | b'\t'), ref rest @ ..] => {
                out.put(&[blank]);
                rest
            }
            // No other byte may be there, says the RFC; a careful reader leaves it out.
            [_, ref rest @ ..] => rest,
        };
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
