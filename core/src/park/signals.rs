//! Parked tasks that tell of signals.

use super::shortage::is_shortage;
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
        if watch.descriptor < 0 {
            return;
        }
        let armed = backend.arm(watch.descriptor, watch.interest, ticket.place());
        let is_short = armed.as_ref().is_err_and(is_shortage);
        if !known && (armed.is_ok() || is_short) {
            entry.armed.push(watch);
        }
        if is_short {
            self.unarmed.insert(ticket);
        }
    }
}
