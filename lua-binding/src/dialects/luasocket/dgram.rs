//! Datagram input and output, the same for every datagram class. A call on an object without a descriptor is `"refused"`.

use std::net::SocketAddr;

use moonsocket_core::ops::{Message, ReceiveFrom, ReceiveMessage, SendFailed};
use moonsocket_core::{Address, Attempt, Error, ErrorKind, First, Flags, Handle, Patience};

use super::additions::duplicate;
use super::error::{fail, fail_system, failure};
use crate::backend::Chosen;
use crate::convert;
use crate::door::{self, HasSocket, Outcome};
use crate::sending::{self, Part};
use crate::socket::Socket;
use crate::vm::{self, Answer, Count, Cx, Given, Guard, InTime, Kind, Lent, Reply, Value};

/// The size of a receive that says none: `socket._DATAGRAMSIZE`.
pub(super) const SIZE: i64 = 8192;

/// A family of datagram classes: the unconnected one, then the connected one.
pub(super) trait Datagram: HasSocket {
    /// Has it a peer?
    fn is_connected(&self) -> bool;
    /// An object of this one's class on another socket.
    fn twin(&self, socket: Socket) -> Self;
}

/// The guards.
pub(super) struct Connected;
pub(super) struct Unconnected;

impl<T: Datagram> Guard<T> for Connected {
    const EXPECTED: &'static str = T::FAMILY.classes[1].name;
    #[inline]
    fn admits(object: &T) -> bool {
        object.is_connected()
    }
}

impl<T: Datagram> Guard<T> for Unconnected {
    const EXPECTED: &'static str = T::FAMILY.classes[0].name;
    #[inline]
    fn admits(object: &T) -> bool {
        !object.is_connected()
    }
}

/// `dup()`: as for streams.
pub(super) fn dup<'a, T: Datagram>(this: &'a mut T, cx: Cx<'a>) -> Answer<'a> {
    match duplicate(this.socket()) {
        Ok(socket) => Ok(Reply::One(cx.object(this.twin(socket)))),
        Err(error) => fail_system(cx, &error),
    }
}

/// `nil, message[, errno]`.
fn refused<'a>(cx: Cx<'a>, error: &Error) -> Answer<'a> {
    match error.kind() {
        ErrorKind::Closed => Ok(failure("refused".into(), error)),
        _ => fail(cx, error),
    }
}

/// The shortcut of [`receive`] for what comes by one attempt, outside of fibers.
pub(super) fn receive_at_once<'a, T: Datagram>(
    this: &'a mut T,
    [size]: [Given<'a>; 1],
) -> First<InTime<Lent<'a, 0>>> {
    let (size, socket) = (usual(size), this.socket());
    let first = attempt(socket, size, |backend, handle, size, patience| {
        ReceiveMessage::first(backend, handle, size, patience)
    });
    in_time(first, |message| Lent { bytes: socket.handle.buffer.lent(message), tell: true })
}

/// The same of [`receivefrom`].
pub(super) fn receivefrom_at_once<'a, T: Datagram>(
    this: &'a mut T,
    [size]: [Given<'a>; 1],
) -> First<InTime<vm::Message<'a>>> {
    let (size, socket) = (usual(size), this.socket());
    let first = attempt(socket, size, |backend, handle, size, patience| {
        ReceiveFrom::first(backend, handle, size, patience)
    });
    in_time(first, |(message, from)| match from {
        Address::Inet(SocketAddr::V4(from)) => {
            vm::Message::V4(socket.handle.buffer.lent(message), from)
        }
        _ => {
            let (data, text) = socket.lend_with(message, |text| write_name(text, &from));
            vm::Message::Other(named(data, text, &from))
        }
    })
}

/// The size that an argument says; 0 where the call is to look at it.
fn usual(size: Given<'_>) -> usize {
    match size.kind() {
        Kind::None | Kind::Nil => SIZE as usize,
        Kind::Number => size_of(size.to_number()).unwrap_or(0),
        _ => 0,
    }
}

/// What an attempt says; `None` is that nothing came, and there is no time.
#[inline(always)]
fn in_time<T, S>(first: First<Option<T>>, shape: impl FnOnce(T) -> S) -> First<InTime<S>> {
    first.map(|message| message.map_or(InTime::Timeout, |message| InTime::Done(shape(message))))
}

/// One attempt at a message, into a block that is empty again if it is in vain.
#[inline(always)]
fn attempt<T>(
    socket: &mut Socket,
    size: usize,
    first: impl FnOnce(&Chosen, &mut Handle<Chosen>, usize, &Patience) -> First<T>,
) -> First<Option<T>> {
    let Socket { handle, engine, .. } = socket;
    if size == 0 || !engine.may_attempt() {
        return First::Not;
    }
    engine.spare.lay_in(&mut handle.buffer);
    let patience = handle.patience();
    let first = first(&engine.backend, handle, size, &patience);
    if !matches!(first, First::Done(_)) {
        engine.spare.settle(&mut handle.buffer);
    }
    match first {
        First::Begun(attempt) if attempt.would_block() && patience.whole.is_zero() => {
            First::Done(None)
        }
        first => first.map(Some),
    }
}

