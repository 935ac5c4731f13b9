//! `byte_span`: bytes that sockets read into and write from, and slices that share them.

use std::cell::RefCell;
use std::rc::Rc;

use moonsocket_core::errno;
use moonsocket_core::ops::Memory;

use super::error::{self, blame, coded, invalid};
use super::search;
use crate::vm::{
    Answer, Any, AnyClass, Body, Call, Class, Cx, Family, Function, Given, Kind, Maker, New,
    Others, Reply, Rest, Value, function, method,
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

    /// Its bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.with_bytes(<[u8]>::to_vec)
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
}

/// The bytes of a string or a span.
pub(super) fn bytes_of(given: Given<'_>) -> Option<Vec<u8>> {
    match given.to_bytes() {
        Some(bytes) => Some(bytes.to_vec()),
        // Its own object is lent to the running method: that asks `source` first.
        None => given.to_object::<Span>()?.with(|span| span.bytes()),
    }
}

/// As [`bytes_of`], where the argument may be the method's own object.
pub(super) fn source(this: &Span, given: Given<'_>) -> Option<Vec<u8>> {
    match given.to_object::<Span>() {
        Some(span) => Some(span.with(|span| span.bytes()).unwrap_or_else(|| this.bytes())),
        None => bytes_of(given),
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
    Ok(Reply::One(cx.bytes(this.bytes())))
}

fn equal<'a>(a: Given<'a>, b: Given<'a>) -> Answer<'a> {
    let (a, b) = (bytes_of(a), bytes_of(b));
    Ok(Reply::one(a.is_some() && a == b))
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
    match source(this, from) {
        Some(bytes) => Ok(Reply::one(this.fill(&bytes) as i64)),
        None => invalid(2),
    }
}

/// The pieces of an append, one after the other; nil ones are passed over. Of one that is none the number.
fn pieces(into: &mut Vec<u8>, others: Others<'_>, first: i32) -> Result<(), i32> {
    for i in 0..others.count() {
        let given = others.get(i);
        if given.kind() == Kind::Nil {
            continue;
        }
        match bytes_of(given) {
            Some(bytes) => into.extend_from_slice(&bytes),
            None => return Err(first + i as i32),
        }
    }
    Ok(())
}

/// `byte_span.append(...)`: a new span of all of them.
fn append<'a>(cx: Cx<'a>, others: Others<'a>) -> Answer<'a> {
    let mut bytes = Vec::new();
    if let Err(number) = pieces(&mut bytes, others, 1) {
        return invalid(number);
    }
    Ok(Reply::One(cx.object(Span::of(bytes))))
}

/// `span:append(...)`: in its memory if that reaches, else in new memory.
fn grow<'a>(cx: Cx<'a>, this: Given<'a>, others: Others<'a>) -> Answer<'a> {
    let this = this.to_object::<Span>().and_then(|span| span.with(|span| span.clone()));
    let Some(span) = this else { return invalid(1) };
    let mut bytes = Vec::new();
    if let Err(number) = pieces(&mut bytes, others, 2) {
        return invalid(number);
    }
    let len = span.len + bytes.len();
    if len <= span.capacity {
        let end = span.start + span.len;
        span.memory.borrow_mut()[end..end + bytes.len()].copy_from_slice(&bytes);
        return Ok(Reply::One(cx.object(Span { len, ..span })));
    }
    let mut all = span.bytes();
    all.append(&mut bytes);
    Ok(Reply::One(cx.object(Span::of(all))))
}
