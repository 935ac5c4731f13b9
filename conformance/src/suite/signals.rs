//! Signals: retried with the time that is left, or told to who asked.

use std::cell::RefCell;
use std::rc::Rc;

use moonsocket_core::ops::{Accept, Connect, Receive, Send, Sleep};
use moonsocket_core::os::signals::Catching;
use moonsocket_core::{
    Backend, Bound, ErrorKind, Interest, Kind, Limit, Need, Parking, Patience, Pattern, drive,
};

use super::process::{Signals, ignore_none, in_child, later, signal_process, signal_this_thread};
use super::stage::{SOON, about, listener, ms, pair, receive_by, send, timed, within};
use super::system::stream;

pub(super) fn telling(limit: Limit) -> Patience {
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

/// Signals are the process's: what catches them runs in one of its own.
pub(super) fn catching(check: impl FnOnce()) {
    assert!(in_child(|| {
        ignore_none();
        let caught = Catching::start().expect("descriptors");
        check();
        drop(caught);
        true
    }));
}

pub(crate) fn a_signal_is_told<B: Backend>(b: &B) {
    catching(|| {
        let (mut near, mut far) = pair(b, libc::AF_INET);
        for (limit, signal) in [
            (Limit::FOREVER, signal_process as fn(i32)),
            (Limit::after(SOON), signal_process),
            (Limit::FOREVER, signal_this_thread),
            (Limit::after(SOON), signal_this_thread),
        ] {
            let signalling = later(ms(30), move || signal(libc::SIGUSR2));
            let receive = Receive::new(Pattern::LINE);
            let (got, took) = timed(b, || receive_by(b, &mut near, receive, telling(limit)));
            assert_eq!(got, Err((ErrorKind::Signal(libc::SIGUSR2), vec![])));
            assert!(took < SOON / 2, "{took:?}");
            signalling.join().expect("signalled");
            send(b, &mut far, "line\n");
            let receive = Receive::new(Pattern::LINE);
            assert_eq!(receive_by(b, &mut near, receive, telling(limit)), Ok(b"line".to_vec()));
        }
        let signalling = later(ms(20), || signal_process(libc::SIGINT));
        let slept = drive(b, &mut Sleep::new(SOON), &mut (), telling(Limit::FOREVER));
        assert_eq!(slept.map_err(|error| error.kind()), Err(ErrorKind::Signal(libc::SIGINT)));
        signalling.join().expect("signalled");
    });
}

pub(crate) fn a_signal_before_the_wait_is_told<B: Backend>(b: &B) {
    catching(|| {
        let (mut near, _far) = pair(b, libc::AF_INET);
        signal_process(libc::SIGPIPE);
        signal_process(libc::SIGTERM);
        // Somebody else's wait is not told, and takes nothing away.
        let receive = Receive::new(Pattern::LINE);
        let got = receive_by(b, &mut near, receive, within(ms(5)));
        assert_eq!(got, Err((ErrorKind::Timeout, vec![])));
        for signal in [libc::SIGTERM, libc::SIGPIPE] {
            let receive = Receive::new(Pattern::LINE);
            let limit = telling(Limit::after(SOON));
            let (got, took) = timed(b, || receive_by(b, &mut near, receive, limit));
            assert_eq!(got, Err((ErrorKind::Signal(signal), vec![])));
            assert!(took < SOON / 2, "{took:?}");
        }
        // Taken: the next wait is not ended by the same, nor by signals of other kinds.
        let _others = Signals::every(ms(3));
        let receive = Receive::new(Pattern::LINE);
        let limit = telling(Limit::after(ms(40)));
        let (got, took) = timed(b, || receive_by(b, &mut near, receive, limit));
        assert_eq!(got, Err((ErrorKind::Timeout, vec![])));
        about(took, ms(40));
    });
}

pub(crate) fn a_signal_is_told_to_one_of_the_parked<B: Backend>(b: &B) {
    catching(|| {
        for early in [true, false] {
            let (near, _far) = pair(b, libc::AF_INET);
            let (other, _peer) = pair(b, libc::AF_INET);
            let mut parking = Parking::default();
            let signalling = later(ms(if early { 0 } else { 20 }), || {
                signal_this_thread(libc::SIGUSR1);
            });
            if early {
                std::thread::sleep(ms(20));
            }
            for handle in [near, other] {
                let task = Bound::new(Receive::new(Pattern::LINE), Rc::new(RefCell::new(handle)));
                let need = Need::Io(Interest::READ);
                parking.park(b, task, need, telling(Limit::after(ms(300))));
            }
            let mut outcomes = Vec::new();
            while !parking.is_empty() {
                let _ = parking.wait(b, None);
                while let Some((_, mut task)) = parking.next(b) {
                    outcomes.push(task.take().expect("finished").map_err(|e| e.error.kind()).err());
                }
            }
            let signal = ErrorKind::Signal(libc::SIGUSR1);
            assert_eq!(outcomes, [Some(signal), Some(ErrorKind::Timeout)]);
            signalling.join().expect("signalled");
        }
    });
}

/// What a child is told of does not reach its parent, nor the other way.
pub(crate) fn a_forked_child_has_signals_of_its_own<B: Backend>(b: &B) {
    catching(|| {
        let (mut near, _far) = pair(b, libc::AF_INET);
        let mut told = |limit| {
            let receive = Receive::new(Pattern::LINE);
            receive_by(b, &mut near, receive, telling(limit)).map_err(|(kind, _)| kind)
        };
        assert!(in_child(|| {
            signal_process(libc::SIGUSR1);
            told(Limit::after(SOON)) == Err(ErrorKind::Signal(libc::SIGUSR1))
                && told(Limit::after(ms(5))) == Err(ErrorKind::Timeout)
        }));
        assert_eq!(told(Limit::after(ms(5))), Err(ErrorKind::Timeout));
        let signalling = later(ms(10), || signal_process(libc::SIGUSR2));
        assert_eq!(told(Limit::FOREVER), Err(ErrorKind::Signal(libc::SIGUSR2)));
        signalling.join().expect("signalled");
    });
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
