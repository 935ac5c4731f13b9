//! What LuaSocket does not have: new functions and methods under names of their own.

use std::rc::Rc;

use moonsocket_core::ops::{Receive, Received, Short};
use moonsocket_core::os;
use moonsocket_core::{
    Error, ErrorKind, Family as IpFamily, Handle, Kind, Opt, Pattern, Transport, Value as OptValue,
    errno, number,
};

use super::error::{fail, fail_system};
use super::roles::{Endpoint, Role};
use super::stream::Stream;
use super::tcp::Tcp;
use super::udp::Udp;
use super::unixdgram::Unixdgram;
use super::unixstream::Unixstream;
use crate::backend::{OwnedSocket, of_system};
use crate::door::{self, Outcome};
use crate::socket::{Engine, Socket};
use crate::vm::{Answer, Body, Cx, Lua, Raise, Reply, Value, given_away, keyword};

/// `receiveany(max)`: what is there, at least a byte and at most `max` of them; waits when there is nothing. `nil,
/// message` otherwise: it has no partial result.
pub(super) fn receiveany<'a, T: Stream>(this: &'a mut T, cx: Cx<'a>, most: f64) -> Answer<'a> {
    if most < 1.0 || most.is_nan() {
        return Err(Raise::argument(2, "positive size expected"));
    }
    let patience = this.socket().patience();
    let operation = Receive::new(Pattern::Some(most as usize));
    match door::run(cx, this, operation, patience, received) {
        Outcome::Now(Ok(data)) => Ok(Reply::One(this.socket().lend(cx, data))),
        Outcome::Now(Err(short)) => fail(cx, &short.error),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

fn received<'a, T: Stream>(cx: Cx<'a>, this: &mut T, out: Result<Received, Short>) -> Answer<'a> {
    match out {
        Ok(data) => Ok(Reply::One(cx.detached(data.detach(&mut this.socket().handle)))),
        Err(short) => fail(cx, &short.error),
    }
}

/// `dup()`: an object of the same class on a second descriptor of the same socket, with limits of its own. What the
/// first one has buffered stays with it.
pub(super) fn dup<'a, T: Endpoint>(this: &'a mut T, cx: Cx<'a>) -> Answer<'a> {
    match duplicate(this.socket()) {
        Ok(socket) => Ok(Reply::One(cx.object(this.twin(socket)))),
        Err(error) => fail_system(cx, &error),
    }
}

/// A second descriptor of a socket.
///
/// # Errors
/// Closed, or no descriptors left.
pub(super) fn duplicate(socket: &Socket) -> Result<Socket, Error> {
    Ok(on(&socket.engine, socket.handle.duplicate(&socket.engine.backend)?, socket.handle.family()))
}

fn on(engine: &Rc<Engine>, descriptor: OwnedSocket, family: i32) -> Socket {
    Socket::new(Rc::clone(engine), Handle::adopt(&engine.backend, descriptor, family))
}

/// `getpeercred()`: the number, user and group of the process at the other end, when it connected.
pub(super) fn getpeercred<'a, T: Stream>(this: &'a mut T, cx: Cx<'a>) -> Answer<'a> {
    match this.socket().handle.option(Opt::PeerCredentials) {
        Ok(OptValue::Credentials { pid, uid, gid }) if pid > 0 || uid != u32::MAX => {
            Ok((i64::from(pid), i64::from(uid), i64::from(gid)).into())
        }
        Ok(_) => fail(cx, &Error::new(ErrorKind::Os(errno::ENOTCONN), "getpeercred")),
        Err(error) => fail_system(cx, &error),
    }
}

/// `socketpair([kind = "stream"])`: two connected Unix objects.
pub(super) fn socketpair<'a>(lua: Lua<'a>, kind: Option<&'a [u8]>) -> Answer<'a> {
    let dgram = keyword(1, kind.unwrap_or(b"stream"), &["stream", "dgram"])? == 1;
    let family = number::AF_UNIX;
    let kind = if dgram { Kind::datagram(family) } else { Kind::stream(family) };
    let cx = lua.cx();
    let pair = os::pair(kind).and_then(|(one, other)| Ok((of_system(one)?, of_system(other)?)));
    let (one, other) = match pair {
        Ok(pair) => pair,
        Err(error) => return fail(cx, &Error::from_io(&error, "socketpair")),
    };
    let engine = Engine::of(cx);
    let (one, other) = (on(&engine, one, family), on(&engine, other, family));
    if dgram {
        let new = |socket| Unixdgram::new(socket, true);
        return Ok((object(lua, new(one))?, object(lua, new(other))?).into());
    }
    let new = |socket| Unixstream::new(socket, Role::Client);
    Ok((object(lua, new(one))?, object(lua, new(other))?).into())
}

/// `fromfd(fd)`: an object on a socket that exists, of the class that fits it. A stream that does not listen counts as a
/// client. It is closed with the object; after an error it still belongs to the caller.
pub(super) fn fromfd<'a>(lua: Lua<'a>, descriptor: f64) -> Answer<'a> {
    let cx = lua.cx();
    let engine = Engine::of(cx);
    let descriptor: OwnedSocket = given_away(descriptor as i32);
    let (family, socktype, listens) = match kind_of(&descriptor) {
        Ok(kind) => kind,
        Err(error) => {
            let _ = descriptor.into_descriptor();
            return fail(cx, &error);
        }
    };
    let connected = descriptor.peer_address().is_ok();
    let socket = on(&engine, descriptor, family);
    let role = if listens { Role::Server } else { Role::Client };
    let ip = match family {
        number::AF_INET => IpFamily::V4,
        _ => IpFamily::V6,
    };
    Ok(Reply::One(match (family == number::AF_UNIX, socktype == number::SOCK_DGRAM) {
        (false, false) => object(lua, Tcp::new(socket, role, ip))?,
        (false, true) => object(lua, Udp::new(socket, connected, ip))?,
        (true, false) => object(lua, Unixstream::new(socket, role))?,
        (true, true) => object(lua, Unixdgram::new(socket, connected))?,
    }))
}

/// Family, type, and whether it listens.
fn kind_of(descriptor: &OwnedSocket) -> Result<(i32, i32, bool), Error> {
    let number = |option| match descriptor.option(option) {
        Ok(OptValue::Int(number)) => Ok(number),
        Ok(OptValue::Flag(on)) => Ok(i32::from(on)),
        Ok(_) => Ok(0),
        Err(error) => Err(Error::from_io(&error, "fromfd")),
    };
    let (family, socktype) = (number(Opt::Domain)?, number(Opt::Type)?);
    let known = [number::AF_INET, number::AF_INET6, number::AF_UNIX].contains(&family)
        && [number::SOCK_STREAM, number::SOCK_DGRAM].contains(&socktype);
    if !known {
        return Err(Error::new(ErrorKind::Os(errno::EAFNOSUPPORT), "fromfd"));
    }
    Ok((family, socktype, number(Opt::AcceptsConnections)? != 0))
}

/// A new object of a class that this Lua state may not have seen yet: `socket.unix`'s are not made before somebody wants
/// one, lest they be in the way of another library of that name.
fn object<T: Body>(lua: Lua<'_>, body: T) -> Result<Value<'_>, Raise<'_>> {
    lua.register::<T>()?;
    Ok(lua.cx().object(body))
}
