//! Names: of hosts and services, and the machine's own.

use moonsocket_core::ops::Lookup;
use moonsocket_core::{Error, ErrorKind, Found, Limit, Query, eai, number};

use super::address::Addr;
use super::error::{Last, nothing};
use super::text;
use crate::convert;
use crate::door;
use crate::socket::Engine;
use crate::vm::{Answer, Cx, Given, Kind, Lua, Raise, Reply};

/// `socket_gethostname()`.
pub(super) fn gethostname(cx: Cx<'_>) -> Answer<'_> {
    match moonsocket_core::os::host_name() {
        Ok(name) => {
            cx.state::<Last>().clear();
            Ok(text(cx, name))
        }
        Err(error) => nothing(cx, &Error::from_io(&error, "gethostname")),
    }
}

/// `socket_getaddrinfo(host, port [, socket type [, family]])`: a list of tables.
pub(super) fn getaddrinfo<'a>(
    lua: Lua<'a>,
    host: &'a [u8],
    port: Given<'a>,
    socktype: Option<i64>,
    family: Option<i64>,
) -> Answer<'a> {
    let service = match (port.kind(), port.to_bytes(), port.to_number()) {
        (_, Some(text), _) => text.to_vec(),
        (Kind::Number, _, Some(number)) => format!("{number}").into_bytes(),
        _ => return Err(Raise::Type(2, "string")),
    };
    let query = match query(host, &service, socktype, family) {
        Ok(query) => query,
        Err(error) => return nothing(lua.cx(), &error),
    };
    let engine = Engine::of(lua.cx());
    let limit = Limit::FOREVER.into();
    door::run_free(lua, &engine, Lookup::new(query), limit, |lua, out| match out {
        Ok(found) => listed(lua, &found),
        Err(error) => nothing(lua.cx(), &error),
    })
}

fn query(
    host: &[u8],
    service: &[u8],
    socktype: Option<i64>,
    family: Option<i64>,
) -> Result<Query, Error> {
    let unknown = |code| Error::new(ErrorKind::Resolve(code), "lookup");
    let family = i32::try_from(family.unwrap_or(0)).unwrap_or(-1);
    if !matches!(family, number::AF_UNSPEC | number::AF_INET | number::AF_INET6) {
        return Err(unknown(eai::EAI_FAMILY));
    }
    let usual = i64::from(number::SOCK_STREAM);
    let socktype = i32::try_from(socktype.unwrap_or(usual));
    let socktype = socktype.map_err(|_| unknown(eai::EAI_SOCKTYPE))?;
    convert::query(host, service, convert::family_of(family), socktype, false)
}

fn listed<'a>(lua: Lua<'a>, found: &[Found]) -> Answer<'a> {
    let list = lua.table()?;
    for (place, found) in (1i64..).zip(found) {
        lua.scope(|lua| {
            let entry = lua.table()?;
            for (key, number) in [
                ("flags", 0),
                ("family", found.address.family()),
                ("socktype", found.socktype),
                ("protocol", found.protocol),
            ] {
                lua.set(entry, key, i64::from(number))?;
            }
            if let Some(name) = &found.canonical {
                lua.set(entry, "canonname", lua.cx().bytes(name.as_bytes()))?;
            }
            lua.set(entry, "addr", lua.cx().object(Addr(found.address)))?;
            lua.set(list, place, entry)
        })?;
    }
    lua.cx().state::<Last>().clear();
    Ok(Reply::one(list))
}
