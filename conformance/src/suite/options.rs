//! Every option of the table, on a socket where it applies: what is set can be read, and a value of the wrong type is an
//! error.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use moonsocket_core::{Backend, Error, ErrorKind, Handle, Kind, Opt, OptionKind, Value};

use super::stage::{has_v6, pair};
use super::system::unix_pair;

const ALL: IpAddr = IpAddr::V4(Ipv4Addr::new(224, 0, 0, 251));
const ALL6: IpAddr = IpAddr::V6(Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0xfb));

/// A socket that knows the option. A raw one needs privilege, others IPv6.
fn open<B: Backend>(b: &B, option: Opt) -> Result<Handle<B>, Error> {
    let (level, _) = option.code();
    match (level, option) {
        (_, Opt::Ip4Mtu) => Ok(pair(b, libc::AF_INET).0),
        (libc::IPPROTO_IPV6, _) if !has_v6(b) => {
            Err(Error::new(ErrorKind::Os(libc::EAFNOSUPPORT), "open"))
        }
        (_, Opt::Ip6Mtu) => Ok(pair(b, libc::AF_INET6).0),
        (_, Opt::Ip4HeaderIncluded) => {
            let kind = Kind { family: libc::AF_INET, socktype: libc::SOCK_RAW, protocol: 255 };
            Handle::open(b, kind)
        }
        (_, Opt::PeerCredentials) => Ok(unix_pair(b, libc::SOCK_STREAM).0),
        (libc::IPPROTO_IP, _) => Handle::open(b, Kind::datagram(libc::AF_INET)),
        (libc::IPPROTO_IPV6, _) => Handle::open(b, Kind::datagram(libc::AF_INET6)),
        _ => Handle::open(b, Kind::stream(libc::AF_INET)),
    }
}

fn socket<B: Backend>(b: &B, option: Opt) -> Handle<B> {
    open(b, option).expect("nothing is in the way")
}

/// Every option that can be tried here, with a socket that knows it.
fn all<B: Backend>(b: &B) -> impl Iterator<Item = (Opt, Handle<B>)> {
    Opt::ALL.iter().filter_map(|&option| match open(b, option) {
        Err(error) if matches!(error.code(), Some(libc::EPERM | libc::EAFNOSUPPORT)) => {
            super::say(&format!("{:10} {option:?} is not tried: {error}", B::NAME));
            None
        }
        handle => Some((option, handle.expect("nothing else is in the way"))),
    })
}

/// A value that is not the default; `None`: the option cannot be set.
fn other(option: Opt, was: Value) -> Option<Value> {
    let read_only = [
        Opt::Ip4Mtu,
        // Set, it bounds what is sent; read, it is the path's.
        Opt::Ip6Mtu,
        Opt::AcceptsConnections,
        Opt::Domain,
        Opt::SendLowWater,
        Opt::Type,
        // Setting it needs privilege; so does some more, tried below.
        Opt::Debug,
    ];
    if read_only.contains(&option) {
        return None;
    }
    Some(match (option, was) {
        (Opt::Ip4MulticastInterface, _) => Value::Ip(Ipv4Addr::LOCALHOST.into()),
        (Opt::Ip6MulticastInterface | Opt::Priority, _) => Value::Int(1),
        (Opt::ReceiveBuffer | Opt::SendBuffer, _) => Value::Int(20_000),
        (Opt::Ip4Tos, _) => Value::Int(0x10),
        (_, Value::Flag(on)) => Value::Flag(!on),
        (_, Value::Int(number)) => Value::Int((number + 1).clamp(1, 100)),
        (_, Value::Linger(_)) => Value::Linger(Some(Duration::from_secs(3))),
        (_, Value::Time(_)) => Value::Time(Some(Duration::from_millis(2_000))),
        (_, Value::Name(_)) => {
            let mut name = [0; 16];
            name[..2].copy_from_slice(b"lo");
            Value::Name(name)
        }
        _ => return None,
    })
}

pub(crate) fn what_is_set_can_be_read<B: Backend>(b: &B) {
    for (option, mut handle) in all(b).filter(|(option, _)| option.kind() != OptionKind::Join) {
        let was = handle.option(option).unwrap_or_else(|error| panic!("{option:?}: {error}"));
        let Some(wanted) = other(option, was) else { continue };
        match handle.set_option(option, wanted).map_err(|error| error.kind()) {
            Ok(()) => {}
            Err(ErrorKind::Os(libc::EPERM | libc::EACCES)) => continue,
            Err(kind) => panic!("{option:?} = {wanted:?}: {kind:?}"),
        }
        let now = handle.option(option).unwrap_or_else(|error| panic!("{option:?}: {error}"));
        // Some the system rounds, doubles or counts in its own units.
        let rounds = [Opt::ReceiveBuffer, Opt::SendBuffer, Opt::TcpDeferAccept, Opt::Ip6Mtu];
        assert!(now == wanted || (rounds.contains(&option) && now != was), "{option:?}: {now:?}");
    }
}

