//! The one error type. Its words are for Rust programs; each Lua dialect has words of its own.

use std::fmt;
use std::io;

/// Why an operation did not (fully) succeed.
///
/// Dialects match on it exhaustively, so a new kind makes each of them decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The object has no descriptor: it was closed here, or never opened.
    Closed,
    /// The peer ended the stream.
    EndOfStream,
    /// The limit ran out.
    Timeout,
    /// Another party ended the operation (close, cancel, interrupt).
    Cancelled,
    /// A signal ended the wait; only for callers that asked to be told. Holds the signal's number.
    Signal(i32),
    /// A name could not be resolved. Holds the resolver's `EAI_*` code.
    #[doc(alias = "EAI")]
    Resolve(i32),
    /// More data than the caller's maximum arrived before the pattern was complete.
    Oversized,
    /// Memory is short. Nothing was lost: what had arrived is in the partial result or the buffer.
    OutOfMemory,
    /// An argument that no system call was made for; the text says which.
    Invalid(&'static str),
    /// The operating system's error number.
    #[doc(alias = "errno")]
    Os(i32),
}

/// What failed, and why.
///
/// ```
/// use moonsocket_core::{Error, ErrorKind, errno};
///
/// let error = Error::new(ErrorKind::Os(errno::ECONNREFUSED), "connect");
/// assert!(error.is_refused());
/// assert_eq!(error.to_string(), "connect: Connection refused");
/// assert_eq!(std::io::Error::from(error).kind(), std::io::ErrorKind::ConnectionRefused);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Error {
    kind: ErrorKind,
    operation: &'static str,
}

impl Error {
    /// An error of this kind in the named operation ("receive", "connect"…).
    pub const fn new(kind: ErrorKind, operation: &'static str) -> Self {
        Self { kind, operation }
    }

    /// The error of a system call, or the one of this crate that has become an [`io::Error`].
    pub fn from_io(error: &io::Error, operation: &'static str) -> Self {
        let kind = match error.raw_os_error() {
            Some(code) => ErrorKind::Os(code),
            None => match error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
                Some(ours) => ours.kind,
                None if error.kind() == io::ErrorKind::OutOfMemory => ErrorKind::OutOfMemory,
                None => ErrorKind::Invalid("not an error of the operating system"),
            },
        };
        Self { kind, operation }
    }

    /// Why it failed.
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The name of the operation that failed.
    pub const fn operation(&self) -> &'static str {
        self.operation
    }

    /// The operating system's number, where there is one.
    pub const fn code(&self) -> Option<i32> {
        match self.kind {
            ErrorKind::Os(code) => Some(code),
            _ => None,
        }
    }

    /// The limit ran out, here or in the kernel's own retransmissions (`ETIMEDOUT`).
    pub const fn is_timeout(&self) -> bool {
        matches!(self.kind, ErrorKind::Timeout | ErrorKind::Os(libc::ETIMEDOUT))
    }

    /// No more data can pass: closed here, by the peer, or by a reset.
    pub const fn is_closed(&self) -> bool {
        use libc::{ECONNABORTED, ECONNRESET, EPIPE};
        matches!(
            self.kind,
            ErrorKind::Closed
                | ErrorKind::EndOfStream
                | ErrorKind::Os(EPIPE | ECONNRESET | ECONNABORTED)
        )
    }

    /// Nobody listens at the address.
    pub const fn is_refused(&self) -> bool {
        matches!(self.kind, ErrorKind::Os(libc::ECONNREFUSED))
    }

    /// The address is taken.
    pub const fn is_in_use(&self) -> bool {
        matches!(self.kind, ErrorKind::Os(libc::EADDRINUSE))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.operation)?;
        match self.kind {
            ErrorKind::Closed => f.write_str("the socket is closed"),
            ErrorKind::EndOfStream => f.write_str("end of stream"),
            ErrorKind::Timeout => f.write_str("timed out"),
            ErrorKind::Cancelled => f.write_str("cancelled"),
            ErrorKind::Signal(number) => write!(f, "interrupted by signal {number}"),
            ErrorKind::Resolve(code) => f.write_str(&crate::os::resolver::message(code)),
            ErrorKind::Oversized => f.write_str("more data than the maximum size"),
            ErrorKind::OutOfMemory => f.write_str("out of memory"),
            ErrorKind::Invalid(what) => f.write_str(what),
            ErrorKind::Os(code) => f.write_str(&crate::os::error_text(code)),
        }
    }
}

/// The text, and the kind: a `main` that returns the error prints this.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} ({:?})", self.kind)
    }
}

impl std::error::Error for Error {}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        match error.kind {
            ErrorKind::Os(code) => io::Error::from_raw_os_error(code),
            ErrorKind::Timeout => io::Error::new(io::ErrorKind::TimedOut, error),
            ErrorKind::EndOfStream => io::Error::new(io::ErrorKind::UnexpectedEof, error),
            ErrorKind::Closed => io::Error::new(io::ErrorKind::NotConnected, error),
            ErrorKind::Signal(_) => io::Error::new(io::ErrorKind::Interrupted, error),
            ErrorKind::OutOfMemory => io::Error::new(io::ErrorKind::OutOfMemory, error),
            ErrorKind::Invalid(_) => io::Error::new(io::ErrorKind::InvalidInput, error),
            // Not `Interrupted`, at which the standard library's loops try again.
            ErrorKind::Cancelled | ErrorKind::Resolve(_) | ErrorKind::Oversized => {
                io::Error::other(error)
            }
        }
    }
}
