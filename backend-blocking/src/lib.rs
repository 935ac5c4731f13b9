//! The backend that waits in the kernel's own blocking calls.
//!
//! Descriptors stay blocking. A call without a limit is one system call and no wait. A limit of a second or more is
//! armed in the kernel (at ⅞ of it, because the kernel's timers are late by a growing share, only when it changes, and
//! not before a few calls had to wait: many a connection is over by then); the rest, every shorter limit, and that of a
//! send to a Unix connection, is waited for with `poll(2)`. Many sockets at once, as fibers need them, are watched by a
//! `Poller` of the `polling` crate, which is made when first used.
//!
//! ```
//! use moonsocket_blocking::Blocking;
//! use moonsocket_core::{Limit, Net, Pattern};
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), moonsocket_core::Error> {
//! let net = Net::from(Blocking::new());
//! let mut listener = net.listen("127.0.0.1:0")?;
//! let address = listener.address()?;
//! let mut client = net.connect_to(address, Limit::after(Duration::from_secs(5)))?;
//! let (mut server, _from) = listener.accept(Limit::FOREVER)?;
//!
//! client.send("one\r\ntwo")?;
//! assert_eq!(server.line()?.as_deref(), Some("one"));
//!
//! // A limit ends the second line; what came of it is in the result.
//! server.set_limit(Limit::after(Duration::from_millis(10)));
//! let short = server.receive(Pattern::TEXT_LINE).expect_err("no line end was sent");
//! assert!(short.error.is_timeout());
//! assert_eq!(short.partial, b"two");
//! # Ok(())
//! # }
//! ```
//!
//! Two operations at once, on one thread:
//!
//! ```
//! use moonsocket_blocking::Blocking;
//! use moonsocket_core::ops::Receive;
//! use moonsocket_core::os::{Socket, pair};
//! use moonsocket_core::{
//!     Bound, Handle, Interest, Kind, Limit, Need, Parking, Pattern, Transport, Flags, Mode,
//! };
//! use std::cell::RefCell;
//! use std::rc::Rc;
//!
//! # fn main() -> std::io::Result<()> {
//! let backend = Blocking::new();
//! let mut parking = Parking::default();
//! let mut peers: Vec<Socket> = Vec::new();
//! for _ in 0..2 {
//!     let (ours, theirs) = pair(Kind::stream(moonsocket_core::number::AF_UNIX))?;
//!     let handle = Rc::new(RefCell::new(Handle::adopt(&backend, ours, 0)));
//!     let line = Bound::new(Receive::new(Pattern::TEXT_LINE), handle);
//!     parking.park(&backend, line, Need::Io(Interest::READ), Limit::FOREVER.into());
//!     peers.push(theirs);
//! }
//! for (peer, text) in peers.iter().rev().zip(["second\n", "first\n"]) {
//!     peer.send(text.as_bytes(), Flags::NONE, Mode::Wait)?;
//! }
//! let mut lines = Vec::new();
//! while !parking.is_empty() {
//!     parking.wait(&backend, None)?;
//!     while let Some((_ticket, mut line)) = parking.next(&backend) {
//!         if let Some(Ok(received)) = line.take() {
//!             lines.push(received.into_vec(&mut line.access().borrow_mut()));
//!         }
//!     }
//! }
//! lines.sort();
//! assert_eq!(lines, [&b"first"[..], b"second"]);
//! # Ok(())
//! # }
//! ```
#![deny(unsafe_code)]
#![warn(missing_debug_implementations)]

mod reactor;

use std::cell::Cell;
use std::fmt;
use std::io;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moonsocket_core::number::AF_UNIX;
use moonsocket_core::os::{Socket, poll};
use moonsocket_core::{
    Backend, Descriptor, Interest, Kind, Limit, Mode, Opt, Token, Transport, Value, Wake, WakeCell,
};

use reactor::Reactor;

/// Limits below this are polled for: the kernel's own are up to 20 ms late.
const ARM_MIN: Limit = Limit::after(Duration::from_secs(1));

/// Waits in the kernel's blocking calls.
#[derive(Default)]
pub struct Blocking {
    reactor: Rc<Reactor>,
    wake: WakeCell,
}

impl Blocking {
    /// A backend for the calling thread. Uses no descriptors until fibers or lookups need some.
    pub fn new() -> Self {
        Self::default()
    }
}

impl fmt::Debug for Blocking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blocking")
    }
}