/// `receive([size = 8192])`: a message, of which no more than `size` bytes.
pub(super) fn receive<'a, T: Datagram>(
    this: &'a mut T,
    begun: Option<&'a Attempt>,
    cx: Cx<'a>,
    size: Option<f64>,
) -> Answer<'a> {
    let Some(size) = size_of(size) else { return fail(cx, &NO_SIZE) };
    let patience = this.socket().patience();
    match door::run_after(cx, this, ReceiveMessage::new(size), patience, begun, received) {
        Outcome::Now(Ok(data)) => Ok(Reply::One(this.socket().lend_data(data))),
        Outcome::Now(Err(error)) => refused(cx, &error),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

/// The results for a fiber that had to wait.
fn received<'a, T>(cx: Cx<'a>, _: &mut T, out: Result<Vec<u8>, Error>) -> Answer<'a> {
    match out {
        Ok(data) => Ok(Reply::One(cx.bytes(data))),
        Err(error) => refused(cx, &error),
    }
}

/// `receivefrom([size = 8192])`: a message, and where it is from: address and port, or path.
pub(super) fn receivefrom<'a, T: Datagram>(
    this: &'a mut T,
    begun: Option<&'a Attempt>,
    cx: Cx<'a>,
    size: Option<f64>,
) -> Answer<'a> {
    let Some(size) = size_of(size) else { return fail(cx, &NO_SIZE) };
    let patience = this.socket().patience();
    match door::run_after(cx, this, ReceiveFrom::new(size), patience, begun, received_from) {
        Outcome::Now(Ok(message)) => {
            let from = message.from;
            let (data, text) = this.socket().lend_message_with(message, write_name);
            Ok(named(data, text, &from))
        }
        Outcome::Now(Err(error)) => refused(cx, &error),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

/// The results for a fiber that had to wait.
fn received_from<'a, T>(cx: Cx<'a>, _: &mut T, out: Result<Message, Error>) -> Answer<'a> {
    match out {
        Ok(Message { data, from }) => {
            let mut text = Vec::new();
            write_name(&mut text, &from);
            Ok(named(cx.bytes(data), cx.bytes(text), &from))
        }
        Err(error) => refused(cx, &error),
    }
}

/// What upstream answers when it cannot allocate a negative size; NaN is none either.
const NO_SIZE: Error = Error::new(ErrorKind::OutOfMemory, "receivefrom");

fn size_of(size: Option<f64>) -> Option<usize> {
    let size = size.unwrap_or(SIZE as f64);
    (size > -1.0).then_some(size as usize)
}

/// Where a message is from, without a port, if that is for [`named`] to hear as a text.
fn write_name(text: &mut Vec<u8>, from: &Address) {
    match from {
        Address::Inet(SocketAddr::V4(_)) | Address::Other(_) => {}
        Address::Inet(from) => convert::write_ip(text, from),
        Address::Unix(name) => text.extend_from_slice(name.as_bytes()),
    }
}

fn named<'a>(data: Value<'a>, text: Value<'a>, from: &Address) -> Reply<'a> {
    match from {
        Address::Inet(SocketAddr::V4(from)) => {
            (data, Value::DottedQuad(*from.ip()), i64::from(from.port())).into()
        }
        Address::Inet(from) => (data, text, i64::from(from.port())).into(),
        Address::Unix(_) => (data, text).into(),
        Address::Other(_) => (data, ()).into(),
    }
}

/// The shortcut of [`send`] for what the system takes at once.
pub(super) fn send_at_once<T: Datagram>(this: &mut T, [data]: [Given<'_>; 1]) -> First<Count<0>> {
    match data.to_bytes() {
        Some(data) => sending::at_once(this, data, false).map(Count::of),
        None => First::Not,
    }
}

/// `send(data)`: one message to the peer; its size.
pub(super) fn send<'a, T: Datagram>(
    this: &'a mut T,
    begun: Option<&'a Attempt>,
    cx: Cx<'a>,
    data: &'a [u8],
) -> Answer<'a> {
    let patience = this.socket().patience();
    let part = Part::whole(2, data);
    let once = sending::Once(Flags::NONE);
    match sending::run_after(cx, this, part, once, patience, begun, sent) {
        Outcome::Now(out) => sent(cx, this, out),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

fn sent<'a, T>(cx: Cx<'a>, this: &mut T, out: Result<usize, SendFailed>) -> Answer<'a> {
    sent_to(cx, this, out.map_err(|failed| failed.error))
}

/// One message to an address; its size.
pub(super) fn send_to<'a, T: Datagram>(
    this: &'a mut T,
    begun: Option<&'a Attempt>,
    cx: Cx<'a>,
    data: &'a [u8],
    to: Address,
) -> Answer<'a> {
    let patience = this.socket().patience();
    let part = Part::whole(2, data);
    let to = sending::To(to, Flags::NONE);
    match sending::run_after(cx, this, part, to, patience, begun, sent_to) {
        Outcome::Now(out) => sent_to(cx, this, out),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

fn sent_to<'a, T>(cx: Cx<'a>, _: &mut T, out: Result<usize, Error>) -> Answer<'a> {
    match out {
        Ok(count) => Ok(Reply::one(count as i64)),
        Err(error) => refused(cx, &error),
    }
}
