//! What the IP classes share: the questions that their addresses ask, and their family's name.

use moonsocket_core::{Error, ErrorKind, Family, Query, eai, number};

use crate::convert;
use crate::door::HasSocket;
use crate::vm::{Answer, Reply};

/// What an address and a port ask for.
///
/// # Errors
/// Of the resolver's kind, for texts that it need not be asked about.
pub(super) fn query(
    host: &[u8],
    service: &[u8],
    family: Family,
    socktype: i32,
    passive: bool,
) -> Result<Query, Error> {
    let bad = |code| Error::new(ErrorKind::Resolve(code), "lookup");
    if convert::is_bad_port(service) {
        return Err(bad(eai::EAI_SERVICE));
    }
    convert::query(host, service, family, socktype, passive).ok_or_else(|| bad(eai::EAI_NONAME))
}

/// `getfamily()`.
pub(super) fn getfamily<T: HasSocket>(this: &mut T) -> Answer<'static> {
    let family = this.socket().handle.family();
    Ok(Reply::one(if family == number::AF_INET6 { "inet6" } else { "inet4" }))
}