/// A socket with the limits that its kernel timeouts are armed for.
pub struct Io {
    // Dropped first: a registration has to go before the descriptor does, which a duplicate may outlive.
    place: Place,
    socket: Socket,
    receive: Kernel,
    send: Kernel,
    /// Is it a connected Unix socket? Not known of one that is yet to connect.
    unix_connection: Cell<Option<bool>>,
}

/// So many calls have to wait before the kernel is told for how long: one that waits with `poll` has two system calls more,
/// and telling the kernel takes as many.
const WAITS_MIN: u8 = 3;

/// What the kernel knows of one direction.
#[derive(Default)]
struct Kernel {
    /// The limit that it keeps.
    armed: Cell<Limit>,
    /// A call has begun whose limit it does not keep.
    tried: Cell<bool>,
    /// How many of those had to wait.
    waits: Cell<u8>,
}

impl fmt::Debug for Io {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Io({})", self.socket.descriptor())
    }
}

/// A descriptor that the reactor may know.
struct Place {
    reactor: Rc<Reactor>,
    descriptor: Descriptor,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.reactor.forget(self.descriptor);
    }
}

impl Io {
    fn new(reactor: &Rc<Reactor>, socket: Socket) -> Self {
        let place = Place { reactor: Rc::clone(reactor), descriptor: socket.descriptor() };
        let (receive, send, unix_connection) = Default::default();
        Self { place, socket, receive, send, unix_connection }
    }

    /// Does the kernel's limit of a send hold for each buffer it makes, and not for the call? Then a reader that
    /// goes on now and then prolongs a long send without end. A connect is still limited as a whole.
    fn limits_each_buffer(&self, interest: Interest) -> bool {
        if !interest.contains(Interest::WRITE) {
            return false;
        }
        if self.unix_connection.get().is_none() {
            let known = match self.socket.option(Opt::Domain) {
                Ok(Value::Int(AF_UNIX)) => self.socket.peer_address().is_ok().then_some(true),
                _ => Some(false),
            };
            self.unix_connection.set(known);
        }
        self.unix_connection.get() == Some(true)
    }

    /// Does the kernel keep this limit already in the first call of one direction? What is not known is answered by false.
    #[inline(always)]
    fn keeps(&self, interest: Interest, limit: Limit) -> bool {
        let writes = interest.contains(Interest::WRITE);
        let of_calls =
            limit == Limit::FOREVER || !writes || self.unix_connection.get() == Some(false);
        self.kernel(interest).armed.get() == limit && of_calls && self.socket.is_plain()
    }

    /// What the kernel knows of this direction.
    #[inline(always)]
    fn kernel(&self, interest: Interest) -> &Kernel {
        if interest.contains(Interest::WRITE) { &self.send } else { &self.receive }
    }

    /// Shall a call try first whether it must wait at all, before the kernel is told how long?
    fn tries(&self, interest: Interest, limit: Limit) -> bool {
        let kernel = self.kernel(interest);
        let tries = kernel.armed.get() != limit && kernel.waits.get() < WAITS_MIN;
        kernel.tried.set(tries);
        tries
    }

    /// Arms the kernel's limit of one direction; no system call when it is armed so already.
    fn arm(&self, interest: Interest, limit: Limit) -> io::Result<()> {
        let writes = interest.contains(Interest::WRITE);
        let option = if writes { Opt::SendTimeout } else { Opt::ReceiveTimeout };
        let kernel = self.kernel(interest);
        if kernel.armed.get() != limit {
            let time = limit.duration().map(|time| time - time / 8);
            self.socket.set_option(option, Value::Time(time))?;
            kernel.armed.set(limit);
            kernel.waits.set(0);
        }
        Ok(())
    }

