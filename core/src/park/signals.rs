//! Parked tasks that tell of signals.

use super::{Parking, Task, Ticket};
use crate::{Backend, Interest, Watch};

impl<B: Backend, T: Task<B>> Parking<B, T> {
    /// Lets a signal end the wait too, where the task tells of them.
    pub(super) fn arm_signals(&mut self, backend: &B, ticket: Ticket) {
        if !self.clock(ticket).is_some_and(|clock| clock.patience.tell_signals) {
            return;
        }
        let Some(entry) = self.entry(ticket) else {
            return;
        };
        let watch = Watch::new(backend.signal_descriptor(), Interest::READ);
        let known = entry.armed.as_slice().iter().any(|it| it.descriptor == watch.descriptor);
        if watch.descriptor >= 0
            && backend.arm(watch.descriptor, watch.interest, ticket.place()).is_ok()
            && !known
        {
            entry.armed.push(watch);
        }
    }
}
