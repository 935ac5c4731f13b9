//! The socket object, and its methods but those for peers, data and options.

use std::net::SocketAddr;

use moonsocket_core::{
    Address, Descriptor, Error, How, Kind, Limits, Opt, Query, Value as OptValue, number,
};

use super::error::fail;
use super::{connect, options, transfer};
use crate::door::HasSocket;
use crate::socket::Socket;
use crate::vm::{
    Answer, Any, AnyClass, Attempt, Body, Bytes, Call, Class, Cx, Family, Function, Given, Guard,
    Integer, Kind as LuaKind, Local, Lua, Machine, Maybe, Presence, Raise, Reply, Truth, Value,
    function, method,
};
use crate::{convert, foreign};

/// A socket of any family and type.
pub(super) struct Nixio {
    pub(super) socket: Socket,
    pub(super) kind: Kind,
    /// A connect of ours has succeeded. The system itself may say so once more before it says `EISCONN`.
    pub(super) connected: bool,
    /// How long calls may wait.
    pub(super) limits: Limits,
    /// The limits as they were set, in seconds and microseconds: receiving and sending.
    pub(super) limits_set: [(i64, i64); 2],
}

/// The guard of everything that needs a descriptor.
pub(super) struct Open;

impl Guard<Nixio> for Open {
    const EXPECTED: &'static str = "open nixio socket";

    #[inline]
    fn admits(nixio: &Nixio) -> bool {
        nixio.socket.handle.is_open()
    }
}

impl Body for Nixio {
    const FAMILY: &'static Family = &Family {
        name: "nixio socket",
        classes: &[Class { name: "nixio.socket", marks: &[] }],
        methods: METHODS,
        stranger: "nixio socket expected",
    };

    const METAMETHODS: &'static [Function] = &[method!("__tostring", Self, AnyClass, text, Call)];

    const OPEN: bool = true;

    fn close(&mut self) {
        self.socket.close();
    }

    fn returned(&mut self) {
        self.socket.settle();
    }
}

impl HasSocket for Nixio {
    fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }
}

const SEND: Function =
    method!(hot "send", Nixio, Open, transfer::send, Call, Bytes, Option<Integer>, Option<Integer>);
const RECV: Function = method!(hot "recv", Nixio, Open, transfer::recv, Call, Integer);
const FILENO: Function = function!("fileno", fileno, Machine, Any);
const GETOPT: Function = method!("getopt", Nixio, Open, options::get, Call, Bytes, Bytes);
const SETOPT: Function = method!("setopt", Nixio, Open, options::set, Call, Bytes, Bytes, Any, Any);

const METHODS: &[Function] = &[
    method!(opens "accept", Nixio, Open, connect::accept, Call),
    method!("bind", Nixio, Open, connect::bind, Call, Option<Bytes>, Option<Bytes>),
    method!("close", Nixio, Open, close),
    method!("connect", Nixio, Open, connect::connect, Call, Option<Bytes>, Option<Bytes>),
    FILENO,
    FILENO.named("getfd"),
    GETOPT,
    method!(hot "getpeername", Nixio, Open, getpeername, Call),
    method!("getsockname", Nixio, Open, getsockname, Call),
    GETOPT.named("getsockopt"),
    method!("listen", Nixio, Open, connect::listen, Call, Integer),
    RECV.named("read"),
    RECV,
    method!(hot "recvfrom", Nixio, Open, transfer::recvfrom, Call, Integer),
    SEND,
    method!(
        "sendto",
        Nixio,
        Open,
        transfer::sendto,
        Call,
        Bytes,
        Bytes,
        Any,
        Option<Integer>,
        Option<Integer>
    ),
    method!("setblocking", Nixio, Open, setblocking, Maybe<Truth>),
    SETOPT,
    SETOPT.named("setsockopt"),
    method!("shutdown", Nixio, Open, shutdown, Call, Option<Bytes>),
    SEND.named("write"),
];

impl Nixio {
    /// An object on a socket, of this kind as far as it is known.
    pub(super) fn new(socket: Socket, kind: Kind) -> Self {
        Self { socket, kind, connected: false, limits: Limits::default(), limits_set: [(0, 0); 2] }
    }

    pub(super) fn is_unix(&self) -> bool {
        self.kind.family == number::AF_UNIX
    }

    pub(super) fn is_stream(&self) -> bool {
        self.kind.socktype == number::SOCK_STREAM
    }

    pub(super) fn family(&self) -> moonsocket_core::Family {
        convert::family_of(self.kind.family)
    }

    /// The kind of the descriptor that a name's addresses led to.
    pub(super) fn settle_kind(&mut self) {
        self.kind.family = self.socket.handle.family();
        if self.kind.socktype == 0
            && let Ok(OptValue::Int(socktype)) = self.socket.handle.option(Opt::Type)
        {
            self.kind.socktype = socktype;
        }
    }

    /// What a host and a port ask for; a port there must be.
    pub(super) fn query<'a>(
        &self,
        host: Option<&'a [u8]>,
        port: Option<&'a [u8]>,
        passive: bool,
    ) -> Result<Result<Query, Error>, Raise<'a>> {
        let service = service_text(port.ok_or(Raise::Type(3, "string"))?);
        let host = host.unwrap_or(b"*");
        Ok(convert::query(host, service, self.family(), self.kind.socktype, passive))
    }
}

