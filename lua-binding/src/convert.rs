//! Between Lua's ideas of addresses and the engine's, for every dialect.

use std::io::Write as _;
use std::net::SocketAddr;

use moonsocket_core::os;
use moonsocket_core::os::interfaces::interface_name;
use moonsocket_core::os::resolver;
use moonsocket_core::{
    Address, Error, ErrorKind, Family, Query, UnixName, Value, dotted_quad, eai, errno,
    is_of_one_link, number, parse_dotted_quad, parse_ipv6,
};

use crate::vm::{self, Cx, Digits};

/// The text of an IP address, with the name of its interface where it is bound to one ("fe80::1%eth0").
pub(crate) fn ip_text(address: &SocketAddr) -> String {
    let mut text = Vec::new();
    write_ip(&mut text, address);
    String::from_utf8(text).unwrap_or_default()
}

/// [`ip_text`] as a result.
pub(crate) fn ip_value<'a>(cx: Cx<'a>, address: &SocketAddr) -> vm::Value<'a> {
    match address {
        SocketAddr::V4(v4) => vm::Value::DottedQuad(*v4.ip()),
        SocketAddr::V6(_) => cx.bytes(ip_text(address)),
    }
}

/// Appends [`ip_text`].
pub(crate) fn write_ip(text: &mut Vec<u8>, address: &SocketAddr) {
    match address {
        SocketAddr::V4(v4) => text.extend_from_slice(dotted_quad(*v4.ip(), &mut [0; 16])),
        SocketAddr::V6(v6) => {
            // A vector takes whatever is written to it.
            let _ = write!(text, "{}", v6.ip());
            if v6.scope_id() != 0 {
                let named = is_of_one_link(v6.ip());
                let scope = named.then(|| interface_name(v6.scope_id())).flatten();
                let scope = scope.unwrap_or_else(|| v6.scope_id().to_string());
                let _ = write!(text, "%{scope}");
            }
        }
    }
}

/// What a program's host and service texts ask for. `*` as a host is no host: the loopback to connect to, any
/// address to bind to.
///
/// # Errors
/// Of the resolver's kind, for texts that it need not be asked about.
pub(crate) fn query(
    host: &[u8],
    service: &[u8],
    family: Family,
    socktype: i32,
    passive: bool,
) -> Result<Query, Error> {
    let name = |bytes| match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text.to_owned()),
        _ => Err(Error::new(ErrorKind::Resolve(eai::EAI_NONAME), "lookup")),
    };
    let host = if host == b"*" { None } else { Some(name(host)?) };
    let service = Some(name(service)?);
    Ok(Query { host, service, family, socktype, passive, ..Query::default() })
}

/// An address and a port in their plain numeric forms, without the resolver and without allocating. `None`: it has
/// to be asked, be it for its error.
#[inline]
pub(crate) fn numeric_address(host: &[u8], service: Digits<'_>, family: Family) -> Option<Address> {
    let port = match service {
        Digits::Number(port) => port,
        // A sign would pass as part of a number.
        Digits::Text(text) if text.first()?.is_ascii_digit() => {
            std::str::from_utf8(text).ok()?.parse().ok()?
        }
        Digits::Text(_) => return None,
    };
    ip_address(host, port, family).map(Into::into)
}

/// A numeric address of this family, IPv6 also with the interface that it is bound to, and a port.
#[inline]
pub(crate) fn ip_address(host: &[u8], port: u16, family: Family) -> Option<SocketAddr> {
    let address = match parse_dotted_quad(host) {
        Some(ip) => (ip, port).into(),
        None => parse_ipv6(std::str::from_utf8(host).ok()?, port)?,
    };
    let fits = match family {
        Family::Any => true,
        Family::V4 => address.is_ipv4(),
        Family::V6 => address.is_ipv6(),
    };
    fits.then_some(address)
}

/// The family of that number, of those that names are looked up in.
pub(crate) fn family_of(number: i32) -> Family {
    match number {
        number::AF_INET => Family::V4,
        number::AF_INET6 => Family::V6,
        _ => Family::Any,
    }
}

/// The Unix address that a path or an abstract name is.
///
/// # Errors
/// It is longer than the system's addresses, or has a NUL inside.
pub(crate) fn unix_address(path: &[u8]) -> Result<Address, Error> {
    match UnixName::new(path) {
        Some(name) => Ok(Address::Unix(name)),
        None if path.len() > UnixName::MAX => {
            Err(Error::new(ErrorKind::Invalid("path too long"), "path"))
        }
        None => Err(Error::new(ErrorKind::Os(errno::EINVAL), "path")),
    }
}

/// The name of a network interface as an option's value, empty for none; `None`: no interface has a name like that.
pub(crate) fn interface(name: &[u8]) -> Option<Value> {
    let fits = name.len() <= 15 && !name.contains(&0);
    let mut bytes = [0; 16];
    bytes.get_mut(..name.len()).filter(|_| fits)?.copy_from_slice(name);
    Some(Value::Name(bytes))
}

/// The interface's name in an option's value.
pub(crate) fn interface_text(name: &[u8; 16]) -> &[u8] {
    let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
    &name[..end]
}

/// The number that the system's calls would give for an error, for dialects whose errors are such numbers; a negative one
/// is the resolver's.
pub(crate) fn error_number(error: &Error) -> i32 {
    match error.kind() {
        ErrorKind::Closed => errno::EBADF,
        ErrorKind::EndOfStream => errno::EPIPE,
        ErrorKind::Timeout => errno::EAGAIN,
        ErrorKind::Cancelled => errno::ECANCELED,
        ErrorKind::Signal(_) => errno::EINTR,
        ErrorKind::Resolve(code) | ErrorKind::Os(code) => code,
        ErrorKind::Oversized => errno::EMSGSIZE,
        ErrorKind::OutOfMemory => errno::ENOMEM,
        ErrorKind::Invalid(_) => errno::EINVAL,
    }
}

/// The system's text for such a number.
pub(crate) fn error_text(number: i32) -> String {
    if number < 0 { resolver::message(number) } else { os::error_text(number) }
}
