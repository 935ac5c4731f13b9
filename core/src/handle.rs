//! What every dialect calls a socket: transport, read buffer, timeouts, statistics.

use std::fmt;
use std::net::{SocketAddr, SocketAddrV4};
use std::time::Instant;

use crate::{
    Address, Backend, Descriptor, Error, ErrorKind, How, Kind, Mode, Opt, Patience, ReadBuffer,
    Timeouts, Transport, Value,
};

mod options;

/// Accounting of one socket.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
#[repr(C)]
pub struct Statistics {
    /// Bytes that the caller's patterns used up, dropped line ends included (not: read from the system).
    pub received: u64,
    /// Bytes taken by the system.
    pub sent: u64,
    /// When counting began.
    pub since: Instant,
}

/// A socket, open or not, for the backend that it was made with. Closed is a state: every operation on it says
/// [`ErrorKind::Closed`], but bytes that were buffered before can still be received.
///
/// It makes no attempt that waits: an [operation](crate::ops) on it does, with [`drive`](crate::drive) or in a
/// [`Parking`](crate::Parking).
///
/// ```
/// use moonsocket_core::{Address, Backend, Error, Handle, Kind, Opt, Value};
///
/// /// A listener that several processes may have on one port.
/// fn listener<B: Backend>(backend: &B, on: Address) -> Result<Handle<B>, Error> {
///     let mut handle = Handle::open(backend, Kind::stream(on.family()))?;
///     handle.set_option(Opt::ReusePort, Value::Flag(true))?;
///     handle.bind(&on)?;
///     handle.listen(1024)?;
///     Ok(handle)
/// }
/// ```
// In this order: what each receive and send looks at lies together.
#[repr(C)]
pub struct Handle<B: Backend> {
    io: Option<B::Io>,
    /// Bytes that have arrived and were not asked for yet.
    pub buffer: ReadBuffer,
    /// Accounting.
    pub statistics: Statistics,
    /// LuaSocket's pair of timeouts.
    pub timeouts: Timeouts,
    /// The address family; 0 where nobody has said.
    family: i32,
    /// That family was another descriptor's.
    was_replaced: bool,
    /// IPv6 sockets that this handle makes are for IPv6 only.
    pub v6_only: bool,
    /// Options that were set while there was no descriptor; applied to each one that is made.
    #[allow(clippy::box_collection, reason = "rare, and objects are made by the thousand")]
    remembered: Option<Box<Vec<(Opt, Value)>>>,
}

impl<B: Backend> Handle<B> {
    /// A handle without a descriptor; the first bind or connect makes one.
    #[inline]
    pub fn unopened(backend: &B) -> Self {
        // Asked first: the rest is made in its place then.
        let since = backend.now();
        Self {
            io: None,
            family: libc::AF_UNSPEC,
            was_replaced: false,
            buffer: ReadBuffer::default(),
            timeouts: Timeouts::default(),
            v6_only: false,
            statistics: Statistics { received: 0, sent: 0, since },
            remembered: None,
        }
    }

    /// A handle without a descriptor, which makes its own as this one would.
    pub(crate) fn sibling(&self, backend: &B) -> Self {
        Self {
            family: self.family,
            was_replaced: self.was_replaced,
            v6_only: self.v6_only,
            remembered: self.remembered.clone(),
            ..Self::unopened(backend)
        }
    }

    /// Takes another handle's socket in the place of its own.
    pub(crate) fn take_over(&mut self, mut other: Self) {
        self.io = other.io.take();
        self.family = other.family;
        self.was_replaced = other.was_replaced;
        self.buffer.clear();
    }

    /// A handle on a new socket.
    ///
    /// # Errors
    /// What the system says: unknown family, no descriptors left…
    pub fn open(backend: &B, kind: Kind) -> Result<Self, Error> {
        let mut handle = Self::unopened(backend);
        handle.reopen(backend, kind, Mode::Wait)?;
        Ok(handle)
    }

