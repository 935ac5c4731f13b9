//! The machine's network interfaces: one entry per interface and address, as `getifaddrs(3)` lists them.

use std::ffi::{CStr, CString};
use std::fmt;
use std::io;
use std::net::IpAddr;

use super::address::Raw;
use super::outcome::check;
use crate::Address;

/// An address of an interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name, such as `eth0`.
    pub name: String,
    /// `IFF_UP` and the others of [`number`](crate::number).
    pub flags: i32,
    /// The family (`AF_INET`…) of the address; `None` where the interface has none.
    pub family: Option<i32>,
    /// The address, if it is of a family that is known here.
    pub address: Option<InterfaceAddress>,
    /// Which bits of the address are the network's.
    pub netmask: Option<InterfaceAddress>,
    /// The broadcast address or, of a point-to-point link, the address at the other end.
    #[doc(alias = "ifa_dstaddr")]
    pub broadcast: Option<InterfaceAddress>,
    /// What the interface has transferred; only with its link-layer address, on Linux.
    pub counters: Option<Counters>,
}

/// An address of an interface, without a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InterfaceAddress {
    /// An IP address.
    Ip(IpAddr),
    /// A link-layer address (`AF_PACKET`).
    Link {
        /// The interface's number.
        index: i32,
        /// The kind of hardware (`ARPHRD_*`).
        hardware: u16,
        /// The address; six bytes with Ethernet, none where the hardware has no addresses.
        bytes: Vec<u8>,
    },
}

/// `127.0.0.1`, `::1`, `02:00:00:00:00:01`.
impl fmt::Display for InterfaceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => ip.fmt(f),
            Self::Link { bytes, .. } => bytes.iter().enumerate().try_for_each(|(at, byte)| {
                write!(f, "{}{byte:02x}", if at > 0 { ":" } else { "" })
            }),
        }
    }
}

/// What an interface has transferred since it was made. The counts are the kernel's of 32 bits, and begin anew at 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are the first of rtnl_link_stats")]
#[repr(C)]
pub struct Counters {
    pub rx_packets: u32,
    pub tx_packets: u32,
    pub rx_bytes: u32,
    pub tx_bytes: u32,
    pub rx_errors: u32,
    pub tx_errors: u32,
    pub rx_dropped: u32,
    pub tx_dropped: u32,
    pub multicast: u32,
    pub collisions: u32,
}

/// Every address of every interface.
///
/// ```
/// use moonsocket_core::os::interfaces::interfaces;
///
/// # fn main() -> std::io::Result<()> {
/// for entry in interfaces()? {
///     if let Some(address) = entry.address {
///         println!("{}: {address}", entry.name);
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// What the system says: no descriptors or no memory left.
#[doc(alias = "getifaddrs")]
pub fn interfaces() -> io::Result<Vec<Interface>> {
    let mut list = std::ptr::null_mut();
    // SAFETY: the pointer is to a place for the list, which is to be freed on success.
    check(unsafe { libc::getifaddrs(&raw mut list) })?;
    let mut found = Vec::new();
    let mut at = list;
    while !at.is_null() {
        // SAFETY: `at` is an element of the list that getifaddrs made, not freed yet.
        let entry = unsafe { &*at };
        found.push(interface(entry));
        at = entry.ifa_next;
    }
    // SAFETY: the list came from getifaddrs and is freed once.
    unsafe { libc::freeifaddrs(list) };
    Ok(found)
}

/// The number of a network interface, 0 when there is none of this name.
pub fn interface_index(name: &str) -> u32 {
    let Ok(name) = CString::new(name) else {
        return 0;
    };
    // SAFETY: the name is closed by a NUL and lives until the call returns.
    unsafe { libc::if_nametoindex(name.as_ptr()) }
}

/// The name of a network interface; `None` when there is none of this number.
pub fn interface_name(index: u32) -> Option<String> {
    let mut name = [0u8; libc::IF_NAMESIZE];
    // SAFETY: the call writes at most IF_NAMESIZE bytes, and closes them.
    let found = unsafe { libc::if_indextoname(index, name.as_mut_ptr().cast()) };
    let end = name.iter().position(|&byte| byte == 0)?;
    (!found.is_null()).then(|| String::from_utf8_lossy(&name[..end]).into_owned())
}

