//! What the read buffer holds already, taken as the pattern says.

use super::Received;
use crate::buffer::{reserve, take_scratch};
use crate::filter::append_without_cr;
use crate::ops::Receive;
use crate::pattern::{Found, find_end};
use crate::{Backend, Cr, Error, ErrorKind, Flags, Handle, Pattern};

impl Receive {
    /// Tries to finish with what is buffered.
    pub(super) fn buffered<B: Backend>(
        &mut self,
        handle: &mut Handle<B>,
    ) -> Option<Result<Received, Error>> {
        if self.flags != Flags::NONE && self.flags != Flags::DONT_WAIT {
            return self.flagged(handle);
        }
        match self.pattern {
            Pattern::Until { end, cr } => self.line(handle, end, cr),
            Pattern::Exact(count) => {
                let missing = count.saturating_sub(self.got.len());
                self.counted(handle, missing)
            }
            Pattern::Some(most) if !handle.buffer.is_empty() => {
                let count = most.min(handle.buffer.len());
                self.counted(handle, count)
            }
            Pattern::Some(_) => None,
            Pattern::All => self.absorb(handle, usize::MAX, |into, bytes| {
                into.extend_from_slice(bytes);
            }),
        }
    }

    fn line<B: Backend>(
        &mut self,
        handle: &mut Handle<B>,
        end: u8,
        cr: Cr,
    ) -> Option<Result<Received, Error>> {
        // A line that cannot be too long is taken as it lies there.
        let fits = handle.buffer.len() <= self.maximum;
        if self.got.is_empty() && fits {
            if let Some(range) = Self::at_once(handle, self.pattern) {
                return Some(Ok(Received::Lent(range)));
            }
        } else if self.got.is_empty()
            && let Found::Whole { take, give } = find_end(handle.buffer.bytes(), end, cr)
            && give <= self.maximum
        {
            let range = handle.consume(take);
            return Some(Ok(Received::Lent(range.start..range.start + give)));
        }
        if handle.buffer.is_empty() {
            return None;
        }
        if self.got.is_empty() && fits && !self.gathers && handle.buffer.has_room() {
            // The rest may come behind it, so that the line still lies there whole.
            return None;
        }
        // The line crosses the buffer's end, or may be too long: assemble it.
        let data = handle.buffer.bytes();
        let ended = memchr::memchr(end, data);
        let take = ended.map_or(data.len(), |at| at + 1);
        let keep_end = cr == Cr::Keep && end == b'\n';
        let body = if ended.is_some() && !keep_end { take - 1 } else { take };
        let absorbed = self.absorb(handle, take, |into, bytes| {
            if cr == Cr::DropAll {
                append_without_cr(into, &bytes[..body]);
            } else {
                into.extend_from_slice(&bytes[..body]);
            }
        });
        if absorbed.is_some() {
            return absorbed;
        }
        ended?;
        // Also where the CR came with a prefix: that is how an unfinished line is gone on with.
        if cr == Cr::DropLast && self.got.last() == Some(&b'\r') {
            self.got.pop();
        }
        Some(Ok(self.assembled()))
    }

    /// Takes the beginning of a line out of the buffer, for a wait (a block is only held while bytes keep coming) or
    /// for a partial result.
    pub(super) fn gather<B: Backend>(
        &mut self,
        handle: &mut Handle<B>,
    ) -> Option<Result<Received, Error>> {
        self.gathers = true;
        let begun = matches!(self.pattern, Pattern::Until { .. }) && !handle.buffer.is_empty();
        let done = if begun && !self.is_special() { self.buffered(handle) } else { None };
        if done.is_none() {
            handle.buffer.settle();
        }
        done
    }

    fn counted<B: Backend>(
        &mut self,
        handle: &mut Handle<B>,
        missing: usize,
    ) -> Option<Result<Received, Error>> {
        if missing == 0 {
            return Some(Ok(self.assembled()));
        }
        if self.got.is_empty() && handle.buffer.len() >= missing && missing <= self.maximum {
            return Some(Ok(Received::Lent(handle.consume(missing))));
        }
        let absorbed = self.absorb(handle, missing, |into, bytes| into.extend_from_slice(bytes));
        if absorbed.is_some() {
            return absorbed;
        }
        let done = match self.pattern {
            Pattern::Exact(count) => self.got.len() >= count,
            _ => self.got.len() > self.prefix,
        };
        done.then(|| Ok(self.assembled()))
    }

    /// Moves up to `most` buffered bytes to the assembly, within the maximum.
    fn absorb<B: Backend>(
        &mut self,
        handle: &mut Handle<B>,
        most: usize,
        append: impl FnOnce(&mut Vec<u8>, &[u8]),
    ) -> Option<Result<Received, Error>> {
        let most = most.min(handle.buffer.len());
        if most == 0 {
            return None;
        }
        if self.got.capacity() == 0 {
            self.got = take_scratch();
        }
        if let Err(error) = reserve(&mut self.got, most, "receive") {
            return Some(Err(error));
        }
        let before = self.got.len();
        append(&mut self.got, &handle.buffer.bytes()[..most]);
        if self.got.len() - self.pending_cr() > self.maximum {
            // Only what fits is taken; the rest stays buffered, byte for byte.
            self.got.truncate(before);
            return Some(self.fill_to_maximum(handle, most));
        }
        let _ = handle.consume(most);
        None
    }

    /// 1 while the last byte may turn out to belong to the end of a text line.
    fn pending_cr(&self) -> usize {
        let text = matches!(self.pattern, Pattern::Until { cr: Cr::DropLast, .. });
        usize::from(text && self.got.last() == Some(&b'\r'))
    }

    /// Takes bytes one by one as the pattern would, up to the maximum.
    fn fill_to_maximum<B: Backend>(
        &mut self,
        handle: &mut Handle<B>,
        most: usize,
    ) -> Result<Received, Error> {
        let drop_cr = matches!(self.pattern, Pattern::Until { cr: Cr::DropAll, .. });
        let mut used = 0;
        for &byte in &handle.buffer.bytes()[..most] {
            if !(drop_cr && byte == b'\r') {
                if self.got.len() >= self.maximum {
                    break;
                }
                self.got.push(byte);
            }
            used += 1;
        }
        let _ = handle.consume(used);
        Err(Error::new(ErrorKind::Oversized, "receive"))
    }
}
