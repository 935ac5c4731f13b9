//! Many sockets at once: select and parked tasks over a thousand.

use std::cell::RefCell;
use std::rc::Rc;

use moonsocket_core::ops::{Receive, Select};
use moonsocket_core::{
    Backend, Bound, Handle, Interest, Need, Parking, Pattern, Progress, Task, Watch, drive,
};

use super::process::{in_child, limit_descriptors};
use super::stage::{SOON, ms, pair, send, timed, within};
use super::system::{adopt, close, file, unix_pair};

const MANY: usize = 1000;

fn pairs<B: Backend>(b: &B) -> Vec<(Handle<B>, Handle<B>)> {
    (0..MANY).map(|_| unix_pair(b, libc::SOCK_STREAM)).collect()
}

pub(crate) fn select_over_a_thousand<B: Backend>(b: &B) {
    let mut pairs = pairs(b);
    for at in [0, MANY / 2, MANY - 1] {
        send(b, &mut pairs[at].0, "x");
        let watch =
            |(_, far): &(Handle<B>, Handle<B>)| Watch::new(far.descriptor(), Interest::READ);
        let mut select = Select::new(pairs.iter().map(watch).collect());
        let (watches, found) = drive(b, &mut select, &mut (), within(SOON));
        assert_eq!(found, Ok(1));
        let ready: Vec<_> = (0..MANY).filter(|at| !watches[*at].ready.is_none()).collect();
        assert_eq!(ready, [at]);
        let far = &mut pairs[at].1;
        assert_eq!(super::stage::receive(b, far, Pattern::Exact(1)), Ok(b"x".to_vec()));
    }
}

pub(crate) fn a_thousand_parked<B: Backend>(b: &B) {
    let (mut nears, fars): (Vec<_>, Vec<_>) = pairs(b).into_iter().unzip();
    let mut parking = Parking::default();
    let mut tickets = Vec::new();
    for far in fars {
        let mut task = Bound::new(Receive::new(Pattern::LINE), Rc::new(RefCell::new(far)));
        let need = Need::Io(Interest::READ);
        assert_eq!(Task::<B>::step(&mut task, b), Progress::Wait(need));
        tickets.push(parking.park(b, task, need, within(SOON)));
    }
    // From the last to the first, so that the order of answers is not that of parking.
    let mut answered = Vec::new();
    for (at, near) in nears.iter_mut().enumerate().rev() {
        send(b, near, format!("{at}\n"));
        while answered.len() + at < MANY {
            parking.wait(b, Some(b.now() + SOON)).expect("a turn");
            while let Some((ticket, mut task)) = parking.next(b) {
                let line = task.take().expect("finished").expect("a line");
                let handle = Rc::clone(task.access());
                let line = line.into_vec(&mut handle.borrow_mut());
                assert_eq!(line, at.to_string().into_bytes());
                assert_eq!(ticket, tickets[at]);
                answered.push(at);
            }
        }
    }
    assert!(parking.is_empty());
}

/// Regular files are always ready, negative numbers never, closed ones are told.
pub(crate) fn select_over_odd_descriptors<B: Backend>(b: &B) {
    let (file, dead) = (file(), file());
    close(dead);
    let mut select = Select::new(vec![
        Watch::new(-1, Interest::READ),
        Watch::new(file, Interest::READ | Interest::WRITE),
        Watch::new(dead, Interest::READ),
    ]);
    let (watches, found) = drive(b, &mut select, &mut (), within(SOON));
    assert_eq!(found, Ok(2));
    assert!(watches[0].ready.is_none() && !watches[0].invalid);
    assert_eq!(watches[1].ready, Interest::READ | Interest::WRITE);
    assert!(watches[2].invalid);
    drop(adopt(b, file));
}

/// `poll(2)` counts entries against the limit on descriptors, which may be below what is open, too.
pub(crate) fn select_over_more_than_the_limit<B: Backend>(b: &B) {
    let mut pairs: Vec<_> = (0..50).map(|_| unix_pair(b, libc::SOCK_STREAM)).collect();
    assert!(in_child(|| [60, 0].into_iter().all(|most| {
        limit_descriptors(most);
        let select = |interest, closed: bool| {
            let watch = |(near, far): &(Handle<B>, Handle<B>)| {
                [Watch::new(near.descriptor(), interest), Watch::new(far.descriptor(), interest)]
            };
            let mut list: Vec<_> = pairs.iter().flat_map(watch).collect();
            list.extend(closed.then(|| Watch::new(1_000_000, interest)));
            list.push(Watch::new(-1, interest));
            drive(b, &mut Select::new(list), &mut (), within(ms(20)))
        };
        let ((_, none), took) = timed(b, || select(Interest::READ, false));
        let all = select(Interest::WRITE, false);
        let closed = select(Interest::READ, true);
        let told = closed.0.iter().filter(|watch| watch.invalid).count();
        let mut fine = none == Ok(0) && took >= ms(20) && all.1 == Ok(100) && told == 1;
        send(b, &mut pairs[7].0, "x");
        let (watches, found) = {
            let list = pairs.iter().map(|(_, far)| Watch::new(far.descriptor(), Interest::READ));
            drive(b, &mut Select::new(list.collect()), &mut (), within(SOON))
        };
        fine &= found == Ok(1) && watches[7].ready == Interest::READ;
        fine & (super::stage::receive(b, &mut pairs[7].1, Pattern::Exact(1)) == Ok(b"x".to_vec()))
    })));
}

/// A hang-up answers whatever is asked, but nothing is not asked for.
pub(crate) fn a_watch_for_nothing<B: Backend>(b: &B) {
    let (near, far) = pair(b, libc::AF_INET);
    let (unix, other) = unix_pair(b, libc::SOCK_STREAM);
    drop(other);
    let mut select = Select::new(vec![
        Watch::new(unix.descriptor(), Interest::NONE),
        Watch::new(far.descriptor(), Interest::READ),
    ]);
    let ((_, found), took) = timed(b, || drive(b, &mut select, &mut (), within(ms(30))));
    assert_eq!(found, Ok(0));
    super::stage::about(took, ms(30));
    drop(near);
}
