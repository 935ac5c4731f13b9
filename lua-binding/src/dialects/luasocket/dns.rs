//! `socket.dns`. In a fiber every question that needs the resolver is asked off the thread.

use moonsocket_core::ops::{Lookup, NameLookup};
use moonsocket_core::{
    Address, Error, ErrorKind, Family, Found, Limit, Query, eai, number, parse_ipv4,
};

use super::error::{fail, failure, words};
use super::names::Names;
use crate::convert;
use crate::door;
use crate::socket::Engine;
use crate::vm::{
    Answer, Bytes, Call, Cx, Lua, Machine, Module, Raise, Reply, Tree, Value, function,
};

/// The table.
pub(super) const MODULE: Module = Module {
    functions: &[
        function!("getaddrinfo", getaddrinfo, Machine, Bytes),
        function!("gethostname", gethostname, Call),
        function!("getnameinfo", getnameinfo, Machine, Option<Bytes>, Option<Bytes>),
        function!("tohostname", tohostname, Machine, Bytes),
        function!("toip", toip, Machine, Bytes),
    ],
    ..Module::EMPTY
};

/// `gethostname()`.
fn gethostname(cx: Cx<'_>) -> Answer<'_> {
    match moonsocket_core::os::host_name() {
        Ok(name) => Ok(Reply::One(cx.bytes(name))),
        Err(error) => fail(cx, &Error::from_io(&error, "gethostname")),
    }
}

fn asked(host: &[u8], service: &[u8], family: Family) -> Result<Query, Error> {
    convert::query(host, service, family, number::SOCK_STREAM, false).and_then(|query| match query
        .host
    {
        Some(_) => Ok(query),
        None => Err(Error::new(ErrorKind::Resolve(eai::EAI_NONAME), "lookup")),
    })
}

/// `getaddrinfo(host)`: a list of `{ family =, addr = }`.
fn getaddrinfo<'a>(lua: Lua<'a>, host: &'a [u8]) -> Answer<'a> {
    let query = match asked(host, b"0", Family::Any) {
        Ok(query) => query,
        Err(error) => return fail(lua.cx(), &error),
    };
    let engine = Engine::of(lua.cx());
    door::run_free(lua, &engine, Lookup::new(query), Limit::FOREVER.into(), |lua, out| match out {
        Ok(found) => Ok(Reply::One(lua.cx().tree(Tree::List(addresses(&found))))),
        Err(error) => fail(lua.cx(), &error),
    })
}

fn addresses(found: &[Found]) -> Vec<Tree> {
    let inet = found.iter().filter_map(|found| match found.address {
        Address::Inet(address) => Some(address),
        _ => None,
    });
    let entry = |address: std::net::SocketAddr| {
        let family = if address.is_ipv4() { "inet" } else { "inet6" };
        let mut text = Vec::new();
        convert::write_ip(&mut text, &address);
        Tree::Fields(vec![("family", family.into()), ("addr", Tree::Bytes(text))])
    };
    inet.map(entry).collect()
}

/// `getnameinfo(host, service)`: the names of the host's addresses and, where a service is given, its name.
fn getnameinfo<'a>(lua: Lua<'a>, host: Option<&'a [u8]>, service: Option<&'a [u8]>) -> Answer<'a> {
    if host.is_none() && service.is_none() {
        return Err(Raise::here("host and serv cannot be both nil"));
    }
    let (hosts, named) = (host.is_some(), service.is_some());
    // To the resolver a star is no name at all.
    let is_name = |text: &&[u8]| *text != b"*";
    let nothing = host.filter(is_name).is_none() && service.filter(is_name).is_none();
    let query = if nothing {
        Err(Error::new(ErrorKind::Resolve(eai::EAI_NONAME), "lookup"))
    } else {
        let service = service.filter(is_name).unwrap_or(b"0");
        let host = host.unwrap_or(b"127.0.0.1");
        convert::query(host, service, Family::Any, number::SOCK_STREAM, false)
    };
    let query = match query {
        Ok(query) => query,
        Err(error) => return fail(lua.cx(), &error),
    };
    let engine = Engine::of(lua.cx());
    let limit = Limit::FOREVER.into();
    door::run_free(lua, &engine, Names::new(query, named), limit, move |lua, out| match out {
        Err(error) => fail(lua.cx(), &error),
        Ok(names) => {
            let cx = lua.cx();
            let list = names.iter().map(|(host, _)| Tree::Bytes(host.clone().into_bytes()));
            let list = cx.tree(Tree::List(if hosts { list.collect() } else { Vec::new() }));
            let service = names.into_iter().next().map(|(_, service)| service);
            Ok(match service.filter(|_| named) {
                Some(service) => Reply::Two(list, cx.bytes(service)),
                None => Reply::One(list),
            })
        }
    })
}

