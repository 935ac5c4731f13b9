//! Emilua's errors: a code and the name of its category, of which the Lua half makes the error to be raised.

use moonsocket_core::{Error, ErrorKind, eai, errno};

use crate::socket::Engine;
use crate::vm::{Answer, Cx, Reply, Value};

/// The operating system's numbers.
pub(super) const SYSTEM: &str = "system";
/// The same numbers, for errors of Emilua's own.
pub(super) const GENERIC: &str = "generic";
/// Emilua's fibers.
pub(super) const CORE: &str = "emilua.core";

/// A call that waits where none may.
pub(super) const FORBIDDEN: i32 = 12;
/// The fiber is to end.
pub(super) const INTERRUPTED: i32 = 13;

/// `nil, code, category`.
pub(super) fn fail<'a>(cx: Cx<'a>, error: &Error) -> Answer<'a> {
    let (code, category) = match error.kind() {
        ErrorKind::Closed => (errno::EBADF, SYSTEM),
        ErrorKind::EndOfStream => (2, "asio.misc"),
        ErrorKind::Timeout => (errno::ETIMEDOUT, SYSTEM),
        ErrorKind::Cancelled => {
            let current = Engine::of(cx).fibers.current();
            if current.is_some_and(|fiber| fiber.is_interrupted()) {
                (INTERRUPTED, CORE)
            } else {
                (errno::ECANCELED, SYSTEM)
            }
        }
        ErrorKind::Signal(_) => (errno::EINTR, SYSTEM),
        ErrorKind::Resolve(code) => resolver(code),
        ErrorKind::Oversized => (errno::EMSGSIZE, SYSTEM),
        ErrorKind::OutOfMemory => (errno::ENOMEM, SYSTEM),
        ErrorKind::Invalid(_) => (errno::EINVAL, SYSTEM),
        ErrorKind::Os(code) => (code, SYSTEM),
    };
    coded(code, category)
}

/// As asio sorts the resolver's answers: what is about the host, and what about the service.
fn resolver(code: i32) -> (i32, &'static str) {
    const NETDB: &str = "asio.netdb";
    match code {
        eai::EAI_NONAME => (1, NETDB),
        eai::EAI_AGAIN => (2, NETDB),
        eai::EAI_FAIL => (3, NETDB),
        eai::EAI_SERVICE | eai::EAI_SOCKTYPE => (code, "asio.addrinfo"),
        eai::EAI_BADFLAGS => (errno::EINVAL, SYSTEM),
        eai::EAI_FAMILY => (errno::EAFNOSUPPORT, SYSTEM),
        eai::EAI_MEMORY => (errno::ENOMEM, SYSTEM),
        // No address of the family that was asked for.
        _ => (4, NETDB),
    }
}

/// `nil, code, category`.
pub(super) fn coded<'a>(code: i32, category: &'static str) -> Answer<'a> {
    Ok(Reply::Three(Value::Nil, Value::Integer(code.into()), category.into()))
}

/// `nil, code, "generic", argument`: what is wrong with the argument of this number.
pub(super) fn blame<'a>(code: i32, argument: i32) -> Answer<'a> {
    let code = Value::Integer(code.into());
    Ok(Reply::Four(Value::Nil, code, GENERIC.into(), Value::Integer(argument.into())))
}

/// [`blame`] for what is simply no such thing.
pub(super) fn invalid<'a>(argument: i32) -> Answer<'a> {
    Ok(wrong(argument))
}

/// The same for [`Body::misplaced`](crate::vm::Body::misplaced): the object is argument 1.
pub(super) fn misplaced() -> Option<Reply<'static>> {
    Some(wrong(1))
}

fn wrong<'a>(argument: i32) -> Reply<'a> {
    let code = Value::Integer(errno::EINVAL.into());
    Reply::Four(Value::Nil, code, GENERIC.into(), Value::Integer(argument.into()))
}
