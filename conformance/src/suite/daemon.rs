//! Programs that become daemons: they close whatever they find open, and the next files that they open get the numbers.

use std::cell::RefCell;
use std::fs::File;
use std::io::{Seek, Write};
use std::rc::Rc;

use moonsocket_core::ops::{Lookup, Receive, Select};
use moonsocket_core::{
    Backend, Bound, Descriptor, ErrorKind, Handle, Interest, Limit, Need, Operation, Parking,
    Pattern, Progress, Query, Task, Watch,
};

use super::process::{in_child, signal_process};
use super::signals::{catching, telling};
use super::stage::{SOON, ms, pair, receive, receive_by, send, within};
use super::system::{close, is_open, owned_file};

/// The process's further files: each in the place of a descriptor that was closed.
struct Files(Vec<File>);

impl Files {
    /// Closes all descriptors from 3 on but these, and opens files with their numbers, and some more. There may be none: a
    /// backend need not keep any, nor need the process have inherited one.
    fn in_place_of_all_but(sockets: &[Descriptor]) -> Self {
        let mut count = 0;
        for number in (3..200).filter(|number| !sockets.contains(number) && is_open(*number)) {
            close(number);
            count += 1;
        }
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
    turn(b, &mut parking);

    let mut files = Files::in_place_of_all_but(&sockets);
    fine &= waits(&mut far);
    send(b, &mut near, "one\n");
    fine &= receive(b, &mut far, Pattern::LINE) == Ok(b"one".to_vec());
    send(b, &mut peer, "two\n");
    let Some(mut task) = finished(b, &mut parking) else { return false };
    let line = task.take().expect("finished").expect("a line");
    fine & (line.into_vec(&mut parked.borrow_mut()) == b"two") & files.are_untouched()
}

fn turn<B: Backend, T: Task<B>>(b: &B, parking: &mut Parking<B, T>) {
    parking.wait(b, Some(b.now() + ms(1))).expect("a turn");
}

/// The next that finishes, soon.
fn finished<B: Backend, T: Task<B>>(b: &B, parking: &mut Parking<B, T>) -> Option<T> {
    let deadline = b.now() + SOON / 2;
    loop {
        if let Some((_, task)) = parking.next(b) {
            return Some(task);
        }
        if b.now() >= deadline {
            return None;
        }
        parking.wait(b, Some(deadline)).expect("a turn");
    }
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

/// Both processes go on with what was parked before the fork.
pub(crate) fn a_fork_with_a_parked_task<B: Backend>(b: &B) {
    let (mut near, far) = pair(b, libc::AF_INET);
    let far = Rc::new(RefCell::new(far));
    let mut parking = Parking::default();
    let task = Bound::new(Receive::new(Pattern::LINE), Rc::clone(&far));
    parking.park(b, task, Need::Io(Interest::READ), within(SOON));
    assert!(parking.next(b).is_none());
    turn(b, &mut parking);
    let mut goes_on = || {
        send(b, &mut near, "line\n");
        let Some(mut task) = finished(b, &mut parking) else { return false };
        let line = task.take().expect("finished").expect("a line");
        line.into_vec(&mut far.borrow_mut()) == b"line"
    };
    assert!(in_child(&mut goes_on));
    assert!(goes_on());
}

/// What a child stops waiting for is waited for in its parent.
pub(crate) fn a_fork_that_closes_what_is_selected<B: Backend>(b: &B) {
    let (mut near, far) = pair(b, libc::AF_INET);
    let mut parking = Parking::default();
    let watch = Watch::new(far.descriptor(), Interest::READ);
    park(b, &mut parking, Bound::new(Select::new(vec![watch]), ()));
    turn(b, &mut parking);
    assert!(in_child(|| {
        parking.closing(b, far.descriptor());
        close(far.descriptor())
    }));
    send(b, &mut near, "line\n");
    assert!(finished(b, &mut parking).is_some());
}

type Looking<B> = Bound<Lookup, (), <Lookup as Operation<B>>::Out>;

fn looking_up<B: Backend>(b: &B) -> Parking<B, Looking<B>> {
    let mut parking = Parking::default();
    for _ in 0..20 {
        let query = Query::new("localhost", "80", libc::SOCK_STREAM);
        park(b, &mut parking, Bound::new(Lookup::new(query), ()));
    }
    parking
}

/// Parks it unless it is done at once.
fn park<B: Backend, T: Task<B>>(b: &B, parking: &mut Parking<B, T>, mut task: T) {
    if let Progress::Wait(need) = task.step(b) {
        parking.park_tried(b, task, need, within(SOON));
    }
}

fn are_answered<B: Backend>(b: &B, mut parking: Parking<B, Looking<B>>) -> bool {
    while !parking.is_empty() {
        match finished(b, &mut parking).and_then(|mut task| task.take()) {
            Some(Ok(_)) => {}
            _ => return false,
        }
    }
    true
}

/// The threads that look names up stay in the parent.
pub(crate) fn a_fork_with_lookups<B: Backend>(b: &B) {
    for _ in 0..5 {
        let mut parking = Some(looking_up(b));
        let mut answered = || parking.take().is_some_and(|parking| are_answered(b, parking));
        assert!(in_child(&mut answered));
        assert!(answered());
    }
}

/// Answers that have come, but whose wake-up is closed.
pub(crate) fn everything_is_closed_during_lookups<B: Backend>(b: &B) {
    assert!(in_child(|| {
        let mut parking = looking_up(b);
        turn(b, &mut parking);
        std::thread::sleep(ms(300));
        let mut files = Files::in_place_of_all_but(&[]);
        are_answered(b, parking) & files.are_untouched()
    }));
}

/// Where standard input and outputs are closed, nothing of ours gets their numbers.
pub(crate) fn standard_numbers_are_left_alone<B: Backend>(b: &B) {
    catching(|| {
        assert!(in_child(|| {
            let (_near, far) = pair(b, libc::AF_INET);
            let standard = 0..3;
            for number in standard.clone() {
                close(number);
            }
            let wake = b.waker().expect("descriptors");
            let mut parking = Parking::default();
            let task = Bound::new(Receive::new(Pattern::LINE), Rc::new(RefCell::new(far)));
            parking.park(b, task, Need::Io(Interest::READ), telling(Limit::after(SOON)));
            assert!(parking.next(b).is_none());
            turn(b, &mut parking);
            let numbers = [wake.descriptor(), b.signal_descriptor()];
            numbers.iter().all(|number| *number > 2) && !standard.into_iter().any(is_open)
        }));
    });
}
