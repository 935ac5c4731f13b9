//! `set_option` and `get_option`.

use moonsocket_core::{Error, ErrorKind, Opt, OptionKind, Value as OptValue, errno, number};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::address::Address;
use super::error::{GENERIC, coded, fail, invalid};
use super::inet::{Inet, Role, done};
use crate::vm::{Answer, Cx, Given, Kind, Reply, Value};

/// What a name stands for.
#[derive(Clone, Copy)]
enum Setting {
    /// One of the system's options.
    Plain(Opt),
    /// One for IPv4 and one for IPv6.
    Either(Opt, Opt),
    /// A size that Linux doubles.
    Doubled(Opt),
    /// Whether accept tells of connections that were gone before.
    TellsAborted,
}

use Setting::{Doubled, Either, Plain, TellsAborted};

const STREAM: &[(&str, Setting)] = &[
    ("debug", Plain(Opt::Debug)),
    ("do_not_route", Plain(Opt::DontRoute)),
    ("keep_alive", Plain(Opt::KeepAlive)),
    ("linger", Plain(Opt::Linger)),
    ("out_of_band_inline", Plain(Opt::OutOfBandInline)),
    ("receive_buffer_size", Doubled(Opt::ReceiveBuffer)),
    ("receive_low_watermark", Plain(Opt::ReceiveLowWater)),
    ("send_buffer_size", Doubled(Opt::SendBuffer)),
    ("send_low_watermark", Plain(Opt::SendLowWater)),
    ("tcp_no_delay", Plain(Opt::TcpNoDelay)),
    ("v6_only", Plain(Opt::Ip6Only)),
];

const LISTENER: &[(&str, Setting)] = &[
    ("debug", Plain(Opt::Debug)),
    ("enable_connection_aborted", TellsAborted),
    ("reuse_address", Plain(Opt::ReuseAddress)),
    ("v6_only", Plain(Opt::Ip6Only)),
];

const DATAGRAM: &[(&str, Setting)] = &[
    ("broadcast", Plain(Opt::Broadcast)),
    ("debug", Plain(Opt::Debug)),
    ("do_not_route", Plain(Opt::DontRoute)),
    ("join_multicast_group", Either(Opt::Ip4Join, Opt::Ip6Join)),
    ("leave_multicast_group", Either(Opt::Ip4Leave, Opt::Ip6Leave)),
    ("multicast_hops", Either(Opt::Ip4MulticastTtl, Opt::Ip6MulticastHops)),
    ("multicast_interface", Either(Opt::Ip4MulticastInterface, Opt::Ip6MulticastInterface)),
    ("multicast_loop", Either(Opt::Ip4MulticastLoop, Opt::Ip6MulticastLoop)),
    ("receive_buffer_size", Doubled(Opt::ReceiveBuffer)),
    ("reuse_address", Plain(Opt::ReuseAddress)),
    ("send_buffer_size", Doubled(Opt::SendBuffer)),
    ("unicast_hops", Either(Opt::Ip4Ttl, Opt::Ip6UnicastHops)),
    ("v6_only", Plain(Opt::Ip6Only)),
];

impl Inet {
    fn setting(&self, name: &[u8]) -> Option<Setting> {
        let list = match self.role {
            Role::Stream => STREAM,
            Role::Listener => LISTENER,
            Role::Datagram => DATAGRAM,
        };
        list.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, setting)| *setting)
    }

    fn of_family(&self, v4: Opt, v6: Opt) -> Opt {
        if self.socket.handle.family() == number::AF_INET6 { v6 } else { v4 }
    }
}

/// `set_option(name, value...)`.
pub(super) fn set<'a>(
    this: &'a mut Inet,
    cx: Cx<'a>,
    name: Given<'a>,
    value: Given<'a>,
    more: Given<'a>,
) -> Answer<'a> {
    let Some(name) = name.to_bytes() else { return invalid(2) };
    let option = match this.setting(name) {
        Some(Plain(option) | Doubled(option)) => option,
        Some(Either(v4, v6)) => this.of_family(v4, v6),
        Some(TellsAborted) => {
            return match boolean(value) {
                Ok(tells) => {
                    this.tells_aborted = tells;
                    Ok(Reply::one(true))
                }
                Err(wrong) => wrong.answer(cx),
            };
        }
        None => return coded(errno::ENOTSUP, GENERIC),
    };
    match read(option, value, more) {
        Ok(Some(value)) => done(cx, this.socket.handle.set_option(option, value)),
        Ok(None) => invalid(3),
        Err(wrong) => wrong.answer(cx),
    }
}