    /// Takes the kernel's limits back, which are those of every descriptor for the socket.
    fn let_go(&self) {
        for interest in [Interest::READ, Interest::WRITE] {
            let _ = self.arm(interest, Limit::FOREVER);
        }
    }

    fn let_wait(&self, interest: Interest, limit: Limit) -> io::Result<()> {
        self.socket.set_nonblocking(false)?;
        self.arm(interest, limit)
    }
}

impl Deref for Io {
    type Target = Socket;
    fn deref(&self) -> &Socket {
        &self.socket
    }
}

impl Backend for Blocking {
    const NAME: &'static str = "blocking";
    type Socket = Socket;
    type Io = Io;

    fn open(&self, kind: Kind, mode: Mode) -> io::Result<Io> {
        Socket::open(kind, mode).map(|socket| Io::new(&self.reactor, socket))
    }

    fn adopt(&self, socket: Socket) -> Io {
        Io::new(&self.reactor, socket)
    }

    fn release(&self, io: Io) -> Socket {
        io.let_go();
        let Io { place, socket, .. } = io;
        drop(place);
        socket
    }

    fn duplicate(&self, io: &Io) -> io::Result<Socket> {
        io.let_go();
        io.socket.duplicate()
    }

    #[inline(always)]
    fn mode(&self, io: Option<&Io>, interest: Interest, limit: Limit, first: bool) -> Mode {
        match io {
            Some(io) if (first || limit == Limit::FOREVER) && io.keeps(interest, limit) => {
                Mode::Wait
            }
            io => mode(io, interest, limit, first),
        }
    }

    fn wait(&self, io: &Io, interest: Interest, until: Option<Instant>) -> io::Result<Interest> {
        let kernel = io.kernel(interest);
        if kernel.tried.take() {
            kernel.waits.set(kernel.waits.get() + 1);
        }
        poll::wait_one(io.descriptor(), interest, until)
    }

    fn waker(&self) -> io::Result<Arc<Wake>> {
        self.wake.get()
    }

    fn arm(&self, descriptor: Descriptor, interest: Interest, token: Token) -> io::Result<()> {
        self.reactor.arm(descriptor, interest, token)
    }

    fn disarm(&self, descriptor: Descriptor, token: Token) {
        self.reactor.disarm(descriptor, token);
    }

    fn turn(&self, until: Option<Instant>, ready: &mut Vec<Token>) -> io::Result<()> {
        self.reactor.turn(until, self.wake.in_use(), ready)
    }
}

/// How an attempt may be made whose limit the kernel does not keep yet.
#[inline(never)]
fn mode(io: Option<&Io>, interest: Interest, limit: Limit, first: bool) -> Mode {
    let endless = limit == Limit::FOREVER;
    if !endless && (!first || limit < ARM_MIN) {
        return Mode::Now;
    }
    match io {
        None => Mode::Wait,
        // The kernel's limits, and whether it waits at all, are those of all duplicates.
        Some(io) if io.is_shared() => Mode::Now,
        Some(io) if !endless && io.tries(interest, limit) => Mode::Now,
        Some(io) if !endless && io.limits_each_buffer(interest) => Mode::Now,
        // What has no such timeout (a pipe, a dead number) is waited for with poll.
        Some(io) if io.let_wait(interest, limit).is_ok() => Mode::Wait,
        Some(_) => Mode::Now,
    }
}

/// The manual's blocks of Rust.
#[cfg(doctest)]
// The blocks of Lua have attributes of their own.
#[allow(rustdoc::invalid_codeblock_attributes)]
mod manual {
    #[doc = include_str!("../../README.md")]
    mod readme {}
    #[doc = include_str!("../../docs/src/rust.md")]
    mod rust {}
    #[doc = include_str!("../../docs/src/writing-a-backend.md")]
    mod writing_a_backend {}
}
