//! The blocking driver: runs one operation to its end on any backend.

use std::io;
use std::time::Instant;

use crate::attempt::{Attempt, Attempted};
use crate::{
    Backend, Interest, Limit, Mode, Need, Operation, Step, Stop, Target, Timeouts, Transport, Watch,
};

/// How long a caller is ready to wait, and whether signals end the wait.
#[derive(Debug, Clone, Copy, Default)]
pub struct Patience {
    /// For the whole operation.
    pub whole: Limit,
    /// For each single wait in it.
    pub each: Limit,
    /// End the operation with [`Stop::Signal`] when a signal comes that is [caught](crate::os::signals), or when one has
    /// come since the last such operation. Every other signal, and without this every signal, only interrupts: the
    /// operation goes on with the time that is left.
    pub tell_signals: bool,
}

impl Patience {
    /// Takes a signal that the operation has to be stopped for.
    pub fn signal<B: Backend>(&self, backend: &B) -> Option<Stop> {
        if self.tell_signals { backend.take_signal().map(Stop::Signal) } else { None }
    }
}

impl From<Limit> for Patience {
    fn from(whole: Limit) -> Self {
        Self { whole, ..Self::default() }
    }
}

impl Patience {
    /// There is no time to wait at all.
    #[inline(always)]
    fn is_none(&self) -> bool {
        self.whole.is_zero() && !self.tell_signals
    }

    /// Nothing ends the wait but what is waited for.
    #[inline(always)]
    pub fn is_endless(&self) -> bool {
        self.whole == Limit::FOREVER && self.each == Limit::FOREVER && !self.tell_signals
    }
}

impl From<Timeouts> for Patience {
    #[inline(always)]
    fn from(timeouts: Timeouts) -> Self {
        Self { whole: timeouts.whole(), each: timeouts.each(), tell_signals: false }
    }
}

/// Runs an operation until it is done or the patience ends: mode, step, wait, step…
///
/// The result is the operation's own, with what was transferred before a limit or a signal.
///
/// ```
/// use moonsocket_core::ops::{Receive, Short};
/// use moonsocket_core::{Backend, Error, Handle, Limit, Pattern, drive};
///
/// /// A line that ends with a semicolon and has at most 100 bytes.
/// fn statement<B: Backend>(backend: &B, handle: &mut Handle<B>) -> Result<Vec<u8>, Error> {
///     let mut receive = Receive::new(Pattern::until(b';')).maximum(100);
///     match drive(backend, &mut receive, handle, Limit::FOREVER.into()) {
///         Ok(received) => Ok(received.into_vec(handle)),
///         Err(Short { error, .. }) => Err(error),
///     }
/// }
/// ```
#[inline]
pub fn drive<B: Backend, O: Operation<B>>(
    backend: &B,
    operation: &mut O,
    on: &mut O::On,
    patience: Patience,
) -> O::Out {
    // Most calls are done after one attempt, and need none of what a wait needs.
    if patience.is_none() {
        return at_once(backend, operation, on, patience);
    }
    let first = patience.is_endless().then(|| {
        let interest = operation.interest();
        // What needs no socket may take its time, too: nobody else waits for this thread.
        let mode = match interest.is_none() {
            true => Mode::Wait,
            false => backend.mode(on.io(), interest, Limit::FOREVER, true),
        };
        (mode, operation.step(backend, on, mode))
    });
    match first {
        Some((_, Step::Done(out))) => out,
        first => go_on(backend, operation, on, Clock::new(backend, patience), first),
    }
}

/// [`drive`] for an operation whose [first attempt](Attempt) the caller has made.
#[inline(never)]
pub fn drive_after<B: Backend, O: Attempted<B>>(
    backend: &B,
    operation: &mut O,
    on: &mut O::On,
    patience: Patience,
    attempt: Attempt,
) -> O::Out {
    match operation.after(on, attempt.outcome) {
        Step::Done(out) => out,
        Step::Wait(need) if patience.is_none() && need != Need::Many => {
            operation.stop(on, Stop::Timeout)
        }
        step => {
            let first = (attempt.mode, step);
            let clock = Clock::since(backend, attempt.began, patience);
            go_on(backend, operation, on, clock, Some(first))
        }
    }
}

