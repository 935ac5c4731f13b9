//! Options: nixio's levels and names, and the shapes of their values.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use moonsocket_core::os::interfaces::interface_index;
use moonsocket_core::{Error, Limit, Opt, OptionKind, Value as OptValue, errno};

use super::error::{fail, failure};
use super::socket::{Nixio, done};
use crate::convert;
use crate::vm::{Answer, Cx, Given, Kind, Raise, Reply};

type Names = &'static [(&'static str, Opt)];

/// Each level with its options, and what the error for an unknown one says.
const LEVELS: &[(&str, Names, &str)] = &[
    (
        "socket",
        &[
            ("bindtodevice", Opt::BindToDevice),
            ("broadcast", Opt::Broadcast),
            ("dontroute", Opt::DontRoute),
            ("error", Opt::Error),
            ("keepalive", Opt::KeepAlive),
            ("linger", Opt::Linger),
            ("oobinline", Opt::OutOfBandInline),
            ("priority", Opt::Priority),
            ("rcvbuf", Opt::ReceiveBuffer),
            ("rcvtimeo", Opt::ReceiveTimeout),
            ("reuseaddr", Opt::ReuseAddress),
            ("reuseport", Opt::ReusePort),
            ("sndbuf", Opt::SendBuffer),
            ("sndtimeo", Opt::SendTimeout),
        ],
        "supported values: keepalive, reuseaddr, reuseport, sndbuf, rcvbuf, priority, broadcast, linger, sndtimeo, \
         rcvtimeo, dontroute, bindtodevice, error, oobinline",
    ),
    (
        "tcp",
        &[("cork", Opt::TcpCork), ("nodelay", Opt::TcpNoDelay)],
        "supported values: cork, nodelay",
    ),
    (
        "ip",
        &[
            ("add_membership", Opt::Ip4Join),
            ("drop_membership", Opt::Ip4Leave),
            ("hdrincl", Opt::Ip4HeaderIncluded),
            ("mtu", Opt::Ip4Mtu),
            ("multicast_if", Opt::Ip4MulticastInterface),
            ("multicast_loop", Opt::Ip4MulticastLoop),
            ("multicast_ttl", Opt::Ip4MulticastTtl),
        ],
        "supported values: hdrincl, mtu, multicast_loop, multicast_ttl, multicast_if, add_membership, drop_membership",
    ),
    (
        "ipv6",
        &[
            ("add_membership", Opt::Ip6Join),
            ("drop_membership", Opt::Ip6Leave),
            ("mtu", Opt::Ip6Mtu),
            ("multicast_hops", Opt::Ip6MulticastHops),
            ("multicast_if", Opt::Ip6MulticastInterface),
            ("multicast_loop", Opt::Ip6MulticastLoop),
            ("v6only", Opt::Ip6Only),
        ],
        "supported values: mtu, v6only, multicast_hops, multicast_loop, multicast_if, add_membership, drop_membership",
    ),
];

fn find<'a>(level: &'a [u8], name: &'a [u8]) -> Result<Opt, Raise<'a>> {
    let (_, names, supported) = LEVELS
        .iter()
        .find(|(known, ..)| known.as_bytes() == level)
        .ok_or(Raise::argument(2, "supported values: socket, tcp, ip, ipv6"))?;
    let option = names.iter().find(|(known, _)| known.as_bytes() == name);
    option.map(|(_, option)| *option).ok_or(Raise::argument(3, supported))
}

