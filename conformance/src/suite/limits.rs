//! Limits: never early, not much late, whatever else happens.

use std::io::Write;
use std::time::{Duration, Instant};

use moonsocket_core::ops::{Accept, Connect, Ready, Receive, Select, Sleep};
use moonsocket_core::{
    Backend, ErrorKind, Handle, How, Interest, Kind, Limit, Need, Patience, Pattern, Stop,
    Timeouts, Watch, drive,
};

use super::process::Signals;
use super::stage::{
    Hopeless, about, dial, each, listener, ms, pair, receive_by, send, timed, within,
};
use super::system::stream;

const TIMES_MS: [u64; 6] = [0, 1, 50, 999, 1000, 1200];

pub(crate) fn a_receive_is_never_early<B: Backend>(b: &B) {
    let (mut near, _far) = pair(b, libc::AF_INET);
    for time in TIMES_MS {
        let receive = Receive::new(Pattern::LINE);
        let (got, took) = timed(b, || receive_by(b, &mut near, receive, within(ms(time))));
        assert_eq!(got, Err((ErrorKind::Timeout, vec![])));
        about(took, ms(time));
    }
}

pub(crate) fn an_accept_is_never_early<B: Backend>(b: &B) {
    let (mut listener, _) = listener(b, libc::AF_INET);
    for time in [0, 1, 50, 1000] {
        let (got, took) = timed(b, || drive(b, &mut Accept, &mut listener, within(ms(time))));
        assert_eq!(got.map(drop).map_err(|error| error.kind()), Err(ErrorKind::Timeout));
        about(took, ms(time));
    }
}

pub(crate) fn a_sleep_and_a_select_are_never_early<B: Backend>(b: &B) {
    let (near, _far) = pair(b, libc::AF_INET);
    for time in [0, 1, 50, 400] {
        let mut sleep = Sleep::new(ms(time));
        let (slept, took) = timed(b, || drive(b, &mut sleep, &mut (), Patience::default()));
        assert_eq!(slept, Ok(()));
        about(took, ms(time));
        for descriptors in [&[][..], &[-1], &[near.descriptor(), -1]] {
            let watch = |at: &i32| Watch::new(*at, Interest::READ);
            let mut select = Select::new(descriptors.iter().map(watch).collect());
            let ((_, found), took) = timed(b, || drive(b, &mut select, &mut (), within(ms(time))));
            assert_eq!(found, Ok(0));
            about(took, ms(time));
        }
    }
}

/// A listener whose queue is full drops what asks to connect: nobody answers.
pub(crate) fn a_connect_nobody_answers_ends_in_time<B: Backend>(b: &B) {
    for time in [0, 50, 1100] {
        let mut silent = Handle::open(b, Kind::stream(libc::AF_INET)).expect("a socket");
        silent.bind(&super::stage::loopback(libc::AF_INET)).expect("a port");
        silent.listen(0).expect("listening");
        let at = silent.local_address().expect("bound");
        let _first = dial(b, at);
        let mut waiting = Vec::new();
        for attempt in 0.. {
            assert!(attempt < 8, "the queue is never full");
            let mut handle = Handle::unopened(b);
            let mut connect = Connect::new([at, at], Kind::stream(libc::AF_INET));
            let limit = within(ms(time));
            let (outcome, took) = timed(b, || drive(b, &mut connect, &mut handle, limit));
            if let Err(error) = outcome {
                assert_eq!(error.kind(), ErrorKind::Timeout);
                about(took, ms(time));
                break;
            }
            waiting.push(handle);
        }
    }
}

pub(crate) fn one_wait_and_the_whole_call<B: Backend>(b: &B) {
    let (mut near, mut far) = pair(b, libc::AF_INET);
    let mut receive_with = |block_s: f64, total_s: f64| {
        let patience = Timeouts::new(block_s, total_s).into();
        let receive = Receive::new(Pattern::LINE);
        let (got, took) = timed(b, || receive_by(b, &mut far, receive, patience));
        assert_eq!(got.map_err(|(kind, _)| kind), Err(ErrorKind::Timeout));
        took
    };
    // Silence: the limit of a single wait, also where the kernel would wait.
    about(receive_with(0.05, 10.0), ms(50));
    about(receive_with(1.0, 10.0), ms(1000));
    about(receive_with(10.0, 0.1), ms(100));
    about(receive_with(-1.0, 0.1), ms(100));
    send(b, &mut near, "x");
    about(receive_with(0.1, 10.0), ms(100));
}

