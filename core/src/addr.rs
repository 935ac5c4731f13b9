//! Where a socket is, or its peer: an address of any family, without heap and without I/O.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::path::Path;
use std::str::FromStr;

use crate::{Error, ErrorKind};

/// The longest Unix name, abstract ones with their leading NUL. One byte of `sun_path` stays a NUL, so
/// that a path is a C string for everyone.
const UNIX_MAX: usize = 107;
const OPAQUE_MAX: usize = 126;

/// A socket address.
///
/// ```
/// use moonsocket_core::{Address, Error, UnixName};
/// use std::net::SocketAddr;
///
/// # fn main() -> Result<(), Error> {
/// let address = Address::from(SocketAddr::from(([127, 0, 0, 1], 80)));
/// assert_eq!(address.to_string(), "127.0.0.1:80");
/// assert_eq!(address.port(), Some(80));
/// assert_eq!("127.0.0.1:80".parse(), Ok(address));
/// assert_eq!(SocketAddr::try_from(address)?.port(), 80);
/// assert_eq!(Address::unix("/run/echo")?.to_string(), "unix:/run/echo");
/// assert_eq!("unix:/run/echo".parse(), Address::unix("/run/echo"));
/// // An abstract name, of Linux: it is no file, and is gone when its socket is.
/// let name = UnixName::new(b"\0echo").expect("107 bytes at most");
/// assert!(name.is_abstract());
/// assert_eq!(Address::Unix(name).to_string(), "unix:@echo");
/// assert_eq!("unix:@echo".parse(), Ok(Address::Unix(name)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[doc(alias = "sockaddr")]
pub enum Address {
    /// IPv4 or IPv6 with port, and scope where IPv6 has one.
    Inet(SocketAddr),
    /// A Unix name: a path, an abstract name, or none.
    #[doc(alias = "sockaddr_un")]
    Unix(UnixName),
    /// A family that this crate does not look into.
    Other(Opaque),
}

impl Address {
    /// The path of a Unix socket.
    ///
    /// # Errors
    /// Kind [`Invalid`](ErrorKind::Invalid) for a path that is empty, has more than 107 bytes or has a NUL in it.
    pub fn unix(path: impl AsRef<Path>) -> Result<Self, Error> {
        let bytes = path.as_ref().as_os_str().as_encoded_bytes();
        let name = UnixName::new(bytes).filter(|_| !bytes.is_empty() && bytes[0] != 0);
        let invalid = ErrorKind::Invalid("a Unix path has 1 to 107 bytes, and no NUL");
        name.map(Self::Unix).ok_or(Error::new(invalid, "address"))
    }

    /// The IP address, if there is one.
    pub const fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Inet(address) => Some(address.ip()),
            _ => None,
        }
    }

    /// The port, if there is one.
    pub const fn port(&self) -> Option<u16> {
        match self {
            Self::Inet(address) => Some(address.port()),
            _ => None,
        }
    }

    /// The system's family number (`AF_INET`…).
    pub const fn family(&self) -> i32 {
        match self {
            Self::Inet(SocketAddr::V4(_)) => libc::AF_INET,
            Self::Inet(SocketAddr::V6(_)) => libc::AF_INET6,
            Self::Unix(_) => libc::AF_UNIX,
            Self::Other(other) => other.family as i32,
        }
    }

    /// The any-address of an IP family with this port; `None` for other families.
    pub fn any(family: i32, port: u16) -> Option<Self> {
        let ip: IpAddr = match family {
            libc::AF_INET => Ipv4Addr::UNSPECIFIED.into(),
            libc::AF_INET6 => Ipv6Addr::UNSPECIFIED.into(),
            _ => return None,
        };
        Some(Self::Inet(SocketAddr::new(ip, port)))
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::Inet(address)
    }
}

impl From<SocketAddrV4> for Address {
    fn from(address: SocketAddrV4) -> Self {
        Self::Inet(address.into())
    }
}

impl From<SocketAddrV6> for Address {
    fn from(address: SocketAddrV6) -> Self {
        Self::Inet(address.into())
    }
}

/// Fails for every other family.
impl TryFrom<Address> for SocketAddr {
    type Error = Error;

    fn try_from(address: Address) -> Result<Self, Error> {
        match address {
            Address::Inet(address) => Ok(address),
            _ => Err(Error::new(ErrorKind::Invalid("not an IP address"), "address")),
        }
    }
}

