//! First attempts that a caller makes by itself: most calls are done after one, and do without an operation then.

use std::time::Instant;

use crate::operation::PARKED;
use crate::{Backend, Interest, Limit, Mode, Operation, Patience, Step, Stop, drive, drive_after};

/// An attempt at the system that has not finished its call: [`drive_after`](crate::drive_after) goes on from it.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    pub(crate) mode: Mode,
    /// When it began, where there is a limit.
    pub(crate) began: Option<Instant>,
    /// How many bytes, or the system's error number.
    pub(crate) outcome: Result<usize, i32>,
    /// It was ended from outside.
    stopped: Option<Stop>,
}

/// What a call without an operation came to.
#[derive(Debug, Clone, Copy)]
pub enum First<T> {
    /// It is done.
    Done(T),
    /// It is not, and the attempt must not be made once more.
    Begun(Attempt),
    /// There was no attempt.
    Not,
}

impl<T> First<T> {
    /// The same with what `f` makes of what is done.
    #[inline(always)]
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> First<U> {
        match self {
            Self::Done(out) => First::Done(f(out)),
            Self::Begun(attempt) => First::Begun(attempt),
            Self::Not => First::Not,
        }
    }

    /// What is done, or what the driver makes of the operation from here on.
    pub fn or_drive<B: Backend, O: Attempted<B, Out = T>>(
        self,
        backend: &B,
        operation: &mut O,
        on: &mut O::On,
        patience: Patience,
    ) -> T {
        match self {
            Self::Done(out) => out,
            Self::Begun(attempt) => drive_after(backend, operation, on, patience, attempt),
            Self::Not => drive(backend, operation, on, patience),
        }
    }
}

impl Attempt {
    /// Begins an attempt in the mode that the driver would choose. `None`: it is better left to the driver.
    #[inline(always)]
    pub(crate) fn begin<B: Backend>(
        backend: &B,
        io: &B::Io,
        interest: Interest,
        patience: &Patience,
    ) -> Option<Self> {
        let (mode, began) = if patience.is_endless() {
            (backend.mode(Some(io), interest, Limit::FOREVER, true), None)
        } else {
            Self::limited(backend, io, interest, patience)?
        };
        (mode != Mode::Skip).then_some(Self::of(mode, began))
    }

    #[inline(always)]
    const fn of(mode: Mode, began: Option<Instant>) -> Self {
        Self { mode, began, outcome: Ok(0), stopped: None }
    }

    /// One that does not wait, for a call without time.
    #[inline(always)]
    pub(crate) const fn now() -> Self {
        Self::of(Mode::Now, None)
    }

    /// One whose wait was ended from outside, before there was anything.
    pub const fn ended(why: Stop) -> Self {
        Self { outcome: Err(libc::EAGAIN), stopped: Some(why), ..Self::now() }
    }

    /// Why its wait was ended from outside, if it was.
    pub fn stopped(&self) -> Option<Stop> {
        self.stopped
    }

    /// What it came to: bytes, or the system's error number.
    pub fn outcome(&self) -> Result<usize, i32> {
        self.outcome
    }

    /// Would it have had to wait?
    pub fn would_block(&self) -> bool {
        self.outcome == Err(libc::EAGAIN)
    }

    /// Begins an attempt that does not wait, whatever the patience: the caller parks what goes on.
    #[inline(always)]
    pub(crate) fn begin_now<B: Backend>(backend: &B, patience: &Patience) -> Self {
        let limit = patience.whole.min(patience.each);
        let limited = limit != Limit::FOREVER && !limit.is_zero();
        Self::of(Mode::Now, limited.then(|| backend.now()))
    }

    /// Begins an attempt to send: one that does not wait where the caller `parks` what goes on, else as [`begin`](Self::begin).
    #[inline(always)]
    pub(crate) fn begin_to_send<B: Backend>(
        backend: &B,
        io: &B::Io,
        patience: &Patience,
        parks: bool,
    ) -> Option<Self> {
        if parks {
            return Some(Self::begin_now(backend, patience));
        }
        Self::begin(backend, io, Interest::WRITE, patience)
    }

    /// Begins an attempt without limits and waiting; where the backend expects it to be in vain, that is its outcome.
    #[inline(always)]
    pub(crate) fn begin_parked<B: Backend>(backend: &B, io: &B::Io, interest: Interest) -> Self {
        let mode = backend.mode(Some(io), interest, PARKED, true);
        let outcome = if mode == Mode::Skip { Err(libc::EAGAIN) } else { Ok(0) };
        Self { outcome, ..Self::now() }
    }

    #[inline(never)]
    fn limited<B: Backend>(
        backend: &B,
        io: &B::Io,
        interest: Interest,
        patience: &Patience,
    ) -> Option<(Mode, Option<Instant>)> {
        if patience.tell_signals {
            return None;
        }
        if patience.whole.is_zero() {
            return Some((Mode::Now, None));
        }
        let began = backend.now();
        let limit = patience.whole.min(patience.each);
        Some((backend.mode(Some(io), interest, limit, true), Some(began)))
    }

    /// What it came to.
    #[inline(always)]
    pub(crate) fn came_to(self, outcome: &std::io::Result<usize>) -> Self {
        let outcome = match outcome {
            Ok(count) => Ok(*count),
            Err(error) => Err(error.raw_os_error().unwrap_or(libc::EIO)),
        };
        Self { outcome, ..self }
    }
}

/// An operation that can go on from an [`Attempt`].
pub trait Attempted<B: Backend>: Operation<B> {
    /// A [`step`](Operation::step) whose attempt came to `outcome`: bytes, or the system's error number.
    fn after(&mut self, on: &mut Self::On, outcome: Result<usize, i32>) -> Step<Self::Out>;
}
