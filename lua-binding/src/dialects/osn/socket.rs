//! Sockets, and what they have besides receiving and sending.

use std::rc::Rc;

use moonsocket_core::ops::Accept;
use moonsocket_core::{
    Address, Error, ErrorKind, Handle, Interest, Limit, Mode, Operation, Opt, Step, Stop,
    Value as OptValue,
};

use super::error::fail;
use super::signals::Told;
use super::transfer;
use crate::backend::Chosen;
use crate::convert;
use crate::door::{self, HasSocket};
use crate::socket::{Engine, Socket};
use crate::vm::{
    Answer, Any, AnyClass, Body, Bytes, Call, Class, Cx, Family, Function, Given, Guard, Held,
    Kind, Machine, Number, Obj, Property, Raise, Reply, Value, Word, function, method,
};

/// What a socket is for: its class.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Connected,
    Listener,
    Datagram,
}

/// A socket.
pub(super) struct Osn {
    pub(super) socket: Socket,
    pub(super) role: Role,
    /// For its connections, where it listens.
    pub(super) nodelay: bool,
    pub(super) told: Rc<Told>,
}

pub(super) struct Listener;
pub(super) struct Peer;

impl Guard<Osn> for Listener {
    const EXPECTED: &'static str = "osn listen socket";
    fn admits(osn: &Osn) -> bool {
        osn.role == Role::Listener
    }
}

impl Guard<Osn> for Peer {
    const EXPECTED: &'static str = "osn connected socket";
    fn admits(osn: &Osn) -> bool {
        osn.role != Role::Listener
    }
}

impl Body for Osn {
    const FAMILY: &'static Family = &Family {
        name: "osn socket",
        classes: &[
            Class { name: "osn connected socket", marks: &[] },
            Class { name: "osn listen socket", marks: &[] },
            Class { name: "osn udp socket", marks: &[] },
        ],
        methods: &[
            method!(opens "accept", Osn, Listener, accept, Call, Any, Any),
            method!("close", Osn, AnyClass, close, Call),
            method!(hot "getpeername", Osn, Peer, getpeername, Call),
            method!("getsockname", Osn, AnyClass, getsockname, Call),
            method!(hot "receive", Osn, Peer, transfer::receive, Call, Number, Any),
            function!("send", transfer::send, Obj<Osn, Peer>, Machine, Bytes, Any),
        ],
        stranger: "osn socket expected",
    };

    const PROPERTIES: &'static [Property] = &[Property {
        name: "closed",
        get: Some(method!("closed", Osn, AnyClass, closed)),
        set: None,
    }];

    const METAMETHODS: &'static [Function] = &[method!("__tostring", Osn, AnyClass, to_text, Call)];

    fn class(&self) -> usize {
        self.role as usize
    }

    fn close(&mut self) {
        self.socket.close();
    }

    fn returned(&mut self) {
        self.socket.settle();
    }
}

impl HasSocket for Osn {
    fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }
}

impl Osn {
    /// A socket that is yet to be opened. Signals are caught from here on.
    pub(super) fn new(cx: Cx<'_>, role: Role, nodelay: bool) -> Result<Self, Error> {
        let told = cx.state::<Told>();
        told.catch()?;
        Ok(Self { socket: Socket::unopened(Engine::of(cx)), role, nodelay, told })
    }

    /// A connection of this listener's.
    fn connection(&self, handle: Handle<Chosen>) -> Self {
        let socket = Socket::new(Rc::clone(&self.socket.engine), handle);
        let (role, told) = (Role::Connected, Rc::clone(&self.told));
        Self { socket, role, nodelay: self.nodelay, told }
    }

    /// Sets TCP_NODELAY where it was asked for.
    pub(super) fn set_nodelay(&mut self) -> Result<(), Error> {
        let handle = &mut self.socket.handle;
        let tcp = matches!(handle.local_address(), Ok(Address::Inet(_)));
        if self.nodelay && tcp && self.role == Role::Connected {
            handle.set_option(Opt::TcpNoDelay, OptValue::Flag(true))?;
        }
        Ok(())
    }
}

/// `closed`.
fn closed(this: &mut Osn) -> Answer<'_> {
    Ok(Reply::one(!this.socket.handle.is_open()))
}

fn to_text<'a>(this: &'a mut Osn, cx: Cx<'a>) -> Answer<'a> {
    let handle = &this.socket.handle;
    let address = handle.peer_address().or_else(|_| handle.local_address());
    let place = address.map_or_else(|_| "closed".to_owned(), |address| address.to_string());
    let class = Osn::FAMILY.classes[this.class()].name;
    Ok(Reply::One(cx.bytes(format!("{class} ({place})"))))
}

