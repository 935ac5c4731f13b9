//! What is asked of the resolver, what it answers, and the numeric forms for which it need not be asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use crate::os::{interfaces, is_known_here};
use crate::{Address, Error, ErrorKind, Kind, parse_dotted_quad};

/// Which address families are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Family {
    /// Whatever the resolver finds.
    #[default]
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

/// What is to be resolved.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Query {
    /// A name or numeric address; `None`: the loopback, or any address when `passive`.
    pub host: Option<String>,
    /// A service name or number; `None`: port 0.
    pub service: Option<String>,
    /// The families wanted.
    pub family: Family,
    /// The socket type (`SOCK_STREAM`…) wanted, 0 for any.
    pub socktype: i32,
    /// Is it an address to bind to?
    pub passive: bool,
    /// Ask for the canonical name too.
    pub canonical: bool,
    /// Only numeric hosts.
    pub numeric_host: bool,
    /// Only numeric services.
    pub numeric_service: bool,
    /// IPv4 addresses as IPv6 ones where IPv6 is wanted and there are no others.
    pub v4_mapped: bool,
    /// With `v4_mapped`: where there are others, too.
    pub all_matching: bool,
    /// Only families of which the machine has an address.
    pub address_configured: bool,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Found {
    /// The address, with the service's port.
    pub address: Address,
    /// The socket type it is for; 0 where nothing was asked.
    pub socktype: i32,
    /// The protocol it is for.
    pub protocol: i32,
    /// The canonical name, with the first answer, when asked for.
    pub canonical: Option<String>,
}

impl Found {
    /// The address, and the kind of socket for it: the wanted one, or where that has no type the answer's.
    pub(crate) fn target(&self, wanted: Kind) -> (Address, Kind) {
        let Self { socktype, protocol, .. } = *self;
        let own = Kind { socktype, protocol, ..wanted };
        if wanted.socktype == 0 { own } else { wanted }.of(self.address)
    }
}

impl Query {
    /// A host and a service for a socket type.
    pub fn new(host: &str, service: &str, socktype: i32) -> Self {
        Self {
            host: Some(host.to_owned()),
            service: Some(service.to_owned()),
            socktype,
            ..Self::default()
        }
    }

    /// A numeric address and port with this query's socket type, or the error of a port past 65535, without the resolver.
    /// `None`: it has to be asked (a name, a family that does not fit, an odd spelling…).
    pub fn numeric(&self) -> Option<Result<Vec<Found>, Error>> {
        // The resolver would take it modulo 65536.
        if self.service.as_deref().is_some_and(|text| parse_port(text) == Port::TooLarge) {
            return Some(Err(Error::new(ErrorKind::Resolve(libc::EAI_SERVICE), "lookup")));
        }
        // Whether there is such a type, and which protocols an unusual one has, the resolver knows.
        let asked = self.canonical || self.address_configured;
        if asked || !matches!(self.socktype, libc::SOCK_STREAM | libc::SOCK_DGRAM) {
            return None;
        }
        let port = match self.service.as_deref() {
            None => 0,
            Some(text) => match parse_port(text) {
                Port::Number(port) => port,
                Port::TooLarge | Port::Name => return None,
            },
        };
        let Some(host) = self.host.as_deref() else {
            return if self.passive { Some(Ok(self.any(port))) } else { None };
        };
        let address = match (parse_ipv4(host), self.family) {
            (Some(ip), Family::Any | Family::V4) => SocketAddr::new(IpAddr::V4(ip), port),
            (None, Family::Any | Family::V6) => parse_ipv6(host, port)?,
            _ => return None,
        };
        Some(Ok(vec![self.found(address.into())]))
    }

    /// Does the resolver answer it without asking anybody? Then it is not worth a helper thread.
    pub(crate) fn is_local(&self) -> bool {
        let host = self.host.as_deref();
        host.is_none_or(|host| {
            self.numeric_host
                || host.eq_ignore_ascii_case("localhost")
                || parse_ipv4(host).is_some()
                || parse_ipv6(host, 0).is_some()
        })
    }

    /// Will the resolver answer it without asking a server, as far as one can tell?
    pub(crate) fn is_near(&self) -> bool {
        self.numeric_host
            || self.host.as_deref().is_none_or(|host| {
                parse_ipv4(host).is_some() || host.contains(':') || is_known_here(host)
            })
    }

    /// The any-addresses, IPv4 first as glibc has them.
    fn any(&self, port: u16) -> Vec<Found> {
        let families: &[i32] = match self.family {
            Family::Any => &[libc::AF_INET, libc::AF_INET6],
            Family::V4 => &[libc::AF_INET],
            Family::V6 => &[libc::AF_INET6],
        };
        let addresses = families.iter().filter_map(|&family| Address::any(family, port));
        addresses.map(|address| self.found(address)).collect()
    }

    fn found(&self, address: Address) -> Found {
        let stream = self.socktype == libc::SOCK_STREAM;
        let protocol = if stream { libc::IPPROTO_TCP } else { libc::IPPROTO_UDP };
        Found { address, socktype: self.socktype, protocol, canonical: None }
    }

