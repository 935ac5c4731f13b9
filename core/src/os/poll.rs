//! `poll(2)` over any descriptors: no limit on their numbers, nanosecond limits, no registration.

use std::cell::Cell;
use std::io;
use std::time::{Duration, Instant};

use super::outcome::check;
use super::select;
use crate::{Descriptor, Interest, Wake, Watch};

thread_local! {
    /// Kept between calls, so that a select per event loop turn does not allocate.
    static POLLFDS: Cell<Vec<libc::pollfd>> = const { Cell::new(Vec::new()) };
}

/// Waits until a descriptor is ready, the wake-up comes, `until` passes, or a signal comes (`Interrupted`).
/// Fills in `ready` and `invalid`, and returns how many descriptors have either. The wake-up is not counted,
/// but taken.
///
/// # Errors
/// `Interrupted`, or memory is short.
pub fn wait(watch: &mut [Watch], until: Option<Instant>, wake: Option<&Wake>) -> io::Result<usize> {
    poll_all(watch, wake, |fds| poll(fds, until))
}

/// As [`wait`], without waiting, and without a look at the clock.
///
/// # Errors
/// As there.
pub fn look(watch: &mut [Watch]) -> io::Result<usize> {
    poll_all(watch, None, poll_once)
}

/// Where an event tells of an urgent byte: is there anything else to read? Selectors call the socket readable in any case,
/// and a read that finds nothing else skips that byte.
pub fn has_more_than_urgent(descriptor: Descriptor) -> bool {
    let mut watch = [Watch::new(descriptor, Interest::READ)];
    look(&mut watch).is_ok_and(|_| watch[0].ready.contains(Interest::READ))
}

/// Polls all, and fills in what was found.
fn poll_all(
    watch: &mut [Watch],
    wake: Option<&Wake>,
    poll: impl FnOnce(&mut [libc::pollfd]) -> io::Result<()>,
) -> io::Result<usize> {
    // A thread that is ending, whose own data may still wait, has none any more.
    let mut fds = POLLFDS.try_with(Cell::take).unwrap_or_default();
    fds.clear();
    if fds.try_reserve(watch.len() + 1).is_err() {
        return Err(io::Error::from_raw_os_error(libc::ENOMEM));
    }
    fds.extend(watch.iter().map(|watch| asked(watch.descriptor, watch.interest)));
    if let Some(wake) = wake {
        fds.push(libc::pollfd { fd: wake.descriptor(), events: libc::POLLIN, revents: 0 });
    }
    let outcome = poll(&mut fds);
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
    let _ = POLLFDS.try_with(|kept| kept.set(fds));
    outcome.map(|()| count)
}

/// Waits for one descriptor. None: the time is up.
///
/// # Errors
/// `Interrupted`.
pub fn wait_one(fd: i32, interest: Interest, until: Option<Instant>) -> io::Result<Interest> {
    let mut fds = [asked(fd, interest)];
    poll(&mut fds, until)?;
    Ok(ready(fds[0].revents, interest))
}

fn poll(fds: &mut [libc::pollfd], until: Option<Instant>) -> io::Result<()> {
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO) {
            return poll_once(fds);
        }
        let time = left.map(|left| libc::timespec {
            tv_sec: left.as_secs().min(i32::MAX as u64) as _,
            tv_nsec: left.subsec_nanos() as _,
        });
        let limit = time.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        let (pointer, count) = (fds.as_mut_ptr(), fds.len() as libc::nfds_t);
        // SAFETY: pointer and length are those of a live, exclusively borrowed slice; `limit` is null or points to a timespec
        // that outlives the call; a null signal mask means "leave it".
        let found = match check(unsafe { libc::ppoll(pointer, count, limit, std::ptr::null()) }) {
            Ok(found) => found > 0,
            Err(error) => {
                otherwise(fds, time.as_ref(), error)?;
                fds.iter().any(|fd| fd.revents != 0)
            }
        };
        // Never early, should the kernel's clock and ours disagree by a tick.
        if found || until.is_none_or(|until| Instant::now() >= until) {
            return Ok(());
        }
    }
}

/// Cheaper than `ppoll`, which reads a clock of its own even where nothing is to be waited for.
fn poll_once(fds: &mut [libc::pollfd]) -> io::Result<()> {
    // SAFETY: pointer and length are those of a live, exclusively borrowed slice.
    match check(unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, 0) }) {
        Ok(_) => Ok(()),
        Err(error) => otherwise(fds, Some(&libc::timespec { tv_sec: 0, tv_nsec: 0 }), error),
    }
}

/// Where there are more entries than descriptors are allowed, the other call.
#[cold]
fn otherwise(
    fds: &mut [libc::pollfd],
    time: Option<&libc::timespec>,
    error: io::Error,
) -> io::Result<()> {
    if error.raw_os_error() == Some(libc::EINVAL) { select::poll(fds, time) } else { Err(error) }
}

/// What to ask for.
#[inline]
fn asked(descriptor: Descriptor, interest: Interest) -> libc::pollfd {
    let events = |member, events: i16| if interest.contains(member) { events } else { 0 };
    libc::pollfd {
        // Waiting for nothing must not end with a hang-up.
        fd: if interest.is_none() { -1 } else { descriptor },
        events: events(Interest::READ, libc::POLLIN | libc::POLLRDHUP)
            | events(Interest::WRITE, libc::POLLOUT)
            | events(Interest::PRIORITY, libc::POLLPRI),
        revents: 0,
    }
}

#[inline]
fn ready(revents: i16, interest: Interest) -> Interest {
    if revents == 0 {
        // Of many descriptors most.
        return Interest::NONE;
    }
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    /// Looks when its thread ends.
    struct AtTheEnd(Sender<io::Result<usize>>);

    impl Drop for AtTheEnd {
        fn drop(&mut self) {
            // A panic here would be the process's end.
            let looked = std::panic::catch_unwind(|| look(&mut []));
            let _ = looked.map(|found| self.0.send(found));
        }
    }

    #[test]
    fn what_a_thread_leaves_behind_can_wait() {
        thread_local! {
            static LEFT: Cell<Option<AtTheEnd>> = const { Cell::new(None) };
        }
        let (end, ended) = channel();
        let thread = std::thread::spawn(move || {
            LEFT.set(Some(AtTheEnd(end)));
            // What was there first goes last.
            look(&mut []).expect("there is nothing to look at");
        });
        assert_eq!(ended.recv().expect("it can look").expect("there is nothing to look at"), 0);
        thread.join().expect("it has ended");
    }
}
