//! Unix stream objects: masters, clients and servers.

use moonsocket_core::ops::{Connect, Connected};
use moonsocket_core::{Error, ErrorKind, Kind, number};

use super::control::{self, DONE};
use super::error::fail;
use super::option_names::{self, Table};
use super::options::{self, HasOptions};
use super::roles::{self, Client, Endpoint, Master, Role, Server};
use super::stream::{self, Stream};
use super::{additions, unix};
use crate::door::{self, HasSocket, Outcome};
use crate::socket::Socket;
use crate::vm::{
    Answer, Any, AnyClass, Body, Bytes, Call, Class, Cx, Family, Function, Machine, Number, Obj,
    Reply, function, method,
};

/// A Unix stream object.
pub(super) struct UnixStream {
    socket: Socket,
    role: Role,
}

const MARKS: &[&str] = &["unixstream{any}"];

impl Body for UnixStream {
    const FAMILY: &'static Family = &Family {
        name: "unixstream{any}",
        classes: &[
            Class { name: "unixstream{master}", marks: MARKS },
            Class { name: "unixstream{client}", marks: MARKS },
            Class { name: "unixstream{server}", marks: MARKS },
        ],
        methods: METHODS,
        stranger: "invalid object passed to 'auxiliar.c:__tostring'",
    };

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

impl HasSocket for UnixStream {
    fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }
}

impl HasOptions for UnixStream {
    const OPTIONS: Table = option_names::UNIX_STREAM;
}

impl Stream for UnixStream {}

impl Endpoint for UnixStream {
    fn role(&self) -> Role {
        self.role
    }

    fn set_role(&mut self, role: Role) {
        self.role = role;
    }

    fn twin(&self, socket: Socket) -> Self {
        Self::new(socket, self.role)
    }
}

const METHODS: &[Function] = &[
    method!("accept", UnixStream, Server, roles::accept, Call),
    method!("bind", UnixStream, Master, unix::bind, Call, Bytes),
    method!("close", UnixStream, AnyClass, control::close),
    method!("connect", UnixStream, Master, connect, Call, Bytes),
    method!("dirty", UnixStream, AnyClass, control::dirty),
    method!("dup", UnixStream, AnyClass, additions::dup, Call),
    method!("getfd", UnixStream, AnyClass, control::getfd),
    method!("getoption", UnixStream, AnyClass, options::get, Call, Bytes),
    method!("getpeercred", UnixStream, Client, additions::getpeercred, Call),
    method!("getpeername", UnixStream, AnyClass, unix::getpeername, Call),
    method!("getsockname", UnixStream, AnyClass, unix::getsockname, Call),
    method!("getstats", UnixStream, AnyClass, control::getstats),
    method!("gettimeout", UnixStream, AnyClass, control::gettimeout),
    method!("listen", UnixStream, Master, roles::listen, Call, Option<Number>),
    method!(
        "receive",
        UnixStream,
        Client,
        stream::receive,
        Call,
        Any,
        Option<Bytes>,
        Option<Number>
    ),
    method!("receiveany", UnixStream, Client, additions::receiveany, Call, Number),
    method!("send", UnixStream, Client, stream::send, Call, Bytes, Option<Number>, Option<Number>),
    method!("setfd", UnixStream, AnyClass, control::setfd, Number),
    function!("setoption", options::set::<UnixStream>, Obj<UnixStream>, Machine, Bytes, Any),
    method!("setpeername", UnixStream, Master, connect, Call, Bytes),
    method!("setsockname", UnixStream, Master, unix::bind, Call, Bytes),
    method!(
        "setstats",
        UnixStream,
        AnyClass,
        control::setstats,
        Option<Number>,
        Option<Number>,
        Any
    ),
    method!("settimeout", UnixStream, AnyClass, control::settimeout, Option<Number>, Option<Bytes>),
    method!("shutdown", UnixStream, Client, roles::shutdown, Option<Bytes>),
];

impl UnixStream {
    /// An object on a socket.
    pub(super) fn new(socket: Socket, role: Role) -> Self {
        Self { socket, role }
    }
}

/// `stream()`: a master.
pub(super) fn stream(cx: Cx<'_>) -> Answer<'_> {
    unix::make(cx, number::SOCK_STREAM, |socket| UnixStream::new(socket, Role::Master))
}

/// `connect(path)`: makes it a client, if it succeeds. A listener whose backlog is full is waited for.
fn connect<'a>(this: &'a mut UnixStream, cx: Cx<'a>, path: &'a [u8]) -> Answer<'a> {
    let to = match unix::address(path) {
        Ok(to) => to,
        Err(error) => return fail(cx, &error),
    };
    if !this.socket.handle.is_open() {
        return fail(cx, &Error::new(ErrorKind::Closed, "connect"));
    }
    let patience = this.socket.patience();
    let operation = Connect::new([to], Kind::stream(number::AF_UNIX));
    match door::run(cx, this, operation, patience, connected) {
        Outcome::Now(out) => connected(cx, this, out),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

fn connected<'a>(cx: Cx<'a>, this: &mut UnixStream, out: Result<Connected, Error>) -> Answer<'a> {
    match out {
        Ok(_) => {
            this.role = Role::Client;
            Ok(DONE)
        }
        Err(error) => fail(cx, &error),
    }
}
