//! Messages without an operation, for callers to whom a few instructions matter.

use std::io;
use std::ops::Range;

use super::receive::not_yet;
use super::{ReceiveFrom, ReceiveMessage, SendTo};
use crate::attempt::{Attempt, Attempted, First};
use crate::buffer::BLOCK;
use crate::operation::Failure;
use crate::{
    Address, Backend, Error, ErrorKind, Flags, Handle, Interest, Mode, Patience, Step, Transport,
};

impl ReceiveMessage {
    /// What a driven one would do first, without the driver: one attempt, into the empty read buffer. The bytes of what is
    /// done are [lent](crate::ReadBuffer::lent); they may be none.
    #[inline(always)]
    pub fn first<B: Backend>(
        backend: &B,
        handle: &mut Handle<B>,
        size: usize,
        patience: &Patience,
    ) -> First<Range<usize>> {
        let first = receive(backend, handle, size, patience, |io, into, mode| {
            Ok((io.recv_append(into, size, Flags::NONE, mode)?, ()))
        });
        first.map(|(message, ())| message)
    }
}

impl ReceiveFrom {
    /// As [`ReceiveMessage::first`], with who sent it.
    #[inline(always)]
    pub fn first<B: Backend>(
        backend: &B,
        handle: &mut Handle<B>,
        size: usize,
        patience: &Patience,
    ) -> First<(Range<usize>, Address)> {
        receive(backend, handle, size, patience, |io, into, mode| {
            io.recv_from(into, size, Flags::NONE, mode)
        })
    }
}

/// One attempt at a message, into the empty read buffer.
#[inline(always)]
fn receive<B: Backend, T>(
    backend: &B,
    handle: &mut Handle<B>,
    size: usize,
    patience: &Patience,
    ask: impl FnOnce(&B::Io, &mut Vec<u8>, Mode) -> io::Result<(usize, T)>,
) -> First<(Range<usize>, T)> {
    let (io, buffer) = handle.io_and_buffer();
    let fits = buffer.is_empty() && size <= BLOCK;
    let (Some(io), true) = (io, fits) else { return First::Not };
    let Some(attempt) = Attempt::begin(backend, io, Interest::READ, patience) else {
        return First::Not;
    };
    let Ok(into) = buffer.refill("receive") else { return First::Not };
    match ask(io, into, attempt.mode) {
        Ok((count, about)) => First::Done((handle.consume(count), about)),
        Err(error) => {
            buffer.settle();
            First::Begun(attempt.came_to(&Err(error)))
        }
    }
}

impl SendTo<&[u8]> {
    /// What a driven one would do first, without the driver and without an operation. `parks`: it must not wait, because
    /// others would have to. Of what is done, the bytes that the system took.
    #[inline(always)]
    pub fn first<B: Backend>(
        backend: &B,
        handle: &mut Handle<B>,
        data: &[u8],
        to: &Address,
        patience: &Patience,
        parks: bool,
    ) -> First<usize> {
        let Some(io) = handle.io() else { return First::Not };
        let Some(attempt) = Attempt::begin_to_send(backend, io, patience, parks) else {
            return First::Not;
        };
        match io.send_to(data, to, Flags::NONE, attempt.mode) {
            Ok(count) => {
                handle.count_sent(count);
                First::Done(count)
            }
            outcome => First::Begun(attempt.came_to(&outcome)),
        }
    }
}

impl<B: Backend> Attempted<B> for ReceiveMessage {
    fn after(&mut self, handle: &mut Handle<B>, outcome: Result<usize, i32>) -> Step<Self::Out> {
        match outcome {
            Ok(count) => {
                let message = handle.consume(count);
                Step::Done(Ok(handle.buffer.lent(message).to_vec()))
            }
            Err(code) => not_yet(Failure::of_code(code, "receive"), Flags::NONE, "receive"),
        }
    }
}

impl<B: Backend> Attempted<B> for ReceiveFrom {
    /// An attempt that got a message is done, so none goes on from one: it would have lost who sent it.
    fn after(&mut self, _handle: &mut Handle<B>, outcome: Result<usize, i32>) -> Step<Self::Out> {
        match outcome {
            Ok(_) => Step::Done(Err(Error::new(ErrorKind::Invalid("no sender"), "receivefrom"))),
            Err(code) => not_yet(Failure::of_code(code, "receivefrom"), Flags::NONE, "receivefrom"),
        }
    }
}

impl<B: Backend, D: AsRef<[u8]>> Attempted<B> for SendTo<D> {
    fn after(&mut self, handle: &mut Handle<B>, outcome: Result<usize, i32>) -> Step<Self::Out> {
        self.follow(handle, outcome.map_err(|code| Failure::of_code(code, "sendto")))
    }
}
