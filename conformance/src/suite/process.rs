//! What is the whole process's: signals, forked children, its limits and its time.
#![allow(unsafe_code)]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use moonsocket_core::Descriptor;

use super::say;
use crate::panicked;

extern "C" fn ignore(_signal: libc::c_int) {}

/// Makes SIGALRM interrupt calls and do nothing else.
fn let_signals_interrupt() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the action is initialised, its handler does nothing; without SA_RESTART calls end with EINTR.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = ignore as extern "C" fn(libc::c_int) as libc::sighandler_t;
            libc::sigaction(libc::SIGALRM, &raw const action, std::ptr::null_mut());
        }
    });
}

/// Signals for the calling thread, until it is dropped.
pub(crate) struct Signals {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Signals {
    /// One signal after each such time.
    pub(crate) fn every(gap: Duration) -> Self {
        let_signals_interrupt();
        // SAFETY: no preconditions.
        let target = unsafe { libc::pthread_self() } as usize;
        let over = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&over);
        let thread = thread::spawn(move || {
            loop {
                thread::sleep(gap);
                if stop.load(Ordering::Acquire) {
                    return;
                }
                // SAFETY: the target joins this thread before it ends, so it is alive.
                unsafe { libc::pthread_kill(target as libc::pthread_t, libc::SIGALRM) };
            }
        });
        Self { over, thread: Some(thread) }
    }
}

impl Drop for Signals {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What a [stopped](stop_for) process finds when it goes on: where it came, and for how long it was away.
static ARRIVES_AT: AtomicI32 = AtomicI32::new(-1);
static AWAY_MS: AtomicU64 = AtomicU64::new(0);

extern "C" fn be_away(_signal: libc::c_int) {
    let pause = libc::timespec { tv_sec: 0, tv_nsec: 10_000_000 };
    for _ in 0..AWAY_MS.load(Ordering::Acquire) / 10 {
        // SAFETY: a handler may call this; the structure is live.
        unsafe { libc::nanosleep(&raw const pause, std::ptr::null_mut()) };
    }
    // SAFETY: a handler may call this; pointer and length are those of a live array.
    unsafe {
        libc::send(
            ARRIVES_AT.load(Ordering::Acquire),
            c"late\n".as_ptr().cast(),
            5,
            libc::MSG_NOSIGNAL,
        )
    };
}

/// The calling thread is as good as stopped (SIGSTOP, a debugger, a machine that sleeps) from `after` on, for such a time:
/// it is in a signal's handler. A line is sent through a descriptor meanwhile.
pub(crate) fn stop_for(time: Duration, after: Duration, through: Descriptor) -> JoinHandle<()> {
    ARRIVES_AT.store(through, Ordering::Release);
    AWAY_MS.store(time.as_millis() as u64, Ordering::Release);
    // SAFETY: the action is initialised; its handler calls what handlers may call. Without SA_RESTART calls end with EINTR.
    let target = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = be_away as extern "C" fn(libc::c_int) as libc::sighandler_t;
        libc::sigaction(libc::SIGVTALRM, &raw const action, std::ptr::null_mut());
        libc::pthread_self() as usize
    };
    later(after, move || {
        // SAFETY: whoever is stopped joins this thread before it ends, so it is alive.
        unsafe { libc::pthread_kill(target as libc::pthread_t, libc::SIGVTALRM) };
    })
}

/// Gives the signals that are caught their default actions: whoever started this in the background had it ignore SIGINT,
/// and what is ignored stays so.
pub(crate) fn ignore_none() {
    for signal in moonsocket_core::os::signals::CAUGHT {
        // SAFETY: no handler is set.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// Sends this process a signal, which any of its threads may get.
pub(crate) fn signal_process(signal: i32) {
    // SAFETY: no pointers.
    assert_eq!(unsafe { libc::kill(libc::getpid(), signal) }, 0);
}

/// Lets the calling thread get a signal, and so nobody's wait be interrupted by it.
pub(crate) fn signal_this_thread(signal: i32) {
    // SAFETY: no pointers.
    assert_eq!(unsafe { libc::raise(signal) }, 0);
}

/// Runs `child` in a forked process; does it return true there?
pub(crate) fn in_child(child: impl FnOnce() -> bool) -> bool {
    // SAFETY: the child calls only `child`, which uses what the forking thread owns, and `_exit`; the allocator is
    // usable after a fork.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "fork");
    if pid == 0 {
        let fine = catch_unwind(AssertUnwindSafe(child)).unwrap_or_else(|why| {
            // What the harness keeps of it goes with the child.
            say(&format!("in a child: {}", panicked::text(&*why)));
            false
        });
        // SAFETY: ends the child without running what belongs to the parent.
        unsafe { libc::_exit(i32::from(!fine)) };
    }
    let deadline = Instant::now() + Duration::from_secs(20);
    let mut status = 0;
    // SAFETY: `status` is a live int; the process is our child.
    while unsafe { libc::waitpid(pid, &raw mut status, libc::WNOHANG) } == 0 {
        if Instant::now() > deadline {
            // SAFETY: our child, not reaped yet.
            unsafe { libc::kill(pid, libc::SIGKILL) };
        }
        thread::sleep(Duration::from_millis(1));
    }
    libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0
}

/// Runs `work` while a forked process, which does nothing, has a copy of each descriptor.
pub(crate) fn beside_a_child(work: impl FnOnce()) {
    // SAFETY: the child calls only what may be called after a fork.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "fork");
    if pid == 0 {
        loop {
            // SAFETY: no pointers.
            unsafe { libc::pause() };
        }
    }
    let outcome = catch_unwind(AssertUnwindSafe(work));
    // SAFETY: our child, not reaped yet; a null status is not written.
    unsafe {
        libc::kill(pid, libc::SIGKILL);
        libc::waitpid(pid, std::ptr::null_mut(), 0);
    }
    outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

/// The most descriptors that this process may have from now on.
pub(crate) fn limit_descriptors(most: u64) {
    let most = most as libc::rlim_t;
    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: the structure is initialised.
    let outcome = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) };
    assert_eq!(outcome, 0);
}

/// As many descriptors as this user may have: some cases want more than the thousand that are usual.
pub(crate) fn allow_descriptors() {
    // SAFETY: a limit is two numbers, for which zeros are values; both calls get one that lives.
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit);
        limit.rlim_cur = limit.rlim_max;
        libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit);
    }
}

/// Takes all descriptors that there are.
pub(crate) fn fill_descriptors() -> Vec<Descriptor> {
    // SAFETY: no pointers.
    let next = || unsafe { libc::fcntl(libc::STDERR_FILENO, libc::F_DUPFD_CLOEXEC, 3) };
    std::iter::repeat_with(next).take_while(|number| *number >= 0).collect()
}

/// No further threads, in this process. As root there is no such limit.
pub(crate) fn forbid_threads() {
    let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is initialised. Nobody's user is 65534, who is called nobody.
    unsafe {
        assert_eq!(libc::setrlimit(libc::RLIMIT_NPROC, &raw const none), 0);
        if libc::geteuid() == 0 {
            libc::setuid(65534);
        }
    }
}

/// Does something with what it takes along, a while from now, on another thread.
pub(crate) fn later(after: Duration, what: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    thread::spawn(move || {
        thread::sleep(after);
        what();
    })
}

/// The processor time that the calling thread has used.
pub(crate) fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is live.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Lets a write to a closed peer kill this process again, as it is outside of test programs.
pub(crate) fn let_broken_pipes_kill() {
    // SAFETY: the default action needs no handler.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}
