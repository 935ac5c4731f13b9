//! Noticing a fork without a system call, and forking at a good moment.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use super::monotonic_s;

static GENERATION: AtomicU32 = AtomicU32::new(0);
static REGISTER: Once = Once::new();
/// Threads that ask the resolver now, and that would fork.
static ASKING: AtomicU32 = AtomicU32::new(0);
static FORKING: AtomicU32 = AtomicU32::new(0);
/// When one of them last began to ask, in milliseconds.
static BEGUN_MS: AtomicU64 = AtomicU64::new(0);

/// Later than this after its beginning a question waits for an answer of the network's.
const SETTLED_MS: u64 = 50;
const PAUSE: Duration = Duration::from_micros(200);

extern "C" fn before() {
    FORKING.fetch_add(1, Ordering::SeqCst);
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
    struct Asking;
    impl Drop for Asking {
        fn drop(&mut self) {
            ASKING.fetch_sub(1, Ordering::SeqCst);
        }
    }
    let _asking = loop {
        if FORKING.load(Ordering::SeqCst) == 0 {
            BEGUN_MS.store(now_ms(), Ordering::SeqCst);
            ASKING.fetch_add(1, Ordering::SeqCst);
            let asking = Asking;
            if FORKING.load(Ordering::SeqCst) == 0 {
                break asking;
            }
        }
        thread::sleep(PAUSE);
    };
    ask()
}
