//! The read buffer: a pooled block that a socket holds only while bytes are in it.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::Range;

use crate::filter::drop_cr;
use crate::pattern::{Found, find_end};
use crate::{Error, ErrorKind, Pattern};

/// Size of a block. A stream that fills blocks costs the kernel an answer to the sender for each, so larger ones are
/// cheaper: at 64 KiB half of the processor time in the kernel that 16 KiB need. Pages that no byte reaches take no memory.
pub(crate) const BLOCK: usize = 64 * 1024;
/// Blocks that a thread keeps for its next reads.
const POOL_MAX: usize = 16;
/// The largest assembly vector that a thread keeps for its next long read.
const SCRATCH_MAX: usize = 1024 * 1024;

thread_local! {
    static POOL: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn take_block() -> Option<Vec<u8>> {
    let pooled = POOL.try_with(|pool| pool.borrow_mut().pop()).ok().flatten();
    pooled.or_else(|| {
        let mut block = Vec::new();
        block.try_reserve_exact(BLOCK).ok().map(|()| block)
    })
}

fn give_block(mut block: Vec<u8>) {
    block.clear();
    // A thread that is ending has no pool any more; the block is then simply freed.
    let _ = POOL.try_with(|pool| {
        let mut pool = pool.borrow_mut();
        if pool.len() < POOL_MAX && pool.try_reserve(1).is_ok() {
            pool.push(block);
        }
    });
}

/// An empty vector for assembling a long result; it may come with capacity from an earlier one. [`recycle`] takes it
/// back.
pub fn take_scratch() -> Vec<u8> {
    SCRATCH.try_with(|scratch| std::mem::take(&mut *scratch.borrow_mut())).unwrap_or_default()
}

/// Gives the vector of a [`Received::Owned`](crate::ops::Received) back once its bytes were used, so that the
/// next long read need not allocate. Optional. Vectors of more than 1 MiB are freed.
pub fn recycle(mut vector: Vec<u8>) {
    if vector.capacity() == 0 || vector.capacity() > SCRATCH_MAX {
        return;
    }
    vector.clear();
    let _ = SCRATCH.try_with(|scratch| {
        let mut scratch = scratch.borrow_mut();
        if scratch.capacity() < vector.capacity() {
            *scratch = vector;
        }
    });
}

/// The same bytes for somebody who keeps them: without the room that was there for more, which others can use again.
pub(crate) fn fitted(vector: Vec<u8>) -> Vec<u8> {
    // Growing by doubling leaves no more than this.
    if vector.capacity() <= 2 * vector.len() {
        return vector;
    }
    let kept = vector.as_slice().to_vec();
    recycle(vector);
    kept
}

/// Grows `vector` for `more` bytes, by an error instead of an abort when memory is short.
pub(crate) fn reserve(
    vector: &mut Vec<u8>,
    more: usize,
    operation: &'static str,
) -> Result<(), Error> {
    vector.try_reserve(more).map_err(|_| Error::new(ErrorKind::OutOfMemory, operation))
}

/// One block that is kept at hand for many buffers in turn: cheaper to come by than from the thread's pool.
#[derive(Default)]
pub struct Spare(Cell<Vec<u8>>);

impl Spare {
    /// Lays the block, if it is there, into a buffer that is about to be filled.
    #[inline(always)]
    pub fn lay_in(&self, buffer: &mut ReadBuffer) {
        if !buffer.holds_block() {
            // What it had is no memory, so there is nothing to drop.
            std::mem::forget(std::mem::replace(&mut buffer.block, self.0.take()));
        }
    }

    /// As [`ReadBuffer::settle`], taking the block back.
    #[inline(always)]
    pub fn settle(&self, buffer: &mut ReadBuffer) {
        if buffer.is_empty() && buffer.block.capacity() == BLOCK {
            buffer.start = 0;
            buffer.block.clear();
            let other = self.0.replace(std::mem::take(&mut buffer.block));
            if other.capacity() == 0 { std::mem::forget(other) } else { give_block(other) }
        } else {
            buffer.settle();
        }
    }
}

impl fmt::Debug for Spare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spare")
    }
}

/// Received bytes that their handle has let go of. Whatever they lie in goes back to its pool when this is dropped.
#[derive(Debug)]
pub struct Detached {
    vector: Vec<u8>,
    range: Range<usize>,
}

impl AsRef<[u8]> for Detached {
    fn as_ref(&self) -> &[u8] {
        &self.vector[self.range.clone()]
    }
}

impl From<Vec<u8>> for Detached {
    fn from(vector: Vec<u8>) -> Self {
        let range = 0..vector.len();
        Self { vector, range }
    }
}

impl Drop for Detached {
    fn drop(&mut self) {
        let vector = std::mem::take(&mut self.vector);
        if vector.capacity() == BLOCK { give_block(vector) } else { recycle(vector) }
    }
}

/// Bytes that came from the peer and have not been asked for yet.
///
/// The block comes from the thread's pool when bytes arrive and goes back when they are used, so an idle
/// connection holds none. The buffer *lends*: what `take` cuts off stays readable through
/// [`lent`](Self::lent) until the next change, so that a line can go to its user without a copy.
#[derive(Debug, Default)]
pub struct ReadBuffer {
    block: Vec<u8>,
    start: usize,
}

impl ReadBuffer {
    /// The most that one attempt brings.
    pub const BLOCK: usize = BLOCK;

