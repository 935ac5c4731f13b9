//! Work that several threads do at once.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Does `work` to each of these, so many at a time. What came of them, in the order in which they were done. Each worker
/// has a number, from 0.
pub(crate) fn each<T: Send, R: Send>(
    of: impl IntoIterator<Item = T, IntoIter: Send>,
    workers: usize,
    work: impl Fn(usize, T) -> R + Sync,
) -> Vec<R> {
    let (queue, done) = (Mutex::new(of.into_iter()), Mutex::new(Vec::new()));
    let next = || lock(&queue).next();
    let worker = |number| {
        while let Some(one) = next() {
            let result = work(number, one);
            lock(&done).push(result);
        }
    };
    std::thread::scope(|scope| {
        for number in 0..workers {
            scope.spawn(move || worker(number));
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// A panic elsewhere comes out of the scope at its end.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
