//! Receiving from a stream up to a [`Pattern`], through the handle's read buffer.

use crate::buffer::{BLOCK, recycle, reserve, take_scratch};
use crate::operation::Failure;
use crate::{
    Backend, Error, ErrorKind, Flags, Handle, Interest, Mode, Need, Operation, Pattern, Step, Stop,
    Transport,
};

mod buffered;
mod first;
mod flagged;
mod received;

pub use first::Soon;
pub(super) use flagged::urgent_end;
pub use received::{Received, Short};

/// The most that one system call is asked for when bytes go straight to their destination.
const CHUNK: usize = 256 * 1024;

/// Receives up to a pattern.
///
/// ```
/// use moonsocket_core::ops::Receive;
/// use moonsocket_core::{Backend, Error, Limit, Net, Pattern, Stream};
/// use std::time::Duration;
///
/// /// A line, asked for in two turns: what has come when the first is over becomes the beginning of the second.
/// fn patient<B: Backend>(net: &Net<B>, stream: &mut Stream<B>) -> Result<Vec<u8>, Error> {
///     let limit = Limit::after(Duration::from_millis(200));
///     let mut line = Receive::new(Pattern::TEXT_LINE).maximum(1000);
///     let part = match net.run(&mut line, stream.handle(), limit) {
///         Ok(line) => return Ok(line.into_vec(stream.handle())),
///         Err(short) if short.error.is_timeout() => short.partial.into_vec(stream.handle()),
///         Err(short) => return Err(short.error),
///     };
///     let mut line = Receive::new(Pattern::TEXT_LINE).prefix(&part).maximum(1000);
///     Ok(net.run(&mut line, stream.handle(), limit)?.into_vec(stream.handle()))
/// }
/// ```
#[derive(Debug)]
#[must_use = "an operation does nothing until it is driven"]
pub struct Receive {
    pattern: Pattern,
    maximum: usize,
    flags: Flags,
    /// Assembled so far, the prefix included.
    got: Vec<u8>,
    prefix: usize,
    start: Start,
    /// The beginning of a line is not left in the buffer any more.
    gathers: bool,
    /// There was an attempt, so the buffer holds nothing complete.
    tried: bool,
    /// No more is taken from the system than is of use.
    unbuffered: bool,
}

/// How a receive begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    Open,
    /// The prefix alone satisfies the pattern.
    Complete,
    /// There was no memory for the prefix.
    Failed,
}

impl Start {
    fn complete(complete: bool) -> Self {
        if complete { Self::Complete } else { Self::Open }
    }
}

impl Receive {
    /// Receives up to `pattern`.
    #[inline]
    pub fn new(pattern: Pattern) -> Self {
        Self {
            pattern,
            maximum: usize::MAX,
            flags: Flags::NONE,
            got: Vec::new(),
            prefix: 0,
            start: Start::complete(matches!(pattern, Pattern::Exact(0) | Pattern::Some(0))),
            gathers: false,
            tried: false,
            unbuffered: false,
        }
    }

