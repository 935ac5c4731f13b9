//! Reading and setting socket options by the table in [`Opt`].

use std::ffi::c_void;
use std::io;
use std::mem::size_of;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::outcome::check;
use crate::{Descriptor, Opt, OptionKind, Value};

pub(crate) fn get(fd: Descriptor, option: Opt) -> io::Result<Value> {
    Ok(match option.kind() {
        OptionKind::Flag => Value::Flag(read::<i32>(fd, option)? != 0),
        OptionKind::Int => Value::Int(read::<i32>(fd, option)?),
        OptionKind::Error => Value::Error(match read::<i32>(fd, option)? {
            0 => None,
            code => Some(code),
        }),
        OptionKind::Linger => {
            let linger: libc::linger = read(fd, option)?;
            let time = Duration::from_secs(u64::try_from(linger.l_linger).unwrap_or(0));
            Value::Linger((linger.l_onoff != 0).then_some(time))
        }
        OptionKind::Time => {
            let time: libc::timeval = read(fd, option)?;
            let time = Duration::new(
                u64::try_from(time.tv_sec).unwrap_or(0),
                u32::try_from(time.tv_usec).unwrap_or(0) * 1000,
            );
            Value::Time((!time.is_zero()).then_some(time))
        }
        OptionKind::Name => Value::Name(read(fd, option)?),
        OptionKind::Interface => {
            let address: libc::in_addr = read(fd, option)?;
            Value::Ip(Ipv4Addr::from(u32::from_be(address.s_addr)).into())
        }
        OptionKind::Credentials => {
            let peer: libc::ucred = read(fd, option)?;
            Value::Credentials { pid: peer.pid, uid: peer.uid, gid: peer.gid }
        }
        OptionKind::Join => return Err(io::Error::from_raw_os_error(libc::ENOPROTOOPT)),
    })
}

pub(crate) fn set(fd: Descriptor, option: Opt, value: Value) -> io::Result<()> {
    match (option.kind(), value) {
        (OptionKind::Flag, Value::Flag(on)) => write(fd, option, &i32::from(on)),
        // Some flags are numbers to some dialects.
        (OptionKind::Flag | OptionKind::Int, Value::Int(number)) => write(fd, option, &number),
        (OptionKind::Linger, Value::Linger(time)) => {
            // Rounded up: 0 would not be a short wait but a reset.
            let length = time.unwrap_or_default();
            let seconds = length.as_secs().saturating_add((length.subsec_nanos() > 0).into());
            let linger = libc::linger {
                l_onoff: time.is_some().into(),
                l_linger: seconds.min(i32::MAX as u64) as i32,
            };
            write(fd, option, &linger)
        }
        (OptionKind::Time, Value::Time(time)) => {
            let time = time.unwrap_or_default();
            // Whatever the system counts in: 68 years.
            let seconds = time.as_secs().min(i32::MAX as u64 - 1);
            // Rounded up: 0 would mean no limit, and less than asked would be early.
            let micros = time.subsec_nanos().div_ceil(1000);
            let time = libc::timeval {
                tv_sec: (seconds + u64::from(micros / 1_000_000)) as _,
                tv_usec: (micros % 1_000_000) as _,
            };
            write(fd, option, &time)
        }
        (OptionKind::Name, Value::Name(name)) => {
            let len = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
            write_bytes(fd, option, &name[..len])
        }
        (OptionKind::Interface, Value::Ip(IpAddr::V4(ip))) => write(fd, option, &in_addr(ip)),
        (OptionKind::Join, Value::Join { group: IpAddr::V4(group), interface, .. }) => {
            let join =
                libc::ip_mreq { imr_multiaddr: in_addr(group), imr_interface: in_addr(interface) };
            write(fd, option, &join)
        }
        (OptionKind::Join, Value::Join { group: IpAddr::V6(group), index, .. }) => {
            let join = libc::ipv6_mreq {
                ipv6mr_multiaddr: libc::in6_addr { s6_addr: group.octets() },
                ipv6mr_interface: index,
            };
            write(fd, option, &join)
        }
        // Read-only, or a value of another type.
        _ => Err(io::Error::from_raw_os_error(libc::EINVAL)),
    }
}

fn in_addr(ip: Ipv4Addr) -> libc::in_addr {
    libc::in_addr { s_addr: u32::from(ip).to_be() }
}

/// Types that the kernel fills in or reads: plain integers all through, any bytes are a value.
trait Plain: Copy {}
impl Plain for i32 {}
impl Plain for [u8; 16] {}
impl Plain for libc::linger {}
impl Plain for libc::timeval {}
impl Plain for libc::in_addr {}
impl Plain for libc::ucred {}
impl Plain for libc::ip_mreq {}
impl Plain for libc::ipv6_mreq {}

fn read<T: Plain>(fd: Descriptor, option: Opt) -> io::Result<T> {
    let (level, name) = option.code();
    // SAFETY: all zeros are a value of every Plain type.
    let mut value: T = unsafe { std::mem::zeroed() };
    let mut len = size_of::<T>() as libc::socklen_t;
    let to: *mut c_void = std::ptr::from_mut(&mut value).cast();
    // SAFETY: `to` has room for `len` bytes, and whatever is written is a value of a Plain type.
    check(unsafe { libc::getsockopt(fd, level, name, to, &raw mut len) })?;
    Ok(value)
}

fn write<T: Plain>(fd: Descriptor, option: Opt, value: &T) -> io::Result<()> {
    let (level, name) = option.code();
    let from: *const c_void = std::ptr::from_ref(value).cast();
    let len = size_of::<T>() as libc::socklen_t;
    // SAFETY: `from` points to `len` readable bytes.
    check(unsafe { libc::setsockopt(fd, level, name, from, len) }).map(drop)
}

fn write_bytes(fd: Descriptor, option: Opt, bytes: &[u8]) -> io::Result<()> {
    let (level, name) = option.code();
    let len = bytes.len() as libc::socklen_t;
    // SAFETY: pointer and length are those of a borrowed slice.
    check(unsafe { libc::setsockopt(fd, level, name, bytes.as_ptr().cast(), len) }).map(drop)
}
