//! What LuaSocket's programs give as values of options that are more than a boolean or a number.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use moonsocket_core::os::interfaces::interface_index;
use moonsocket_core::{Opt, Value as OptValue, parse_ipv4};

use crate::convert;
use crate::vm::{Field, Given, Kind, Local, Lua, Raise};

/// `{ on = boolean, timeout = seconds }`.
pub(super) fn linger<'a>(lua: Lua<'a>, given: Given<'a>) -> Result<OptValue, Raise<'a>> {
    let table = table(given)?;
    let on = lua.get(table, "on")?;
    if lua.kind(on) != Kind::Boolean {
        return Err(Raise::argument(3, "boolean 'on' field expected"));
    }
    let timeout = lua.get(table, "timeout")?;
    let Some(seconds) = lua.number(timeout) else {
        return Err(Raise::argument(3, "number 'timeout' field expected"));
    };
    Ok(linger_of(lua.truth(on), seconds))
}

/// The same of a table of nothing else, which needs no Lua code.
pub(super) fn plain_linger(given: Given<'_>) -> Option<OptValue> {
    match given.fields(["on", "timeout"])? {
        [Field::Boolean(on), Field::Number(seconds)] => Some(linger_of(on, seconds)),
        _ => None,
    }
}

fn linger_of(on: bool, seconds: f64) -> OptValue {
    // Whoever gives -1 wants no reset, which 0 would be: the original makes an unsigned short of it.
    let seconds = if seconds < 0.0 { f64::from(u16::MAX) } else { seconds };
    OptValue::Linger(on.then(|| Duration::from_secs(seconds as u64)))
}

/// The name of an interface to bind to; empty for none.
pub(super) fn device(given: Given<'_>) -> Result<OptValue, Raise<'_>> {
    let name = given.to_bytes().ok_or(Raise::Type(3, "string"))?;
    let bad = Raise::argument(3, "interface name of at most 15 bytes expected");
    convert::interface(name).ok_or(bad)
}

/// The IPv4 address of an interface, `"*"` for the system's choice.
pub(super) fn interface<'a>(lua: Lua<'a>, given: Given<'a>) -> Result<OptValue, Raise<'a>> {
    let text = text_of(lua, given.local()).ok_or(Raise::Type(3, "string"))?;
    let ip = any_or_ip(&text).ok_or(Raise::argument(3, "ip expected"))?;
    Ok(OptValue::Ip(ip.into()))
}

/// `{ multiaddr = group, interface = address }`, for IPv6 with an interface's number or name, or none. `None`: there is
/// no interface of that name.
pub(super) fn membership<'a>(
    lua: Lua<'a>,
    given: Given<'a>,
    option: Opt,
) -> Result<Option<OptValue>, Raise<'a>> {
    const GROUP: Raise<'static> = Raise::argument(3, "invalid 'multiaddr' ip address");
    let table = table(given)?;
    let group = lua.get(table, "multiaddr")?;
    let Some(group) = text_of(lua, group) else {
        return Err(Raise::argument(3, "string 'multiaddr' field expected"));
    };
    if matches!(option, Opt::Ip6Join | Opt::Ip6Leave) {
        let group: Ipv6Addr = group.parse().map_err(|_| GROUP)?;
        let number = lua.get(table, "interface")?;
        let interface = Ipv4Addr::UNSPECIFIED;
        let index = index_of(lua, number)?;
        return Ok(index.map(|index| OptValue::Join { group: group.into(), interface, index }));
    }
    let group = parse_ipv4(&group).ok_or(GROUP)?;
    let interface = lua.get(table, "interface")?;
    let Some(interface) = text_of(lua, interface) else {
        return Err(Raise::argument(3, "string 'interface' field expected"));
    };
    let Some(interface) = any_or_ip(&interface) else {
        return Err(Raise::argument(3, "invalid 'interface' ip address"));
    };
    Ok(Some(OptValue::Join { group: group.into(), interface, index: 0 }))
}

fn index_of<'a>(lua: Lua<'a>, interface: Local<'a>) -> Result<Option<u32>, Raise<'a>> {
    if let Some(number) = lua.number(interface) {
        return Ok(Some(number as u32));
    }
    match lua.kind(interface) {
        Kind::Nil => Ok(Some(0)),
        Kind::String => Ok(Some(interface_index(&lua.text(interface))).filter(|&index| index != 0)),
        _ => Err(Raise::argument(3, "number 'interface' field expected")),
    }
}

fn table(given: Given<'_>) -> Result<Local<'_>, Raise<'_>> {
    match given.kind() {
        Kind::Table => Ok(given.local()),
        _ => Err(Raise::Type(3, "table")),
    }
}

fn any_or_ip(text: &str) -> Option<Ipv4Addr> {
    if text == "*" { Some(Ipv4Addr::UNSPECIFIED) } else { parse_ipv4(text) }
}

/// A string, or a number as Lua writes it.
fn text_of<'a>(lua: Lua<'a>, it: Local<'a>) -> Option<String> {
    matches!(lua.kind(it), Kind::String | Kind::Number).then(|| lua.text(it))
}
