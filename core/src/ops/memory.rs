//! Receiving into memory of the caller's, and sending from it: nothing is copied on the way, and what is not asked for
//! stays in the kernel.

use crate::operation::Failure;
use crate::ops::receive::urgent_end;
use crate::ops::send::{Course, SendFailed};
use crate::{
    Backend, Error, ErrorKind, Flags, Handle, Interest, Mode, Need, Operation, Step, Stop,
    Transport,
};

/// Bytes that somebody else holds, lent for as long as an attempt takes.
pub trait Memory {
    /// Calls `f` with them. Their number may differ from one call to the next.
    fn with<R>(&mut self, f: impl FnOnce(&mut [u8]) -> R) -> R;
}

impl Memory for Vec<u8> {
    fn with<R>(&mut self, f: impl FnOnce(&mut [u8]) -> R) -> R {
        f(self)
    }
}

impl Memory for &mut [u8] {
    fn with<R>(&mut self, f: impl FnOnce(&mut [u8]) -> R) -> R {
        f(self)
    }
}

/// Receives what there is into memory: at least a byte, unless there is room for none.
#[derive(Debug)]
#[must_use = "an operation does nothing until it is driven"]
pub struct ReceiveInto<M> {
    memory: M,
    flags: Flags,
}

impl<M: Memory> ReceiveInto<M> {
    /// Into this memory.
    pub fn new(memory: M) -> Self {
        Self { memory, flags: Flags::NONE }
    }

    /// Flags of the system's call. [`Flags::OUT_OF_BAND`] waits for the urgent byte.
    pub fn flags(mut self, flags: Flags) -> Self {
        self.flags = flags;
        self
    }

    /// What another dialect's receive has left in the read buffer comes first.
    fn buffered<B: Backend>(&mut self, handle: &mut Handle<B>) -> Option<usize> {
        if handle.buffer.is_empty() || self.flags.contains(Flags::OUT_OF_BAND) {
            return None;
        }
        let count = self.memory.with(|into| {
            let count = into.len().min(handle.buffer.len());
            into[..count].copy_from_slice(&handle.buffer.bytes()[..count]);
            count
        });
        if !self.flags.contains(Flags::PEEK) {
            let _ = handle.consume(count);
            handle.buffer.settle();
        }
        Some(count)
    }
}

impl<B: Backend, M: Memory> Operation<B> for ReceiveInto<M> {
    type On = Handle<B>;
    type Out = Result<usize, Error>;

    fn interest(&self) -> Interest {
        Interest::READ
    }

    fn direction(&self) -> Interest {
        self.flags.direction()
    }

    fn step(&mut self, backend: &B, handle: &mut Handle<B>, mode: Mode) -> Step<Self::Out> {
        if let Some(count) = self.buffered(handle) {
            return Step::Done(Ok(count));
        }
        let io = match handle.live("receive") {
            Ok(io) => io,
            Err(error) => return Step::Done(Err(error)),
        };
        let asked = self.memory.with(|into| into.len());
        if asked == 0 {
            return Step::Done(Ok(0));
        }
        let flags = self.flags;
        let urgent = flags.contains(Flags::OUT_OF_BAND);
        let plain = !urgent && !flags.contains(Flags::PEEK);
        let need = Need::Io(flags.direction());
        let dont_wait = flags.contains(Flags::DONT_WAIT);
        let mode = if urgent || dont_wait { Mode::Now } else { mode };
        if mode == Mode::Skip {
            return Step::Wait(need);
        }
        match self.memory.with(|into| io.recv(into, flags, mode)) {
            Ok(0) => Step::Done(Err(Error::new(ErrorKind::EndOfStream, "receive"))),
            Ok(count) => {
                if plain {
                    backend.observe(io, asked, count);
                }
                if !flags.contains(Flags::PEEK) {
                    handle.count_received(count);
                }
                Step::Done(Ok(count))
            }
            Err(error) => match Failure::of(&error, "receive") {
                Failure::WouldBlock if dont_wait => {
                    Step::Done(Err(Error::new(ErrorKind::Os(libc::EAGAIN), "receive")))
                }
                Failure::WouldBlock => Step::Wait(need),
                Failure::Interrupted => Step::Interrupted,
                // EINVAL: no urgent byte is on its way yet; wait for one, unless none can come any more.
                Failure::Error(error) if urgent && error.code() == Some(libc::EINVAL) => {
                    match urgent_end(flags, handle, error) {
                        Some(error) => Step::Done(Err(error)),
                        None => Step::Wait(need),
                    }
                }
                Failure::Error(error) => Step::Done(Err(error)),
            },
        }
    }

    fn stop(&mut self, _handle: &mut Handle<B>, why: Stop) -> Self::Out {
        Err(why.error("receive"))
    }
}

/// Sends from memory: all of it, or what the system takes at once.
#[derive(Debug)]
#[must_use = "an operation does nothing until it is driven"]
pub struct SendFrom<M> {
    memory: M,
    course: Course,
}

impl<M: Memory> SendFrom<M> {
    /// All of it, in as many pieces as the system takes.
    pub fn all(memory: M) -> Self {
        Self { memory, course: Course::all() }
    }

    /// What the system takes at once, after waiting for room.
    pub fn some(memory: M) -> Self {
        Self { memory, course: Course::some() }
    }

    /// Flags of the system's call.
    pub fn flags(mut self, flags: Flags) -> Self {
        self.course.flags = flags;
        self
    }
}

impl<B: Backend, M: Memory> Operation<B> for SendFrom<M> {
    type On = Handle<B>;
    type Out = Result<usize, SendFailed>;

    fn interest(&self) -> Interest {
        Interest::WRITE
    }

    fn step(&mut self, _backend: &B, handle: &mut Handle<B>, mode: Mode) -> Step<Self::Out> {
        let Some(io) = handle.io() else {
            return Step::Done(Err(self.course.closed()));
        };
        let (from, flags) = (self.course.sent, self.course.flags);
        let mode = if mode == Mode::Skip { Mode::Now } else { mode };
        let attempt = self.memory.with(|bytes| {
            let rest = bytes.get(from..).filter(|rest| !rest.is_empty())?;
            Some((bytes.len(), io.send(rest, flags, mode)))
        });
        match attempt {
            // On a stream nothing is sent by sending nothing.
            None => Step::Done(Ok(self.course.sent)),
            Some((len, outcome)) => {
                let outcome = outcome.map_err(|error| Failure::of(&error, "send"));
                self.course.follow(handle, len, outcome)
            }
        }
    }

    fn stop(&mut self, _handle: &mut Handle<B>, why: Stop) -> Self::Out {
        let len = self.memory.with(|bytes| bytes.len());
        self.course.stop(len, why)
    }
}
