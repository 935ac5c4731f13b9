//! Parked tasks where no descriptor is left for a reactor: they are polled for, until there is one.

use std::io::Write;

use moonsocket_core::ops::Receive;
use moonsocket_core::{Backend, Bound, ErrorKind, Parking, Pattern};

use super::parked::{line, park, shared, turn};
use super::process::{fill_descriptors, in_child, later, limit_descriptors};
use super::stage::{SOON, ms, pair, timed, within};
use super::system::{close, stream};

pub(crate) fn parked_without_a_reactor<B: Backend>(b: &B) {
    let (near, far) = pair(b, libc::AF_INET);
    let (_silent, mute) = pair(b, libc::AF_INET);
    let (far, mute) = (shared(far), shared(mute));
    let (mut now, mut then) = (stream(&near), stream(&near));
    assert!(in_child(|| {
        limit_descriptors(200);
        let held = fill_descriptors();
        let mut parking = Parking::default();
        let receive = |parking: &mut _, on, limit| {
            park(b, parking, Bound::new(Receive::new(Pattern::TEXT_LINE), on), within(limit))
        };
        receive(&mut parking, far.clone(), SOON);
        receive(&mut parking, mute.clone(), ms(50));
        let (got, took) = timed(b, || line(turn(b, &mut parking)));
        assert_eq!(got, Err((ErrorKind::Timeout, vec![])));
        assert!(took >= ms(50), "{took:?}");
        let sent = later(ms(20), move || now.write_all(b"one\n").expect("sent"));
        assert_eq!(line(turn(b, &mut parking)), Ok(b"one".to_vec()));
        sent.join().expect("sent");

        // One that began to wait before there was a descriptor again.
        receive(&mut parking, far.clone(), SOON);
        receive(&mut parking, mute.clone(), ms(10));
        line(turn(b, &mut parking)).expect_err("nothing was sent");
        held.into_iter().for_each(|number| assert!(close(number)));
        then.write_all(b"two\n").expect("sent");
        assert_eq!(line(turn(b, &mut parking)), Ok(b"two".to_vec()));
        true
    }));
}
