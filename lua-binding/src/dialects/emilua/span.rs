//! `byte_span`: bytes that sockets read into and write from, and slices that share them.

use std::cell::RefCell;
use std::rc::Rc;

use moonsocket_core::errno;
use moonsocket_core::ops::Memory;

use super::error::{self, blame, coded, invalid};
use super::search;
use crate::vm::{
    Answer, Any, AnyClass, Body, Call, Class, Cx, Family, Function, Given, Kind, Maker, New,
    Others, Raise, Reply, Rest, Value, function, method,
};

/// A stretch of bytes in memory that other spans may share.
#[derive(Clone)]
pub(super) struct Span {
    memory: Rc<RefCell<Box<[u8]>>>,
    start: usize,
    len: usize,
    /// How far it may grow within the memory.
    capacity: usize,
}

impl Body for Span {
    const FAMILY: &'static Family = &Family {
        name: "byte_span",
        classes: &[Class { name: "byte_span", marks: &[] }],
        methods: METHODS,
        stranger: "byte_span expected",
    };

    const METAMETHODS: &'static [Function] = &[
        function!("__eq", equal, Any, Any),
        method!("__len", Span, AnyClass, len),
        method!("__tostring", Span, AnyClass, text, Call),
    ];

    fn misplaced() -> Option<Reply<'static>> {
        error::misplaced()
    }
}

const METHODS: &[Function] = &[
    method!("capacity", Span, AnyClass, capacity),
    method!("copy", Span, AnyClass, copy, Any),
    method!("ends_with", Span, AnyClass, search::ends_with, Any),
    method!("find", Span, AnyClass, search::find, Any, Any),
    method!("find_first_not_of", Span, AnyClass, search::find_first_not_of, Any, Any),
    method!("find_first_of", Span, AnyClass, search::find_first_of, Any, Any),
    method!("find_last_not_of", Span, AnyClass, search::find_last_not_of, Any, Any),
    method!("find_last_of", Span, AnyClass, search::find_last_of, Any, Any),
    method!("get", Span, AnyClass, get, Any),
    method!("rfind", Span, AnyClass, search::rfind, Any, Any),
    method!("set", Span, AnyClass, set, Any, Any),
    method!("slice", Span, AnyClass, slice, Any, Any, New<Span>),
    method!("starts_with", Span, AnyClass, search::starts_with, Any),
    method!("trimmed", Span, AnyClass, search::trimmed, Call, Any),
];

/// The functions that are no methods.
pub(super) const FUNCTIONS: &[Function] = &[
    function!("span_append", append, Call, Rest),
    function!("span_grow", grow, Call, Any, Rest),
    function!("span_new", new, Call, Any, Any),
];

impl Memory for Span {
    fn with<R>(&mut self, f: impl FnOnce(&mut [u8]) -> R) -> R {
        f(&mut self.memory.borrow_mut()[self.start..self.start + self.len])
    }
}

impl Span {
    /// Zeroed bytes; `None` when there is no memory for them.
    fn zeroed(len: usize, capacity: usize) -> Option<Self> {
        // Asking first keeps a script's number from ending the process.
        let mut probe = Vec::<u8>::new();
        probe.try_reserve_exact(capacity).ok()?;
        drop(probe);
        let memory = Rc::new(RefCell::new(vec![0; capacity].into_boxed_slice()));
        Some(Self { memory, start: 0, len, capacity })
    }

    /// A span of its own.
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        let len = bytes.len();
        let memory = Rc::new(RefCell::new(bytes.into_boxed_slice()));
        Self { memory, start: 0, len, capacity: len }
    }

    /// `len` bytes of its memory, which it shares, from offset `first` on.
    pub(super) fn part(&self, first: usize, len: usize) -> Self {
        let memory = Rc::clone(&self.memory);
        Self { memory, start: self.start + first, len, capacity: self.capacity - first }
    }

    /// How many bytes it has.
    pub(super) fn size(&self) -> usize {
        self.len
    }

    pub(super) fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> R {
        f(&self.memory.borrow()[self.start..self.start + self.len])
    }

    /// Writes bytes from its beginning, as many as fit.
    pub(super) fn fill(&self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.len);
        self.memory.borrow_mut()[self.start..self.start + count].copy_from_slice(&bytes[..count]);
        count
    }

    /// The same of a span's, which may be bytes of the same memory.
    fn fill_from(&self, other: &Self) -> usize {
        if !Rc::ptr_eq(&self.memory, &other.memory) {
            return other.with_bytes(|bytes| self.fill(bytes));
        }
        let count = other.len.min(self.len);
        self.memory.borrow_mut().copy_within(other.start..other.start + count, self.start);
        count
    }
}

