//! How parked tasks are ended from outside.

use super::entry::{Waits, Watched};
use super::{Parking, Task, Ticket};
use crate::{Backend, Descriptor, Interest, Stop, Watch};

impl<B: Backend, T: Task<B>> Parking<B, T> {
    /// Ends a parked task from outside; [`next`](Self::next) returns it in its turn. Does nothing when it is not
    /// parked any more.
    pub fn stop(&mut self, ticket: Ticket, why: Stop) {
        if let Some(entry) = self.entry(ticket)
            && std::mem::replace(&mut entry.waits, Waits::No) != Waits::No
        {
            // Once only: a second stop would find the partial result gone.
            entry.task.stop(why);
            self.forget_due(ticket);
            // Until it is returned it keeps its place: what others are given comes after its partial result.
            self.make_ready(ticket);
        }
    }

    /// A descriptor is about to be closed or given away: whoever waits for it steps once more, and finds out. To those
    /// that wait for one of several it is ready.
    pub fn closing(&mut self, backend: &B, descriptor: Descriptor) {
        let watched = |watch: &Watch| watch.descriptor == descriptor;
        let watching = self.many.iter().copied().filter(|ticket| {
            let entry = self.entries.get(ticket.place()).and_then(Option::as_ref);
            entry.is_some_and(|entry| entry.armed.as_slice().iter().any(watched))
        });
        for ticket in Vec::from_iter(watching) {
            if let Some(entry) = self.entry(ticket) {
                entry.task.closing(descriptor);
                entry.armed.retain(|watch| !watched(watch));
                backend.disarm(descriptor, ticket.place());
                self.make_ready(ticket);
            }
        }
        for interest in Interest::all_sets() {
            for ticket in self.queues.take((descriptor, interest)) {
                if let Some(entry) = self.entry(ticket) {
                    entry.place = None;
                    if entry.waits != Waits::No {
                        entry.waits = Waits::Other;
                    }
                    let armed: Watched = std::mem::take(&mut entry.armed);
                    for watch in armed.as_slice() {
                        backend.disarm(watch.descriptor, ticket.place());
                    }
                    self.forget_due(ticket);
                    self.make_ready(ticket);
                }
            }
        }
    }

    /// Ends every task that waits for a descriptor.
    pub fn cancel(&mut self, descriptor: Descriptor) {
        for interest in Interest::all_sets() {
            for ticket in self.queues.tickets((descriptor, interest)) {
                self.stop(ticket, Stop::Cancelled);
            }
        }
    }
}
