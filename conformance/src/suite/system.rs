//! What only a real kernel has, called directly: signals, processes, raw descriptors. All of the suite's `unsafe`.
#![allow(unsafe_code)]

use std::fs::File;
use std::os::fd::FromRawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use moonsocket_core::{Backend, Descriptor, Handle, Kind, Transport, os};

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
        let fine = catch_unwind(AssertUnwindSafe(child)).unwrap_or(false);
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

pub(crate) fn duplicate(descriptor: Descriptor) -> Descriptor {
    // SAFETY: no pointers.
    let number = unsafe { libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, 3) };
    assert!(number >= 0, "a duplicate of {descriptor}");
    number
}

/// Another thread's own, blocking, way to the same socket.
pub(crate) fn stream<B: Backend>(handle: &Handle<B>) -> std::net::TcpStream {
    let number = duplicate(handle.descriptor());
    set_nonblocking(number, false);
    // SAFETY: a fresh duplicate that nobody else owns.
    unsafe { std::net::TcpStream::from_raw_fd(number) }
}

/// Closes; was it open?
pub(crate) fn close(descriptor: Descriptor) -> bool {
    // SAFETY: no pointers; callers own the number.
    unsafe { libc::close(descriptor) == 0 }
}

pub(crate) fn is_open(descriptor: Descriptor) -> bool {
    // SAFETY: no pointers.
    unsafe { libc::fcntl(descriptor, libc::F_GETFD) >= 0 }
}

pub(crate) fn is_nonblocking(descriptor: Descriptor) -> bool {
    // SAFETY: no pointers.
    unsafe { libc::fcntl(descriptor, libc::F_GETFL) & libc::O_NONBLOCK != 0 }
}

pub(crate) fn set_nonblocking(descriptor: Descriptor, on: bool) {
    // SAFETY: no pointers.
    let done = unsafe {
        let flags = libc::fcntl(descriptor, libc::F_GETFL);
        let flags = if on { flags | libc::O_NONBLOCK } else { flags & !libc::O_NONBLOCK };
        libc::fcntl(descriptor, libc::F_SETFL, flags)
    };
    assert_eq!(done, 0);
}

pub(crate) fn urgent(descriptor: Descriptor, byte: u8) {
    let data = [byte];
    // SAFETY: pointer and length are those of a live array.
    let sent = unsafe {
        libc::send(descriptor, data.as_ptr().cast(), 1, libc::MSG_OOB | libc::MSG_NOSIGNAL)
    };
    assert_eq!(sent, 1);
}

/// Sends bytes to a Unix socket, and a descriptor with them.
pub(crate) fn pass(through: Descriptor, data: &[u8], passed: Descriptor) {
    // Aligned for its header, and with room to spare.
    let mut control = [0u64; 8];
    let mut bytes = libc::iovec { iov_base: data.as_ptr().cast_mut().cast(), iov_len: data.len() };
    let size = size_of::<Descriptor>() as u32;
    // SAFETY: a msghdr is plain data for which all zeros are a value; what it points to lives until the call returns, which
    // only reads. The first header and its data lie within the room given.
    let sent = unsafe {
        let mut message: libc::msghdr = std::mem::zeroed();
        message.msg_iov = &raw mut bytes;
        message.msg_iovlen = 1;
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = libc::CMSG_SPACE(size) as _;
        let header = libc::CMSG_FIRSTHDR(&raw const message);
        (*header).cmsg_level = libc::SOL_SOCKET;
        (*header).cmsg_type = libc::SCM_RIGHTS;
        (*header).cmsg_len = libc::CMSG_LEN(size) as _;
        libc::CMSG_DATA(header).cast::<Descriptor>().write_unaligned(passed);
        libc::sendmsg(through, &raw const message, libc::MSG_NOSIGNAL)
    };
    assert_eq!(sent, data.len() as isize);
}

/// Both ends of a pipe.
pub(crate) fn pipe() -> (Descriptor, Descriptor) {
    let mut ends = [-1; 2];
    // SAFETY: the pointer is to two ints.
    assert_eq!(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) }, 0);
    (ends[0], ends[1])
}

