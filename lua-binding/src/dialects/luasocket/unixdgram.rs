//! Unix datagram objects, connected and not.

use moonsocket_core::ops::{Connect, Connected as DidConnect};
use moonsocket_core::{Attempt, Error, ErrorKind, First, Kind, number};

use super::control::{self, DONE};
use super::dgram::{self, Connected, Datagram, Unconnected};
use super::error::fail;
use super::option_names::{self, Table};
use super::options::{self, HasOptions};
use super::unix;
use crate::convert;
use crate::door::{self, HasSocket};
use crate::sending;
use crate::socket::Socket;
use crate::vm::{
    Answer, Any, AnyClass, Begun, Body, Bytes, Call, Class, Count, Cx, Family, Function, Given,
    Machine, Maker, Number, Obj, Reply, function, method,
};

/// A Unix datagram object.
pub(super) struct Unixdgram {
    socket: Socket,
    connected: bool,
}

const MARKS: &[&str] = &["unixdgram{any}", "select{able}"];

impl Body for Unixdgram {
    const FAMILY: &'static Family = &Family {
        name: "unixdgram{any}",
        classes: &[
            Class { name: "unixdgram{unconnected}", marks: MARKS },
            Class { name: "unixdgram{connected}", marks: MARKS },
        ],
        methods: METHODS,
        stranger: "invalid object passed to 'auxiliar.c:__tostring'",
    };

    fn class(&self) -> usize {
        usize::from(self.connected)
    }

    fn close(&mut self) {
        self.socket.close();
    }

    fn collected(method: &str) -> Option<Reply<'static>> {
        control::collected(method, "refused")
    }

    fn returned(&mut self) {
        self.socket.settle();
    }
}

impl HasSocket for Unixdgram {
    fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }
}

impl HasOptions for Unixdgram {
    const OPTIONS: Table = option_names::UNIX_DGRAM;
}

impl Datagram for Unixdgram {
    fn is_connected(&self) -> bool {
        self.connected
    }

    fn twin(&self, socket: Socket) -> Self {
        Self::new(socket, self.connected)
    }
}

const METHODS: &[Function] = &[
    method!(opens "bind", Unixdgram, Unconnected, unix::bind, Call, Bytes),
    method!("close", Unixdgram, AnyClass, control::close),
    method!(opens "connect", Unixdgram, AnyClass, connect, Call, Bytes),
    method!("dirty", Unixdgram, AnyClass, control::dirty),
    method!(opens "dup", Unixdgram, AnyClass, dgram::dup, Call),
    method!(show "getfd", Unixdgram, AnyClass, control::descriptor => control::getfd),
    method!("getoption", Unixdgram, AnyClass, options::get_at_once => options::get, Call, Bytes),
    method!("getpeername", Unixdgram, AnyClass, unix::getpeername, Call),
    method!("getsockname", Unixdgram, AnyClass, unix::getsockname, Call),
    method!("getstats", Unixdgram, AnyClass, control::getstats),
    method!("gettimeout", Unixdgram, AnyClass, control::gettimeout),
    method!("receive", Unixdgram, AnyClass, dgram::receive_at_once => dgram::receive, Begun, Call, Option<Number>),
    method!("receivefrom", Unixdgram, Unconnected, dgram::receivefrom_at_once => dgram::receivefrom, Begun, Call, Option<Number>),
    method!("send", Unixdgram, Connected, dgram::send_at_once => dgram::send, Begun, Call, Bytes),
    method!("sendto", Unixdgram, Unconnected, sendto_at_once => sendto, Begun, Call, Bytes, Bytes),
    method!("setfd", Unixdgram, AnyClass, control::setfd, Number),
    function!("setoption", Unixdgram, options::set_at_once::<Unixdgram> => options::set::<Unixdgram>, Obj<Unixdgram>, Machine, Bytes, Any),
    method!(opens "setpeername", Unixdgram, AnyClass, connect, Call, Bytes),
    method!(opens "setsockname", Unixdgram, Unconnected, unix::bind, Call, Bytes),
    method!(
        "setstats",
        Unixdgram,
        AnyClass,
        control::setstats,
        Option<Number>,
        Option<Number>,
        Any
    ),
    method!("settimeout", Unixdgram, AnyClass, control::settimeout, Option<Number>, Option<Bytes>),
];

impl Unixdgram {
    /// An object on a socket.
    pub(super) fn new(socket: Socket, connected: bool) -> Self {
        Self { socket, connected }
    }
}

/// `dgram()`.
pub(super) fn dgram<'a>(cx: Cx<'a>, maker: Maker<'a, Unixdgram>) -> Answer<'a> {
    unix::make(cx, maker, number::SOCK_DGRAM, |socket| Unixdgram::new(socket, false))
}

/// The shortcut of [`sendto`] for what the system takes at once.
fn sendto_at_once(this: &mut Unixdgram, [data, path]: [Given<'_>; 2]) -> First<Count<0>> {
    match (data.to_bytes(), path.to_bytes().map(convert::unix_address)) {
        (Some(data), Some(Ok(to))) => sending::to_at_once(this, data, &to).map(Count::of),
        _ => First::Not,
    }
}

/// `sendto(data, path)`.
fn sendto<'a>(
    this: &'a mut Unixdgram,
    begun: Option<&'a Attempt>,
    cx: Cx<'a>,
    data: &'a [u8],
    path: &'a [u8],
) -> Answer<'a> {
    match convert::unix_address(path) {
        Ok(to) => dgram::send_to(this, begun, cx, data, to),
        Err(error) => fail(cx, &error),
    }
}

/// `connect(path)`: to another peer, if need be.
fn connect<'a>(this: &'a mut Unixdgram, cx: Cx<'a>, path: &'a [u8]) -> Answer<'a> {
    let to = match convert::unix_address(path) {
        Ok(to) => to,
        Err(error) => return fail(cx, &error),
    };
    if !this.socket.handle.is_open() {
        return fail(cx, &Error::new(ErrorKind::Closed, "connect"));
    }
    let patience = this.socket.patience();
    let operation = Connect::new([to], Kind::datagram(number::AF_UNIX));
    door::answer(cx, this, operation, patience, connected)
}

fn connected<'a>(cx: Cx<'a>, this: &mut Unixdgram, out: Result<DidConnect, Error>) -> Answer<'a> {
    match out {
        Ok(_) => {
            this.connected = true;
            Ok(DONE)
        }
        Err(error) => fail(cx, &error),
    }
}