/// An IP address and a port, `127.0.0.1:80` or `[::1]:80`, or a Unix socket's path, `unix:/run/echo`, or abstract name,
/// `unix:@echo`; a path that begins so is written `unix:./@echo`. No names of hosts: they are for
/// [`Net::connect`](crate::Net::connect) and [`Net::resolve`](crate::Net::resolve).
impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some(name) = text.strip_prefix("unix:@") {
            let invalid = ErrorKind::Invalid("an abstract name has at most 106 bytes");
            let name = UnixName::new(&[b"\0", name.as_bytes()].concat());
            return name.map(Self::Unix).ok_or(Error::new(invalid, "address"));
        }
        if let Some(path) = text.strip_prefix("unix:") {
            return Self::unix(path);
        }
        let invalid = ErrorKind::Invalid("an address is IP:PORT, [IPv6]:PORT or unix:PATH");
        text.parse().map(Self::Inet).map_err(|_| Error::new(invalid, "address"))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// As [`FromStr`] reads it, where it is UTF-8.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inet(address) => address.fmt(f),
            Self::Unix(name) => match name.as_bytes() {
                [] => f.write_str("unix:(unnamed)"),
                [0, name @ ..] => write!(f, "unix:@{}", String::from_utf8_lossy(name)),
                path @ [b'@', ..] => write!(f, "unix:./{}", String::from_utf8_lossy(path)),
                path => write!(f, "unix:{}", String::from_utf8_lossy(path)),
            },
            Self::Other(other) => write!(f, "family {}", other.family),
        }
    }
}

/// A Unix socket's name.
#[derive(Clone, Copy)]
pub struct UnixName {
    bytes: [u8; UNIX_MAX],
    len: u8,
}

impl UnixName {
    /// The longest name in bytes.
    pub const MAX: usize = UNIX_MAX;

    /// From the bytes of a path (without its closing NUL), of an abstract name (with its leading NUL), or
    /// none. `None` when longer than 107 bytes, or a path with a NUL inside.
    pub fn new(name: &[u8]) -> Option<Self> {
        let is_abstract = name.first() == Some(&0);
        if name.len() > UNIX_MAX || (!is_abstract && name.contains(&0)) {
            return None;
        }
        let mut bytes = [0; UNIX_MAX];
        bytes[..name.len()].copy_from_slice(name);
        Some(Self { bytes, len: name.len() as u8 })
    }

    /// The bytes as given to [`new`](Self::new); empty when unnamed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len as usize]
    }

    /// Is it an abstract name (Linux)?
    pub fn is_abstract(&self) -> bool {
        self.as_bytes().first() == Some(&0)
    }
}

impl fmt::Debug for UnixName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

impl PartialEq for UnixName {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for UnixName {}

impl Hash for UnixName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

/// An address of a family that is passed through as it is.
#[derive(Clone, Copy)]
pub struct Opaque {
    family: u16,
    len: u8,
    bytes: [u8; OPAQUE_MAX],
}

impl Opaque {
    /// From a family number and what follows it in the system's structure. `None` when longer than 126
    /// bytes.
    pub fn new(family: u16, data: &[u8]) -> Option<Self> {
        let mut bytes = [0; OPAQUE_MAX];
        bytes.get_mut(..data.len())?.copy_from_slice(data);
        Some(Self { family, len: data.len() as u8, bytes })
    }

    /// The system's family number.
    pub const fn family(&self) -> u16 {
        self.family
    }

    /// What follows the family number.
    pub fn data(&self) -> &[u8] {
        &self.bytes[..self.len as usize]
    }
}

impl fmt::Debug for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "family {}: {}", self.family, self.data().escape_ascii())
    }
}

impl PartialEq for Opaque {
    fn eq(&self, other: &Self) -> bool {
        self.family == other.family && self.data() == other.data()
    }
}

impl Eq for Opaque {}

impl Hash for Opaque {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.family, self.data()).hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unix_names() {
        assert_eq!(UnixName::new(b"/tmp/x").map(|n| n.is_abstract()), Some(false));
        assert_eq!(UnixName::new(b"\0x\0y").map(|n| n.as_bytes().len()), Some(4));
        assert!(UnixName::new(b"a\0b").is_none());
        assert!(UnixName::new(&[b'x'; 107]).is_some());
        assert!(UnixName::new(&[b'x'; 108]).is_none());
    }

    #[test]
    fn texts_that_are_no_addresses() {
        for bad in ["", "127.0.0.1", "::1:80", "127.0.0.1:65536", "localhost:80", "unix:", "/run/x"]
        {
            assert!(bad.parse::<Address>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn unix_paths() {
        assert!(Address::unix("x".repeat(107)).is_ok());
        for bad in ["", "\0abstract", "nul\0inside", &"x".repeat(108)] {
            assert!(Address::unix(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn addresses_show_themselves() {
        let v6: SocketAddr = "[::1]:80".parse().expect("a literal");
        assert_eq!(Address::from(v6).to_string(), "[::1]:80");
        assert_eq!(Address::any(libc::AF_UNIX, 1), None);
    }

    #[test]
    fn unix_names_are_read_as_they_are_shown() {
        for name in ["/tmp/it's in \"Köln\"", "C:\\x", "\0x", "\0", "\0@", "\0a\0b", "a@b", "./@x"]
        {
            let address = Address::Unix(UnixName::new(name.as_bytes()).expect("short"));
            assert_eq!(address.to_string().parse(), Ok(address), "{name:?}");
        }
        assert_eq!("unix:@x".parse(), Ok(Address::Unix(UnixName::new(b"\0x").expect("short"))));
        // The same file.
        assert_eq!(Address::unix("@x").map(|it| it.to_string()), Ok("unix:./@x".to_owned()));
        assert!(format!("unix:@{}", "x".repeat(107)).parse::<Address>().is_err());
    }
}
