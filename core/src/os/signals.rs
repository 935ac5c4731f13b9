//! Being told of signals instead of ended by them.
//!
//! A handler is the process's, whoever asked for it, and the kernel runs it on any thread. So what it does is the same
//! everywhere: it remembers the signal and makes a descriptor readable. Waits that tell of signals watch that descriptor
//! beside their own, and take the signal when they wake up: a signal that comes before the wait, or to another thread,
//! is not lost. The first who takes it has it.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::fork::{Apart, fork_generation};
use super::kept::Kept;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
use super::made::beyond_standard;
use super::made::new_descriptor;
use super::outcome::check;
use crate::Descriptor;

/// Those that are caught, in the order in which they are told when several are pending.
pub const CAUGHT: [i32; 5] =
    [libc::SIGINT, libc::SIGTERM, libc::SIGUSR1, libc::SIGUSR2, libc::SIGPIPE];

/// Signals that came and that nobody has taken: a bit for each place in [`CAUGHT`].
static PENDING: AtomicU32 = AtomicU32::new(0);
/// The descriptor may be readable. Set after it was made so, cleared before it is emptied.
static NOTIFIED: AtomicBool = AtomicBool::new(false);
/// The ends of the descriptor, which for an eventfd are one; -1 until first needed. Never closed, because a handler may
/// be about to write.
static READER: Kept = Kept::none();
static WRITER: Kept = Kept::none();
/// The process that they are of.
static PROCESS: AtomicU32 = AtomicU32::new(0);
static HANDLERS: Apart<Handlers> = Apart::new(Handlers { users: 0, before: [None; 5] });

struct Handlers {
    /// How many want them.
    users: usize,
    /// What was in force where ours are now.
    before: [Option<libc::sigaction>; 5],
}

/// While one of these exists, the signals of [`CAUGHT`] are caught. Those that the program ignores stay ignored, except
/// SIGPIPE; what someone else sets afterwards is left alone. The last one to go puts back what was there before.
#[derive(Debug)]
pub struct Catching(());

impl Catching {
    /// Catches them from now on.
    ///
    /// # Errors
    /// No descriptors left.
    pub fn start() -> io::Result<Self> {
        let mut handlers = HANDLERS.lock();
        open(&handlers)?;
        if handlers.users == 0 {
            handlers.install();
        }
        handlers.users += 1;
        Ok(Self(()))
    }

    /// Lets go of them while the program goes on: a signal that nobody has taken does what it would have done.
    pub fn stop(self) {
        std::mem::forget(self);
        leave(true);
    }
}

impl Drop for Catching {
    /// As a rule the program is at its end: a signal that nobody has taken goes to the handler that was there before, if
    /// there was one, and ends nothing.
    fn drop(&mut self) {
        leave(false);
    }
}

/// One user less. `goes_on`: the default action is taken, too.
fn leave(goes_on: bool) {
    let mut handlers = HANDLERS.lock();
    handlers.users -= 1;
    if handlers.users == 0 {
        let missed = handlers.restore(goes_on);
        drop(handlers);
        for signal in chosen(missed) {
            raise(signal);
        }
    }
}

/// Takes a signal that came, whoever's wait it ended.
pub fn take() -> Option<i32> {
    if PENDING.load(Ordering::SeqCst) == 0 && !NOTIFIED.load(Ordering::SeqCst) {
        return None;
    }
    renew();
    // Emptied before the look, so that what comes after the look is seen by the next wait.
    drain();
    loop {
        let pending = PENDING.load(Ordering::SeqCst);
        let signal = chosen(pending).next()?;
        let before = PENDING.fetch_and(!bit(signal), Ordering::SeqCst);
        if before & !bit(signal) != 0 {
            notify();
        }
        if before & bit(signal) != 0 {
            return Some(signal);
        }
        // Another thread was quicker.
    }
}

/// Gives a signal back that was taken but cannot be told now: the next one who asks is told of it.
pub fn put_back(signal: i32) {
    PENDING.fetch_or(bit(signal), Ordering::SeqCst);
    notify();
}

/// Becomes readable when a signal comes; -1 where none are caught.
pub fn descriptor() -> Descriptor {
    renew();
    READER.number()
}

/// Which of the signals these bits are, in their order.
fn chosen(bits: u32) -> impl Iterator<Item = i32> {
    CAUGHT.into_iter().filter(move |signal| bits & bit(*signal) != 0)
}

