//! Files of the C library, which other libraries hand around.

use std::ffi::c_void;

use crate::Descriptor;

/// The descriptor of a `FILE`, -1 where it has none.
///
/// # Safety
/// `file` is a C library's file that is open.
#[doc(alias = "fileno")]
pub unsafe fn file_descriptor(file: *mut c_void) -> Descriptor {
    // SAFETY: as the caller promises.
    unsafe { libc::fileno(file.cast()) }
}
