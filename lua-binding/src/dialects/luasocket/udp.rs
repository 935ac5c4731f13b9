//! UDP objects, connected and not.

use moonsocket_core::ops::{Connected as DidConnect, Lookup};
use moonsocket_core::os::resolver;
use moonsocket_core::{
    Address, Attempt, Error, ErrorKind, Family as IpFamily, First, Kind, Limit, Query, drive,
    number,
};

use super::control::{self, DONE};
use super::dgram::{self, Connected, Datagram, Unconnected};
use super::error::{fail, failure};
use super::inet;
use super::option_names::{self, Table};
use super::options::{self, HasOptions};
use crate::convert;
use crate::door::{self, HasSocket};
use crate::sending;
use crate::socket::{Engine, Owner, Socket};
use crate::vm::{
    Answer, Any, AnyClass, Begun, Body, Bytes, Call, Class, Count, Cx, Digits, Family, Function,
    Given, Machine, Maker, Number, Obj, Port, Raise, Reply, function, method,
};

/// A UDP object.
pub(super) struct Udp {
    socket: Socket,
    connected: bool,
    /// What it was made for, or what its first address was of.
    family: IpFamily,
}

const MARKS: &[&str] = &["udp{any}", "select{able}"];

impl Body for Udp {
    const FAMILY: &'static Family = &Family {
        name: "udp{any}",
        classes: &[
            Class { name: "udp{unconnected}", marks: MARKS },
            Class { name: "udp{connected}", marks: MARKS },
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

impl HasSocket for Udp {
    fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }
}

impl HasOptions for Udp {
    const OPTIONS: Table = option_names::UDP;
}

impl Datagram for Udp {
    fn is_connected(&self) -> bool {
        self.connected
    }

    fn twin(&self, socket: Socket) -> Self {
        Self::new(socket, self.connected, self.family)
    }
}

const METHODS: &[Function] = &[
    method!("close", Udp, AnyClass, control::close),
    method!(hot "dirty", Udp, AnyClass, control::dirty),
    method!(opens "dup", Udp, AnyClass, dgram::dup, Call),
    method!("getfamily", Udp, AnyClass, inet::getfamily),
    method!(show "getfd", Udp, AnyClass, control::descriptor => control::getfd),
    method!("getoption", Udp, AnyClass, options::get_at_once => options::get, Call, Bytes),
    method!(show "getpeername", Udp, Connected, control::ip4_peer => control::getpeername, Call),
    method!("getsockname", Udp, AnyClass, control::getsockname, Call),
    method!("getstats", Udp, AnyClass, control::getstats),
    method!("gettimeout", Udp, AnyClass, control::gettimeout),
    method!("receive", Udp, AnyClass, dgram::receive_at_once => dgram::receive, Begun, Call, Option<Number>),
    method!("receivefrom", Udp, Unconnected, dgram::receivefrom_at_once => dgram::receivefrom, Begun, Call, Option<Number>),
    method!("send", Udp, Connected, dgram::send_at_once => dgram::send, Begun, Call, Bytes),
    method!("sendto", Udp, Unconnected, sendto_at_once => sendto, Begun, Call, Bytes, Bytes, Port),
    method!("setfd", Udp, AnyClass, control::setfd, Number),
    function!("setoption", Udp, options::set_at_once::<Udp> => options::set::<Udp>, Obj<Udp>, Machine, Bytes, Any),
    method!(opens "setpeername", Udp, AnyClass, setpeername, Call, Bytes, Option<Port>),
    method!(opens "setsockname", Udp, Unconnected, setsockname, Call, Bytes, Bytes),
    method!("setstats", Udp, AnyClass, control::setstats, Option<Number>, Option<Number>, Any),
    method!(hot "settimeout", Udp, AnyClass, control::settimeout, Option<Number>, Option<Bytes>),
];

/// `udp()`: an object whose family the first address decides.
#[inline]
pub(super) fn udp(owner: &Owner) -> Udp {
    Udp::new(Socket::unopened(owner.engine()), false, IpFamily::Any)
}

/// `udp4()`.
pub(super) fn udp4<'a>(cx: Cx<'a>, maker: Maker<'a, Udp>) -> Answer<'a> {
    make(cx, maker, IpFamily::V4)
}

/// `udp6()`.
pub(super) fn udp6<'a>(cx: Cx<'a>, maker: Maker<'a, Udp>) -> Answer<'a> {
    make(cx, maker, IpFamily::V6)
}

fn make<'a>(cx: Cx<'a>, maker: Maker<'a, Udp>, family: IpFamily) -> Answer<'a> {
    let mut socket = Socket::unopened(Engine::of(cx));
    socket.handle.v6_only = true;
    let number = if family == IpFamily::V6 { number::AF_INET6 } else { number::AF_INET };
    match socket.open(Kind::datagram(number)) {
        Ok(()) => Ok(Reply::One(maker.make(Udp::new(socket, false, family)))),
        Err(error) => fail(cx, &error),
    }
}

impl Udp {
    /// An object on a socket.
    #[inline]
    pub(super) fn new(mut socket: Socket, connected: bool, family: IpFamily) -> Self {
        socket.handle.v6_only = true;
        Self { socket, connected, family }
    }

