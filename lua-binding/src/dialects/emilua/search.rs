//! What a `byte_span` can be searched for.

use std::ops::RangeInclusive;

use memchr::memmem;
use moonsocket_core::errno;

use super::error::{blame, invalid};
use super::span::{Source, Span, whole};
use crate::vm::{Answer, Cx, Given, Kind, Reply};

pub(super) fn starts_with<'a>(this: &'a mut Span, what: Given<'a>) -> Answer<'a> {
    let Some(what) = Source::beside(this, what) else { return invalid(2) };
    Ok(Reply::one(this.with_bytes(|bytes| what.with_bytes(|what| bytes.starts_with(what)))))
}

pub(super) fn ends_with<'a>(this: &'a mut Span, what: Given<'a>) -> Answer<'a> {
    let Some(what) = Source::beside(this, what) else { return invalid(2) };
    Ok(Reply::one(this.with_bytes(|bytes| what.with_bytes(|what| bytes.ends_with(what)))))
}

/// What is searched for, and from where: the usual position where none is given, and an error outside of the range.
fn asked<'a>(
    this: &Span,
    what: Given<'a>,
    from: Given<'a>,
    usual: usize,
    range: RangeInclusive<usize>,
) -> Result<(Source<'a>, usize), Answer<'a>> {
    let Some(what) = Source::beside(this, what) else { return Err(invalid(2)) };
    let Ok(from) = whole(from) else { return Err(invalid(3)) };
    let from = from.map_or(Ok(usual), usize::try_from);
    match from.ok().filter(|from| range.contains(from)) {
        Some(from) => Ok((what, from)),
        None => Err(blame(errno::ERANGE, 3)),
    }
}

/// Searches from a position on, usually the first. Behind the last byte there is nothing.
fn forwards<'a>(
    this: &Span,
    what: Given<'a>,
    from: Given<'a>,
    find: impl FnOnce(&[u8], &[u8]) -> Option<usize>,
) -> Answer<'a> {
    let (what, from) = match asked(this, what, from, 1, 1..=this.size() + 1) {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let found = this.with_bytes(|bytes| {
        let rest = &bytes[from - 1..];
        if rest.is_empty() { None } else { what.with_bytes(|what| find(rest, what)) }
    });
    Ok(Reply::one(found.map(|at| (at + from) as i64)))
}

/// Searches back from a position, usually the last.
fn backwards<'a>(
    this: &Span,
    what: Given<'a>,
    from: Given<'a>,
    find: impl FnOnce(&[u8], usize, &[u8]) -> Option<usize>,
) -> Answer<'a> {
    let (what, from) = match asked(this, what, from, this.size(), 0..=this.size()) {
        Ok(asked) => asked,
        Err(answer) => return answer,
    };
    let find = |bytes: &[u8]| what.with_bytes(|what| find(bytes, from, what));
    let found = if from == 0 { None } else { this.with_bytes(find) };
    Ok(Reply::one(found.map(|at| at as i64 + 1)))
}

pub(super) fn find<'a>(this: &'a mut Span, what: Given<'a>, from: Given<'a>) -> Answer<'a> {
    forwards(this, what, from, memmem::find)
}

pub(super) fn rfind<'a>(this: &'a mut Span, what: Given<'a>, from: Given<'a>) -> Answer<'a> {
    backwards(this, what, from, |bytes, from, what| {
        // It begins at the position or before.
        let end = bytes.len().min(from - 1 + what.len());
        memmem::rfind(&bytes[..end], what)
    })
}

pub(super) fn find_first_of<'a>(
    this: &'a mut Span,
    what: Given<'a>,
    from: Given<'a>,
) -> Answer<'a> {
    forwards(this, what, from, |bytes, what| bytes.iter().position(|it| what.contains(it)))
}

pub(super) fn find_first_not_of<'a>(
    this: &'a mut Span,
    what: Given<'a>,
    from: Given<'a>,
) -> Answer<'a> {
    forwards(this, what, from, |bytes, what| bytes.iter().position(|it| !what.contains(it)))
}

pub(super) fn find_last_of<'a>(this: &'a mut Span, what: Given<'a>, from: Given<'a>) -> Answer<'a> {
    backwards(this, what, from, |bytes, from, what| {
        bytes[..from].iter().rposition(|it| what.contains(it))
    })
}

pub(super) fn find_last_not_of<'a>(
    this: &'a mut Span,
    what: Given<'a>,
    from: Given<'a>,
) -> Answer<'a> {
    backwards(this, what, from, |bytes, from, what| {
        bytes[..from].iter().rposition(|it| !what.contains(it))
    })
}

/// `trimmed([space])`: without space at both ends.
pub(super) fn trimmed<'a>(this: &'a mut Span, cx: Cx<'a>, space: Given<'a>) -> Answer<'a> {
    let space = match space.kind() {
        Kind::None | Kind::Nil => Source::Text(b" \x0c\n\r\t\x0b"),
        _ => match Source::beside(this, space) {
            Some(space) => space,
            None => return invalid(2),
        },
    };
    let ends = this.with_bytes(|bytes| {
        space.with_bytes(|space| {
            let keeps = |byte: &u8| !space.contains(byte);
            bytes.iter().position(keeps).zip(bytes.iter().rposition(keeps))
        })
    });
    Ok(Reply::One(cx.object(match ends {
        Some((first, last)) => this.part(first, last + 1 - first),
        // Nothing has no place in the memory that it could grow into.
        None => Span::of(Vec::new()),
    })))
}
