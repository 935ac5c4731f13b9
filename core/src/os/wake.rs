//! A wake-up that another thread, or a signal handler, can send to a waiting one.

use std::cell::RefCell;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::{fmt, io};

use socket2::SockRef;

use super::fork_generation;

/// Wakes a backend's wait from outside. Wake-ups merge: several before a wait end it once.
pub struct Wake {
    reader: UnixStream,
    writer: UnixStream,
    signalled: AtomicBool,
    /// Tells this one from those before it, and its wake-ups from each other.
    count: AtomicU64,
}

/// The first count of the next one.
static NEXT: AtomicU64 = AtomicU64::new(1);

impl Wake {
    /// A wake-up of its own. Uses two descriptors.
    ///
    /// # Errors
    /// No descriptors left.
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        Ok(Self {
            reader,
            writer,
            signalled: AtomicBool::new(false),
            count: AtomicU64::new(NEXT.fetch_add(1 << 32, Ordering::Relaxed)),
        })
    }

    /// Ends the present or the next wait. From any thread, and from signal handlers.
    pub fn wake(&self) {
        self.count.fetch_add(1, Ordering::AcqRel);
        if !self.signalled.swap(true, Ordering::AcqRel) {
            // What is full has woken already. A send, because a write would go into any file that has the number once a
            // program has closed what it did not open.
            let _ = SockRef::from(&self.writer).send_with_flags(&[1], libc::MSG_NOSIGNAL);
        }
    }

    /// Takes the wake-ups so far; was there one?
    pub fn take(&self) -> bool {
        // Read whatever the mark says: the other side sets it before it writes.
        let mut bytes = [0; 16];
        while matches!((&*SockRef::from(&self.reader)).read(&mut bytes), Ok(count) if count == bytes.len())
        {
        }
        self.signalled.swap(false, Ordering::AcqRel)
    }

    /// Changes with every wake-up, whoever takes it: for those that share it with others.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// Becomes readable with a wake-up.
    pub fn descriptor(&self) -> i32 {
        self.reader.as_raw_fd()
    }
}

/// A backend's [`Wake`]: there while somebody uses it, so that an idle program holds no descriptors for it; made anew
/// in a forked child, whose parent must keep its own.
#[derive(Debug, Default)]
pub struct WakeCell(RefCell<(u32, Weak<Wake>)>);

impl WakeCell {
    /// The wake-up that is in use, if any is.
    pub fn in_use(&self) -> Option<Arc<Wake>> {
        let cell = self.0.borrow();
        if cell.0 == fork_generation() { cell.1.upgrade() } else { None }
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
