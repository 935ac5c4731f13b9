//! The one signal that sockets raise, and threads that must not be given any.

use std::sync::atomic::{AtomicBool, Ordering};

/// Ignores SIGPIPE unless the program has said what to do with it.
///
/// The engine never raises it itself. This is for descriptors that go to somebody whose writes may: libraries written
/// for LuaSocket, which ignores the signal from the start, count on that.
#[doc(alias = "SIGPIPE")]
pub fn ignore_broken_pipe() {
    /// Once is enough: what the program says afterwards is its own business.
    static DONE: AtomicBool = AtomicBool::new(false);
    if DONE.swap(true, Ordering::Relaxed) {
        return;
    }
    if super::signals::ignore_broken_pipe_later() {
        return;
    }
    // SAFETY: a sigaction is plain data for which all zeros are a value (the default action); the calls read and write
    // those that live until they return.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        let asked = libc::sigaction(libc::SIGPIPE, std::ptr::null(), &raw mut action);
        if asked == 0 && action.sa_sigaction == libc::SIG_DFL {
            action.sa_sigaction = libc::SIG_IGN;
            libc::sigaction(libc::SIGPIPE, &raw const action, std::ptr::null_mut());
        }
    }
}

/// Keeps every signal away from the threads that `work` starts, from their beginning on: handlers run on the threads of
/// the program. What comes meanwhile is handled afterwards.
pub(crate) fn without_signals<R>(work: impl FnOnce() -> R) -> R {
    // SAFETY: a set of signals is integers, for which all zeros are a value.
    let (mut all, mut before): (libc::sigset_t, libc::sigset_t) = unsafe { std::mem::zeroed() };
    // SAFETY: both sets live, and the first is filled before it is used.
    unsafe {
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, &raw mut before);
    }
    let done = work();
    // SAFETY: `before` is the mask that the call above has put there.
    unsafe {
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const before, std::ptr::null_mut());
    }
    done
}