/// An argument that has bytes: a string or a span.
pub(super) enum Source<'a> {
    Text(&'a [u8]),
    Span(Span),
}

impl<'a> Source<'a> {
    pub(super) fn of(given: Given<'a>) -> Option<Self> {
        match given.to_bytes() {
            Some(bytes) => Some(Self::Text(bytes)),
            // Its own object is lent to the running method: that asks by `beside`.
            None => given.to_object::<Span>()?.with(|span| span.clone()).map(Self::Span),
        }
    }

    /// As [`of`](Self::of), where the argument may be the method's own object.
    pub(super) fn beside(this: &Span, given: Given<'a>) -> Option<Self> {
        let own = || given.to_object::<Span>().map(|_| Self::Span(this.clone()));
        Self::of(given).or_else(own)
    }

    pub(super) fn with_bytes<R>(&self, f: impl FnOnce(&[u8]) -> R) -> R {
        match self {
            Self::Text(bytes) => f(bytes),
            Self::Span(span) => span.with_bytes(f),
        }
    }

    /// A copy of its bytes; `None` when there is no memory for it.
    pub(super) fn copied(&self) -> Option<Vec<u8>> {
        self.with_bytes(|bytes| {
            let mut copy = Vec::new();
            copy.try_reserve_exact(bytes.len()).ok()?;
            copy.extend_from_slice(bytes);
            Some(copy)
        })
    }
}

/// A whole number of an argument; `None` when it is absent, an error when it is something else.
pub(super) fn whole(given: Given<'_>) -> Result<Option<i64>, ()> {
    match (given.kind(), given.to_number()) {
        (Kind::None | Kind::Nil, _) => Ok(None),
        // What is too large saturates, and is out of every range.
        (Kind::Number, Some(it)) if it.fract() == 0.0 => Ok(Some(it as i64)),
        _ => Err(()),
    }
}

/// `new(length [, capacity])`.
fn new<'a>(cx: Cx<'a>, length: Given<'a>, capacity: Given<'a>) -> Answer<'a> {
    let length = match whole(length) {
        Ok(Some(length)) if length >= 0 => length,
        _ => return invalid(1),
    };
    let capacity = match whole(capacity) {
        Ok(capacity) => capacity.unwrap_or(length),
        Err(()) => return invalid(2),
    };
    if capacity < length {
        return invalid(2);
    }
    match Span::zeroed(length as usize, capacity as usize) {
        Some(span) => Ok(Reply::One(cx.object(span))),
        None => blame(errno::ENOMEM, 1),
    }
}

fn len(this: &mut Span) -> Answer<'static> {
    Ok(Reply::one(this.len as i64))
}

fn capacity(this: &mut Span) -> Answer<'static> {
    Ok(Reply::one(this.capacity as i64))
}

fn text<'a>(this: &'a mut Span, cx: Cx<'a>) -> Answer<'a> {
    let copy = Source::Span(this.clone()).copied();
    Ok(Reply::One(cx.bytes(copy.ok_or(Raise::NO_MEMORY)?)))
}

fn equal<'a>(a: Given<'a>, b: Given<'a>) -> Answer<'a> {
    let (Some(a), Some(b)) = (Source::of(a), Source::of(b)) else { return Ok(Reply::one(false)) };
    Ok(Reply::one(a.with_bytes(|a| b.with_bytes(|b| a == b))))
}

fn index(this: &Span, at: Given<'_>) -> Option<usize> {
    let at = usize::try_from(whole(at).ok()??).ok()?;
    (1..=this.len).contains(&at).then(|| this.start + at - 1)
}

fn get<'a>(this: &'a mut Span, at: Given<'a>) -> Answer<'a> {
    match index(this, at) {
        Some(at) => Ok(Reply::one(i64::from(this.memory.borrow()[at]))),
        None => blame(errno::ERANGE, 2),
    }
}

