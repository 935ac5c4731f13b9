//! What a reactor has of the kernel: for each process one, and another where its number was closed.

use std::cell::RefCell;
use std::io;

use super::fork_generation;

/// What the kernel shares between a process and its forked children unless each makes its own: a set of watched
/// descriptors, say, with what is known of them. [`PerProcess`] holds one.
pub trait OfProcess: Sized {
    /// Makes one for the process of this [generation](fork_generation).
    ///
    /// # Errors
    /// What the system says.
    fn make(generation: u32) -> io::Result<Self>;

    /// The one that it was made for.
    fn generation(&self) -> u32;

    /// Does an error say that a number is closed, or stands for something else? Perhaps one of its own.
    fn is_about_a_number(error: &io::Error) -> bool;

    /// Do its own numbers still stand for what they were made for? `other` is one that it cannot know.
    fn is_there(&self, other: &Self) -> bool;

    /// Another takes its place. Who waits in it is woken by that, and finds out what is so. Unless it `is_there` its numbers
    /// are somebody else's by now, and to be left alone.
    fn give_way_to(&mut self, fresh: Self, is_there: bool);
}

/// One for the process, made when it is first used; another in a forked child, which must not touch its parent's, and where
/// the number was closed by somebody else: a program that becomes a daemon closes whatever it finds open.
#[derive(Debug)]
pub struct PerProcess<T>(RefCell<Option<T>>);

impl<T> Default for PerProcess<T> {
    fn default() -> Self {
        Self(RefCell::new(None))
    }
}

impl<T: OfProcess> PerProcess<T> {
    /// Uses the one of this process.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn with<R>(&self, use_it: impl FnOnce(&mut T) -> R) -> io::Result<R> {
        let mut cell = self.0.borrow_mut();
        let generation = fork_generation();
        let ours = match &mut *cell {
            Some(ours) => ours,
            none => none.insert(T::make(generation)?),
        };
        if ours.generation() != generation {
            let fresh = T::make(generation)?;
            let is_there = ours.is_there(&fresh);
            ours.give_way_to(fresh, is_there);
        }
        Ok(use_it(ours))
    }

    /// As [`with`](Self::with), and once more with another where this one was lost.
    ///
    /// # Errors
    /// It cannot be made, or those of `use_it`.
    pub fn attempt<R>(&self, mut use_it: impl FnMut(&mut T) -> io::Result<R>) -> io::Result<R> {
        match self.with(&mut use_it)? {
            Err(error) if T::is_about_a_number(&error) && self.renew_if_lost() => {
                self.with(use_it)?
            }
            outcome => outcome,
        }
    }

    /// Looks at the one that there is, which may be a parent's.
    pub fn existing<R>(&self, look: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.0.borrow_mut().as_mut().map(look)
    }

    #[cold]
    fn renew_if_lost(&self) -> bool {
        let mut cell = self.0.borrow_mut();
        let Some(old) = &mut *cell else { return false };
        let Ok(fresh) = T::make(old.generation()) else { return false };
        let is_lost = !old.is_there(&fresh);
        if is_lost {
            old.give_way_to(fresh, false);
        }
        is_lost
    }
}