fn interface(entry: &libc::ifaddrs) -> Interface {
    // SAFETY: an element's name is a C string that lives as long as the list.
    let name = unsafe { CStr::from_ptr(entry.ifa_name) }.to_string_lossy().into_owned();
    Interface {
        name,
        flags: entry.ifa_flags as i32,
        family: family(entry.ifa_addr),
        address: address(entry.ifa_addr),
        netmask: address(entry.ifa_netmask),
        broadcast: address(broadcast(entry)),
        counters: counters(entry),
    }
}

#[cfg(target_os = "linux")]
fn broadcast(entry: &libc::ifaddrs) -> *const libc::sockaddr {
    entry.ifa_ifu
}

#[cfg(not(target_os = "linux"))]
fn broadcast(entry: &libc::ifaddrs) -> *const libc::sockaddr {
    entry.ifa_dstaddr
}

fn family(of: *const libc::sockaddr) -> Option<i32> {
    if of.is_null() {
        return None;
    }
    // SAFETY: an element's addresses live as long as the list. Only the family is read: the rest may be shorter than a
    // plain sockaddr.
    Some(i32::from(unsafe { (&raw const (*of).sa_family).read() }))
}

fn address(from: *const libc::sockaddr) -> Option<InterfaceAddress> {
    let len = match family(from)? {
        libc::AF_INET => size_of::<libc::sockaddr_in>(),
        libc::AF_INET6 => size_of::<libc::sockaddr_in6>(),
        #[cfg(target_os = "linux")]
        libc::AF_PACKET => return Some(link(from)),
        _ => return None,
    };
    let mut raw = Raw::empty();
    // SAFETY: the system's address is as long as its family says, and the storage is longer.
    unsafe {
        let to: *mut u8 = raw.as_mut_ptr().cast();
        std::ptr::copy_nonoverlapping(from.cast::<u8>(), to, len);
    }
    raw.len = len as libc::socklen_t;
    match raw.address() {
        Address::Inet(address) => Some(InterfaceAddress::Ip(address.ip())),
        _ => None,
    }
}

/// Of hardware whose addresses are longer than eight bytes (InfiniBand) there are eight.
#[cfg(target_os = "linux")]
fn link(from: *const libc::sockaddr) -> InterfaceAddress {
    // SAFETY: the caller has seen that the address is of this family, for which the list has a whole sockaddr_ll.
    let link = unsafe { from.cast::<libc::sockaddr_ll>().read_unaligned() };
    let len = usize::from(link.sll_halen).min(link.sll_addr.len());
    InterfaceAddress::Link {
        index: link.sll_ifindex,
        hardware: link.sll_hatype,
        bytes: link.sll_addr[..len].to_vec(),
    }
}

#[cfg(target_os = "linux")]
fn counters(entry: &libc::ifaddrs) -> Option<Counters> {
    if family(entry.ifa_addr) != Some(libc::AF_PACKET) || entry.ifa_data.is_null() {
        return None;
    }
    // SAFETY: the data of a link-layer entry is a rtnl_link_stats, which begins with these counts.
    Some(unsafe { entry.ifa_data.cast::<Counters>().read_unaligned() })
}

#[cfg(not(target_os = "linux"))]
fn counters(_: &libc::ifaddrs) -> Option<Counters> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn loopback_is_listed() {
        let all = interfaces().expect("no descriptors left?");
        let lo = |entry: &&Interface| entry.flags & libc::IFF_LOOPBACK != 0;
        let ip = InterfaceAddress::Ip(Ipv4Addr::LOCALHOST.into());
        let entry = all.iter().filter(lo).find(|entry| entry.address.as_ref() == Some(&ip));
        let mask = entry.and_then(|entry| entry.netmask.as_ref()).map(ToString::to_string);
        assert_eq!(mask.as_deref(), Some("255.0.0.0"));
    }

    #[test]
    fn link_addresses_show_themselves() {
        let link =
            |bytes: &[u8]| InterfaceAddress::Link { index: 1, hardware: 1, bytes: bytes.to_vec() };
        assert_eq!(link(&[2, 0, 0xfe]).to_string(), "02:00:fe");
        assert_eq!(link(&[]).to_string(), "");
    }
}
