//! The limits and pauses of parked tasks.

use std::cmp::Reverse;
use std::time::Instant;

use super::{Entry, Parking, Task, Ticket};
use crate::{Backend, Need, Stop};

impl<B: Backend, T: Task<B>> Parking<B, T> {
    /// Timers of tasks that finished before are dropped here, lest long limits pile up.
    pub(super) fn push_timer(&mut self, at: Instant, ticket: Ticket) {
        if self.timers.len() > 64 + 2 * self.count {
            let entries = &self.entries;
            self.timers.retain(|Reverse((at, ticket))| {
                let entry = entries.get(ticket.index).and_then(Option::as_ref);
                entry.is_some_and(|entry| {
                    entry.generation == ticket.generation
                        && entry.due.is_some_and(|(due, _)| due == *at)
                })
            });
        }
        self.timers.push(Reverse((at, ticket)));
    }

    pub(super) fn next_timer(&mut self) -> Option<Instant> {
        while let Some(Reverse((at, ticket))) = self.timers.peek().copied() {
            if self.entry(ticket).is_some_and(|e| e.due.is_some_and(|(due, _)| due == at)) {
                return Some(at);
            }
            self.timers.pop();
        }
        None
    }

    pub(super) fn fire_timers(&mut self, backend: &B) {
        let now = backend.now();
        while self.next_timer().is_some_and(|at| at <= now) {
            let Some(Reverse((_, ticket))) = self.timers.pop() else {
                return;
            };
            let Some(entry) = self.entry(ticket) else {
                continue;
            };
            let pause = entry.due.take().is_some_and(|(_, pause)| pause);
            if pause {
                self.make_ready(ticket);
            } else if entry.ready {
                // Readiness and the limit came together: one last attempt. After a single wait's limit, it goes
                // on if that attempt gets anywhere.
                entry.over = entry.deadline.is_some_and(|deadline| deadline <= now);
            } else {
                self.stop(backend, ticket, Stop::Timeout);
            }
        }
    }
}

/// When a timer is due for an entry that waits for `need`; `true`: to go on, `false`: to give up.
pub(super) fn due<B: Backend, T>(
    backend: &B,
    entry: &Entry<T>,
    need: Need,
) -> Option<(Instant, bool)> {
    let each = entry.patience.each.duration();
    let each = each.and_then(|time| backend.now().checked_add(time));
    let limit = match (entry.deadline, each) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    let pause = match need {
        Need::Pause(time) => backend.now().checked_add(time),
        _ => None,
    };
    match (limit, pause) {
        (Some(limit), Some(pause)) if pause < limit => Some((pause, true)),
        (Some(limit), _) => Some((limit, false)),
        (None, pause) => pause.map(|pause| (pause, true)),
    }
}
