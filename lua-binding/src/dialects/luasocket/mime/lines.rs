//! Line ends, lengths of lines, and dots at their start.

use super::CRLF;
use super::out::Out;

/// What goes on in the next line, in quoted-printable.
pub(super) const SOFT_BREAK: &[u8] = b"=\r\n";

/// Breaks lines after `length` bytes; `left` are left in the first. How many are left in the last.
pub(super) fn wrap(mut input: &[u8], mut left: i64, length: i64, out: &mut Out) -> i64 {
    loop {
        let mut run;
        (run, input) = input.split_at(memchr::memchr2(b'\r', b'\n', input).unwrap_or(input.len()));
        while !run.is_empty() {
            if left <= 0 {
                out.put(CRLF);
                left = length;
            }
            let part;
            (part, run) = run.split_at(fitting(left, run));
            out.put(part);
            left = left.saturating_sub_unsigned(part.len() as u64);
        }
        let Some((&end, rest)) = input.split_first() else { return left };
        if end == b'\n' {
            out.put(CRLF);
            left = length;
        }
        input = rest;
    }
}

/// The same by soft breaks, for which a byte is kept free, and never within a quoted byte.
pub(super) fn wrap_quoted(mut input: &[u8], mut left: i64, length: i64, out: &mut Out) -> i64 {
    loop {
        let special = memchr::memchr3(b'\r', b'\n', b'=', input).unwrap_or(input.len());
        let mut run;
        (run, input) = input.split_at(special);
        while !run.is_empty() {
            if left <= 1 {
                out.put(SOFT_BREAK);
                left = length;
            }
            let part;
            (part, run) = run.split_at(fitting(left.saturating_sub(1), run));
            out.put(part);
            left = left.saturating_sub_unsigned(part.len() as u64);
        }
        let Some((&byte, rest)) = input.split_first() else { return left };
        match byte {
            b'\n' => {
                out.put(CRLF);
                left = length;
            }
            b'=' => {
                if left <= 3 {
                    out.put(SOFT_BREAK);
                    left = length;
                }
                out.put(b"=");
                left = left.saturating_sub(1);
            }
            _ => {}
        }
        input = rest;
    }
}

/// How many bytes of `run` fit, but at least one.
fn fitting(left: i64, run: &[u8]) -> usize {
    usize::try_from(left).unwrap_or(0).clamp(1, run.len())
}

/// Every CRLF, LFCR, CR and LF becomes `marker`. `last` is a CR or LF at the end of what came before; gives the next one.
pub(super) fn end(mut input: &[u8], mut last: u8, marker: &[u8], out: &mut Out) -> u8 {
    let is_half = |byte| matches!(byte, b'\r' | b'\n');
    loop {
        let run = memchr::memchr2(b'\r', b'\n', input).unwrap_or(input.len());
        if run > 0 {
            out.put(&input[..run]);
            last = 0;
        }
        let Some((&byte, rest)) = input[run..].split_first() else {
            return if is_half(last) { last } else { 0 };
        };
        // The second half of a pair has had its marker; a byte twice is two line ends.
        if !is_half(last) || last == byte {
            out.put(marker);
        }
        last = if is_half(last) { 0 } else { byte };
        input = rest;
    }
}

/// A dot after CRLF comes twice. `seen` bytes of the CRLF are behind us; gives how many are at the end.
pub(super) fn stuff(mut input: &[u8], mut seen: i64, out: &mut Out) -> i64 {
    while let Some(&byte) = input.first() {
        let taken = match (seen, byte) {
            (2, b'.') => {
                out.put(b".");
                0
            }
            (1, b'\n') => {
                seen = 2;
                1
            }
            _ => 0,
        };
        if taken == 0 {
            let end = memchr::memchr(b'\r', input);
            seen = i64::from(end.is_some());
            let upto = end.map_or(input.len(), |end| end + 1);
            out.put(&input[..upto]);
            input = &input[upto..];
        } else {
            out.put(&input[..1]);
            input = &input[1..];
        }
    }
    seen
}
