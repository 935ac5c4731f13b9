//! A wake-up that another thread, or a signal handler, can send to a waiting one.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::{fmt, io};

use super::kept::Kept;
use super::{fork_generation, pair};
use crate::{Kind, Transport};

/// Wakes a backend's wait from outside. Wake-ups merge: several before a wait end it once. A program may close what it did
/// not open: then this wakes nobody any more, and leaves alone what has its numbers.
pub struct Wake {
    reader: Kept,
    writer: Kept,
    signalled: AtomicBool,
    /// Tells this one from those before it, and its wake-ups from each other.
    count: AtomicU64,
    /// The process that it was made in.
    process: u32,
}

/// The first count of the next one.
static NEXT: AtomicU64 = AtomicU64::new(1);

impl Wake {
    /// A wake-up of its own. Uses two descriptors.
    ///
    /// # Errors
    /// No descriptors left.
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = pair(Kind::stream(libc::AF_UNIX))?;
        Ok(Self {
            reader: Kept::of(reader.into_descriptor()),
            writer: Kept::of(writer.into_descriptor()),
            signalled: AtomicBool::new(false),
            count: AtomicU64::new(NEXT.fetch_add(1 << 32, Ordering::Relaxed)),
            process: fork_generation(),
        })
    }

    /// Ends the present or the next wait. From any thread, and from signal handlers.
    pub fn wake(&self) {
        self.count.fetch_add(1, Ordering::AcqRel);
        if !self.signalled.swap(true, Ordering::AcqRel)
            && let Some(writer) = self.writer.get()
        {
            let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
            // SAFETY: the pointer is to one byte. What is full has woken already.
            unsafe { libc::send(writer, [1u8].as_ptr().cast(), 1, flags) };
        }
    }

    /// Takes the wake-ups so far; was there one?
    pub fn take(&self) -> bool {
        // Read whatever the mark says: the other side sets it before it writes.
        if let Some(reader) = self.reader.get() {
            let mut bytes = [0u8; 16];
            let (room, flags) = (bytes.as_mut_ptr().cast(), libc::MSG_DONTWAIT);
            // SAFETY: pointer and length are those of a live array.
            while unsafe { libc::recv(reader, room, bytes.len(), flags) } == bytes.len() as isize {}
        }
        self.signalled.swap(false, Ordering::AcqRel)
    }

    /// Changes with every wake-up, whoever takes it: for those that share it with others.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// Becomes readable with a wake-up.
    pub fn descriptor(&self) -> i32 {
        self.reader.number()
    }

    /// Can it still wake anybody?
    fn is_there(&self) -> bool {
        self.reader.get().is_some() && self.writer.get().is_some()
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        // A forked child keeps the socket, and so what reactors know of it: they would report for ever what nobody took.
        if self.process == fork_generation() {
            self.take();
        }
        for end in [&self.reader, &self.writer] {
            if let Some(number) = end.get() {
                // SAFETY: it is ours still.
                unsafe { libc::close(number) };
            }
        }
    }
}

/// A backend's [`Wake`]: there while somebody uses it, so that an idle program holds no descriptors for it; made anew
/// in a forked child, whose parent must keep its own, and where a program has closed it.
#[derive(Debug, Default)]
pub struct WakeCell(RefCell<(u32, Weak<Wake>)>);

impl WakeCell {
    /// The wake-up that is in use, if any is.
    pub fn in_use(&self) -> Option<Arc<Wake>> {
        let cell = self.0.borrow();
        let wake = if cell.0 == fork_generation() { cell.1.upgrade() } else { None };
        wake.filter(|wake| wake.is_there())
    }

    /// The wake-up. It lasts as long as the caller, or someone else, holds it.
    ///
    /// # Errors
    /// No descriptors left.
    pub fn get(&self) -> io::Result<Arc<Wake>> {
        if let Some(wake) = self.in_use() {
            return Ok(wake);
        }
        let wake = Arc::new(Wake::new()?);
        *self.0.borrow_mut() = (fork_generation(), Arc::downgrade(&wake));
        Ok(wake)
    }
}

impl fmt::Debug for Wake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wake").field("descriptor", &self.descriptor()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wake_ups_merge() {
        let wake = Wake::new().expect("descriptors");
        assert!(!wake.take());
        wake.wake();
        wake.wake();
        assert!(wake.take());
        assert!(!wake.take());
    }
}
