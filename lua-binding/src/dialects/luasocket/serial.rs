//! `socket.serial`: a function that opens terminals and FIFOs as streams.

use moonsocket_core::os::open_device;
use moonsocket_core::{Error, Handle, number};

use super::control;
use super::error::fail;
use super::stream::{self, Stream};
use crate::backend::of_system;
use crate::door::HasSocket;
use crate::socket::{Engine, Socket};
use crate::vm::{
    Answer, Any, AnyClass, Begun, Body, Bytes, Call, Class, Cx, Family, Function, Module, Number,
    Reply, Type, function, method,
};

/// `socket.serial`.
pub const MODULE: Module = Module {
    functions: &[function!("serial", serial, Call, Bytes)],
    types: &[Type::of::<Serial>()],
    gives: Some("serial"),
    ..Module::EMPTY
};

/// An open device.
struct Serial {
    socket: Socket,
}

impl Body for Serial {
    const FAMILY: &'static Family = &Family {
        name: "serial{any}",
        classes: &[Class { name: "serial{client}", marks: &["serial{any}"] }],
        methods: METHODS,
        stranger: "invalid object passed to 'auxiliar.c:__tostring'",
    };

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

impl HasSocket for Serial {
    fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }
}

impl Stream for Serial {}

const METHODS: &[Function] = &[
    method!("close", Serial, AnyClass, control::close),
    method!("dirty", Serial, AnyClass, control::dirty),
    method!(show "getfd", Serial, AnyClass, control::descriptor => control::getfd),
    method!("getstats", Serial, AnyClass, control::getstats),
    method!("gettimeout", Serial, AnyClass, control::gettimeout),
    method!(
        "receive",
        Serial,
        AnyClass,
        stream::receive,
        Begun,
        Call,
        Any,
        Option<Bytes>,
        Option<Number>
    ),
    method!(
        "send",
        Serial,
        AnyClass,
        stream::send,
        Begun,
        Call,
        Bytes,
        Option<Number>,
        Option<Number>
    ),
    method!("setfd", Serial, AnyClass, control::setfd, Number),
    method!("setstats", Serial, AnyClass, control::setstats, Option<Number>, Option<Number>, Any),
    method!("settimeout", Serial, AnyClass, control::settimeout, Option<Number>, Option<Bytes>),
];

/// `serial(path)`: a client on a device; `nil, message, errno`.
fn serial<'a>(cx: Cx<'a>, path: &'a [u8]) -> Answer<'a> {
    let device = match open_device(path).and_then(of_system) {
        Ok(device) => device,
        Err(error) => return fail(cx, &Error::from_io(&error, "open")),
    };
    let engine = Engine::of(cx);
    let handle = Handle::adopt(&engine.backend, device, number::AF_UNSPEC);
    Ok(Reply::One(cx.object(Serial { socket: Socket::new(engine, handle) })))
}
