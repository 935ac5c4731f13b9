//! Receiving without an operation, for callers to whom a few instructions matter.

use std::ops::Range;

use super::{Receive, Received, Short};
use crate::attempt::{Attempt, Attempted, First};
use crate::buffer::BLOCK;
use crate::operation::Failure;
use crate::{Backend, Flags, Handle, Interest, Patience, Pattern, Step, Transport};

impl Receive {
    /// What a driven receive would do first, without the driver: takes a pattern's bytes out of the buffer or, where
    /// nothing lies there, asks the system once. The bytes of what is done are [lent](crate::ReadBuffer::lent).
    #[inline(always)]
    pub fn first<B: Backend>(
        backend: &B,
        handle: &mut Handle<B>,
        pattern: Pattern,
        patience: impl FnOnce(&Handle<B>) -> Patience,
    ) -> First<Range<usize>> {
        let mut first = First::Not;
        if handle.buffer.is_empty() {
            let through_buffer = match pattern {
                Pattern::Until { .. } => true,
                Pattern::Exact(count) => count.wrapping_sub(1) < BLOCK - 1,
                Pattern::Some(_) | Pattern::All => false,
            };
            if !through_buffer {
                return first;
            }
            match Self::fill(backend, handle, patience(handle)) {
                Some(attempt) if matches!(attempt.outcome, Ok(1..)) => {
                    first = First::Begun(attempt)
                }
                Some(attempt) => return First::Begun(attempt),
                None => return first,
            }
        }
        match Self::at_once(handle, pattern) {
            Some(range) => First::Done(range),
            None => first,
        }
    }

    /// One attempt into the empty buffer.
    #[inline(never)]
    fn fill<B: Backend>(
        backend: &B,
        handle: &mut Handle<B>,
        patience: Patience,
    ) -> Option<Attempt> {
        let (io, buffer) = handle.io_and_buffer();
        let io = io?;
        let attempt = Attempt::begin(backend, io, Interest::READ, &patience)?;
        let into = buffer.refill("receive").ok()?;
        let outcome = io.recv_append(into, BLOCK, Flags::NONE, attempt.mode);
        if let Ok(got) = outcome {
            backend.observe(io, BLOCK, got);
        }
        buffer.settle();
        Some(attempt.came_to(&outcome))
    }

    /// The bytes of a pattern that lie whole and clean in the buffer; `None`: an operation is needed.
    #[inline]
    pub(super) fn at_once<B: Backend>(
        handle: &mut Handle<B>,
        pattern: Pattern,
    ) -> Option<Range<usize>> {
        let before = handle.buffer.len();
        let range = handle.buffer.take_pattern(pattern)?;
        handle.count_received(before - handle.buffer.len());
        Some(range)
    }
}

impl<B: Backend> Attempted<B> for Receive {
    fn after(
        &mut self,
        handle: &mut Handle<B>,
        outcome: Result<usize, i32>,
    ) -> Step<Result<Received, Short>> {
        self.tried = true;
        self.follow(handle, outcome.map_err(|code| Failure::of_code(code, "receive")))
    }
}
