//! Bytes that are being made. Where memory is short they know it, and nothing ends the process.

use moonsocket_core::{os, take_scratch};

use crate::vm::{Cx, Value};

/// A vector that may fail.
pub(super) struct Out {
    bytes: Vec<u8>,
    failed: bool,
}

impl Out {
    /// With room for so many, if there is memory for them.
    pub(super) fn with_room(room: usize) -> Self {
        let mut bytes = take_scratch();
        let failed = bytes.try_reserve_exact(room).is_err();
        if let Some(room) = bytes.spare_capacity_mut().get_mut(..room) {
            os::expect_all(room);
        }
        Self { bytes, failed }
    }

    /// Appends them.
    #[inline]
    pub(super) fn put(&mut self, bytes: &[u8]) {
        if bytes.len() <= self.bytes.capacity() - self.bytes.len() || self.grow(bytes.len()) {
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// Appends what `make` writes: at most `most` bytes, of which it says how many. If it fails, none.
    #[inline]
    pub(super) fn put_with<E>(
        &mut self,
        most: usize,
        make: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<(), E> {
        let before = self.bytes.len();
        if most > self.bytes.capacity() - before && !self.grow(most) {
            return Ok(());
        }
        self.bytes.resize(before + most, 0);
        let made = make(&mut self.bytes[before..]);
        self.bytes.truncate(before + made.as_ref().map_or(0, |count| *count));
        made.map(drop)
    }

    #[cold]
    fn grow(&mut self, by: usize) -> bool {
        self.failed = self.failed || self.bytes.try_reserve(by).is_err();
        !self.failed
    }

    /// Was nothing put, and memory not short?
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty() && !self.failed
    }

    /// What was put, unless memory was short.
    pub(super) fn into_value(self, cx: Cx<'_>) -> Option<Value<'_>> {
        (!self.failed).then(|| cx.assembled(self.bytes))
    }
}
