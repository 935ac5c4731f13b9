//! A real socket: a descriptor, and one attempt at each system call.

use std::cell::Cell;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;

use super::address::{Raw, filled};
use super::made::new_descriptor;
use super::outcome::{check, count};
use super::{option, vectored};
use crate::{Address, Descriptor, Flags, How, Kind, Mode, Opt, Transport, Value};

/// Never a signal for a write to a closed peer.
#[cfg(not(target_vendor = "apple"))]
const SEND_FLAGS: i32 = libc::MSG_NOSIGNAL;
#[cfg(target_vendor = "apple")]
const SEND_FLAGS: i32 = 0;

/// What `sockatmark(3)` asks, which the libc crate does not have.
#[cfg(any(target_os = "linux", target_os = "android"))]
const SIOCATMARK: libc::Ioctl = 0x8905;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const SIOCATMARK: libc::c_ulong = 0x4004_7307;

/// An owned socket; closed on drop.
///
/// Unlike the standard library's `OwnedFd` it may hold any number: a script can put one in that is not open, or not a
/// socket, and every call then simply fails. So it has [`AsRawFd`](std::os::fd::AsRawFd), and no `AsFd`, which promises more.
///
/// A socket that others made, the standard library or a service manager, becomes one of these, of which
/// [`Net::stream`](crate::Net::stream), [`Net::listener`](crate::Net::listener) and
/// [`Net::datagram`](crate::Net::datagram) make theirs; and back:
///
/// ```
/// use moonsocket_core::Transport;
/// use moonsocket_core::os::Socket;
/// use std::net::{TcpListener, TcpStream};
/// use std::os::fd::OwnedFd;
///
/// # fn main() -> std::io::Result<()> {
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// let stream = TcpStream::connect(listener.local_addr()?)?;
/// let socket = Socket::from(OwnedFd::from(stream));
/// assert_eq!(socket.peer_address()?, listener.local_addr()?.into());
///
/// let stream = TcpStream::from(OwnedFd::try_from(socket)?);
/// assert_eq!(stream.peer_addr()?, listener.local_addr()?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Socket {
    descriptor: Descriptor,
    /// Did we make it non-blocking? What others did shows as would-block, which every driver bears.
    nonblocking: Cell<bool>,
    /// Is there a duplicate?
    shared: Cell<bool>,
    /// Is it no socket, but a device?
    device: bool,
}

impl Socket {
    /// Makes a socket, close-on-exec; non-blocking where the mode says that nothing may wait.
    ///
    /// # Errors
    /// What the system says.
    #[doc(alias = "socket")]
    pub fn open(kind: Kind, mode: Mode) -> io::Result<Self> {
        let nonblocking = mode != Mode::Wait;
        let flags = libc::SOCK_CLOEXEC | if nonblocking { libc::SOCK_NONBLOCK } else { 0 };
        // SAFETY: no pointers.
        let fd = unsafe { libc::socket(kind.family, kind.socktype | flags, kind.protocol) };
        Ok(Self {
            descriptor: new_descriptor(fd)?,
            nonblocking: Cell::new(nonblocking),
            shared: Cell::new(false),
            device: false,
        })
    }

    /// Switches the descriptor's own mode; no system call when it is known to be so already.
    ///
    /// # Errors
    /// The descriptor is not open.
    pub fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        if self.nonblocking.get() == nonblocking {
            return Ok(());
        }
        let mut on = i32::from(nonblocking);
        // SAFETY: FIONBIO reads one int, which lives until the call returns.
        check(unsafe { libc::ioctl(self.descriptor, libc::FIONBIO, &raw mut on) })?;
        self.nonblocking.set(nonblocking);
        Ok(())
    }

    /// A descriptor that is nobody else's.
    pub(super) fn of(descriptor: Descriptor) -> Self {
        Self { descriptor, nonblocking: Cell::new(false), shared: Cell::new(false), device: false }
    }

    /// A device that was opened non-blocking: no socket, but read and written as a stream all the same.
    pub(super) fn device(descriptor: Descriptor) -> Self {
        let (nonblocking, shared) = (Cell::new(true), Cell::new(false));
        Self { descriptor, nonblocking, shared, device: true }
    }

    /// Are the kernel's limits not for it alone: because it has been duplicated, or is a device, which has none?
    #[inline]
    pub fn is_shared(&self) -> bool {
        self.shared.get() || self.device
    }

    /// Does it wait, and as the kernel alone says: it is neither [shared](Self::is_shared) nor made non-blocking by us?
    #[inline]
    pub fn is_plain(&self) -> bool {
        !(self.nonblocking.get() || self.is_shared())
    }

    /// Puts a device into the mode, for which its calls have no flag.
    fn prepare(&self, mode: Mode) -> io::Result<()> {
        self.set_nonblocking(mode != Mode::Wait)
    }

    fn flags(&self, flags: Flags, mode: Mode) -> i32 {
        flags.0 | if mode == Mode::Wait { 0 } else { libc::MSG_DONTWAIT }
    }
}