    /// Puts bytes before those that arrive. For [`Pattern::Exact`] they count.
    pub fn prefix(mut self, bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return self;
        }
        self.got = take_scratch();
        if reserve(&mut self.got, bytes.len(), "receive").is_err() {
            self.start = Start::Failed;
            return self;
        }
        self.got.extend_from_slice(bytes);
        self.prefix = bytes.len();
        if let Pattern::Exact(count) = self.pattern {
            self.start = Start::complete(self.prefix >= count);
        }
        self
    }

    /// Fails with [`ErrorKind::Oversized`] once more than this many bytes (the prefix included) would be
    /// the result, or when this many have come without the end. What has arrived is the partial result.
    pub fn maximum(mut self, bytes: usize) -> Self {
        self.maximum = bytes;
        self
    }

    /// Takes no more from the system than is of use, for descriptors that are polled, or that others read from too. Good
    /// for patterns with a count.
    pub fn unbuffered(mut self) -> Self {
        self.unbuffered = true;
        self
    }

    /// Flags of the system's call. With [`Flags::PEEK`] nothing is consumed, and buffered bytes are
    /// looked at first. [`Flags::OUT_OF_BAND`] passes the buffer by.
    pub fn flags(mut self, flags: Flags) -> Self {
        self.flags = flags;
        self
    }

    /// How many bytes are still of use.
    fn wanted(&self) -> usize {
        let wanted = match self.pattern {
            Pattern::Exact(count) => count.saturating_sub(self.got.len()),
            Pattern::Some(most) => most,
            Pattern::All => usize::MAX,
            Pattern::Until { .. } => BLOCK,
        };
        // One more than the maximum, to see that it is passed; a look stays within it.
        let most = self.maximum.saturating_sub(self.got.len());
        wanted.min(if self.is_special() { most } else { most.saturating_add(1) })
    }

    /// One attempt at the system. `Ok(0)`: the end of the stream.
    fn attempt<B: Backend>(
        &mut self,
        backend: &B,
        handle: &mut Handle<B>,
        mode: Mode,
    ) -> Result<usize, Failure> {
        let wanted = self.wanted();
        let special = self.is_special();
        let straight = match self.pattern {
            Pattern::Until { .. } => false,
            Pattern::All => !self.got.is_empty(),
            Pattern::Exact(_) | Pattern::Some(_) => wanted >= BLOCK,
        };
        // Borrowing the transport and the buffer at once needs the fields apart.
        let (io, buffer) = handle.io_and_buffer();
        let io = io.ok_or(Failure::Error(Error::new(ErrorKind::Closed, "receive")))?;
        let (into, asked) = if special || (straight && self.maximum == usize::MAX) {
            if self.got.capacity() == 0 {
                self.got = take_scratch();
            }
            let room = self.got.capacity() - self.got.len();
            let asked = wanted.min(CHUNK.max(room));
            if room < asked {
                reserve(&mut self.got, asked, "receive").map_err(Failure::Error)?;
            }
            (&mut self.got, asked)
        } else {
            // With flags of the system's own (such as MSG_WAITALL) no more than is of use.
            let plain =
                !self.unbuffered && (self.flags == Flags::NONE || self.flags == Flags::DONT_WAIT);
            let into = buffer.make_room("receive").map_err(Failure::Error)?;
            let asked = into.capacity().min(BLOCK) - into.len();
            (into, if plain { asked } else { asked.min(wanted) })
        };
        let outcome = io.recv_append(into, asked, self.flags, mode);
        if let Ok(got) = outcome {
            // A look leaves everything where it is: it says nothing about what is left.
            if !special {
                backend.observe(io, asked, got);
            }
        }
        buffer.settle();
        outcome.map_err(|error| Failure::of(&error, "receive"))
    }

    fn assembled(&mut self) -> Received {
        Received::Owned(std::mem::take(&mut self.got))
    }

    fn short(&mut self, error: Error) -> Short {
        Short { error, partial: self.assembled() }
    }

    /// No more will come. For [`Pattern::All`] that is what was waited for, unless there was nothing at all.
    fn ended(&mut self, error: Error) -> Result<Received, Short> {
        let is_end = matches!(error.kind(), ErrorKind::Closed | ErrorKind::EndOfStream);
        if is_end && self.pattern == Pattern::All && self.got.len() > self.prefix {
            return Ok(self.assembled());
        }
        Err(self.short(error))
    }

    /// After bytes went straight to the assembly.
    fn is_filled(&self) -> bool {
        let special = self.is_special();
        match self.pattern {
            Pattern::Exact(count) => special || self.got.len() >= count,
            Pattern::Some(_) => self.got.len() > self.prefix,
            Pattern::All | Pattern::Until { .. } => special,
        }
    }
}

impl<B: Backend> Operation<B> for Receive {
    type On = Handle<B>;
    type Out = Result<Received, Short>;

    fn interest(&self) -> Interest {
        Interest::READ
    }

    fn direction(&self) -> Interest {
        self.flags.direction()
    }

