//! Where parked tasks stand while they wait: in a queue per socket and direction, in the reactor, or among those that
//! wait for many.

use std::collections::hash_map::Entry;

use super::{Parking, Place, Queue, Task, Ticket, due};
use crate::{Backend, Need, Watch};

impl<B: Backend, T: Task<B>> Parking<B, T> {
    /// Files a task under what it waits for. Where an attempt has been made the reactor tells when the next is worth it.
    pub(super) fn settle(&mut self, backend: &B, ticket: Ticket, need: Need, tried: bool) {
        let place = self.place(ticket, need);
        let Some(entry) = self.entry(ticket) else {
            return;
        };
        entry.need = Some(need);
        let due = due(backend, entry, need);
        let known = std::mem::replace(&mut entry.due, due) == due;
        if let Some((at, _)) = due.filter(|_| !known) {
            self.push_timer(at, ticket);
        }
        if matches!(need, Need::Io(_) | Need::Wake) && !self.many.is_empty() {
            self.many.remove(&ticket);
        }
        let first = self.move_to(ticket, place);
        match need {
            Need::Wake => {
                self.woken.push(ticket);
                self.arm_signals(backend, ticket);
            }
            Need::Many | Need::Pause(_) => self.arm(backend, ticket, need),
            Need::Io(_) => {
                if first && tried {
                    self.arm(backend, ticket, need);
                } else if first {
                    self.make_ready(ticket);
                }
            }
        }
    }

    fn place(&mut self, ticket: Ticket, need: Need) -> Option<Place> {
        let Need::Io(interest) = need else {
            return None;
        };
        let mut targets = self.spare.pop().unwrap_or_default();
        self.entry(ticket)?.task.targets(need, &mut targets);
        let descriptor = targets.first().map(|watch| watch.descriptor);
        targets.clear();
        self.spare.push(targets);
        Some((descriptor?, interest))
    }

    /// Changes the queue that a task stands in; the next of the old one may try. Does nobody stand before it in the new?
    fn move_to(&mut self, ticket: Ticket, place: Option<Place>) -> bool {
        let Some(entry) = self.entry(ticket) else {
            return false;
        };
        if entry.place == place {
            return place.is_none() || self.is_first(ticket);
        }
        if let Some(old) = std::mem::replace(&mut entry.place, place)
            && let Entry::Occupied(mut queue) = self.queues.entry(old)
        {
            if queue.get_mut().remove(ticket) {
                let next = queue.get().first();
                self.make_ready(next);
            } else {
                queue.remove();
            }
        }
        match place.map(|place| self.queues.entry(place)) {
            Some(Entry::Occupied(mut queue)) => {
                queue.get_mut().push(ticket);
                false
            }
            Some(Entry::Vacant(free)) => {
                free.insert(Queue::new(ticket));
                true
            }
            None => true,
        }
    }

    /// Does nobody stand before it?
    pub(super) fn is_first(&mut self, ticket: Ticket) -> bool {
        let Some(place) = self.entry(ticket).map(|entry| entry.place) else {
            return false;
        };
        place.is_none_or(|place| self.queues.get(&place).is_some_and(|q| q.first() == ticket))
    }

    fn arm(&mut self, backend: &B, ticket: Ticket, need: Need) {
        let Some(entry) = self.entry(ticket) else {
            return;
        };
        if let Need::Io(interest) = need
            && entry.armed.is_empty()
            && !entry.patience.tell_signals
            && let Some(own) = entry.task.arm(backend, interest, ticket.index)
        {
            match own {
                Ok(descriptor) => entry.armed.push(Watch::new(descriptor, interest)),
                Err(_) => self.make_ready(ticket),
            }
            return;
        }
        let before = std::mem::take(&mut entry.armed);
        entry.task.targets(need, &mut entry.armed);
        if !before.is_empty() && before != entry.armed {
            // It may have stopped waiting for some of many.
            for watch in &before {
                if !entry.armed.iter().any(|still| still.descriptor == watch.descriptor) {
                    backend.disarm(watch.descriptor, ticket.index);
                }
            }
        }
        // What cannot be waited for (a regular file, a closed socket) is ready: the step says what it is.
        let mut ready = entry.armed.is_empty() && matches!(need, Need::Io(_));
        // A negative number among many is never ready.
        for watch in entry.armed.iter().filter(|watch| watch.descriptor >= 0) {
            ready |= backend.arm(watch.descriptor, watch.interest, ticket.index).is_err();
        }
        if !matches!(need, Need::Io(_)) && !entry.armed.is_empty() {
            self.many.insert(ticket);
        }
        if ready {
            self.make_ready(ticket);
        }
        self.arm_signals(backend, ticket);
    }

    /// Takes a task out of reactor and queue, and lets the next in the queue try.
    pub(super) fn leave(&mut self, backend: &B, ticket: Ticket) {
        let Some(entry) = self.entry(ticket) else {
            return;
        };
        for watch in entry.armed.drain(..) {
            backend.disarm(watch.descriptor, ticket.index);
        }
        if !self.many.is_empty() {
            self.many.remove(&ticket);
        }
        self.move_to(ticket, None);
    }
}
