//! What a receive comes to: bytes, or too few of them.

use std::ops::Range;

use crate::{Backend, Error, Handle};

/// Received bytes: standing in the handle's buffer until its next use, or in a vector of their own.
#[derive(Debug)]
pub enum Received {
    /// A range of the handle's buffer. Read it with [`bytes`](Self::bytes), then call
    /// [`ReadBuffer::settle`](crate::ReadBuffer::settle).
    Lent(Range<usize>),
    /// Assembled from several reads.
    Owned(Vec<u8>),
}

impl Received {
    /// The bytes. `handle` is the one that the operation ran on, not used since.
    pub fn bytes<'a, B: Backend>(&'a self, handle: &'a Handle<B>) -> &'a [u8] {
        match self {
            Self::Lent(range) => handle.buffer.lent(range.clone()),
            Self::Owned(vector) => vector,
        }
    }

    /// The bytes in a vector, and the handle's buffer settled.
    pub fn into_vec<B: Backend>(self, handle: &mut Handle<B>) -> Vec<u8> {
        let vector = match self {
            Self::Lent(range) => handle.buffer.lent(range).to_vec(),
            Self::Owned(vector) => vector,
        };
        handle.buffer.settle();
        vector
    }
}

/// A receive that failed, with what had arrived.
#[derive(Debug)]
pub struct Short {
    /// Why.
    pub error: Error,
    /// The bytes so far, the prefix included. They are consumed: pass them as the next call's prefix to
    /// go on.
    pub partial: Received,
}
