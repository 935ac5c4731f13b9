//! Sending to a stream, or one message to a connected peer.

use std::fmt;
use std::io;

use crate::attempt::{Attempt, Attempted, First};
use crate::operation::Failure;
use crate::{
    Backend, Error, ErrorKind, Flags, Handle, Interest, Mode, Need, Operation, Patience, Step,
    Stop, Transport,
};

/// A send that failed, with how much the system took before. `?` makes the [`Error`] alone of it, or an [`io::Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendFailed {
    /// Why.
    pub error: Error,
    /// Bytes that were sent.
    pub sent: usize,
}

impl fmt::Display for SendFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (bytes sent before: {})", self.error, self.sent)
    }
}

impl std::error::Error for SendFailed {}

impl From<SendFailed> for Error {
    fn from(failed: SendFailed) -> Self {
        failed.error
    }
}

impl From<SendFailed> for io::Error {
    fn from(failed: SendFailed) -> Self {
        failed.error.into()
    }
}

/// Sends bytes to a connected peer: all of them on a stream, one message otherwise.
///
/// `D` owns or borrows the data; a parked send needs data that outlives the caller's frame.
///
/// ```
/// use moonsocket_core::ops::Send;
/// use moonsocket_core::{Backend, Error, Limit, Net, Stream};
///
/// /// As much as goes without waiting; how much that is.
/// fn send_some<B: Backend>(
///     net: &Net<B>,
///     stream: &mut Stream<B>,
///     data: &[u8],
/// ) -> Result<usize, Error> {
///     match net.run(&mut Send::all(data), stream.handle(), Limit::ZERO) {
///         Err(failed) if failed.error.is_timeout() => Ok(failed.sent),
///         all => Ok(all?),
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "an operation does nothing until it is driven"]
pub struct Send<D> {
    data: D,
    course: Course,
}

impl<D: AsRef<[u8]>> Send<D> {
    /// Sends all of `data`, in as many pieces as the system takes. Empty data does nothing, and succeeds
    /// even on a closed socket.
    pub fn all(data: D) -> Self {
        Self { data, course: Course::all() }
    }

    /// Sends what the system takes at once (after waiting for room): one message on datagram sockets,
    /// also an empty one.
    pub fn some(data: D) -> Self {
        Self { data, course: Course::some() }
    }

    /// Flags of the system's call.
    pub fn flags(mut self, flags: Flags) -> Self {
        self.course.flags = flags;
        self
    }

    /// Begins at this place in the data: what lies before counts as sent.
    pub fn starting_at(mut self, place: usize) -> Self {
        self.course.sent = place.min(self.data.as_ref().len());
        self
    }

    /// How much was sent so far.
    pub const fn sent(&self) -> usize {
        self.course.sent
    }

    /// Goes on with the same bytes in other memory: a send that began with borrowed ones can then be parked.
    pub fn onto<E: AsRef<[u8]>>(self, data: E) -> Send<E> {
        Send { data, course: self.course }
    }
}

impl<B: Backend, D: AsRef<[u8]>> Operation<B> for Send<D> {
    type On = Handle<B>;
    type Out = Result<usize, SendFailed>;

    fn interest(&self) -> Interest {
        Interest::WRITE
    }

    #[inline]
    fn step(&mut self, _backend: &B, handle: &mut Handle<B>, mode: Mode) -> Step<Self::Out> {
        let data = self.data.as_ref();
        if self.course.is_done(data.len()) {
            return Step::Done(Ok(self.course.sent));
        }
        if mode == Mode::Skip {
            return Step::Wait(Need::Io(Interest::WRITE));
        }
        let outcome = match handle.io() {
            Some(io) => io.send(&data[self.course.sent..], self.course.flags, mode),
            None => return Step::Done(Err(self.course.closed())),
        };
        self.course.follow(handle, data.len(), outcome.map_err(|error| Failure::of(&error, "send")))
    }

