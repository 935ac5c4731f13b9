//! Noticing a fork without a system call.

use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};

static GENERATION: AtomicU32 = AtomicU32::new(0);
static REGISTER: Once = Once::new();

extern "C" fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    super::signals::forked();
}

/// A number that differs in a child process from what it was in its parent. What belongs to the kernel and
/// is shared by both (an epoll set, a helper thread) remembers it, and is made anew when it differs.
pub fn fork_generation() -> u32 {
    REGISTER.call_once(|| {
        // SAFETY: the handler is a plain function that only changes atomics, which is allowed in a
        // forked child; the library is never unmapped (`-z nodelete`), so the pointer stays valid.
        unsafe {
            libc::pthread_atfork(None, None, Some(in_child));
        }
    });
    GENERATION.load(Ordering::Relaxed)
}
