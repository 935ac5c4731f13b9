//! Noticing a fork without a system call, and forking at a good moment.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::monotonic_s;

static GENERATION: AtomicU32 = AtomicU32::new(0);
static REGISTER: Once = Once::new();
/// Threads that ask the resolver now, that hold an [`Apart`], and that would fork.
static ASKING: AtomicU32 = AtomicU32::new(0);
static HOLDING: AtomicU32 = AtomicU32::new(0);
static FORKING: AtomicU32 = AtomicU32::new(0);
/// When one of them last began to ask, in milliseconds.
static BEGUN_MS: AtomicU64 = AtomicU64::new(0);

/// Later than this after its beginning a question waits for an answer of the network's.
const SETTLED_MS: u64 = 50;
const PAUSE: Duration = Duration::from_micros(200);
/// Longer than this nobody holds an [`Apart`] but whom the fork itself has interrupted, in a signal handler.
const HELD_MAX: Duration = Duration::from_secs(1);

extern "C" fn before() {
    FORKING.fetch_add(1, Ordering::SeqCst);
    let start = Instant::now();
    while HOLDING.load(Ordering::SeqCst) > 0 && start.elapsed() < HELD_MAX {
        thread::sleep(PAUSE);
    }
    while ASKING.load(Ordering::SeqCst) > 0
        && now_ms().saturating_sub(BEGUN_MS.load(Ordering::SeqCst)) < SETTLED_MS
    {
        thread::sleep(PAUSE);
    }
}

extern "C" fn in_parent() {
    FORKING.fetch_sub(1, Ordering::SeqCst);
}

extern "C" fn in_child() {
    FORKING.store(0, Ordering::SeqCst);
    ASKING.store(0, Ordering::SeqCst);
    HOLDING.store(0, Ordering::SeqCst);
    GENERATION.fetch_add(1, Ordering::Relaxed);
    super::signals::forked();
}

fn now_ms() -> u64 {
    (monotonic_s() * 1e3) as u64
}

/// A number that differs in a child process from what it was in its parent. What belongs to the kernel and
/// is shared by both (an epoll set, a helper thread) remembers it, and is made anew when it differs.
pub fn fork_generation() -> u32 {
    REGISTER.call_once(|| {
        // SAFETY: the handlers are plain functions. The first may wait, the others only change atomics, which is allowed in a
        // forked child; the library is never unmapped (`-z nodelete`), so the pointers stay valid.
        unsafe {
            libc::pthread_atfork(Some(before), Some(in_parent), Some(in_child));
        }
    });
    GENERATION.load(Ordering::Relaxed)
}

/// Asks the resolver, but not while somebody forks. glibc reads its configuration under a lock that a fork does not see to:
/// a child that is made meanwhile has it locked for ever, and so have all its lookups.
pub(super) fn apart_from_forks<R>(ask: impl FnOnce() -> R) -> R {
    let _asking = Counted::enter(&ASKING, || BEGUN_MS.store(now_ms(), Ordering::SeqCst));
    ask()
}

/// One of those that a fork waits for.
struct Counted(&'static AtomicU32);

impl Counted {
    /// When nobody forks; `prepare` comes before it is counted.
    fn enter(count: &'static AtomicU32, prepare: impl Fn()) -> Self {
        loop {
            if FORKING.load(Ordering::SeqCst) == 0 {
                prepare();
                count.fetch_add(1, Ordering::SeqCst);
                let counted = Self(count);
                if FORKING.load(Ordering::SeqCst) == 0 {
                    return counted;
                }
            }
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A mutex that is free in a forked child, whatever the parent's other threads did: forks wait for it, so it is held for
/// a moment only.
pub(crate) struct Apart<T>(Mutex<T>);

/// Access to what an [`Apart`] holds.
// In this order: it is free when the fork goes on.
pub(crate) struct Holding<'a, T> {
    value: MutexGuard<'a, T>,
    _counted: Counted,
}

impl<T> Apart<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    /// A panic elsewhere leaves nothing half done in what these hold.
    pub(crate) fn lock(&self) -> Holding<'_, T> {
        fork_generation();
        let counted = Counted::enter(&HOLDING, || {});
        let value = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Holding { value, _counted: counted }
    }
}

impl<T> Deref for Holding<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Holding<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn a_child_finds_nothing_locked() {
        static HELD: Apart<u32> = Apart::new(0);
        let (holds, held) = channel();
        let holder = thread::spawn(move || {
            let mut value = HELD.lock();
            holds.send(()).expect("it is waited for");
            thread::sleep(Duration::from_millis(100));
            *value += 1;
        });
        held.recv().expect("it is held");
        // SAFETY: the child calls nothing but what is tested, ends by itself, and is waited for.
        unsafe {
            let child = libc::fork();
            if child == 0 {
                libc::alarm(10);
                libc::_exit(i32::from(*HELD.lock() != 1));
            }
            let mut status = -1;
            assert_eq!(libc::waitpid(child, &raw mut status, 0), child);
            assert_eq!(status, 0, "it could not lock it, or did so in the middle");
        }
        holder.join().expect("it ends");
    }
}
