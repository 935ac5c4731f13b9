//! Two sockets that are connected to each other.

use std::io;

use super::Socket;
use super::made::{beyond_standard, noted};
use super::outcome::check;
use crate::Kind;

/// A connected pair of Unix sockets.
///
/// # Errors
/// What the system says.
#[doc(alias = "socketpair")]
pub fn pair(kind: Kind) -> io::Result<(Socket, Socket)> {
    let mut fds = [-1; 2];
    // SAFETY: the pointer is to two ints, as the call wants.
    noted(check(unsafe {
        let socktype = kind.socktype | libc::SOCK_CLOEXEC;
        libc::socketpair(kind.family, socktype, kind.protocol, fds.as_mut_ptr())
    }))?;
    let [one, other] = fds.map(beyond_standard);
    // Whichever there is goes with its object.
    let (one, other) = (one.map(Socket::of), other.map(Socket::of));
    Ok((one?, other?))
}
