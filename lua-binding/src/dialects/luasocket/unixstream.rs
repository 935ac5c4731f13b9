//! Unix stream objects: masters, clients and servers.

use moonsocket_core::ops::{Connect, Connected};
use moonsocket_core::{Error, ErrorKind, Kind, number};

use super::control::{self, DONE};
use super::error::fail;
use super::option_names::{self, Table};
use super::options::{self, HasOptions};
use super::roles::{self, Client, Endpoint, Master, Role, Server};
use super::stream::{self, Stream};
use super::{additions, luasec, unix};
use crate::convert;
use crate::door::{self, HasSocket};
use crate::socket::Socket;
use crate::vm::{
    Answer, Any, AnyClass, Begun, Body, Bytes, Call, Class, Cx, Family, Function, Machine, Maker,
    New, Number, Obj, Reply, function, method,
};

/// A Unix stream object.
pub(super) struct Unixstream {
    socket: Socket,
    role: Role,
}

const MARKS: &[&str] = &["unixstream{any}"];

impl Body for Unixstream {
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

    fn collected(method: &str) -> Option<Reply<'static>> {
        control::collected(method, "closed")
    }

    fn returned(&mut self) {
        self.socket.settle();
    }
}

impl HasSocket for Unixstream {
    fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }
}

impl HasOptions for Unixstream {
    const OPTIONS: Table = option_names::UNIX_STREAM;
}

impl Stream for Unixstream {}

impl Endpoint for Unixstream {
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
    method!(opens "accept", Unixstream, Server, roles::accept_at_once => roles::accept, Begun, Call, New<Unixstream>),
    method!(opens "bind", Unixstream, Master, unix::bind, Call, Bytes),
    method!("close", Unixstream, AnyClass, control::close),
    method!(opens "connect", Unixstream, Master, connect, Call, Bytes),
    method!(hot "dirty", Unixstream, AnyClass, control::dirty),
    method!(opens "dup", Unixstream, AnyClass, additions::dup, Call),
    method!(show "getfd", Unixstream, AnyClass, control::descriptor => control::getfd),
    method!("getoption", Unixstream, AnyClass, options::get_at_once => options::get, Call, Bytes),
    method!("getpeercred", Unixstream, Client, additions::getpeercred, Call),
    method!(hot "getpeername", Unixstream, AnyClass, unix::getpeername, Call),
    method!("getsockname", Unixstream, AnyClass, unix::getsockname, Call),
    method!("getstats", Unixstream, AnyClass, control::getstats),
    method!("gettimeout", Unixstream, AnyClass, control::gettimeout),
    method!("listen", Unixstream, Master, roles::listen, Call, Option<Number>),
    method!(
        "receive",
        Unixstream,
        Client,
        stream::receive_at_once => stream::receive,
        Begun,
        Call,
        Any,
        Option<Bytes>,
        Option<Number>
    ),
    method!("receiveany", Unixstream, Client, additions::receiveany, Call, Number),
    method!("send", Unixstream, Client, stream::send_at_once => stream::send, Begun, Call, Bytes, Option<Number>, Option<Number>),
    function!("setfd", luasec::setfd::<Unixstream>, Obj<Unixstream>, Machine, Number),
    function!("setoption", Unixstream, options::set_at_once::<Unixstream> => options::set::<Unixstream>, Obj<Unixstream>, Machine, Bytes, Any),
    method!(opens "setpeername", Unixstream, Master, connect, Call, Bytes),
    method!(opens "setsockname", Unixstream, Master, unix::bind, Call, Bytes),
    method!(
        "setstats",
        Unixstream,
        AnyClass,
        control::setstats,
        Option<Number>,
        Option<Number>,
        Any
    ),
    method!(hot "settimeout", Unixstream, AnyClass, control::settimeout, Option<Number>, Option<Bytes>),
    method!("shutdown", Unixstream, Client, roles::shutdown, Option<Bytes>),
];

impl Unixstream {
    /// An object on a socket.
    pub(super) fn new(socket: Socket, role: Role) -> Self {
        Self { socket, role }
    }
}

/// `stream()`: a master.
pub(super) fn stream<'a>(cx: Cx<'a>, maker: Maker<'a, Unixstream>) -> Answer<'a> {
    unix::make(cx, maker, number::SOCK_STREAM, |socket| Unixstream::new(socket, Role::Master))
}

/// `connect(path)`: makes it a client, if it succeeds. A listener whose backlog is full is waited for.
fn connect<'a>(this: &'a mut Unixstream, cx: Cx<'a>, path: &'a [u8]) -> Answer<'a> {
    let to = match convert::unix_address(path) {
        Ok(to) => to,
        Err(error) => return fail(cx, &error),
    };
    if !this.socket.handle.is_open() {
        return fail(cx, &Error::new(ErrorKind::Closed, "connect"));
    }
    let patience = this.socket.patience();
    let operation = Connect::new([to], Kind::stream(number::AF_UNIX));
    door::answer(cx, this, operation, patience, connected)
}

fn connected<'a>(cx: Cx<'a>, this: &mut Unixstream, out: Result<Connected, Error>) -> Answer<'a> {
    match out {
        Ok(_) => {
            this.role = Role::Client;
            Ok(DONE)
        }
        Err(error) => fail(cx, &error),
    }
}
