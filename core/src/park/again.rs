//! Tasks without a step: whoever is given one by [`next`](Parking::next) makes the attempt himself.

use std::time::Instant;

use super::entry::{Waits, Watched};
use super::{Parking, Task, Ticket};
use crate::{Backend, Interest, Need, Patience, Transport, Watch};

impl<B: Backend, T: Task<B>> Parking<B, T> {
    /// Parks a task that is finished once this socket is ready: its [`step`](Task::step) has to say so. An attempt has just
    /// found that it must wait; its patience started when it `began`, or starts now.
    ///
    /// Where others wait for the same, or the socket cannot be waited for, the task comes back: [`park`](Self::park) one
    /// that makes its attempts itself.
    ///
    /// # Errors
    /// The task.
    pub fn park_on(
        &mut self,
        backend: &B,
        task: T,
        io: &B::Io,
        interest: Interest,
        (patience, began): (Patience, Option<Instant>),
    ) -> Result<Ticket, T> {
        let place = (io.descriptor(), interest);
        if self.queues.first(place).is_some() {
            return Err(task);
        }
        let ticket = self.enter(task);
        let armed = backend.arm_own(io, interest, ticket.place());
        if armed.is_ok() {
            self.queues.push(place, ticket);
        }
        let Some(entry) = self.entry(ticket) else { return Ok(ticket) };
        if armed.is_ok() {
            entry.armed = Watched::One(Watch::new(place.0, interest));
            entry.place = Some(place);
            entry.waits = Waits::Io;
            if !patience.is_endless() {
                self.start_clock(backend, ticket, patience, began);
                self.set_timer(backend, ticket, Need::Io(interest));
            }
            return Ok(ticket);
        }
        match self.remove(ticket) {
            Some(entry) => Err(entry.task),
            None => Ok(ticket),
        }
    }

    /// As [`park`](Self::park), or if it was `tried` [`park_tried`](Self::park_tried), before all others that wait for the
    /// same: of one whose turn it was, and whose attempt was not enough. Its patience started when it `began`.
    pub fn park_ahead(
        &mut self,
        backend: &B,
        task: T,
        need: Need,
        (patience, began): (Patience, Option<Instant>),
        tried: bool,
    ) -> Ticket {
        let ticket = self.enter(task);
        self.start_clock(backend, ticket, patience, began);
        if let Need::Io(interest) = need
            && let Some(entry) = self.entry(ticket)
            && let Some(descriptor) = entry.task.descriptor()
        {
            let place = (descriptor, interest);
            entry.place = Some(place);
            if let Some(behind) = self.queues.push_front(place, ticket) {
                self.step_back(backend, behind);
            }
        }
        self.settle(backend, ticket, need, tried);
        ticket
    }

    /// It was first, and is not any more. One that was stopped needs no turn.
    fn step_back(&mut self, backend: &B, ticket: Ticket) {
        if let Some(entry) = self.entry(ticket)
            && entry.waits != Waits::No
        {
            entry.ready = false;
            for watch in std::mem::take(&mut entry.armed).as_slice() {
                backend.disarm(watch.descriptor, ticket.place());
            }
        }
    }

    /// Takes a task out that nobody waits for any more.
    pub fn withdraw(&mut self, backend: &B, ticket: Ticket) -> Option<T> {
        self.finish(backend, ticket)
    }
}
