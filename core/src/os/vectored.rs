//! Calls that take several pieces of memory at once.

use std::ffi::c_int;
use std::io::{self, IoSlice};

use super::outcome::count;
use crate::Descriptor;

/// `sendmsg(2)`, without an address.
pub(super) fn send(socket: Descriptor, data: &[IoSlice<'_>], flags: i32) -> io::Result<usize> {
    // SAFETY: a msghdr is integers and pointers, for which all zeros are a value.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    // The system only reads from them.
    message.msg_iov = data.as_ptr().cast_mut().cast();
    message.msg_iovlen = data.len() as _;
    // SAFETY: the message points to so many slices, which are laid out as the system's and live until the call returns.
    count(unsafe { libc::sendmsg(socket, &raw const message, flags) })
}

/// `writev(2)`.
pub(super) fn write(file: Descriptor, data: &[IoSlice<'_>]) -> io::Result<usize> {
    // A call with more than fit into its number would be refused all the same.
    let pieces = c_int::try_from(data.len()).unwrap_or(c_int::MAX);
    // SAFETY: the slices are laid out as the system's, there are so many, and they live until the call returns.
    count(unsafe { libc::writev(file, data.as_ptr().cast(), pieces) })
}
