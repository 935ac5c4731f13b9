//! What a backend is: a [`Transport`] makes one attempt at a system call, a [`Backend`] waits.

use std::io;
use std::ops::{BitOr, BitOrAssign, Deref};
use std::sync::Arc;
use std::time::Instant;

use crate::os::signals;
use crate::{Address, Limit, Opt, Value, Wake};

/// A descriptor number. Plain, because scripts may pass any number; [`os::Socket`](crate::os::Socket)
/// owns the live ones.
pub type Descriptor = i32;

/// Names a parked operation to a backend's reactor.
pub type Token = usize;

/// What a socket is waited for, and what it is found ready for. A set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Interest(u8);

impl Interest {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// A read would not block (data, end of stream, a connection to accept, an error).
    pub const READ: Self = Self(1);
    /// A write would not block (room, a finished connect, an error).
    pub const WRITE: Self = Self(2);
    /// Exceptional data, such as TCP's urgent byte.
    #[doc(alias = "POLLPRI")]
    pub const PRIORITY: Self = Self(4);
    /// An error or a hang-up of both directions, which end every wait; by itself a wait for them alone.
    #[doc(alias = "POLLHUP")]
    pub const HANGUP: Self = Self(8);

    /// Every set but the empty one.
    pub(crate) fn all_sets() -> impl Iterator<Item = Self> {
        (1..16).map(Self)
    }

    /// Is every member of `other` in this set?
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The members that both have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// This set without the members of `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Is it empty?
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Interest {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Interest {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// Flags of one receive or send, as the system numbers them (`MSG_*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[doc(alias = "MSG_")]
pub struct Flags(pub i32);

impl Flags {
    /// None.
    pub const NONE: Self = Self(0);
    /// Looks at data without taking it.
    pub const PEEK: Self = Self(libc::MSG_PEEK);
    /// The urgent byte.
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

/// How an attempt may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The attempt may wait in the kernel; the backend has armed its limit.
    Wait,
    /// The attempt must not wait.
    Now,
    /// No attempt: the backend knows that it would block. What is buffered may still be used.
    Skip,
}

/// The kind of a socket, in the system's numbers: any family, type and protocol can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// No more receiving.
    Receive,
    /// No more sending; the peer sees the end of the stream.
    Send,
    /// Neither.
    Both,
}

/// One descriptor in a wait for several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    /// Any pollable descriptor, ours or not. Negative ones are never ready.
    pub descriptor: Descriptor,
    /// What for.
    pub interest: Interest,
    /// What it was found ready for; set by the wait. Errors and hang-ups count as all that was asked for.
    pub ready: Interest,
    /// The descriptor is not open (`POLLNVAL`); set by the wait, which then ends at once.
    pub invalid: bool,
    /// All that `poll(2)` said of it, in the system's numbers; set by the wait.
    #[doc(alias = "revents")]
    pub raw: i16,
}

impl Watch {
    /// A descriptor to be waited for.
    pub const fn new(descriptor: Descriptor, interest: Interest) -> Self {
        Self { descriptor, interest, ready: Interest::NONE, invalid: false, raw: 0 }
    }
}

/// One socket's system calls, one attempt each, never a loop.
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
    /// Sends one message to an address.
    fn send_to(&self, data: &[u8], to: &Address, flags: Flags, mode: Mode) -> io::Result<usize>;
    /// Takes a connection from a listener. Never waits: listeners are non-blocking.
    fn accept(&self) -> io::Result<(Self, Address)>;
    /// Starts to connect; `EINPROGRESS` while under way.
    fn connect(&self, to: &Address, mode: Mode) -> io::Result<()>;
    /// Dissolves the association with a peer.
    fn disconnect(&self) -> io::Result<()>;
    /// The pending error (`SO_ERROR`), which it clears; `Ok` when there is none.
    fn take_error(&self) -> io::Result<()>;
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
    fn from_descriptor(descriptor: Descriptor) -> Self;
    /// Switches lingering off, so that closing never blocks; for collectors.
    fn forget_linger(&self);
}

