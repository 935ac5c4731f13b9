//! What the system and its host are called.

use std::ffi::{CStr, c_char};
use std::io;

use super::outcome::check;

/// Its names.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of uname(2)")]
pub struct System {
    pub sysname: String,
    pub nodename: String,
    pub release: String,
    pub version: String,
    pub machine: String,
}

/// The names of the system that this runs on.
///
/// # Errors
/// None that is known.
#[doc(alias = "uname")]
pub fn system() -> io::Result<System> {
    // SAFETY: utsname is arrays of characters, for which all zeros are a value.
    let mut names: libc::utsname = unsafe { std::mem::zeroed() };
    // SAFETY: the pointer is to a utsname that lives until the call returns.
    check(unsafe { libc::uname(&raw mut names) })?;
    Ok(System {
        sysname: text(&names.sysname),
        nodename: text(&names.nodename),
        release: text(&names.release),
        version: text(&names.version),
        machine: text(&names.machine),
    })
}

/// The host's name.
///
/// # Errors
/// What the system says.
#[doc(alias = "gethostname")]
pub fn host_name() -> io::Result<String> {
    let mut name = [0u8; 257];
    // SAFETY: the length passed leaves one byte for a NUL.
    check(unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) })?;
    let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
    Ok(String::from_utf8_lossy(&name[..end]).into_owned())
}

fn text(field: &[c_char]) -> String {
    // SAFETY: the system closes each field with a NUL, within the array.
    unsafe { CStr::from_ptr(field.as_ptr()) }.to_string_lossy().into_owned()
}
