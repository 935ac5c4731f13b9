//! The tables that describe a socket.

use moonsocket_core::{
    Address, Error, ErrorKind, Family, Kind as SocketKind, Query, errno, number,
};

use super::error::{Refused, refused};
use crate::convert;
use crate::vm::{Given, Kind, Lua, Raise};

/// What a table asks for.
pub(super) struct Spec {
    ip: Option<String>,
    port: Option<String>,
    usock: Option<Vec<u8>>,
    family: Wanted,
    stream: bool,
    /// What `serve` does with a path.
    pub own: OwnPath,
    /// TCP_NODELAY.
    pub tcp_nodelay: bool,
    /// Seconds; negative for no limit.
    pub connect_timeout_s: f64,
}

/// The family that a table names.
#[derive(Clone, Copy, PartialEq)]
enum Wanted {
    Any,
    Inet(Family),
    Unix,
}

/// How a path is bound to.
#[derive(Clone, Copy, Default)]
pub(super) struct OwnPath {
    /// Remove a socket that is there.
    pub remove: bool,
    /// The path's permissions.
    pub mode: Option<u32>,
}

/// Where a socket is to be, or its peer.
pub(super) enum Place {
    /// A host and service, still to be looked up.
    Named(Query),
    /// A path.
    Path(Address),
}

/// A table whose fields are read.
#[derive(Clone, Copy)]
struct Fields<'a> {
    lua: Lua<'a>,
    table: Given<'a>,
}

