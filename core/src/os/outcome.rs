//! What a system call answers, as a `Result`, and the text of its error.

use std::io;

/// Of a call that answers -1 for a failure, and else a number or nothing.
pub(super) fn check(outcome: i32) -> io::Result<i32> {
    if outcome < 0 { Err(io::Error::last_os_error()) } else { Ok(outcome) }
}

/// Of a call that answers -1 for a failure, and else how many bytes.
pub(super) fn count(outcome: isize) -> io::Result<usize> {
    usize::try_from(outcome).map_err(|_| io::Error::last_os_error())
}

/// The system's text for an error number, without decoration.
#[doc(alias = "strerror")]
pub fn error_text(code: i32) -> String {
    let mut text = [0u8; 256];
    // SAFETY: libc's `strerror_r` is the POSIX one, which writes a closed string into the given room.
    unsafe { libc::strerror_r(code, text.as_mut_ptr().cast(), text.len()) };
    let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
    String::from_utf8_lossy(&text[..end]).into_owned()
}
