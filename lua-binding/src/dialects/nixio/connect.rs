//! How a socket gets an address and a peer: `bind`, `connect`, `listen`, `accept`.

use std::rc::Rc;

use moonsocket_core::ops::{Accept, Bind, Connect, Connected};
use moonsocket_core::{Address, Error, ErrorKind, Handle, Limit, Limits, errno};

use super::error::{fail, failure};
use super::socket::{Nixio, address, done, path};
use crate::backend::Chosen;
use crate::door;
use crate::socket::Socket;
use crate::vm::{Answer, Cx, Raise, Reply, Value};

/// `bind(host, port)` or `bind(path)`.
pub(super) fn bind<'a>(
    this: &'a mut Nixio,
    cx: Cx<'a>,
    host: Option<&'a [u8]>,
    port: Option<&'a [u8]>,
) -> Answer<'a> {
    if this.is_unix() {
        let to = path(2, host.ok_or(Raise::Type(2, "string"))?)?;
        return done(cx, this.socket.handle.bind(&to));
    }
    match this.query(host, port, true)? {
        // Names are looked up however long that takes.
        Ok(query) => {
            let operation = Bind::resolve(query, this.kind);
            door::answer(cx, this, operation, Limit::FOREVER.into(), |cx, _, out| done(cx, out))
        }
        Err(error) => fail(cx, &error),
    }
}

/// `connect(host, port)` or `connect(path)`.
pub(super) fn connect<'a>(
    this: &'a mut Nixio,
    cx: Cx<'a>,
    host: Option<&'a [u8]>,
    port: Option<&'a [u8]>,
) -> Answer<'a> {
    let patience = this.limits.sending().into();
    let operation = if this.is_unix() {
        let to = path(2, host.ok_or(Raise::Type(2, "string"))?)?;
        Connect::new([to], this.kind)
    } else {
        match this.query(host, port, false)? {
            Ok(query) => Connect::resolve(query, this.kind),
            Err(error) => return fail(cx, &error),
        }
    };
    if this.is_stream() && this.connected && this.socket.handle.peer_address().is_ok() {
        return Ok(failure(cx, errno::EISCONN));
    }
    door::answer_named(cx, this, operation.report_in_flight(), patience, connected)
}

fn connected<'a>(cx: Cx<'a>, this: &mut Nixio, out: Result<Connected, Error>) -> Answer<'a> {
    this.connected = out.is_ok();
    match out {
        // It goes on by itself. But there is no such thing as a Unix connect under way, nor one to a name still unknown.
        Err(error)
            if error.kind() == ErrorKind::Timeout
                && error.operation() == "connect"
                && !this.is_unix() =>
        {
            Ok(failure(cx, errno::EINPROGRESS))
        }
        out => done(cx, out),
    }
}

/// `listen(backlog)`.
pub(super) fn listen<'a>(this: &'a mut Nixio, cx: Cx<'a>, backlog: i64) -> Answer<'a> {
    let backlog = backlog.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
    done(cx, this.socket.handle.listen(backlog))
}

/// `accept()`: a socket, and the peer's address.
pub(super) fn accept<'a>(this: &'a mut Nixio, cx: Cx<'a>) -> Answer<'a> {
    let patience = this.limits.receiving().into();
    door::answer(cx, this, Accept, patience, accepted)
}

fn accepted<'a>(
    cx: Cx<'a>,
    this: &mut Nixio,
    out: Result<(Handle<Chosen>, Address), Error>,
) -> Answer<'a> {
    let (handle, peer) = match out {
        Ok(accepted) => accepted,
        Err(error) => return fail(cx, &error),
    };
    let mut nixio = Nixio::new(Socket::new(Rc::clone(&this.socket.engine), handle), this.kind);
    nixio.connected = true;
    // As the system has it: its own limits would be the listener's. That it waits at all is not inherited.
    let limits = Limits { blocking: true, ..this.limits };
    (nixio.limits, nixio.limits_set) = (limits, this.limits_set);
    let nixio = cx.object(nixio);
    Ok(match address(cx, &peer) {
        Some((host, Value::Nil)) => (nixio, host).into(),
        Some((host, port)) => (nixio, host, port).into(),
        None => Reply::One(nixio),
    })
}
