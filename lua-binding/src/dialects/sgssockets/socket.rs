//! `socket`: made, bound, connected, closed.

use std::rc::Rc;

use moonsocket_core::ops::{Accept, Connect, Connected};
use moonsocket_core::{
    Address, Error, ErrorKind, Handle, How, Kind as SocketKind, Limits, Opt, Patience,
    Value as OptValue, errno, number,
};

use super::address::Addr;
use super::error::{Last, nothing};
use super::{port, properties, transfer};
use crate::backend::Chosen;
use crate::door::{self, HasSocket};
use crate::socket::{Engine, Socket};
use crate::vm::{
    Answer, AnyClass, Body, Bytes, Call, Class, Cx, Family, Function, Integer, Number, Obj,
    Property, Raise, Ref, Reply, method,
};

/// A socket of any kind.
pub(super) struct Sgs {
    pub(super) socket: Socket,
    pub(super) socktype: i32,
    /// How long calls may wait.
    pub(super) limits: Limits,
    /// The Lua state's last error.
    pub(super) last: Rc<Last>,
}

impl Body for Sgs {
    const FAMILY: &'static Family = &Family {
        name: "socket",
        classes: &[Class { name: "sgssockets socket", marks: &[] }],
        methods: &[
            method!(opens "accept", Sgs, AnyClass, accept, Call),
            method!("bind", Sgs, AnyClass, bind, Number),
            method!("close", Sgs, AnyClass, close),
            method!("connect", Sgs, AnyClass, connect, Call, Obj<Addr>),
            method!(hot "getpeername", Sgs, AnyClass, getpeername, Call),
            method!("getsockname", Sgs, AnyClass, getsockname, Call),
            method!("listen", Sgs, AnyClass, listen, Integer),
            method!(hot "recv", Sgs, AnyClass, transfer::recv, Call, Number, Option<Integer>),
            method!(hot "recvfrom", Sgs, AnyClass, transfer::recvfrom, Call, Number, Option<Integer>),
            method!(hot "send", Sgs, AnyClass, transfer::send, Call, Bytes, Option<Integer>),
            method!(hot "sendto", Sgs, AnyClass, transfer::sendto, Call, Bytes, Obj<Addr>, Option<Integer>),
            method!("shutdown", Sgs, AnyClass, shutdown, Integer),
        ],
        stranger: "socket expected",
    };

    const PROPERTIES: &'static [Property] = properties::PROPERTIES;

    const METAMETHODS: &'static [Function] = &[method!("__tostring", Sgs, AnyClass, to_text)];

    fn close(&mut self) {
        self.socket.close();
    }

    fn returned(&mut self) {
        self.socket.settle();
    }
}

impl HasSocket for Sgs {
    fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }
}

impl Sgs {
    fn new(cx: Cx<'_>, socket: Socket, socktype: i32) -> Self {
        Self { socket, socktype, limits: Limits::default(), last: cx.state::<Last>() }
    }

    pub(super) fn is_open(&self) -> bool {
        self.socket.handle.is_open()
    }

    pub(super) fn is_stream(&self) -> bool {
        self.socktype == number::SOCK_STREAM
    }

    /// Is it connected, and not to a Unix socket?
    pub(super) fn has_ip_peer(&self) -> bool {
        self.socket.handle.peer_address().is_ok_and(|peer| peer.ip().is_some())
    }

    /// How long it may receive or accept.
    pub(super) fn receiving(&self) -> Patience {
        self.limits.receiving().into()
    }

    /// How long it may send or connect.
    pub(super) fn sending(&self) -> Patience {
        self.limits.sending().into()
    }
}

fn to_text(_: &mut Sgs) -> Answer<'_> {
    Ok(Reply::one("socket"))
}

