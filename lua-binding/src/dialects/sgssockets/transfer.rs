//! Sending and receiving.

use moonsocket_core::ops::{Message, Receive, ReceiveFrom, Received, SendFailed, Short};
use moonsocket_core::{Address, Error, ErrorKind, Flags, Pattern, number};

use super::address::Addr;
use super::socket::Sgs;
use crate::door::{self, Outcome};
use crate::sending::{self, All, Once, Part, To};
use crate::vm::{Answer, Cx, Raise, Ref, Reply, Value};

fn flags<'a>(number: Option<i64>, argument: i32) -> Result<Flags, Raise<'a>> {
    let flags = i32::try_from(number.unwrap_or(0)).map(Flags);
    flags.map_err(|_| Raise::argument(argument, "flags expected"))
}

/// `send(text [, flags])`: how much was sent.
pub(super) fn send<'a>(
    this: &'a mut Sgs,
    cx: Cx<'a>,
    data: &'a [u8],
    flags: Option<i64>,
) -> Answer<'a> {
    let flags = self::flags(flags, 3)?;
    let (part, patience) = (Part::whole(2, data), this.sending());
    let at_once = flags.contains(Flags::DONT_WAIT) || flags.contains(Flags::OUT_OF_BAND);
    // The system's call waits until a stream has taken everything.
    let out = if this.is_stream() && !at_once && !patience.whole.is_zero() && !data.is_empty() {
        sending::run(cx, this, part, All(flags), patience, sent)
    } else {
        sending::run(cx, this, part, Once(flags), patience, sent)
    };
    answer(cx, this, out, sent)
}

/// `sendto(text, address [, flags])`: how much was sent.
pub(super) fn sendto<'a>(
    this: &'a mut Sgs,
    cx: Cx<'a>,
    data: &'a [u8],
    to: Ref<'a, Addr>,
    flags: Option<i64>,
) -> Answer<'a> {
    let number = flags;
    let flags = self::flags(number, 4)?;
    let Some(to) = to.with(|addr| addr.0) else { return Ok(Reply::one(false)) };
    // A TCP connection takes no notice of an address.
    if this.is_stream() && to.ip().is_some() && this.has_ip_peer() {
        return send(this, cx, data, number);
    }
    let (part, patience) = (Part::whole(2, data), this.sending());
    let out = sending::run(cx, this, part, To(to, flags), patience, sent_to);
    answer(cx, this, out, sent_to)
}

fn answer<'a, O>(
    cx: Cx<'a>,
    this: &mut Sgs,
    out: Outcome<O>,
    finish: door::Finish<Sgs, O>,
) -> Answer<'a> {
    match out {
        Outcome::Now(out) => finish(cx, this, out),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

fn sent<'a>(cx: Cx<'a>, this: &mut Sgs, out: Result<usize, SendFailed>) -> Answer<'a> {
    // What stopped it, the next call says.
    sent_to(
        cx,
        this,
        out.or_else(|failed| if failed.sent > 0 { Ok(failed.sent) } else { Err(failed.error) }),
    )
}

fn sent_to<'a>(_: Cx<'a>, this: &mut Sgs, out: Result<usize, Error>) -> Answer<'a> {
    match out {
        Ok(count) => {
            this.last.clear();
            Ok(Reply::one(count as i64))
        }
        Err(error) => Ok(this.last.fail(&error)),
    }
}

/// How much may be received; `None`: nothing at all.
fn size<'a>(number: f64) -> Result<Option<usize>, Raise<'a>> {
    match number {
        0.0 => Ok(None),
        1.0.. => Ok(Some(number as usize)),
        _ => Err(Raise::argument(2, "a size expected")),
    }
}

