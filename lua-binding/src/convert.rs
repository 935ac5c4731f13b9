//! Between Lua's ideas of addresses and the engine's, for every dialect.

use std::net::{IpAddr, SocketAddr};

use moonsocket_core::os::resolver::interface_name;
use moonsocket_core::{Address, Family, Query};

/// The text of an IP address, with the name of its interface where it is bound to one ("fe80::1%eth0").
pub(crate) fn ip_text(address: &SocketAddr) -> String {
    let ip = address.ip().to_string();
    match address {
        SocketAddr::V6(v6) if v6.scope_id() != 0 => {
            let scope = interface_name(v6.scope_id());
            format!("{ip}%{}", scope.unwrap_or_else(|| v6.scope_id().to_string()))
        }
        _ => ip,
    }
}

/// What a program's host and service texts ask for. `*` as a host is no host: the loopback to connect to, any
/// address to bind to. `None`: the texts can be no names.
pub(crate) fn query(
    host: &[u8],
    service: &[u8],
    family: Family,
    socktype: i32,
    passive: bool,
) -> Option<Query> {
    let host = std::str::from_utf8(host).ok()?;
    let service = std::str::from_utf8(service).ok()?;
    if host.contains('\0') || service.contains('\0') {
        return None;
    }
    Some(Query {
        host: (host != "*").then(|| host.to_owned()),
        service: Some(service.to_owned()),
        family,
        socktype,
        passive,
        ..Query::default()
    })
}

/// Is it a number outside of what a port can be? (The resolver would take it modulo 65536.)
pub(crate) fn is_bad_port(service: &[u8]) -> bool {
    let digits = !service.is_empty() && service.iter().all(u8::is_ascii_digit);
    digits && std::str::from_utf8(service).is_ok_and(|text| text.parse::<u16>().is_err())
}

/// An address and a port in their plain numeric forms, without the resolver and without allocating. `None`: it has
/// to be asked, be it for its error.
pub(crate) fn numeric_address(host: &[u8], service: &[u8], family: Family) -> Option<Address> {
    let ip: IpAddr = std::str::from_utf8(host).ok()?.parse().ok()?;
    let fits = match family {
        Family::Any => true,
        Family::V4 => ip.is_ipv4(),
        Family::V6 => ip.is_ipv6(),
    };
    // A sign would pass as part of a number.
    let plain = fits && service.first()?.is_ascii_digit();
    let port = std::str::from_utf8(service).ok()?.parse().ok()?;
    plain.then(|| SocketAddr::new(ip, port).into())
}
