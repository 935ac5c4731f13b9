//! `socket.connect(address, port, { happy_eyeballs = true, … })`: an addition; whichever address answers first.

use std::time::Duration;

use moonsocket_core::ops::{Connect, HappyEyeballs};
use moonsocket_core::{Family, Kind as SocketKind, Timeouts, number};

use super::error::fail;
use super::roles::Role;
use super::tcp::Tcp;
use crate::backend::Chosen;
use crate::door;
use crate::socket::Engine;
use crate::vm::{Answer, Given, Kind, Lua, Raise, Reply};

/// What the table of options says.
struct Options {
    family: Family,
    /// How long each address has before the next is tried as well; `None`: one after the other.
    delay: Option<Duration>,
    /// For the whole connect, lookup included; the client then has none.
    limit_s: f64,
}

impl Options {
    /// `family`: "unspec", "inet", "inet6". `happy_eyeballs`: true, or the delay in seconds. `timeout`: in seconds.
    fn read<'a>(lua: Lua<'a>, table: Given<'a>) -> Result<Self, Raise<'a>> {
        let bad = |message| Raise::argument(3, message);
        let family = lua.get(table.local(), "family")?;
        let family = match (lua.kind(family), lua.text(family).as_str()) {
            (Kind::Nil, _) | (Kind::String, "unspec") => Family::Any,
            (Kind::String, "inet") => Family::V4,
            (Kind::String, "inet6") => Family::V6,
            _ => return Err(bad("'family' is \"unspec\", \"inet\" or \"inet6\"")),
        };
        let happy = lua.get(table.local(), "happy_eyeballs")?;
        let delay = match (lua.kind(happy), lua.number(happy)) {
            (Kind::Nil | Kind::Boolean, _) => {
                lua.truth(happy).then_some(HappyEyeballs::<Chosen>::DELAY)
            }
            (_, Some(s)) if (0.0..=3600.0).contains(&s) => Some(Duration::from_secs_f64(s)),
            _ => return Err(bad("'happy_eyeballs' is a boolean or a delay in seconds")),
        };
        let limit = lua.get(table.local(), "timeout")?;
        let limit_s = match (lua.kind(limit), lua.number(limit)) {
            (Kind::Nil, _) => -1.0,
            (_, Some(s)) if !s.is_nan() => s,
            _ => return Err(bad("'timeout' is a number of seconds")),
        };
        Ok(Self { family, delay, limit_s })
    }
}

/// A client that is connected as the table of options says.
pub(super) fn connect<'a>(
    lua: Lua<'a>,
    host: &'a [u8],
    service: &[u8],
    table: Given<'a>,
) -> Answer<'a> {
    let options = Options::read(lua, table)?;
    let cx = lua.cx();
    let opened = super::tcp::query(host, service, options.family, false)
        .and_then(|query| Ok((Tcp::master(Engine::of(cx), Family::Any)?, query)));
    let (mut tcp, query) = match opened {
        Ok(opened) => opened,
        Err(error) => return fail(cx, &error),
    };
    tcp.role = Role::Client;
    tcp.socket.handle.timeouts.set_total_s(options.limit_s);
    let kind = SocketKind::stream(number::AF_UNSPEC);
    let Some(delay) = options.delay else {
        return super::tcp::connect_master(cx, tcp, Connect::resolve(query, kind));
    };
    let race = HappyEyeballs::resolve(query, kind).delay(delay);
    let patience = tcp.socket.patience();
    door::run_owned(cx, tcp, race, patience, |cx, mut tcp, out| {
        tcp.socket.handle.timeouts = Timeouts::default();
        match out {
            Ok(()) => Ok(Reply::One(cx.object(tcp))),
            Err(error) => fail(cx, &error),
        }
    })
}
