//! `ip.tcp.socket`: connecting, reading and writing.

use moonsocket_core::ops::{Connect, Connected, ReceiveInto, Send, SendFailed, SendFrom};
use moonsocket_core::{Error, Flags, Kind, number};

use super::address::Address;
use super::error::{fail, invalid};
use super::inet::{Inet, Role, done};
use super::span::Span;
use super::{names, wait};
use crate::vm::{Answer, Cx, Given, Reply, Value};

pub(super) fn new(cx: Cx<'_>) -> Answer<'_> {
    Ok(Reply::One(cx.object(Inet::unopened(cx, Role::Stream))))
}

/// `connect(address, port)`: opens the socket if it is not.
pub(super) fn connect<'a>(
    this: &'a mut Inet,
    cx: Cx<'a>,
    to: Given<'a>,
    port: Given<'a>,
) -> Answer<'a> {
    let address = if to.to_bytes().is_some() { None } else { Address::read(to) };
    let to = match names::endpoint(address, port, 2) {
        Ok(to) => to,
        Err(answer) => return answer,
    };
    if let Some(refusal) = wait::refusal(&this.socket.engine) {
        return refusal;
    }
    if let Err(error) = this.open_for(&to) {
        return fail(cx, &error);
    }
    let kind = match this.role {
        Role::Datagram => Kind::datagram(number::AF_UNSPEC),
        Role::Stream | Role::Listener => Kind::stream(number::AF_UNSPEC),
    };
    wait::run(cx, this, Connect::new([to], kind), connected)
}

fn connected<'a>(cx: Cx<'a>, _: &mut Inet, out: Result<Connected, Error>) -> Answer<'a> {
    done(cx, out.map(drop))
}

fn flags(given: Option<f64>) -> Flags {
    Flags(given.unwrap_or(0.0) as i32)
}

/// `read(span [, flags])`: `read_some` and `receive`.
pub(super) fn read<'a>(
    this: &'a mut Inet,
    cx: Cx<'a>,
    into: Given<'a>,
    with: Option<f64>,
) -> Answer<'a> {
    let Some(span) = span(into) else { return invalid(2) };
    wait::run(cx, this, ReceiveInto::new(span).flags(flags(with)), received)
}

fn span(given: Given<'_>) -> Option<Span> {
    given.to_object::<Span>()?.with(|span| span.clone())
}

fn received<'a>(cx: Cx<'a>, _: &mut Inet, out: Result<usize, Error>) -> Answer<'a> {
    match out {
        Ok(count) => Ok(Reply::one(count as i64)),
        Err(error) => fail(cx, &error),
    }
}

/// `write(span | string [, flags])`: `write_some` and `send`.
pub(super) fn write<'a>(
    this: &'a mut Inet,
    cx: Cx<'a>,
    data: Given<'a>,
    with: Option<f64>,
) -> Answer<'a> {
    let flags = flags(with);
    if let Some(span) = span(data) {
        return wait::run(cx, this, SendFrom::some(span).flags(flags), sent);
    }
    match cx.hold_bytes(data.number()) {
        // A stream has no empty messages.
        Some(held) if held.as_ref().is_empty() => Ok(Reply::one(0i64)),
        Some(held) => wait::run(cx, this, Send::some(held).flags(flags), sent),
        None => invalid(2),
    }
}

/// `write_all(stream, span | string)`: nil of anything that is no stream of ours.
pub(super) fn write_all<'a>(cx: Cx<'a>, to: Given<'a>, data: Given<'a>) -> Answer<'a> {
    let Some(inet) = to.to_object::<Inet>() else { return Ok(Reply::One(Value::Nil)) };
    let span = span(data);
    let held = if span.is_none() { cx.hold_bytes(data.number()) } else { None };
    let answer = inet.with(|this| match (this.role, span, held) {
        (Role::Stream, Some(span), _) => Some(wait::run(cx, this, SendFrom::all(span), sent)),
        (Role::Stream, None, Some(held)) => Some(wait::run(cx, this, Send::all(held), sent)),
        _ => None,
    });
    answer.flatten().unwrap_or(Ok(Reply::One(Value::Nil)))
}

pub(super) fn sent<'a>(cx: Cx<'a>, _: &mut Inet, out: Result<usize, SendFailed>) -> Answer<'a> {
    match out {
        Ok(count) => Ok(Reply::one(count as i64)),
        Err(failed) => fail(cx, &failed.error),
    }
}