pub(crate) fn what_cannot_be_set_says_so<B: Backend>(b: &B) {
    for option in
        [Opt::AcceptsConnections, Opt::Domain, Opt::Type, Opt::PeerCredentials, Opt::Error]
    {
        let mut handle = socket(b, option);
        let value = handle.option(option).expect("readable");
        assert!(handle.set_option(option, value).is_err(), "{option:?}");
    }
    let handle = socket(b, Opt::Domain);
    assert_eq!(handle.option(Opt::Domain), Ok(Value::Int(libc::AF_INET)));
    assert_eq!(handle.option(Opt::Type), Ok(Value::Int(libc::SOCK_STREAM)));
    assert!(handle.option(Opt::Ip4Join).is_err());
}

pub(crate) fn a_value_of_another_type_is_an_error<B: Backend>(b: &B) {
    let values = [
        Value::Flag(true),
        Value::Int(1),
        Value::Linger(None),
        Value::Time(None),
        Value::Error(None),
        Value::Name([0; 16]),
        Value::Ip(ALL6),
        Value::Join { group: ALL, interface: Ipv4Addr::UNSPECIFIED, index: 0 },
        Value::Credentials { pid: 1, uid: 1, gid: 1 },
    ];
    for (option, mut handle) in all(b) {
        for value in values {
            let fits = match option.kind() {
                // Some flags are numbers to some dialects.
                OptionKind::Flag => matches!(value, Value::Flag(_) | Value::Int(_)),
                OptionKind::Int => matches!(value, Value::Int(_)),
                OptionKind::Linger => matches!(value, Value::Linger(_)),
                OptionKind::Time => matches!(value, Value::Time(_)),
                OptionKind::Name => matches!(value, Value::Name(_)),
                OptionKind::Join => matches!(value, Value::Join { .. }),
                OptionKind::Error | OptionKind::Interface | OptionKind::Credentials => false,
            };
            if !fits {
                let outcome = handle.set_option(option, value).map_err(|error| error.kind());
                assert_eq!(outcome, Err(ErrorKind::Os(libc::EINVAL)), "{option:?} = {value:?}");
            }
        }
    }
}

pub(crate) fn groups_are_joined_and_left<B: Backend>(b: &B) {
    for (join, leave, group) in
        [(Opt::Ip4Join, Opt::Ip4Leave, ALL), (Opt::Ip6Join, Opt::Ip6Leave, ALL6)]
    {
        let Ok(mut handle) = open(b, join) else { continue };
        let value = Value::Join { group, interface: Ipv4Addr::LOCALHOST, index: 1 };
        handle.set_option(join, value).unwrap_or_else(|error| panic!("{group}: {error}"));
        handle.set_option(leave, value).unwrap_or_else(|error| panic!("{group}: {error}"));
        assert!(handle.set_option(leave, value).is_err());
    }
}

/// Half a second of linger must not become none, which is a reset.
pub(crate) fn times_are_rounded_up<B: Backend>(b: &B) {
    let mut handle = socket(b, Opt::Linger);
    let half = Duration::from_millis(500);
    handle.set_option(Opt::Linger, Value::Linger(Some(half))).expect("open");
    let second = Value::Linger(Some(Duration::from_secs(1)));
    assert_eq!(handle.option(Opt::Linger), Ok(second));
    let little = Value::Time(Some(Duration::from_nanos(1)));
    handle.set_option(Opt::ReceiveTimeout, little).expect("open");
    let Ok(Value::Time(Some(time))) = handle.option(Opt::ReceiveTimeout) else {
        panic!("the smallest limit became none");
    };
    assert!(time >= Duration::from_micros(1));
}

pub(crate) fn options_are_remembered<B: Backend>(b: &B) {
    let mut handle = Handle::unopened(b);
    let on = Value::Flag(true);
    assert_eq!(handle.option(Opt::KeepAlive).map_err(|e| e.kind()), Err(ErrorKind::Closed));
    handle.remember_option(Opt::KeepAlive, on).expect("kept");
    assert_eq!(handle.option(Opt::KeepAlive), Ok(on));
    handle.reopen(b, Kind::stream(libc::AF_INET), moonsocket_core::Mode::Wait).expect("a socket");
    assert_eq!(handle.option(Opt::KeepAlive), Ok(on));
    handle.close();
    assert_eq!(handle.set_option(Opt::KeepAlive, on).map_err(|e| e.kind()), Err(ErrorKind::Closed));
}

pub(crate) fn any_option_with_any_value<B: Backend>(b: &B) {
    crate::fuzz::smoke(|input| crate::fuzz::options(b, input), &[], 1, crate::fuzz::times(300));
}