    /// Its descriptor has an address: others are of that family from now on.
    fn settle_family(&mut self, family: i32) {
        self.family = inet::settled(self.family, family);
    }

    /// A numeric address. The resolver sees only what it has to say something about.
    fn target(&self, host: &[u8], service: Digits<'_>) -> Result<Address, Error> {
        if let Some(address) = convert::numeric_address(host, service, self.family) {
            return Ok(address);
        }
        let query = convert::query(host, &service.text(), self.family, number::SOCK_DGRAM, false)?;
        let query = Query { numeric_host: true, numeric_service: true, ..query };
        let backend = &self.socket.engine.backend;
        let found = drive(backend, &mut Lookup::new(query), &mut (), Limit::FOREVER.into())?;
        let none = Error::new(ErrorKind::Invalid("no address"), "lookup");
        found.first().map(|found| found.address).ok_or(none)
    }
}

/// The shortcut of [`sendto`] for what the system takes at once, on a socket that is open.
fn sendto_at_once(this: &mut Udp, [data, host, service]: [Given<'_>; 3]) -> First<Count<0>> {
    let texts = (data.to_bytes(), host.to_bytes(), service.to_digits());
    let (Some(data), Some(host), Some(service)) = texts else { return First::Not };
    match convert::numeric_address(host, service, this.family) {
        Some(to) => sending::to_at_once(this, data, &to).map(Count::of),
        None => First::Not,
    }
}

/// `sendto(data, ip, port)`: both numeric.
fn sendto<'a>(
    this: &'a mut Udp,
    begun: Option<&'a Attempt>,
    cx: Cx<'a>,
    data: &'a [u8],
    host: &'a [u8],
    service: Digits<'a>,
) -> Answer<'a> {
    let to = match this.target(host, service) {
        Ok(to) => to,
        Err(error) => {
            return match error.kind() {
                // Here upstream lets the resolver speak for itself.
                ErrorKind::Resolve(code) => Ok(failure(cx.bytes(resolver::message(code)), &error)),
                _ => fail(cx, &error),
            };
        }
    };
    if this.family == IpFamily::Any && !this.socket.handle.is_open() {
        if let Err(error) = this.socket.open(Kind::datagram(to.family())) {
            return fail(cx, &error);
        }
        this.settle_family(to.family());
    }
    dgram::send_to(this, begun, cx, data, to)
}

/// `setsockname(address, port)`.
fn setsockname<'a>(this: &'a mut Udp, cx: Cx<'a>, host: &'a [u8], service: &'a [u8]) -> Answer<'a> {
    let patience = this.socket.patience();
    match inet::bind((host, service), this.family, number::SOCK_DGRAM) {
        Ok(operation) => door::answer_named(cx, this, operation, patience, bound),
        Err(error) => fail(cx, &error),
    }
}

fn bound<'a>(cx: Cx<'a>, this: &mut Udp, out: Result<(), Error>) -> Answer<'a> {
    match out {
        Ok(()) => {
            this.settle_family(this.socket.handle.family());
            Ok(DONE)
        }
        Err(error) => fail(cx, &error),
    }
}

/// `setpeername(address, port)`: connects, again if need be; `"*"` disconnects.
fn setpeername<'a>(
    this: &'a mut Udp,
    cx: Cx<'a>,
    host: &'a [u8],
    service: Option<Digits<'a>>,
) -> Answer<'a> {
    if host == b"*" {
        // Some systems complain although they have done it.
        let _ = this.socket.handle.disconnect();
        this.connected = false;
        return Ok(DONE);
    }
    let Some(service) = service else { return Err(Raise::Type(3, "string")) };
    let patience = this.socket.patience();
    match inet::connect((host, service), this.family, number::SOCK_DGRAM) {
        Ok(operation) => door::answer_named(cx, this, operation, patience, connected),
        Err(error) => fail(cx, &error),
    }
}

fn connected<'a>(cx: Cx<'a>, this: &mut Udp, out: Result<DidConnect, Error>) -> Answer<'a> {
    match out {
        Ok(_) => {
            this.settle_family(this.socket.handle.family());
            this.connected = true;
            Ok(DONE)
        }
        Err(error) => fail(cx, &error),
    }
}
