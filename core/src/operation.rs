//! Operations are values: something that takes more than one attempt, driven by whoever holds it.

use std::io;
use std::time::Duration;

use crate::{Backend, Error, ErrorKind, Handle, Interest, Limit, Mode, Watch};

/// What a step came to.
#[derive(Debug)]
pub enum Step<T> {
    /// Finished.
    Done(T),
    /// Something was done, and more can be tried at once.
    Again,
    /// A signal ended the attempt. Nothing is lost.
    Interrupted,
    /// Nothing can be done before this.
    Wait(Need),
}

impl<T> Step<T> {
    /// What it came to; or, for an operation that this step is a part of, that it is no further either.
    pub fn done<U>(self) -> Result<T, Step<U>> {
        match self {
            Step::Done(out) => Ok(out),
            Step::Again => Err(Step::Again),
            Step::Interrupted => Err(Step::Interrupted),
            Step::Wait(need) => Err(Step::Wait(need)),
        }
    }

    /// The same with what `f` makes of its result.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Step<U> {
        match self.done() {
            Ok(out) => Step::Done(f(out)),
            Err(not_yet) => not_yet,
        }
    }
}

/// What an operation waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Its socket being ready.
    Io(Interest),
    /// One of [`Operation::watches`] being ready.
    Many,
    /// A wake-up from a helper thread.
    Wake,
    /// This much time, or one of [`Operation::watches`] being ready; then another try.
    Pause(Duration),
}

/// Why an operation is ended from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The limit ran out.
    Timeout,
    /// Somebody cancelled it.
    Cancelled,
    /// A signal came, and the caller asked to be told. Its number.
    Signal(i32),
    /// The wait itself failed with this error number.
    Failed(i32),
}

impl Stop {
    /// The error it makes of the named operation.
    pub const fn error(self, operation: &'static str) -> Error {
        let kind = match self {
            Self::Timeout => ErrorKind::Timeout,
            Self::Cancelled => ErrorKind::Cancelled,
            Self::Signal(number) => ErrorKind::Signal(number),
            Self::Failed(code) => ErrorKind::Os(code),
        };
        Error::new(kind, operation)
    }
}

/// What an operation works on: a [`Handle`], or nothing.
pub trait Target<B: Backend> {
    /// The socket that [`Need::Io`] speaks of.
    fn io(&self) -> Option<&B::Io>;
}

impl<B: Backend> Target<B> for () {
    fn io(&self) -> Option<&B::Io> {
        None
    }
}

impl<B: Backend> Target<B> for Handle<B> {
    fn io(&self) -> Option<&B::Io> {
        Handle::io(self)
    }
}

/// Something that takes more than one attempt: a value, so that it can be parked.
///
/// Implementations must
/// - make at most one attempt that may wait per [`step`](Self::step);
/// - keep whatever has been transferred in themselves or in the target, so that [`stop`](Self::stop) can
///   return it at any moment;
/// - report a closed target as [`ErrorKind::Closed`] instead of waiting for it.
///
/// Whoever drives one makes no step after the last.
///
/// An operation made of others passes their steps on:
///
/// ```
/// use moonsocket_core::ops::{Receive, Received, Send, Short};
/// use moonsocket_core::{
///     Backend, ErrorKind, Handle, Interest, Mode, Operation, Pattern, Step, Stop,
/// };
///
/// /// Sends a question and receives a line.
/// struct Ask {
///     question: Option<Send<Vec<u8>>>,
///     answer: Receive,
/// }
///
/// impl Ask {
///     fn new(question: &str) -> Self {
///         let question = Some(Send::all(format!("{question}\n").into_bytes()));
///         Self { question, answer: Receive::new(Pattern::TEXT_LINE) }
///     }
/// }
///
/// impl<B: Backend> Operation<B> for Ask {
///     type On = Handle<B>;
///     type Out = Result<Received, ErrorKind>;
///
///     fn interest(&self) -> Interest {
///         if self.question.is_some() { Interest::WRITE } else { Interest::READ }
///     }
///
///     fn step(&mut self, backend: &B, on: &mut Handle<B>, mode: Mode) -> Step<Self::Out> {
///         let Some(question) = &mut self.question else {
///             let answer = self.answer.step(backend, on, mode);
///             return answer.map(|out| out.map_err(|short| short.error.kind()));
///         };
///         match question.step(backend, on, mode).done() {
///             Ok(Ok(_)) => {
///                 self.question = None;
///                 Step::Again
///             }
///             Ok(Err(failed)) => Step::Done(Err(failed.error.kind())),
///             Err(not_yet) => not_yet,
///         }
///     }
///
///     fn stop(&mut self, _on: &mut Handle<B>, why: Stop) -> Self::Out {
///         Err(why.error("ask").kind())
///     }
/// }
/// ```
pub trait Operation<B: Backend> {
    /// What it works on.
    type On: Target<B>;
    /// Its result, success or not.
    type Out;

