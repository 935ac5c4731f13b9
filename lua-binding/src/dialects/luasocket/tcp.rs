//! TCP objects: masters, clients and servers.

use moonsocket_core::ops::{Bind, Connect, Connected};
use moonsocket_core::{
    Error, ErrorKind, Family as IpFamily, Kind, Patience, Query, Timeouts, errno, number,
};

use super::control::{self, DONE};
use super::error::fail;
use super::option_names::{self, Table};
use super::options::{self, HasOptions};
use super::roles::{self, Client, Endpoint, Master, Role, Server};
use super::stream::{self, Stream};
use super::{additions, inet, luasec};
use crate::convert;
use crate::door::{self, HasSocket};
use crate::socket::{Engine, Owner, Socket};
use crate::vm::{
    Answer, Any, AnyClass, Begun, Body, Bytes, Call, Class as LuaClass, Cx, Digits, Family,
    Function, Given, Kind as Type, Lua, Machine, Maker, New, Number, Obj, Port, Raise, Reply,
    function, keyword, method,
};

/// A TCP object.
#[repr(C)]
pub(super) struct Tcp {
    pub(super) socket: Socket,
    pub(super) role: Role,
    family: IpFamily,
    /// The system has said "connected" at once; programs that ask again expect to hear it once more. See [`Connected`].
    say_again: bool,
    /// The system has not said "connected" itself yet: a limit left the connect under way, or it was seen by other means.
    owed: bool,
    /// The last connect failed; there is nothing to receive, as from a closed socket.
    refused: bool,
}

impl Body for Tcp {
    const FAMILY: &'static Family = &Family {
        name: "tcp{any}",
        classes: &[
            LuaClass { name: "tcp{master}", marks: &["tcp{any}"] },
            LuaClass { name: "tcp{client}", marks: &["tcp{any}"] },
            LuaClass { name: "tcp{server}", marks: &["tcp{any}"] },
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

impl HasSocket for Tcp {
    fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }
}

impl Endpoint for Tcp {
    fn role(&self) -> Role {
        self.role
    }

    fn set_role(&mut self, role: Role) {
        self.role = role;
    }

    fn twin(&self, socket: Socket) -> Self {
        Self::new(socket, self.role, self.family)
    }
}

impl HasOptions for Tcp {
    const OPTIONS: Table = option_names::TCP;
}

impl Stream for Tcp {
    fn is_refused(&self) -> bool {
        self.refused
    }
}

const METHODS: &[Function] = &[
    method!(opens "accept", Tcp, Server, roles::accept_at_once => roles::accept, Begun, Call, New<Tcp>),
    method!(opens "bind", Tcp, Master, bind, Call, Bytes, Bytes),
    method!("close", Tcp, AnyClass, control::close),
    method!(opens "connect", Tcp, AnyClass, connect, Call, Bytes, Port),
    method!(hot "dirty", Tcp, AnyClass, control::dirty),
    method!(opens "dup", Tcp, AnyClass, additions::dup, Call),
    method!("getfamily", Tcp, AnyClass, inet::getfamily),
    method!(show "getfd", Tcp, AnyClass, control::descriptor => control::getfd),
    method!("getoption", Tcp, AnyClass, options::get_at_once => options::get, Call, Bytes),
    method!(show "getpeername", Tcp, AnyClass, control::ip4_peer => control::getpeername, Call),
    method!("getsockname", Tcp, AnyClass, control::getsockname, Call),
    method!("getstats", Tcp, AnyClass, control::getstats),
    method!("gettimeout", Tcp, AnyClass, control::gettimeout),
    method!("listen", Tcp, Master, roles::listen, Call, Option<Number>),
    method!("receive", Tcp, Client, stream::receive_at_once => stream::receive, Begun, Call, Any,
        Option<Bytes>, Option<Number>),
    method!("receiveany", Tcp, Client, additions::receiveany, Call, Number),
    method!("send", Tcp, Client, stream::send_at_once => stream::send, Begun, Call, Bytes, Option<Number>, Option<Number>),
    function!("setfd", luasec::setfd::<Tcp>, Obj<Tcp>, Machine, Number),
    function!("setoption", Tcp, options::set_at_once::<Tcp> => options::set::<Tcp>, Obj<Tcp>, Machine, Bytes, Any),
    method!(opens "setpeername", Tcp, AnyClass, connect, Call, Bytes, Port),
    method!(opens "setsockname", Tcp, Master, bind, Call, Bytes, Bytes),
    method!("setstats", Tcp, AnyClass, control::setstats, Option<Number>, Option<Number>, Any),
    method!(hot "settimeout", Tcp, AnyClass, control::settimeout, Option<Number>, Option<Bytes>),
    method!("shutdown", Tcp, Client, roles::shutdown, Option<Bytes>),
];

impl Tcp {
    #[inline]
    pub(super) fn new(mut socket: Socket, role: Role, family: IpFamily) -> Self {
        socket.handle.v6_only = true;
        Self { socket, role, family, say_again: false, owed: false, refused: false }
    }

