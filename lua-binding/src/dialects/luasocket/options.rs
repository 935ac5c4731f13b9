//! LuaSocket's option names, and the shapes of their values.

use moonsocket_core::{First, Opt, OptionKind, Value as OptValue};

use super::control::DONE;
use super::option_names::{Access, Table};
use super::option_values as values;
use crate::convert;
use crate::door::HasSocket;
use crate::vm::{Answer, Count, Cx, Given, Kind, Lua, Raise, Ref, Reply, Shown, Value};

/// A class that has options.
pub(super) trait HasOptions: HasSocket {
    /// Their names.
    const OPTIONS: Table;
}

/// The option of this name that goes the way that is asked for.
fn known<T: HasOptions>(name: &[u8], not: Access) -> Option<Opt> {
    for part in T::OPTIONS {
        for (known, option, access) in *part {
            if known.len() == name.len() && known.as_bytes() == name && *access != not {
                return Some(*option);
            }
        }
    }
    None
}

fn find<T: HasOptions>(name: &[u8], not: Access) -> Result<Opt, Raise<'_>> {
    known::<T>(name, not)
        .ok_or_else(|| Raise::quoting(2, "unsupported option `", &name[..name.len().min(35)], "'"))
}

/// The shortcut of [`get`] for frequent values.
pub(super) fn get_at_once<T: HasOptions>(this: &mut T, [name]: [Given<'_>; 1]) -> First<Shown> {
    let option = name.to_bytes().and_then(known_to_get::<T>);
    let value = option.map(|option| this.socket().handle.option(option));
    First::Done(match value {
        Some(Ok(OptValue::Flag(on))) => Shown::One(on.into()),
        Some(Ok(OptValue::Int(number))) => Shown::One(i64::from(number).into()),
        Some(Ok(OptValue::Linger(time))) => {
            let seconds = time.unwrap_or_default().as_secs() as i64;
            Shown::Table([("on", time.is_some().into()), ("timeout", seconds.into())])
        }
        _ => return First::Not,
    })
}

/// Those that the shortcut shows: reading any other one twice might lose it.
fn known_to_get<T: HasOptions>(name: &[u8]) -> Option<Opt> {
    let frequent = [OptionKind::Flag, OptionKind::Int, OptionKind::Linger];
    known::<T>(name, Access::Set).filter(|option| frequent.contains(&option.kind()))
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
        OptValue::Name(name) => cx.bytes(convert::interface_text(&name)),
        OptValue::Time(time) => time.map(|time| time.as_secs_f64()).into(),
        OptValue::Ip(ip) => cx.bytes(ip.to_string()),
        OptValue::Linger(_) | OptValue::Join { .. } | OptValue::Credentials { .. } => Value::Nil,
    }))
}

/// The shortcut of [`set`] for frequent values, on a descriptor that takes them.
pub(super) fn set_at_once<T: HasOptions>(
    this: &mut T,
    [name, given]: [Given<'_>; 2],
) -> Option<Count<0>> {
    let option = known::<T>(name.to_bytes()?, Access::Get)?;
    let value = match option.kind() {
        OptionKind::Flag if given.kind() == Kind::Boolean => OptValue::Flag(given.truth()),
        OptionKind::Int if given.kind() == Kind::Number => OptValue::Int(given.to_number()? as i32),
        OptionKind::Linger => values::plain_linger(given)?,
        _ => return None,
    };
    let handle = &mut this.socket().handle;
    if !handle.is_open() {
        return None;
    }
    handle.set_option(option, value).ok().map(|()| Count(1))
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