    fn stop(&mut self, _handle: &mut Handle<B>, why: Stop) -> Self::Out {
        self.course.stop(self.data.as_ref().len(), why)
    }
}

impl<B: Backend, D: AsRef<[u8]>> Attempted<B> for Send<D> {
    fn after(&mut self, handle: &mut Handle<B>, outcome: Result<usize, i32>) -> Step<Self::Out> {
        let outcome = outcome.map_err(|code| Failure::of_code(code, "send"));
        self.course.follow(handle, self.data.as_ref().len(), outcome)
    }
}

impl Send<&[u8]> {
    /// What a driven send would do first, without the driver and without an operation: one attempt at `data`. `whole`: as
    /// [`all`](Self::all), else as [`some`](Self::some). `parks`: it must not wait, because others would have to. Of a
    /// send that is done, the bytes that the system took.
    #[inline(always)]
    pub fn first<B: Backend>(
        backend: &B,
        handle: &mut Handle<B>,
        data: &[u8],
        whole: bool,
        patience: &Patience,
        parks: bool,
    ) -> First<usize> {
        let Some(io) = handle.io() else { return First::Not };
        if whole && data.is_empty() {
            return First::Not;
        }
        let Some(attempt) = Attempt::begin_to_send(backend, io, patience, parks) else {
            return First::Not;
        };
        let outcome = io.send(data, Flags::NONE, attempt.mode);
        match outcome {
            Ok(count) if count == data.len() || !whole => {
                handle.count_sent(count);
                First::Done(count)
            }
            outcome => First::Begun(attempt.came_to(&outcome)),
        }
    }
}

/// How far a send is, wherever its bytes lie.
#[derive(Debug)]
pub(super) struct Course {
    pub(super) sent: usize,
    pub(super) flags: Flags,
    /// What is left goes on.
    pub(super) whole: bool,
}

impl Course {
    /// Everything is to be sent.
    pub(super) const fn all() -> Self {
        Self { sent: 0, flags: Flags::NONE, whole: true }
    }

    /// What the system takes at once.
    pub(super) const fn some() -> Self {
        Self { whole: false, ..Self::all() }
    }

    /// Is nothing left of so many bytes?
    #[inline]
    pub(super) fn is_done(&self, len: usize) -> bool {
        self.whole && self.sent == len
    }

    fn failed(&self, error: Error) -> SendFailed {
        SendFailed { error, sent: self.sent }
    }

    /// There is no socket.
    pub(super) fn closed(&self) -> SendFailed {
        self.failed(Error::new(ErrorKind::Closed, "send"))
    }

    /// What becomes of the operation after an attempt; there are `len` bytes altogether.
    #[inline]
    pub(super) fn follow<B: Backend>(
        &mut self,
        handle: &mut Handle<B>,
        len: usize,
        outcome: Result<usize, Failure>,
    ) -> Step<Result<usize, SendFailed>> {
        match outcome {
            Ok(count) => {
                self.sent += count;
                handle.count_sent(count);
                if self.is_done(len) || !self.whole {
                    Step::Done(Ok(self.sent))
                } else {
                    Step::Again
                }
            }
            Err(Failure::WouldBlock) if self.flags.contains(Flags::DONT_WAIT) => {
                Step::Done(Err(self.failed(Error::new(ErrorKind::Os(libc::EAGAIN), "send"))))
            }
            Err(Failure::WouldBlock) => Step::Wait(Need::Io(Interest::WRITE)),
            Err(Failure::Interrupted) => Step::Interrupted,
            Err(Failure::Error(error)) => Step::Done(Err(self.failed(error))),
        }
    }

    /// What the operation comes to that is ended from outside.
    pub(super) fn stop(&self, len: usize, why: Stop) -> Result<usize, SendFailed> {
        if self.is_done(len) { Ok(self.sent) } else { Err(self.failed(why.error("send"))) }
    }
}
