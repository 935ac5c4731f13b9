//! `getifaddrs`: what network interfaces the machine has.

use moonsocket_core::os::interfaces::{Counters, Interface, InterfaceAddress, interfaces};
use moonsocket_core::{Error, number};
use std::net::IpAddr;

use super::error::fail;
use crate::vm::{Answer, Cx, Reply, Tree};

/// `getifaddrs()`: a list of tables, one for each address of each interface.
pub(super) fn list(cx: Cx<'_>) -> Answer<'_> {
    match interfaces() {
        Ok(found) => Ok(Reply::One(cx.tree(Tree::List(found.iter().map(entry).collect())))),
        Err(error) => fail(cx, &Error::from_io(&error, "getifaddrs")),
    }
}

fn entry(of: &Interface) -> Tree {
    let mut fields = vec![
        ("name", Tree::Bytes(of.name.as_bytes().to_vec())),
        ("flags", flags(of.flags)),
        ("data", of.counters.as_ref().map_or(Tree::Fields(Vec::new()), counters)),
    ];
    if let Some(family) = of.family {
        fields.push(("family", family_name(family).into()));
    }
    if let Some(InterfaceAddress::Link { index, hardware, .. }) = of.address {
        fields.push(("ifindex", Tree::Integer(index.into())));
        fields.push(("hatype", Tree::Integer(hardware.into())));
    }
    if let Some(InterfaceAddress::Ip(mask)) = of.netmask {
        fields.push(("prefix", Tree::Integer(prefix(mask).into())));
    }
    // The address at the other end has two names, as the system's structure has.
    for (name, address) in [
        ("addr", &of.address),
        ("netmask", &of.netmask),
        ("broadaddr", &of.broadcast),
        ("dstaddr", &of.broadcast),
    ] {
        if let Some(address) = address {
            fields.push((name, Tree::Bytes(address.to_string().into_bytes())));
        }
    }
    Tree::Fields(fields)
}

fn family_name(family: i32) -> &'static str {
    match family {
        number::AF_INET => "inet",
        number::AF_INET6 => "inet6",
        number::AF_PACKET => "packet",
        _ => "unknown",
    }
}

fn flags(flags: i32) -> Tree {
    let named = [
        ("up", number::IFF_UP),
        ("broadcast", number::IFF_BROADCAST),
        ("loopback", number::IFF_LOOPBACK),
        ("pointtopoint", number::IFF_POINTOPOINT),
        ("noarp", number::IFF_NOARP),
        ("promisc", number::IFF_PROMISC),
        ("multicast", number::IFF_MULTICAST),
    ];
    Tree::Fields(named.map(|(name, flag)| (name, Tree::Boolean(flags & flag != 0))).into())
}

fn counters(of: &Counters) -> Tree {
    let named = [
        ("rx_packets", of.rx_packets),
        ("tx_packets", of.tx_packets),
        ("rx_bytes", of.rx_bytes),
        ("tx_bytes", of.tx_bytes),
        ("rx_errors", of.rx_errors),
        ("tx_errors", of.tx_errors),
        ("rx_dropped", of.rx_dropped),
        ("tx_dropped", of.tx_dropped),
        ("multicast", of.multicast),
        ("collisions", of.collisions),
    ];
    Tree::Fields(named.map(|(name, count)| (name, Tree::Integer(count.into()))).into())
}

/// How many bits of a mask are set.
fn prefix(mask: IpAddr) -> u32 {
    match mask {
        IpAddr::V4(mask) => mask.to_bits().count_ones(),
        IpAddr::V6(mask) => mask.to_bits().count_ones(),
    }
}
