//! Wake-ups: who signals them, who takes them, and what is left of them.

use moonsocket_core::Backend;

use super::process::{beside_a_child, in_child};
use super::stage::{SOON, ms};

/// As many turns of the reactor as end within a time in which nothing comes.
fn turns<B: Backend>(b: &B) -> usize {
    let until = b.now() + ms(60);
    let mut count = 0;
    while b.now() < until {
        b.turn(Some(until), &mut Vec::new()).expect("a turn");
        count += 1;
    }
    count
}

/// A forked child has a copy of all descriptors, and so keeps a registration of its parent's alive that nobody can take back
/// any more.
pub(crate) fn one_that_nobody_took_is_over_when_it_goes<B: Backend>(b: &B) {
    let wake = b.waker().expect("descriptors");
    b.turn(Some(b.now()), &mut Vec::new()).expect("a turn");
    beside_a_child(|| {
        // An answer for somebody who gave up, while the program does other things.
        wake.wake();
        drop(wake);
        let count = turns(b);
        assert!(count < 5, "it spins: {count} turns");
    });
}

/// What a child lets go of is still its parent's.
pub(crate) fn a_child_takes_none_of_its_parents<B: Backend>(b: &B) {
    let mut wake = Some(b.waker().expect("descriptors"));
    b.turn(Some(b.now()), &mut Vec::new()).expect("a turn");
    wake.as_ref().inspect(|wake| wake.wake());
    assert!(in_child(|| wake.take().is_some()));
    let begin = b.now();
    b.turn(Some(begin + SOON), &mut Vec::new()).expect("a turn");
    assert!(b.now() - begin < SOON / 2, "the child took it");
    assert!(wake.is_some_and(|wake| !wake.take()), "it came, and is over");
}
