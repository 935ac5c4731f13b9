//! Receives with flags that pass the read buffer by, or look into it.

use crate::buffer::reserve;
use crate::operation::Failure;
use crate::ops::{Receive, Received};
use crate::{Backend, Error, ErrorKind, Flags, Handle, Mode, Transport};

impl Receive {
    /// Receives with flags that change what the system does: one message's worth, like `recv`.
    pub(super) fn flagged<B: Backend>(
        &mut self,
        handle: &mut Handle<B>,
    ) -> Option<Result<Received, Error>> {
        if self.flags.contains(Flags::OUT_OF_BAND) || handle.buffer.is_empty() {
            return None;
        }
        let count = self.wanted().min(handle.buffer.len());
        let bytes = &handle.buffer.bytes()[..count];
        if let Err(error) = reserve(&mut self.got, count, "receive") {
            return Some(Err(error));
        }
        self.got.extend_from_slice(bytes);
        if !self.flags.contains(Flags::PEEK) {
            let _ = handle.consume(count);
        }
        Some(Ok(self.assembled()))
    }

    /// Bytes that pass the buffer by.
    pub(super) fn is_special(&self) -> bool {
        self.flags.contains(Flags::PEEK) || self.flags.contains(Flags::OUT_OF_BAND)
    }
}

/// After `none` (no urgent byte is on its way yet): why none will come. A hang-up would end every wait for one at once.
pub(in crate::ops) fn urgent_end<B: Backend>(
    flags: Flags,
    handle: &Handle<B>,
    none: Error,
) -> Option<Error> {
    if flags.contains(Flags::DONT_WAIT) {
        return Some(none);
    }
    let mut byte = [0];
    match handle.live("receive").ok()?.recv(&mut byte, Flags::PEEK, Mode::Now) {
        Ok(0) => Some(Error::new(ErrorKind::EndOfStream, "receive")),
        Ok(_) => None,
        Err(error) => match Failure::of(&error, "receive") {
            Failure::Error(error) => Some(error),
            Failure::WouldBlock | Failure::Interrupted => None,
        },
    }
}