impl Transport for Socket {
    fn descriptor(&self) -> Descriptor {
        self.descriptor
    }

    fn duplicate(&self) -> io::Result<Self> {
        // SAFETY: no pointers.
        let fd = unsafe { libc::fcntl(self.descriptor, libc::F_DUPFD_CLOEXEC, 0) };
        let fd = new_descriptor(fd)?;
        self.shared.set(true);
        Ok(Self {
            descriptor: fd,
            nonblocking: self.nonblocking.clone(),
            shared: Cell::new(true),
            device: self.device,
        })
    }

    fn recv(&self, into: &mut [u8], flags: Flags, mode: Mode) -> io::Result<usize> {
        if self.device {
            self.prepare(mode)?;
            // SAFETY: pointer and length are those of an exclusively borrowed slice.
            return count(unsafe {
                libc::read(self.descriptor, into.as_mut_ptr().cast(), into.len())
            });
        }
        let flags = self.flags(flags, mode);
        // SAFETY: pointer and length are those of an exclusively borrowed slice.
        count(unsafe { libc::recv(self.descriptor, into.as_mut_ptr().cast(), into.len(), flags) })
    }

    fn recv_append(
        &self,
        into: &mut Vec<u8>,
        most: usize,
        flags: Flags,
        mode: Mode,
    ) -> io::Result<usize> {
        if self.device {
            self.prepare(mode)?;
        }
        let flags = self.flags(flags, mode);
        let room = room(into, most, flags);
        let (to, len) = (room.as_mut_ptr().cast(), room.len());
        // SAFETY: pointer and length are within the vector's spare capacity; the kernel only writes.
        let got = unsafe {
            if self.device {
                libc::read(self.descriptor, to, len)
            } else {
                libc::recv(self.descriptor, to, len, flags)
            }
        };
        let got = count(got)?.min(len);
        // SAFETY: the kernel, or `room`, initialised `got` bytes after the old length, within the capacity.
        unsafe { into.set_len(into.len() + got) };
        Ok(got)
    }

    fn recv_from(
        &self,
        into: &mut Vec<u8>,
        most: usize,
        flags: Flags,
        mode: Mode,
    ) -> io::Result<(usize, Address)> {
        let flags = self.flags(flags, mode);
        let room = room(into, most, flags);
        let (to, len) = (room.as_mut_ptr().cast(), room.len());
        let mut raw = Raw::empty();
        let mut raw_len = raw.len;
        // SAFETY: pointer and length are within the vector's spare capacity; `raw` has the room that
        // `raw_len` says.
        let got = unsafe {
            libc::recvfrom(self.descriptor, to, len, flags, raw.as_mut_ptr(), &raw mut raw_len)
        };
        let got = count(got)?.min(len);
        // SAFETY: the kernel, or `room`, initialised `got` bytes after the old length, within the capacity.
        unsafe { into.set_len(into.len() + got) };
        raw.len = raw_len;
        Ok((got, raw.address()))
    }

    fn send(&self, data: &[u8], flags: Flags, mode: Mode) -> io::Result<usize> {
        if self.device {
            self.prepare(mode)?;
            // SAFETY: pointer and length are those of a borrowed slice. A FIFO that we opened has a reader, ourselves: no
            // SIGPIPE.
            return count(unsafe {
                libc::write(self.descriptor, data.as_ptr().cast(), data.len())
            });
        }
        let flags = self.flags(flags, mode) | SEND_FLAGS;
        // SAFETY: pointer and length are those of a borrowed slice.
        count(unsafe { libc::send(self.descriptor, data.as_ptr().cast(), data.len(), flags) })
    }

