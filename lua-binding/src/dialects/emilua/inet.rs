//! What the three kinds of sockets share: descriptors, addresses, waiting for readiness.

use std::rc::Rc;

use moonsocket_core::ops::Ready;
use moonsocket_core::{
    Address as SocketAddress, Error, ErrorKind, Handle, How, Interest, Kind, errno, number,
};

use super::address::Address;
use super::descriptor::FileDescriptor;
use super::error::{self, GENERIC, coded, fail, invalid};
use super::{datagram, listener, names, option, stream, wait};
use crate::door::HasSocket;
use crate::socket::{Engine, Socket};
use crate::vm::{
    Answer, Any, AnyClass, Body, Call, Class, Cx, Family, Function, Given, Guard, Number, Reply,
    function, method,
};

/// A socket of any kind.
pub(super) struct Inet {
    pub(super) socket: Socket,
    pub(super) role: Role,
    /// Listeners: connections that were gone before they could be taken are told of.
    pub(super) tells_aborted: bool,
}

/// What a socket is for: positions in the family's classes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// `ip.tcp.socket`.
    Stream,
    /// `ip.tcp.acceptor`.
    Listener,
    /// `ip.udp.socket`.
    Datagram,
}

/// The guards of the three.
pub(super) struct Stream;
pub(super) struct Listener;
pub(super) struct Datagram;
/// Streams and datagram sockets.
struct Peered;

macro_rules! guards {
    ($($guard:ident, $expected:literal, $roles:pat,)*) => {
        $(impl Guard<Inet> for $guard {
            const EXPECTED: &'static str = $expected;
            fn admits(inet: &Inet) -> bool {
                matches!(inet.role, $roles)
            }
        })*
    };
}

guards! {
    Stream, "ip.tcp.socket", Role::Stream,
    Listener, "ip.tcp.acceptor", Role::Listener,
    Datagram, "ip.udp.socket", Role::Datagram,
    Peered, "ip.tcp.socket", Role::Stream | Role::Datagram,
}

impl Body for Inet {
    const FAMILY: &'static Family = &Family {
        name: "ip.socket",
        classes: &[
            Class { name: "ip.tcp.socket", marks: &[] },
            Class { name: "ip.tcp.acceptor", marks: &[] },
            Class { name: "ip.udp.socket", marks: &[] },
        ],
        methods: METHODS,
        stranger: "ip.socket expected",
    };

    fn class(&self) -> usize {
        self.role as usize
    }

    fn close(&mut self) {
        self.cancel();
        self.socket.close();
    }

    fn misplaced() -> Option<Reply<'static>> {
        error::misplaced()
    }
}

impl HasSocket for Inet {
    fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }
}

const METHODS: &[Function] = &[
    method!(opens "accept", Inet, Listener, listener::accept, Call),
    method!("assign", Inet, AnyClass, assign, Call, Any, Any),
    method!("at_mark", Inet, Stream, at_mark, Call),
    method!(opens "bind", Inet, AnyClass, bind, Call, Any, Any),
    method!("cancel", Inet, AnyClass, cancel, Call),
    method!("close", Inet, AnyClass, close),
    method!(opens "connect", Inet, Peered, stream::connect, Call, Any, Any),
    method!("disconnect", Inet, Peered, disconnect, Call),
    method!("get_option", Inet, AnyClass, option::get, Call, Any),
    method!("io_control", Inet, Peered, io_control, Call, Any),
    method!("is_open", Inet, AnyClass, is_open),
    method!("listen", Inet, Listener, listener::listen, Call, Any),
    method!("local_address", Inet, AnyClass, local_address, Call),
    method!("local_port", Inet, AnyClass, local_port, Call),
    method!(opens "open", Inet, AnyClass, open, Call, Any),
    method!(hot "read", Inet, Stream, stream::read, Call, Any, Option<Number>),
    method!(hot "receive", Inet, Datagram, datagram::receive, Call, Any, Option<Number>),
    method!("receive_from", Inet, Datagram, datagram::receive_from, Call, Any, Option<Number>),
    method!("release", Inet, AnyClass, release, Call),
    method!("remote_address", Inet, Peered, remote_address, Call),
    method!("remote_port", Inet, Peered, remote_port, Call),
    method!(hot "send", Inet, Datagram, datagram::send, Call, Any, Option<Number>),
    method!("send_to", Inet, Datagram, datagram::send_to, Call, Any, Any, Any, Option<Number>),
    method!("set_option", Inet, AnyClass, option::set, Call, Any, Any, Any),
    method!("shutdown", Inet, Peered, shutdown, Call, Any),
    method!("wait", Inet, AnyClass, wait_for, Call, Any),
    method!(hot "write", Inet, Stream, stream::write, Call, Any, Option<Number>),
];

