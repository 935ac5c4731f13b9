//! Terminals and FIFOs: what is no socket, but read and written as a stream all the same.

use std::ffi::{CString, c_void};
use std::io::{self, IoSlice};

use super::socket::check;
use super::{Socket, vectored};
use crate::Mode;

/// Opens a device for reading and writing, close-on-exec; it does not become the controlling terminal.
///
/// # Errors
/// What the system says, or `EINVAL` for a path with a NUL inside.
pub fn open_device(path: &[u8]) -> io::Result<Socket> {
    let path = CString::new(path).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))?;
    let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC | libc::O_NONBLOCK;
    // SAFETY: the path is closed by a NUL and lives until the call returns.
    let fd = check(unsafe { libc::open(path.as_ptr(), flags) })?;
    Ok(Socket::device(fd))
}

/// `read(2)` in a mode that it has no flag for.
///
/// # Safety
/// `into` points to `len` writable bytes.
pub(super) unsafe fn read(socket: &Socket, into: *mut c_void, len: usize, mode: Mode) -> isize {
    match prepare(socket, mode) {
        // SAFETY: as the caller promises.
        Ok(fd) => unsafe { libc::read(fd, into, len) },
        Err(_) => -1,
    }
}

/// `write(2)`, as above. A FIFO that we opened ourselves has a reader, so this raises no SIGPIPE.
///
/// # Safety
/// `from` points to `len` readable bytes.
pub(super) unsafe fn write(socket: &Socket, from: *const c_void, len: usize, mode: Mode) -> isize {
    match prepare(socket, mode) {
        // SAFETY: as the caller promises.
        Ok(fd) => unsafe { libc::write(fd, from, len) },
        Err(_) => -1,
    }
}

/// As [`write`], of several pieces.
pub(super) fn write_vectored(socket: &Socket, data: &[IoSlice<'_>], mode: Mode) -> isize {
    prepare(socket, mode).map_or(-1, |fd| vectored::write(fd, data))
}

fn prepare(socket: &Socket, mode: Mode) -> io::Result<i32> {
    use crate::Transport as _;
    socket.set_nonblocking(mode != Mode::Wait)?;
    Ok(socket.descriptor())
}
