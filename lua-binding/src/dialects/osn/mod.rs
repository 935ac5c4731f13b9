//! osn: one table describes a socket, and its stream path (`connect`, `serve`) is here.

mod error;
mod spec;

use std::rc::Rc;
use std::time::Duration;

use moonsocket_core::ops::{
    Accept, Bind, Connect, Connected, Receive, Received, Send, SendFailed, Short,
};
use moonsocket_core::{
    Address, Error, ErrorKind, Handle, Kind, Limit, Opt, Pattern, Value as OptValue, drive, number,
};

use crate::backend::Chosen;
use crate::convert;
use crate::door::{self, HasSocket, Outcome};
use crate::socket::{Engine, Socket};
use crate::vm::{
    Answer, Any, Body, Bytes, Call, Class, Cx, Family, Function, Given, Guard, Lua, Machine,
    Module, Number, Raise, Reply, Type, Value, Word, function, method,
};
use error::fail;
use spec::Spec;

/// How long a receive or send waits that says nothing of it.
const PATIENCE: Duration = Duration::from_secs(10);

/// `osn`.
pub const MODULE: Module = Module {
    functions: &[
        function!("connect", connect, Machine, Any),
        function!("serve", serve, Machine, Any),
    ],
    types: &[Type::of::<Osn>()],
    ..Module::EMPTY
};

/// A socket: a listener, or connected.
pub struct Osn {
    socket: Socket,
    listens: bool,
    nodelay: bool,
}

struct Listener;
struct Connection;

impl Guard<Osn> for Listener {
    const EXPECTED: &'static str = "osn listen socket";
    fn admits(osn: &Osn) -> bool {
        osn.listens
    }
}

impl Guard<Osn> for Connection {
    const EXPECTED: &'static str = "osn connected socket";
    fn admits(osn: &Osn) -> bool {
        !osn.listens
    }
}

impl Body for Osn {
    const FAMILY: &'static Family = &Family {
        name: "osn socket",
        classes: &[
            Class { name: "osn connected socket", marks: &[] },
            Class { name: "osn listen socket", marks: &[] },
        ],
        methods: METHODS,
        stranger: "osn socket expected",
    };

    fn class(&self) -> usize {
        usize::from(self.listens)
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

const METHODS: &[Function] = &[
    method!("accept", Osn, Listener, accept, Call),
    method!("close", Osn, crate::vm::AnyClass, close, Call),
    method!("getpeername", Osn, Connection, getpeername, Call),
    method!("getsockname", Osn, crate::vm::AnyClass, getsockname, Call),
    method!("receive", Osn, Connection, receive, Call, Number, Any),
    method!("send", Osn, Connection, send, Call, Bytes),
];

/// `connect(table)`: a connected socket.
fn connect<'a>(lua: Lua<'a>, table: Given<'a>) -> Answer<'a> {
    let spec = Spec::read(lua, table)?;
    let cx = lua.cx();
    let query = match spec.query(false) {
        Ok(query) => query,
        Err(error) => return fail(cx, &error),
    };
    let mut socket = Socket::unopened(Engine::of(cx));
    socket.handle.timeouts.block_s = spec.connect_timeout_s;
    let osn = Osn { socket, listens: false, nodelay: spec.tcp_nodelay };
    let operation = Connect::resolve(query, Kind::stream(number::AF_UNSPEC));
    door::run_owned(cx, osn, operation, connected)
}

fn connected<'a>(cx: Cx<'a>, mut osn: Osn, out: Result<Connected, Error>) -> Answer<'a> {
    let done = out.and_then(|_| {
        osn.socket.handle.timeouts.block_s = -1.0;
        osn.set_nodelay()
    });
    match done {
        Ok(()) => Ok(Reply::One(cx.object(osn))),
        Err(error) => fail(cx, &error),
    }
}

/// `serve(table)`: a listening socket.
fn serve<'a>(lua: Lua<'a>, table: Given<'a>) -> Answer<'a> {
    let spec = Spec::read(lua, table)?;
    let cx = lua.cx();
    let query = match spec.query(true) {
        Ok(query) => query,
        Err(error) => return fail(cx, &error),
    };
    let socket = Socket::unopened(Engine::of(cx));
    let mut osn = Osn { socket, listens: true, nodelay: spec.tcp_nodelay };
    let reuse = OptValue::Flag(true);
    if let Err(error) = osn.socket.handle.remember_option(Opt::ReuseAddress, reuse) {
        return fail(cx, &error);
    }
    door::run_owned(cx, osn, Bind::resolve(query, Kind::stream(number::AF_UNSPEC)), bound)
}

fn bound<'a>(cx: Cx<'a>, mut osn: Osn, out: Result<(), Error>) -> Answer<'a> {
    match out.and_then(|()| osn.socket.handle.listen(128)) {
        Ok(()) => Ok(Reply::One(cx.object(osn))),
        Err(error) => fail(cx, &error),
    }
}