/// [`drive`] without time: one attempt, as a rule, and no look at the clock.
#[inline(never)]
fn at_once<B: Backend, O: Operation<B>>(
    backend: &B,
    operation: &mut O,
    on: &mut O::On,
    patience: Patience,
) -> O::Out {
    let mut step = operation.step(backend, on, Mode::Now);
    if let Step::Wait(Need::Many) = step {
        // Even without time a select has to look once.
        match backend.look(operation.watches()) {
            Ok(0) => return operation.stop(on, Stop::Timeout),
            Ok(_) => step = operation.step(backend, on, Mode::Now),
            Err(_) => return go_on(backend, operation, on, Clock::new(backend, patience), None),
        }
    }
    match step {
        Step::Done(out) => out,
        Step::Wait(need) if need != Need::Many => operation.stop(on, Stop::Timeout),
        step => {
            let clock = Clock::new(backend, patience);
            go_on(backend, operation, on, clock, Some((Mode::Now, step)))
        }
    }
}

/// The loop of [`drive`], from the start or after a first attempt in some mode.
#[inline(never)]
fn go_on<B: Backend, O: Operation<B>>(
    backend: &B,
    operation: &mut O,
    on: &mut O::On,
    mut clock: Clock,
    mut first: Option<(Mode, Step<O::Out>)>,
) -> O::Out {
    loop {
        let (mode, step) = match first.take() {
            Some(first) => first,
            None => {
                if let Some(signal) = clock.patience.signal(backend) {
                    return operation.stop(on, signal);
                }
                let mode = clock.mode(backend, operation.interest(), on.io());
                (mode, operation.step(backend, on, mode))
            }
        };
        let need = match step {
            Step::Done(out) => return out,
            Step::Again => {
                // Progress in an unlimited call spends nothing; otherwise the attempt may have used time.
                clock.spent |= mode == Mode::Wait;
                clock.each = None;
                (clock.woken, clock.late) = (false, false);
                if clock.is_flooded(backend) {
                    return operation.stop(on, Stop::Timeout);
                }
                continue;
            }
            Step::Interrupted => {
                clock.spent = true;
                if clock.is_over(backend) {
                    return last_attempt(backend, operation, on);
                }
                continue;
            }
            Step::Wait(need) => need,
        };
        if let Err(why) = clock.wait(backend, on.io(), operation.watches(), need) {
            return operation.stop(on, why);
        }
    }
}

/// An attempt was interrupted and the time is up: the process may have been stopped for longer than its limit, and what came
/// meanwhile is there.
#[cold]
fn last_attempt<B: Backend, O: Operation<B>>(
    backend: &B,
    operation: &mut O,
    on: &mut O::On,
) -> O::Out {
    match operation.step(backend, on, Mode::Now) {
        Step::Done(out) => out,
        _ => operation.stop(on, Stop::Timeout),
    }
}

/// What is left of the patience.
struct Clock {
    patience: Patience,
    deadline: Option<Instant>,
    /// When the present single wait is over: from its first attempt, through signals and false alarms.
    each: Option<Instant>,
    /// Some of the limit may be used up.
    spent: bool,
    /// There was a wait since the last progress: what it found was no help, and may be there for ever.
    woken: bool,
    /// The time was up before the latest wait.
    late: bool,
    /// Attempts that got somewhere.
    gains: u32,
}

impl Clock {
    fn new<B: Backend>(backend: &B, patience: Patience) -> Self {
        // A limit of no time is over without a look at the clock.
        let timed = patience.whole != Limit::FOREVER && !patience.whole.is_zero();
        let deadline = if timed { patience.whole.deadline(backend.now()) } else { None };
        Self::within(patience, deadline, None)
    }

    /// For what began with an attempt, then; `None`: it did not ask for the time, and begins now.
    fn since<B: Backend>(backend: &B, began: Option<Instant>, patience: Patience) -> Self {
        let Some(began) = began else { return Self::new(backend, patience) };
        Self::within(patience, patience.whole.deadline(began), patience.each.deadline(began))
    }

    fn within(patience: Patience, deadline: Option<Instant>, each: Option<Instant>) -> Self {
        Self { patience, deadline, each, spent: false, woken: false, late: false, gains: 0 }
    }

