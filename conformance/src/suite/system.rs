//! Descriptors as only a real kernel has them, used directly.
#![allow(unsafe_code)]

use std::fs::File;
use std::os::fd::FromRawFd;

use moonsocket_core::{Backend, Descriptor, Handle, Kind, Transport, os};

pub(crate) fn duplicate(descriptor: Descriptor) -> Descriptor {
    // SAFETY: no pointers.
    let number = unsafe { libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 3) };
    assert!(number >= 0, "a duplicate of {descriptor}");
    number
}

/// Another thread's own, blocking, way to the same socket.
pub(crate) fn stream<B: Backend>(handle: &Handle<B>) -> std::net::TcpStream {
    let number = duplicate(handle.descriptor());
    set_nonblocking(number, false);
    // SAFETY: a fresh duplicate that nobody else owns.
    unsafe { std::net::TcpStream::from_raw_fd(number) }
}

/// Closes; was it open?
pub(crate) fn close(descriptor: Descriptor) -> bool {
    // SAFETY: no pointers; callers own the number.
    unsafe { libc::close(descriptor) == 0 }
}

pub(crate) fn is_open(descriptor: Descriptor) -> bool {
    // SAFETY: no pointers.
    unsafe { libc::fcntl(descriptor, libc::F_GETFD) >= 0 }
}

pub(crate) fn is_nonblocking(descriptor: Descriptor) -> bool {
    // SAFETY: no pointers.
    unsafe { libc::fcntl(descriptor, libc::F_GETFL) & libc::O_NONBLOCK != 0 }
}

pub(crate) fn set_nonblocking(descriptor: Descriptor, on: bool) {
    // SAFETY: no pointers.
    let done = unsafe {
        let flags = libc::fcntl(descriptor, libc::F_GETFL);
        let flags = if on { flags | libc::O_NONBLOCK } else { flags & !libc::O_NONBLOCK };
        libc::fcntl(descriptor, libc::F_SETFL, flags)
    };
    assert_eq!(done, 0);
}

pub(crate) fn urgent(descriptor: Descriptor, byte: u8) {
    let data = [byte];
    // SAFETY: pointer and length are those of a live array.
    let sent = unsafe {
        libc::send(descriptor, data.as_ptr().cast(), 1, libc::MSG_OOB | libc::MSG_NOSIGNAL)
    };
    assert_eq!(sent, 1);
}

/// Sends bytes to a Unix socket, and a descriptor with them.
pub(crate) fn pass(through: Descriptor, data: &[u8], passed: Descriptor) {
    // Aligned for its header, and with room to spare.
    let mut control = [0u64; 8];
    let mut bytes = libc::iovec { iov_base: data.as_ptr().cast_mut().cast(), iov_len: data.len() };
    let size = size_of::<Descriptor>() as u32;
    // SAFETY: a msghdr is plain data for which all zeros are a value; what it points to lives until the call returns, which
    // only reads. The first header and its data lie within the room given.
    let sent = unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &raw mut bytes;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = libc::CMSG_SPACE(size) as _;
        let header = libc::CMSG_FIRSTHDR(&raw const message);
        (*header).cmsg_level = libc::SOL_SOCKET;
        (*header).cmsg_type = libc::SCM_RIGHTS;
        (*header).cmsg_len = libc::CMSG_LEN(size) as _;
        libc::CMSG_DATA(header).cast::<Descriptor>().write_unaligned(passed);
        libc::sendmsg(through, &raw const message, libc::MSG_NOSIGNAL)
    };
    assert_eq!(sent, data.len() as isize);
}

/// Both ends of a pipe.
pub(crate) fn pipe() -> (Descriptor, Descriptor) {
    let mut ends = [-1; 2];
    // SAFETY: the pointer is to two ints.
    assert_eq!(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) }, 0);
    (ends[0], ends[1])
}

/// A regular file.
pub(crate) fn file() -> Descriptor {
    // SAFETY: the name is closed by a NUL.
    let number = unsafe { libc::memfd_create(c"conformance".as_ptr(), libc::MFD_CLOEXEC) };
    assert!(number >= 0);
    number
}

/// One that is closed when it goes.
pub(crate) fn owned_file() -> File {
    // SAFETY: the descriptor is new, and nobody else's.
    unsafe { File::from_raw_fd(file()) }
}

/// A handle on any descriptor.
pub(crate) fn adopt<B: Backend>(b: &B, descriptor: Descriptor) -> Handle<B> {
    // SAFETY: cases know what they have made, and what they close.
    Handle::adopt(b, unsafe { B::Socket::from_descriptor(descriptor) }, 0)
}

/// The descriptor of a handle that gives it up.
pub(crate) fn release<B: Backend>(b: &B, handle: &mut Handle<B>) -> Descriptor {
    handle.take(b).map_or(-1, Transport::into_descriptor)
}

/// Two connected Unix sockets.
pub(crate) fn unix_pair<B: Backend>(b: &B, socktype: i32) -> (Handle<B>, Handle<B>) {
    let kind = Kind { family: libc::AF_UNIX, socktype, protocol: 0 };
    let (one, other) = os::pair(kind).expect("descriptors");
    (adopt(b, one.into_descriptor()), adopt(b, other.into_descriptor()))
}

/// What the kernel answers to `getsockopt` with this level and number: the bytes, or the error's number.
pub(crate) fn raw_option(
    descriptor: Descriptor,
    (level, name): (i32, i32),
) -> Result<Vec<u8>, i32> {
    let mut bytes = vec![0u8; 16];
    let mut len = 16;
    // SAFETY: there is room for as many bytes as are named.
    let outcome = unsafe {
        libc::getsockopt(descriptor, level, name, bytes.as_mut_ptr().cast(), &raw mut len)
    };
    if outcome != 0 {
        return Err(std::io::Error::last_os_error().raw_os_error().unwrap_or(0));
    }
    bytes.truncate(len as usize);
    Ok(bytes)
}

pub(crate) fn closes_on_exec(descriptor: Descriptor) -> bool {
    // SAFETY: no pointers.
    unsafe { libc::fcntl(descriptor, libc::F_GETFD) & libc::FD_CLOEXEC != 0 }
}

pub(crate) fn read(descriptor: Descriptor, into: &mut [u8]) -> isize {
    // SAFETY: pointer and length are those of an exclusively borrowed slice.
    unsafe { libc::read(descriptor, into.as_mut_ptr().cast(), into.len()) }
}

/// Takes one connection from a listener, closes both.
pub(crate) fn accept_and_close(listener: Descriptor) {
    // SAFETY: no addresses are asked for; both numbers are ours.
    unsafe {
        let taken =
            libc::accept4(listener, std::ptr::null_mut(), std::ptr::null_mut(), libc::SOCK_CLOEXEC);
        assert!(taken >= 0);
        libc::close(taken);
        libc::close(listener);
    }
}

/// How many epoll sets of this process watch a descriptor's number.
pub(crate) fn registrations(descriptor: Descriptor) -> usize {
    let known = |text: String| {
        let watched = text.lines().filter_map(|line| line.strip_prefix("tfd:"));
        let numbers = watched.filter_map(|rest| rest.split_whitespace().next());
        numbers.filter(|number| number.parse() == Ok(descriptor)).count()
    };
    let files = std::fs::read_dir("/proc/self/fdinfo").expect("a process has descriptors");
    let texts = files.flatten().filter_map(|file| std::fs::read_to_string(file.path()).ok());
    texts.map(known).sum()
}