    /// The direction whose limit the backend may arm in the kernel; none where the attempt never blocks.
    fn interest(&self) -> Interest;

    /// What it will wait for, if it has to. Where others wait for the same on its socket, its turn comes after theirs.
    fn direction(&self) -> Interest {
        self.interest()
    }
    /// Makes one attempt.
    fn step(&mut self, backend: &B, on: &mut Self::On, mode: Mode) -> Step<Self::Out>;
    /// Ends it, with what has been done so far.
    fn stop(&mut self, on: &mut Self::On, why: Stop) -> Self::Out;
    /// What it waits for while an attempt at the system would be in vain, if that is all there is to say: nothing lies in
    /// the target that it could go on with. A shortcut for a step with [`Mode::Skip`].
    fn idle(&self, on: &Self::On) -> Option<Need> {
        let _ = on;
        None
    }
    /// The descriptors that [`Need::Many`] and [`Need::Pause`] speak of.
    fn watches(&mut self) -> &mut [Watch] {
        &mut []
    }
}

/// A limit that makes a backend answer for attempts which must not wait.
pub(crate) const PARKED: Limit = Limit::after(Duration::from_nanos(1));

/// Goes on with an operation as far as it can without waiting, as whoever parks operations does.
///
/// `last`: there is no time to wait for more, so even an attempt is made that a backend expects to be in vain. What came
/// since the reactor's last turn is found by it alone.
///
/// `Again`: it could go on at once, but has had its share. `Interrupted` is never returned.
#[inline(never)]
pub fn advance<B: Backend, O: Operation<B>>(
    backend: &B,
    operation: &mut O,
    on: &mut O::On,
    last: bool,
) -> Step<O::Out> {
    /// Steps in one go, while others wait.
    const BURST: usize = 64;
    for _ in 0..BURST {
        let interest = operation.interest();
        let mode = if last || interest.is_none() {
            Mode::Now
        } else {
            backend.mode(on.io(), interest, PARKED, false)
        };
        if mode == Mode::Skip
            && let Some(need) = operation.idle(on)
        {
            return Step::Wait(need);
        }
        match operation.step(backend, on, mode) {
            Step::Again | Step::Interrupted => {}
            other => return other,
        }
    }
    Step::Again
}

/// A failed attempt, sorted.
pub(crate) enum Failure {
    WouldBlock,
    Interrupted,
    Error(Error),
}

impl Failure {
    pub(crate) fn of(error: &io::Error, operation: &'static str) -> Self {
        match error.raw_os_error() {
            // EWOULDBLOCK is the same number on every system this runs on.
            Some(libc::EAGAIN | libc::EINPROGRESS) => Self::WouldBlock,
            Some(libc::EINTR) => Self::Interrupted,
            _ => Self::Error(Error::from_io(error, operation)),
        }
    }

    pub(crate) fn of_code(code: i32, operation: &'static str) -> Self {
        Self::of(&io::Error::from_raw_os_error(code), operation)
    }
}