    /// The unread bytes.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.block[self.start..]
    }

    /// How many bytes are unread.
    #[inline]
    pub fn len(&self) -> usize {
        self.block.len() - self.start
    }

    /// Is nothing unread?
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.start == self.block.len()
    }

    /// Does it hold memory at this moment?
    #[inline]
    pub fn holds_block(&self) -> bool {
        self.block.capacity() != 0
    }

    /// Cuts the next `count` bytes off and says where they stand, for [`lent`](Self::lent).
    #[inline]
    pub(crate) fn take(&mut self, count: usize) -> Range<usize> {
        debug_assert!(count <= self.len());
        let from = self.start;
        self.start += count;
        from..self.start
    }

    /// Bytes that the last operation cut off, by the range of a [`Received::Lent`](crate::ops::Received::Lent).
    ///
    /// # Panics
    /// It is the range of something else, and ends behind the buffer.
    #[inline]
    pub fn lent(&self, range: Range<usize>) -> &[u8] {
        &self.block[range]
    }

    /// Makes lent bytes unread again, unless more has been cut off since: for who wants to see what comes next.
    pub fn put_back(&mut self, range: Range<usize>) {
        if range.end == self.start {
            self.start = range.start;
        }
    }

    /// Lent bytes with a life of their own: in the block itself where nothing in it is unread, else copied.
    pub(crate) fn detach(&mut self, range: Range<usize>) -> Detached {
        if !self.is_empty() {
            return self.block[range].to_vec().into();
        }
        self.start = 0;
        Detached { vector: std::mem::take(&mut self.block), range }
    }

    /// After lent bytes were used: gives the block back if nothing is unread.
    #[inline]
    pub fn settle(&mut self) {
        if self.is_empty() && self.holds_block() {
            self.release();
        }
    }

    /// As [`take`](Self::take) for what a pattern asks for, if it lies here whole.
    // Not generic and not inlined, so that it is compiled for speed whatever its user is compiled for.
    #[inline(never)]
    pub(crate) fn take_pattern(&mut self, pattern: Pattern) -> Option<Range<usize>> {
        match pattern {
            Pattern::Until { end, cr } => match find_end(self.bytes(), end, cr) {
                Found::Whole { take, give } => {
                    let start = self.take(take).start;
                    Some(start..start + give)
                }
                Found::Filter { take, clean } => Some(self.take_without_cr(take, clean)),
                Found::Missing => None,
            },
            Pattern::Exact(count) | Pattern::Some(count) if count != 0 && self.len() >= count => {
                Some(self.take(count))
            }
            _ => None,
        }
    }

    /// As [`take`](Self::take) for a line that ends with the byte at `count` - 1 and has CRs to be dropped after the
    /// first `clean` bytes: where the line stands without both.
    pub(crate) fn take_without_cr(&mut self, count: usize, clean: usize) -> Range<usize> {
        let range = self.take(count);
        let line = &mut self.block[range.start..range.end - 1];
        let kept = drop_cr(line, clean);
        range.start..range.start + kept
    }

    /// Is there a good part of a block free for more behind the unread bytes?
    pub(crate) fn has_room(&self) -> bool {
        self.block.capacity() >= BLOCK && self.len() <= BLOCK / 2
    }

    /// Room behind the unread bytes, which move to the front of the block.
    pub(crate) fn make_room(&mut self, operation: &'static str) -> Result<&mut Vec<u8>, Error> {
        if self.is_empty() {
            return self.refill(operation);
        }
        debug_assert!(self.has_room());
        self.block.drain(..self.start);
        self.start = 0;
        Ok(&mut self.block)
    }

    /// An empty block to receive into; what was in it must have been taken.
    pub(crate) fn refill(&mut self, operation: &'static str) -> Result<&mut Vec<u8>, Error> {
        debug_assert!(self.is_empty());
        if self.block.capacity() == 0 {
            self.block = take_block().ok_or(Error::new(ErrorKind::OutOfMemory, operation))?;
        }
        self.block.clear();
        self.start = 0;
        Ok(&mut self.block)
    }

    /// Puts bytes behind those that are unread: for handing data over with a descriptor, and for tests.
    ///
    /// # Errors
    /// Memory is short; nothing was put there.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.block.capacity() == 0 {
            self.block = take_block().unwrap_or_default();
        }
        reserve(&mut self.block, bytes.len(), "buffer")?;
        self.block.extend_from_slice(bytes);
        Ok(())
    }

    /// Drops what is unread.
    pub(crate) fn clear(&mut self) {
        self.start = self.block.len();
        if self.holds_block() {
            self.release();
        }
    }

    /// Gives an empty block back to the pool.
    pub(crate) fn release(&mut self) {
        self.start = 0;
        if self.block.capacity() == BLOCK {
            give_block(std::mem::take(&mut self.block));
        } else {
            self.block = Vec::new();
        }
    }
}

impl Drop for ReadBuffer {
    fn drop(&mut self) {
        if self.block.capacity() == BLOCK {
            give_block(std::mem::take(&mut self.block));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_goes_back_when_empty() {
        let mut buffer = ReadBuffer::default();
        assert!(!buffer.holds_block());
        buffer.refill("test").expect("memory").extend_from_slice(b"hello");
        assert_eq!(buffer.len(), 5);
        let range = buffer.take(5);
        assert_eq!(buffer.lent(range), b"hello");
        buffer.settle();
        assert!(!buffer.holds_block());
    }
}
