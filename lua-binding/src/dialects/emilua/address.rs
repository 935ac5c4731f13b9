//! `ip.address`.

use std::cmp::Ordering;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use moonsocket_core::os::interfaces::interface_index;
use moonsocket_core::{Address as SocketAddress, errno};

use super::error::{self, GENERIC, SYSTEM, coded, invalid};
use super::names;
use crate::convert;
use crate::vm::{
    Answer, Any, AnyClass, Body, Call, Class, Cx, Family, Function, Given, Kind, Obj, Ref, Reply,
    function, method,
};

/// An IP address, with the number of the interface that it is bound to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) ip: IpAddr,
    scope: u32,
}

impl Body for Address {
    const FAMILY: &'static Family = &Family {
        name: "ip.address",
        classes: &[Class { name: "ip.address", marks: &[] }],
        methods: METHODS,
        stranger: "ip.address expected",
    };

    const METAMETHODS: &'static [Function] = &[
        function!("__eq", equal, Any, Any),
        function!("__le", not_greater, Obj<Address>, Obj<Address>),
        function!("__lt", less, Obj<Address>, Obj<Address>),
        method!("__tostring", Address, AnyClass, text, Call),
    ];

    fn misplaced() -> Option<Reply<'static>> {
        error::misplaced()
    }
}

/// A question that is answered with yes or no; of IPv6 addresses alone where it says so.
macro_rules! questions {
    ($($name:literal, $function:ident: |$it:ident| $answer:expr;)* v6: $($name6:literal, $function6:ident: |$it6:ident| $answer6:expr;)*) => {
        $(fn $function(this: &mut Address) -> Answer<'static> {
            let $it = this;
            Ok(Reply::one($answer))
        })*
        $(fn $function6(this: &mut Address) -> Answer<'static> {
            let IpAddr::V6($it6) = this.ip else { return invalid(1) };
            Ok(Reply::one($answer6))
        })*
        const METHODS: &[Function] = &[
            $(method!($name, Address, AnyClass, $function),)*
            $(method!($name6, Address, AnyClass, $function6),)*
            method!("scope_id", Address, AnyClass, scope_id),
            method!("set_scope_id", Address, AnyClass, set_scope_id, Any),
            method!("to_v4", Address, AnyClass, to_v4, Call),
            method!("to_v6", Address, AnyClass, to_v6, Call),
        ];
    };
}

questions! {
    "is_loopback", is_loopback: |it| it.ip.is_loopback();
    "is_multicast", is_multicast: |it| it.ip.is_multicast();
    "is_unspecified", is_unspecified: |it| it.ip.is_unspecified();
    "is_v4", is_v4: |it| it.ip.is_ipv4();
    "is_v6", is_v6: |it| it.ip.is_ipv6();
    v6:
    "is_link_local", is_link_local: |ip| ip.segments()[0] & 0xffc0 == 0xfe80;
    "is_multicast_global", is_multicast_global: |ip| reach(ip) == Some(14);
    "is_multicast_link_local", is_multicast_link_local: |ip| reach(ip) == Some(2);
    "is_multicast_node_local", is_multicast_node_local: |ip| reach(ip) == Some(1);
    "is_multicast_org_local", is_multicast_org_local: |ip| reach(ip) == Some(8);
    "is_multicast_site_local", is_multicast_site_local: |ip| reach(ip) == Some(5);
    "is_site_local", is_site_local: |ip| ip.segments()[0] & 0xffc0 == 0xfec0;
    "is_v4_mapped", is_v4_mapped: |ip| ip.to_ipv4_mapped().is_some();
}

/// How far a multicast address reaches; none for other addresses.
fn reach(ip: Ipv6Addr) -> Option<u16> {
    ip.is_multicast().then(|| ip.segments()[0] & 0xf)
}

/// The functions that are no methods.
pub(super) const FUNCTIONS: &[Function] = &[
    function!("address_new", new, Call, Any),
    function!("address_tostring", endpoint_text, Call, Any, Any),
];

impl Address {
    /// From text, as `1.2.3.4`, `::1` or `fe80::1%eth0`.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let Some((ip, scope)) = text.split_once('%') else {
            return text.parse().ok().map(|ip| Self { ip, scope: 0 });
        };
        let ip: Ipv6Addr = ip.parse().ok()?;
        let scope = scope.parse().unwrap_or_else(|_| interface_index(scope));
        Some(Self { ip: ip.into(), scope })
    }

    /// From an argument: an address, or the text of one.
    pub(super) fn read(given: Given<'_>) -> Option<Self> {
        match given.to_bytes() {
            Some(text) => Self::parse(text),
            None => given.to_object::<Self>()?.with(|it| *it),
        }
    }

    /// With a port.
    pub(super) fn with_port(self, port: u16) -> SocketAddr {
        match self.ip {
            IpAddr::V4(_) => SocketAddr::new(self.ip, port),
            IpAddr::V6(ip) => SocketAddrV6::new(ip, port, 0, self.scope).into(),
        }
    }

    /// Of a socket's address, which may be of another family.
    pub(super) fn of(address: &SocketAddress) -> Option<Self> {
        match address {
            SocketAddress::Inet(SocketAddr::V4(it)) => Some((*it.ip()).into()),
            SocketAddress::Inet(SocketAddr::V6(it)) => {
                Some(Self { ip: (*it.ip()).into(), scope: it.scope_id() })
            }
            _ => None,
        }
    }
}

