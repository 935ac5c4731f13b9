//! The system's resolver, and its texts. Blocks: only helper threads call `lookup`.

use std::ffi::{CStr, CString};
use std::io;

use super::address::Raw;
use super::fork::apart_from_forks;
use crate::query::{Family, Found, Query};
use crate::{Address, Error, ErrorKind};

/// `getaddrinfo`. Blocks as long as the resolver likes.
pub(crate) fn lookup(query: &Query) -> Result<Vec<Found>, Error> {
    let name = |text: &Option<String>| {
        let text = text.as_deref().map(CString::new).transpose();
        text.map_err(|_| Error::new(ErrorKind::Resolve(libc::EAI_NONAME), "lookup"))
    };
    let (host, service) = (name(&query.host)?, name(&query.service)?);
    // SAFETY: addrinfo is integers and pointers, for which all zeros are a value.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_family = match query.family {
        Family::Any => libc::AF_UNSPEC,
        Family::V4 => libc::AF_INET,
        Family::V6 => libc::AF_INET6,
    };
    hints.ai_socktype = query.socktype;
    hints.ai_flags = query.flags();
    let pointer = |text: &Option<CString>| text.as_ref().map_or(std::ptr::null(), |t| t.as_ptr());
    let mut list = std::ptr::null_mut();
    // SAFETY: both names are null or closed by a NUL, and live; the hints are initialised; on success `list`
    // is a list to be freed.
    let code = apart_from_forks(|| unsafe {
        libc::getaddrinfo(pointer(&host), pointer(&service), &raw const hints, &raw mut list)
    });
    if code == libc::EAI_SYSTEM {
        return Err(Error::from_io(&io::Error::last_os_error(), "lookup"));
    }
    if code != 0 {
        return Err(Error::new(ErrorKind::Resolve(code), "lookup"));
    }
    let mut found = Vec::new();
    let mut canonical = None;
    let mut at = list;
    while !at.is_null() {
        // SAFETY: `at` is an element of the list that getaddrinfo made, not freed yet.
        let info = unsafe { &*at };
        if canonical.is_none() && !info.ai_canonname.is_null() {
            // SAFETY: a canonical name is a C string that lives as long as the list.
            let name = unsafe { CStr::from_ptr(info.ai_canonname) };
            canonical = Some(name.to_string_lossy().into_owned());
        }
        if let Some(address) = address_of(info) {
            found.push(Found {
                address,
                socktype: info.ai_socktype,
                protocol: info.ai_protocol,
                canonical: None,
            });
        }
        at = info.ai_next;
    }
    // SAFETY: the list came from getaddrinfo and is freed once.
    unsafe { libc::freeaddrinfo(list) };
    match found.first_mut() {
        Some(first) => first.canonical = canonical,
        None => return Err(Error::new(ErrorKind::Resolve(libc::EAI_NONAME), "lookup")),
    }
    Ok(found)
}

fn address_of(info: &libc::addrinfo) -> Option<Address> {
    let mut raw = Raw::empty();
    if info.ai_addr.is_null() || info.ai_addrlen > raw.len {
        return None;
    }
    // SAFETY: `ai_addr` points to `ai_addrlen` bytes, which fit into the storage.
    unsafe {
        let from: *const u8 = info.ai_addr.cast();
        let to: *mut u8 = std::ptr::from_mut(&mut raw.storage).cast();
        std::ptr::copy_nonoverlapping(from, to, info.ai_addrlen as usize);
    }
    raw.len = info.ai_addrlen;
    Some(raw.address())
}

/// `getnameinfo`: host name and service name of an address. Blocks like `lookup`.
///
/// # Errors
/// Kind `Resolve`.
pub(crate) fn name_of(address: &Address, flags: i32) -> Result<(String, String), Error> {
    let raw = Raw::new(address);
    let (mut host, mut service) = ([0u8; 1025], [0u8; 32]);
    // SAFETY: `raw` has `raw.len` valid bytes; both buffers have the room that is passed with them.
    let code = apart_from_forks(|| unsafe {
        libc::getnameinfo(
            raw.as_ptr(),
            raw.len,
            host.as_mut_ptr().cast(),
            host.len() as libc::socklen_t,
            service.as_mut_ptr().cast(),
            service.len() as libc::socklen_t,
            flags,
        )
    });
    if code != 0 {
        return Err(Error::new(ErrorKind::Resolve(code), "lookup"));
    }
    let text = |bytes: &[u8]| {
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    };
    Ok((text(&host), text(&service)))
}

/// The system's text for an `EAI_*` code.
pub fn message(code: i32) -> String {
    // SAFETY: gai_strerror returns a constant C string for any number.
    let text = unsafe { CStr::from_ptr(libc::gai_strerror(code)) };
    text.to_string_lossy().into_owned()
}
