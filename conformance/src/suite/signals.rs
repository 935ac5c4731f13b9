//! Signals: retried with the time that is left, or told to who asked.

use moonsocket_core::ops::{Accept, Connect, Receive, Send, Sleep};
use moonsocket_core::{Backend, ErrorKind, Kind, Limit, Patience, Pattern, drive};

use super::stage::{SOON, about, listener, ms, pair, receive_by, timed, within};
use super::system::{Signals, later, stream};

fn telling(limit: Limit) -> Patience {
    Patience { whole: limit, tell_signals: true, ..Patience::default() }
}

pub(crate) fn a_signal_ends_nothing<B: Backend>(b: &B) {
    let _signals = Signals::every(ms(3));
    for limit in [Limit::FOREVER, Limit::after(SOON), Limit::after(SOON / 20)] {
        let (near, mut far) = pair(b, libc::AF_INET);
        let mut peer = stream(&near);
        let writer = later(ms(40), move || {
            use std::io::Write;
            peer.write_all(b"line\n").expect("connected");
        });
        let got = receive_by(b, &mut far, Receive::new(Pattern::LINE), limit.into());
        assert_eq!(got, Ok(b"line".to_vec()));
        writer.join().expect("written");
        let (mut listener, at) = listener(b, libc::AF_INET);
        let dialling = later(ms(20), move || {
            let moonsocket_core::Address::Inet(at) = at else { panic!("an IP address") };
            drop(std::net::TcpStream::connect(at).expect("it listens"));
        });
        drive(b, &mut Accept, &mut listener, limit.into()).expect("a connection");
        dialling.join().expect("dialled");
    }
}

pub(crate) fn a_large_send_through_signals<B: Backend>(b: &B) {
    use std::io::Read;
    let (mut near, far) = pair(b, libc::AF_INET);
    let mut peer = stream(&far);
    drop(far);
    let reader = std::thread::spawn(move || {
        let mut all = Vec::new();
        let mut block = vec![0; 1 << 16];
        loop {
            let count = peer.read(&mut block).expect("connected");
            if count == 0 {
                return all;
            }
            all.extend_from_slice(&block[..count]);
            std::thread::sleep(std::time::Duration::from_micros(50));
        }
    });
    let data: Vec<u8> = (0..20_000_000u32).map(|at| (at % 251) as u8).collect();
    let signals = Signals::every(std::time::Duration::from_micros(700));
    for half in [&data[..9_000_000], &data[9_000_000..]] {
        assert_eq!(drive(b, &mut Send::all(half), &mut near, Patience::default()), Ok(half.len()));
    }
    drop(signals);
    near.close();
    assert!(reader.join().expect("read") == data, "other bytes came out");
}

pub(crate) fn a_signal_is_told<B: Backend>(b: &B) {
    let (mut near, _far) = pair(b, libc::AF_INET);
    for limit in [Limit::FOREVER, Limit::after(SOON)] {
        let signals = Signals::every(ms(30));
        let receive = Receive::new(Pattern::LINE);
        let (got, took) = timed(b, || receive_by(b, &mut near, receive, telling(limit)));
        drop(signals);
        assert_eq!(got, Err((ErrorKind::Signal(0), vec![])));
        assert!(took < SOON / 2, "{took:?}");
    }
}

pub(crate) fn a_wake_up_is_told_even_before_the_wait<B: Backend>(b: &B) {
    let (mut near, _far) = pair(b, libc::AF_INET);
    let wake = b.waker().expect("descriptors");
    for early in [true, false] {
        let there = std::sync::Arc::clone(&wake);
        // As a signal handler would, between somebody's look at a flag and the call.
        let waking = later(ms(if early { 0 } else { 30 }), move || there.wake());
        if early {
            waking.join().expect("woken");
        }
        let receive = Receive::new(Pattern::LINE);
        let limit = telling(Limit::after(SOON));
        let (got, took) = timed(b, || receive_by(b, &mut near, receive, limit));
        assert_eq!(got, Err((ErrorKind::Signal(0), vec![])));
        assert!(took < SOON / 2, "{took:?}");
    }
    // Taken: the next wait is not ended by the same.
    let receive = Receive::new(Pattern::LINE);
    std::thread::sleep(ms(5));
    let _ = wake.take();
    let (got, took) = timed(b, || receive_by(b, &mut near, receive, telling(Limit::after(ms(40)))));
    assert_eq!(got, Err((ErrorKind::Timeout, vec![])));
    about(took, ms(40));
    let slept = drive(b, &mut Sleep::new(ms(10)), &mut (), telling(Limit::FOREVER));
    assert_eq!(slept, Ok(()));
}

/// A connect that a signal interrupts goes on by itself.
pub(crate) fn a_connect_through_signals<B: Backend>(b: &B) {
    let _signals = Signals::every(std::time::Duration::from_micros(200));
    for _ in 0..100 {
        let (_listener, at) = listener(b, libc::AF_INET);
        let mut near = moonsocket_core::Handle::unopened(b);
        let mut connect = Connect::new([at], Kind::stream(libc::AF_INET));
        drive(b, &mut connect, &mut near, within(SOON)).expect("it listens");
        assert_eq!(near.peer_address(), Ok(at));
    }
}
