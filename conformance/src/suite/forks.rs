//! A child process and its parent: neither takes from the other what backends and the kernel remember.

use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

use moonsocket_core::ops::Receive;
use moonsocket_core::{Backend, Bound, Handle, Interest, Need, Parking, Pattern, Progress, Task};

use super::process::{in_child, later};
use super::registration::{park, parked_line, wait_once};
use super::stage::{SOON, about, ms, pair, receive, send, timed, within};
use super::system::{is_open, stream};

/// A child uses and closes sockets and backend; its parent waits on as if nothing had been.
pub(crate) fn a_fork_disturbs_nobody<B: Backend>(b: &B) {
    let (mut near, mut far) = pair(b, libc::AF_INET);
    let (mut peer, parked) = pair(b, libc::AF_INET);
    wait_once(b, &mut far);
    let parked = Rc::new(RefCell::new(parked));
    let mut parking = Parking::default();
    let mut task = Bound::new(Receive::new(Pattern::LINE), Rc::clone(&parked));
    let need = Need::Io(Interest::READ);
    assert_eq!(Task::<B>::step(&mut task, b), Progress::Wait(need));
    parking.park(b, task, need, within(SOON));
    parking.wait(b, Some(b.now() + ms(1))).expect("a turn");
    let _ = b.waker().expect("descriptors");
    let fine = in_child(|| {
        // Waits, with what it inherited, and with what it makes.
        wait_once(b, &mut far);
        let (mut one, mut other) = pair(b, libc::AF_INET);
        wait_once(b, &mut other);
        send(b, &mut one, "x\n");
        let got = receive(b, &mut other, Pattern::LINE);
        let mut own = Parking::default();
        let mut task = Bound::new(Receive::new(Pattern::LINE), Rc::new(RefCell::new(other)));
        let waits = Task::<B>::step(&mut task, b) == Progress::Wait(need);
        own.park(b, task, need, within(ms(20)));
        while own.next(b).is_none() {
            let _ = own.wait(b, None);
        }
        // Closes what is its parent's too.
        far.close();
        parked.borrow_mut().close();
        waits && got == Ok(b"x".to_vec())
    });
    assert!(fine, "the child");
    send(b, &mut near, "one\n");
    assert_eq!(receive(b, &mut far, Pattern::LINE), Ok(b"one".to_vec()));
    wait_once(b, &mut far);
    let writer = later(ms(10), {
        let mut near = stream(&near);
        move || near.write_all(b"two\n").expect("connected")
    });
    assert_eq!(receive(b, &mut far, Pattern::LINE), Ok(b"two".to_vec()));
    writer.join().expect("written");
    send(b, &mut peer, "three\n");
    let deadline = b.now() + SOON;
    let mut task = loop {
        if let Some((_, task)) = parking.next(b) {
            break task;
        }
        assert!(b.now() < deadline, "the parent's registration is gone");
        let _ = parking.wait(b, Some(deadline));
    };
    let line = task.take().expect("finished").expect("a line");
    assert_eq!(line.into_vec(&mut parked.borrow_mut()), b"three");
}

/// A child that closes what it inherited, before it does anything else: the parent's registrations are the parent's.
pub(crate) fn a_child_that_only_closes<B: Backend>(b: &B) {
    let (near, mut far) = pair(b, libc::AF_INET);
    let (mut peer, parked) = pair(b, libc::AF_INET);
    wait_once(b, &mut far);
    let mut parking = Parking::default();
    let parked = park(b, &mut parking, parked);
    assert!(in_child(|| {
        far.close();
        parked.borrow_mut().close();
        true
    }));
    wait_for_line(b, &near, &mut far);
    send(b, &mut peer, "line\n");
    assert_eq!(parked_line(b, &mut parking, &parked), b"line");
}

/// The reactor's own descriptors are the parent's; a child has others, in place of its copies.
pub(crate) fn a_child_keeps_no_reactor_of_its_parents<B: Backend>(b: &B) {
    let turn = |time| b.turn(Some(b.now() + time), &mut Vec::new()).expect("a turn");
    let open = || (0..1000).filter(|number| is_open(*number)).count();
    turn(ms(1));
    let before = open();
    assert!(in_child(|| {
        turn(ms(1));
        open() == before
    }));
    let ((), took) = timed(b, || turn(ms(20)));
    about(took, ms(20));
}

/// A child that waits must not take the edges that its parent waits for.
pub(crate) fn a_child_that_waits<B: Backend>(b: &B) {
    let (mut peer, parked) = pair(b, libc::AF_INET);
    let (_other, mut far) = pair(b, libc::AF_INET);
    wait_once(b, &mut far);
    let mut parking = Parking::default();
    let parked = park(b, &mut parking, parked);
    assert!(in_child(|| {
        send(b, &mut peer, "line\n");
        wait_once(b, &mut far);
        let mut own = Parking::default();
        let far = Rc::new(RefCell::new(far));
        let task = Bound::new(Receive::new(Pattern::LINE), far);
        own.park(b, task, Need::Io(Interest::READ), within(ms(20)));
        while own.next(b).is_none() {
            let _ = own.wait(b, None);
        }
        true
    }));
    assert_eq!(parked_line(b, &mut parking, &parked), b"line");
}

fn wait_for_line<B: Backend>(b: &B, near: &Handle<B>, far: &mut Handle<B>) {
    let mut near = stream(near);
    let writer = later(ms(10), move || near.write_all(b"line\n").expect("connected"));
    let (line, took) = timed(b, || receive(b, far, Pattern::LINE));
    assert_eq!(line, Ok(b"line".to_vec()));
    assert!(took < SOON / 2, "{took:?}");
    writer.join().expect("written");
}
