//! What every class of every family has: limits, descriptor, statistics, names.

use std::net::{SocketAddr, SocketAddrV4};
use std::time::{Duration, Instant};

use moonsocket_core::{Address, Error};

use super::error::fail_system;
use crate::door::HasSocket;
use crate::socket::Socket;
use crate::vm::{Answer, Count, Cx, Given, Raise, Reply, Value, Word};

/// What most methods answer when they have done what they were asked for.
pub(super) const DONE: Reply<'static> = Reply::One(Value::Integer(1));

/// What methods answer for an object that the collector has closed: the same as for one that its program has. `refused`
/// is what those say that transfer. `setfd` raises: a descriptor would have no owner any more.
pub(super) fn collected(method: &str, refused: &'static str) -> Option<Reply<'static>> {
    const NONE: Value<'static> = Value::Nil;
    let is_stream = refused == "closed";
    Some(match method {
        "setfd" => return None,
        "close" | "setstats" | "settimeout" | "shutdown" => DONE,
        "dirty" => Reply::one(false),
        "getfamily" => Reply::one("inet4"),
        "getfd" => Reply::One(Value::Integer(-1)),
        "getpeername" | "getsockname" => (NONE, "Bad file descriptor").into(),
        "getoption" => (NONE, "getsockopt failed").into(),
        "getstats" => (0.0, 0.0, 0.0).into(),
        "gettimeout" => (-1.0, -1.0).into(),
        "receive" if is_stream => (NONE, refused, "").into(),
        "send" if is_stream => (NONE, refused, 0.0).into(),
        _ => (NONE, refused).into(),
    })
}

/// `settimeout(value [, mode])`.
pub(super) fn settimeout<'a, T: HasSocket>(
    this: &'a mut T,
    value: Option<f64>,
    mode: Option<&'a [u8]>,
) -> Answer<'a> {
    let value = value.unwrap_or(-1.0);
    let timeouts = &mut this.socket().handle.timeouts;
    match mode.map(|mode| mode.first()) {
        None | Some(Some(b'b')) => timeouts.set_block_s(value),
        Some(Some(b'r' | b't')) => timeouts.set_total_s(value),
        Some(_) => return Err(Raise::argument(3, "invalid timeout mode")),
    }
    Ok(DONE)
}

/// `gettimeout()`: block and total as they were set.
pub(super) fn gettimeout<T: HasSocket>(this: &mut T) -> Answer<'static> {
    let timeouts = this.socket().handle.timeouts;
    Ok((timeouts.block_s(), timeouts.total_s()).into())
}

/// The shortcut of [`getfd`], which has nothing else to say.
#[inline(always)]
pub(super) fn descriptor<T: HasSocket>(this: &mut T) -> Option<Count<0>> {
    Some(Count(this.socket().handle.descriptor().into()))
}

/// `getfd()`.
pub(super) fn getfd<T: HasSocket>(this: &mut T) -> Answer<'static> {
    Ok(Reply::One(Value::Integer(this.socket().handle.descriptor().into())))
}

/// `setfd(n)`: takes another descriptor; the present one is not closed.
///
/// That one goes to somebody who may write to it without our care, LuaSec as a rule, and expects that LuaSocket has
/// switched SIGPIPE off.
pub(super) fn setfd<T: HasSocket>(this: &mut T, descriptor: f64) -> Answer<'static> {
    if this.socket().handle.is_open() {
        moonsocket_core::os::ignore_broken_pipe();
    }
    // `as` would make a NaN 0, somebody's standard input, and close it in the end.
    let fits = (f64::from(i32::MIN)..f64::from(i32::MAX) + 1.0).contains(&descriptor);
    this.socket().replace(if fits { descriptor as i32 } else { i32::MIN });
    Ok(Reply::Nothing)
}

/// `dirty()`: are there bytes in the read buffer?
pub(super) fn dirty<T: HasSocket>(this: &mut T) -> Answer<'static> {
    Ok(Reply::One(Value::Boolean(!this.socket().handle.buffer.is_empty())))
}

/// `close()`.
pub(super) fn close<T: HasSocket>(this: &mut T) -> Answer<'static> {
    this.socket().close();
    Ok(DONE)
}

/// `getstats()`: bytes received, bytes sent, age in seconds.
pub(super) fn getstats<T: HasSocket>(this: &mut T) -> Answer<'static> {
    let statistics = this.socket().handle.statistics;
    let now = Instant::now();
    let age = match now.checked_duration_since(statistics.since) {
        Some(age) => age.as_secs_f64(),
        None => -statistics.since.duration_since(now).as_secs_f64(),
    };
    let (received, sent) = (statistics.received as f64, statistics.sent as f64);
    Ok((whole(received), whole(sent), age).into())
}

/// A count that is shown without a fraction wherever Lua can.
fn whole(count: f64) -> Value<'static> {
    if count < 9e15 { Value::Integer(count as i64) } else { Value::Number(count) }
}

/// `setstats(received, sent, age)`: each only if given.
pub(super) fn setstats<'a, T: HasSocket>(
    this: &'a mut T,
    received: Option<f64>,
    sent: Option<f64>,
    age: Given<'a>,
) -> Answer<'a> {
    let statistics = &mut this.socket().handle.statistics;
    // Negative numbers wrap, like the unsigned counters that they are.
    if let Some(received) = received {
        statistics.received = received as i64 as u64;
    }
    if let Some(sent) = sent {
        statistics.sent = sent as i64 as u64;
    }
    if let Some(age) = age.to_number() {
        let time = Duration::try_from_secs_f64(age.abs()).ok();
        let now = Instant::now();
        let since = time
            .and_then(|time| if age < 0.0 { now.checked_add(time) } else { now.checked_sub(time) });
        statistics.since = since.unwrap_or(now);
    }
    Ok(DONE)
}

/// `getsockname()`: address, port, family.
pub(super) fn getsockname<'a, T: HasSocket>(this: &'a mut T, cx: Cx<'a>) -> Answer<'a> {
    let address = this.socket().handle.local_address();
    name(cx, this.socket(), address)
}

/// The shortcut of [`getpeername`] for what most peers are.
#[inline(always)]
pub(super) fn ip4_peer<T: HasSocket>(this: &mut T) -> Option<SocketAddrV4> {
    this.socket().handle.ip4_peer()
}

/// `getpeername()`: address, port, family.
pub(super) fn getpeername<'a, T: HasSocket>(this: &'a mut T, cx: Cx<'a>) -> Answer<'a> {
    let address = this.socket().handle.peer_address();
    name(cx, this.socket(), address)
}

fn name<'a>(cx: Cx<'a>, socket: &'a mut Socket, address: Result<Address, Error>) -> Answer<'a> {
    Ok(match address {
        Ok(Address::Inet(SocketAddr::V4(address))) => {
            (Value::DottedQuad(*address.ip()), i64::from(address.port()), Word::Inet).into()
        }
        Ok(Address::Inet(address)) => {
            let ip = socket.lend_text(|text| crate::convert::write_ip(text, &address));
            (ip, i64::from(address.port()), "inet6").into()
        }
        // A descriptor of another family that somebody put in.
        Ok(Address::Unix(name)) => (cx.bytes(name.as_bytes()), (), "unix").into(),
        Ok(Address::Other(_)) => (Value::Nil, "Address family not supported").into(),
        Err(error) => return fail_system(cx, &error),
    })
}