/// `socket(family, type, protocol)`.
pub(super) fn socket(cx: Cx<'_>, family: i64, socktype: i64, protocol: i64) -> Answer<'_> {
    let kind = (|| {
        let [family, socktype, protocol] =
            [family, socktype, protocol].map(|number| i32::try_from(number).ok());
        Some(SocketKind { family: family?, socktype: socktype?, protocol: protocol? })
    })();
    match kind {
        Some(kind) => open(cx, kind),
        None => nothing(cx, &Error::new(ErrorKind::Os(errno::EINVAL), "socket")),
    }
}

/// `socket_tcp([ipv6])`.
pub(super) fn tcp(cx: Cx<'_>, ipv6: bool) -> Answer<'_> {
    open(cx, SocketKind { protocol: number::IPPROTO_TCP, ..SocketKind::stream(inet(ipv6)) })
}

/// `socket_udp([ipv6])`.
pub(super) fn udp(cx: Cx<'_>, ipv6: bool) -> Answer<'_> {
    open(cx, SocketKind { protocol: number::IPPROTO_UDP, ..SocketKind::datagram(inet(ipv6)) })
}

fn inet(ipv6: bool) -> i32 {
    if ipv6 { number::AF_INET6 } else { number::AF_INET }
}

fn open(cx: Cx<'_>, kind: SocketKind) -> Answer<'_> {
    let mut socket = Socket::unopened(Engine::of(cx));
    match socket.open(kind) {
        Ok(()) => {
            let made = Sgs::new(cx, socket, kind.socktype);
            made.last.clear();
            Ok(Reply::One(cx.object(made)))
        }
        Err(error) => nothing(cx, &error),
    }
}

/// `bind(port)`: to any address of the socket's family.
fn bind(this: &mut Sgs, number: f64) -> Answer<'static> {
    let Some(port) = port(number) else {
        return Err(Raise::argument(2, "port: 0 to 65535 expected"));
    };
    let handle = &mut this.socket.handle;
    let out = handle.live("bind").map(drop).and_then(|()| {
        let any = Address::any(handle.family(), port);
        handle.bind(&any.ok_or(Error::new(ErrorKind::Os(errno::EINVAL), "bind"))?)
    });
    Ok(this.last.verdict(&out))
}

/// `listen(queue size)`.
fn listen(this: &mut Sgs, backlog: i64) -> Answer<'static> {
    let backlog = i32::try_from(backlog.max(0)).unwrap_or(i32::MAX);
    let out = this.socket.handle.listen(backlog);
    Ok(this.last.verdict(&out))
}

/// `accept()`: a socket, and the address at its other end.
fn accept<'a>(this: &'a mut Sgs, cx: Cx<'a>) -> Answer<'a> {
    let patience = this.receiving();
    door::answer(cx, this, Accept, patience, accepted)
}

fn accepted<'a>(
    cx: Cx<'a>,
    this: &mut Sgs,
    out: Result<(Handle<Chosen>, Address), Error>,
) -> Answer<'a> {
    match out {
        Ok((handle, peer)) => {
            this.last.clear();
            let socket = Socket::new(Rc::clone(&this.socket.engine), handle);
            let (limits, last) = (Limits::default(), Rc::clone(&this.last));
            let made = Sgs { socket, socktype: this.socktype, limits, last };
            Ok((cx.object(made), cx.object(Addr(peer))).into())
        }
        Err(error) => nothing(cx, &error),
    }
}

/// `connect(address)`.
fn connect<'a>(this: &'a mut Sgs, cx: Cx<'a>, to: Ref<'a, Addr>) -> Answer<'a> {
    let Some(to) = to.with(|addr| addr.0) else { return Ok(Reply::one(false)) };
    let handle = &this.socket.handle;
    let fits = handle.live("connect").map(drop).and_then(|()| {
        let problem = Error::new(ErrorKind::Os(errno::EAFNOSUPPORT), "connect");
        // The engine would take a descriptor of the other family in its place.
        if to.family() == handle.family() { Ok(()) } else { Err(problem) }
    });
    if let Err(error) = fits {
        return Ok(this.last.fail(&error));
    }
    let mut operation = Connect::new([to], SocketKind::stream(to.family()));
    if !this.limits.blocking {
        operation = operation.report_in_flight();
    }
    let patience = this.sending();
    door::answer(cx, this, operation, patience, connected)
}

fn connected<'a>(_: Cx<'a>, this: &mut Sgs, out: Result<Connected, Error>) -> Answer<'a> {
    // It goes on when the time is up, as the system has it.
    let out = out.map_err(|error| match error.kind() {
        ErrorKind::Timeout => Error::new(ErrorKind::Os(errno::EINPROGRESS), "connect"),
        _ => error,
    });
    Ok(this.last.verdict(&out))
}

/// `shutdown(kind)`.
fn shutdown(this: &mut Sgs, kind: i64) -> Answer<'static> {
    let out = match kind {
        0 => this.socket.handle.shutdown(How::Receive),
        1 => this.socket.handle.shutdown(How::Send),
        2 => this.socket.handle.shutdown(How::Both),
        _ => Err(Error::new(ErrorKind::Os(errno::EINVAL), "shutdown")),
    };
    Ok(this.last.verdict(&out))
}

/// `close()`: false when it is closed already.
fn close(this: &mut Sgs) -> Answer<'static> {
    let out = this.socket.handle.live("close").map(drop);
    this.socket.close();
    Ok(this.last.verdict(&out))
}

/// `getpeername()`: the address at the other end.
fn getpeername<'a>(this: &'a mut Sgs, cx: Cx<'a>) -> Answer<'a> {
    name(cx, this.socket.handle.peer_address())
}

/// `getsockname()`: the own address; an addition, to learn the port that `bind(0)` chose.
fn getsockname<'a>(this: &'a mut Sgs, cx: Cx<'a>) -> Answer<'a> {
    name(cx, this.socket.handle.local_address())
}

fn name(cx: Cx<'_>, address: Result<Address, Error>) -> Answer<'_> {
    match address {
        Ok(address) => {
            cx.state::<Last>().clear();
            Ok(Reply::One(cx.object(Addr(address))))
        }
        Err(error) => nothing(cx, &error),
    }
}

/// An option that is on or off.
pub(super) fn flag(this: &Sgs, option: Opt) -> bool {
    let out = this.socket.handle.option(option);
    let _ = this.last.verdict(&out);
    matches!(out, Ok(OptValue::Flag(true)))
}
