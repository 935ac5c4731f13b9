//! What a backend is: where a [`Transport`]'s attempt would block, a [`Backend`] waits.

use std::io;
use std::num::NonZeroUsize;
use std::ops::{BitOr, BitOrAssign, Deref};
use std::sync::Arc;
use std::time::Instant;

use crate::os::{poll, signals};
use crate::{Descriptor, Kind, Limit, Mode, Transport, Wake};

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

/// How many events a reactor takes from the kernel at once. What the kernel looked up to report a socket is still in the
/// cache when that socket is read, if there are not many others in between: with a thousand busy ones, a request in a fiber
/// takes about 5 % less time with 64 than with 1,024.
pub const EVENTS_AT_ONCE: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// A way of waiting: all that backends differ in.
///
/// A backend belongs to one thread. What is provided fits every backend whose descriptors are the system's; one without a
/// kernel, such as a simulator, brings its own `now`, `wait_many`, `look` and signals. Implementations must
/// - never end a wait early: `until` has passed, or something is ready, or a wake-up or signal came;
/// - report a signal as `ErrorKind::Interrupted`, and never retry;
/// - tolerate descriptors that someone else made non-blocking, duplicated, or closed;
/// - survive `fork`: a child's calls must not disturb its parent's. [`PerProcess`](crate::os::PerProcess) sees to that
///   where there is a set of watched descriptors;
/// - keep descriptors of their own off the numbers of the standard streams, where what a program prints would go to them
///   once it has closed those: [`made_beyond_standard`](crate::os::made_beyond_standard) does.
pub trait Backend: Sized + 'static {
    /// "blocking", "mio"…
    const NAME: &'static str;
    /// The socket below.
    type Socket: Transport;
    /// A socket in this backend's care. Dropping it closes the socket.
    type Io: Deref<Target = Self::Socket>;

    /// Makes a socket, close-on-exec.
    ///
    /// # Errors
    /// Unknown family, no descriptors left, and what else the system says.
    fn open(&self, kind: Kind, mode: Mode) -> io::Result<Self::Io>;
    /// Takes a socket into care. Cannot fail: what cannot be registered is waited for in another way.
    fn adopt(&self, socket: Self::Socket) -> Self::Io;
    /// Gives a socket back, with every trace of the care removed (registration, kernel timeouts).
    fn release(&self, io: Self::Io) -> Self::Socket;
    /// Makes a second descriptor for a socket in this care, on which the care has left no trace either.
    ///
    /// # Errors
    /// No descriptors left.
    fn duplicate(&self, io: &Self::Io) -> io::Result<Self::Socket> {
        io.duplicate()
    }
    /// The monotonic clock.
    fn now(&self) -> Instant {
        Instant::now()
    }
    /// May an attempt at this socket (`None`: one that is to be opened) wait in the kernel? If so, arms
    /// the limit. `first`: nothing of the limit is used up yet; when something is, and there is a limit,
    /// the answer is never [`Mode::Wait`].
    fn mode(&self, io: Option<&Self::Io>, interest: Interest, limit: Limit, first: bool) -> Mode;
    /// Learns that a receive asked for `asked` bytes and got `got`.
    fn observe(&self, io: &Self::Io, asked: usize, got: usize) {
        let _ = (io, asked, got);
    }
    /// Waits until the socket is ready for some of `interest`, and says for what; none: the time is up.
    ///
    /// # Errors
    /// `Interrupted` for a signal. What the system says of the wait; what is wrong with the socket makes it ready.
    fn wait(
        &self,
        io: &Self::Io,
        interest: Interest,
        until: Option<Instant>,
    ) -> io::Result<Interest>;
    /// Waits until one of several descriptors is ready or, where `wake` says so, the backend's [`Wake`]
    /// is signalled. The count of descriptors that are ready or invalid. By `poll(2)`: a select names its descriptors
    /// anew each time, and to register and forget them costs more than to pass them.
    ///
    /// # Errors
    /// `Interrupted` for a signal, no descriptors left for the wake-up, memory is short.
    fn wait_many(
        &self,
        watch: &mut [Watch],
        until: Option<Instant>,
        wake: bool,
    ) -> io::Result<usize> {
        let wake = wake.then(|| self.waker()).transpose()?;
        poll::wait(watch, until, wake.as_deref())
    }
    /// As [`wait_many`](Self::wait_many), for what is ready at this moment.
    ///
    /// # Errors
    /// As there.
    fn look(&self, watch: &mut [Watch]) -> io::Result<usize> {
        poll::look(watch)
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
    ///
    /// # Errors
    /// `Interrupted` for a signal, no descriptors left for the reactor's own.
    fn turn(&self, until: Option<Instant>, ready: &mut Vec<Token>) -> io::Result<()>;
}
