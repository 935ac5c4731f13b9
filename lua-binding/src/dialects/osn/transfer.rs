//! `receive` and `send`.

use std::time::Duration;

use moonsocket_core::ops::{Message, Receive, ReceiveFrom, Received, SendFailed, Short};
use moonsocket_core::os::signals;
use moonsocket_core::{Error, ErrorKind, Flags, Limit, Pattern, number};

use super::address::{self, Target};
use super::error::fail;
use super::socket::{Osn, Role};
use crate::door::{self, Outcome};
use crate::sending::{self, All, Once, Part, To, ToName};
use crate::vm::{Answer, Cx, Given, Lua, Raise, Ref, Reply, Value, Word};

/// How long a receive or send waits that says nothing of it.
const PATIENCE: Limit = Limit::after(Duration::from_secs(10));

/// `receive(size [, "BLOCK" | seconds])`: at least one byte, at most `size`; a datagram and its sender. A long poll that
/// runs out is `"", "timeout"`, the default limit `nil, "timeout"`.
pub(super) fn receive<'a>(this: &'a mut Osn, cx: Cx<'a>, size: f64, poll: Given<'a>) -> Answer<'a> {
    const LIMIT: &str = "\"BLOCK\" or a positive number of seconds expected";
    let (limit, polls) = match (poll.to_bytes(), poll.to_number()) {
        (Some(b"BLOCK"), _) => (Limit::FOREVER, false),
        (_, Some(seconds)) if seconds > 0.0 => (Limit::from_secs_f64(seconds), true),
        (None, None) if !poll.truth() => (PATIENCE, false),
        (None, None) => return Err(Raise::argument(3, LIMIT)),
        _ => return fail(cx, &Error::new(ErrorKind::Invalid(LIMIT), "receive")),
    };
    if size < 1.0 || size.is_nan() {
        return fail(cx, &Error::new(ErrorKind::Invalid("positive size expected"), "receive"));
    }
    let (size, patience) = (size as usize, this.told.patience(limit));
    if this.role == Role::Datagram {
        let finish: door::Finish<Osn, _> = if polls { polled_message } else { message };
        return door::answer(cx, this, ReceiveFrom::new(size), patience, finish);
    }
    let finish: door::Finish<Osn, _> = if polls { polled } else { received };
    match door::run(cx, this, Receive::new(Pattern::Some(size)), patience, finish) {
        Outcome::Now(Ok(received)) => Ok(Reply::One(this.socket.lend(cx, received))),
        Outcome::Now(out) => finish(cx, this, out),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

fn received<'a>(cx: Cx<'a>, this: &mut Osn, out: Result<Received, Short>) -> Answer<'a> {
    match out {
        Ok(received) => Ok(Reply::One(cx.detached(received.detach(&mut this.socket.handle)))),
        Err(short) => fail(cx, &short.error),
    }
}

fn polled<'a>(cx: Cx<'a>, this: &mut Osn, out: Result<Received, Short>) -> Answer<'a> {
    match out {
        Err(short) if short.error.kind() == ErrorKind::Timeout => Ok(NOTHING_YET),
        out => received(cx, this, out),
    }
}

fn message<'a>(cx: Cx<'a>, _: &mut Osn, out: Result<Message, Error>) -> Answer<'a> {
    match out {
        Ok(Message { data, from }) => Ok((cx.bytes(data), address::table(cx, &from)).into()),
        Err(error) => fail(cx, &error),
    }
}

fn polled_message<'a>(cx: Cx<'a>, this: &mut Osn, out: Result<Message, Error>) -> Answer<'a> {
    match out {
        Err(error) if error.kind() == ErrorKind::Timeout => Ok(NOTHING_YET),
        out => message(cx, this, out),
    }
}

/// What a long poll answers that runs out: no more than that.
const NOTHING_YET: Reply<'static> = Reply::Two(Value::Str(""), Value::Word(Word::Timeout));

/// `send(data [, address])`: everything, its size. When the limit strikes after some bytes went out: how many.
pub(super) fn send<'a>(
    this: Ref<'a, Osn>,
    lua: Lua<'a>,
    data: &'a [u8],
    to: Given<'a>,
) -> Answer<'a> {
    let cx = lua.cx();
    let target = match address::target(lua, to)? {
        Ok(target) => target,
        Err(error) => return fail(cx, &error),
    };
    let sent = this.with(|osn| {
        let (patience, part) = (osn.told.patience(PATIENCE), Part::whole(2, data));
        let handle = &osn.socket.handle;
        // A TCP connection takes no notice of an address.
        let ignored = osn.role == Role::Connected && handle.family() != number::AF_UNIX;
        let target = if ignored { Target::None } else { target };
        match target.for_family(handle.family()) {
            Some(Ok(to)) => {
                let out = sending::run(cx, osn, part, To(to, Flags::NONE), patience, sent_message);
                answer(cx, osn, out, sent_message)
            }
            Some(Err(query)) => {
                let out = sending::run(cx, osn, part, ToName(query), patience, sent_message);
                answer(cx, osn, out, sent_message)
            }
            None if osn.role == Role::Datagram => {
                let out = sending::run(cx, osn, part, Once(Flags::NONE), patience, sent);
                answer(cx, osn, out, sent)
            }
            None if data.is_empty() && !handle.is_open() => {
                fail(cx, &Error::new(ErrorKind::Closed, "send"))
            }
            None => {
                let out = sending::run(cx, osn, part, All(Flags::NONE), patience, sent);
                answer(cx, osn, out, sent)
            }
        }
    });
    sent.unwrap_or(Err(Raise::here("the socket is in use further up")))
}

fn answer<'a, O>(
    cx: Cx<'a>,
    osn: &mut Osn,
    out: Outcome<O>,
    finish: door::Finish<Osn, O>,
) -> Answer<'a> {
    match out {
        Outcome::Now(out) => finish(cx, osn, out),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

fn sent<'a>(cx: Cx<'a>, _: &mut Osn, out: Result<usize, SendFailed>) -> Answer<'a> {
    let SendFailed { sent, error } = match out {
        Ok(count) => return Ok(Reply::one(count as i64)),
        Err(failed) => failed,
    };
    match error.kind() {
        ErrorKind::Timeout if sent > 0 => Ok(Reply::one(sent as i64)),
        // How much went out must not get lost: the signal is told by the next call.
        ErrorKind::Signal(signal) if sent > 0 => {
            signals::put_back(signal);
            Ok(Reply::one(sent as i64))
        }
        _ => fail(cx, &error),
    }
}

fn sent_message<'a>(cx: Cx<'a>, _: &mut Osn, out: Result<usize, Error>) -> Answer<'a> {
    match out {
        Ok(count) => Ok(Reply::one(count as i64)),
        Err(error) => fail(cx, &error),
    }
}