    /// A handle on a socket that exists. `family`: its address family, 0 where it is not known.
    pub fn adopt(backend: &B, socket: B::Socket, family: i32) -> Self {
        let mut handle = Self::unopened(backend);
        handle.family = family;
        handle.io = Some(backend.adopt(socket));
        handle
    }

    /// The socket in the backend's care.
    pub fn io(&self) -> Option<&B::Io> {
        self.io.as_ref()
    }

    /// The socket, or the error of an operation on a closed one.
    ///
    /// # Errors
    /// [`Closed`](ErrorKind::Closed), in the named operation.
    pub fn live(&self, operation: &'static str) -> Result<&B::Io, Error> {
        self.io.as_ref().ok_or(Error::new(ErrorKind::Closed, operation))
    }

    /// The descriptor's number, -1 without one.
    #[doc(alias = "getfd")]
    pub fn descriptor(&self) -> Descriptor {
        self.io.as_ref().map_or(-1, |io| io.descriptor())
    }

    /// Is there a descriptor?
    pub fn is_open(&self) -> bool {
        self.io.is_some()
    }

    /// The address family of the descriptor, or of the last one that had any; 0 where nothing is known.
    pub fn family(&self) -> i32 {
        match &self.io {
            Some(io) if self.was_replaced || self.family == libc::AF_UNSPEC => {
                io.local_address().map_or(self.family, |address| address.family())
            }
            _ => self.family,
        }
    }

    /// The timeouts, as the driver wants them.
    #[inline]
    pub fn patience(&self) -> Patience {
        self.timeouts.into()
    }

    /// Replaces the socket (closing an old one, and dropping its unread bytes) by a new one with the remembered
    /// options.
    ///
    /// # Errors
    /// As [`open`](Self::open); the old socket is then untouched.
    pub fn reopen(&mut self, backend: &B, kind: Kind, mode: Mode) -> Result<(), Error> {
        let io = backend.open(kind, mode).map_err(|e| Error::from_io(&e, "open"))?;
        if self.v6_only && kind.family == libc::AF_INET6 {
            let _ = io.set_option(Opt::Ip6Only, Value::Flag(true));
        }
        for &(option, value) in self.remembered() {
            // An option that this family does not know must not make the socket unusable.
            let _ = io.set_option(option, value);
        }
        self.io = Some(io);
        self.family = kind.family;
        self.was_replaced = false;
        // What another connection left unread is not this one's.
        self.buffer.clear();
        Ok(())
    }

