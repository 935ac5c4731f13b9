//! What the IP classes share: their family, and where they are bound and connect to.

use moonsocket_core::ops::{Bind, Connect};
use moonsocket_core::{Error, Family, Kind, number};

use crate::convert;
use crate::door::HasSocket;
use crate::vm::{Answer, Digits, Reply};

/// `getfamily()`.
pub(super) fn getfamily<T: HasSocket>(this: &mut T) -> Answer<'static> {
    let family = this.socket().handle.family();
    Ok(Reply::one(if family == number::AF_INET6 { "inet6" } else { "inet4" }))
}

/// The family of the addresses that an object takes, once its descriptor has an address itself.
pub(super) fn settled(before: Family, descriptor: i32) -> Family {
    match descriptor {
        number::AF_INET => Family::V4,
        number::AF_INET6 => Family::V6,
        _ => before,
    }
}

/// The operation that binds a socket of this type to there.
pub(super) fn bind(
    (host, service): (&[u8], &[u8]),
    family: Family,
    socktype: i32,
) -> Result<Bind, Error> {
    let kind = Kind { family: number::AF_UNSPEC, socktype, protocol: 0 };
    let query = convert::query(host, service, family, socktype, true)?;
    Ok(Bind::resolve(query, kind))
}

/// The operation that connects a socket of this type to there.
pub(super) fn connect(
    (host, service): (&[u8], Digits<'_>),
    family: Family,
    socktype: i32,
) -> Result<Connect, Error> {
    let kind = Kind { family: number::AF_UNSPEC, socktype, protocol: 0 };
    if let Some(address) = convert::numeric_address(host, service, family) {
        return Ok(Connect::new([address], kind));
    }
    let query = convert::query(host, &service.text(), family, socktype, false)?;
    Ok(Connect::resolve(query, kind))
}
