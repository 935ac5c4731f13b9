//! The helper threads that ask the system's resolver, so that a caller's limit holds.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::os::{Apart, fork_generation, without_signals};
use crate::{Error, ErrorKind, Wake};

/// So many questions are asked at once, by a helper thread each.
const AT_ONCE: usize = 16;
/// One that has waited for so long is asked besides: those before it wait for a server that may never answer.
const GRACE: Duration = Duration::from_millis(100);
/// Questions that wait for servers, at most; more than these wait for a free helper, within their own limits.
const FAR_MAX: usize = 60;
/// Helper threads at most. Those besides answer what needs no server.
const THREADS_MAX: usize = FAR_MAX + 4;
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
    /// What is to be asked, the oldest first, and since when.
    far: VecDeque<(Instant, Work)>,
    /// What is known to need no server, and came when many others were being asked.
    near: VecDeque<Work>,
    /// How many of `far` are being asked.
    asking: usize,
    threads: usize,
    /// How many of them are at work.
    busy: usize,
}

/// The pool, and the process generation that its threads live in.
static POOL: Apart<Option<(u32, Arc<Pool>)>> = Apart::new(None);

/// Runs `ask` on a helper thread, which signals `wake` with the answer. `is_near`: it needs no server, as far as one can
/// tell; asked where that matters.
pub(crate) fn submit<T: Send + 'static>(
    ask: impl FnOnce() -> T + Send + 'static,
    is_near: impl FnOnce() -> bool,
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
    let many = lock(&pool.state).asking >= AT_ONCE;
    // Where no threads are allowed it is asked here, in whatever time that takes.
    if let Some(work) = add(&pool, Box::new(work), many && is_near())? {
        work();
    }
    Ok(job)
}

/// Queues some work, and sees to it that there is a helper for it. Gives it back where there can be none.
fn add(pool: &Arc<Pool>, work: Work, is_near: bool) -> Result<Option<Work>, Error> {
    let mut state = lock(&pool.state);
    match is_near {
        true => state.near.push_back(work),
        false => state.far.push_back((Instant::now(), work)),
    }
    if !state.lacks_helper() {
        pool.more.notify_one();
        return Ok(None);
    }
    match helper(pool) {
        Ok(()) => state.threads += 1,
        Err(_) if state.threads > 0 => {}
        Err(error) => {
            let work = match is_near {
                true => state.near.pop_back(),
                false => state.far.pop_back().map(|(_, work)| work),
            };
            return if error.kind() == ErrorKind::OutOfMemory { Err(error) } else { Ok(work) };
        }
    }
    Ok(None)
}

impl PoolState {
    /// Is another helper to be started? Up to a number for each question; then one at a time, which looks after those that
    /// have waited too long.
    fn lacks_helper(&self) -> bool {
        let free = self.threads - self.busy;
        free < self.far.len() + self.near.len()
            && (self.threads < AT_ONCE || (free == 0 && self.threads < THREADS_MAX))
    }

    /// What a free helper does next; `true`: it is one of `far`.
    fn next(&mut self) -> Option<(bool, Work)> {
        if let Some(work) = self.near.pop_front() {
            return Some((false, work));
        }
        if self.until_next()? > Duration::ZERO {
            return None;
        }
        let (_, work) = self.far.pop_front()?;
        self.asking += 1;
        Some((true, work))
    }

    /// For how long a free helper leaves the oldest of `far` to others.
    fn until_next(&self) -> Option<Duration> {
        let (since, _) = self.far.front()?;
        match self.asking {
            ..AT_ONCE => Some(Duration::ZERO),
            AT_ONCE..FAR_MAX => Some(GRACE.saturating_sub(since.elapsed())),
            _ => None,
        }
    }
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
    match without_signals(|| thread.spawn(move || serve(&pool))) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::from_io(&error, "lookup")),
    }
}

/// Threads don't survive a fork: a child starts with a pool of its own.
fn current_pool() -> Arc<Pool> {
    let generation = fork_generation();
    let mut pool = POOL.lock();
    match &*pool {
        Some((known, pool)) if *known == generation => Arc::clone(pool),
        _ => {
            let fresh = Arc::new(Pool::default());
            *pool = Some((generation, Arc::clone(&fresh)));
            fresh
        }
    }
}

fn serve(pool: &Arc<Pool>) {
    let mut state = lock(&pool.state);
    loop {
        if let Some((is_far, work)) = state.next() {
            state.busy += 1;
            if state.lacks_helper() && helper(pool).is_ok() {
                state.threads += 1;
            }
            drop(state);
            work();
            state = lock(&pool.state);
            state.busy -= 1;
            state.asking -= usize::from(is_far);
            continue;
        }
        let pause = state.until_next().unwrap_or(IDLE);
        let (back, timeout) =
            pool.more.wait_timeout(state, pause).unwrap_or_else(PoisonError::into_inner);
        state = back;
        if timeout.timed_out() && state.far.is_empty() && state.near.is_empty() {
            state.threads -= 1;
            return;
        }
    }
}

/// A panic elsewhere leaves nothing half done in what these mutexes hold.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, Sender, channel};

    /// A question that nobody answers before the sender goes.
    fn stuck(until: Receiver<()>) -> Work {
        Box::new(move || assert!(until.recv().is_err()))
    }

    fn ask_stuck(pool: &Arc<Pool>, count: usize) -> Vec<Sender<()>> {
        let ask = |_| {
            let (answer, until) = channel();
            assert!(add(pool, stuck(until), false).expect("threads").is_none());
            answer
        };
        (0..count).map(ask).collect()
    }

    /// How long such a question takes now.
    fn time_of(pool: &Arc<Pool>, is_near: bool) -> Duration {
        let (answer, answered) = channel();
        let start = Instant::now();
        let work: Work = Box::new(move || answer.send(()).expect("it is waited for"));
        assert!(add(pool, work, is_near).expect("threads").is_none());
        answered.recv_timeout(Duration::from_secs(20)).expect("an answer");
        start.elapsed()
    }

    #[test]
    fn names_wait_for_no_dead_server() {
        let pool = Arc::new(Pool::default());
        let mut dead = ask_stuck(&pool, AT_ONCE);
        assert!(time_of(&pool, false) < GRACE * 20);
        // Nobody is left for what needs a server.
        dead.extend(ask_stuck(&pool, 4 * THREADS_MAX));
        assert!(time_of(&pool, true) < GRACE * 20);
        let state = lock(&pool.state);
        assert!((AT_ONCE..=THREADS_MAX).contains(&state.threads), "{}", state.threads);
        assert!(state.asking <= FAR_MAX, "{}", state.asking);
        drop(state);
        // The dead ones give up, and the others have their turn.
        drop(dead);
        assert!(time_of(&pool, false) < GRACE * 20);
    }

    #[test]
    fn a_burst_of_quick_ones_needs_few_threads() {
        let pool = Arc::new(Pool::default());
        for _ in 0..500 {
            assert!(add(&pool, Box::new(|| {}), false).expect("threads").is_none());
        }
        time_of(&pool, false);
        assert!(lock(&pool.state).threads <= AT_ONCE + 1);
    }
}