/// A regular file.
pub(crate) fn file() -> Descriptor {
    // SAFETY: the name is closed by a NUL.
    let number = unsafe { libc::memfd_create(c"conformance".as_ptr(), libc::MFD_CLOEXEC) };
    assert!(number >= 0);
    number
}

/// One that is closed when it goes.
pub(crate) fn owned_file() -> File {
    // SAFETY: the descriptor is new, and nobody else's.
    unsafe { File::from_raw_fd(file()) }
}

/// A handle on any descriptor.
pub(crate) fn adopt<B: Backend>(b: &B, descriptor: Descriptor) -> Handle<B> {
    // SAFETY: cases know what they have made, and what they close.
    Handle::adopt(b, unsafe { B::Socket::from_descriptor(descriptor) }, 0)
}

/// The descriptor of a handle that gives it up.
pub(crate) fn release<B: Backend>(b: &B, handle: &mut Handle<B>) -> Descriptor {
    handle.take(b).map_or(-1, Transport::into_descriptor)
}

/// Two connected Unix sockets.
pub(crate) fn unix_pair<B: Backend>(b: &B, socktype: i32) -> (Handle<B>, Handle<B>) {
    let kind = Kind { family: libc::AF_UNIX, socktype, protocol: 0 };
    let (one, other) = os::pair(kind).expect("descriptors");
    (adopt(b, one.into_descriptor()), adopt(b, other.into_descriptor()))
}

/// What the kernel answers to `getsockopt` with this level and number: the bytes, or the error's number.
pub(crate) fn raw_option(
    descriptor: Descriptor,
    (level, name): (i32, i32),
) -> Result<Vec<u8>, i32> {
    let mut bytes = vec![0u8; 16];
    let mut len = 16;
    // SAFETY: there is room for as many bytes as are named.
    let outcome = unsafe {
        libc::getsockopt(descriptor, level, name, bytes.as_mut_ptr().cast(), &raw mut len)
    };
    if outcome != 0 {
        return Err(std::io::Error::last_os_error().raw_os_error().unwrap_or(0));
    }
    bytes.truncate(len as usize);
    Ok(bytes)
}

pub(crate) fn closes_on_exec(descriptor: Descriptor) -> bool {
    // SAFETY: no pointers.
    unsafe { libc::fcntl(descriptor, libc::F_GETFD) & libc::FD_CLOEXEC != 0 }
}

pub(crate) fn read(descriptor: Descriptor, into: &mut [u8]) -> isize {
    // SAFETY: pointer and length are those of an exclusively borrowed slice.
    unsafe { libc::read(descriptor, into.as_mut_ptr().cast(), into.len()) }
}

/// The processor time that the calling thread has used.
pub(crate) fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the structure is live.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Takes one connection from a listener, closes both.
pub(crate) fn accept_and_close(listener: Descriptor) {
    // SAFETY: no addresses are asked for; both numbers are ours.
    unsafe {
        let taken =
            libc::accept4(listener, std::ptr::null_mut(), std::ptr::null_mut(), libc::SOCK_CLOEXEC);
        assert!(taken >= 0);
        libc::close(taken);
        libc::close(listener);
    }
}

/// How many epoll sets of this process watch a descriptor's number.
pub(crate) fn registrations(descriptor: Descriptor) -> usize {
    let known = |text: String| {
        let watched = text.lines().filter_map(|line| line.strip_prefix("tfd:"));
        let numbers = watched.filter_map(|rest| rest.split_whitespace().next());
        numbers.filter(|number| number.parse() == Ok(descriptor)).count()
    };
    let files = std::fs::read_dir("/proc/self/fdinfo").expect("a process has descriptors");
    let texts = files.flatten().filter_map(|file| std::fs::read_to_string(file.path()).ok());
    texts.map(known).sum()
}

/// Lets a write to a closed peer kill this process again, as it is outside of test programs.
pub(crate) fn let_broken_pipes_kill() {
    // SAFETY: the default action needs no handler.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}
