//! Receiving and sending.

use std::ops::Range;

use moonsocket_core::ops::{Message, Receive, ReceiveFrom, Received, SendFailed, Short};
use moonsocket_core::{Error, ErrorKind, Flags, Pattern, errno};

use super::error::{fail, fail_after, failure};
use super::socket::{Nixio, Open, address, path};
use crate::convert;
use crate::door::{self, Outcome};
use crate::sending::{self, Part};
use crate::vm::{Answer, Cx, Given, Guard as _, Raise, Reply, Value};

/// The most that one call receives: `nixio.const.buffersize`.
pub(super) const BUFFER: usize = 8192;

/// A length that a program asks for; what is no length asks for all that there may be.
fn size_of(length: i64) -> usize {
    usize::try_from(length).unwrap_or(BUFFER).min(BUFFER)
}

/// `recv(length)`: what is there, `""` at the end of the stream; of messages the next one.
pub(super) fn recv<'a>(this: &'a mut Nixio, cx: Cx<'a>, length: i64) -> Answer<'a> {
    receive::<false>(this, cx, length)
}

/// `recvfrom(length)`: the same, and who sent it.
pub(super) fn recvfrom<'a>(this: &'a mut Nixio, cx: Cx<'a>, length: i64) -> Answer<'a> {
    receive::<true>(this, cx, length)
}

fn receive<'a, const FROM: bool>(this: &'a mut Nixio, cx: Cx<'a>, length: i64) -> Answer<'a> {
    let patience = this.limits.receiving().into();
    if !this.is_stream() {
        let operation = ReceiveFrom::new(size_of(length));
        return match door::run(cx, this, operation, patience, message_later::<FROM>) {
            Outcome::Now(Ok(message)) => {
                let (data, from) = this.socket.lend_message(message);
                Ok(if FROM { with_address(data, address(cx, &from)) } else { Reply::One(data) })
            }
            Outcome::Now(Err(error)) => fail(cx, &error),
            Outcome::Later => Ok(Reply::Suspend),
        };
    }
    // The descriptor may be polled, or handed to others: nothing stays behind in a buffer.
    let operation = Receive::new(Pattern::Some(size_of(length))).unbuffered();
    match door::run(cx, this, operation, patience, bytes_later::<FROM>) {
        Outcome::Now(Ok(received)) => {
            let from = if FROM { peer(cx, this) } else { None };
            Ok(with_address(this.socket.lend(cx, received), from))
        }
        Outcome::Now(Err(short)) => ended(cx, &short),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

fn message_later<'a, const FROM: bool>(
    cx: Cx<'a>,
    _: &mut Nixio,
    out: Result<Message, Error>,
) -> Answer<'a> {
    match out {
        Ok(Message { data, from }) => {
            let from = if FROM { address(cx, &from) } else { None };
            Ok(with_address(cx.bytes(data), from))
        }
        Err(error) => fail(cx, &error),
    }
}

fn bytes_later<'a, const FROM: bool>(
    cx: Cx<'a>,
    this: &mut Nixio,
    out: Result<Received, Short>,
) -> Answer<'a> {
    match out {
        Ok(received) => {
            let data = cx.detached(received.detach(&mut this.socket.handle));
            Ok(with_address(data, if FROM { peer(cx, this) } else { None }))
        }
        Err(short) => ended(cx, &short),
    }
}

/// A stream has one sender.
fn peer<'a>(cx: Cx<'a>, this: &Nixio) -> Option<(Value<'a>, Value<'a>)> {
    let peer = this.socket.handle.peer_address().ok()?;
    address(cx, &peer)
}

fn with_address<'a>(data: Value<'a>, from: Option<(Value<'a>, Value<'a>)>) -> Reply<'a> {
    match from {
        Some((path, Value::Nil)) => (data, path).into(),
        Some((host, port)) => (data, host, port).into(),
        None => Reply::One(data),
    }
}