/// `toip(name)`: an IPv4 address, and a table of what is known.
fn toip<'a>(lua: Lua<'a>, host: &'a [u8]) -> Answer<'a> {
    let word = first_word(host);
    let host = if ipv4_of(word).is_some() { word } else { host };
    host_entry(lua, host, |lua, entry| {
        let ip = entry.ips.first().cloned().unwrap_or_default();
        Ok(Reply::Two(lua.cx().bytes(ip), lua.cx().tree(entry.table())))
    })
}

/// `tohostname(address or name)`: the canonical name, and a table of what is known.
fn tohostname<'a>(lua: Lua<'a>, host: &'a [u8]) -> Answer<'a> {
    let Some(ip) = ipv4_of(first_word(host)) else {
        return host_entry(lua, host, |lua, entry| {
            let name = entry.name.clone();
            Ok(Reply::Two(lua.cx().bytes(name), lua.cx().tree(entry.table())))
        });
    };
    let address = Address::Inet((ip, 0).into());
    let operation = NameLookup::new(address, number::NI_NAMEREQD | number::NI_NUMERICSERV);
    let engine = Engine::of(lua.cx());
    door::run_free(lua, &engine, operation, Limit::FOREVER.into(), move |lua, out| match out {
        Ok((name, _)) => {
            let entry = Entry { name: name.clone(), ips: vec![ip.to_string()] };
            Ok(Reply::Two(lua.cx().bytes(name), lua.cx().tree(entry.table())))
        }
        Err(error) => Ok(unknown_host(lua.cx(), &error)),
    })
}

fn ipv4_of(text: &[u8]) -> Option<std::net::Ipv4Addr> {
    std::str::from_utf8(text).ok().and_then(parse_ipv4)
}

/// What stands before a blank: there an address ends, so that it may be a line as it was read.
fn first_word(host: &[u8]) -> &[u8] {
    let end = host.iter().position(u8::is_ascii_whitespace).unwrap_or(host.len());
    &host[..end]
}

/// What the old resolver functions tell of a host.
struct Entry {
    name: String,
    ips: Vec<String>,
}

impl Entry {
    fn table(&self) -> Tree {
        let text = |text: &String| Tree::Bytes(text.clone().into_bytes());
        Tree::Fields(vec![
            ("name", text(&self.name)),
            ("alias", Tree::List(Vec::new())),
            ("ip", Tree::List(self.ips.iter().map(text).collect())),
        ])
    }
}

/// Looks a host up for IPv4, with its canonical name.
fn host_entry<'a>(
    lua: Lua<'a>,
    host: &'a [u8],
    answer: for<'b> fn(Lua<'b>, &Entry) -> Answer<'b>,
) -> Answer<'a> {
    let query = match asked(host, b"0", Family::V4) {
        // The system's own old functions ask a name server for it, in vain.
        Ok(_) if host.is_empty() => {
            let error = Error::new(ErrorKind::Resolve(eai::EAI_FAIL), "lookup");
            return Ok(unknown_host(lua.cx(), &error));
        }
        Ok(query) => Query { canonical: true, ..query },
        Err(error) => return Ok(unknown_host(lua.cx(), &error)),
    };
    let engine = Engine::of(lua.cx());
    door::run_free(lua, &engine, Lookup::new(query), Limit::FOREVER.into(), move |lua, out| {
        match out {
            Ok(found) => answer(lua, &Entry::of(found)),
            Err(error) => Ok(unknown_host(lua.cx(), &error)),
        }
    })
}

impl Entry {
    fn of(found: Vec<Found>) -> Self {
        let name = found.iter().find_map(|found| found.canonical.clone()).unwrap_or_default();
        let ips = found.iter().filter_map(|found| found.address.ip());
        Self { name, ips: ips.map(|ip| ip.to_string()).collect() }
    }
}

/// The words of the old resolver functions.
fn unknown_host<'a>(cx: Cx<'a>, error: &Error) -> Reply<'a> {
    let text = match error.kind() {
        ErrorKind::Resolve(eai::EAI_AGAIN) => "Host name lookup failure",
        ErrorKind::Resolve(eai::EAI_FAIL) => "Unknown server error",
        ErrorKind::Resolve(_) => "host not found",
        // They have no words for what the system refuses.
        _ => return failure(words(cx, error), error),
    };
    failure(Value::Str(text), error)
}
