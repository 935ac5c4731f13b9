//! LuaSocket's words for the engine's errors.

use moonsocket_core::os::{error_text, resolver};
use moonsocket_core::{Error, ErrorKind, eai, errno};

use crate::vm::{Answer, Cx, Reply, Value, Word};

/// The message for an error.
pub(super) fn words<'a>(cx: Cx<'a>, error: &Error) -> Value<'a> {
    match error.kind() {
        ErrorKind::Closed | ErrorKind::EndOfStream => Word::Closed.into(),
        ErrorKind::Timeout => Word::Timeout.into(),
        ErrorKind::Cancelled => "cancelled".into(),
        ErrorKind::Signal(_) => "interrupted".into(),
        ErrorKind::Resolve(code) => resolver_words(cx, code),
        ErrorKind::Oversized => "oversized".into(),
        ErrorKind::OutOfMemory => "out of memory".into(),
        ErrorKind::Invalid(what) => what.into(),
        ErrorKind::Os(code) => os_words(cx, code),
    }
}

/// `nil, message, errno` for calls that upstream passes to the system even without a descriptor.
pub(super) fn fail_system<'a>(cx: Cx<'a>, error: &Error) -> Answer<'a> {
    match error.kind() {
        ErrorKind::Closed => fail(cx, &Error::new(ErrorKind::Os(errno::EBADF), error.operation())),
        _ => fail(cx, error),
    }
}

/// The message for a system error number.
pub(super) fn os_words(cx: Cx<'_>, code: i32) -> Value<'_> {
    match code {
        errno::EPIPE | errno::ECONNRESET | errno::ECONNABORTED => Word::Closed.into(),
        errno::ETIMEDOUT => Word::Timeout.into(),
        errno::EISCONN => "already connected".into(),
        errno::EADDRINUSE => "address already in use".into(),
        errno::EACCES => "permission denied".into(),
        errno::ECONNREFUSED => "connection refused".into(),
        _ => cx.bytes(error_text(code)),
    }
}

fn resolver_words(cx: Cx<'_>, code: i32) -> Value<'_> {
    match code {
        eai::EAI_AGAIN => "temporary failure in name resolution".into(),
        eai::EAI_BADFLAGS => "invalid value for ai_flags".into(),
        eai::EAI_FAIL => "non-recoverable failure in name resolution".into(),
        eai::EAI_FAMILY => "ai_family not supported".into(),
        eai::EAI_MEMORY => "memory allocation failure".into(),
        eai::EAI_NONAME => "host or service not provided, or not known".into(),
        eai::EAI_OVERFLOW => "argument buffer overflow".into(),
        eai::EAI_SERVICE => "service not supported for socket type".into(),
        eai::EAI_SOCKTYPE => "ai_socktype not supported".into(),
        _ => cx.bytes(resolver::message(code)),
    }
}

/// `nil, message[, errno]`.
pub(super) fn fail<'a>(cx: Cx<'a>, error: &Error) -> Answer<'a> {
    Ok(failure(words(cx, error), error))
}

/// `nil, message[, errno]` with a message of the caller's.
pub(super) fn failure<'a>(message: Value<'a>, error: &Error) -> Reply<'a> {
    match error.code() {
        Some(code) => Reply::Three(Value::Nil, message, Value::Integer(code.into())),
        None => Reply::Two(Value::Nil, message),
    }
}