pub(crate) fn a_drip_keeps_one_wait_alive_but_not_the_call<B: Backend>(b: &B) {
    each(b, |near, far| {
        let mut peer = stream(near);
        let dripping = std::thread::spawn(move || {
            while peer.write_all(b".").is_ok() {
                std::thread::sleep(ms(20));
            }
        });
        let patience = Timeouts::new(0.25, 0.5).into();
        let receive = Receive::new(Pattern::LINE);
        let (got, took) = timed(b, || receive_by(b, far, receive, patience));
        let (kind, dots) = got.expect_err("no line end");
        assert_eq!(kind, ErrorKind::Timeout);
        assert!(dots.len() > 4, "{}", dots.len());
        about(took, ms(500));
        far.close();
        near.close();
        dripping.join().expect("the peer noticed");
    });
}

/// A peer that sends faster than we read never lets a receive wait.
pub(crate) fn a_flood_ends_with_the_limit<B: Backend>(b: &B) {
    let (near, mut far) = pair(b, libc::AF_INET);
    let mut peer = stream(&near);
    drop(near);
    let flood = std::thread::spawn(move || {
        let block = vec![b'x'; 1 << 18];
        while peer.write_all(&block).is_ok() {}
    });
    for time in [0, 60] {
        // Lines are read in small blocks, which are slower to come by than to be sent.
        let receive = Receive::new(Pattern::LINE);
        let (got, took) = timed(b, || receive_by(b, &mut far, receive, within(ms(time))));
        assert_eq!(got.map_err(|(kind, _)| kind), Err(ErrorKind::Timeout));
        assert!(took < ms(time) + ms(3000), "{took:?} of {time} ms");
    }
    far.close();
    flood.join().expect("the peer noticed");
}

pub(crate) fn signals_do_not_stretch_a_limit<B: Backend>(b: &B) {
    let (mut near, _far) = pair(b, libc::AF_INET);
    let _signals = Signals::every(ms(7));
    for time in [50, 300, 1100] {
        let receive = Receive::new(Pattern::LINE);
        let (got, took) = timed(b, || receive_by(b, &mut near, receive, within(ms(time))));
        assert_eq!(got, Err((ErrorKind::Timeout, vec![])));
        about(took, ms(time));
    }
    // Nor the limit of a single wait.
    let patience = Timeouts::new(0.1, 10.0).into();
    let receive = Receive::new(Pattern::LINE);
    let (_, took) = timed(b, || receive_by(b, &mut near, receive, patience));
    about(took, ms(100));
    let (slept, took) =
        timed(b, || drive(b, &mut Sleep::new(ms(60)), &mut (), Patience::default()));
    assert_eq!(slept, Ok(()));
    about(took, ms(60));
}

pub(crate) fn odd_limits_are_no_limits<B: Backend>(b: &B) {
    let (mut near, mut far) = pair(b, libc::AF_INET);
    for seconds in [-1.0, f64::NAN, f64::INFINITY, 1e300, 1e18] {
        send(b, &mut near, "x\n");
        let patience = Limit::from_secs_f64(seconds).into();
        let got = receive_by(b, &mut far, Receive::new(Pattern::LINE), patience);
        assert_eq!(got, Ok(b"x".to_vec()), "{seconds}");
        // And such that the call has to wait.
        let start = Instant::now();
        let _ = drive(b, &mut Sleep::new(Duration::from_micros(10)), &mut (), patience);
        assert!(start.elapsed() < ms(1000));
    }
}

/// What is waited for is always there, and never enough.
pub(crate) fn false_alarms_end_with_the_limit<B: Backend>(b: &B) {
    let (near, _far) = pair(b, libc::AF_INET);
    for limit in [Limit::ZERO, Limit::after(ms(20))] {
        let watches = vec![Watch::new(near.descriptor(), Interest::WRITE)];
        let mut restless = Hopeless { need: Need::Many, watches };
        let (why, took) = timed(b, || drive(b, &mut restless, &mut (), limit.into()));
        assert_eq!(why, Stop::Timeout);
        about(took, limit.duration().unwrap_or_default());
    }
}

pub(crate) fn a_wait_for_nothing_has_its_limit<B: Backend>(b: &B) {
    let (mut near, _far) = pair(b, libc::AF_INET);
    near.shutdown(How::Both).expect("connected");
    let (waited, took) =
        timed(b, || drive(b, &mut Ready::new(Interest::NONE), &mut near, within(ms(20))));
    assert_eq!(waited.map_err(|error| error.kind()), Err(ErrorKind::Timeout));
    about(took, ms(20));
}