impl Osn {
    fn set_nodelay(&mut self) -> Result<(), Error> {
        if !self.nodelay {
            return Ok(());
        }
        self.socket.handle.set_option(Opt::TcpNoDelay, OptValue::Flag(true))
    }
}

/// `accept()`: the next connection.
fn accept<'a>(this: &'a mut Osn, cx: Cx<'a>) -> Answer<'a> {
    match door::run(cx, this, Accept, Limit::FOREVER.into(), accepted) {
        Outcome::Now(out) => accepted(cx, this, out),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

fn accepted<'a>(
    cx: Cx<'a>,
    this: &mut Osn,
    out: Result<(Handle<Chosen>, Address), Error>,
) -> Answer<'a> {
    let made = out.and_then(|(handle, _)| {
        let socket = Socket::new(Rc::clone(&this.socket.engine), handle);
        let mut osn = Osn { socket, listens: false, nodelay: this.nodelay };
        osn.set_nodelay().map(|()| osn)
    });
    match made {
        Ok(osn) => Ok(Reply::One(cx.object(osn))),
        Err(error) => fail(cx, &error),
    }
}

/// `close()`: true; a second time nil and a message.
fn close<'a>(this: &'a mut Osn, cx: Cx<'a>) -> Answer<'a> {
    if !this.socket.handle.is_open() {
        return fail(cx, &Error::new(ErrorKind::Closed, "close"));
    }
    this.socket.close();
    Ok(Reply::one(true))
}

/// `getpeername()`: address and port, both strings.
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
            Ok((cx.bytes(convert::ip_text(&address)), port).into())
        }
        Ok(Address::Unix(name)) => Ok(Reply::One(cx.bytes(name.as_bytes()))),
        Ok(Address::Other(_)) => Ok((Value::Nil, "Address family not supported").into()),
        Err(error) => fail(cx, &error),
    }
}

/// `receive(size [, "BLOCK" | seconds])`: at least one byte, at most `size`. A long poll that runs out is
/// `"", "timeout"`; the default limit `nil, "timeout"`.
fn receive<'a>(this: &'a mut Osn, cx: Cx<'a>, size: f64, poll: Given<'a>) -> Answer<'a> {
    let (limit, finish): (Limit, door::Finish<Osn, _>) = match (poll.to_bytes(), poll.to_number()) {
        (Some(b"BLOCK"), _) => (Limit::FOREVER, received),
        (_, Some(seconds)) if seconds > 0.0 => (Limit::from_secs_f64(seconds), polled),
        (None, None) if !poll.truth() => (PATIENCE.into(), received),
        _ => return Err(Raise::argument(3, "\"BLOCK\" or a number of seconds expected")),
    };
    if size < 1.0 || size.is_nan() {
        return Err(Raise::argument(2, "positive size expected"));
    }
    let operation = Receive::new(Pattern::Some(size as usize));
    match door::run(cx, this, operation, limit.into(), finish) {
        Outcome::Now(out) => finish(cx, this, out),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

fn received<'a>(cx: Cx<'a>, this: &mut Osn, out: Result<Received, Short>) -> Answer<'a> {
    match out {
        Ok(received) => Ok(Reply::One(cx.bytes(received.into_vec(&mut this.socket.handle)))),
        Err(short) => fail(cx, &short.error),
    }
}

fn polled<'a>(cx: Cx<'a>, this: &mut Osn, out: Result<Received, Short>) -> Answer<'a> {
    match out {
        Err(short) if short.error.kind() == ErrorKind::Timeout => Ok(("", Word::Timeout).into()),
        out => received(cx, this, out),
    }
}

/// `send(data)`: everything; its size. When the limit strikes after some bytes went out: how many.
fn send<'a>(this: &'a mut Osn, cx: Cx<'a>, data: &'a [u8]) -> Answer<'a> {
    let patience = Limit::after(PATIENCE).into();
    let out = if this.socket.engine.fibers.may_suspend(cx) {
        let Some(held) = cx.hold_bytes(2) else { return Err(Raise::Type(2, "string")) };
        match door::run(cx, this, Send::all(held), patience, sent) {
            Outcome::Now(out) => out,
            Outcome::Later => return Ok(Reply::Suspend),
        }
    } else {
        let Socket { handle, engine, .. } = &mut this.socket;
        drive(&engine.backend, &mut Send::all(data), handle, patience)
    };
    sent(cx, this, out)
}

fn sent<'a>(cx: Cx<'a>, _: &mut Osn, out: Result<usize, SendFailed>) -> Answer<'a> {
    match out {
        Ok(count) => Ok(Reply::one(count as i64)),
        Err(SendFailed { sent, error }) if sent > 0 && error.is_timeout() => {
            Ok(Reply::one(sent as i64))
        }
        Err(failed) => fail(cx, &failed.error),
    }
}
