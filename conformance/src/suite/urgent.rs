//! Out-of-band data.

use std::rc::Rc;

use moonsocket_core::ops::{Ready, Receive};
use moonsocket_core::{
    Backend, Bound, ErrorKind, Flags, Handle, Interest, Opt, Parking, Pattern, Value, Watch, drive,
};

use super::parked::{line, park, shared, turn};
use super::stage::{Got, SOON, each, ms, pair, receive, receive_by, send, timed, within};
use super::system::urgent;

fn receive_urgent<B: Backend>(b: &B, handle: &mut Handle<B>) -> Got {
    let receive = Receive::new(Pattern::Exact(1)).flags(Flags::OUT_OF_BAND);
    receive_by(b, handle, receive, within(ms(500)))
}

pub(crate) fn an_urgent_byte_passes_the_others<B: Backend>(b: &B) {
    each(b, |near, far| {
        send(b, near, "abc");
        urgent(near.descriptor(), b'!');
        send(b, near, "def");
        let mut ready = Ready::new(Interest::PRIORITY);
        drive(b, &mut ready, far, within(SOON)).expect("an urgent byte");
        assert_eq!(receive_urgent(b, far), Ok(b"!".to_vec()));
        assert_eq!(far.at_mark(), Ok(false));
        assert_eq!(receive(b, far, Pattern::Exact(3)), Ok(b"abc".to_vec()));
        assert_eq!(far.at_mark(), Ok(true));
        assert_eq!(receive(b, far, Pattern::Exact(3)), Ok(b"def".to_vec()));
    });
}

pub(crate) fn an_urgent_byte_while_others_are_buffered<B: Backend>(b: &B) {
    each(b, |near, far| {
        send(b, near, "abc\ndef");
        assert_eq!(receive(b, far, Pattern::LINE), Ok(b"abc".to_vec()));
        assert_eq!(far.buffer.len(), 3);
        urgent(near.descriptor(), b'!');
        assert_eq!(receive_urgent(b, far), Ok(b"!".to_vec()));
        assert_eq!(receive(b, far, Pattern::Exact(3)), Ok(b"def".to_vec()));
    });
}

/// A read stops at the mark, short, although there is more behind it.
pub(crate) fn bytes_behind_the_mark_are_not_slept_over<B: Backend>(b: &B) {
    each(b, |near, far| {
        let (mut other, _peer) = pair(b, libc::AF_INET);
        let line =
            |handle: &mut _| receive_by(b, handle, Receive::new(Pattern::LINE), within(ms(20)));
        assert!(line(far).is_err() && line(&mut other).is_err());
        send(b, near, "abc");
        urgent(near.descriptor(), b'!');
        send(b, near, "def\n");
        // Another wait takes the edge of them all.
        assert!(line(&mut other).is_err());
        let (line, took) = timed(b, || receive(b, far, Pattern::LINE));
        assert_eq!(line, Ok(b"abcdef".to_vec()));
        assert!(took < SOON / 2, "{took:?}");
    });
}

pub(crate) fn waiting_for_an_urgent_byte_ends<B: Backend>(b: &B) {
    each(b, |_near, far| {
        let (none, took) = timed(b, || receive_urgent(b, far));
        assert_eq!(none, Err((ErrorKind::Timeout, vec![])));
        super::stage::about(took, ms(500));
        let now = Receive::new(Pattern::Exact(1)).flags(Flags(libc::MSG_OOB | libc::MSG_DONTWAIT));
        let (none, took) = timed(b, || receive_by(b, far, now, within(SOON)));
        assert!(none.is_err() && took < SOON / 2, "{none:?} after {took:?}");
    });
}

pub(crate) fn no_urgent_byte_after_a_reset<B: Backend>(b: &B) {
    each(b, |near, far| {
        let at_once = Value::Linger(Some(std::time::Duration::ZERO));
        near.set_option(Opt::Linger, at_once).expect("open");
        near.close();
        let mut watch = [Watch::new(far.descriptor(), Interest::READ)];
        b.wait_many(&mut watch, Some(b.now() + SOON), false).expect("the reset");
        let (kind, _) = receive_urgent(b, far).expect_err("reset");
        assert_eq!(kind, ErrorKind::Os(libc::ECONNRESET));
        let (kind, _) = receive_urgent(b, far).expect_err("reset");
        assert_eq!(kind, ErrorKind::EndOfStream);
    });
}

/// Who waits for an urgent byte does not stand in the way of who reads.
pub(crate) fn an_urgent_reader_holds_nobody_up<B: Backend>(b: &B) {
    let (mut near, far) = pair(b, libc::AF_INET);
    let far = shared(far);
    let mut parking = Parking::default();
    let receive = Receive::new(Pattern::Exact(1)).flags(Flags::OUT_OF_BAND);
    park(b, &mut parking, Bound::new(receive, Rc::clone(&far)), within(SOON));
    let plain = Bound::new(Receive::new(Pattern::LINE), Rc::clone(&far));
    park(b, &mut parking, plain, within(SOON));
    send(b, &mut near, "hello\n");
    assert_eq!(line(turn(b, &mut parking)), Ok(b"hello".to_vec()));
    urgent(near.descriptor(), b'!');
    assert_eq!(line(turn(b, &mut parking)), Ok(b"!".to_vec()));
}

/// It is left for whoever asks for it, and wakes nobody up meanwhile.
pub(crate) fn an_urgent_byte_is_not_for_a_parked_reader<B: Backend>(b: &B) {
    let (mut near, far) = pair(b, libc::AF_INET);
    let far = shared(far);
    let mut parking = Parking::default();
    let plain = Bound::new(Receive::new(Pattern::LINE), Rc::clone(&far));
    park(b, &mut parking, plain, within(SOON));
    urgent(near.descriptor(), b'!');
    let until = b.now() + ms(50);
    let mut turns = 0;
    while b.now() < until {
        parking.wait(b, Some(until)).expect("no signal");
        assert!(parking.next(b).is_none());
        turns += 1;
    }
    assert!(turns < 5, "woken up {turns} times");
    let receive = Receive::new(Pattern::Exact(1)).flags(Flags::OUT_OF_BAND);
    let got = receive_by(b, &mut far.borrow_mut(), receive, within(SOON));
    assert_eq!(got, Ok(b"!".to_vec()));
    send(b, &mut near, "hello\n");
    assert_eq!(line(turn(b, &mut parking)), Ok(b"hello".to_vec()));
}
