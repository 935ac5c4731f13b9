//! What the IP classes share: their family's name.

use moonsocket_core::number;

use crate::door::HasSocket;
use crate::vm::{Answer, Reply};

/// `getfamily()`.
pub(super) fn getfamily<T: HasSocket>(this: &mut T) -> Answer<'static> {
    let family = this.socket().handle.family();
    Ok(Reply::one(if family == number::AF_INET6 { "inet6" } else { "inet4" }))
}
