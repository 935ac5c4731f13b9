//! LuaSocket's option names, and the shapes of their values.

use std::time::Duration;

use moonsocket_core::{Opt, OptionKind, Value as OptValue};

use super::control::DONE;
use crate::door::HasSocket;
use crate::vm::{Answer, Cx, Given, Kind, Lua, Raise, Ref, Reply, Tree, Value};

/// Which way an option goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Both,
    Get,
    Set,
}

/// The options of TCP objects, sorted by name.
const TCP: &[(&str, Opt, Access)] = &[
    ("bindtodevice", Opt::BindToDevice, Access::Both),
    ("error", Opt::Error, Access::Get),
    ("ipv6-v6only", Opt::Ip6Only, Access::Both),
    ("keepalive", Opt::KeepAlive, Access::Both),
    ("linger", Opt::Linger, Access::Both),
    ("recv-buffer-size", Opt::ReceiveBuffer, Access::Both),
    ("reuseaddr", Opt::ReuseAddress, Access::Both),
    ("reuseport", Opt::ReusePort, Access::Both),
    ("send-buffer-size", Opt::SendBuffer, Access::Both),
    ("tcp-defer-accept", Opt::TcpDeferAccept, Access::Set),
    ("tcp-fastopen", Opt::TcpFastOpen, Access::Set),
    ("tcp-fastopen-connect", Opt::TcpFastOpenConnect, Access::Set),
    ("tcp-keepcnt", Opt::TcpKeepCount, Access::Both),
    ("tcp-keepidle", Opt::TcpKeepIdle, Access::Both),
    ("tcp-keepintvl", Opt::TcpKeepInterval, Access::Both),
    ("tcp-nodelay", Opt::TcpNoDelay, Access::Both),
];

fn find(name: &[u8], not: Access) -> Result<Opt, Raise<'_>> {
    let known = TCP.iter().find(|(known, _, access)| known.as_bytes() == name && *access != not);
    known
        .map(|(_, option, _)| *option)
        .ok_or_else(|| Raise::quoting(2, "unsupported option `", &name[..name.len().min(35)], "'"))
}

/// `getoption(name)`.
pub(super) fn get<'a, T: HasSocket>(this: &'a mut T, cx: Cx<'a>, name: &'a [u8]) -> Answer<'a> {
    let option = find(name, Access::Set)?;
    let value = match this.socket().handle.option(option) {
        Ok(value) => value,
        Err(error) => {
            return Ok(super::error::failure("getsockopt failed".into(), &error));
        }
    };
    Ok(Reply::One(match value {
        OptValue::Flag(on) => on.into(),
        OptValue::Int(number) => i64::from(number).into(),
        OptValue::Error(None) => Value::Nil,
        OptValue::Error(Some(code)) => super::error::os_words(cx, code),
        OptValue::Linger(time) => cx.tree(Tree::Fields(vec![
            ("on", Tree::Boolean(time.is_some())),
            ("timeout", Tree::Integer(time.unwrap_or_default().as_secs() as i64)),
        ])),
        OptValue::Name(name) => {
            let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
            cx.bytes(&name[..end])
        }
        OptValue::Time(time) => time.map(|time| time.as_secs_f64()).into(),
        OptValue::Ip(ip) => cx.bytes(ip.to_string()),
        OptValue::Join { .. } | OptValue::Credentials { .. } => Value::Nil,
    }))
}

/// `setoption(name, value)`. Without a descriptor it is remembered for the one to come.
pub(super) fn set<'a, T: HasSocket>(
    this: Ref<'a, T>,
    lua: Lua<'a>,
    name: &'a [u8],
    given: Given<'a>,
) -> Answer<'a> {
    let option = find(name, Access::Get)?;
    let value = match option.kind() {
        OptionKind::Flag => match given.kind() {
            Kind::Boolean => OptValue::Flag(given.truth()),
            _ => return Err(Raise::Type(3, "boolean")),
        },
        // Not checked upstream: what is no number counts as 0.
        OptionKind::Int => OptValue::Int(given.to_number().unwrap_or(0.0) as i32),
        OptionKind::Linger => linger(lua, given)?,
        OptionKind::Name => interface(given)?,
        OptionKind::Time
        | OptionKind::Error
        | OptionKind::Interface
        | OptionKind::Join
        | OptionKind::Credentials => return Err(Raise::argument(2, "read-only option")),
    };
    let outcome = this.with(|object| {
        let handle = &mut object.socket().handle;
        // One that was set on a descriptor is not for the next one.
        if handle.is_open() {
            handle.set_option(option, value)
        } else {
            handle.remember_option(option, value)
        }
    });
    Ok(match outcome {
        Some(Ok(())) => DONE,
        Some(Err(error)) => super::error::failure("setsockopt failed".into(), &error),
        None => Reply::Two(Value::Nil, "setsockopt failed".into()),
    })
}

fn linger<'a>(lua: Lua<'a>, given: Given<'a>) -> Result<OptValue, Raise<'a>> {
    if given.kind() != Kind::Table {
        return Err(Raise::Type(3, "table"));
    }
    let on = lua.get(given.local(), "on")?;
    if lua.kind(on) != Kind::Boolean {
        return Err(Raise::argument(3, "boolean 'on' field expected"));
    }
    let timeout = lua.get(given.local(), "timeout")?;
    let Some(seconds) = lua.number(timeout) else {
        return Err(Raise::argument(3, "number 'timeout' field expected"));
    };
    let time = Duration::from_secs(seconds.max(0.0) as u64);
    Ok(OptValue::Linger(lua.truth(on).then_some(time)))
}

fn interface(given: Given<'_>) -> Result<OptValue, Raise<'_>> {
    let name = given.to_bytes().ok_or(Raise::Type(3, "string"))?;
    if name.len() > 15 || name.contains(&0) {
        return Err(Raise::argument(3, "interface name of at most 15 bytes expected"));
    }
    let mut bytes = [0; 16];
    bytes[..name.len()].copy_from_slice(name);
    Ok(OptValue::Name(bytes))
}
