//! The table that describes a socket.

use moonsocket_core::{Error, ErrorKind, Family, Query, eai, errno, number};

use crate::convert;
use crate::vm::{Given, Kind, Lua, Raise};

/// What a table asks for.
pub(super) struct Spec {
    ip: Option<String>,
    port: Option<String>,
    family: Family,
    stream: bool,
    /// TCP_NODELAY.
    pub tcp_nodelay: bool,
    /// Seconds; negative for no limit.
    pub connect_timeout_s: f64,
}

impl Spec {
    /// Reads the fields.
    pub(super) fn read<'a>(lua: Lua<'a>, table: Given<'a>) -> Result<Self, Raise<'a>> {
        if table.kind() != Kind::Table {
            return Err(Raise::Type(1, "table"));
        }
        let text = |name: &'static str| -> Result<Option<String>, Raise<'a>> {
            let field = lua.get(table.local(), name)?;
            match lua.kind(field) {
                Kind::Nil => Ok(None),
                Kind::String | Kind::Number => Ok(Some(lua.text(field))),
                _ => Err(Raise::quoting(1, "field '", name.as_bytes(), "' is no string")),
            }
        };
        let family = match text("family")?.as_deref() {
            None => Family::Any,
            Some("inet" | "ipv4" | "ip4" | "4") => Family::V4,
            Some("inet6" | "ipv6" | "ip6" | "6") => Family::V6,
            Some(_) => return Err(Raise::argument(1, "unknown family")),
        };
        let stream = match text("protocol")?.as_deref().unwrap_or("tcp").as_bytes() {
            [b't', ..] => true,
            [b'u', ..] => false,
            _ => return Err(Raise::argument(1, "unknown protocol")),
        };
        let nodelay = lua.get(table.local(), "tcp_nodelay")?;
        let timeout = lua.get(table.local(), "connect_timeout")?;
        Ok(Self {
            ip: text("ip")?,
            port: text("port")?,
            family,
            stream,
            tcp_nodelay: lua.truth(nodelay),
            connect_timeout_s: lua.number(timeout).map_or(-1.0, |ms| ms / 1000.0),
        })
    }

    /// What it asks the resolver.
    pub(super) fn query(&self, passive: bool) -> Result<Query, Error> {
        if !self.stream {
            // Datagrams come with the rest of the dialect.
            return Err(Error::new(ErrorKind::Os(errno::EPROTONOSUPPORT), "connect"));
        }
        let Some(port) = self.port.as_ref().filter(|port| !port.is_empty()) else {
            return Err(Error::new(ErrorKind::Invalid("port must be set"), "connect"));
        };
        if convert::is_bad_port(port.as_bytes()) {
            return Err(Error::new(ErrorKind::Resolve(eai::EAI_SERVICE), "connect"));
        }
        Ok(Query {
            host: self.ip.clone(),
            service: Some(port.clone()),
            family: self.family,
            socktype: number::SOCK_STREAM,
            passive,
            ..Query::default()
        })
    }
}