    /// A master without a descriptor, or with one where the family is known.
    #[inline]
    pub(super) fn master(engine: std::rc::Rc<Engine>, family: IpFamily) -> Result<Self, Error> {
        let mut socket = Socket::unopened(engine);
        socket.handle.v6_only = true;
        match family {
            IpFamily::Any => {}
            IpFamily::V4 => socket.open(Kind::stream(number::AF_INET))?,
            IpFamily::V6 => socket.open(Kind::stream(number::AF_INET6))?,
        }
        Ok(Self::new(socket, Role::Master, family))
    }

    /// Its descriptor has an address: another one is of that family, or it would have to give this one up.
    fn settle_family(&mut self) {
        self.family = inet::settled(self.family, self.socket.handle.family());
    }

    /// The operation that connects it to there, within these limits.
    fn connect_to(
        &self,
        host: &[u8],
        service: Digits<'_>,
        patience: Patience,
    ) -> Result<Connect, Error> {
        let connect = inet::connect((host, service), self.family, number::SOCK_STREAM)?;
        // As upstream: without time for a second one, only the first address is tried.
        Ok(connect.first_only(patience.whole.is_zero()))
    }
}

pub(super) fn query(
    host: &[u8],
    service: &[u8],
    family: IpFamily,
    passive: bool,
) -> Result<Query, Error> {
    convert::query(host, service, family, number::SOCK_STREAM, passive)
}

/// `tcp()`: a master whose family the first bind or connect decides.
#[inline]
pub(super) fn tcp(owner: &Owner) -> Tcp {
    Tcp::new(Socket::unopened(owner.engine()), Role::Master, IpFamily::Any)
}

/// `tcp4()`.
pub(super) fn tcp4<'a>(cx: Cx<'a>, maker: Maker<'a, Tcp>) -> Answer<'a> {
    make(cx, maker, IpFamily::V4)
}

/// `tcp6()`.
pub(super) fn tcp6<'a>(cx: Cx<'a>, maker: Maker<'a, Tcp>) -> Answer<'a> {
    make(cx, maker, IpFamily::V6)
}

fn make<'a>(cx: Cx<'a>, maker: Maker<'a, Tcp>, family: IpFamily) -> Answer<'a> {
    match Tcp::master(Engine::of(cx), family) {
        Ok(tcp) => Ok(Reply::One(maker.make(tcp))),
        Err(error) => fail(cx, &error),
    }
}

/// `bind(address, port)`.
fn bind<'a>(this: &'a mut Tcp, cx: Cx<'a>, host: &'a [u8], service: &'a [u8]) -> Answer<'a> {
    let patience = this.socket.patience();
    match inet::bind((host, service), this.family, number::SOCK_STREAM) {
        Ok(operation) => door::answer_named(cx, this, operation, patience, bound),
        Err(error) => fail(cx, &error),
    }
}

fn bound<'a>(cx: Cx<'a>, this: &mut Tcp, out: Result<(), Error>) -> Answer<'a> {
    match out {
        Ok(()) => {
            this.settle_family();
            Ok(DONE)
        }
        Err(error) => fail(cx, &error),
    }
}