/// A value of the wrong type, for which Emilua has no error value but Lua's own message.
struct Wrong {
    number: i32,
    expected: &'static str,
}

impl Wrong {
    /// `nil, message`, which the Lua half raises where the program called.
    fn answer<'a>(self, cx: Cx<'a>) -> Answer<'a> {
        let Self { number, expected } = self;
        let text = format!("bad argument #{number} to 'set_option' ({expected} expected)");
        Ok((Value::Nil, cx.bytes(text)).into())
    }
}

fn boolean(given: Given<'_>) -> Result<bool, Wrong> {
    match given.kind() {
        Kind::Boolean => Ok(given.truth()),
        _ => Err(Wrong { number: given.number(), expected: "boolean" }),
    }
}

fn integer(given: Given<'_>) -> Result<i32, Wrong> {
    match given.to_number() {
        // A number too large for the system saturates, and the system judges it.
        Some(number) if given.kind() == Kind::Number => Ok(number as i32),
        _ => Err(Wrong { number: given.number(), expected: "number" }),
    }
}

fn read(option: Opt, value: Given<'_>, more: Given<'_>) -> Result<Option<OptValue>, Wrong> {
    Ok(match option.kind() {
        OptionKind::Flag => Some(OptValue::Flag(boolean(value)?)),
        OptionKind::Int => Some(OptValue::Int(integer(value)?)),
        OptionKind::Linger => {
            let on = boolean(value)?;
            let seconds = u64::try_from(integer(more)?.max(0)).unwrap_or(0);
            Some(OptValue::Linger(on.then(|| Duration::from_secs(seconds))))
        }
        OptionKind::Interface => Address::read(value).map(|address| OptValue::Ip(address.ip)),
        OptionKind::Join => Address::read(value).and_then(|group| {
            let interface = match more.kind() {
                Kind::None | Kind::Nil => Some((Ipv4Addr::UNSPECIFIED, 0)),
                Kind::Number => more.to_number().map(|it| (Ipv4Addr::UNSPECIFIED, it as u32)),
                _ => match Address::read(more)?.ip {
                    IpAddr::V4(ip) => Some((ip, 0)),
                    IpAddr::V6(_) => None,
                },
            };
            let (interface, index) = interface?;
            Some(OptValue::Join { group: group.ip, interface, index })
        }),
        OptionKind::Time | OptionKind::Error | OptionKind::Name | OptionKind::Credentials => None,
    })
}

/// `get_option(name)`: its value; of linger whether, and seconds.
pub(super) fn get<'a>(this: &'a mut Inet, cx: Cx<'a>, name: Given<'a>) -> Answer<'a> {
    let Some(name) = name.to_bytes() else { return invalid(2) };
    let setting = this.setting(name);
    let option = match setting {
        Some(Plain(option) | Doubled(option)) => option,
        Some(Either(v4, v6)) => this.of_family(v4, v6),
        Some(TellsAborted) => return Ok(Reply::one(this.tells_aborted)),
        None => return coded(errno::ENOTSUP, GENERIC),
    };
    match this.socket.handle.option(option) {
        Ok(OptValue::Flag(on)) => Ok(Reply::one(on)),
        Ok(OptValue::Int(size)) if matches!(setting, Some(Doubled(_))) => {
            Ok(Reply::one(i64::from(size) / 2))
        }
        Ok(OptValue::Int(it)) => Ok(Reply::one(i64::from(it))),
        Ok(OptValue::Linger(time)) => {
            let seconds = time.unwrap_or_default().as_secs() as i64;
            Ok((time.is_some(), seconds).into())
        }
        Ok(OptValue::Ip(ip)) => Ok(Reply::One(cx.bytes(ip.to_string()))),
        Ok(_) => fail(cx, &Error::new(ErrorKind::Os(errno::ENOPROTOOPT), "get_option")),
        Err(error) => fail(cx, &error),
    }
}