/// The bit of a signal; none for one that is not caught.
fn bit(signal: i32) -> u32 {
    CAUGHT.iter().position(|known| *known == signal).map_or(0, |place| 1 << place)
}

/// In a forked child: what the parent watches is not touched any more.
pub(super) fn forked() {
    WRITER.set(-1);
}

/// Sees to it that the descriptor is there and this process's own.
fn renew() {
    if READER.number() >= 0 && !(is_of_this_process() && READER.get().is_some()) {
        // Without descriptors: as before the first start. What is pending is seen whenever somebody looks.
        if open(&HANDLERS.lock()).is_err() {
            READER.set(-1);
        }
    }
}

fn is_of_this_process() -> bool {
    PROCESS.load(Ordering::SeqCst) == fork_generation()
}

/// Makes the descriptor; in a forked child under the parent's number, whose meaning there it ends, unless the number is
/// somebody else's by now.
fn open(_: &Handlers) -> io::Result<()> {
    let known = READER.get();
    if known.is_some() && is_of_this_process() {
        return Ok(());
    }
    let (mut reader, mut writer) = channel()?;
    if let Some(known) = known {
        let one = reader == writer;
        // SAFETY: no pointers; the known number is ours, the new one too, which its copy replaces.
        reader = unsafe {
            let copied = check(libc::dup3(reader, known, libc::O_CLOEXEC));
            libc::close(reader);
            copied?
        };
        writer = if one { reader } else { writer };
    }
    PROCESS.store(fork_generation(), Ordering::SeqCst);
    WRITER.set(writer);
    READER.set(reader);
    // What came in between was only remembered.
    if PENDING.load(Ordering::SeqCst) != 0 {
        notify();
    }
    Ok(())
}

impl Handlers {
    fn install(&mut self) {
        // SAFETY: a sigaction is plain data for which all zeros are a value; the calls read and write those that live
        // until they return. The handler is never unmapped (`-z nodelete`) and calls what a handler may call.
        unsafe {
            let mut ours: libc::sigaction = std::mem::zeroed();
            ours.sa_sigaction = handler();
            // Nothing here counts on interrupted calls, and much that runs in the same process does not expect them:
            // reads of files, waits for children. A host's threads may have a stack of their own for handlers.
            ours.sa_flags = libc::SA_RESTART | libc::SA_ONSTACK;
            for signal in CAUGHT {
                libc::sigaddset(&raw mut ours.sa_mask, signal);
            }
            for (signal, before) in CAUGHT.into_iter().zip(&mut self.before) {
                let Some(present) = action(signal) else { continue };
                let ignored = present.sa_sigaction == libc::SIG_IGN && signal != libc::SIGPIPE;
                if !ignored && libc::sigaction(signal, &raw const ours, std::ptr::null_mut()) == 0 {
                    *before = Some(present);
                }
            }
        }
    }

    /// Puts back what was in force, where ours still are. The signals that nobody has taken and that somebody misses.
    fn restore(&mut self, goes_on: bool) -> u32 {
        let mut missed = 0;
        for (signal, before) in CAUGHT.into_iter().zip(&mut self.before) {
            let Some(before) = before.take() else { continue };
            if action(signal).is_none_or(|present| present.sa_sigaction != handler()) {
                continue;
            }
            // SAFETY: the action is one that the system gave, and lives until the call returns.
            unsafe { libc::sigaction(signal, &raw const before, std::ptr::null_mut()) };
            if goes_on || ![libc::SIG_DFL, libc::SIG_IGN].contains(&before.sa_sigaction) {
                missed |= bit(signal);
            }
        }
        drain();
        missed & PENDING.swap(0, Ordering::SeqCst)
    }
}

/// What is in force for a signal.
fn action(signal: i32) -> Option<libc::sigaction> {
    // SAFETY: as in `install`; only asked.
    unsafe {
        let mut present: libc::sigaction = std::mem::zeroed();
        let asked = libc::sigaction(signal, std::ptr::null(), &raw mut present);
        (asked == 0).then_some(present)
    }
}

fn handler() -> libc::sighandler_t {
    remember as extern "C" fn(i32) as libc::sighandler_t
}

