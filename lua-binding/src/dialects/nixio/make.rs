//! The functions that make sockets.

use moonsocket_core::ops::{Bind, Connect};
use moonsocket_core::{Error, Family, Kind, Limit, Opt, Query, Value as OptValue, number};

use super::error::fail;
use super::names::family_named;
use super::socket::{Nixio, service_text};
use crate::socket::{Engine, Socket};
use crate::vm::{Answer, Cx, Raise, Reply};
use crate::{convert, door};

/// `socket(domain, type [, protocol])`.
pub(super) fn socket<'a>(
    cx: Cx<'a>,
    domain: &'a [u8],
    socktype: &'a [u8],
    protocol: Option<&'a [u8]>,
) -> Answer<'a> {
    let family = match domain {
        b"inet" => number::AF_INET,
        b"inet6" => number::AF_INET6,
        b"unix" => number::AF_UNIX,
        _ => return Err(Raise::argument(1, "supported values: inet, inet6, unix")),
    };
    let socktype = match socktype {
        b"stream" => number::SOCK_STREAM,
        b"dgram" => number::SOCK_DGRAM,
        b"raw" => number::SOCK_RAW,
        _ => return Err(Raise::argument(2, "supported values: stream, dgram, raw")),
    };
    let protocol = match protocol {
        None => 0,
        Some(b"icmp") => number::IPPROTO_ICMP,
        Some(b"icmpv6") => number::IPPROTO_ICMPV6,
        Some(_) => return Err(Raise::argument(3, "supported values: icmp, icmpv6")),
    };
    let kind = Kind { family, socktype, protocol };
    let mut socket = Socket::unopened(Engine::of(cx));
    match socket.open(kind) {
        Ok(()) => Ok(Reply::One(cx.object(Nixio::new(socket, kind)))),
        Err(error) => fail(cx, &error),
    }
}

/// `bind(host, port [, family = "any" [, type = "stream"]])`: a bound socket, which does not listen yet.
pub(super) fn bind<'a>(
    cx: Cx<'a>,
    host: Option<&'a [u8]>,
    port: &'a [u8],
    family: Option<&'a [u8]>,
    socktype: Option<&'a [u8]>,
) -> Answer<'a> {
    let (family, kind) = wanted(family, socktype)?;
    let asked = query(host, port, family, kind, true).and_then(|query| {
        let mut socket = Socket::unopened(Engine::of(cx));
        socket.handle.remember_option(Opt::ReuseAddress, OptValue::Flag(true))?;
        Ok((query, Nixio::new(socket, kind)))
    });
    match asked {
        Ok((query, nixio)) => {
            door::run_owned(cx, nixio, Bind::resolve(query, kind), Limit::FOREVER.into(), made)
        }
        Err(error) => fail(cx, &error),
    }
}

/// `connect(host, port [, family = "any" [, type = "stream"]])`: a connected socket.
pub(super) fn connect<'a>(
    cx: Cx<'a>,
    host: Option<&'a [u8]>,
    port: &'a [u8],
    family: Option<&'a [u8]>,
    socktype: Option<&'a [u8]>,
) -> Answer<'a> {
    let (family, kind) = wanted(family, socktype)?;
    let query = match query(host, port, family, kind, false) {
        Ok(query) => query,
        Err(error) => return fail(cx, &error),
    };
    let nixio = Nixio::new(Socket::unopened(Engine::of(cx)), kind);
    // Before there is a socket it has no limits.
    let patience = Limit::FOREVER.into();
    door::run_owned(cx, nixio, Connect::resolve(query, kind), patience, |cx, mut nixio, out| {
        nixio.connected = out.is_ok();
        made(cx, nixio, out.map(drop))
    })
}

/// The family and, of the kind, the type: 0 for any.
fn wanted<'a>(
    family: Option<&'a [u8]>,
    socktype: Option<&'a [u8]>,
) -> Result<(Family, Kind), Raise<'a>> {
    let family = family_named(family.unwrap_or(b"any"))
        .ok_or(Raise::argument(3, "supported values: any, inet, inet6"))?;
    let socktype = match socktype.unwrap_or(b"stream") {
        b"any" => 0,
        b"stream" => number::SOCK_STREAM,
        b"dgram" => number::SOCK_DGRAM,
        _ => return Err(Raise::argument(4, "supported values: any, stream, dgram")),
    };
    Ok((family, Kind { family: number::AF_UNSPEC, socktype, protocol: 0 }))
}

fn query(
    host: Option<&[u8]>,
    port: &[u8],
    family: Family,
    kind: Kind,
    passive: bool,
) -> Result<Query, Error> {
    convert::query(host.unwrap_or(b"*"), service_text(port), family, kind.socktype, passive)
}

fn made<'a>(cx: Cx<'a>, mut nixio: Nixio, out: Result<(), Error>) -> Answer<'a> {
    match out {
        Ok(()) => {
            nixio.settle_kind();
            Ok(Reply::One(cx.object(nixio)))
        }
        Err(error) => fail(cx, &error),
    }
}
