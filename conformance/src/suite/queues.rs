//! Several that wait for one socket: who is served, and when.

use std::rc::Rc;

use moonsocket_core::ops::Receive;
use moonsocket_core::{Backend, Bound, ErrorKind, Interest, Need, Parking, Pattern, Stop};

use super::parked::{line, shared, turn, turn_named};
use super::stage::{SOON, pair, send, within};

pub(crate) fn first_come_first_served<B: Backend>(b: &B) {
    let (mut near, far) = pair(b, libc::AF_INET);
    let far = shared(far);
    let mut parking = Parking::default();
    let read = Need::Io(Interest::READ);
    let descriptor = far.borrow().descriptor();
    assert!(!parking.is_contended(descriptor, Interest::READ));
    let tickets: Vec<_> = (0..4)
        .map(|_| {
            let task = Bound::new(Receive::new(Pattern::LINE), Rc::clone(&far));
            parking.park(b, task, read, within(SOON))
        })
        .collect();
    assert!(parking.is_contended(descriptor, Interest::READ));
    assert!(!parking.is_contended(descriptor, Interest::WRITE));
    // One in the middle gives up.
    parking.stop(tickets[1], Stop::Cancelled);
    parking.stop(tickets[1], Stop::Timeout);
    let (kind, _) = line(turn(b, &mut parking)).expect_err("cancelled");
    assert_eq!(kind, ErrorKind::Cancelled);
    for (text, at) in [("first", 0), ("third", 2), ("fourth", 3)] {
        send(b, &mut near, format!("{text}\n"));
        let (ticket, task) = turn_named(b, &mut parking);
        assert_eq!(ticket, tickets[at], "another was served");
        assert_eq!(line(task), Ok(text.into()));
    }
    assert!(parking.is_empty() && !parking.is_contended(descriptor, Interest::READ));
    // Who gives up keeps others behind it until it is told so.
    let task = Bound::new(Receive::new(Pattern::LINE), Rc::clone(&far));
    let ticket = parking.park(b, task, read, within(SOON));
    parking.stop(ticket, Stop::Cancelled);
    assert!(parking.is_contended(descriptor, Interest::READ));
    assert!(line(turn(b, &mut parking)).is_err());
    assert!(!parking.is_contended(descriptor, Interest::READ));
}

/// Those that wait for one socket are served one after the other, but the others are looked after now and then.
pub(crate) fn a_busy_queue_makes_pauses<B: Backend>(b: &B) {
    const COUNT: usize = 500;
    let (mut near, far) = pair(b, libc::AF_INET);
    let far = shared(far);
    let mut parking = Parking::default();
    for _ in 0..COUNT {
        let task = Bound::new(Receive::new(Pattern::LINE), Rc::clone(&far));
        parking.park(b, task, Need::Io(Interest::READ), within(SOON));
    }
    send(b, &mut near, (0..COUNT).map(|i| format!("{i}\n")).collect::<String>());
    let (mut served, mut longest) = (0, 0);
    while !parking.is_empty() {
        parking.wait(b, Some(b.now() + SOON)).expect("no signal comes");
        let before = served;
        while let Some((_, task)) = parking.next(b) {
            assert_eq!(line(task), Ok(served.to_string().into_bytes()));
            served += 1;
        }
        longest = longest.max(served - before);
    }
    assert_eq!(served, COUNT);
    assert!((10..=100).contains(&longest), "{longest} were served in a row");
}
