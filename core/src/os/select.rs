//! `select(2)` in the place of `poll(2)` where that refuses so many entries.
//!
//! It counts them against the limit on descriptors (`RLIMIT_NOFILE`), twice those that are in two lists. A program may have
//! more of them than the limit names, and may have lowered it below what it has open. `select` counts nothing.

use std::ffi::c_ulong;
use std::io;

use super::outcome::check;
use crate::Descriptor;

/// Polls all; `time`: as in `ppoll`. What is not open is told as `POLLNVAL`, and nothing is waited for then.
#[cold]
pub(super) fn poll(fds: &mut [libc::pollfd], time: Option<&libc::timespec>) -> io::Result<()> {
    let mut time = time.copied();
    fds.iter_mut().for_each(|fd| fd.revents = 0);
    // The kernel passes over what is past its table: so the greatest has to be open.
    if fds.iter().map(|fd| fd.fd).max().is_some_and(|greatest| !may_be_asked_for(greatest)) {
        tell_closed(fds, &mut time);
    }
    let mut sets = loop {
        let mut sets = Sets::of(fds)?;
        match sets.select(time.as_ref()) {
            Err(error) if error.raw_os_error() == Some(libc::EBADF) => {
                if !tell_closed(fds, &mut time) {
                    return Err(error);
                }
            }
            outcome => break outcome.map(|()| sets)?,
        }
    };
    for fd in fds.iter_mut().filter(|fd| fd.fd >= 0 && fd.revents == 0) {
        for (set, event) in sets.lists.iter_mut().zip(EVENTS) {
            if fd.events & event != 0 && has(set, fd.fd) {
                fd.revents |= event;
            }
        }
    }
    Ok(())
}

/// What each of the sets is for.
const EVENTS: [i16; 3] = [libc::POLLIN, libc::POLLOUT, libc::POLLPRI];
const BITS: usize = c_ulong::BITS as usize;

/// Open, or never looked at.
fn may_be_asked_for(descriptor: Descriptor) -> bool {
    // SAFETY: no pointers.
    descriptor < 0 || check(unsafe { libc::fcntl(descriptor, libc::F_GETFD) }).is_ok()
}

/// Notes those that are not open; are there any that were not noted before?
fn tell_closed(fds: &mut [libc::pollfd], time: &mut Option<libc::timespec>) -> bool {
    let mut any = false;
    for fd in fds.iter_mut().filter(|fd| fd.revents == 0 && !may_be_asked_for(fd.fd)) {
        fd.revents = libc::POLLNVAL;
        any = true;
    }
    if any {
        *time = Some(libc::timespec { tv_sec: 0, tv_nsec: 0 });
    }
    any
}

/// A bit for each descriptor, as the system has them; of any length.
struct Sets {
    lists: [Vec<c_ulong>; 3],
    count: Descriptor,
}

impl Sets {
    fn of(fds: &[libc::pollfd]) -> io::Result<Self> {
        let asked = || fds.iter().filter(|fd| fd.fd >= 0 && fd.revents == 0);
        let count = asked().map(|fd| fd.fd + 1).max().unwrap_or(0);
        let mut lists = [Vec::new(), Vec::new(), Vec::new()];
        for (list, event) in lists.iter_mut().zip(EVENTS) {
            let len = (count as usize).div_ceil(BITS);
            list.try_reserve_exact(len).map_err(|_| io::Error::from_raw_os_error(libc::ENOMEM))?;
            list.resize(len, 0);
            for fd in asked().filter(|fd| fd.events & event != 0) {
                list[fd.fd as usize / BITS] |= 1 << (fd.fd as usize % BITS);
            }
        }
        Ok(Self { lists, count })
    }

    fn select(&mut self, time: Option<&libc::timespec>) -> io::Result<()> {
        let [read, write, priority] = self.lists.each_mut().map(|list| list.as_mut_ptr().cast());
        let time = time.map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: the sets are live, exclusively borrowed, and have a bit for each number below `count`, which is all that the
        // kernel looks at; `time` is null or points to a timespec that outlives the call; a null signal mask means "leave it".
        check(unsafe { libc::pselect(self.count, read, write, priority, time, std::ptr::null()) })?;
        Ok(())
    }
}

fn has(set: &[c_ulong], descriptor: Descriptor) -> bool {
    set[descriptor as usize / BITS] & (1 << (descriptor as usize % BITS)) != 0
}
