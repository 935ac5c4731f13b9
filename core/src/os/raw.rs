//! Sockets in and out: descriptors of the standard library and of other crates.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

use super::Socket;
use super::outcome::check;
use crate::Transport;

impl AsRawFd for Socket {
    fn as_raw_fd(&self) -> RawFd {
        self.descriptor()
    }
}

/// As it is, perhaps non-blocking.
impl IntoRawFd for Socket {
    fn into_raw_fd(self) -> RawFd {
        self.into_descriptor()
    }
}

impl From<OwnedFd> for Socket {
    fn from(descriptor: OwnedFd) -> Self {
        Self::of(descriptor.into_raw_fd())
    }
}

/// Blocking again, as the standard library has them, but where a [duplicate](Transport::duplicate) has a say in that: a
/// listener is non-blocking here, and so is what was connected within a limit. Fails for a number that is not open.
impl TryFrom<Socket> for OwnedFd {
    type Error = io::Error;

    fn try_from(socket: Socket) -> io::Result<Self> {
        if !socket.is_shared() {
            socket.set_nonblocking(false)?;
        }
        // SAFETY: no pointers.
        check(unsafe { libc::fcntl(socket.descriptor(), libc::F_GETFD) })?;
        // SAFETY: it is open, as the call has just said, and the socket gives it up.
        Ok(unsafe { Self::from_raw_fd(socket.into_descriptor()) })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::net::UnixStream;
    use std::time::Duration;

    use super::*;
    use crate::os::pair;
    use crate::{Kind, Mode};

    #[test]
    fn what_the_standard_library_gets_blocks() {
        let kind = Kind::stream(libc::AF_UNIX);
        let (one, _other) = pair(kind).expect("descriptors");
        one.set_nonblocking(true).expect("it is open");
        let mut one = UnixStream::from(OwnedFd::try_from(one).expect("it is open"));
        one.set_read_timeout(Some(Duration::from_millis(20))).expect("a stream has one");
        let begin = std::time::Instant::now();
        one.read(&mut [0]).expect_err("nothing comes");
        assert!(begin.elapsed() >= Duration::from_millis(20));
        let listener = Socket::open(kind, Mode::Now).expect("descriptors");
        let copy = listener.duplicate().expect("descriptors");
        drop(OwnedFd::try_from(listener).expect("it is open"));
        // SAFETY: no pointers.
        let flags = unsafe { libc::fcntl(copy.as_raw_fd(), libc::F_GETFL) };
        assert!(flags & libc::O_NONBLOCK != 0, "the copy counts on it");
    }

    #[test]
    fn a_number_that_is_not_open_is_no_descriptor() {
        for number in [-1, 1_000_000] {
            let none = OwnedFd::try_from(Socket::of(number));
            assert_eq!(
                none.map_err(|error| error.raw_os_error()).map(drop),
                Err(Some(libc::EBADF))
            );
        }
    }
}
