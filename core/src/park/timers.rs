//! The limits and pauses of parked tasks.

use std::cmp::Reverse;
use std::time::Instant;

use super::entry::Clock;
use super::{Parking, Task, Ticket};
use crate::{Backend, Need, Patience, Stop};

impl<B: Backend, T: Task<B>> Parking<B, T> {
    /// The clock of a parked task that has one.
    pub(super) fn clock(&mut self, ticket: Ticket) -> Option<&mut Clock> {
        let timed = self.entry(ticket)?.timed;
        if timed { self.clocks.get_mut(ticket.place()) } else { None }
    }

    /// A task's patience started when it `began`, or starts now.
    #[inline(always)]
    pub(super) fn start_clock(
        &mut self,
        backend: &B,
        ticket: Ticket,
        patience: Patience,
        began: Option<Instant>,
    ) {
        if !patience.is_endless() {
            self.limit(backend, ticket, patience, began);
        }
    }

    fn limit(&mut self, backend: &B, ticket: Ticket, patience: Patience, began: Option<Instant>) {
        let timed = patience.whole.duration().is_some();
        let start = || began.unwrap_or_else(|| backend.now());
        let deadline = if timed { patience.whole.deadline(start()) } else { None };
        self.set_clock(ticket, Clock { patience, deadline, ..Clock::default() });
    }

    /// Gives a parked task a clock.
    pub(super) fn set_clock(&mut self, ticket: Ticket, clock: Clock) {
        if let Some(entry) = self.entry(ticket) {
            entry.timed = true;
            if ticket.place() >= self.clocks.len() {
                self.clocks.resize(ticket.place() + 1, Clock::default());
            }
            self.clocks[ticket.place()] = clock;
        }
    }

    /// Sees to the timer of a task that waits for `need`.
    pub(super) fn set_timer(&mut self, backend: &B, ticket: Ticket, need: Need) {
        if matches!(need, Need::Pause(_)) && self.clock(ticket).is_none() {
            self.set_clock(ticket, Clock::default());
        }
        let Some(clock) = self.clock(ticket) else {
            return;
        };
        let due = due(backend, clock, need);
        let known = std::mem::replace(&mut clock.due, due) == due;
        if let Some((at, _)) = due.filter(|_| !known) {
            self.push_timer(at, ticket);
        }
    }

    /// No timer is due for a task any more.
    pub(super) fn forget_due(&mut self, ticket: Ticket) {
        if let Some(clock) = self.clock(ticket) {
            clock.due = None;
        }
    }

    /// Timers of tasks that finished before are dropped here, lest long limits pile up.
    fn push_timer(&mut self, at: Instant, ticket: Ticket) {
        if self.timers.len() > 64 + 2 * self.count {
            let mut timers = std::mem::take(&mut self.timers);
            timers.retain(|Reverse((at, ticket))| self.is_due(*at, *ticket));
            self.timers = timers;
        }
        self.timers.push(Reverse((at, ticket)));
    }

    fn is_due(&mut self, at: Instant, ticket: Ticket) -> bool {
        self.clock(ticket).is_some_and(|clock| clock.due.is_some_and(|(due, _)| due == at))
    }

    pub(super) fn next_timer(&mut self) -> Option<Instant> {
        while let Some(Reverse((at, ticket))) = self.timers.peek().copied() {
            if self.is_due(at, ticket) {
                return Some(at);
            }
            self.timers.pop();
        }
        None
    }

    pub(super) fn fire_timers(&mut self, backend: &B) {
        if self.timers.is_empty() {
            return;
        }
        let now = backend.now();
        while self.next_timer().is_some_and(|at| at <= now) {
            let Some(Reverse((_, ticket))) = self.timers.pop() else {
                return;
            };
            let ready = self.entry(ticket).is_some_and(|entry| entry.ready);
            let Some(clock) = self.clock(ticket) else {
                continue;
            };
            let pause = clock.due.take().is_some_and(|(_, pause)| pause);
            if pause {
                self.make_ready(ticket);
            } else if ready {
                // Readiness and the limit came together: one last attempt. After a single wait's limit, it goes
                // on if that attempt gets anywhere.
                clock.over = clock.deadline.is_some_and(|deadline| deadline <= now);
            } else {
                self.stop(ticket, Stop::Timeout);
            }
        }
    }
}

/// When a timer is due for a task that waits for `need`; `true`: to go on, `false`: to give up.
fn due<B: Backend>(backend: &B, clock: &Clock, need: Need) -> Option<(Instant, bool)> {
    let each = clock.patience.each.duration();
    let each = each.and_then(|time| backend.now().checked_add(time));
    let limit = match (clock.deadline, each) {
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
