//! What the IP classes share: their family.

use moonsocket_core::{Family, number};

use crate::door::HasSocket;
use crate::vm::{Answer, Reply};

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