/// `recv(max length [, flags])`: at least a byte of a stream, or a message; true at the end.
pub(super) fn recv<'a>(this: &'a mut Sgs, cx: Cx<'a>, most: f64, flags: Option<i64>) -> Answer<'a> {
    let flags = self::flags(flags, 3)?;
    let Some(most) = size(most)? else { return Ok(nothing_asked(this)) };
    let patience = this.receiving();
    if !this.is_stream() {
        let operation = ReceiveFrom::new(most).flags(flags);
        return door::answer(cx, this, operation, patience, message);
    }
    let operation = Receive::new(Pattern::Some(most)).flags(flags);
    match door::run(cx, this, operation, patience, received) {
        Outcome::Now(Ok(got)) => {
            this.last.clear();
            Ok(Reply::One(this.socket.lend(cx, got)))
        }
        Outcome::Now(out) => received(cx, this, out),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

/// The answer to a size of 0, which asks the system nothing.
fn nothing_asked(this: &Sgs) -> Reply<'static> {
    match this.socket.handle.live("recv") {
        Ok(_) => {
            this.last.clear();
            Reply::one("")
        }
        Err(error) => this.last.fail(&error),
    }
}

fn received<'a>(cx: Cx<'a>, this: &mut Sgs, out: Result<Received, Short>) -> Answer<'a> {
    match out {
        Ok(got) => {
            this.last.clear();
            Ok(Reply::One(cx.detached(got.detach(&mut this.socket.handle))))
        }
        Err(short) if short.error.kind() == ErrorKind::EndOfStream => {
            this.last.clear();
            Ok(Reply::one(true))
        }
        Err(short) => Ok(this.last.fail(&short.error)),
    }
}

fn message<'a>(cx: Cx<'a>, this: &mut Sgs, out: Result<Message, Error>) -> Answer<'a> {
    match out {
        Ok(Message { data, .. }) => {
            this.last.clear();
            // Of these an empty message is none: the peer has gone.
            let ended = data.is_empty() && this.socktype == number::SOCK_SEQPACKET;
            Ok(Reply::One(if ended { Value::Boolean(true) } else { cx.bytes(data) }))
        }
        Err(error) => Ok(this.last.fail(&error)),
    }
}

/// `recvfrom(max length [, flags])`: a message, and the address of its sender.
pub(super) fn recvfrom<'a>(
    this: &'a mut Sgs,
    cx: Cx<'a>,
    most: f64,
    flags: Option<i64>,
) -> Answer<'a> {
    let flags = self::flags(flags, 3)?;
    let Some(most) = size(most)? else { return Ok(nothing_asked(this)) };
    let patience = this.receiving();
    if this.is_stream() {
        let operation = Receive::new(Pattern::Some(most)).flags(flags);
        return door::answer(cx, this, operation, patience, received_from);
    }
    let operation = ReceiveFrom::new(most).flags(flags);
    door::answer(cx, this, operation, patience, message_from)
}

/// A stream's bytes are all from its peer; none are its end.
fn received_from<'a>(cx: Cx<'a>, this: &mut Sgs, out: Result<Received, Short>) -> Answer<'a> {
    let data = match out {
        Ok(got) => got.into_vec(&mut this.socket.handle),
        Err(short) if short.error.kind() == ErrorKind::EndOfStream => Vec::new(),
        Err(short) => return Ok(this.last.fail(&short.error)),
    };
    let from = this.socket.handle.peer_address();
    Ok(data_from(cx, this, data, from.ok()))
}

fn message_from<'a>(cx: Cx<'a>, this: &mut Sgs, out: Result<Message, Error>) -> Answer<'a> {
    match out {
        Ok(Message { data, from }) => Ok(data_from(cx, this, data, Some(from))),
        Err(error) => Ok(this.last.fail(&error)),
    }
}

fn data_from<'a>(cx: Cx<'a>, this: &Sgs, data: Vec<u8>, from: Option<Address>) -> Reply<'a> {
    this.last.clear();
    let from = from.map_or(Value::Nil, |from| cx.object(Addr(from)));
    (cx.bytes(data), from).into()
}
