//! Texts of addresses and ports, and names of Unix sockets.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use moonsocket_core::{
    Address, ErrorKind, Family, Opaque, Query, UnixName, parse_dotted_quad, parse_ipv4, parse_ipv6,
};

/// Reads `input` in every way in which a text can be an address.
///
/// # Panics
/// When what is read is not what the naive reading gives.
pub fn addresses(input: &[u8]) {
    unix_name(input);
    let Ok(text) = std::str::from_utf8(input) else { return };
    assert_eq!(parse_ipv4(text), inet_aton(text), "{text:?}");
    assert_eq!(parse_dotted_quad(text.as_bytes()), text.parse().ok(), "{text:?}");
    ipv6(text);
    let (host, service) = text.rsplit_once(':').unwrap_or((text, ""));
    query(host, service);
}

/// What the C library's function of this name makes of it, by its description: one to four numbers, the last of which
/// fills what is left.
fn inet_aton(text: &str) -> Option<Ipv4Addr> {
    let mut value: u64 = 0;
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() > 4 {
        return None;
    }
    for (index, part) in parts.iter().enumerate() {
        let number = c_number(part)?;
        let is_last = index + 1 == parts.len();
        let bytes = if is_last { 4 - index } else { 1 };
        if number >= 1 << (8 * bytes) {
            return None;
        }
        value = (value << (8 * bytes)) + number;
    }
    Some(Ipv4Addr::from(u32::try_from(value).ok()?))
}

/// A number as C writes it, too large ones cut to the largest.
fn c_number(text: &str) -> Option<u64> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', digits @ ..] if !digits.is_empty() => (digits, 16),
        [b'0', digits @ ..] if !digits.is_empty() => (digits, 8),
        [] => return None,
        digits => (digits, 10),
    };
    digits.iter().try_fold(0u64, |value, &digit| {
        let digit = u64::from(char::from(digit).to_digit(radix)?);
        Some(value.saturating_mul(radix.into()).saturating_add(digit))
    })
}

fn ipv6(text: &str) {
    let plain: Option<Ipv6Addr> = text.parse().ok();
    let read = parse_ipv6(text, 7);
    if let Some(ip) = plain {
        assert_eq!(read, Some(SocketAddr::new(ip.into(), 7)), "{text:?}");
    }
    if let Some(SocketAddr::V6(address)) = read {
        let again = address.ip().to_string();
        assert_eq!(parse_ipv6(&again, 7).map(|a| a.ip()), Some((*address.ip()).into()));
        assert_eq!(address.scope_id() != 0, text.contains('%'), "{text:?}");
    }
}

fn query(host: &str, service: &str) {
    for family in [Family::Any, Family::V4, Family::V6] {
        let query = Query { family, ..Query::new(host, service, libc::SOCK_STREAM) };
        let Some(found) = query.numeric() else { continue };
        // What a C library skips before a number.
        let port = service.trim_start_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
        let port = port.strip_prefix('+').unwrap_or(port);
        let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let found = match found {
            Ok(found) => found,
            // All that is refused without asking the resolver: it would take the port modulo 65536.
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Resolve(libc::EAI_SERVICE), "{query:?}");
                assert!(digits && port.parse::<u16>().is_err(), "{query:?}");
                continue;
            }
        };
        let Some(SocketAddr::V4(_) | SocketAddr::V6(_)) = socket_address(&found[0].address) else {
            panic!("{query:?}: {found:?}");
        };
        assert_eq!(found[0].address.port(), port.parse().ok(), "{query:?}");
        assert!(digits, "{query:?}");
        let is_v4 = found[0].address.family() == libc::AF_INET;
        assert!(family == Family::Any || is_v4 == (family == Family::V4), "{query:?}");
    }
}

fn socket_address(address: &Address) -> Option<SocketAddr> {
    Some(SocketAddr::new(address.ip()?, address.port()?))
}

fn unix_name(bytes: &[u8]) {
    let is_abstract = bytes.first() == Some(&0);
    let fits = bytes.len() <= UnixName::MAX && (is_abstract || !bytes.contains(&0));
    let name = UnixName::new(bytes);
    assert_eq!(name.is_some(), fits);
    if let Some(name) = name {
        assert_eq!(name.as_bytes(), bytes);
        assert_eq!(name.is_abstract(), is_abstract);
        let text = Address::Unix(name).to_string();
        assert!(text.starts_with("unix:"));
        if std::str::from_utf8(bytes).is_ok() && !matches!(bytes.first(), None | Some(b'@')) {
            assert_eq!(text.parse(), Ok(Address::Unix(name)));
        }
    }
    let opaque = Opaque::new(99, bytes);
    assert_eq!(opaque.is_some(), bytes.len() <= 126);
    assert!(opaque.is_none_or(|opaque| opaque.data() == bytes));
}
