//! Where parked tasks stand while they wait: in a queue per socket and direction, in the reactor, or among those that
//! wait for many.

use super::entry::{Waits, Watched};
use super::queue::Place;
use super::shortage::is_shortage;
use super::{Parking, Task, Ticket};
use crate::{Backend, Interest, Need, Watch};

impl<B: Backend, T: Task<B>> Parking<B, T> {
    /// Files a task under what it waits for. Where an attempt has been made the reactor tells when the next is worth it.
    pub(super) fn settle(&mut self, backend: &B, ticket: Ticket, need: Need, tried: bool) {
        let Some(entry) = self.entry(ticket) else {
            return;
        };
        if entry.timed || matches!(need, Need::Pause(_)) {
            self.set_timer(backend, ticket, need);
        }
        match need {
            Need::Io(interest) => self.settle_io(backend, ticket, interest, tried),
            Need::Wake => {
                self.settle_other(ticket);
                self.many.remove(&ticket);
                self.woken.push(ticket);
                self.arm_signals(backend, ticket);
            }
            Need::Many | Need::Pause(_) => {
                self.settle_other(ticket);
                self.arm(backend, ticket, need);
            }
        }
    }

    fn settle_io(&mut self, backend: &B, ticket: Ticket, interest: Interest, tried: bool) {
        if !self.many.is_empty() {
            self.many.remove(&ticket);
        }
        let Some(entry) = self.entry(ticket) else {
            return;
        };
        entry.waits = Waits::Io;
        let place = entry.task.descriptor().map(|descriptor| (descriptor, interest));
        if !self.move_to(ticket, place) {
            return;
        }
        if tried {
            self.arm_own(backend, ticket, interest);
        } else {
            self.fresh.push(ticket);
        }
    }

    fn settle_other(&mut self, ticket: Ticket) {
        if let Some(entry) = self.entry(ticket) {
            entry.waits = Waits::Other;
            self.move_to(ticket, None);
        }
    }

    /// Changes the queue that a task stands in; the next of the old one may try. Does nobody stand before it in the new?
    fn move_to(&mut self, ticket: Ticket, place: Option<Place>) -> bool {
        let Some(entry) = self.entry(ticket) else {
            return false;
        };
        if entry.place == place {
            return place.is_none() || self.is_first(ticket);
        }
        if let Some(old) = std::mem::replace(&mut entry.place, place) {
            self.leave_queue(old, ticket);
        }
        place.is_none_or(|place| self.queues.push(place, ticket))
    }

    /// The next in the queue may try.
    fn leave_queue(&mut self, place: Place, ticket: Ticket) {
        if let Some(next) = self.queues.remove(place, ticket) {
            self.make_ready(next);
        }
    }

    /// Does nobody stand before it?
    pub(super) fn is_first(&mut self, ticket: Ticket) -> bool {
        let Some(place) = self.entry(ticket).map(|entry| entry.place) else {
            return false;
        };
        place.is_none_or(|place| self.queues.first(place) == Some(ticket))
    }

    /// Arms the reactor for the one socket of a task.
    fn arm_own(&mut self, backend: &B, ticket: Ticket, interest: Interest) {
        let signals = self.clock(ticket).is_some_and(|clock| clock.patience.tell_signals);
        let Some(entry) = self.entry(ticket) else {
            return;
        };
        if matches!(entry.armed, Watched::None)
            && !signals
            && let Some(own) = entry.task.arm(backend, interest, ticket.place())
        {
            match own {
                Ok(descriptor) => {
                    entry.armed = Watched::One(Watch::new(descriptor, interest));
                    return;
                }
                Err(error) if is_shortage(&error) => {}
                Err(_) => return self.make_ready(ticket),
            }
        }
        self.arm(backend, ticket, Need::Io(interest));
    }

    fn arm(&mut self, backend: &B, ticket: Ticket, need: Need) {
        let Some(entry) = self.entry(ticket) else {
            return;
        };
        let before = std::mem::take(&mut entry.armed);
        let mut targets = Vec::new();
        entry.task.targets(need, &mut targets);
        // It may have stopped waiting for some of many.
        for watch in before.as_slice() {
            if !targets.iter().any(|still| still.descriptor == watch.descriptor) {
                backend.disarm(watch.descriptor, ticket.place());
            }
        }
        // What cannot be waited for (a regular file, a closed socket) is ready: the step says what it is.
        let mut ready = targets.is_empty() && matches!(need, Need::Io(_));
        // A negative number among many is never ready.
        for watch in targets.iter().filter(|watch| watch.descriptor >= 0) {
            match backend.arm(watch.descriptor, watch.interest, ticket.place()) {
                Ok(()) => {}
                Err(error) if is_shortage(&error) => _ = self.unarmed.insert(ticket),
                Err(_) => ready = true,
            }
        }
        let waits_for_many = !matches!(need, Need::Io(_)) && !targets.is_empty();
        if let Some(entry) = self.entry(ticket) {
            entry.armed = targets.into();
        }
        if waits_for_many {
            self.many.insert(ticket);
        }
        if ready {
            self.make_ready(ticket);
        }
        self.arm_signals(backend, ticket);
    }

    /// Removes a task, takes it out of reactor and queue, and lets the next in the queue try.
    #[inline]
    pub(super) fn finish(&mut self, backend: &B, ticket: Ticket) -> Option<T> {
        let entry = self.remove(ticket)?;
        for watch in entry.armed.as_slice() {
            backend.disarm(watch.descriptor, ticket.place());
        }
        if !self.many.is_empty() {
            self.many.remove(&ticket);
        }
        if !self.unarmed.is_empty() {
            self.unarmed.remove(&ticket);
        }
        if let Some(place) = entry.place {
            self.leave_queue(place, ticket);
        }
        Some(entry.task)
    }
}