    /// Opens a socket of this kind unless one of its family is open.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(crate) fn ensure_family(
        &mut self,
        backend: &B,
        kind: Kind,
        mode: Mode,
    ) -> Result<(), Error> {
        if self.is_open() && self.family() == kind.family {
            Ok(())
        } else {
            self.reopen(backend, kind, mode)
        }
    }

    /// Closes. Buffered bytes stay receivable. Closing twice does nothing. Tasks that are parked on it learn of it from
    /// [`Parking::closing`](crate::Parking::closing) alone, which is called before.
    pub fn close(&mut self) {
        self.io = None;
        if self.buffer.is_empty() {
            self.buffer.release();
        }
    }

    /// Closes without ever blocking, whatever linger says: for collectors.
    pub fn abandon(&mut self) {
        if let Some(io) = self.io.take() {
            io.forget_linger();
        }
    }

    /// Gives the socket up without closing it; `None` when there was none. Buffered bytes stay here.
    pub fn take(&mut self, backend: &B) -> Option<B::Socket> {
        self.io.take().map(|io| backend.release(io))
    }

    /// A second socket of its own for the same connection, listener or mailbox. Buffered bytes stay here.
    ///
    /// # Errors
    /// Closed, or no descriptors left.
    #[doc(alias = "dup")]
    #[doc(alias = "try_clone")]
    pub fn duplicate(&self, backend: &B) -> Result<B::Socket, Error> {
        self.call("dup", |io| backend.duplicate(io))
    }

    /// Gives its socket up, as [`take`](Self::take) does, for another one.
    #[doc(alias = "setfd")]
    #[must_use = "what is given up is closed when it is dropped"]
    pub fn replace(&mut self, backend: &B, socket: Option<B::Socket>) -> Option<B::Socket> {
        let old = self.take(backend);
        if let Some(socket) = socket {
            self.io = Some(backend.adopt(socket));
            self.was_replaced = true;
        }
        old
    }

    /// Binds to a local address.
    ///
    /// # Errors
    /// Closed, or what the system says; the socket stays usable.
    pub fn bind(&mut self, to: &Address) -> Result<(), Error> {
        self.call("bind", |io| io.bind(to))
    }

    /// Starts to listen.
    ///
    /// # Errors
    /// Closed, or what the system says.
    pub fn listen(&mut self, backlog: i32) -> Result<(), Error> {
        self.call("listen", |io| io.listen(backlog))
    }

    /// Ends one or both directions.
    ///
    /// # Errors
    /// Closed, or what the system says.
    pub fn shutdown(&mut self, how: How) -> Result<(), Error> {
        self.call("shutdown", |io| io.shutdown(how))
    }

    /// Dissolves the association with a peer; the descriptor stays.
    ///
    /// # Errors
    /// Closed, or what the system says.
    pub fn disconnect(&mut self) -> Result<(), Error> {
        self.call("disconnect", |io| io.disconnect())
    }

    /// The local address.
    ///
    /// # Errors
    /// Closed, or what the system says.
    pub fn local_address(&self) -> Result<Address, Error> {
        self.call("getsockname", |io| io.local_address())
    }

    /// The peer's address.
    ///
    /// # Errors
    /// Closed, or what the system says.
    pub fn peer_address(&self) -> Result<Address, Error> {
        self.call("getpeername", |io| io.peer_address())
    }

    /// The peer's address, where it is IPv4 and known to be so. [`peer_address`](Self::peer_address) tells of all others.
    #[inline]
    pub fn ip4_peer(&self) -> Option<SocketAddrV4> {
        let is_ip4 = self.family == libc::AF_INET && !self.was_replaced;
        let io = self.io.as_ref().filter(|_| is_ip4)?;
        match io.peer_address() {
            Ok(Address::Inet(SocketAddr::V4(address))) => Some(address),
            _ => None,
        }
    }

    /// Bytes that can be read without waiting: buffered ones and the system's.
    ///
    /// # Errors
    /// Closed, or what the system says.
    pub fn bytes_readable(&self) -> Result<usize, Error> {
        Ok(self.buffer.len() + self.call("bytes_readable", |io| io.bytes_readable())?)
    }

    /// Is the next byte to be read the one after the urgent byte?
    ///
    /// # Errors
    /// Closed, or what the system says.
    pub fn at_mark(&self) -> Result<bool, Error> {
        Ok(self.buffer.is_empty() && self.call("at_mark", |io| io.at_mark())?)
    }

    /// Cuts bytes off the buffer, and counts them as received.
    #[inline]
    pub(crate) fn consume(&mut self, count: usize) -> std::ops::Range<usize> {
        self.count_received(count);
        self.buffer.take(count)
    }

    #[inline]
    pub(crate) fn count_received(&mut self, count: usize) {
        self.statistics.received = self.statistics.received.wrapping_add(count as u64);
    }

    #[inline]
    pub(crate) fn count_sent(&mut self, count: usize) {
        self.statistics.sent = self.statistics.sent.wrapping_add(count as u64);
    }

    /// Both at once, for receiving from one into the other.
    pub(crate) fn io_and_buffer(&mut self) -> (Option<&B::Io>, &mut ReadBuffer) {
        (self.io.as_ref(), &mut self.buffer)
    }

    fn call<T>(
        &self,
        operation: &'static str,
        f: impl FnOnce(&B::Io) -> std::io::Result<T>,
    ) -> Result<T, Error> {
        f(self.live(operation)?).map_err(|e| Error::from_io(&e, operation))
    }
}

impl<B: Backend> fmt::Debug for Handle<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("descriptor", &self.descriptor())
            .field("local", &self.local_address().ok())
            .field("peer", &self.peer_address().ok())
            .field("buffered", &self.buffer.len())
            .finish_non_exhaustive()
    }
}