/// The functions that are no methods.
pub(super) const FUNCTIONS: &[Function] = &[
    function!("acceptor_new", listener::new, Call),
    function!("tcp_new", stream::new, Call),
    function!("udp_new", datagram::new, Call),
    function!("write_all", stream::write_all, Call, Any, Any),
];

impl Inet {
    pub(super) fn new(socket: Socket, role: Role) -> Self {
        Self { socket, role, tells_aborted: false }
    }

    pub(super) fn unopened(cx: Cx<'_>, role: Role) -> Self {
        Self::new(Socket::unopened(Engine::of(cx)), role)
    }

    fn kind(&self, family: i32) -> Kind {
        match self.role {
            Role::Datagram => Kind::datagram(family),
            Role::Stream | Role::Listener => Kind::stream(family),
        }
    }

    fn cancel(&mut self) {
        let Socket { engine, handle, .. } = &self.socket;
        engine.fibers.cancel(handle.descriptor());
    }

    /// Opens a socket for this address if none is open. The error of one of another family is the system's.
    pub(super) fn open_for(&mut self, to: &SocketAddress) -> Result<(), Error> {
        if !self.socket.handle.is_open() {
            return self.socket.open(self.kind(to.family()));
        }
        if self.socket.handle.family() != to.family() {
            return Err(Error::new(ErrorKind::Os(errno::EAFNOSUPPORT), "connect"));
        }
        Ok(())
    }
}

/// `true`, or what went wrong.
pub(super) fn done<'a>(cx: Cx<'a>, out: Result<(), Error>) -> Answer<'a> {
    match out {
        Ok(()) => Ok(Reply::one(true)),
        Err(error) => fail(cx, &error),
    }
}

/// As [`done`], of a parked operation.
pub(super) fn finished<'a>(cx: Cx<'a>, _: &mut Inet, out: Result<(), Error>) -> Answer<'a> {
    done(cx, out)
}

/// "v4", "v6", or the family of an address.
fn family(given: Given<'_>) -> Option<i32> {
    match given.to_bytes() {
        Some(b"v4") => Some(number::AF_INET),
        Some(b"v6") => Some(number::AF_INET6),
        Some(_) => None,
        None => {
            let v4 = given.to_object::<Address>()?.with(|address| address.ip.is_ipv4())?;
            Some(if v4 { number::AF_INET } else { number::AF_INET6 })
        }
    }
}

const ALREADY_OPEN: i32 = 1;

fn open<'a>(this: &'a mut Inet, cx: Cx<'a>, of: Given<'a>) -> Answer<'a> {
    let Some(family) = family(of) else { return invalid(2) };
    if this.socket.handle.is_open() {
        return coded(ALREADY_OPEN, "asio.misc");
    }
    let kind = this.kind(family);
    done(cx, this.socket.open(kind))
}

fn bind<'a>(this: &'a mut Inet, cx: Cx<'a>, to: Given<'a>, port: Given<'a>) -> Answer<'a> {
    let address = Address::read(to);
    if address.is_none() && to.to_bytes().is_some() {
        return coded(errno::EINVAL, super::error::SYSTEM);
    }
    match names::endpoint(address, port, 2) {
        Ok(to) => done(cx, this.socket.handle.bind(&to)),
        Err(answer) => answer,
    }
}

/// Closing twice is fine.
fn close(this: &mut Inet) -> Answer<'static> {
    Body::close(this);
    Ok(Reply::one(true))
}

fn cancel<'a>(this: &'a mut Inet, cx: Cx<'a>) -> Answer<'a> {
    if let Err(error) = this.socket.handle.live("cancel") {
        return fail(cx, &error);
    }
    this.cancel();
    Ok(Reply::one(true))
}

