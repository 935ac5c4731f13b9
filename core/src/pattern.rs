//! What a receive reads up to.

use memchr::memchr;

use crate::filter::find_either;

/// What becomes of carriage returns in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cr {
    /// Every CR of the line is dropped (LuaSocket's `*l`).
    DropAll,
    /// One CR right before the end is dropped with it.
    DropLast,
    /// The line is returned as it came, with its end.
    Keep,
}

/// How far a receive reads.
///
/// ```
/// use moonsocket_core::{Cr, Pattern};
///
/// // Up to LF, without it and without one CR before it: text as most protocols have it.
/// assert_eq!(Pattern::until(b'\n'), Pattern::TEXT_LINE);
/// // Up to a NUL, which goes; a CR before it is a byte like others.
/// assert_eq!(Pattern::until(0), Pattern::Until { end: 0, cr: Cr::Keep });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Up to a delimiter byte, which is taken and, but for [`Cr::Keep`], not returned.
    Until {
        /// The byte that ends it.
        end: u8,
        /// The rule for carriage returns.
        cr: Cr,
    },
    /// This many bytes.
    Exact(usize),
    /// Whatever arrives first: at least one byte, at most this many.
    Some(usize),
    /// Everything up to the end of the stream. The end without a single byte is an error.
    All,
}

impl Pattern {
    /// LuaSocket's line: up to LF, every CR dropped.
    pub const LINE: Self = Self::Until { end: b'\n', cr: Cr::DropAll };
    /// A text line: up to LF, without its LF or CR LF.
    pub const TEXT_LINE: Self = Self::Until { end: b'\n', cr: Cr::DropLast };
    /// A line as it came, with its LF.
    pub const RAW_LINE: Self = Self::Until { end: b'\n', cr: Cr::Keep };

    /// Up to a delimiter, which is dropped; everything else as it came.
    pub const fn until(end: u8) -> Self {
        // Only LF takes a CR with it; for another delimiter a CR is an ordinary byte.
        Self::Until { end, cr: if end == b'\n' { Cr::DropLast } else { Cr::Keep } }
    }
}

/// Where the unit ends in `data`: how many bytes to take and, where no byte has to be filtered, how many of
/// them to return.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// `take` bytes belong to it, of which the first `give` are the result as they stand.
    Whole { take: usize, give: usize },
    /// `take` bytes belong to it, the first `clean` of which are free of the CRs that have to be filtered out of the
    /// others.
    Filter { take: usize, clean: usize },
    /// The end is not in there.
    Missing,
}

/// Looks for the end of a line in one pass.
#[inline]
pub(crate) fn find_end(data: &[u8], end: u8, cr: Cr) -> Found {
    if cr != Cr::DropAll {
        return match memchr(end, data) {
            None => Found::Missing,
            Some(at) if cr == Cr::Keep && end == b'\n' => {
                Found::Whole { take: at + 1, give: at + 1 }
            }
            Some(at) if cr == Cr::DropLast && at > 0 && data[at - 1] == b'\r' => {
                Found::Whole { take: at + 1, give: at - 1 }
            }
            Some(at) => Found::Whole { take: at + 1, give: at },
        };
    }
    match find_either(data, end, b'\r') {
        None => Found::Missing,
        Some(at) if data[at] == end => Found::Whole { take: at + 1, give: at },
        Some(at) if data.get(at + 1) == Some(&end) => Found::Whole { take: at + 2, give: at },
        // A stray CR: find the end with the faster single search; the caller filters.
        Some(at) => match memchr(end, &data[at..]) {
            Some(more) => Found::Filter { take: at + more + 1, clean: at },
            None => Found::Missing,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_found() {
        let all = |data| find_end(data, b'\n', Cr::DropAll);
        assert_eq!(all(b"abc\nd"), Found::Whole { take: 4, give: 3 });
        assert_eq!(all(b"abc\r\nd"), Found::Whole { take: 5, give: 3 });
        assert_eq!(all(b"a\rbc\r\nd"), Found::Filter { take: 6, clean: 1 });
        assert_eq!(all(b"a\r\r\n"), Found::Filter { take: 4, clean: 1 });
        assert_eq!(all(b"a\rbc"), Found::Missing);
        assert_eq!(all(b"abc\r"), Found::Missing);
        assert_eq!(all(b"\n"), Found::Whole { take: 1, give: 0 });
        let last = |data| find_end(data, b'\n', Cr::DropLast);
        assert_eq!(last(b"a\rb\r\n"), Found::Whole { take: 5, give: 3 });
        assert_eq!(last(b"\r\n"), Found::Whole { take: 2, give: 0 });
        assert_eq!(find_end(b"ab\r\n", b'\n', Cr::Keep), Found::Whole { take: 4, give: 4 });
        assert_eq!(find_end(b"ab\0c", 0, Cr::Keep), Found::Whole { take: 3, give: 2 });
    }
}
