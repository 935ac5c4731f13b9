//! The backend that waits in a mio reactor.
//!
//! Every attempt is made without waiting (`MSG_DONTWAIT`), except that a connect without any limit waits in the kernel,
//! which saves four system calls. Sockets are registered when they first have to wait, edge-triggered, and stay registered.
//! A connection over IP whose last read came back short, and whose edge carried no hang-up, is drained: its next receive
//! waits at once instead of asking the kernel in vain.
//!
//! ```
//! use moonsocket_mio::Mio;
//! use moonsocket_core::{Limit, Net, Pattern};
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), moonsocket_core::Error> {
//! let net = Net::from(Mio::new());
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
//! use moonsocket_mio::Mio;
//! use moonsocket_core::ops::Receive;
//! use moonsocket_core::os::{Socket, pair};
//! use moonsocket_core::{
//!     Bound, Handle, Interest, Kind, Limit, Need, Parking, Pattern, Transport, Flags, Mode,
//! };
//! use std::cell::RefCell;
//! use std::rc::Rc;
//!
//! # fn main() -> std::io::Result<()> {
//! let backend = Mio::new();
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
#![forbid(unsafe_code)]
#![warn(missing_debug_implementations)]

mod reactor;
mod slots;
mod state;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use moonsocket_core::os::{Socket, poll};
use moonsocket_core::{
    Address, Backend, Descriptor, Interest, Kind, Limit, Mode, Token, Transport, Wake, WakeCell,
};

use reactor::Reactor;
use state::State;

/// Waits in a mio reactor.
#[derive(Default)]
pub struct Mio {
    reactor: Rc<Reactor>,
    wake: WakeCell,
}

impl Mio {
    /// A backend for the calling thread. Uses no descriptors until something has to wait.
    pub fn new() -> Self {
        Self::default()
    }
}

impl fmt::Debug for Mio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mio")
    }
}

/// A socket and, once it had to wait, its place in the reactor.
pub struct Io {
    // Dropped first: a registration has to go before the descriptor does.
    place: Place,
    socket: Socket,
    /// See [`reads_whole`](Self::reads_whole); not asked yet of most.
    reads_whole: Cell<Option<bool>>,
}

impl fmt::Debug for Io {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Io({})", self.socket.descriptor())
    }
}

struct Place {
    reactor: Rc<Reactor>,
    state: RefCell<Option<Rc<State>>>,
    registered: Cell<bool>,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(state) = self.state.take() {
            self.reactor.deregister(&state);
        }
    }
}

impl Io {
    fn new(reactor: &Rc<Reactor>, socket: Socket) -> Self {
        let place = Place {
            reactor: Rc::clone(reactor),
            state: RefCell::new(None),
            registered: Cell::new(false),
        };
        Self { place, socket, reads_whole: Cell::new(None) }
    }

    /// Does a read come back short only where nothing is left? One from a Unix socket ends behind a passed descriptor
    /// too, one from a terminal with its line.
    fn reads_whole(&self) -> bool {
        let known = self.reads_whole.get();
        known.unwrap_or_else(|| {
            let over_ip = matches!(self.socket.local_address(), Ok(Address::Inet(_)));
            self.reads_whole.set(Some(over_ip));
            over_ip
        })
    }

    fn state(&self) -> Option<Rc<State>> {
        if self.place.registered.get() { self.place.state.borrow().clone() } else { None }
    }

    /// The socket's place in the reactor, with interest in these directions.
    fn register(&self, interest: Interest) -> io::Result<Rc<State>> {
        let known = self.state();
        let state =
            self.place.reactor.register(self.socket.descriptor(), interest, known.as_ref())?;
        if !known.is_some_and(|known| Rc::ptr_eq(&known, &state)) {
            *self.place.state.borrow_mut() = Some(Rc::clone(&state));
            self.place.registered.set(true);
        }
        Ok(state)
    }
}

impl Deref for Io {
    type Target = Socket;
    fn deref(&self) -> &Socket {
        &self.socket
    }
}

impl Backend for Mio {
    const NAME: &'static str = "mio";
    type Socket = Socket;
    type Io = Io;

    fn open(&self, kind: Kind, mode: Mode) -> io::Result<Io> {
        Socket::open(kind, mode).map(|socket| Io::new(&self.reactor, socket))
    }

    fn adopt(&self, socket: Socket) -> Io {
        Io::new(&self.reactor, socket)
    }

    fn release(&self, io: Io) -> Socket {
        let Io { place, socket, .. } = io;
        drop(place);
        socket
    }

    fn mode(&self, io: Option<&Io>, interest: Interest, limit: Limit, _first: bool) -> Mode {
        // Without a limit a socket that is not in the reactor waits in the kernel's own call, which is one instead of two
        // to four. It gets into the reactor by its first wait with a limit, or in a fiber.
        let endless = limit == Limit::FOREVER;
        let Some(io) = io else {
            return if endless { Mode::Wait } else { Mode::Now };
        };
        if !io.place.registered.get() {
            // Whether it waits is not for one duplicate to say.
            let waits =
                endless && !io.socket.is_shared() && io.socket.set_nonblocking(false).is_ok();
            return if waits { Mode::Wait } else { Mode::Now };
        }
        let drained = io.place.state.borrow().as_ref().is_some_and(|state| state.is_drained());
        if interest == Interest::READ && drained { Mode::Skip } else { Mode::Now }
    }

    fn observe(&self, io: &Io, asked: usize, got: usize) {
        if io.place.registered.get()
            && let Some(state) = &*io.place.state.borrow()
        {
            state.observe(got < asked && io.reads_whole());
        }
    }

    fn wait(&self, io: &Io, interest: Interest, until: Option<Instant>) -> io::Result<Interest> {
        match io.register(interest) {
            // Its own: that of another backend than this one, perhaps.
            Ok(state) => io.place.reactor.wait(&state, interest, until),
            // What epoll refuses (a regular file, a dead number) poll answers at once.
            Err(_) => poll::wait_one(io.descriptor(), interest, until),
        }
    }

    fn waker(&self) -> io::Result<Arc<Wake>> {
        self.wake.get()
    }

    fn arm(&self, descriptor: Descriptor, interest: Interest, token: Token) -> io::Result<()> {
        self.reactor.arm(descriptor, interest, token)
    }

    fn arm_own(&self, io: &Io, interest: Interest, token: Token) -> io::Result<()> {
        if !Rc::ptr_eq(&self.reactor, &io.place.reactor) {
            return self.arm(io.descriptor(), interest, token);
        }
        if let Some(state) = &*io.place.state.borrow()
            && state.serves(interest)
        {
            return self.reactor.arm_state(state, interest, token);
        }
        let state = io.register(interest)?;
        self.reactor.arm_state(&state, interest, token)
    }

    fn disarm(&self, descriptor: Descriptor, token: Token) {
        self.reactor.disarm(descriptor, token);
    }

    fn turn(&self, until: Option<Instant>, ready: &mut Vec<Token>) -> io::Result<()> {
        self.reactor.turn(until, self.wake.in_use(), ready)
    }
}
