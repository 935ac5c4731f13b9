//! `socket_address`: an address whose parts are read and written as properties.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};

use moonsocket_core::{Address, Error, ErrorKind, Query, errno, number};

use super::error::{Last, nothing};
use super::{port, text};
use crate::convert;
use crate::vm::{
    Answer, Any, AnyClass, Attempt, Body, Call, Class, Cx, Family, Function, Given, Kind, Lua,
    Machine, Obj, Property, Raise, Ref, Reply, Tree, Value, function, method,
};

/// An address of any family; of those but IPv4 and IPv6 only the family can be told.
pub(super) struct Addr(pub(super) Address);

impl Body for Addr {
    const FAMILY: &'static Family = &Family {
        name: "socket_address",
        classes: &[Class { name: "sgssockets socket_address", marks: &[] }],
        methods: &[],
        stranger: "socket_address expected",
    };

    const PROPERTIES: &'static [Property] = &[
        Property {
            name: "addr_buf",
            get: Some(method!("addr_buf", Addr, AnyClass, buffer, Call)),
            set: Some(method!("addr_buf", Addr, AnyClass, set_buffer, Any)),
        },
        Property {
            name: "addr_bytes",
            get: Some(method!("addr_bytes", Addr, AnyClass, bytes, Call)),
            set: Some(function!("addr_bytes", set_bytes, Obj<Addr>, Machine, Any)),
        },
        Property {
            name: "addr_string",
            get: Some(method!("addr_string", Addr, AnyClass, string, Call)),
            set: Some(method!("addr_string", Addr, AnyClass, set_string, Any)),
        },
        Property {
            name: "addr_u32",
            get: Some(method!("addr_u32", Addr, AnyClass, u32)),
            set: Some(method!("addr_u32", Addr, AnyClass, set_u32, Any)),
        },
        Property {
            name: "family",
            get: Some(method!("family", Addr, AnyClass, family)),
            set: None,
        },
        Property {
            name: "full_addr_string",
            get: Some(method!("full_addr_string", Addr, AnyClass, full, Call)),
            set: Some(method!("full_addr_string", Addr, AnyClass, set_full, Any)),
        },
        Property {
            name: "port",
            get: Some(method!("port", Addr, AnyClass, get_port)),
            set: Some(method!("port", Addr, AnyClass, set_port, Any)),
        },
    ];

    const METAMETHODS: &'static [Function] = &[
        function!("__eq", eq, Any, Any),
        function!("__le", le, Obj<Addr>, Obj<Addr>),
        function!("__lt", lt, Obj<Addr>, Obj<Addr>),
        method!("__tostring", Addr, AnyClass, to_text, Call),
    ];
}

impl Addr {
    fn ip(&self) -> Option<IpAddr> {
        self.0.ip()
    }

    fn octets(&self) -> Option<Vec<u8>> {
        Some(match self.ip()? {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        })
    }

    /// Takes another address of its own family.
    fn set_ip(&mut self, to: Option<IpAddr>, problem: &'static str) -> Answer<'static> {
        match (&mut self.0, to) {
            (Address::Inet(address), Some(ip)) if ip.is_ipv4() == address.is_ipv4() => {
                address.set_ip(ip);
                Ok(Reply::Nothing)
            }
            (Address::Inet(_), _) => Err(Raise::here(problem)),
            _ => Err(Raise::here("an address of this family cannot be changed")),
        }
    }
}

fn ip_of(octets: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
}

/// An IP address of a family, an IPv6 one with the name or number of its interface where that matters ("fe80::1%lo").
fn parse(family: i32, text: &[u8]) -> Option<SocketAddr> {
    let text = std::str::from_utf8(text).ok()?;
    match family {
        number::AF_INET => Some((text.parse::<Ipv4Addr>().ok()?, 0).into()),
        number::AF_INET6 => {
            let query = Query::new(text, "0", number::SOCK_STREAM);
            let found = Query { family: convert::family_of(family), ..query }.numeric()?.ok()?;
            match found.first()?.address {
                Address::Inet(address) => Some(address),
                _ => None,
            }
        }
        _ => None,
    }
}

/// `socket_address(family, text [, port])`.
pub(super) fn from_text<'a>(
    cx: Cx<'a>,
    family: i64,
    text: &'a [u8],
    port: Option<f64>,
) -> Answer<'a> {
    make(cx, family, port, |family| parse(family, text))
}