    fn step(&mut self, backend: &B, handle: &mut Handle<B>, mode: Mode) -> Step<Self::Out> {
        self.tried = true;
        if self.start == Start::Failed {
            return Step::Done(Err(self.short(Error::new(ErrorKind::OutOfMemory, "receive"))));
        }
        if self.start == Start::Complete {
            // Nothing is asked for, and nothing waited for; but of a closed socket even that is too much.
            let closed = !handle.is_open() && handle.buffer.is_empty() && self.prefix == 0;
            return Step::Done(if closed {
                Err(self.short(Error::new(ErrorKind::Closed, "receive")))
            } else {
                Ok(self.assembled())
            });
        }
        if self.is_special() && self.wanted() == 0 {
            // The prefix fills the maximum. The system would answer no bytes, which looks like the end of the stream.
            return Step::Done(Err(self.short(Error::new(ErrorKind::Oversized, "receive"))));
        }
        // Without anything buffered there is nothing to finish with.
        if !handle.buffer.is_empty()
            && let Some(done) = self.buffered(handle)
        {
            return Step::Done(done.map_err(|error| self.short(error)));
        }
        let never =
            self.flags.contains(Flags::DONT_WAIT) || self.flags.contains(Flags::OUT_OF_BAND);
        let mode = if never { Mode::Now } else { mode };
        if mode == Mode::Skip {
            if let Some(done) = self.gather(handle) {
                return Step::Done(done.map_err(|error| self.short(error)));
            }
            return Step::Wait(Need::Io(self.flags.direction()));
        }
        let outcome = self.attempt(backend, handle, mode);
        self.follow(handle, outcome)
    }

    #[inline]
    fn idle(&self, handle: &Handle<B>) -> Option<Need> {
        let plain = self.start == Start::Open && self.flags == Flags::NONE;
        // A block that is empty by now has to go back first.
        let nothing = handle.buffer.is_empty() && !handle.buffer.holds_block();
        (plain && nothing).then_some(Need::Io(Interest::READ))
    }

    fn stop(&mut self, handle: &mut Handle<B>, why: Stop) -> Self::Out {
        // Stopped before it began, it leaves everything where it is: a whole line may lie there.
        if self.tried {
            // Should memory be short, the beginning of a line stays in the buffer.
            let _ = self.gather(handle);
        }
        Err(self.short(why.error("receive")))
    }
}

impl Receive {
    /// What becomes of the operation after an attempt.
    fn follow<B: Backend>(
        &mut self,
        handle: &mut Handle<B>,
        outcome: Result<usize, Failure>,
    ) -> Step<Result<Received, Short>> {
        let urgent = self.flags.contains(Flags::OUT_OF_BAND);
        let dont_wait = self.flags.contains(Flags::DONT_WAIT);
        let need = Need::Io(self.flags.direction());
        if !matches!(outcome, Ok(1..))
            && let Some(done) = self.gather(handle)
        {
            return Step::Done(done.map_err(|error| self.short(error)));
        }
        match outcome {
            Ok(0) => Step::Done(self.ended(Error::new(ErrorKind::EndOfStream, "receive"))),
            Ok(got) => {
                // What came in is in the buffer or in the assembly: see whether it is enough.
                let done = if handle.buffer.is_empty() || self.is_special() {
                    // A look uses nothing up.
                    if !self.flags.contains(Flags::PEEK) {
                        handle.count_received(got);
                    }
                    self.is_filled().then(|| Ok(self.assembled()))
                } else {
                    self.buffered(handle)
                };
                match done {
                    Some(done) => Step::Done(done.map_err(|error| self.short(error))),
                    None => Step::Again,
                }
            }
            Err(Failure::WouldBlock) if dont_wait => {
                Step::Done(Err(self.short(Error::new(ErrorKind::Os(libc::EAGAIN), "receive"))))
            }
            Err(Failure::WouldBlock) => Step::Wait(need),
            // EINVAL: no urgent byte is on its way yet; wait for one, unless none can come any more.
            Err(Failure::Error(error)) if urgent && error.code() == Some(libc::EINVAL) => {
                match urgent_end(self.flags, handle, error) {
                    Some(error) => Step::Done(Err(self.short(error))),
                    None => Step::Wait(need),
                }
            }
            Err(Failure::Interrupted) => Step::Interrupted,
            Err(Failure::Error(error)) => Step::Done(self.ended(error)),
        }
    }
}

impl Drop for Receive {
    fn drop(&mut self) {
        if self.got.capacity() != 0 {
            recycle(std::mem::take(&mut self.got));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn a_parked_receive_is_a_line_of_the_cache() {
        assert_eq!(size_of::<Receive>(), 64);
    }
}
