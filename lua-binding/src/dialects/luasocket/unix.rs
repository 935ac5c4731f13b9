//! `socket.unix`, and what its two families of classes share: paths.

use moonsocket_core::{Address, Error, ErrorKind, Kind, errno, number};

use super::control::DONE;
use super::error::{fail, fail_system};
use super::unixdgram::Unixdgram;
use super::unixstream::Unixstream;
use super::{unixdgram, unixstream};
use crate::convert;
use crate::door::HasSocket;
use crate::socket::{Engine, Socket};
use crate::vm::{Answer, Body, Call, Chunk, Cx, Maker, Module, New, Reply, Type, function};

/// `socket.unix`.
pub const MODULE: Module = Module {
    functions: &[
        function!(opens "dgram", unixdgram::dgram, Call, New<Unixdgram>),
        function!(opens "stream", unixstream::stream, Call, New<Unixstream>),
    ],
    types: &[Type::of::<Unixdgram>(), Type::of::<Unixstream>()],
    chunks: &[Chunk { name: "=socket.unix", source: HALF }],
    ..Module::EMPTY
};

/// The aliases; and the module can be called as the function that it once was, and is its own metatable, as upstream.
const HALF: &str = r"
local unix = ...
unix.tcp, unix.udp = unix.stream, unix.dgram
function unix.__call(module, ...) return module.stream(...) end
setmetatable(unix, unix)
";

/// An object on a new socket.
pub(super) fn make<'a, T: Body>(
    cx: Cx<'a>,
    maker: Maker<'a, T>,
    socktype: i32,
    new: fn(Socket) -> T,
) -> Answer<'a> {
    let mut socket = Socket::unopened(Engine::of(cx));
    match socket.open(Kind { family: number::AF_UNIX, socktype, protocol: 0 }) {
        Ok(()) => Ok(Reply::One(maker.make(new(socket)))),
        Err(error) => fail(cx, &error),
    }
}

/// `bind(path)`.
pub(super) fn bind<'a, T: HasSocket>(this: &'a mut T, cx: Cx<'a>, path: &'a [u8]) -> Answer<'a> {
    match convert::unix_address(path).and_then(|address| this.socket().handle.bind(&address)) {
        Ok(()) => Ok(DONE),
        Err(error) => fail_system(cx, &error),
    }
}

/// `getsockname()`: the path or abstract name, empty without one.
pub(super) fn getsockname<'a, T: HasSocket>(this: &'a mut T, cx: Cx<'a>) -> Answer<'a> {
    name(cx, this.socket().handle.local_address())
}

/// `getpeername()`: the peer's; an addition.
pub(super) fn getpeername<'a, T: HasSocket>(this: &'a mut T, cx: Cx<'a>) -> Answer<'a> {
    name(cx, this.socket().handle.peer_address())
}

fn name(cx: Cx<'_>, address: Result<Address, Error>) -> Answer<'_> {
    match address {
        Ok(Address::Unix(name)) => Ok(Reply::One(cx.bytes(name.as_bytes()))),
        // A descriptor of another family that somebody put in.
        Ok(_) => fail(cx, &Error::new(ErrorKind::Os(errno::EAFNOSUPPORT), "getsockname")),
        Err(error) => fail_system(cx, &error),
    }
}