/// The handler. All it calls may be called in one, and it leaves `errno` as it was.
extern "C" fn remember(signal: i32) {
    // SAFETY: the pointer is to the thread's own `errno`; the other calls are of the kind that handlers may make.
    unsafe {
        let errno = errno();
        let saved = *errno;
        let before = PENDING.fetch_or(bit(signal), Ordering::SeqCst);
        if signal == libc::SIGINT && before & bit(signal) != 0 {
            // Nobody listens: who presses Ctrl-C twice wants the program to end. It does when this returns.
            libc::signal(signal, libc::SIG_DFL);
            libc::raise(signal);
        }
        notify();
        *errno = saved;
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
unsafe fn errno() -> *mut i32 {
    // SAFETY: no preconditions.
    unsafe { libc::__errno_location() }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
unsafe fn errno() -> *mut i32 {
    // SAFETY: no preconditions.
    unsafe { libc::__error() }
}

fn raise(signal: i32) {
    // SAFETY: no pointers.
    unsafe { libc::raise(signal) };
}

/// Reader and writer.
fn channel() -> io::Result<(Descriptor, Descriptor)> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let flags = libc::EFD_CLOEXEC | libc::EFD_NONBLOCK;
        // SAFETY: no pointers.
        let both = new_descriptor(unsafe { libc::eventfd(0, flags) })?;
        Ok((both, both))
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let mut ends = [-1; 2];
        // SAFETY: the pointer is to two ints, as the call wants.
        check(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC | libc::O_NONBLOCK) })?;
        let [reader, writer] = ends.map(beyond_standard);
        Ok((reader?, writer?))
    }
}

/// Makes the descriptor readable. Also called in the handler.
fn notify() {
    let one = 1u64;
    if let Some(writer) = WRITER.get() {
        // SAFETY: the pointer is to eight bytes. What is full is readable already.
        unsafe { libc::write(writer, (&raw const one).cast(), 8) };
    }
    NOTIFIED.store(true, Ordering::SeqCst);
}

fn drain() {
    NOTIFIED.store(false, Ordering::SeqCst);
    let mut bytes = [0u8; 512];
    if let Some(reader) = READER.get() {
        // SAFETY: pointer and length are those of a live array. It does not block.
        unsafe { libc::read(reader, bytes.as_mut_ptr().cast(), bytes.len()) };
    }
}

/// Notes that SIGPIPE is to be ignored once it is not caught any more; `false`: it is not caught.
pub(super) fn ignore_broken_pipe_later() -> bool {
    let mut handlers = HANDLERS.lock();
    let caught = action(libc::SIGPIPE).is_some_and(|present| present.sa_sigaction == handler());
    let place = CAUGHT.iter().position(|known| *known == libc::SIGPIPE);
    if let Some(before) = place.and_then(|place| handlers.before[place].as_mut())
        && before.sa_sigaction == libc::SIG_DFL
    {
        before.sa_sigaction = libc::SIG_IGN;
    }
    caught
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Interest, Watch, os::poll};
    use std::time::Instant;

    fn readable() -> bool {
        let mut watch = [Watch::new(descriptor(), Interest::READ)];
        poll::wait(&mut watch, Some(Instant::now()), None).expect("polled") > 0
    }

    /// One test: signals are the whole process's.
    #[test]
    fn signals_are_remembered_until_taken() {
        assert_eq!((take(), descriptor()), (None, -1));
        let catching = Catching::start().expect("descriptors");
        for signal in [libc::SIGPIPE, libc::SIGUSR1, libc::SIGUSR1, libc::SIGTERM] {
            raise(signal);
        }
        for expected in [libc::SIGTERM, libc::SIGUSR1, libc::SIGPIPE] {
            assert!(readable());
            assert_eq!(take(), Some(expected));
        }
        assert!(!readable());
        assert_eq!(take(), None);
        put_back(libc::SIGUSR2);
        assert!(readable());
        assert_eq!(take(), Some(libc::SIGUSR2));
        // Another's handler is left alone; ours go.
        // SAFETY: ignoring needs no handler.
        unsafe { libc::signal(libc::SIGUSR2, libc::SIG_IGN) };
        let another = Catching::start().expect("descriptors");
        drop(catching);
        raise(libc::SIGUSR1);
        assert_eq!(take(), Some(libc::SIGUSR1));
        drop(another);
        let present = |signal| action(signal).map(|action| action.sa_sigaction);
        assert_eq!(present(libc::SIGUSR1), Some(libc::SIG_DFL));
        assert_eq!(present(libc::SIGUSR2), Some(libc::SIG_IGN));
    }
}
