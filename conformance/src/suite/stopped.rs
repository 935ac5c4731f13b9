//! A process that is stopped for longer than its limits: what came meanwhile is there, and belongs to the call that waited.

use std::time::Duration;

use moonsocket_core::ops::{Receive, Select};
use moonsocket_core::{Backend, Bound, Interest, Parking, Pattern, Watch, drive};

use super::parked::{line, park, shared, turn};
use super::process::stop_for;
use super::stage::{ms, pair, receive_by, within};

/// Limits that are polled for, and that the kernel keeps.
const LIMITS: [Duration; 2] = [ms(150), ms(1100)];
const BEFORE: Duration = ms(50);
const LATE: Duration = ms(200);

pub(crate) fn a_receive_gets_what_came_meanwhile<B: Backend>(b: &B) {
    for limit in LIMITS {
        let (near, mut far) = pair(b, libc::AF_INET);
        let stopped = stop_for(limit + LATE, BEFORE, near.descriptor());
        let got = receive_by(b, &mut far, Receive::new(Pattern::TEXT_LINE), within(limit));
        stopped.join().expect("it was sent");
        assert_eq!(got, Ok(b"late".to_vec()), "{limit:?}");
    }
}

pub(crate) fn a_select_finds_what_came_meanwhile<B: Backend>(b: &B) {
    let limit = LIMITS[0];
    let (near, far) = pair(b, libc::AF_INET);
    let stopped = stop_for(limit + LATE, BEFORE, near.descriptor());
    let mut select = Select::new(vec![Watch::new(far.descriptor(), Interest::READ)]);
    let (_, found) = drive(b, &mut select, &mut (), within(limit));
    stopped.join().expect("it was sent");
    assert_eq!(found, Ok(1));
}

pub(crate) fn a_parked_receive_gets_what_came_meanwhile<B: Backend>(b: &B) {
    for limit in LIMITS {
        let (near, far) = pair(b, libc::AF_INET);
        let mut parking = Parking::default();
        let receive = Bound::new(Receive::new(Pattern::TEXT_LINE), shared(far));
        park(b, &mut parking, receive, within(limit));
        let stopped = stop_for(limit + LATE, BEFORE, near.descriptor());
        let got = line(turn(b, &mut parking));
        stopped.join().expect("it was sent");
        assert_eq!(got, Ok(b"late".to_vec()), "{limit:?}");
    }
}