    pub(crate) fn flags(&self) -> i32 {
        let mut flags = 0;
        for (on, flag) in [
            (self.passive, libc::AI_PASSIVE),
            (self.canonical, libc::AI_CANONNAME),
            (self.numeric_host, libc::AI_NUMERICHOST),
            (self.numeric_service, libc::AI_NUMERICSERV),
            (self.v4_mapped, libc::AI_V4MAPPED),
            (self.all_matching, libc::AI_ALL),
            (self.address_configured, libc::AI_ADDRCONFIG),
        ] {
            if on {
                flags |= flag;
            }
        }
        flags
    }
}

/// What a service's text may be.
#[derive(PartialEq, Eq)]
enum Port {
    /// 0 to 65535 in decimal digits.
    Number(u16),
    /// Digits that no port has.
    TooLarge,
    /// Something to ask the resolver about.
    Name,
}

fn parse_port(text: &str) -> Port {
    // The resolver reads numbers as `strtoul` does.
    let text = text.trim_start_matches(|it: char| it.is_ascii_whitespace() || it == '\x0b');
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Port::Name;
    }
    digits.parse().map_or(Port::TooLarge, Port::Number)
}

/// An IPv4 address as `inet_aton` reads it: one to four parts, each decimal, octal (leading 0) or
/// hexadecimal (leading 0x), the last filling what is left ("127.1").
pub fn parse_ipv4(text: &str) -> Option<Ipv4Addr> {
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    if let Some(ip) = parse_dotted_quad(text.as_bytes()) {
        return Some(ip);
    }
    let mut parts = [0u64; 4];
    let mut count = 0;
    for part in text.split('.') {
        *parts.get_mut(count)? = parse_number(part)?;
        count += 1;
    }
    let (last, leading) = parts[..count].split_last()?;
    let room = 8 * (4 - leading.len() as u32);
    if leading.iter().any(|&part| part > 255) || *last >> room != 0 {
        return None;
    }
    let high = leading.iter().fold(0u64, |value, part| value << 8 | part);
    Some(Ipv4Addr::from(((high << room) | last) as u32))
}

fn parse_number(text: &str) -> Option<u64> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => (hex, 16),
        None if text.len() > 1 && text.starts_with('0') => (&text[1..], 8),
        None => (text, 10),
    };
    // `from_str_radix` would take a sign.
    if !digits.starts_with(|first: char| first.is_ascii_hexdigit()) {
        return None;
    }
    u64::from_str_radix(digits, radix).ok()
}

/// An IPv6 address, with the number or name of its interface where it has one ("fe80::1%eth0"), and a port.
pub fn parse_ipv6(text: &str, port: u16) -> Option<SocketAddr> {
    let (ip, scope) = text.split_once('%').map_or((text, None), |(ip, scope)| (ip, Some(scope)));
    let ip: Ipv6Addr = ip.parse().ok()?;
    let scope = scope.map_or(Some(0), |scope| parse_scope(&ip, scope))?;
    Some(SocketAddrV6::new(ip, port, 0, scope).into())
}

/// The number of an interface, which is a number or, with addresses of one link, a name.
fn parse_scope(ip: &Ipv6Addr, text: &str) -> Option<u32> {
    let index = if is_of_one_link(ip) { interfaces::interface_index(text) } else { 0 };
    // A sign would pass as part of a number.
    let number =
        || text.starts_with(|first: char| first.is_ascii_digit()).then(|| text.parse().ok())?;
    Some(index).filter(|&index| index != 0).or_else(number).filter(|&index| index != 0)
}

/// Is it an address of one link, whose interface has a name? The resolver shows others' interfaces as numbers, and reads
/// nothing else there.
pub fn is_of_one_link(ip: &Ipv6Addr) -> bool {
    ip.is_unicast_link_local() || ip.is_multicast() && ip.octets()[1] & 0xf == 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv4_as_inet_aton_reads_it() {
        for (text, want) in [
            ("127.0.0.1", Some([127, 0, 0, 1])),
            ("127.1", Some([127, 0, 0, 1])),
            ("0x7f000001", Some([127, 0, 0, 1])),
            ("2130706433", Some([127, 0, 0, 1])),
            ("010.1", Some([8, 0, 0, 1])),
            ("1.2.3", Some([1, 2, 0, 3])),
            ("256.1.1.1", None),
            ("1.2.3.4.5", None),
            ("1..2", None),
            ("+1.2", None),
            ("1.+2", None),
            ("", None),
            ("localhost", None),
            ("4294967296", None),
            ("08", None),
        ] {
            assert_eq!(parse_ipv4(text), want.map(Ipv4Addr::from), "{text}");
        }
    }

    #[test]
    fn numeric_queries_need_no_resolver() {
        let numeric = |host, service| {
            let query = Query::new(host, service, libc::SOCK_STREAM);
            query.numeric().map(|found| found.expect("an answer")[0].address.to_string())
        };
        assert_eq!(numeric("127.0.0.1", "80").as_deref(), Some("127.0.0.1:80"));
        assert_eq!(numeric("::1", "0").as_deref(), Some("[::1]:0"));
        assert_eq!(numeric("localhost", "80"), None);
        assert_eq!(numeric("127.0.0.1", "http"), None);
        assert_eq!(numeric("127.0.0.1", "-1"), None);
    }
}
