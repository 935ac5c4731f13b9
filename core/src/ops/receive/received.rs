//! What a receive comes to: bytes, or too few of them.

use std::fmt;
use std::io;
use std::ops::Range;

use crate::buffer::fitted;
use crate::{Backend, Detached, Error, Handle};

/// Received bytes: standing in the handle's buffer until its next use, or in a vector of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A range of the handle's buffer. Read it with [`bytes`](Self::bytes), then call
    /// [`ReadBuffer::settle`](crate::ReadBuffer::settle).
    Lent(Range<usize>),
    /// Assembled from several reads.
    Owned(Vec<u8>),
}

impl Received {
    /// The bytes. `handle` is the one that the operation ran on, not used since.
    ///
    /// # Panics
    /// With another one, perhaps.
    pub fn bytes<'a, B: Backend>(&'a self, handle: &'a Handle<B>) -> &'a [u8] {
        match self {
            Self::Lent(range) => handle.buffer.lent(range.clone()),
            Self::Owned(vector) => vector,
        }
    }

    /// The bytes with a life of their own, without a copy where that can be, and the handle's buffer settled.
    pub fn detach<B: Backend>(self, handle: &mut Handle<B>) -> Detached {
        match self {
            Self::Lent(range) => handle.buffer.detach(range),
            Self::Owned(vector) => vector.into(),
        }
    }

    /// The bytes in a vector that is not much longer than they are, and the handle's buffer settled.
    pub fn into_vec<B: Backend>(self, handle: &mut Handle<B>) -> Vec<u8> {
        let vector = match self {
            Self::Lent(range) => handle.buffer.lent(range).to_vec(),
            Self::Owned(vector) => fitted(vector),
        };
        handle.buffer.settle();
        vector
    }
}

/// A receive that failed, with what had arrived. `?` makes the [`Error`] alone of it, or an [`io::Error`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short<P = Received> {
    /// Why.
    pub error: Error,
    /// The bytes so far, the prefix included. They are consumed: pass them as the next call's prefix to
    /// go on.
    pub partial: P,
}

impl<P> fmt::Display for Short<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<P: fmt::Debug> std::error::Error for Short<P> {}

impl<P> From<Short<P>> for Error {
    fn from(short: Short<P>) -> Self {
        short.error
    }
}

impl<P> From<Short<P>> for io::Error {
    fn from(short: Short<P>) -> Self {
        short.error.into()
    }
}
