//! Unix datagram objects, connected and not.

use moonsocket_core::ops::{Connect, Connected as DidConnect};
use moonsocket_core::{Error, ErrorKind, Kind, number, recycle};

use super::control::{self, DONE};
use super::dgram::{self, Datagram};
use super::error::fail;
use super::option_names::{self, Table};
use super::options::{self, HasOptions};
use super::unix;
use crate::door::{self, HasSocket, Outcome};
use crate::socket::Socket;
use crate::vm::{
    Answer, Any, AnyClass, Body, Bytes, Call, Class, Cx, Family, Function, Guard, Machine, Number,
    Obj, Reply, function, method,
};

/// A Unix datagram object.
pub(super) struct UnixDgram {
    socket: Socket,
    connected: bool,
    message: Vec<u8>,
}

struct Connected;
struct Unconnected;

impl Guard<UnixDgram> for Connected {
    const EXPECTED: &'static str = "unixdgram{connected}";
    fn admits(dgram: &UnixDgram) -> bool {
        dgram.connected
    }
}

impl Guard<UnixDgram> for Unconnected {
    const EXPECTED: &'static str = "unixdgram{unconnected}";
    fn admits(dgram: &UnixDgram) -> bool {
        !dgram.connected
    }
}

const MARKS: &[&str] = &["unixdgram{any}", "select{able}"];

impl Body for UnixDgram {
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

    fn returned(&mut self) {
        recycle(std::mem::take(&mut self.message));
    }
}

impl HasSocket for UnixDgram {
    fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }
}

impl HasOptions for UnixDgram {
    const OPTIONS: Table = option_names::UNIX_DGRAM;
}

impl Datagram for UnixDgram {
    fn message(&mut self) -> &mut Vec<u8> {
        &mut self.message
    }

    fn twin(&self, socket: Socket) -> Self {
        Self::new(socket, self.connected)
    }
}

const METHODS: &[Function] = &[
    method!("bind", UnixDgram, Unconnected, unix::bind, Call, Bytes),
    method!("close", UnixDgram, AnyClass, control::close),
    method!("connect", UnixDgram, AnyClass, connect, Call, Bytes),
    method!("dirty", UnixDgram, AnyClass, control::dirty),
    method!("dup", UnixDgram, AnyClass, dgram::dup, Call),
    method!("getfd", UnixDgram, AnyClass, control::getfd),
    method!("getoption", UnixDgram, AnyClass, options::get, Call, Bytes),
    method!("getpeername", UnixDgram, AnyClass, unix::getpeername, Call),
    method!("getsockname", UnixDgram, AnyClass, unix::getsockname, Call),
    method!("getstats", UnixDgram, AnyClass, control::getstats),
    method!("gettimeout", UnixDgram, AnyClass, control::gettimeout),
    method!("receive", UnixDgram, AnyClass, dgram::receive, Call, Option<Number>),
    method!("receivefrom", UnixDgram, Unconnected, dgram::receivefrom, Call, Option<Number>),
    method!("send", UnixDgram, Connected, dgram::send, Call, Bytes),
    method!("sendto", UnixDgram, Unconnected, sendto, Call, Bytes, Bytes),
    method!("setfd", UnixDgram, AnyClass, control::setfd, Number),
    function!("setoption", options::set::<UnixDgram>, Obj<UnixDgram>, Machine, Bytes, Any),
    method!("setpeername", UnixDgram, AnyClass, connect, Call, Bytes),
    method!("setsockname", UnixDgram, Unconnected, unix::bind, Call, Bytes),
    method!(
        "setstats",
        UnixDgram,
        AnyClass,
        control::setstats,
        Option<Number>,
        Option<Number>,
        Any
    ),
    method!("settimeout", UnixDgram, AnyClass, control::settimeout, Option<Number>, Option<Bytes>),
];

impl UnixDgram {
    /// An object on a socket.
    pub(super) fn new(socket: Socket, connected: bool) -> Self {
        Self { socket, connected, message: Vec::new() }
    }
}

/// `dgram()`.
pub(super) fn dgram(cx: Cx<'_>) -> Answer<'_> {
    unix::make(cx, number::SOCK_DGRAM, |socket| UnixDgram::new(socket, false))
}

/// `sendto(data, path)`.
fn sendto<'a>(this: &'a mut UnixDgram, cx: Cx<'a>, data: &'a [u8], path: &'a [u8]) -> Answer<'a> {
    match unix::address(path) {
        Ok(to) => dgram::send_to(this, cx, data, to),
        Err(error) => fail(cx, &error),
    }
}

/// `connect(path)`: to another peer, if need be.
fn connect<'a>(this: &'a mut UnixDgram, cx: Cx<'a>, path: &'a [u8]) -> Answer<'a> {
    let to = match unix::address(path) {
        Ok(to) => to,
        Err(error) => return fail(cx, &error),
    };
    if !this.socket.handle.is_open() {
        return fail(cx, &Error::new(ErrorKind::Closed, "connect"));
    }
    let patience = this.socket.patience();
    let operation = Connect::new([to], Kind::datagram(number::AF_UNIX));
    match door::run(cx, this, operation, patience, connected) {
        Outcome::Now(out) => connected(cx, this, out),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

fn connected<'a>(cx: Cx<'a>, this: &mut UnixDgram, out: Result<DidConnect, Error>) -> Answer<'a> {
    match out {
        Ok(_) => {
            this.connected = true;
            Ok(DONE)
        }
        Err(error) => fail(cx, &error),
    }
}