    fn send_vectored(&self, data: &[IoSlice<'_>], flags: Flags, mode: Mode) -> io::Result<usize> {
        if self.device {
            self.prepare(mode)?;
            return vectored::write(self.descriptor, data);
        }
        vectored::send(self.descriptor, data, self.flags(flags, mode) | SEND_FLAGS)
    }

    fn send_to(&self, data: &[u8], to: &Address, flags: Flags, mode: Mode) -> io::Result<usize> {
        let flags = self.flags(flags, mode) | SEND_FLAGS;
        let raw = Raw::new(to);
        // SAFETY: pointer and length are those of a borrowed slice; `raw` has `raw.len` valid bytes.
        count(unsafe {
            let from = data.as_ptr().cast();
            libc::sendto(self.descriptor, from, data.len(), flags, raw.as_ptr(), raw.len)
        })
    }

    fn accept(&self) -> io::Result<(Self, Address)> {
        // One that was adopted may still block. Should this fail, so will the call.
        let _ = self.set_nonblocking(true);
        let mut raw = Raw::empty();
        let mut raw_len = raw.len;
        // SAFETY: `raw` has the room that `raw_len` says.
        let fd = unsafe {
            libc::accept4(self.descriptor, raw.as_mut_ptr(), &raw mut raw_len, libc::SOCK_CLOEXEC)
        };
        let fd = new_descriptor(fd)?;
        raw.len = raw_len;
        Ok((Self::of(fd), raw.address()))
    }

    fn connect(&self, to: &Address, mode: Mode) -> io::Result<()> {
        if mode != Mode::Wait {
            self.set_nonblocking(true)?;
        }
        let raw = Raw::new(to);
        // SAFETY: `raw` has `raw.len` valid bytes.
        check(unsafe { libc::connect(self.descriptor, raw.as_ptr(), raw.len) }).map(drop)
    }

    fn disconnect(&self) -> io::Result<()> {
        let raw = Raw::unspecified();
        // SAFETY: `raw` has `raw.len` valid bytes.
        check(unsafe { libc::connect(self.descriptor, raw.as_ptr(), raw.len) }).map(drop)
    }

    fn bind(&self, to: &Address) -> io::Result<()> {
        let raw = Raw::new(to);
        // SAFETY: `raw` has `raw.len` valid bytes.
        check(unsafe { libc::bind(self.descriptor, raw.as_ptr(), raw.len) }).map(drop)
    }

    fn listen(&self, backlog: i32) -> io::Result<()> {
        // SAFETY: no pointers.
        check(unsafe { libc::listen(self.descriptor, backlog) })?;
        self.set_nonblocking(true)
    }

    fn shutdown(&self, how: How) -> io::Result<()> {
        let how = match how {
            How::Receive => libc::SHUT_RD,
            How::Send => libc::SHUT_WR,
            How::Both => libc::SHUT_RDWR,
        };
        // SAFETY: no pointers.
        check(unsafe { libc::shutdown(self.descriptor, how) }).map(drop)
    }

    fn local_address(&self) -> io::Result<Address> {
        // SAFETY: `filled` passes room and its length.
        filled(|to, len| unsafe { libc::getsockname(self.descriptor, to, len) })
    }

    fn peer_address(&self) -> io::Result<Address> {
        // SAFETY: `filled` passes room and its length.
        filled(|to, len| unsafe { libc::getpeername(self.descriptor, to, len) })
    }

    fn option(&self, option: Opt) -> io::Result<Value> {
        option::get(self.descriptor, option)
    }

    fn set_option(&self, option: Opt, value: Value) -> io::Result<()> {
        option::set(self.descriptor, option, value)
    }

    fn bytes_readable(&self) -> io::Result<usize> {
        let mut bytes: i32 = 0;
        // SAFETY: FIONREAD writes one int, which lives until the call returns.
        check(unsafe { libc::ioctl(self.descriptor, libc::FIONREAD, &raw mut bytes) })?;
        Ok(usize::try_from(bytes).unwrap_or(0))
    }

    fn at_mark(&self) -> io::Result<bool> {
        let mut at: i32 = 0;
        // SAFETY: SIOCATMARK writes one int, which lives until the call returns.
        check(unsafe { libc::ioctl(self.descriptor, SIOCATMARK, &raw mut at) })?;
        Ok(at != 0)
    }

    fn into_descriptor(self) -> Descriptor {
        let descriptor = self.descriptor;
        std::mem::forget(self);
        descriptor
    }

    unsafe fn from_descriptor(descriptor: Descriptor) -> Self {
        Self::of(descriptor)
    }
}

/// Room for a receive of at most so many bytes. MSG_TRUNC makes the kernel report more than it writes: of a message its whole
/// length, and of TCP bytes that it drops, whose place must not show what lay there.
#[inline]
fn room(into: &mut Vec<u8>, most: usize, flags: i32) -> &mut [MaybeUninit<u8>] {
    let spare = into.spare_capacity_mut();
    let len = most.min(spare.len());
    let room = &mut spare[..len];
    if flags & libc::MSG_TRUNC != 0 {
        room.fill(MaybeUninit::new(0));
    }
    room
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.descriptor >= 0 {
            // Not repeated after EINTR: on Linux the number is free by then, and may be someone else's.
            // SAFETY: no pointers; the number was given to this object to close.
            unsafe { libc::close(self.descriptor) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::pair;
    use super::*;

    #[test]
    fn any_number_can_be_held() {
        for number in [-1, 1_000_000] {
            let socket = Socket::of(number);
            assert_eq!(
                socket.bytes_readable().map_err(|e| e.raw_os_error()),
                Err(Some(libc::EBADF))
            );
        }
    }

    #[test]
    fn a_write_to_a_closed_peer_is_an_error() {
        let (one, other) = pair(Kind::stream(libc::AF_UNIX)).expect("descriptors");
        drop(other);
        let outcome = one.send(b"x", Flags::NONE, Mode::Wait);
        assert_eq!(outcome.map_err(|e| e.raw_os_error()), Err(Some(libc::EPIPE)));
    }
}
