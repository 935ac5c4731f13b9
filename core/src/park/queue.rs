//! Who waits for one socket and direction: first come, first served.

use std::collections::VecDeque;

use super::Ticket;

/// At least one; more are rare, and cost nothing until then.
pub(super) struct Queue {
    first: Ticket,
    #[allow(
        clippy::box_collection,
        reason = "there is a queue for each idle socket, nearly always without a rest"
    )]
    rest: Option<Box<VecDeque<Ticket>>>,
}

impl Queue {
    pub(super) fn new(first: Ticket) -> Self {
        Self { first, rest: None }
    }

    pub(super) fn first(&self) -> Ticket {
        self.first
    }

    pub(super) fn push(&mut self, ticket: Ticket) {
        self.rest.get_or_insert_default().push_back(ticket);
    }

    /// Takes one out; false: it was the last.
    pub(super) fn remove(&mut self, ticket: Ticket) -> bool {
        let rest = self.rest.as_deref_mut();
        if self.first != ticket {
            rest.into_iter().for_each(|rest| rest.retain(|other| *other != ticket));
            return true;
        }
        let next = rest.and_then(VecDeque::pop_front);
        self.first = next.unwrap_or(ticket);
        next.is_some()
    }

    /// In their order.
    pub(super) fn tickets(&self) -> Vec<Ticket> {
        std::iter::once(self.first)
            .chain(self.rest.iter().flat_map(|rest| rest.iter().copied()))
            .collect()
    }
}
