//! What a socket can be asked for: a [`Transport`] makes one attempt at a system call.

use std::io::{self, IoSlice};
use std::ops::BitOr;

use crate::{Address, Interest, Opt, Value};

/// A descriptor number. Plain, because scripts may pass any number; [`os::Socket`](crate::os::Socket)
/// owns the live ones.
pub type Descriptor = i32;

/// Flags of one receive or send, as the system numbers them (`MSG_*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[doc(alias = "MSG_")]
pub struct Flags(pub i32);

impl Flags {
    /// None.
    pub const NONE: Self = Self(0);
    /// Looks at data without taking it.
    pub const PEEK: Self = Self(libc::MSG_PEEK);
    /// The urgent byte. A plain receive that comes to its place skips it, as the system does: whoever wants it waits for
    /// [`Interest::PRIORITY`] and takes it first.
    pub const OUT_OF_BAND: Self = Self(libc::MSG_OOB);
    /// Never waits, whatever the limit.
    pub const DONT_WAIT: Self = Self(libc::MSG_DONTWAIT);

    /// Is every flag of `other` set?
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What a receive with these flags waits for.
    pub const fn direction(self) -> Interest {
        if self.contains(Self::OUT_OF_BAND) { Interest::PRIORITY } else { Interest::READ }
    }
}

impl BitOr for Flags {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// How an attempt may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The attempt may wait in the kernel; the backend has armed its limit.
    Wait,
    /// The attempt must not wait.
    Now,
    /// No attempt: the backend knows that it would block. What is buffered may still be used.
    Skip,
}

/// The kind of a socket, in the system's numbers: any family, type and protocol can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kind {
    /// `AF_INET`…
    pub family: i32,
    /// `SOCK_STREAM`…
    pub socktype: i32,
    /// `IPPROTO_TCP`…; 0 for the type's usual one.
    pub protocol: i32,
}

impl Kind {
    /// A stream socket of a family.
    pub const fn stream(family: i32) -> Self {
        Self { family, socktype: libc::SOCK_STREAM, protocol: 0 }
    }

    /// A datagram socket of a family.
    pub const fn datagram(family: i32) -> Self {
        Self { family, socktype: libc::SOCK_DGRAM, protocol: 0 }
    }

    /// An address, and this kind in its family.
    pub(crate) const fn of(self, address: Address) -> (Address, Self) {
        (address, Self { family: address.family(), ..self })
    }
}

/// Which direction a shutdown ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum How {
    /// No more receiving.
    Receive,
    /// No more sending; the peer sees the end of the stream.
    Send,
    /// Neither.
    Both,
}

/// One socket's system calls, one attempt each, never a loop. What the system says of an attempt is its error.
///
/// Implementations must
/// - return `EAGAIN`/`EWOULDBLOCK` when an attempt in [`Mode::Now`] would block, and never block in it;
/// - return `EINTR` when a signal ended the attempt, and never retry;
/// - return `Ok(0)` from a receive for the end of a stream, and never for "nothing yet";
/// - append at most `most` bytes, and no more than the vector's spare capacity, which they never grow;
/// - accept an empty `data` in `send`, which on datagram sockets sends an empty message;
/// - never raise a signal such as SIGPIPE.
///
/// Implemented for real sockets by [`os::Socket`](crate::os::Socket), and by the conformance crate's simulator.
pub trait Transport: Sized + 'static {
    /// The descriptor's number.
    fn descriptor(&self) -> Descriptor;
    /// A second descriptor for the same socket, close-on-exec.
    #[doc(alias = "dup")]
    fn duplicate(&self) -> io::Result<Self>;
    /// Receives into initialised memory.
    fn recv(&self, into: &mut [u8], flags: Flags, mode: Mode) -> io::Result<usize>;
    /// Receives to the end of a vector.
    fn recv_append(
        &self,
        into: &mut Vec<u8>,
        most: usize,
        flags: Flags,
        mode: Mode,
    ) -> io::Result<usize>;
    /// Receives one message to the end of a vector, and says where it is from.
    fn recv_from(
        &self,
        into: &mut Vec<u8>,
        most: usize,
        flags: Flags,
        mode: Mode,
    ) -> io::Result<(usize, Address)>;
    /// Sends, perhaps less than all.
    fn send(&self, data: &[u8], flags: Flags, mode: Mode) -> io::Result<usize>;
    /// As [`send`](Self::send), of several pieces one after the other; on message sockets they are one message.
    #[doc(alias = "sendmsg")]
    fn send_vectored(&self, data: &[IoSlice<'_>], flags: Flags, mode: Mode) -> io::Result<usize>;
    /// Sends one message to an address.
    fn send_to(&self, data: &[u8], to: &Address, flags: Flags, mode: Mode) -> io::Result<usize>;
    /// Takes a connection from a listener. Never waits: listeners are non-blocking.
    fn accept(&self) -> io::Result<(Self, Address)>;
    /// Starts to connect; `EINPROGRESS` while under way.
    fn connect(&self, to: &Address, mode: Mode) -> io::Result<()>;
    /// Dissolves the association with a peer.
    fn disconnect(&self) -> io::Result<()>;
    /// The pending error ([`Opt::Error`]), which it clears; `Ok` when there is none.
    #[doc(alias = "SO_ERROR")]
    fn take_error(&self) -> io::Result<()> {
        match self.option(Opt::Error)? {
            Value::Error(Some(code)) => Err(io::Error::from_raw_os_error(code)),
            _ => Ok(()),
        }
    }
    /// Binds to a local address.
    fn bind(&self, to: &Address) -> io::Result<()>;
    /// Starts to listen, and makes the listener non-blocking.
    fn listen(&self, backlog: i32) -> io::Result<()>;
    /// Ends one or both directions.
    fn shutdown(&self, how: How) -> io::Result<()>;
    /// The local address.
    fn local_address(&self) -> io::Result<Address>;
    /// The peer's address.
    fn peer_address(&self) -> io::Result<Address>;
    /// Reads an option.
    fn option(&self, option: Opt) -> io::Result<Value>;
    /// Sets an option.
    fn set_option(&self, option: Opt, value: Value) -> io::Result<()>;
    /// Bytes that can be read without waiting (`FIONREAD`).
    fn bytes_readable(&self) -> io::Result<usize>;
    /// Is the next byte the one after the urgent byte (`sockatmark`)?
    fn at_mark(&self) -> io::Result<bool>;
    /// Gives the descriptor up without closing it.
    fn into_descriptor(self) -> Descriptor;
    /// Takes charge of a descriptor, whatever it is; -1 gives a socket on which every call fails.
    ///
    /// # Safety
    /// The number is nobody else's: dropping the socket closes it.
    #[allow(unsafe_code, reason = "whose a number is nobody but the caller knows")]
    unsafe fn from_descriptor(descriptor: Descriptor) -> Self;
    /// Switches lingering off, so that closing never blocks; for collectors.
    fn forget_linger(&self) {
        // Only where it was switched on: one call more than needed is one more than a collector likes.
        if let Ok(Value::Linger(Some(_))) = self.option(Opt::Linger) {
            let _ = self.set_option(Opt::Linger, Value::Linger(None));
        }
    }
}