impl<'a> Fields<'a> {
    fn of(lua: Lua<'a>, table: Given<'a>) -> Result<Self, Raise<'a>> {
        if table.kind() == Kind::Table {
            Ok(Self { lua, table })
        } else {
            Err(Raise::Type(table.number(), "table"))
        }
    }

    fn bytes(self, name: &'static str) -> Result<Option<Vec<u8>>, Raise<'a>> {
        let Self { lua, table } = self;
        let field = lua.get(table.local(), name)?;
        match lua.kind(field) {
            Kind::Nil => Ok(None),
            Kind::String => Ok(lua.with_bytes(field, <[u8]>::to_vec)),
            Kind::Number => Ok(Some(lua.text(field).into_bytes())),
            _ => {
                let number = table.number();
                Err(Raise::quoting(number, "field '", name.as_bytes(), "' is no string"))
            }
        }
    }

    fn text(self, name: &'static str) -> Result<Option<String>, Raise<'a>> {
        let bytes = self.bytes(name)?;
        // What is no text cannot be a name; the resolver says so.
        Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    fn truth(self, name: &'static str) -> Result<bool, Raise<'a>> {
        let field = self.lua.get(self.table.local(), name)?;
        Ok(self.lua.truth(field))
    }

    /// A number of milliseconds, in seconds; negative for no limit.
    fn seconds(self, name: &'static str) -> Result<f64, Raise<'a>> {
        let Self { lua, table } = self;
        let field = lua.get(table.local(), name)?;
        match lua.number(field) {
            Some(ms) => Ok(ms / 1000.0),
            None if lua.kind(field) == Kind::Nil => Ok(-1.0),
            None => {
                let number = table.number();
                Err(Raise::quoting(number, "field '", name.as_bytes(), "' is no number"))
            }
        }
    }

    fn own_path(self) -> Result<OwnPath, Refused<'a>> {
        let remove = self.truth("remove_socket_before_start")?;
        let mode = match self.text("socket_mode")? {
            None => None,
            Some(digits) => match octal(&digits) {
                Some(mode) => Some(mode),
                None => return refused("socket_mode: octal digits expected"),
            },
        };
        Ok(OwnPath { remove, mode })
    }
}

/// Permissions such as "660" or "0660".
fn octal(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|digit| digit.is_ascii_digit());
    let mode = u32::from_str_radix(digits, 8).ok();
    mode.filter(|mode| plain && *mode <= 0o7777)
}

impl Spec {
    /// Reads the fields. `datagram`: whatever the table says of the protocol.
    pub(super) fn read<'a>(
        lua: Lua<'a>,
        table: Given<'a>,
        datagram: bool,
    ) -> Result<Self, Refused<'a>> {
        let fields = Fields::of(lua, table)?;
        let family = match fields.text("family")?.as_deref() {
            None => Wanted::Any,
            Some("inet" | "ipv4" | "ip4" | "4") => Wanted::Inet(Family::V4),
            Some("inet6" | "ipv6" | "ip6" | "6") => Wanted::Inet(Family::V6),
            Some("unix" | "local") => Wanted::Unix,
            Some(_) => return refused("unknown family"),
        };
        let stream = match fields.text("protocol")?.as_deref().unwrap_or("tcp").as_bytes() {
            [b't', ..] => !datagram,
            [b'u', ..] => false,
            _ => return refused("unknown protocol"),
        };
        Ok(Self {
            ip: fields.text("ip")?,
            port: fields.text("port")?,
            usock: fields.bytes("usock")?,
            family,
            stream,
            own: fields.own_path()?,
            tcp_nodelay: fields.truth("tcp_nodelay")?,
            connect_timeout_s: fields.seconds("connect_timeout")?,
        })
    }

    /// Is it a stream, and no datagrams?
    pub(super) fn is_stream(&self) -> bool {
        self.stream
    }

    /// The kind of socket; its family is that of the address.
    pub(super) fn kind(&self) -> SocketKind {
        let make = if self.stream { SocketKind::stream } else { SocketKind::datagram };
        make(number::AF_UNSPEC)
    }

    /// Where it is to be.
    ///
    /// # Errors
    /// Neither port nor path, or one that does not go with the family.
    pub(super) fn place(&self, passive: bool) -> Result<Place, Error> {
        let invalid = |what| Err(Error::new(ErrorKind::Invalid(what), "open"));
        let filled = |name: &&Vec<u8>| !name.is_empty();
        match (self.usock.as_ref().filter(filled), self.family) {
            (Some(path), Wanted::Any | Wanted::Unix) => Ok(Place::Path(path_address(path)?)),
            (Some(_), Wanted::Inet(_)) => invalid("usock has no such family"),
            (None, Wanted::Unix) => invalid("usock must be set"),
            (None, Wanted::Any) => self.named(Family::Any, passive),
            (None, Wanted::Inet(family)) => self.named(family, passive),
        }
    }

    fn named(&self, family: Family, passive: bool) -> Result<Place, Error> {
        let Some(port) = self.port.as_ref().filter(|port| !port.is_empty()) else {
            return Err(Error::new(ErrorKind::Invalid("port or usock must be set"), "open"));
        };
        let host = self.ip.as_deref().unwrap_or("*");
        let query = convert::query(host.as_bytes(), port.as_bytes(), family, 0, passive)?;
        Ok(Place::Named(Query { socktype: self.kind().socktype, ..query }))
    }
}

/// A path as an address; one that does not fit is an error of the system's kind.
pub(super) fn path_address(path: &[u8]) -> Result<Address, Error> {
    convert::unix_address(path).map_err(|error| match error.kind() {
        ErrorKind::Invalid(_) => Error::new(ErrorKind::Os(errno::ENAMETOOLONG), "open"),
        _ => error,
    })
}

/// `connect`'s second table: the own path of a datagram socket, which the server answers to.
pub(super) fn own_path<'a>(
    lua: Lua<'a>,
    table: Given<'a>,
) -> Result<Option<(Vec<u8>, OwnPath)>, Refused<'a>> {
    if matches!(table.kind(), Kind::None | Kind::Nil) {
        return Ok(None);
    }
    let fields = Fields::of(lua, table)?;
    let Some(path) = fields.bytes("usock")? else {
        return refused("usock must be set");
    };
    Ok(Some((path, fields.own_path()?)))
}
