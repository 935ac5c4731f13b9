//! New descriptors: not on the numbers of standard input and outputs; and whether there were none left, for callers who
//! can set some free and try again.

use std::cell::Cell;
use std::io;
use std::os::fd::AsRawFd;

use super::outcome::check;
use crate::Descriptor;

thread_local! {
    static RAN_OUT: Cell<bool> = const { Cell::new(false) };
}

/// Has this thread wanted a descriptor that there was not (`EMFILE`, `ENFILE`) since this was last asked?
pub fn descriptors_ran_out() -> bool {
    RAN_OUT.replace(false)
}

/// Passes on what made a descriptor, or did not.
pub(super) fn noted<T>(outcome: io::Result<T>) -> io::Result<T> {
    if let Err(error) = &outcome
        && matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE))
    {
        RAN_OUT.set(true);
    }
    outcome
}

/// What a call says that makes a descriptor.
pub(super) fn new_descriptor(fd: Descriptor) -> io::Result<Descriptor> {
    noted(check(fd)).and_then(beyond_standard)
}

/// Where standard input or an output was closed, a new descriptor has its number: then a higher one in its place. What a
/// program prints goes to no peer, nor does such a write raise SIGPIPE, and nobody reads a peer's bytes from `stdin`.
pub(super) fn beyond_standard(fd: Descriptor) -> io::Result<Descriptor> {
    if fd > libc::STDERR_FILENO {
        return Ok(fd);
    }
    // SAFETY: no pointers; the descriptor is new, and nobody else's.
    let moved = check(unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, libc::STDERR_FILENO + 1) });
    // SAFETY: as above.
    unsafe { libc::close(fd) };
    moved
}

/// Makes something whose descriptor is none of the standard streams' numbers, and cannot be moved to another: makes it
/// again, until it has a higher one. What it has besides gets the numbers that follow.
///
/// # Errors
/// Those of `make`.
pub fn made_beyond_standard<T: AsRawFd>(make: impl Fn() -> io::Result<T>) -> io::Result<T> {
    let mut made = make()?;
    let mut low = Vec::new();
    while made.as_raw_fd() <= libc::STDERR_FILENO {
        low.push(std::mem::replace(&mut made, make()?));
    }
    Ok(made)
}

/// Makes the number of `old` another one for what `new` is, and closes what it was.
///
/// # Safety
/// Whoever goes on to use `old` expects that.
///
/// # Errors
/// What the system says; `old` is then what it was.
#[doc(alias = "dup2")]
pub unsafe fn replace_descriptor(old: &impl AsRawFd, new: &impl AsRawFd) -> io::Result<()> {
    // SAFETY: no pointers.
    check(unsafe { libc::dup3(new.as_raw_fd(), old.as_raw_fd(), libc::O_CLOEXEC) }).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_once() {
        let _ = noted::<()>(Err(io::Error::from_raw_os_error(libc::ECONNREFUSED)));
        assert!(!descriptors_ran_out());
        let _ = noted::<()>(Err(io::Error::from_raw_os_error(libc::EMFILE)));
        assert!(descriptors_ran_out() && !descriptors_ran_out());
    }
}