/// `connect(address, port)`: makes it a client, whether it succeeds or not.
fn connect<'a>(this: &'a mut Tcp, cx: Cx<'a>, host: &'a [u8], service: Digits<'a>) -> Answer<'a> {
    this.role = Role::Client;
    if std::mem::take(&mut this.say_again) && this.socket.handle.peer_address().is_ok() {
        return Ok(DONE);
    }
    let patience = this.socket.patience();
    match this.connect_to(host, service, patience) {
        Ok(operation) => {
            door::answer_named(cx, this, operation.report_in_flight(), patience, connected)
        }
        Err(error) => fail(cx, &error),
    }
}

fn connected<'a>(cx: Cx<'a>, this: &mut Tcp, out: Result<Connected, Error>) -> Answer<'a> {
    match out {
        Ok(Connected { at_once }) => {
            this.say_again = at_once && !this.owed;
            (this.owed, this.refused) = (!at_once, false);
            this.settle_family();
            Ok(DONE)
        }
        Err(error) => {
            this.owed = error.is_timeout() || error.code() == Some(errno::EALREADY);
            // A name that is not found changes nothing of the socket.
            if !matches!(error.kind(), ErrorKind::Resolve(_)) {
                this.refused = error.is_refused();
            }
            fail(cx, &error)
        }
    }
}

/// `socket.connect(address, port [, laddress [, lport [, family]]])`: a connected client. A table of options may stand
/// in the place of the local address.
pub(super) fn connect_new<'a>(
    lua: Lua<'a>,
    host: &'a [u8],
    service: Digits<'a>,
    local: Given<'a>,
    local_service: Option<&'a [u8]>,
    family: Option<&'a [u8]>,
) -> Answer<'a> {
    if local.kind() == Type::Table {
        return super::race::connect(lua, host, &service.text(), local);
    }
    let cx = lua.cx();
    let local_host = match local.kind() {
        Type::None | Type::Nil => None,
        Type::String | Type::Number => Some(lua.text(local.local())),
        _ => return Err(Raise::Type(3, "string")),
    };
    let families = ["unspec", "inet", "inet6"];
    let family = match keyword(5, family.unwrap_or(b"unspec"), &families)? {
        1 => IpFamily::V4,
        2 => IpFamily::V6,
        _ => IpFamily::Any,
    };
    let opened = Tcp::master(Engine::of(cx), IpFamily::Any).and_then(|tcp| {
        let Some(local_host) = &local_host else {
            let connect = tcp.connect_to(host, service, tcp.socket.patience())?;
            return Ok((tcp, connect));
        };
        let kind = Kind::stream(number::AF_UNSPEC);
        let local_service = local_service.unwrap_or(b"0");
        let to = query(host, &service.text(), tcp.family, false)?;
        let local = query(local_host.as_bytes(), local_service, family, true)?;
        let connect = Connect::resolve(to, kind).bound_to(Bind::resolve(local, kind));
        Ok((tcp, connect))
    });
    let (mut tcp, connect) = match opened {
        Ok(opened) => opened,
        Err(error) => return fail(cx, &error),
    };
    tcp.role = Role::Client;
    connect_master(cx, tcp, connect)
}

/// The object, connected; its limits hold for this connect only.
pub(super) fn connect_master<'a>(cx: Cx<'a>, tcp: Tcp, connect: Connect) -> Answer<'a> {
    let patience = tcp.socket.patience();
    door::run_owned(cx, tcp, connect, patience, |cx, mut tcp, out| match out {
        Ok(Connected { at_once }) => {
            tcp.socket.handle.timeouts = Timeouts::default();
            tcp.settle_family();
            let tcp = Tcp { say_again: at_once, owed: !at_once, ..tcp };
            Ok(Reply::One(cx.object(tcp)))
        }
        Err(error) => fail(cx, &error),
    })
}
