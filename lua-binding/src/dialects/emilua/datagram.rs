//! `ip.udp.socket`: messages.

use moonsocket_core::ops::{Message, ReceiveFrom, Send, SendTo};
use moonsocket_core::{
    Address as SocketAddress, Error, ErrorKind, Flags, Handle, Interest, Mode, Operation, Step,
    Stop, recycle,
};

use super::address::Address;
use super::error::{fail, invalid};
use super::inet::{Inet, Role};
use super::span::{Source, Span};
use super::stream::sent;
use super::{names, wait};
use crate::backend::Chosen;
use crate::door;
use crate::vm::{Answer, Cx, Given, Reply, Value};

pub(super) fn new(cx: Cx<'_>) -> Answer<'_> {
    Ok(Reply::One(cx.object(Inet::unopened(cx, Role::Datagram))))
}

fn flags(given: Option<f64>) -> Flags {
    Flags(given.unwrap_or(0.0) as i32)
}

/// `receive(span [, flags])`: the size of what fitted.
pub(super) fn receive<'a>(
    this: &'a mut Inet,
    cx: Cx<'a>,
    into: Given<'a>,
    with: Option<f64>,
) -> Answer<'a> {
    start(this, cx, into, with, |cx, _, out| match filled(out) {
        Ok((count, _)) => Ok(Reply::one(count)),
        Err(error) => fail(cx, &error),
    })
}

/// `receive_from(span [, flags])`: size, address and port.
pub(super) fn receive_from<'a>(
    this: &'a mut Inet,
    cx: Cx<'a>,
    into: Given<'a>,
    with: Option<f64>,
) -> Answer<'a> {
    start(this, cx, into, with, |cx, _, out| {
        let (count, from) = match filled(out) {
            Ok(filled) => filled,
            Err(error) => return fail(cx, &error),
        };
        let address = Address::of(&from).map_or(Value::Nil, |address| cx.object(address));
        Ok((count, address, i64::from(from.port().unwrap_or(0))).into())
    })
}

type Finish = door::Finish<Inet, Filled>;

fn start<'a>(
    this: &'a mut Inet,
    cx: Cx<'a>,
    into: Given<'a>,
    with: Option<f64>,
    finish: Finish,
) -> Answer<'a> {
    let Some(span) = into.to_object::<Span>().and_then(|span| span.with(|span| span.clone()))
    else {
        return invalid(2);
    };
    let receive = ReceiveFrom::new(span.size()).flags(flags(with));
    wait::run(cx, this, Into { span, receive }, finish)
}

/// A receive, and the span that its message goes to.
struct Into {
    span: Span,
    receive: ReceiveFrom,
}

impl Operation<Chosen> for Into {
    type On = Handle<Chosen>;
    type Out = (Span, Result<Message, Error>);

    fn interest(&self) -> Interest {
        Operation::<Chosen>::interest(&self.receive)
    }

    fn step(&mut self, backend: &Chosen, on: &mut Handle<Chosen>, mode: Mode) -> Step<Self::Out> {
        self.receive.step(backend, on, mode).map(|out| (self.span.clone(), out))
    }

    fn stop(&mut self, on: &mut Handle<Chosen>, why: Stop) -> Self::Out {
        (self.span.clone(), self.receive.stop(on, why))
    }
}

type Filled = (Span, Result<Message, Error>);

/// The size of what fitted, and where it is from.
fn filled((span, out): Filled) -> Result<(i64, SocketAddress), Error> {
    let Message { data, from } = out?;
    let count = span.fill(&data);
    recycle(data);
    Ok((count as i64, from))
}

/// There is none for a copy of what is sent.
const NO_MEMORY: Error = Error::new(ErrorKind::OutOfMemory, "send");

/// `send(span | string [, flags])`.
pub(super) fn send<'a>(
    this: &'a mut Inet,
    cx: Cx<'a>,
    data: Given<'a>,
    with: Option<f64>,
) -> Answer<'a> {
    let Some(data) = Source::of(data) else { return invalid(2) };
    match data.copied() {
        Some(bytes) => wait::run(cx, this, Send::some(bytes).flags(flags(with)), sent),
        None => fail(cx, &NO_MEMORY),
    }
}

/// `send_to(span | string, address, port [, flags])`.
pub(super) fn send_to<'a>(
    this: &'a mut Inet,
    cx: Cx<'a>,
    data: Given<'a>,
    to: Given<'a>,
    port: Given<'a>,
    with: Option<f64>,
) -> Answer<'a> {
    let Some(data) = Source::of(data) else { return invalid(2) };
    let to = match names::endpoint(Address::read(to), port, 3) {
        Ok(to) => to,
        Err(answer) => return answer,
    };
    match data.copied() {
        Some(bytes) => wait::run(cx, this, SendTo::new(bytes, to).flags(flags(with)), sent_to),
        None => fail(cx, &NO_MEMORY),
    }
}

fn sent_to<'a>(cx: Cx<'a>, _: &mut Inet, out: Result<usize, Error>) -> Answer<'a> {
    match out {
        Ok(count) => Ok(Reply::one(count as i64)),
        Err(error) => fail(cx, &error),
    }
}
