//! Names and addresses. Every question that needs the resolver is asked off the thread.

use moonsocket_core::ops::{Lookup, NameLookup};
use moonsocket_core::{Address, ErrorKind, Family, Found, Limit, Query, eai, number};

use super::error::{fail, failure};
use super::socket::service_text;
use crate::socket::Engine;
use crate::vm::{Answer, Given, Kind, Lua, Raise, Reply, Tree};
use crate::{convert, door};

/// The family of that name.
pub(super) fn family_named(name: &[u8]) -> Option<Family> {
    match name {
        b"any" => Some(Family::Any),
        b"inet" => Some(Family::V4),
        b"inet6" => Some(Family::V6),
        _ => None,
    }
}

/// `getaddrinfo(host [, family = "any" [, port]])`: a list of `{ family =, address = }`, with a port also that and the
/// type.
pub(super) fn addresses<'a>(
    lua: Lua<'a>,
    host: Option<&'a [u8]>,
    family: Option<&'a [u8]>,
    port: Given<'a>,
) -> Answer<'a> {
    let family = family_named(family.unwrap_or(b"any"))
        .ok_or(Raise::argument(2, "supported values: any, inet, inet6"))?;
    let number = matches!(port.kind(), Kind::Number).then(|| lua.text(port.local()));
    let port = port.to_bytes().or(number.as_deref().map(str::as_bytes)).map(service_text);
    // Without a port each address is wanted once.
    let socktype = if port.is_some() { 0 } else { number::SOCK_STREAM };
    let query = convert::query(host.unwrap_or(b"*"), port.unwrap_or(b"0"), family, socktype, false);
    let with_port = port.is_some();
    let query = match query {
        Ok(Query { host: None, .. }) if !with_port => {
            return Ok(failure(lua.cx(), eai::EAI_NONAME));
        }
        Ok(query) => query,
        Err(error) => return fail(lua.cx(), &error),
    };
    let engine = Engine::of(lua.cx());
    let patience = Limit::FOREVER.into();
    door::run_free(lua, &engine, Lookup::new(query), patience, move |lua, out| match out {
        Ok(found) => {
            let list = found.iter().filter_map(|found| entry(found, with_port));
            Ok(Reply::One(lua.cx().tree(Tree::List(list.collect()))))
        }
        Err(error) => fail(lua.cx(), &error),
    })
}

fn entry(found: &Found, with_port: bool) -> Option<Tree> {
    let Address::Inet(address) = found.address else { return None };
    let family = if address.is_ipv4() { "inet" } else { "inet6" };
    let text = Tree::Bytes(address.ip().to_string().into_bytes());
    let mut fields = vec![("family", family.into()), ("address", text)];
    if with_port {
        fields.push(("port", Tree::Integer(address.port().into())));
        fields.push((
            "socktype",
            match found.socktype {
                number::SOCK_STREAM => "stream".into(),
                number::SOCK_DGRAM => "dgram".into(),
                number::SOCK_RAW => "raw".into(),
                _ => Tree::Nil,
            },
        ));
    }
    Some(Tree::Fields(fields))
}

/// `getnameinfo(address [, family [, milliseconds]])`: the name of a numeric address.
pub(super) fn name<'a>(
    lua: Lua<'a>,
    host: &'a [u8],
    family: Option<&'a [u8]>,
    limit_ms: Option<f64>,
) -> Answer<'a> {
    let family = family_named(family.unwrap_or(b"any"))
        .ok_or(Raise::argument(2, "supported values: inet, inet6"))?;
    let Some(address) = convert::ip_address(host, 0, family) else {
        return Ok(failure(lua.cx(), eai::EAI_FAMILY));
    };
    let operation = NameLookup::new(address.into(), number::NI_NAMEREQD);
    // No time at all is no limit, as OpenWrt's nixio has it.
    let limit = match limit_ms {
        Some(ms) if ms > 0.0 => Limit::from_secs_f64(ms / 1000.0),
        _ => Limit::FOREVER,
    };
    let engine = Engine::of(lua.cx());
    door::run_free(lua, &engine, operation, limit.into(), |lua, out| match out {
        Ok((name, _)) => Ok(Reply::One(lua.cx().bytes(name))),
        Err(error) if error.kind() == ErrorKind::Timeout => Ok(failure(lua.cx(), eai::EAI_AGAIN)),
        Err(error) => fail(lua.cx(), &error),
    })
}
