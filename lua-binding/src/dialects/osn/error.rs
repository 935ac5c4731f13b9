//! osn's words for the engine's errors: `nil, message[, errno]`.

use moonsocket_core::os::{error_text, resolver};
use moonsocket_core::{Error, ErrorKind, errno};

use super::signals;
use crate::vm::{Answer, Cx, Fault, Raise, Reply, Value, Word};

/// `nil, message[, errno]`; for a signal what is told of it.
pub(super) fn fail<'a>(cx: Cx<'a>, error: &Error) -> Answer<'a> {
    let code = match error.kind() {
        // The kernel would say so of a descriptor that is not open.
        ErrorKind::Closed => Some(errno::EBADF),
        _ => error.code(),
    };
    let words: Value<'a> = match error.kind() {
        ErrorKind::Closed => cx.bytes(error_text(errno::EBADF)),
        ErrorKind::EndOfStream => Word::Closed.into(),
        ErrorKind::Timeout | ErrorKind::Os(errno::ETIMEDOUT) => Word::Timeout.into(),
        ErrorKind::Os(errno::EPIPE | errno::ECONNRESET) => Word::Closed.into(),
        ErrorKind::Cancelled => "cancelled".into(),
        ErrorKind::Signal(number) => return Ok(signals::told(number)),
        ErrorKind::Resolve(code) => cx.bytes(resolver::message(code)),
        ErrorKind::Oversized => "oversized".into(),
        ErrorKind::OutOfMemory => "out of memory".into(),
        ErrorKind::Invalid(what) => what.into(),
        ErrorKind::Os(code) => cx.bytes(error_text(code)),
    };
    Ok(match code {
        Some(code) => Reply::Three(Value::Nil, words, Value::Integer(code.into())),
        None => Reply::Two(Value::Nil, words),
    })
}

/// Why what a program asks for is not done: a value of a wrong type raises, one that means nothing is an error like others.
pub(super) enum Refused<'a> {
    Raise(Raise<'a>),
    Error(Error),
}

impl<'a> Refused<'a> {
    /// The call's answer.
    pub(super) fn answer(self, cx: Cx<'a>) -> Answer<'a> {
        match self {
            Self::Raise(raise) => Err(raise),
            Self::Error(error) => fail(cx, &error),
        }
    }
}

impl<'a> From<Raise<'a>> for Refused<'a> {
    fn from(raise: Raise<'a>) -> Self {
        Self::Raise(raise)
    }
}

impl<'a> From<Fault<'a>> for Refused<'a> {
    fn from(fault: Fault<'a>) -> Self {
        Self::Raise(fault.into())
    }
}

impl From<Error> for Refused<'_> {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// Refuses a value, and says what is wrong with it.
pub(super) fn refused<'a, T>(what: &'static str) -> Result<T, Refused<'a>> {
    Err(Error::new(ErrorKind::Invalid(what), "osn").into())
}
