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
        Self::first_by(handle, pattern, |handle| Self::fill(backend, handle, patience(handle)))
    }

    /// As [`first`](Self::first), for a caller that parks what goes on: the attempt does not wait. One that the backend
    /// expects to be in vain is not made, and counts as one that [would have to wait](Attempt::would_block).
    #[inline(never)]
    pub fn first_parked<B: Backend>(
        backend: &B,
        handle: &mut Handle<B>,
        pattern: Pattern,
    ) -> First<Range<usize>> {
        Self::first_by(handle, pattern, |handle| {
            let attempt = Attempt::begin_parked(backend, handle.io()?, Interest::READ);
            if attempt.would_block() {
                return Some(attempt);
            }
            Self::ask(backend, handle, attempt)
        })
    }

    #[inline(always)]
    fn first_by<B: Backend>(
        handle: &mut Handle<B>,
        pattern: Pattern,
        fill: impl FnOnce(&mut Handle<B>) -> Option<Attempt>,
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
            match fill(handle) {
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

    /// One attempt into the empty buffer, as the driver would make it.
    #[inline(never)]
    fn fill<B: Backend>(
        backend: &B,
        handle: &mut Handle<B>,
        patience: Patience,
    ) -> Option<Attempt> {
        let attempt = Attempt::begin(backend, handle.io()?, Interest::READ, &patience)?;
        Self::ask(backend, handle, attempt)
    }

    /// An attempt that has begun, into the empty buffer.
    #[inline(always)]
    fn ask<B: Backend>(backend: &B, handle: &mut Handle<B>, attempt: Attempt) -> Option<Attempt> {
        let (io, buffer) = handle.io_and_buffer();
        let io = io?;
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
