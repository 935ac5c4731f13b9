//! `poll(2)` over any descriptors: no limit on their numbers, nanosecond limits, no registration.

use std::cell::Cell;
use std::io;
use std::time::{Duration, Instant};

use crate::{Interest, Wake, Watch};

thread_local! {
    /// Kept between calls, so that a select per event loop turn does not allocate.
    static POLLFDS: Cell<Vec<libc::pollfd>> = const { Cell::new(Vec::new()) };
}

/// Waits until a descriptor is ready, the wake-up comes, `until` passes, or a signal comes (`Interrupted`).
/// Fills in `ready` and `invalid`, and returns how many descriptors have either. The wake-up is not counted,
/// but taken.
pub fn wait(watch: &mut [Watch], until: Option<Instant>, wake: Option<&Wake>) -> io::Result<usize> {
    let mut fds = POLLFDS.take();
    fds.clear();
    if fds.try_reserve(watch.len() + 1).is_err() {
        return Err(io::Error::from_raw_os_error(libc::ENOMEM));
    }
    fds.extend(watch.iter().map(|watch| libc::pollfd {
        // Waiting for nothing must not end with a hang-up.
        fd: if watch.interest.is_none() { -1 } else { watch.descriptor },
        events: events(watch.interest),
        revents: 0,
    }));
    if let Some(wake) = wake {
        fds.push(libc::pollfd { fd: wake.descriptor(), events: libc::POLLIN, revents: 0 });
    }
    let outcome = poll(&mut fds, until);
    let mut count = 0;
    if outcome.is_ok() {
        for (watch, fd) in watch.iter_mut().zip(&fds) {
            watch.ready = ready(fd.revents, watch.interest);
            watch.invalid = fd.revents & libc::POLLNVAL != 0;
            watch.raw = fd.revents;
            count += usize::from(fd.revents != 0);
        }
        if let (Some(wake), Some(libc::pollfd { revents: 1.., .. })) = (wake, fds.last()) {
            wake.take();
        }
    }
    POLLFDS.set(fds);
    outcome.map(|()| count)
}

/// Waits for one descriptor. None: the time is up.
pub fn wait_one(fd: i32, interest: Interest, until: Option<Instant>) -> io::Result<Interest> {
    let mut fds = [libc::pollfd { fd, events: events(interest), revents: 0 }];
    poll(&mut fds, until)?;
    Ok(ready(fds[0].revents, interest))
}

fn poll(fds: &mut [libc::pollfd], until: Option<Instant>) -> io::Result<()> {
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let (fds, count) = (fds.as_mut_ptr(), fds.len() as libc::nfds_t);
        let found = if left == Some(Duration::ZERO) {
            // SAFETY: pointer and length are those of a live, exclusively borrowed slice. Cheaper than ppoll, which reads a
            // clock of its own even where nothing is to be waited for.
            unsafe { libc::poll(fds, count, 0) }
        } else {
            let time = left.map(|left| libc::timespec {
                tv_sec: left.as_secs().min(i64::MAX as u64 / 2) as libc::time_t,
                tv_nsec: left.subsec_nanos().into(),
            });
            let time = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
            // SAFETY: as above; `time` is null or points to a timespec that outlives the call; a null signal mask means
            // "leave it".
            unsafe { libc::ppoll(fds, count, time, std::ptr::null()) }
        };
        match found {
            -1 => return Err(io::Error::last_os_error()),
            // Never early, should the kernel's clock and ours disagree by a tick.
            0 if until.is_some_and(|until| Instant::now() < until) => {}
            _ => return Ok(()),
        }
    }
}

fn events(interest: Interest) -> i16 {
    let mut events = 0;
    if interest.contains(Interest::READ) {
        events |= libc::POLLIN | libc::POLLRDHUP;
    }
    if interest.contains(Interest::WRITE) {
        events |= libc::POLLOUT;
    }
    if interest.contains(Interest::PRIORITY) {
        events |= libc::POLLPRI;
    }
    events
}

fn ready(revents: i16, interest: Interest) -> Interest {
    let mut ready = Interest::NONE;
    if revents & (libc::POLLIN | libc::POLLRDHUP) != 0 {
        ready |= Interest::READ;
    }
    if revents & libc::POLLOUT != 0 {
        ready |= Interest::WRITE;
    }
    if revents & libc::POLLPRI != 0 {
        ready |= Interest::PRIORITY;
    }
    // An error or hang-up answers whatever was asked: the next attempt will say what it is.
    if revents & (libc::POLLERR | libc::POLLHUP | libc::POLLNVAL) != 0 {
        ready |= interest;
    }
    ready.and(interest)
}
