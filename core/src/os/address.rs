//! Between [`Address`] and the system's `sockaddr`.

use std::io;
use std::mem::{offset_of, size_of};
use std::net::{Ipv4Addr, SocketAddr};

use crate::{Address, Opaque, UnixName};

const FAMILY: usize = size_of::<libc::sa_family_t>();
const PATH: usize = offset_of!(libc::sockaddr_un, sun_path);

/// A `sockaddr` of any family, with its length.
pub(crate) struct Raw {
    pub(crate) storage: libc::sockaddr_storage,
    pub(crate) len: libc::socklen_t,
}

impl Raw {
    /// Room for the system to write an address into.
    pub(crate) fn empty() -> Self {
        // SAFETY: sockaddr_storage is plain integers, for which all zeros are a value.
        let storage = unsafe { std::mem::zeroed() };
        Self { storage, len: size_of::<libc::sockaddr_storage>() as libc::socklen_t }
    }

    pub(crate) fn new(address: &Address) -> Self {
        match address {
            Address::Inet(address) => {
                let address = socket2::SockAddr::from(*address);
                let len = address.len();
                // SAFETY: `SockAddrStorage` is a transparent wrapper around sockaddr_storage.
                Self { storage: unsafe { *address.as_storage().view_as() }, len }
            }
            Address::Unix(name) => {
                let name = name.as_bytes();
                let mut raw = Self::with_family(libc::AF_UNIX as libc::sa_family_t);
                raw.bytes_mut()[PATH..PATH + name.len()].copy_from_slice(name);
                // A path is sent with its closing NUL; an abstract name's length is its own.
                let closing = usize::from(name.first().is_some_and(|&byte| byte != 0));
                raw.len = (PATH + name.len() + closing) as libc::socklen_t;
                raw
            }
            Address::Other(other) => {
                let mut raw = Self::with_family(other.family());
                raw.bytes_mut()[FAMILY..FAMILY + other.data().len()].copy_from_slice(other.data());
                raw.len = (FAMILY + other.data().len()) as libc::socklen_t;
                raw
            }
        }
    }

    /// The address that makes `connect` dissolve an association.
    pub(crate) fn unspecified() -> Self {
        let mut raw = Self::empty();
        raw.len = size_of::<libc::sockaddr>() as libc::socklen_t;
        raw
    }

    fn with_family(family: libc::sa_family_t) -> Self {
        let mut raw = Self::empty();
        raw.storage.ss_family = family;
        raw
    }

    pub(crate) fn as_ptr(&self) -> *const libc::sockaddr {
        std::ptr::from_ref(&self.storage).cast()
    }

    pub(crate) fn as_mut_ptr(&mut self) -> *mut libc::sockaddr {
        std::ptr::from_mut(&mut self.storage).cast()
    }

    fn bytes_mut(&mut self) -> &mut [u8; size_of::<libc::sockaddr_storage>()] {
        // SAFETY: the storage is plain initialised bytes without padding that matters, of this size,
        // and exclusively borrowed; any bytes are a valid storage.
        unsafe { &mut *std::ptr::from_mut(&mut self.storage).cast() }
    }

    /// What the system wrote.
    pub(crate) fn address(&mut self) -> Address {
        let family = i32::from(self.storage.ss_family);
        let len = (self.len as usize).min(size_of::<libc::sockaddr_storage>());
        if len < FAMILY {
            // Nobody: a stream peer, or an unnamed Unix sender.
            return Address::Unix(UnixName::new(b"").expect("empty is short"));
        }
        if family == libc::AF_INET && len >= size_of::<libc::sockaddr_in>() {
            // SAFETY: the storage is longer, and aligned for every address; any bytes are a value.
            let known = unsafe { &*std::ptr::from_ref(&self.storage).cast::<libc::sockaddr_in>() };
            let ip = Ipv4Addr::from(u32::from_be(known.sin_addr.s_addr));
            return SocketAddr::from((ip, u16::from_be(known.sin_port))).into();
        }
        let bytes = *self.bytes_mut();
        match family {
            libc::AF_INET | libc::AF_INET6 => {
                let storage = socket2_storage(&bytes);
                // SAFETY: the bytes are what the system wrote for this family, `len` of them.
                let address = unsafe { socket2::SockAddr::new(storage, len as libc::socklen_t) };
                match address.as_socket() {
                    Some(address) => Address::Inet(address),
                    None => opaque(family, &bytes[FAMILY..len]),
                }
            }
            libc::AF_UNIX => {
                let mut name = &bytes[PATH.min(len)..len];
                if name.first().is_some_and(|&byte| byte != 0) {
                    let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
                    name = &name[..end];
                }
                match UnixName::new(name) {
                    Some(name) => Address::Unix(name),
                    None => opaque(family, &bytes[FAMILY..len]),
                }
            }
            _ => opaque(family, &bytes[FAMILY..len]),
        }
    }
}

fn socket2_storage(bytes: &[u8; size_of::<libc::sockaddr_storage>()]) -> socket2::SockAddrStorage {
    let mut storage = socket2::SockAddrStorage::zeroed();
    // SAFETY: SockAddrStorage is a transparent wrapper around sockaddr_storage, which is as long as `bytes`,
    // and for which any bytes are a value.
    unsafe {
        let to: *mut u8 = std::ptr::from_mut(storage.view_as::<libc::sockaddr_storage>()).cast();
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
    }
    storage
}

fn opaque(family: i32, data: &[u8]) -> Address {
    let data = &data[..data.len().min(126)];
    Address::Other(Opaque::new(family as u16, data).expect("cut to what fits"))
}

/// Runs a system call that fills an address in.
pub(crate) fn filled(
    call: impl FnOnce(*mut libc::sockaddr, *mut libc::socklen_t) -> i32,
) -> io::Result<Address> {
    let mut raw = Raw::empty();
    let mut len = raw.len;
    if call(raw.as_mut_ptr(), &raw mut len) < 0 {
        return Err(io::Error::last_os_error());
    }
    raw.len = len;
    Ok(raw.address())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_the_system_form() {
        let unix = |name| Address::Unix(UnixName::new(name).expect("short"));
        let inet = |text: &str| Address::Inet(text.parse().expect("a literal"));
        for address in [
            inet("127.0.0.1:80"),
            inet("[::1]:65535"),
            inet("[fe80::1%3]:1"),
            unix(b"/tmp/x"),
            unix(b"\0abstract\0name"),
            unix(b""),
            unix(&[b'x'; 107]),
            Address::Other(Opaque::new(17, &[1, 2, 3, 4]).expect("short")),
        ] {
            assert_eq!(Raw::new(&address).address(), address);
        }
    }
}
