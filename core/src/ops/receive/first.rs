//! Receiving without an operation, for callers to whom a few instructions matter.

use std::ops::Range;

use super::{Receive, Received, Short};
use crate::attempt::{Attempt, Attempted, First};
use crate::buffer::BLOCK;
use crate::operation::Failure;
use crate::{Backend, Cr, Flags, Handle, Interest, Patience, Pattern, Step, Transport};

/// What a receive without time came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Soon {
    /// The bytes, [lent](crate::ReadBuffer::lent).
    pub range: Range<usize>,
    /// Are they what the pattern asked for? Else they are what there is.
    pub whole: bool,
}

/// Is it received into the buffer, whatever was there before?
#[inline(always)]
fn goes_through_buffer(pattern: Pattern) -> bool {
    match pattern {
        Pattern::Until { .. } => true,
        Pattern::Exact(count) => count.wrapping_sub(1) < BLOCK - 1,
        Pattern::Some(_) | Pattern::All => false,
    }
}

/// Are there carriage returns that are no part of the result?
fn has_cr_to_drop(pattern: Pattern, bytes: &[u8]) -> bool {
    matches!(pattern, Pattern::Until { cr: Cr::DropAll, .. })
        && memchr::memchr(b'\r', bytes).is_some()
}

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

    /// As [`first`](Self::first), for a caller without time: asks until there is no more, and then what has come is done,
    /// too, although it is not [whole](Soon::whole).
    #[inline(never)]
    pub fn first_soon<B: Backend>(
        backend: &B,
        handle: &mut Handle<B>,
        pattern: Pattern,
    ) -> First<Soon> {
        let through_buffer = pattern == Pattern::All || goes_through_buffer(pattern);
        let mut last = First::Not;
        loop {
            if !handle.buffer.is_empty() {
                if let Some(range) = Self::at_once(handle, pattern) {
                    return First::Done(Soon { range, whole: true });
                }
                if !handle.buffer.has_room() {
                    return last;
                }
            }
            if !through_buffer || handle.io().is_none() {
                return last;
            }
            let Some(attempt) = Self::ask(backend, handle, Attempt::now()) else { return last };
            if attempt.would_block() && !has_cr_to_drop(pattern, handle.buffer.bytes()) {
                let range = handle.consume(handle.buffer.len());
                return First::Done(Soon { range, whole: false });
            }
            last = First::Begun(attempt);
            if !matches!(attempt.outcome, Ok(1..)) {
                return last;
            }
        }
    }

    #[inline(always)]
    fn first_by<B: Backend>(
        handle: &mut Handle<B>,
        pattern: Pattern,
        fill: impl FnOnce(&mut Handle<B>) -> Option<Attempt>,
    ) -> First<Range<usize>> {
        let mut first = First::Not;
        if handle.buffer.is_empty() {
            if !goes_through_buffer(pattern) {
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

    /// An attempt that has begun, into the buffer, which is empty or has room.
    #[inline(always)]
    fn ask<B: Backend>(backend: &B, handle: &mut Handle<B>, attempt: Attempt) -> Option<Attempt> {
        let (io, buffer) = handle.io_and_buffer();
        let io = io?;
        let into = buffer.make_room("receive").ok()?;
        let asked = BLOCK - into.len();
        let outcome = io.recv_append(into, asked, Flags::NONE, attempt.mode);
        if let Ok(got) = outcome {
            backend.observe(io, asked, got);
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
        // What is left to come is in vain: the buffer's bytes are part of the result. (`follow` takes a line's.)
        if !matches!(outcome, Ok(1..))
            && !handle.buffer.is_empty()
            && !matches!(self.pattern, Pattern::Until { .. })
            && let Some(done) = self.buffered(handle)
        {
            return Step::Done(done.map_err(|error| self.short(error)));
        }
        self.follow(handle, outcome.map_err(|code| Failure::of_code(code, "receive")))
    }
}