    fn mode<B: Backend>(&mut self, backend: &B, interest: Interest, io: Option<&B::Io>) -> Mode {
        if interest.is_none() && self.patience.is_endless() {
            return Mode::Wait;
        }
        if interest.is_none() || self.patience.tell_signals || self.patience.whole.is_zero() {
            return Mode::Now;
        }
        if self.each.is_none() && self.patience.each != Limit::FOREVER {
            // Time that the attempt itself waits counts.
            self.each = self.patience.each.deadline(backend.now());
        }
        let limit = self.patience.whole.min(self.patience.each);
        backend.mode(io, interest, limit, !self.spent)
    }

    /// Is the time up although there is always something to be done at once? Looks at the clock now and then,
    /// and lets a call that must not wait take more than any kernel buffers.
    fn is_flooded<B: Backend>(&mut self, backend: &B) -> bool {
        self.gains = self.gains.wrapping_add(1);
        let often = if self.patience.whole.is_zero() { 1024 } else { 32 };
        self.gains.is_multiple_of(often) && self.is_over(backend)
    }

    fn is_over<B: Backend>(&self, backend: &B) -> bool {
        self.patience.whole.is_zero()
            || self.deadline.is_some_and(|deadline| backend.now() >= deadline)
    }

    /// `Err`: the operation has to stop. The same for all operations, so that it is there once.
    #[inline(never)]
    fn wait<B: Backend>(
        &mut self,
        backend: &B,
        io: Option<&B::Io>,
        watches: &mut [Watch],
        need: Need,
    ) -> Result<(), Stop> {
        let looks = self.patience.whole.is_zero();
        // Even without time a select has to look once.
        if self.late || looks && need != Need::Many {
            return Err(Stop::Timeout);
        }
        self.spent = true;
        if self.each.is_none() && self.patience.each != Limit::FOREVER {
            self.each = self.patience.each.deadline(backend.now());
        }
        let limit = earlier(self.deadline, self.each);
        let is_over = || limit.is_some_and(|limit| backend.now() >= limit);
        self.late = self.woken && (looks || is_over());
        self.woken = true;
        let pause_over = match need {
            Need::Pause(time) => backend.now().checked_add(time),
            _ => None,
        };
        let until = earlier(limit, pause_over);
        let found = if looks {
            backend.look(watches)
        } else if self.patience.tell_signals {
            wait_with_signals(backend, io, watches, need, until)
        } else {
            match (need, io) {
                (Need::Io(interest), Some(io)) => {
                    let ready = backend.wait(io, interest, until);
                    ready.map(|ready| usize::from(ready != Interest::NONE))
                }
                // The socket is gone: the next step says so.
                (Need::Io(_), None) => return Ok(()),
                (Need::Many | Need::Pause(_), _) => backend.wait_many(watches, until, false),
                (Need::Wake, _) => backend.wait_many(&mut [], until, true).map(|_| 1),
            }
        };
        match found {
            Ok(0) if pause_over.is_some_and(|over| backend.now() >= over) => Ok(()),
            Ok(0) => Err(Stop::Timeout),
            // A helper's answer may still be missing when the time is up.
            Ok(_) if need == Need::Wake && is_over() => Err(Stop::Timeout),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(Stop::Failed(error.raw_os_error().unwrap_or(libc::EIO))),
        }
    }
}

/// Waits for what is needed or for a signal: no moment is left in which one could come unnoticed.
fn wait_with_signals<B: Backend>(
    backend: &B,
    io: Option<&B::Io>,
    watches: &mut [Watch],
    need: Need,
    until: Option<Instant>,
) -> io::Result<usize> {
    let signal = Watch::new(backend.signal_descriptor(), Interest::READ);
    match (need, io) {
        (Need::Io(interest), Some(io)) => {
            backend.wait_many(&mut [Watch::new(io.descriptor(), interest), signal], until, false)
        }
        (Need::Io(_), None) => Ok(1),
        (Need::Many | Need::Pause(_), _) => {
            let mut all = watches.to_vec();
            all.push(signal);
            let found = backend.wait_many(&mut all, until, false)?;
            watches.copy_from_slice(&all[..watches.len()]);
            Ok(found)
        }
        (Need::Wake, _) => backend.wait_many(&mut [signal], until, true).map(|_| 1),
    }
}

fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
