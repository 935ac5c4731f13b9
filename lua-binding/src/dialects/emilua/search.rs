//! What a `byte_span` can be searched for.

use memchr::memmem;
use moonsocket_core::errno;

use super::error::{blame, invalid};
use super::span::{Span, source, whole};
use crate::vm::{Answer, Cx, Given, Kind, Reply};

pub(super) fn starts_with<'a>(this: &'a mut Span, what: Given<'a>) -> Answer<'a> {
    let Some(what) = source(this, what) else { return invalid(2) };
    Ok(Reply::one(this.with_bytes(|bytes| bytes.starts_with(&what))))
}

pub(super) fn ends_with<'a>(this: &'a mut Span, what: Given<'a>) -> Answer<'a> {
    let Some(what) = source(this, what) else { return invalid(2) };
    Ok(Reply::one(this.with_bytes(|bytes| bytes.ends_with(&what))))
}

/// Searches forwards from a position, or backwards from one; `from` is 1 or the last where it is absent.
fn search<'a>(
    this: &Span,
    what: Given<'a>,
    from: Given<'a>,
    backwards: bool,
    find: impl FnOnce(&[u8], &[u8]) -> Option<usize>,
) -> Answer<'a> {
    let Some(what) = source(this, what) else { return invalid(2) };
    let usual = if backwards { this.size() as i64 } else { 1 };
    let Ok(from) = whole(from).map(|from| from.unwrap_or(usual)) else { return invalid(3) };
    if from != usual && !(1..=this.size() as i64).contains(&from) {
        return blame(errno::ERANGE, 3);
    }
    let from = from as usize;
    let found = this.with_bytes(|bytes| {
        if backwards {
            find(&bytes[..from.min(bytes.len())], &what)
        } else {
            find(&bytes[from - 1..], &what).map(|at| at + from - 1)
        }
    });
    Ok(Reply::one(found.map(|at| at as i64 + 1)))
}

pub(super) fn find<'a>(this: &'a mut Span, what: Given<'a>, from: Given<'a>) -> Answer<'a> {
    search(this, what, from, false, memmem::find)
}

pub(super) fn rfind<'a>(this: &'a mut Span, what: Given<'a>, from: Given<'a>) -> Answer<'a> {
    search(this, what, from, true, |bytes, what| {
        // Nothing at all is at the last byte, not behind it.
        memmem::rfind(bytes, what).map(|at| at.min(bytes.len().saturating_sub(1)))
    })
}

pub(super) fn find_first_of<'a>(
    this: &'a mut Span,
    what: Given<'a>,
    from: Given<'a>,
) -> Answer<'a> {
    search(this, what, from, false, |bytes, what| bytes.iter().position(|it| what.contains(it)))
}

pub(super) fn find_first_not_of<'a>(
    this: &'a mut Span,
    what: Given<'a>,
    from: Given<'a>,
) -> Answer<'a> {
    search(this, what, from, false, |bytes, what| bytes.iter().position(|it| !what.contains(it)))
}

pub(super) fn find_last_of<'a>(this: &'a mut Span, what: Given<'a>, from: Given<'a>) -> Answer<'a> {
    search(this, what, from, true, |bytes, what| bytes.iter().rposition(|it| what.contains(it)))
}

pub(super) fn find_last_not_of<'a>(
    this: &'a mut Span,
    what: Given<'a>,
    from: Given<'a>,
) -> Answer<'a> {
    search(this, what, from, true, |bytes, what| bytes.iter().rposition(|it| !what.contains(it)))
}

/// `trimmed([space])`: without space at both ends.
pub(super) fn trimmed<'a>(this: &'a mut Span, cx: Cx<'a>, space: Given<'a>) -> Answer<'a> {
    let space = match space.kind() {
        Kind::None | Kind::Nil => b" \x0c\n\r\t\x0b".to_vec(),
        _ => match source(this, space) {
            Some(space) => space,
            None => return invalid(2),
        },
    };
    let (first, len) = this.with_bytes(|bytes| {
        let keeps = |byte: &u8| !space.contains(byte);
        match (bytes.iter().position(keeps), bytes.iter().rposition(keeps)) {
            (Some(first), Some(last)) => (first, last + 1 - first),
            _ => (0, 0),
        }
    });
    Ok(Reply::One(cx.object(this.part(first, len))))
}
