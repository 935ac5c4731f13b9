//! The second driver: holds many operations at once, and steps each when what it waits for has come.
//!
//! The heart of fibers. It knows nothing of coroutines: a [`Task`] is anything that can be stepped and stopped,
//! and comes back from [`Parking::next`] when it is finished. The cost of a wake-up does not depend on how many
//! tasks are parked.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};
use std::fmt;
use std::io;
use std::time::Instant;

use crate::{Backend, Descriptor, Interest, Need, Patience, Stop, Token, os};

mod again;
mod ends;
mod entry;
mod places;
mod queue;
mod shortage;
mod signals;
mod task;
mod timers;

pub use entry::Ticket;
use entry::{Clock, Entry, Waits, Watched};
use queue::Queues;
pub use task::{Access, Bound, OnShared, Progress, Shared, Task, WARM_AHEAD};

/// Parked tasks, of one type: [`tasks!`](crate::tasks) makes one type of several. A backend reports to one of these, so there
/// is one for each.
///
/// ```
/// use moonsocket_core::ops::Receive;
/// use moonsocket_core::{
///     Backend, Bound, Interest, Limit, Need, OnShared, Parking, Pattern, Shared,
/// };
///
/// /// A line from each of these sockets, in the order in which they come.
/// fn lines<B: Backend>(backend: &B, sockets: Vec<Shared<B>>) -> std::io::Result<Vec<Vec<u8>>> {
///     let mut parking: Parking<B, OnShared<B, Receive>> = Parking::default();
///     for socket in sockets {
///         let line = Bound::new(Receive::new(Pattern::TEXT_LINE), socket);
///         parking.park(backend, line, Need::Io(Interest::READ), Limit::FOREVER.into());
///     }
///     let mut lines = Vec::new();
///     while !parking.is_empty() {
///         parking.wait(backend, None)?;
///         while let Some((_, mut line)) = parking.next(backend) {
///             if let Some(Ok(received)) = line.take() {
///                 lines.push(received.into_vec(&mut line.access().borrow_mut()));
///             }
///         }
///     }
///     Ok(lines)
/// }
/// ```
pub struct Parking<B: Backend, T: Task<B>> {
    entries: Vec<Option<Entry<T>>>,
    /// Those of timed tasks, by their place in `entries`.
    clocks: Vec<Clock>,
    free: Vec<u32>,
    generation: u32,
    timers: BinaryHeap<Reverse<(Instant, Ticket)>>,
    ready: VecDeque<Ticket>,
    /// Those that were parked without an attempt, and are ready at the next wait.
    fresh: Vec<Ticket>,
    /// So many steps until then.
    budget: usize,
    /// First come, first served, per socket and direction. Only the first is armed.
    queues: Queues,
    /// Those that wait for one of several descriptors. Ordered, as the next is: a simulated world is to be the same again.
    many: BTreeSet<Ticket>,
    /// Those for which the reactor had no room, or of which there is none.
    unarmed: BTreeSet<Ticket>,
    /// Those that a wake-up is for, and how many wake-ups were seen.
    woken: Vec<Ticket>,
    wakes: u64,
    tokens: Vec<Token>,
    count: usize,
    backend: std::marker::PhantomData<fn(&B)>,
}

/// A finished task makes the next in its queue ready. After so many of these it is time to wait, or two tasks that share a
/// busy socket would keep all others from having their turn.
const HANDOVERS: usize = 64;

impl<B: Backend, T: Task<B>> Default for Parking<B, T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            clocks: Vec::new(),
            free: Vec::new(),
            generation: 0,
            timers: BinaryHeap::new(),
            ready: VecDeque::new(),
            fresh: Vec::new(),
            budget: HANDOVERS,
            queues: Queues::default(),
            many: BTreeSet::new(),
            unarmed: BTreeSet::new(),
            woken: Vec::new(),
            wakes: 0,
            tokens: Vec::new(),
            count: 0,
            backend: std::marker::PhantomData,
        }
    }
}

impl<B: Backend, T: Task<B>> fmt::Debug for Parking<B, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parking")
            .field("parked", &self.count)
            .field("ready", &self.ready.len())
            .finish_non_exhaustive()
    }
}

impl<B: Backend, T: Task<B>> Parking<B, T> {
    /// How many tasks are parked.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Is nothing parked?
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The tasks, however far they are; nothing is disarmed.
    pub fn into_tasks(self) -> impl Iterator<Item = T> {
        self.entries.into_iter().flatten().map(|entry| entry.task)
    }

    /// Does another task wait for this already? A newcomer then parks without an attempt of its own, behind it.
    pub fn is_contended(&self, descriptor: Descriptor, interest: Interest) -> bool {
        self.queues.first((descriptor, interest)).is_some()
    }

    /// Parks a task that waits for `need`: what its first step would wait for, such as `Need::Io(Interest::READ)` for a
    /// receive, whose place in the socket's queue it takes. Its patience starts now. For a socket it may be ready as it
    /// is: it is stepped once before it waits, after the next [`wait`](Self::wait).
    pub fn park(&mut self, backend: &B, task: T, need: Need, patience: Patience) -> Ticket {
        self.park_as(backend, task, need, patience, false)
    }

    /// As [`park`](Self::park), of a task whose last attempt has just found that it must wait for this.
    pub fn park_tried(&mut self, backend: &B, task: T, need: Need, patience: Patience) -> Ticket {
        self.park_as(backend, task, need, patience, true)
    }

    fn park_as(
        &mut self,
        backend: &B,
        task: T,
        need: Need,
        patience: Patience,
        tried: bool,
    ) -> Ticket {
        let ticket = self.enter(task);
        self.start_clock(backend, ticket, patience, None);
        self.settle(backend, ticket, need, tried);
        ticket
    }