/// `accept([socket] [, microseconds])`: the next connection, in a socket that is used again or a new one. When the time is
/// up: that socket, closed, and "timeout".
fn accept<'a>(this: &'a mut Osn, cx: Cx<'a>, again: Given<'a>, time: Given<'a>) -> Answer<'a> {
    let limit = match (time.kind(), time.to_number()) {
        (Kind::None | Kind::Nil, _) => Limit::FOREVER,
        (_, Some(micros)) if micros >= 0.0 => Limit::from_secs_f64(micros / 1e6),
        (_, Some(_)) => return fail(cx, &Error::new(ErrorKind::Invalid("no such time"), "accept")),
        (_, None) => return Err(Raise::argument(3, "a number of microseconds expected")),
    };
    let into = match again.kind() {
        Kind::None | Kind::Nil => None,
        // Not this socket, which is lent already.
        _ => {
            match again.to_object::<Osn>().and_then(|other| other.with(|osn| osn.socket.close())) {
                Some(()) => cx.hold::<Osn>(again.number()),
                None => return Err(Raise::argument(2, "another osn socket expected")),
            }
        }
    };
    let patience = this.told.patience(limit);
    door::answer(cx, this, AcceptInto { accept: Accept, into }, patience, accepted)
}

/// Accepts, and keeps the socket that is to be used again meanwhile.
struct AcceptInto {
    accept: Accept,
    into: Option<Held<Osn>>,
}

type Accepted = (Result<(Handle<Chosen>, Address), Error>, Option<Held<Osn>>);

impl Operation<Chosen> for AcceptInto {
    type On = Handle<Chosen>;
    type Out = Accepted;

    fn interest(&self) -> Interest {
        Operation::<Chosen>::interest(&self.accept)
    }

    fn direction(&self) -> Interest {
        Operation::<Chosen>::direction(&self.accept)
    }

    fn step(
        &mut self,
        backend: &Chosen,
        listener: &mut Handle<Chosen>,
        mode: Mode,
    ) -> Step<Accepted> {
        self.accept.step(backend, listener, mode).map(|out| (out, self.into.take()))
    }

    fn stop(&mut self, listener: &mut Handle<Chosen>, why: Stop) -> Accepted {
        (self.accept.stop(listener, why), self.into.take())
    }
}

fn accepted<'a>(cx: Cx<'a>, this: &mut Osn, (out, into): Accepted) -> Answer<'a> {
    let made = out.and_then(|(handle, _)| {
        let mut osn = this.connection(handle);
        osn.set_nodelay().map(|()| osn)
    });
    let timeout = made.as_ref().is_err_and(|error| error.kind() == ErrorKind::Timeout);
    let osn = match made {
        Ok(osn) => osn,
        Err(_) if timeout => this.connection(Handle::unopened(&this.socket.engine.backend)),
        Err(error) => return fail(cx, &error),
    };
    let socket = match into {
        None => cx.object(osn),
        Some(held) => {
            // Whatever happened to it meanwhile: what it was is closed by this.
            let _ = held.with(|again| *again = osn);
            held.settle_class(cx);
            cx.held(held)
        }
    };
    Ok(if timeout { (socket, Word::Timeout).into() } else { Reply::One(socket) })
}

/// `close()`: true; a second time nil and a message.
fn close<'a>(this: &'a mut Osn, cx: Cx<'a>) -> Answer<'a> {
    if !this.socket.handle.is_open() {
        return fail(cx, &Error::new(ErrorKind::Closed, "close"));
    }
    this.socket.close();
    Ok(Reply::one(true))
}

/// `getpeername()`: address and port, both strings; or a path.
fn getpeername<'a>(this: &'a mut Osn, cx: Cx<'a>) -> Answer<'a> {
    name(cx, this.socket.handle.peer_address())
}

/// `getsockname()`: the own end; an addition, to learn the port that 0 chose.
fn getsockname<'a>(this: &'a mut Osn, cx: Cx<'a>) -> Answer<'a> {
    name(cx, this.socket.handle.local_address())
}

fn name(cx: Cx<'_>, address: Result<Address, Error>) -> Answer<'_> {
    match address {
        Ok(Address::Inet(address)) => {
            let port = cx.bytes(address.port().to_string());
            Ok((convert::ip_value(cx, &address), port).into())
        }
        Ok(Address::Unix(name)) => Ok(Reply::One(cx.bytes(name.as_bytes()))),
        Ok(Address::Other(_)) => Ok((Value::Nil, "Address family not supported").into()),
        Err(error) => fail(cx, &error),
    }
}