/// Why nothing came. An end is no error here.
fn ended<'a>(cx: Cx<'a>, short: &Short) -> Answer<'a> {
    match short.error.kind() {
        ErrorKind::EndOfStream => Ok(Reply::one("")),
        _ => fail(cx, &short.error),
    }
}

/// `send(data [, offset = 0 [, length]])`: how much of it was sent. A socket that may wait sends all of it.
pub(super) fn send<'a>(
    this: &'a mut Nixio,
    cx: Cx<'a>,
    data: &'a [u8],
    offset: Option<i64>,
    length: Option<i64>,
) -> Answer<'a> {
    let Some(range) = span(data.len(), offset, length) else {
        return Ok(failure(cx, errno::EINVAL));
    };
    let limits = this.limits;
    let whole = this.is_stream() && limits.blocking && !range.is_empty();
    let part = Part { argument: 2, data, range };
    let patience = limits.sending().into();
    let outcome = if whole {
        sending::run(cx, this, part, sending::All(Flags::NONE), patience, sent)
    } else {
        sending::run(cx, this, part, sending::Once(Flags::NONE), patience, sent)
    };
    match outcome {
        Outcome::Now(out) => sent(cx, this, out),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

/// As the system has it, an error is only one where nothing was sent before: the next call tells of it. That of a socket
/// which was closed meanwhile would raise, so this one tells, and how much was sent.
fn sent<'a>(cx: Cx<'a>, this: &mut Nixio, out: Result<usize, SendFailed>) -> Answer<'a> {
    match out {
        Err(SendFailed { error, sent: sent @ 1.. }) if !Open::admits(this) => {
            Ok(fail_after(cx, &error, sent))
        }
        Ok(sent) | Err(SendFailed { sent: sent @ 1.., .. }) => Ok(Reply::one(sent as i64)),
        Err(SendFailed { error, .. }) => fail(cx, &error),
    }
}

fn sent_to<'a>(cx: Cx<'a>, this: &mut Nixio, out: Result<usize, Error>) -> Answer<'a> {
    sent(cx, this, out.map_err(|error| SendFailed { error, sent: 0 }))
}

/// The part of the data that is meant: an offset that counts from 0, and a length; `None`: there is no such offset.
fn span(size: usize, offset: Option<i64>, length: Option<i64>) -> Option<Range<usize>> {
    let from = usize::try_from(offset.unwrap_or(0)).ok()?.min(size);
    let most = length.and_then(|length| usize::try_from(length).ok()).unwrap_or(usize::MAX);
    Some(from..size.min(from.saturating_add(most)))
}

/// `sendto(data, host, port [, offset [, length]])`, for Unix sockets `sendto(data, path, nil [, offset [, length]])`.
pub(super) fn sendto<'a>(
    this: &'a mut Nixio,
    cx: Cx<'a>,
    data: &'a [u8],
    host: &'a [u8],
    port: Given<'a>,
    offset: Option<i64>,
    length: Option<i64>,
) -> Answer<'a> {
    let to = if this.is_unix() {
        Some(path(3, host)?)
    } else {
        let port = port.to_number().ok_or(Raise::Type(4, "number"))?;
        let port = (0.0..=65535.0).contains(&port).then_some(port as u16);
        port.and_then(|port| convert::ip_address(host, port, this.family())).map(Into::into)
    };
    // TCP takes no notice of an address; Unix streams don't take one.
    if to.is_some() && this.is_stream() && !this.is_unix() {
        return send(this, cx, data, offset, length);
    }
    let (Some(to), Some(range)) = (to, span(data.len(), offset, length)) else {
        return Ok(failure(cx, errno::EINVAL));
    };
    let patience = this.limits.sending().into();
    let part = Part { argument: 2, data, range };
    match sending::run(cx, this, part, sending::To(to, Flags::NONE), patience, sent_to) {
        Outcome::Now(out) => sent_to(cx, this, out),
        Outcome::Later => Ok(Reply::Suspend),
    }
}