/// `socket_address_frombytes(family, bytes [, port])`.
pub(super) fn from_bytes<'a>(
    cx: Cx<'a>,
    family: i64,
    bytes: &'a [u8],
    port: Option<f64>,
) -> Answer<'a> {
    make(cx, family, port, |family| {
        let ip = ip_of(bytes)?;
        (ip.is_ipv4() == (family == number::AF_INET)).then_some((ip, 0).into())
    })
}

fn make<'a>(
    cx: Cx<'a>,
    family: i64,
    number: Option<f64>,
    read: impl FnOnce(i32) -> Option<SocketAddr>,
) -> Answer<'a> {
    let Some(port) = port(number.unwrap_or(0.0)) else {
        return Err(Raise::argument(3, "port: 0 to 65535 expected"));
    };
    let family = i32::try_from(family).unwrap_or(number::AF_UNSPEC);
    if !matches!(family, number::AF_INET | number::AF_INET6) {
        let error = Error::new(ErrorKind::Os(errno::EAFNOSUPPORT), "address");
        return nothing(cx, &error);
    }
    match read(family) {
        Some(mut address) => {
            cx.state::<Last>().clear();
            address.set_port(port);
            Ok(Reply::One(cx.object(Addr(address.into()))))
        }
        None => {
            nothing(cx, &Error::new(ErrorKind::Invalid("not an address of this family"), "address"))
        }
    }
}

fn family(this: &mut Addr) -> Answer<'_> {
    Ok(Reply::one(i64::from(this.0.family())))
}

fn get_port(this: &mut Addr) -> Answer<'_> {
    Ok(Reply::One(this.0.port().map(i64::from).into()))
}

fn set_port<'a>(this: &'a mut Addr, value: Given<'a>) -> Answer<'a> {
    match (&mut this.0, value.to_number().and_then(port)) {
        (Address::Inet(address), Some(port)) => {
            address.set_port(port);
            Ok(Reply::Nothing)
        }
        (Address::Inet(_), None) => Err(Raise::here("port: 0 to 65535 expected")),
        _ => Err(Raise::here("an address of this family cannot be changed")),
    }
}

fn u32(this: &mut Addr) -> Answer<'_> {
    Ok(Reply::One(match this.ip() {
        Some(IpAddr::V4(ip)) => Value::Integer(u32::from(ip).into()),
        _ => Value::Nil,
    }))
}

fn set_u32<'a>(this: &'a mut Addr, value: Given<'a>) -> Answer<'a> {
    let whole = value.to_number().filter(|number| number.fract() == 0.0);
    let number = whole.filter(|number| (0.0..=f64::from(u32::MAX)).contains(number));
    let ip = number.map(|number| IpAddr::V4(Ipv4Addr::from(number as u32)));
    this.set_ip(ip, "addr_u32: an IPv4 address as a number from 0 to 2^32-1 expected")
}

fn buffer<'a>(this: &'a mut Addr, cx: Cx<'a>) -> Answer<'a> {
    Ok(Reply::One(this.octets().map_or(Value::Nil, |octets| cx.bytes(octets))))
}

fn set_buffer<'a>(this: &'a mut Addr, value: Given<'a>) -> Answer<'a> {
    let ip = value.to_bytes().and_then(ip_of);
    this.set_ip(ip, "addr_buf: a string of 4 or 16 bytes expected, as the family has it")
}

fn bytes<'a>(this: &'a mut Addr, cx: Cx<'a>) -> Answer<'a> {
    let list = |octets: Vec<u8>| octets.into_iter().map(|byte| Tree::Integer(byte.into()));
    Ok(Reply::One(match this.octets() {
        Some(octets) => cx.tree(Tree::List(list(octets).collect())),
        None => Value::Nil,
    }))
}