    /// Gives a task its entry.
    #[inline]
    fn enter(&mut self, task: T) -> Ticket {
        let index = self.free.pop().unwrap_or_else(|| {
            self.entries.push(None);
            // Nobody has memory for more.
            (self.entries.len() - 1) as u32
        });
        self.generation = self.generation.wrapping_add(1);
        let ticket = Ticket { index, generation: self.generation };
        self.entries[ticket.place()] = Some(Entry {
            task,
            armed: Watched::None,
            place: None,
            generation: self.generation,
            waits: Waits::Other,
            ready: false,
            timed: false,
        });
        self.count += 1;
        ticket
    }

    /// Waits until a parked task can go on, or `until`. With tasks ready already it only looks.
    ///
    /// # Errors
    /// `Interrupted` when a signal came, which loses nothing: call it again. What the backend says.
    pub fn wait(&mut self, backend: &B, until: Option<Instant>) -> io::Result<()> {
        self.see_wakes(backend);
        let mut fresh = std::mem::take(&mut self.fresh);
        for ticket in fresh.drain(..) {
            self.make_ready(ticket);
        }
        self.fresh = fresh;
        let until = if self.ready.is_empty() {
            match (until, self.next_timer()) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            }
        } else {
            Some(backend.now())
        };
        let mut tokens = std::mem::take(&mut self.tokens);
        let turned = self.turn(backend, until, &mut tokens);
        for token in tokens.drain(..) {
            let Some(entry) = self.entries.get_mut(token).and_then(Option::as_mut) else {
                continue;
            };
            let ticket = Ticket { index: token as u32, generation: entry.generation };
            let alone = entry.waits == Waits::Io && matches!(entry.armed, Watched::One(_));
            if alone {
                // Reported is disarmed.
                entry.armed = Watched::None;
            }
            // Who is armed for one socket is first there; an old registration's token may name one who has to wait.
            if alone || self.is_first(ticket) {
                self.make_ready(ticket);
            }
        }
        self.tokens = tokens;
        self.see_wakes(backend);
        // A process that was stopped for longer than its limits finds what came meanwhile at its next look.
        if !turned.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::Interrupted) {
            self.fire_timers(backend);
        }
        self.budget = self.ready.len() + HANDOVERS;
        turned
    }

    /// Steps the tasks that are ready until one is finished, and returns it; `None`: it is time to [`wait`](Self::wait).
    /// A task may be finished by its limit as well, which its result tells.
    pub fn next(&mut self, backend: &B) -> Option<(Ticket, T)> {
        for _ in 0..self.ready.len().min(self.budget) {
            self.budget -= 1;
            let ticket = self.ready.pop_front()?;
            let Some(entry) = self.entry(ticket) else {
                continue;
            };
            // Somebody may have come before it since.
            if !std::mem::take(&mut entry.ready) {
                continue;
            }
            if entry.waits == Waits::No {
                return self.finish(backend, ticket).map(|task| (ticket, task));
            }
            self.warm_next();
            let Some(entry) = self.entry(ticket) else {
                continue;
            };
            let progress = entry.task.step(backend);
            if progress != Progress::Done && !self.is_over(backend, ticket) {
                match progress {
                    Progress::Wait(need) => self.settle(backend, ticket, need, true),
                    _ => self.make_ready(ticket),
                }
                continue;
            }
            return self.finish(backend, ticket).map(|task| (ticket, task));
        }
        None
    }

    /// Thousands of tasks share the cache with the kernel's sockets, so that what one of them looks at is rarely there any
    /// more: it comes while others are stepped.
    #[inline]
    fn warm_next(&self) {
        for (next, ticket) in self.ready.iter().take(WARM_AHEAD + 1).enumerate() {
            let Some(entry) = self.entries.get(ticket.place()) else {
                continue;
            };
            if next == WARM_AHEAD {
                os::prefetch(entry);
            } else if let Some(entry) = entry {
                entry.task.warm(next + 1);
            }
        }
    }

    /// After a step that was not the last: stops a task whose time is up, or for which a signal came.
    fn is_over(&mut self, backend: &B, ticket: Ticket) -> bool {
        let Some(clock) = self.clock(ticket) else {
            return false;
        };
        let over = clock.over.then_some(Stop::Timeout);
        let why = clock.patience.signal(backend).or(over);
        if let Some(why) = why
            && let Some(entry) = self.entry(ticket)
        {
            entry.task.stop(why);
        }
        why.is_some()
    }

    fn entry(&mut self, ticket: Ticket) -> Option<&mut Entry<T>> {
        let entry = self.entries.get_mut(ticket.place())?.as_mut()?;
        (entry.generation == ticket.generation).then_some(entry)
    }

    fn remove(&mut self, ticket: Ticket) -> Option<Entry<T>> {
        self.entry(ticket)?;
        let entry = self.entries[ticket.place()].take()?;
        self.free.push(ticket.index);
        self.count -= 1;
        Some(entry)
    }

    fn make_ready(&mut self, ticket: Ticket) {
        if let Some(entry) = self.entry(ticket)
            && !entry.ready
        {
            entry.ready = true;
            self.ready.push_back(ticket);
        }
    }

    /// A blocking wait elsewhere on this thread may have taken the wake-up: the count tells.
    fn see_wakes(&mut self, backend: &B) {
        if self.woken.is_empty() {
            return;
        }
        let Ok(count) = backend.waker().map(|wake| wake.count()) else {
            return;
        };
        if count != self.wakes {
            self.wakes = count;
            for ticket in std::mem::take(&mut self.woken) {
                self.make_ready(ticket);
            }
        }
    }
}
