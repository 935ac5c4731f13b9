//! Who waits for one socket and direction: first come, first served.

use std::collections::{VecDeque, hash_map};

use super::Ticket;
use crate::{Descriptor, Interest, NumberMap};

/// A socket, and what it is waited for.
pub(super) type Place = (Descriptor, Interest);

/// The queues of all places.
///
/// The system gives out the lowest numbers that are free, so those who read or write stand in a list by number: there is
/// one for each idle socket, and it is entered and left with every wait.
#[derive(Default)]
pub(super) struct Queues {
    near: Vec<[Queue; 2]>,
    /// Large numbers, and those who wait for anything else. None of these is empty.
    far: NumberMap<Place, Queue>,
}

/// So many numbers have a place in the list.
const NEAR: usize = 1 << 16;

impl Queues {
    /// Who stands first.
    pub(super) fn first(&self, place: Place) -> Option<Ticket> {
        self.of(place)?.first()
    }

    /// Is it the first there?
    pub(super) fn push(&mut self, place: Place, ticket: Ticket) -> bool {
        self.at(place).push(ticket)
    }

    /// Puts it before all others there; who stands behind it now.
    pub(super) fn push_front(&mut self, place: Place, ticket: Ticket) -> Option<Ticket> {
        self.at(place).push_front(ticket)
    }

    #[inline]
    fn at(&mut self, place: Place) -> &mut Queue {
        match near(place) {
            Some((number, direction)) => {
                if number >= self.near.len() {
                    self.near.resize_with(number + 1, Default::default);
                }
                &mut self.near[number][direction]
            }
            None => self.far.entry(place).or_default(),
        }
    }

    /// Takes one out; who stands first for that.
    pub(super) fn remove(&mut self, place: Place, ticket: Ticket) -> Option<Ticket> {
        if let Some((number, direction)) = near(place) {
            return self.near.get_mut(number)?[direction].remove(ticket);
        }
        let hash_map::Entry::Occupied(mut queue) = self.far.entry(place) else {
            return None;
        };
        let next = queue.get_mut().remove(ticket);
        if queue.get().first().is_none() {
            queue.remove();
        }
        next
    }

    /// All in a queue, in their order.
    pub(super) fn tickets(&self, place: Place) -> Vec<Ticket> {
        self.of(place).map(Queue::tickets).unwrap_or_default()
    }

    /// As [`tickets`](Self::tickets); it is empty afterwards.
    pub(super) fn take(&mut self, place: Place) -> Vec<Ticket> {
        let queue = match near(place) {
            Some((number, direction)) => {
                self.near.get_mut(number).map(|both| std::mem::take(&mut both[direction]))
            }
            None => self.far.remove(&place),
        };
        queue.map(|queue| queue.tickets()).unwrap_or_default()
    }

    fn of(&self, place: Place) -> Option<&Queue> {
        match near(place) {
            Some((number, direction)) => self.near.get(number).map(|both| &both[direction]),
            None if self.far.is_empty() => None,
            None => self.far.get(&place),
        }
    }
}

/// A place in the list: the number, and the direction.
fn near((descriptor, interest): Place) -> Option<(usize, usize)> {
    let number = usize::try_from(descriptor).ok().filter(|number| *number < NEAR)?;
    match interest {
        Interest::READ => Some((number, 0)),
        Interest::WRITE => Some((number, 1)),
        _ => None,
    }
}

/// More than one are rare, and cost nothing until then.
#[derive(Default)]
struct Queue {
    /// [`Ticket::NONE`]: it is empty.
    first: Ticket,
    #[allow(
        clippy::box_collection,
        reason = "there is a queue for each idle socket, nearly always without a rest"
    )]
    rest: Option<Box<VecDeque<Ticket>>>,
}

impl Queue {
    fn first(&self) -> Option<Ticket> {
        (self.first != Ticket::NONE).then_some(self.first)
    }

    fn push(&mut self, ticket: Ticket) -> bool {
        if self.first == Ticket::NONE {
            self.first = ticket;
            return true;
        }
        self.rest.get_or_insert_default().push_back(ticket);
        false
    }

    fn push_front(&mut self, ticket: Ticket) -> Option<Ticket> {
        let behind = self.first();
        if let Some(behind) = behind {
            self.rest.get_or_insert_default().push_front(behind);
        }
        self.first = ticket;
        behind
    }

    fn remove(&mut self, ticket: Ticket) -> Option<Ticket> {
        let rest = self.rest.as_deref_mut();
        if self.first != ticket {
            rest?.retain(|other| *other != ticket);
            return None;
        }
        let next = rest.and_then(VecDeque::pop_front);
        self.first = next.unwrap_or_default();
        next
    }

    fn tickets(&self) -> Vec<Ticket> {
        let rest = self.rest.iter().flat_map(|rest| rest.iter().copied());
        self.first().into_iter().chain(rest).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_and_far_places_serve_in_order() {
        let ticket = |index| Ticket { index, generation: 7 };
        let far = Descriptor::try_from(NEAR).expect("a small number");
        for place in [(3, Interest::READ), (far, Interest::WRITE), (3, Interest::PRIORITY)] {
            let mut queues = Queues::default();
            assert_eq!(queues.first(place), None);
            assert_eq!(queues.remove(place, ticket(0)), None);
            assert!(queues.push(place, ticket(0)));
            assert!(!queues.push(place, ticket(1)) && !queues.push(place, ticket(2)));
            // Who leaves from behind lets nobody go first.
            assert_eq!(queues.remove(place, ticket(1)), None);
            assert_eq!(queues.remove(place, ticket(0)), Some(ticket(2)));
            assert_eq!(queues.tickets(place), [ticket(2)]);
            assert_eq!(queues.remove(place, ticket(2)), None);
            assert!(queues.push(place, ticket(3)));
            assert_eq!(queues.push_front(place, ticket(4)), Some(ticket(3)));
            assert_eq!(queues.remove(place, ticket(4)), Some(ticket(3)));
            assert_eq!(queues.take(place), [ticket(3)]);
            assert_eq!(queues.first(place), None);
        }
    }
}