fn assign<'a>(this: &'a mut Inet, _: Cx<'a>, of: Given<'a>, from: Given<'a>) -> Answer<'a> {
    let Some(family) = family(of) else { return invalid(2) };
    let Some(descriptor) = from.to_object::<FileDescriptor>() else { return invalid(3) };
    if this.socket.handle.is_open() {
        return coded(ALREADY_OPEN, "asio.misc");
    }
    match descriptor.with(|descriptor| descriptor.0.take()).flatten() {
        Some(owned) => {
            let engine = Rc::clone(&this.socket.engine);
            this.socket =
                Socket::new(Rc::clone(&engine), Handle::adopt(&engine.backend, owned, family));
            Ok(Reply::one(true))
        }
        None => coded(errno::EBUSY, GENERIC),
    }
}

fn release<'a>(this: &'a mut Inet, cx: Cx<'a>) -> Answer<'a> {
    this.cancel();
    match this.socket.take() {
        Some(owned) => Ok(Reply::One(cx.object(FileDescriptor(Some(owned))))),
        None => fail(cx, &Error::new(ErrorKind::Closed, "release")),
    }
}

fn io_control<'a>(this: &'a mut Inet, cx: Cx<'a>, command: Given<'a>) -> Answer<'a> {
    match command.to_bytes() {
        Some(b"bytes_readable") => {}
        Some(_) => return coded(errno::ENOTSUP, GENERIC),
        None => return invalid(2),
    }
    match this.socket.handle.bytes_readable() {
        Ok(count) => Ok(Reply::one(count as i64)),
        Err(error) => fail(cx, &error),
    }
}

fn shutdown<'a>(this: &'a mut Inet, cx: Cx<'a>, what: Given<'a>) -> Answer<'a> {
    let how = match what.to_bytes() {
        Some(b"receive") => How::Receive,
        Some(b"send") => How::Send,
        Some(b"both") => How::Both,
        _ => return invalid(2),
    };
    done(cx, this.socket.handle.shutdown(how))
}

fn disconnect<'a>(this: &'a mut Inet, cx: Cx<'a>) -> Answer<'a> {
    done(cx, this.socket.handle.disconnect())
}

fn wait_for<'a>(this: &'a mut Inet, cx: Cx<'a>, what: Given<'a>) -> Answer<'a> {
    let interest = match what.to_bytes() {
        Some(b"read") => Interest::READ,
        Some(b"write") => Interest::WRITE,
        Some(b"error") => Interest::PRIORITY,
        _ => return invalid(2),
    };
    wait::run(cx, this, Ready::new(interest), finished)
}

fn is_open(this: &mut Inet) -> Answer<'static> {
    Ok(Reply::one(this.socket.handle.is_open()))
}

fn at_mark<'a>(this: &'a mut Inet, cx: Cx<'a>) -> Answer<'a> {
    match this.socket.handle.at_mark() {
        Ok(at) => Ok(Reply::one(at)),
        Err(error) => fail(cx, &error),
    }
}

fn local_address<'a>(this: &'a mut Inet, cx: Cx<'a>) -> Answer<'a> {
    address(cx, this.socket.handle.local_address())
}

fn local_port<'a>(this: &'a mut Inet, cx: Cx<'a>) -> Answer<'a> {
    port(cx, this.socket.handle.local_address())
}

fn remote_address<'a>(this: &'a mut Inet, cx: Cx<'a>) -> Answer<'a> {
    address(cx, this.socket.handle.peer_address())
}

fn remote_port<'a>(this: &'a mut Inet, cx: Cx<'a>) -> Answer<'a> {
    port(cx, this.socket.handle.peer_address())
}

fn address<'a>(cx: Cx<'a>, of: Result<SocketAddress, Error>) -> Answer<'a> {
    match of.map(|of| Address::of(&of)) {
        Ok(Some(address)) => Ok(Reply::One(cx.object(address))),
        Ok(None) => coded(errno::EAFNOSUPPORT, GENERIC),
        Err(error) => fail(cx, &error),
    }
}

fn port<'a>(cx: Cx<'a>, of: Result<SocketAddress, Error>) -> Answer<'a> {
    match of {
        Ok(of) => Ok(Reply::one(i64::from(of.port().unwrap_or(0)))),
        Err(error) => fail(cx, &error),
    }
}