/// `getopt(level, option)`.
pub(super) fn get<'a>(
    this: &'a mut Nixio,
    cx: Cx<'a>,
    level: &'a [u8],
    name: &'a [u8],
) -> Answer<'a> {
    let option = find(level, name)?;
    if let Some(which) = limit(option) {
        return Ok(this.limits_set[which].into());
    }
    let value = match this.socket.handle.option(option) {
        Ok(value) => value,
        Err(error) => return fail(cx, &error),
    };
    Ok(match value {
        OptValue::Flag(on) => Reply::one(i64::from(on)),
        OptValue::Int(number) => Reply::one(i64::from(number)),
        OptValue::Error(code) => Reply::one(i64::from(code.unwrap_or(0))),
        OptValue::Linger(None) => Reply::one(0),
        // One number cannot tell "at once" from "off".
        OptValue::Linger(Some(Duration::ZERO)) => (0, true).into(),
        OptValue::Linger(Some(time)) => Reply::one(time.as_secs() as i64),
        OptValue::Name(name) => Reply::One(cx.bytes(convert::interface_text(&name))),
        OptValue::Ip(ip) => Reply::One(cx.bytes(ip.to_string())),
        OptValue::Time(_) | OptValue::Join { .. } | OptValue::Credentials { .. } => Reply::one(()),
    })
}

/// Which of the limits an option is, of those that the object itself remembers.
fn limit(option: Opt) -> Option<usize> {
    match option {
        Opt::ReceiveTimeout => Some(0),
        Opt::SendTimeout => Some(1),
        _ => None,
    }
}

/// `setopt(level, option, value [, value2])`.
pub(super) fn set<'a>(
    this: &'a mut Nixio,
    cx: Cx<'a>,
    level: &'a [u8],
    name: &'a [u8],
    given: Given<'a>,
    second: Given<'a>,
) -> Answer<'a> {
    let option = find(level, name)?;
    if let Some(which) = limit(option) {
        return set_limit(this, cx, which, (given, second));
    }
    let value = match option.kind() {
        OptionKind::Linger => linger(given, second)?,
        OptionKind::Name => device(given)?,
        OptionKind::Interface => interface(given, second)?,
        OptionKind::Join => membership(option, given, second)?,
        OptionKind::Int if option == Opt::Ip6MulticastInterface => index(given)?.map(OptValue::Int),
        // The system's answer to setting what can only be read.
        OptionKind::Error | OptionKind::Credentials => Err(errno::ENOPROTOOPT),
        OptionKind::Flag | OptionKind::Int | OptionKind::Time => match given.kind() {
            Kind::Boolean if option.kind() == OptionKind::Flag => Ok(OptValue::Flag(given.truth())),
            _ => Ok(OptValue::Int(whole(given)?)),
        },
    };
    match value {
        Ok(value) => done(cx, this.socket.handle.set_option(option, value)),
        Err(number) => Ok(failure(cx, number)),
    }
}

/// A value, or the number of the error that the system would give for it.
type Judged<T = OptValue> = Result<T, i32>;

fn number(given: Given<'_>) -> Result<f64, Raise<'_>> {
    given.to_number().ok_or(Raise::Type(given.number(), "number"))
}

/// A number that the system takes as it is.
fn whole(given: Given<'_>) -> Result<i32, Raise<'_>> {
    let number = number(given)?;
    if number.is_nan() {
        return Err(Raise::argument(given.number(), "number has no integer representation"));
    }
    Ok(number as i32)
}

/// Seconds, with a fraction if need be, and microseconds; none for no limit.
fn set_limit<'a>(
    this: &'a mut Nixio,
    cx: Cx<'a>,
    which: usize,
    (seconds, micros): (Given<'a>, Given<'a>),
) -> Answer<'a> {
    let whole_seconds = number(seconds)?;
    let micros =
        if matches!(micros.kind(), Kind::None | Kind::Nil) { 0.0 } else { number(micros)? };
    if whole_seconds.is_nan() || !(0.0..1e6).contains(&micros) {
        return Ok(failure(cx, errno::EDOM));
    }
    // Rounded up: less than asked would be early. Beyond what anybody waits for it is no limit, as is less than nothing.
    let total = (whole_seconds * 1e6).ceil() + micros.ceil();
    let total = if total < 9e15 { total.max(0.0) as u64 } else { 0 };
    this.limits_set[which] = ((total / 1_000_000) as i64, (total % 1_000_000) as i64);
    let limit = match total {
        0 => Limit::FOREVER,
        total => Limit::after(Duration::from_micros(total)),
    };
    let limits = &mut this.limits;
    *(if which == 0 { &mut limits.receive } else { &mut limits.send }) = limit;
    done(cx, Ok::<(), Error>(()))
}