impl From<Ipv4Addr> for Address {
    fn from(ip: Ipv4Addr) -> Self {
        Self { ip: ip.into(), scope: 0 }
    }
}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some((self.ip, self.scope).cmp(&(other.ip, other.scope)))
    }
}

/// `new([text])`.
fn new<'a>(cx: Cx<'a>, text: Given<'a>) -> Answer<'a> {
    let address = match (text.kind(), text.to_bytes()) {
        (Kind::None | Kind::Nil, _) => Some(Ipv4Addr::UNSPECIFIED.into()),
        (_, Some(text)) => Address::parse(text),
        _ => return invalid(1),
    };
    match address {
        Some(address) => Ok(Reply::One(cx.object(address))),
        None => coded(errno::EINVAL, SYSTEM),
    }
}

/// `tostring(address [, port])`: with a port as programs write it, `[::1]:80`.
fn endpoint_text<'a>(cx: Cx<'a>, address: Given<'a>, port: Given<'a>) -> Answer<'a> {
    let Some(ip) = Address::read(address) else { return invalid(1) };
    if matches!(port.kind(), Kind::None | Kind::Nil) {
        return Ok(Reply::One(convert::ip_value(cx, &ip.with_port(0))));
    }
    let port = match names::port_of(port, 2) {
        Ok(port) => port,
        Err(answer) => return answer,
    };
    let ip = ip.with_port(port);
    let host = convert::ip_text(&ip);
    let text = if ip.is_ipv6() { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    Ok(Reply::One(cx.bytes(text)))
}

fn text<'a>(this: &'a mut Address, cx: Cx<'a>) -> Answer<'a> {
    Ok(Reply::One(convert::ip_value(cx, &this.with_port(0))))
}

fn equal<'a>(a: Given<'a>, b: Given<'a>) -> Answer<'a> {
    let read = |given: Given<'a>| given.to_object::<Address>()?.with(|it| *it);
    Ok(Reply::one(read(a).is_some() && read(a) == read(b)))
}

fn ordering(a: Ref<'_, Address>, b: Ref<'_, Address>) -> Option<Ordering> {
    a.with(|it| *it)?.partial_cmp(&b.with(|it| *it)?)
}

fn less<'a>(a: Ref<'a, Address>, b: Ref<'a, Address>) -> Answer<'a> {
    Ok(Reply::one(ordering(a, b) == Some(Ordering::Less)))
}

fn not_greater<'a>(a: Ref<'a, Address>, b: Ref<'a, Address>) -> Answer<'a> {
    Ok(Reply::one(matches!(ordering(a, b), Some(Ordering::Less | Ordering::Equal))))
}

fn to_v4<'a>(this: &'a mut Address, cx: Cx<'a>) -> Answer<'a> {
    let v4 = match this.ip {
        IpAddr::V4(ip) => Some(ip),
        IpAddr::V6(ip) => ip.to_ipv4_mapped(),
    };
    match v4 {
        Some(ip) => Ok(Reply::One(cx.object(Address::from(ip)))),
        None => coded(errno::EINVAL, GENERIC),
    }
}

fn to_v6<'a>(this: &'a mut Address, cx: Cx<'a>) -> Answer<'a> {
    let address = match this.ip {
        IpAddr::V4(ip) => Address { ip: ip.to_ipv6_mapped().into(), scope: 0 },
        IpAddr::V6(_) => *this,
    };
    Ok(Reply::One(cx.object(address)))
}

fn scope_id(this: &mut Address) -> Answer<'static> {
    match this.ip {
        IpAddr::V6(_) => Ok(Reply::one(i64::from(this.scope))),
        IpAddr::V4(_) => invalid(1),
    }
}

fn set_scope_id<'a>(this: &'a mut Address, scope: Given<'a>) -> Answer<'a> {
    if this.ip.is_ipv4() {
        return invalid(1);
    }
    match scope.to_number() {
        Some(number) if scope.kind() == Kind::Number => this.scope = number as u32,
        _ => return invalid(3),
    }
    Ok(Reply::one(true))
}