fn set<'a>(this: &'a mut Span, at: Given<'a>, value: Given<'a>) -> Answer<'a> {
    if at.kind() != Kind::Number {
        return coded(errno::EPERM, error::GENERIC);
    }
    let Some(at) = index(this, at) else { return blame(errno::ERANGE, 2) };
    let Ok(Some(value)) = whole(value) else { return invalid(3) };
    let Ok(value) = u8::try_from(value) else { return blame(errno::ERANGE, 3) };
    this.memory.borrow_mut()[at] = value;
    Ok(Reply::one(true))
}

/// `slice([first [, last]])`: the same memory, and it may reach up to the capacity.
fn slice<'a>(
    this: &'a mut Span,
    first: Given<'a>,
    last: Given<'a>,
    new: Maker<'a, Span>,
) -> Answer<'a> {
    let Ok(first) = whole(first).map(|first| first.unwrap_or(1)) else { return invalid(2) };
    let Ok(last) = whole(last).map(|last| last.unwrap_or(this.len as i64)) else {
        return invalid(3);
    };
    if first < 1 || first > last.saturating_add(1) || last > this.capacity as i64 {
        return Ok(Reply::Three(
            Value::Nil,
            Value::Integer(errno::ERANGE.into()),
            super::error::GENERIC.into(),
        ));
    }
    let span = this.part((first - 1) as usize, (last + 1 - first) as usize);
    Ok(Reply::One(new.make(span)))
}

/// `copy(source)`: how many bytes of it fitted.
fn copy<'a>(this: &'a mut Span, from: Given<'a>) -> Answer<'a> {
    let count = match Source::beside(this, from) {
        Some(Source::Text(bytes)) => this.fill(bytes),
        Some(Source::Span(span)) => this.fill_from(&span),
        None => return invalid(2),
    };
    Ok(Reply::one(count as i64))
}

/// The pieces of an append, of which the first is the argument of this number, one after the other; nil ones are passed over.
/// Where they don't fit behind a span, in its memory, its own bytes come first.
fn joined<'a>(span: Option<&Span>, others: Others<'a>, first: i32) -> Result<Vec<u8>, Answer<'a>> {
    let pieces = || (0..others.count()).filter(|i| others.get(*i).kind() != Kind::Nil);
    let mut len = 0usize;
    for i in pieces() {
        let Some(piece) = Source::of(others.get(i)) else { return Err(invalid(first + i as i32)) };
        len = piece.with_bytes(|bytes| len.saturating_add(bytes.len()));
    }
    let before = span.filter(|span| len > span.capacity - span.len);
    let mut all = Vec::new();
    if all.try_reserve_exact(len.saturating_add(before.map_or(0, Span::size))).is_err() {
        return Err(blame(errno::ENOMEM, first));
    }
    let sources = pieces().filter_map(|i| Source::of(others.get(i)));
    for source in before.cloned().map(Source::Span).into_iter().chain(sources) {
        source.with_bytes(|bytes| all.extend_from_slice(bytes));
    }
    Ok(all)
}

/// `byte_span.append(...)`: a new span of all of them.
fn append<'a>(cx: Cx<'a>, others: Others<'a>) -> Answer<'a> {
    match joined(None, others, 1) {
        Ok(bytes) => Ok(Reply::One(cx.object(Span::of(bytes)))),
        Err(answer) => answer,
    }
}

/// `span:append(...)`: in its memory if that reaches, else in new memory.
fn grow<'a>(cx: Cx<'a>, this: Given<'a>, others: Others<'a>) -> Answer<'a> {
    let this = this.to_object::<Span>().and_then(|span| span.with(|span| span.clone()));
    let Some(span) = this else { return invalid(1) };
    let bytes = match joined(Some(&span), others, 2) {
        Ok(bytes) => bytes,
        Err(answer) => return answer,
    };
    if bytes.len() > span.capacity - span.len {
        return Ok(Reply::One(cx.object(Span::of(bytes))));
    }
    let end = span.start + span.len;
    span.memory.borrow_mut()[end..end + bytes.len()].copy_from_slice(&bytes);
    Ok(Reply::One(cx.object(Span { len: span.len + bytes.len(), ..span })))
}