fn set_bytes<'a>(this: Ref<'a, Addr>, lua: Lua<'a>, value: Given<'a>) -> Answer<'a> {
    let table = value.local();
    let count = if value.kind() == Kind::Table { lua.raw_len(table) } else { 0 };
    let mut octets = Vec::new();
    for i in 1..=count.min(17) {
        lua.scope(|lua| -> Attempt<'a, ()> {
            let number = lua.number(lua.raw_index(table, i)?);
            let byte = number.filter(|n| n.fract() == 0.0 && (0.0..=255.0).contains(n));
            octets.extend(byte.map(|byte| byte as u8));
            Ok(())
        })?;
    }
    let ip = if octets.len() == count { ip_of(&octets) } else { None };
    let problem = "addr_bytes: a table of 4 or 16 bytes expected, as the family has it";
    this.with(|addr| addr.set_ip(ip, problem)).unwrap_or(Err(Raise::here(problem)))
}

fn string<'a>(this: &'a mut Addr, cx: Cx<'a>) -> Answer<'a> {
    Ok(Reply::One(match &this.0 {
        Address::Inet(address) => convert::ip_value(cx, address),
        _ => Value::Nil,
    }))
}

fn set_string<'a>(this: &'a mut Addr, value: Given<'a>) -> Answer<'a> {
    let read = value.to_bytes().and_then(|text| parse(this.0.family(), text));
    match (&mut this.0, read) {
        (Address::Inet(address), Some(mut new)) => {
            new.set_port(address.port());
            *address = new;
            Ok(Reply::Nothing)
        }
        _ => Err(Raise::here("addr_string: an address of the same family expected")),
    }
}

fn full<'a>(this: &'a mut Addr, cx: Cx<'a>) -> Answer<'a> {
    Ok(Reply::One(match &this.0 {
        Address::Inet(address) => cx.bytes(full_text(address)),
        _ => Value::Nil,
    }))
}

/// `127.0.0.1:80`, `[fe80::1%eth0]:80`.
fn full_text(address: &SocketAddr) -> String {
    match address {
        SocketAddr::V4(_) => address.to_string(),
        SocketAddr::V6(_) => format!("[{}]:{}", convert::ip_text(address), address.port()),
    }
}

/// Reads [`full_text`].
fn parse_full(family: i32, text: &str) -> Option<SocketAddr> {
    if family == number::AF_INET {
        return Some(text.parse::<SocketAddrV4>().ok()?.into());
    }
    let (host, port) = text.strip_prefix('[')?.rsplit_once("]:")?;
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    let mut address = parse(family, host.as_bytes())?;
    address.set_port(port.parse().ok().filter(|_| digits)?);
    Some(address)
}

fn set_full<'a>(this: &'a mut Addr, value: Given<'a>) -> Answer<'a> {
    let read = value.to_bytes().and_then(|text| std::str::from_utf8(text).ok());
    match read.and_then(|text| parse_full(this.0.family(), text)) {
        Some(new) => {
            this.0 = new.into();
            Ok(Reply::Nothing)
        }
        None => Err(Raise::here("full_addr_string: address:port or [address]:port expected")),
    }
}

fn to_text<'a>(this: &'a mut Addr, cx: Cx<'a>) -> Answer<'a> {
    match &this.0 {
        Address::Inet(address) => Ok(text(cx, full_text(address))),
        _ => Ok(Reply::one("-")),
    }
}

/// By family, address, and then port.
fn order(a: Ref<'_, Addr>, b: Ref<'_, Addr>) -> Option<Ordering> {
    let a = a.with(|addr| addr.0)?;
    let b = b.with(|addr| addr.0)?;
    match (&a, &b) {
        (Address::Inet(a), Address::Inet(b)) => Some(a.cmp(b)),
        _ if a == b => Some(Ordering::Equal),
        _ => Some(a.family().cmp(&b.family())),
    }
}

/// Lua asks for any two userdata of which one is an address.
fn eq<'a>(a: Given<'a>, b: Given<'a>) -> Answer<'a> {
    let read = |given: Given<'a>| given.to_object::<Addr>()?.with(|addr| addr.0);
    Ok(Reply::one(read(a).is_some() && read(a) == read(b)))
}

fn lt(a: Ref<'_, Addr>, b: Ref<'_, Addr>) -> Answer<'static> {
    Ok(Reply::one(order(a, b) == Some(Ordering::Less)))
}

fn le(a: Ref<'_, Addr>, b: Ref<'_, Addr>) -> Answer<'static> {
    Ok(Reply::one(matches!(order(a, b), Some(Ordering::Less | Ordering::Equal))))
}
