//! LuaSocket's option names, and the shapes of their values.

use moonsocket_core::{Opt, OptionKind, Value as OptValue};

use super::control::DONE;
use super::option_names::{Access, Table};
use super::option_values as values;
use crate::convert;
use crate::door::HasSocket;
use crate::vm::{Answer, Cx, Given, Kind, Lua, Raise, Ref, Reply, Tree, Value};

/// A class that has options.
pub(super) trait HasOptions: HasSocket {
    /// Their names.
    const OPTIONS: Table;
}

fn find<T: HasOptions>(name: &[u8], not: Access) -> Result<Opt, Raise<'_>> {
    let options = T::OPTIONS.iter().flat_map(|part| part.iter());
    let mut known = options.filter(|(_, _, access)| *access != not);
    known
        .find(|(known, _, _)| known.as_bytes() == name)
        .map(|(_, option, _)| *option)
        .ok_or_else(|| Raise::quoting(2, "unsupported option `", &name[..name.len().min(35)], "'"))
}

/// `getoption(name)`.
pub(super) fn get<'a, T: HasOptions>(this: &'a mut T, cx: Cx<'a>, name: &'a [u8]) -> Answer<'a> {
    let option = find::<T>(name, Access::Set)?;
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
        OptValue::Name(name) => cx.bytes(convert::interface_text(&name)),
        OptValue::Time(time) => time.map(|time| time.as_secs_f64()).into(),
        OptValue::Ip(ip) => cx.bytes(ip.to_string()),
        OptValue::Join { .. } | OptValue::Credentials { .. } => Value::Nil,
    }))
}

/// `setoption(name, value)`. Without a descriptor it is remembered for the one to come.
pub(super) fn set<'a, T: HasOptions>(
    this: Ref<'a, T>,
    lua: Lua<'a>,
    name: &'a [u8],
    given: Given<'a>,
) -> Answer<'a> {
    let option = find::<T>(name, Access::Get)?;
    let value = match option.kind() {
        OptionKind::Flag => match given.kind() {
            Kind::Boolean => OptValue::Flag(given.truth()),
            _ => return Err(Raise::Type(3, "boolean")),
        },
        // Not checked upstream: what is no number counts as 0.
        OptionKind::Int => OptValue::Int(given.to_number().unwrap_or(0.0) as i32),
        OptionKind::Linger => values::linger(lua, given)?,
        OptionKind::Name => values::device(given)?,
        OptionKind::Interface => values::interface(lua, given)?,
        OptionKind::Join => match values::membership(lua, given, option)? {
            Some(value) => value,
            None => return Ok(REFUSED),
        },
        OptionKind::Time | OptionKind::Error | OptionKind::Credentials => {
            return Err(Raise::argument(2, "read-only option"));
        }
    };
    let outcome = this.with(|object| {
        let handle = &mut object.socket().handle;
        // One that was set on a descriptor is not for the next one.
        if handle.is_open() {
            return Some(handle.set_option(option, value));
        }
        // What no system would take is not remembered either.
        match value {
            OptValue::Join { group, .. } if !group.is_multicast() => None,
            _ => Some(handle.remember_option(option, value)),
        }
    });
    Ok(match outcome.flatten() {
        Some(Ok(())) => DONE,
        Some(Err(error)) => super::error::failure("setsockopt failed".into(), &error),
        None => REFUSED,
    })
}

/// For what is not even worth asking the system.
const REFUSED: Reply<'static> = Reply::Two(Value::Nil, Value::Str("setsockopt failed"));
