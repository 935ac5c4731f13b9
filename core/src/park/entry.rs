//! What is known of a parked task, laid out by use: what each wake-up looks at, and apart from that the time.

use std::time::Instant;

use super::queue::Place;
use crate::{Patience, Watch};

/// Names a parked task. Never names another one later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket {
    pub(super) index: u32,
    pub(super) generation: u32,
}

impl Ticket {
    /// That of no task.
    pub(super) const NONE: Self = Self { index: u32::MAX, generation: 0 };

    /// Its place in the lists, and the reactor's token.
    pub(super) const fn place(self) -> usize {
        self.index as usize
    }
}

impl Default for Ticket {
    fn default() -> Self {
        Self::NONE
    }
}

/// A parked task. With one of three words it fits a line of the processor's cache.
#[repr(align(64))]
pub(super) struct Entry<T> {
    pub(super) task: T,
    pub(super) armed: Watched,
    /// The queue that it stands in.
    pub(super) place: Option<Place>,
    pub(super) generation: u32,
    pub(super) waits: Waits,
    /// It is in the ready queue.
    pub(super) ready: bool,
    /// It has a [`Clock`].
    pub(super) timed: bool,
}

/// What kind of thing a task waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Waits {
    /// Nothing any more: it was stopped.
    No,
    /// One socket.
    Io,
    Other,
}

/// The descriptors that a task is armed for.
#[derive(Default)]
pub(super) enum Watched {
    #[default]
    None,
    One(Watch),
    #[allow(clippy::box_collection, reason = "few tasks wait for several, all pay for the size")]
    Many(Box<Vec<Watch>>),
}

impl Watched {
    pub(super) fn as_slice(&self) -> &[Watch] {
        match self {
            Self::None => &[],
            Self::One(watch) => std::slice::from_ref(watch),
            Self::Many(list) => list,
        }
    }

    pub(super) fn push(&mut self, watch: Watch) {
        *self = match std::mem::take(self) {
            Self::None => Self::One(watch),
            Self::One(first) => Self::Many(Box::new(vec![first, watch])),
            Self::Many(mut list) => {
                list.push(watch);
                Self::Many(list)
            }
        };
    }

    pub(super) fn retain(&mut self, stays: impl Fn(&Watch) -> bool) {
        match self {
            Self::None => {}
            Self::One(watch) if stays(watch) => {}
            Self::One(_) => *self = Self::None,
            Self::Many(list) => list.retain(stays),
        }
    }
}

impl From<Vec<Watch>> for Watched {
    fn from(list: Vec<Watch>) -> Self {
        match list[..] {
            [] => Self::None,
            [one] => Self::One(one),
            _ => Self::Many(Box::new(list)),
        }
    }
}

/// The time of a task that has limits or pauses.
#[derive(Clone, Copy, Default)]
pub(super) struct Clock {
    pub(super) patience: Patience,
    pub(super) deadline: Option<Instant>,
    /// When a timer is due for it, and whether that is a pause (step) or a limit (stop).
    pub(super) due: Option<(Instant, bool)>,
    /// Its limit is over, but it was ready by then: one more attempt.
    pub(super) over: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn an_entry_fits_a_line() {
        assert_eq!(size_of::<Option<Entry<[usize; 3]>>>(), 64);
    }
}