/// A way of waiting: all that backends differ in.
///
/// A backend belongs to one thread. Implementations must
/// - never end a wait early: `until` has passed, or something is ready, or a wake-up or signal came;
/// - report a signal as `ErrorKind::Interrupted`, and never retry;
/// - tolerate descriptors that someone else made non-blocking, duplicated, or closed;
/// - survive `fork`: a child's calls must not disturb its parent's.
pub trait Backend: Sized + 'static {
    /// "blocking", "mio"…
    const NAME: &'static str;
    /// The socket below.
    type Socket: Transport;
    /// A socket in this backend's care. Dropping it closes the socket.
    type Io: Deref<Target = Self::Socket>;

    /// Makes a socket, close-on-exec.
    fn open(&self, kind: Kind, mode: Mode) -> io::Result<Self::Io>;
    /// Takes a socket into care. Cannot fail: what cannot be registered is waited for in another way.
    fn adopt(&self, socket: Self::Socket) -> Self::Io;
    /// Gives a socket back, with every trace of the care removed (registration, kernel timeouts).
    fn release(&self, io: Self::Io) -> Self::Socket;
    /// The monotonic clock; virtual in a simulator.
    fn now(&self) -> Instant;
    /// May an attempt at this socket (`None`: one that is to be opened) wait in the kernel? If so, arms
    /// the limit. `first`: nothing of the limit is used up yet; when something is, and there is a limit,
    /// the answer is never [`Mode::Wait`].
    fn mode(&self, io: Option<&Self::Io>, interest: Interest, limit: Limit, first: bool) -> Mode;
    /// Learns that a receive asked for `asked` bytes and got `got`.
    fn observe(&self, io: &Self::Io, asked: usize, got: usize) {
        let _ = (io, asked, got);
    }
    /// Waits until the socket is ready for some of `interest`, and says for what; none: the time is up.
    fn wait(
        &self,
        io: &Self::Io,
        interest: Interest,
        until: Option<Instant>,
    ) -> io::Result<Interest>;
    /// Waits until one of several descriptors is ready or, where `wake` says so, the backend's [`Wake`]
    /// is signalled. The count of descriptors that are ready or invalid.
    fn wait_many(
        &self,
        watch: &mut [Watch],
        until: Option<Instant>,
        wake: bool,
    ) -> io::Result<usize>;
    /// As [`wait_many`](Self::wait_many), for what is ready at this moment.
    fn look(&self, watch: &mut [Watch]) -> io::Result<usize> {
        self.wait_many(watch, Some(self.now()), false)
    }
    /// What helper threads signal. Whoever waits for it holds it until then.
    ///
    /// # Errors
    /// No descriptors left.
    fn waker(&self) -> io::Result<Arc<Wake>>;
    /// Takes a signal that came, for operations that tell of them.
    fn take_signal(&self) -> Option<i32> {
        signals::take()
    }
    /// What becomes readable when one comes; -1 where none are caught.
    fn signal_descriptor(&self) -> Descriptor {
        signals::descriptor()
    }

    /// Asks the reactor to report `token` once when the descriptor is ready for some of `interest`. Any
    /// pollable descriptor, ours or not; several tokens may be armed on one, and one token on several.
    ///
    /// # Errors
    /// The descriptor cannot be waited for; regular files, for example, are always ready.
    fn arm(&self, descriptor: Descriptor, interest: Interest, token: Token) -> io::Result<()>;
    /// As [`arm`](Self::arm), for a socket in this backend's care, which may spare it a system call.
    ///
    /// # Errors
    /// As there.
    fn arm_own(&self, io: &Self::Io, interest: Interest, token: Token) -> io::Result<()> {
        self.arm(io.descriptor(), interest, token)
    }
    /// Takes that back.
    fn disarm(&self, descriptor: Descriptor, token: Token);
    /// One turn of the reactor: waits for an armed token, the wake or `until`; appends the tokens that
    /// are ready, each of which is then disarmed.
    fn turn(&self, until: Option<Instant>, ready: &mut Vec<Token>) -> io::Result<()>;
}
