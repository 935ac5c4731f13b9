//! A descriptor of the library's own, that others may close.

use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use crate::Descriptor;

/// A number, and what it stood for when it came here. A program that becomes a daemon closes whatever it finds open, and
/// the next files that it opens get the numbers: those are not ours to read or write. All of this may be done in a signal
/// handler.
#[derive(Debug)]
pub(super) struct Kept {
    number: AtomicI32,
    device: AtomicU64,
    inode: AtomicU64,
}

impl Kept {
    /// None.
    pub(super) const fn none() -> Self {
        Self { number: AtomicI32::new(-1), device: AtomicU64::new(0), inode: AtomicU64::new(0) }
    }

    /// This one.
    pub(super) fn of(descriptor: Descriptor) -> Self {
        let kept = Self::none();
        kept.set(descriptor);
        kept
    }

    /// Keeps this one from now on; -1 for none.
    pub(super) fn set(&self, descriptor: Descriptor) {
        let (device, inode) = file(descriptor).unwrap_or_default();
        self.device.store(device, Ordering::SeqCst);
        self.inode.store(inode, Ordering::SeqCst);
        self.number.store(descriptor, Ordering::SeqCst);
    }

    /// Its number, whatever it stands for now; -1 for none.
    pub(super) fn number(&self) -> Descriptor {
        self.number.load(Ordering::SeqCst)
    }

    /// Its number, where that stands for the same file as ever. Or for another of its kind: Linux has one inode for all
    /// eventfds.
    pub(super) fn get(&self) -> Option<Descriptor> {
        let known = (self.device.load(Ordering::SeqCst), self.inode.load(Ordering::SeqCst));
        let number = self.number();
        (number >= 0 && file(number) == Some(known)).then_some(number)
    }
}

/// Device and inode.
fn file(descriptor: Descriptor) -> Option<(u64, u64)> {
    // SAFETY: a stat is plain data for which all zeros are a value; the call writes one that lives until it returns.
    unsafe {
        let mut about: libc::stat = std::mem::zeroed();
        let asked = libc::fstat(descriptor, &raw mut about);
        #[allow(clippy::unnecessary_cast, reason = "their types differ from system to system")]
        (asked == 0).then_some((about.st_dev as u64, about.st_ino as u64))
    }
}
