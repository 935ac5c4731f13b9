//! The helper threads that ask the system's resolver, so that a caller's limit holds.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::os::{fork_generation, resolver};
use crate::{Error, ErrorKind, Wake};

/// Helper threads at most; more lookups than this wait for a free one, within their own limits.
const THREADS_MAX: usize = 16;
/// How long an idle helper stays.
const IDLE: Duration = Duration::from_secs(5);

/// A question under way: its answer once there is one, and what is woken then.
#[derive(Debug)]
pub(crate) struct Job<T>(Mutex<(Option<T>, Arc<Wake>)>);

impl<T> Job<T> {
    /// The answer; without one `wake` will be signalled.
    pub(crate) fn answer(&self, wake: &Arc<Wake>) -> Option<T> {
        let mut state = lock(&self.0);
        if !Arc::ptr_eq(&state.1, wake) {
            state.1 = Arc::clone(wake);
        }
        state.0.take()
    }
}

/// What a helper thread runs.
type Work = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Pool {
    state: Mutex<PoolState>,
    more: Condvar,
}

#[derive(Default)]
struct PoolState {
    waiting: VecDeque<Work>,
    threads: usize,
    idle: usize,
}

/// The pool, and the process generation that its threads live in.
static POOL: Mutex<Option<(u32, Arc<Pool>)>> = Mutex::new(None);

/// Runs `ask` on a helper thread, which signals `wake` with the answer.
pub(crate) fn submit<T: Send + 'static>(
    ask: impl FnOnce() -> T + Send + 'static,
    wake: Arc<Wake>,
) -> Result<Arc<Job<T>>, Error> {
    let job = Arc::new(Job(Mutex::new((None, wake))));
    let asked = Arc::clone(&job);
    let work = move || {
        // Alone with it: the asker gave up before the question's turn came.
        if Arc::strong_count(&asked) > 1 {
            let answer = ask();
            let mut state = lock(&asked.0);
            state.0 = Some(answer);
            state.1.wake();
        }
    };
    let pool = current_pool();
    let mut state = lock(&pool.state);
    state.waiting.push_back(Box::new(work));
    if state.idle >= state.waiting.len() {
        pool.more.notify_one();
    } else if state.threads < THREADS_MAX {
        match helper(&pool) {
            Ok(()) => state.threads += 1,
            Err(_) if state.threads > 0 => {}
            Err(error) if error.kind() == ErrorKind::OutOfMemory => {
                state.waiting.pop_back();
                return Err(error);
            }
            // Where no threads are allowed it is asked here, in whatever time that takes.
            Err(_) => {
                let work = state.waiting.pop_back();
                drop(state);
                if let Some(work) = work {
                    work();
                }
            }
        }
    }
    Ok(job)
}

/// Starts another thread of the pool.
fn helper(pool: &Arc<Pool>) -> Result<(), Error> {
    // What it needs besides its stack (thread-local data, the resolver's own) nobody can refuse it: the C library ends the
    // process where that fails.
    let mut room = Vec::<u8>::new();
    if room.try_reserve_exact(1024 * 1024).is_err() {
        return Err(Error::new(ErrorKind::OutOfMemory, "lookup"));
    }
    drop(std::hint::black_box(room));
    let pool = Arc::clone(pool);
    let thread = std::thread::Builder::new().name("moonsocket-dns".into());
    let thread = thread.stack_size(256 * 1024);
    match resolver::without_signals(|| thread.spawn(move || serve(&pool))) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::from_io(&error, "lookup")),
    }
}

/// Threads don't survive a fork: a child starts with a pool of its own.
fn current_pool() -> Arc<Pool> {
    let generation = fork_generation();
    let mut pool = lock(&POOL);
    match &*pool {
        Some((known, pool)) if *known == generation => Arc::clone(pool),
        _ => {
            let fresh = Arc::new(Pool::default());
            *pool = Some((generation, Arc::clone(&fresh)));
            fresh
        }
    }
}

fn serve(pool: &Pool) {
    let mut state = lock(&pool.state);
    loop {
        if let Some(work) = state.waiting.pop_front() {
            drop(state);
            work();
            state = lock(&pool.state);
            continue;
        }
        state.idle += 1;
        let (back, timeout) =
            pool.more.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
        state = back;
        state.idle -= 1;
        if timeout.timed_out() && state.waiting.is_empty() {
            state.threads -= 1;
            return;
        }
    }
}

/// A panic elsewhere leaves nothing half done in what these mutexes hold.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
