//! A wake-up that another thread, or a signal handler, can send to a waiting one.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::{fmt, io};

use super::fork_generation;

/// Wakes a backend's wait from outside. Wake-ups merge: several before a wait end it once.
pub struct Wake {
    reader: UnixStream,
    writer: UnixStream,
    signalled: AtomicBool,
    count: AtomicU32,
}

impl Wake {
    /// A wake-up of its own. Uses two descriptors.
    ///
    /// # Errors
    /// No descriptors left.
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        Ok(Self { reader, writer, signalled: AtomicBool::new(false), count: AtomicU32::new(0) })
    }

    /// Ends the present or the next wait. From any thread, and from signal handlers.
    pub fn wake(&self) {
        self.count.fetch_add(1, Ordering::AcqRel);
        if !self.signalled.swap(true, Ordering::AcqRel) {
            // A full pipe has woken already.
            let _ = (&self.writer).write(&[1]);
        }
    }

    /// Takes the wake-ups so far; was there one?
    pub fn take(&self) -> bool {
        // Read whatever the mark says: the other side sets it before it writes.
        let mut bytes = [0; 16];
        while matches!((&self.reader).read(&mut bytes), Ok(count) if count == bytes.len()) {}
        self.signalled.swap(false, Ordering::AcqRel)
    }

    /// Changes with every wake-up, whoever takes it: for those that share it with others.
    pub fn count(&self) -> u32 {
        self.count.load(Ordering::Acquire)
    }

    /// Becomes readable with a wake-up.
    pub fn descriptor(&self) -> i32 {
        self.reader.as_raw_fd()
    }
}

/// A backend's [`Wake`], made when first used, and anew in a forked child, whose parent must keep its own.
#[derive(Debug, Default)]
pub struct WakeCell(RefCell<Option<(u32, Arc<Wake>)>>);

impl WakeCell {
    /// The wake-up.
    ///
    /// # Errors
    /// No descriptors left.
    pub fn get(&self) -> io::Result<Arc<Wake>> {
        let generation = fork_generation();
        let mut cell = self.0.borrow_mut();
        match &*cell {
            Some((known, wake)) if *known == generation => Ok(Arc::clone(wake)),
            _ => {
                let wake = Arc::new(Wake::new()?);
                *cell = Some((generation, Arc::clone(&wake)));
                Ok(wake)
            }
        }
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
