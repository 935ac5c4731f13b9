//! The paths of Unix sockets: making room for one, and who may use it.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;

use crate::Descriptor;

fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// Removes a path if it is a socket, and only then: a slip of the pen must not cost a file.
///
/// # Errors
/// What the system says. That there is no such path is none.
#[doc(alias = "unlink")]
pub fn remove_socket(bytes: &[u8]) -> io::Result<()> {
    match fs::symlink_metadata(path(bytes)) {
        Ok(known) if known.file_type().is_socket() => fs::remove_file(path(bytes)),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Sets a path's permissions.
///
/// # Errors
/// What the system says.
#[doc(alias = "chmod")]
pub fn set_mode(bytes: &[u8], mode: u32) -> io::Result<()> {
    fs::set_permissions(path(bytes), Permissions::from_mode(mode))
}

/// Lets a path that a socket will be bound to begin with no more than these permissions, on systems that heed it.
#[doc(alias = "fchmod")]
pub fn restrict(descriptor: Descriptor, mode: u32) {
    // SAFETY: no pointers.
    unsafe { libc::fchmod(descriptor, mode as libc::mode_t) };
}