/// The text of a port. A float that is one ("80.0" where Lua has made a string of it) will do.
pub(super) fn service_text(port: &[u8]) -> &[u8] {
    port.strip_suffix(b".0").unwrap_or(port)
}

/// The address that a Unix socket's path or abstract name is.
pub(super) fn path(argument: i32, path: &[u8]) -> Result<Address, Raise<'_>> {
    convert::unix_address(path).map_err(|_| Raise::argument(argument, "out of range"))
}

/// Success without a value.
const DONE: Reply<'static> = Reply::One(Value::Boolean(true));

pub(super) fn done<T>(cx: Cx<'_>, out: Result<T, Error>) -> Answer<'_> {
    match out {
        Ok(_) => Ok(DONE),
        Err(error) => fail(cx, &error),
    }
}

/// `tostring`.
fn text<'a>(this: &'a mut Nixio, cx: Cx<'a>) -> Answer<'a> {
    let handle = &this.socket.handle;
    Ok(Reply::One(if handle.is_open() {
        cx.bytes(format!("nixio socket {}", handle.descriptor()))
    } else {
        "nixio socket (closed)".into()
    }))
}

/// `fileno()`, also of files of the `io` library: `socket.fileno(io.stdin)`.
fn fileno<'a>(lua: Lua<'a>, of: Given<'a>) -> Answer<'a> {
    let descriptor = match of.to_object::<Nixio>() {
        Some(nixio) => nixio.with(|nixio| nixio.socket.handle.descriptor()),
        None => lua.file_descriptor(of.local())?,
    };
    match descriptor.filter(|&descriptor| descriptor >= 0) {
        Some(descriptor) => Ok(Reply::one(i64::from(descriptor))),
        None => Err(Raise::argument(1, "invalid file descriptor")),
    }
}

/// The descriptor of a thing that is polled: a socket of ours, a file, or whatever has a `getfd`; and whether it has bytes
/// to be read already.
pub(super) fn descriptor<'a>(
    lua: Lua<'a>,
    of: Local<'a>,
) -> Attempt<'a, Option<(Descriptor, bool)>> {
    let own = lua.with_object::<Nixio, _>(of, |nixio| nixio.socket.handle.descriptor());
    if let Some(descriptor) = own {
        return Ok(Some((descriptor, false)));
    }
    if let Some(descriptor) = lua.file_descriptor(of)? {
        return Ok(Some((descriptor, false)));
    }
    let has_methods = matches!(lua.kind(of), LuaKind::Userdata | LuaKind::Table);
    Ok(if has_methods { foreign::descriptor(lua, of, true)? } else { None })
}

/// An address as two values, the second of which Unix sockets don't have; `None`: nobody's.
pub(super) fn address<'a>(cx: Cx<'a>, of: &Address) -> Option<(Value<'a>, Value<'a>)> {
    match of {
        Address::Inet(SocketAddr::V4(of)) => {
            Some((Value::DottedQuad(*of.ip()), i64::from(of.port()).into()))
        }
        Address::Inet(of) => Some((cx.bytes(of.ip().to_string()), i64::from(of.port()).into())),
        Address::Unix(name) if name.as_bytes().is_empty() => None,
        Address::Unix(name) => Some((cx.bytes(name.as_bytes()), Value::Nil)),
        Address::Other(_) => None,
    }
}

/// `close()`.
fn close(this: &mut Nixio) -> Answer<'static> {
    this.socket.close();
    Ok(DONE)
}

/// `getpeername()`: address and port, or path.
fn getpeername<'a>(this: &'a mut Nixio, cx: Cx<'a>) -> Answer<'a> {
    name(cx, this.socket.handle.peer_address())
}

/// `getsockname()`: address and port, or path.
fn getsockname<'a>(this: &'a mut Nixio, cx: Cx<'a>) -> Answer<'a> {
    name(cx, this.socket.handle.local_address())
}

fn name(cx: Cx<'_>, name: Result<Address, Error>) -> Answer<'_> {
    match name {
        Ok(of) => Ok(match address(cx, &of) {
            Some((path, Value::Nil)) => Reply::One(path),
            Some((host, port)) => (host, port).into(),
            None => Reply::one(""),
        }),
        Err(error) => fail(cx, &error),
    }
}

/// `setblocking(flag)`.
fn setblocking<'a>(this: &'a mut Nixio, blocking: Presence<bool>) -> Answer<'a> {
    this.limits.blocking = match blocking {
        Presence::Absent => return Err(Raise::argument(2, "value expected")),
        Presence::Nil => false,
        Presence::Given(blocking) => blocking,
    };
    Ok(DONE)
}

/// `shutdown([how = "rdwr"])`.
fn shutdown<'a>(this: &'a mut Nixio, cx: Cx<'a>, how: Option<&'a [u8]>) -> Answer<'a> {
    let how = match how.unwrap_or(b"rdwr") {
        b"rdwr" | b"both" => How::Both,
        b"rd" | b"read" => How::Receive,
        b"wr" | b"write" => How::Send,
        _ => {
            return Err(Raise::argument(2, "supported values: rdwr, rd, wr; both, read, write"));
        }
    };
    done(cx, this.socket.handle.shutdown(how))
}
