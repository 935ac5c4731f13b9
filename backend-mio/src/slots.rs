//! Things by number, found without a search; no number is ever used twice.

/// A list whose places are used again, each time under another number.
#[derive(Debug)]
pub(crate) struct Slots<T> {
    /// How often each was used, and what is there.
    list: Vec<(usize, Option<T>)>,
    free: Vec<usize>,
}

/// So many bits of a number tell the place, the others how often it was used.
const PLACE_BITS: u32 = if usize::BITS == 64 { 32 } else { 20 };
const PLACE: usize = (1 << PLACE_BITS) - 1;

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { list: Vec::new(), free: Vec::new() }
    }
}

impl<T> Slots<T> {
    /// The number of the next to be filled. It stays the next until it is.
    pub(crate) fn vacant(&mut self) -> usize {
        let place = match self.free.last() {
            Some(place) => *place,
            None => {
                let place = self.list.len();
                self.list.push((0, None));
                self.free.push(place);
                place
            }
        };
        number(place, self.list[place].0)
    }

    /// Fills the place of that number.
    pub(crate) fn fill(&mut self, thing: T) {
        if let Some(place) = self.free.pop() {
            self.list[place].1 = Some(thing);
        }
    }

    /// What has this number now.
    #[inline]
    pub(crate) fn get(&self, of: usize) -> Option<&T> {
        let (used, thing) = self.list.get(of & PLACE)?;
        thing.as_ref().filter(|_| number(of & PLACE, *used) == of)
    }

    /// Empties a place, whose number is then nobody's.
    pub(crate) fn remove(&mut self, of: usize) -> Option<T> {
        self.get(of)?;
        let place = of & PLACE;
        let (used, thing) = &mut self.list[place];
        *used = used.wrapping_add(1);
        self.free.push(place);
        thing.take()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.list.iter().filter_map(|(_, thing)| thing.as_ref())
    }
}

fn number(place: usize, used: usize) -> usize {
    // Never all bits, which is the wake-up's: so many places there are not.
    place | used << PLACE_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_not_used_again() {
        let mut slots = Slots::default();
        let first = slots.vacant();
        slots.fill("first");
        let second = slots.vacant();
        slots.fill("second");
        assert_eq!(slots.get(first), Some(&"first"));
        assert_eq!(slots.remove(first), Some("first"));
        assert_eq!(slots.remove(first), None);
        let third = slots.vacant();
        assert_ne!(third, first);
        assert_eq!(slots.get(third), None);
        slots.fill("third");
        assert_eq!((slots.get(first), slots.get(third)), (None, Some(&"third")));
        assert_eq!(slots.get(second), Some(&"second"));
        assert_eq!(slots.iter().count(), 2);
    }
}
