//! Constants, and error numbers by name.

use moonsocket_core::{errno, number};

use crate::vm::{Answer, Constant, Raise, Reply};

/// A list of constants that the system numbers, and of those that are numbered here.
macro_rules! constants {
    ($($name:literal = $value:expr,)*) => {
        /// The fields of the module that are numbers.
        pub(super) const CONSTANTS: &[(&str, Constant)] =
            &[$(($name, Constant::Integer($value as i64)),)*];
    };
}

constants! {
    "AF_INET" = number::AF_INET,
    "AF_INET6" = number::AF_INET6,
    "AF_IPX" = number::AF_IPX,
    "AF_UNIX" = number::AF_UNIX,
    "AF_UNSPEC" = number::AF_UNSPEC,
    "PF_INET" = number::AF_INET,
    "PF_INET6" = number::AF_INET6,
    "PF_IPX" = number::AF_IPX,
    "PF_UNIX" = number::AF_UNIX,
    "PF_UNSPEC" = number::AF_UNSPEC,
    "AI_PASSIVE" = number::AI_PASSIVE,
    "IPPROTO_TCP" = number::IPPROTO_TCP,
    "IPPROTO_UDP" = number::IPPROTO_UDP,
    "MSG_CONFIRM" = number::MSG_CONFIRM,
    "MSG_DONTROUTE" = number::MSG_DONTROUTE,
    "MSG_DONTWAIT" = number::MSG_DONTWAIT,
    "MSG_EOR" = number::MSG_EOR,
    "MSG_MORE" = number::MSG_MORE,
    "MSG_NOSIGNAL" = number::MSG_NOSIGNAL,
    "MSG_OOB" = number::MSG_OOB,
    "SOCK_DGRAM" = number::SOCK_DGRAM,
    "SOCK_RAW" = number::SOCK_RAW,
    "SOCK_SEQPACKET" = number::SOCK_SEQPACKET,
    "SOCK_STREAM" = number::SOCK_STREAM,
    // The same on every system.
    "SHUT_RD" = 0,
    "SHUT_WR" = 1,
    "SHUT_RDWR" = 2,
    "SD_RECEIVE" = 0,
    "SD_SEND" = 1,
    "SD_BOTH" = 2,
}

/// `socket_geterrnobyname(name)`.
pub(super) fn by_name(name: &[u8]) -> Answer<'_> {
    let known = errno::NAMED.iter().find(|(known, _)| known.as_bytes() == name);
    match known {
        Some((_, number)) => Ok(Reply::one(i64::from(*number))),
        None => Err(Raise::quoting(1, "there is no error named '", name, "'")),
    }
}
