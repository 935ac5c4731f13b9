//! osn's words for the engine's errors: `nil, message[, errno]`.

use moonsocket_core::os::{error_text, resolver};
use moonsocket_core::{Error, ErrorKind, errno};

use super::signals;
use crate::vm::{Answer, Cx, Reply, Value, Word};

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
