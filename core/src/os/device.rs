//! Terminals and FIFOs.

use std::ffi::CString;
use std::io;

use super::Socket;
use super::outcome::check;

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
