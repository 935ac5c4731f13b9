//! Sending what lies in several places, as if it lay in one.

use std::io::{self, IoSlice};

use crate::operation::Failure;
use crate::ops::send::{Course, SendFailed};
use crate::{Backend, Flags, Handle, Interest, Mode, Need, Operation, Step, Stop, Transport};

/// Several pieces of data: an array, a slice or a vector of whatever has bytes.
pub trait Parts {
    /// One of them.
    type Part: AsRef<[u8]>;
    /// All of them.
    fn parts(&self) -> &[Self::Part];
}

impl<D: AsRef<[u8]>> Parts for &[D] {
    type Part = D;
    fn parts(&self) -> &[D] {
        self
    }
}

impl<D: AsRef<[u8]>, const N: usize> Parts for [D; N] {
    type Part = D;
    fn parts(&self) -> &[D] {
        self
    }
}

impl<D: AsRef<[u8]>> Parts for Vec<D> {
    type Part = D;
    fn parts(&self) -> &[D] {
        self
    }
}

/// The system takes no more at once (`IOV_MAX`).
const AT_ONCE: usize = 1024;
/// For so many no memory is asked for.
const FEW: usize = 16;

/// Sends several pieces one after the other, without putting them together first: one system call takes as many as it can.
///
/// ```
/// use moonsocket_core::ops::SendParts;
/// use moonsocket_core::{Backend, Error, Limit, Net, Stream};
///
/// /// A message with its length before it, in one packet if it is small.
/// fn frame<B: Backend>(net: &Net<B>, to: &mut Stream<B>, body: &[u8]) -> Result<usize, Error> {
///     let head = (body.len() as u32).to_be_bytes();
///     let mut send = SendParts::all([&head[..], body]);
///     Ok(net.run(&mut send, to.handle(), Limit::FOREVER)?)
/// }
/// ```
#[derive(Debug)]
#[doc(alias = "writev")]
#[must_use = "an operation does nothing until it is driven"]
pub struct SendParts<P> {
    parts: P,
    /// How many bytes they have together.
    len: usize,
    /// The first that is not sent yet, and how much of it is.
    next: (usize, usize),
    course: Course,
}

impl<P: Parts> SendParts<P> {
    /// Sends all of them, in as many system calls as that takes. Without a byte it does nothing, and succeeds even on a
    /// closed socket.
    pub fn all(parts: P) -> Self {
        Self::new(parts, Course::all())
    }

    /// Sends what the system takes at once (after waiting for room): one message on datagram sockets, also an empty one. More
    /// than 1,024 pieces at once are `EMSGSIZE`.
    pub fn some(parts: P) -> Self {
        Self::new(parts, Course::some())
    }

    fn new(parts: P, course: Course) -> Self {
        let len = parts.parts().iter().map(|part| part.as_ref().len()).sum();
        let mut this = Self { parts, len, next: (0, 0), course };
        this.advance(0);
        this
    }

    /// Flags of the system's call.
    pub fn flags(mut self, flags: Flags) -> Self {
        self.course.flags = flags;
        self
    }

    /// One attempt at what is left.
    fn attempt(&self, io: &impl Transport, mode: Mode) -> io::Result<usize> {
        let (first, begun) = self.next;
        let rest = self.parts.parts().get(first..).unwrap_or_default();
        // Of a stream the others are the next attempt's. A message must not lose them.
        let count = if self.course.whole { rest.len().min(AT_ONCE) } else { rest.len() };
        let slices = rest[..count].iter().enumerate().map(|(at, part)| {
            let part = part.as_ref();
            IoSlice::new(if at == 0 { &part[begun..] } else { part })
        });
        let flags = self.course.flags;
        if count > FEW {
            return io.send_vectored(&slices.collect::<Vec<_>>(), flags, mode);
        }
        let mut few = [IoSlice::new(&[]); FEW];
        few.iter_mut().zip(slices).for_each(|(to, from)| *to = from);
        io.send_vectored(&few[..count], flags, mode)
    }

    /// So many bytes more are sent. What has none is passed over, so that an attempt always has some.
    fn advance(&mut self, count: usize) {
        let (mut at, begun) = self.next;
        let mut left = begun + count;
        while let Some(part) = self.parts.parts().get(at)
            && left >= part.as_ref().len()
        {
            left -= part.as_ref().len();
            at += 1;
        }
        self.next = (at, left);
    }
}

impl<B: Backend, P: Parts> Operation<B> for SendParts<P> {
    type On = Handle<B>;
    type Out = Result<usize, SendFailed>;

    fn interest(&self) -> Interest {
        Interest::WRITE
    }

    fn step(&mut self, _backend: &B, handle: &mut Handle<B>, mode: Mode) -> Step<Self::Out> {
        if self.course.is_done(self.len) {
            return Step::Done(Ok(self.course.sent));
        }
        if mode == Mode::Skip {
            return Step::Wait(Need::Io(Interest::WRITE));
        }
        let Some(io) = handle.io() else {
            return Step::Done(Err(self.course.closed()));
        };
        let outcome = self.attempt(&**io, mode);
        if let Ok(count) = outcome {
            self.advance(count);
        }
        self.course.follow(handle, self.len, outcome.map_err(|error| Failure::of(&error, "send")))
    }

    fn stop(&mut self, _handle: &mut Handle<B>, why: Stop) -> Self::Out {
        self.course.stop(self.len, why)
    }
}