/// Seconds, 0 for off; or a boolean, and the seconds after it, of which 0 then is a reset.
fn linger<'a>(given: Given<'a>, second: Given<'a>) -> Result<Judged, Raise<'a>> {
    let (on, seconds) = match given.kind() {
        Kind::Boolean if given.truth() => (true, second.to_number().unwrap_or(0.0)),
        Kind::Boolean => (false, 0.0),
        _ => {
            let seconds = number(given)?;
            (seconds != 0.0, seconds)
        }
    };
    let time = Duration::try_from_secs_f64(seconds).map_err(|_| errno::EINVAL);
    Ok(time.map(|time| OptValue::Linger(on.then_some(time))))
}

/// A text. A number will do, as everywhere, but what is asked for here is never one.
fn text(given: Given<'_>) -> Result<&[u8], Raise<'_>> {
    match given.kind() {
        Kind::Number => Ok(b"a number"),
        _ => given.to_bytes().ok_or(Raise::Type(given.number(), "string")),
    }
}

fn device(given: Given<'_>) -> Result<Judged, Raise<'_>> {
    let name = text(given)?;
    if name.len() > 16 {
        return Err(Raise::argument(given.number(), "invalid interface name"));
    }
    Ok(convert::interface(name).ok_or(errno::ENODEV))
}

fn ip<T: std::str::FromStr>(text: &[u8]) -> Judged<T> {
    let text = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    text.ok_or(errno::EINVAL)
}

/// The address of an interface. The original's first value is said to be ignored: of two the second counts.
fn interface<'a>(given: Given<'a>, second: Given<'a>) -> Result<Judged, Raise<'a>> {
    let first = text(given)?;
    let absent = matches!(second.kind(), Kind::None | Kind::Nil);
    let address = ip::<Ipv4Addr>(if absent { first } else { text(second)? });
    Ok(ip::<Ipv4Addr>(first).and(address).map(|address| OptValue::Ip(address.into())))
}

/// A group and, for IPv4, an interface's address, for IPv6 its number or name.
fn membership<'a>(option: Opt, given: Given<'a>, second: Given<'a>) -> Result<Judged, Raise<'a>> {
    let group = text(given)?;
    let absent = matches!(second.kind(), Kind::None | Kind::Nil);
    if matches!(option, Opt::Ip6Join | Opt::Ip6Leave) {
        let index = if absent { Ok(0) } else { index(second)? };
        let group = ip::<Ipv6Addr>(group);
        return Ok(group.and_then(|group| Ok(join(group.into(), Ipv4Addr::UNSPECIFIED, index?))));
    }
    let interface = if absent { Ok(Ipv4Addr::UNSPECIFIED) } else { ip(text(second)?) };
    let group = ip::<Ipv4Addr>(group);
    Ok(group.and_then(|group| Ok(join(group.into(), interface?, 0))))
}

fn join(group: IpAddr, interface: Ipv4Addr, index: i32) -> OptValue {
    OptValue::Join { group, interface, index: index as u32 }
}

/// The number of an interface, given as such or by name.
fn index(given: Given<'_>) -> Result<Judged<i32>, Raise<'_>> {
    if given.to_number().is_some() {
        return Ok(Ok(whole(given)?));
    }
    let name = given.to_bytes().ok_or(Raise::Type(given.number(), "number"))?;
    let index = std::str::from_utf8(name).map_or(0, interface_index);
    Ok(if index == 0 { Err(errno::ENODEV) } else { Ok(index as i32) })
}
