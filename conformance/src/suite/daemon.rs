//! Programs that become daemons: they close whatever they find open, and the next files that they open get the numbers.

use std::cell::RefCell;
use std::fs::File;
use std::io::{Seek, Write};
use std::rc::Rc;

use moonsocket_core::ops::Receive;
use moonsocket_core::{
    Backend, Bound, Descriptor, ErrorKind, Handle, Interest, Limit, Need, Parking, Pattern,
};

use super::signals::{catching, telling};
use super::stage::{SOON, ms, pair, receive, receive_by, send, within};
use super::system::{close, in_child, is_open, owned_file, signal_process};

/// The process's further files: each in the place of a descriptor that was closed.
struct Files(Vec<File>);

impl Files {
    /// Closes all descriptors from 3 on but these, and opens files with their numbers, and some more.
    fn in_place_of_all_but(sockets: &[Descriptor]) -> Self {
        let mut count = 0;
        for number in (3..200).filter(|number| !sockets.contains(number) && is_open(*number)) {
            close(number);
            count += 1;
        }
        assert!(count > 0, "nothing to close");
        Self((0..count + 3).map(|_| owned_file()).collect())
    }

    /// Are they still the program's own, whatever was done in the meantime?
    fn are_untouched(&mut self) -> bool {
        self.0.iter_mut().all(|file| {
            let at = file.stream_position().expect("a file");
            let length = file.metadata().expect("a file").len();
            (at, length) == (0, 0) && file.write_all(b"mine").is_ok()
        })
    }
}

/// Has registered a socket by a wait, and another by parking; then all but the sockets is closed.
fn goes_on<B: Backend>(b: &B) -> bool {
    let (mut near, mut far) = pair(b, libc::AF_INET);
    let (mut peer, parked) = pair(b, libc::AF_INET);
    let waits = |far: &mut Handle<B>| {
        let none = receive_by(b, far, Receive::new(Pattern::LINE), within(ms(5)));
        none == Err((ErrorKind::Timeout, vec![]))
    };
    let sockets = [near.descriptor(), far.descriptor(), peer.descriptor(), parked.descriptor()];
    let mut fine = waits(&mut far);
    let mut parking = Parking::default();
    let parked = Rc::new(RefCell::new(parked));
    let task = Bound::new(Receive::new(Pattern::LINE), Rc::clone(&parked));
    parking.park(b, task, Need::Io(Interest::READ), within(SOON));
    fine &= parking.next(b).is_none();
    parking.wait(b, Some(b.now() + ms(1))).expect("a turn");

    let mut files = Files::in_place_of_all_but(&sockets);
    fine &= waits(&mut far);
    send(b, &mut near, "one\n");
    fine &= receive(b, &mut far, Pattern::LINE) == Ok(b"one".to_vec());
    send(b, &mut peer, "two\n");
    let deadline = b.now() + SOON / 2;
    let mut task = loop {
        if let Some((_, task)) = parking.next(b) {
            break task;
        }
        if b.now() >= deadline {
            return false;
        }
        parking.wait(b, Some(deadline)).expect("a turn");
    };
    let line = task.take().expect("finished").expect("a line");
    fine & (line.into_vec(&mut parked.borrow_mut()) == b"two") & files.are_untouched()
}

pub(crate) fn everything_is_closed<B: Backend>(b: &B) {
    assert!(in_child(|| goes_on(b)));
}

/// What the child inherited is closed; its parent goes on.
pub(crate) fn everything_is_closed_after_a_fork<B: Backend>(b: &B) {
    let (mut near, mut far) = pair(b, libc::AF_INET);
    let none = receive_by(b, &mut far, Receive::new(Pattern::LINE), within(ms(5)));
    assert_eq!(none, Err((ErrorKind::Timeout, vec![])));
    assert!(in_child(|| {
        let mut files = Files::in_place_of_all_but(&[near.descriptor(), far.descriptor()]);
        let none = receive_by(b, &mut far, Receive::new(Pattern::LINE), within(ms(5)));
        none == Err((ErrorKind::Timeout, vec![])) && files.are_untouched()
    }));
    send(b, &mut near, "line\n");
    assert_eq!(receive(b, &mut far, Pattern::LINE), Ok(b"line".to_vec()));
}

/// A handler that writes to a number must know whose it is.
pub(crate) fn everything_is_closed_where_signals_are_told<B: Backend>(b: &B) {
    for forks in [false, true] {
        catching(|| {
            let check = || {
                let (near, mut far) = pair(b, libc::AF_INET);
                let sockets = [near.descriptor(), far.descriptor()];
                let mut told = |limit| {
                    let receive = Receive::new(Pattern::LINE);
                    receive_by(b, &mut far, receive, telling(limit)).map_err(|(kind, _)| kind)
                };
                assert_eq!(told(Limit::after(ms(5))), Err(ErrorKind::Timeout));
                let mut files = Files::in_place_of_all_but(&sockets);
                for signal in [libc::SIGUSR1, libc::SIGUSR2] {
                    signal_process(signal);
                    assert_eq!(told(Limit::after(SOON)), Err(ErrorKind::Signal(signal)));
                }
                files.are_untouched()
            };
            assert!(if forks { in_child(check) } else { check() });
        });
    }
}
