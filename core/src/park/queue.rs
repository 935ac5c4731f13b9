//! Who waits for one socket and direction: first come, first served.

use std::collections::VecDeque;

use super::Ticket;

/// At least one; more are rare, and cost nothing until then.
pub(super) struct Queue {
    first: Ticket,
    rest: VecDeque<Ticket>,
}

impl Queue {
    pub(super) fn new(first: Ticket) -> Self {
        Self { first, rest: VecDeque::new() }
    }

    pub(super) fn first(&self) -> Ticket {
        self.first
    }

    pub(super) fn push(&mut self, ticket: Ticket) {
        self.rest.push_back(ticket);
    }

    /// Takes one out; false: it was the last.
    pub(super) fn remove(&mut self, ticket: Ticket) -> bool {
        if self.first != ticket {
            self.rest.retain(|other| *other != ticket);
            return true;
        }
        let next = self.rest.pop_front();
        self.first = next.unwrap_or(ticket);
        next.is_some()
    }

    /// In their order.
    pub(super) fn tickets(&self) -> Vec<Ticket> {
        std::iter::once(self.first).chain(self.rest.iter().copied()).collect()
    }
}
