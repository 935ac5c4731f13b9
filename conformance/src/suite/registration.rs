//! Descriptors and what backends remember of them: numbers used again, duplicates, hand-overs.

use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use moonsocket_core::ops::{Accept, Receive};
use moonsocket_core::{
    Backend, Bound, ErrorKind, Handle, Interest, Need, Operation, Opt, Parking, Pattern, Progress,
    Task, Transport, Value, drive,
};

use super::process::later;
use super::stage::{
    SOON, about, accept, dial, listener, ms, pair, receive, receive_by, send, timed, within,
};
use super::system::{
    adopt, close, duplicate, is_nonblocking, is_open, registrations, release, set_nonblocking,
    stream, unix_pair,
};

/// A receive that has to wait, so that whatever registers has registered.
pub(super) fn wait_once<B: Backend>(b: &B, handle: &mut Handle<B>) {
    let none = receive_by(b, handle, Receive::new(Pattern::LINE), within(ms(5)));
    assert_eq!(none, Err((ErrorKind::Timeout, vec![])));
}

pub(crate) fn a_number_used_again<B: Backend>(b: &B) {
    for _ in 0..3 {
        let (mut near, mut far) = pair(b, libc::AF_INET);
        wait_once(b, &mut far);
        send(b, &mut near, "for the first");
        let number = far.descriptor();
        far.close();
        // The lowest free number: the next socket gets it.
        let (mut listener, at) = listener(b, libc::AF_INET);
        let mut near = dial(b, at);
        let mut far = accept(b, &mut listener);
        let numbers = [listener.descriptor(), near.descriptor(), far.descriptor()];
        assert!(numbers.contains(&number), "{number} is none of {numbers:?}");
        for handle in [&mut near, &mut far] {
            let receive = Receive::new(Pattern::LINE);
            let (none, took) = timed(b, || receive_by(b, handle, receive, within(ms(30))));
            assert_eq!(none, Err((ErrorKind::Timeout, vec![])));
            about(took, ms(30));
        }
        send(b, &mut near, "second\n");
        assert_eq!(receive(b, &mut far, Pattern::LINE), Ok(b"second".to_vec()));
    }
}

/// The duplicate keeps the kernel's socket, and with it any registration, alive.
pub(crate) fn a_duplicate_outlives_the_socket<B: Backend>(b: &B) {
    let (mut near, mut far) = pair(b, libc::AF_INET);
    wait_once(b, &mut far);
    let number = far.descriptor();
    let copy = duplicate(number);
    far.close();
    let (mut others, mut other) = pair(b, libc::AF_INET);
    wait_once(b, &mut other);
    // Events of the old socket are no longer anybody's.
    send(b, &mut near, "for the duplicate\n");
    let receive_one = Receive::new(Pattern::LINE);
    let (none, took) = timed(b, || receive_by(b, &mut other, receive_one, within(ms(40))));
    assert_eq!(none, Err((ErrorKind::Timeout, vec![])));
    about(took, ms(40));
    let mut copy = adopt(b, copy);
    assert_eq!(receive(b, &mut copy, Pattern::LINE), Ok(b"for the duplicate".to_vec()));
    send(b, &mut others, "x\n");
    assert_eq!(receive(b, &mut other, Pattern::LINE), Ok(b"x".to_vec()));
    wait_once(b, &mut copy);
    send(b, &mut near, "y\n");
    assert_eq!(receive(b, &mut copy, Pattern::LINE), Ok(b"y".to_vec()));
}

pub(crate) fn two_handles_on_one_descriptor<B: Backend>(b: &B) {
    let (mut near, mut far) = pair(b, libc::AF_INET);
    let mut second = adopt(b, far.descriptor());
    for _ in 0..3 {
        for handle in [&mut far, &mut second] {
            wait_once(b, handle);
            send(b, &mut near, "x\n");
            assert_eq!(receive(b, handle, Pattern::LINE), Ok(b"x".to_vec()));
        }
    }
    // One lets go, the other goes on.
    let number = release(b, &mut second);
    assert_eq!(number, far.descriptor());
    wait_once(b, &mut far);
    send(b, &mut near, "y\n");
    assert_eq!(receive(b, &mut far, Pattern::LINE), Ok(b"y".to_vec()));
}

/// Has waited and sent with limits that are long enough for the kernel's own to be armed, once some calls had to wait.
fn armed<B: Backend>(b: &B) -> Handle<B> {
    let (near, mut far) = pair(b, libc::AF_INET);
    let peer = stream(&near);
    for _ in 0..5 {
        let mut peer = peer.try_clone().expect("cloned");
        let writer = later(ms(20), move || peer.write_all(b"x\n").expect("connected"));
        assert_eq!(receive(b, &mut far, Pattern::LINE), Ok(b"x".to_vec()));
        writer.join().expect("written");
    }
    send(b, &mut far, "y");
    far
}

pub(crate) fn a_duplicate_has_no_limits_of_ours<B: Backend>(b: &B) {
    let far = armed(b);
    let copy = Handle::adopt(b, far.duplicate(b).expect("descriptors"), libc::AF_INET);
    assert_eq!(copy.option(Opt::ReceiveTimeout), Ok(Value::Time(None)));
    assert_eq!(copy.option(Opt::SendTimeout), Ok(Value::Time(None)));
}

pub(crate) fn releasing_clears_what_was_armed<B: Backend>(b: &B) {
    let mut far = armed(b);
    let number = release(b, &mut far);
    assert!(is_open(number) && far.descriptor() == -1 && !far.is_open());
    let again = adopt(b, number);
    assert_eq!(again.option(Opt::ReceiveTimeout), Ok(Value::Time(None)));
    assert_eq!(again.option(Opt::SendTimeout), Ok(Value::Time(None)));
    drop(again);
    assert!(!is_open(number));
}

pub(crate) fn nothing_is_armed_without_a_wait<B: Backend>(b: &B) {
    let (mut near, mut far) = pair(b, libc::AF_INET);
    send(b, &mut near, "x\n");
    send(b, &mut far, "y\n");
    assert_eq!(receive(b, &mut far, Pattern::LINE), Ok(b"x".to_vec()));
    assert_eq!(far.option(Opt::ReceiveTimeout), Ok(Value::Time(None)));
    assert_eq!(far.option(Opt::SendTimeout), Ok(Value::Time(None)));
}

pub(crate) fn replacing_does_not_close<B: Backend>(b: &B) {
    let (mut near, mut far) = pair(b, libc::AF_INET);
    let (mut nearer, mut other) = pair(b, libc::AF_INET);
    wait_once(b, &mut far);
    let first = far.descriptor();
    let other = other.take(b);
    let given_up = far.replace(b, other).map(Transport::into_descriptor);
    assert!(given_up == Some(first) && is_open(first));
    send(b, &mut nearer, "other\n");
    assert_eq!(receive(b, &mut far, Pattern::LINE), Ok(b"other".to_vec()));
    wait_once(b, &mut far);
    let mut again = adopt(b, first);
    send(b, &mut near, "first\n");
    assert_eq!(receive(b, &mut again, Pattern::LINE), Ok(b"first".to_vec()));
    assert!(far.replace(b, None).is_some() && !far.is_open());
}

pub(crate) fn non_blocking_by_somebody_else<B: Backend>(b: &B) {
    let (near, mut far) = pair(b, libc::AF_INET);
    for limit in [within(SOON), moonsocket_core::Patience::default()] {
        set_nonblocking(far.descriptor(), true);
        let mut peer = stream(&near);
        let used = super::process::processor_time();
        let writer = later(ms(60), move || peer.write_all(b"x\n").expect("connected"));
        let got = receive_by(b, &mut far, Receive::new(Pattern::LINE), limit);
        assert_eq!(got, Ok(b"x".to_vec()));
        writer.join().expect("written");
        let busy = super::process::processor_time() - used;
        assert!(busy < ms(40), "it spins: {busy:?}");
    }
}

pub(crate) fn duplicates_of_a_listener_do_not_block<B: Backend>(b: &B) {
    let (first, at) = listener(b, libc::AF_INET);
    let mut copy = adopt(b, duplicate(first.descriptor()));
    for _ in 0..2 {
        let (none, took) = timed(b, || drive(b, &mut Accept, &mut copy, within(ms(20))));
        assert_eq!(none.map(drop).map_err(|error| error.kind()), Err(ErrorKind::Timeout));
        about(took, ms(20));
    }
    assert!(is_nonblocking(first.descriptor()));
    let _near = dial(b, at);
    accept(b, &mut copy);
}

/// Nonsense, but of the duplicate's alone: whether they wait is a matter of both.
pub(crate) fn a_listener_whose_duplicate_is_received_from<B: Backend>(b: &B) {
    let (mut first, _) = listener(b, libc::AF_INET);
    let mut copy = Handle::adopt(b, first.duplicate(b).expect("descriptors"), libc::AF_INET);
    let nothing = receive_by(b, &mut copy, Receive::new(Pattern::LINE), Default::default());
    assert!(matches!(nothing, Err((ErrorKind::Os(libc::ENOTCONN), _))), "{nothing:?}");
    let (none, took) = timed(b, || drive(b, &mut Accept, &mut first, within(ms(20))));
    assert_eq!(none.map(drop).map_err(|error| error.kind()), Err(ErrorKind::Timeout));
    about(took, ms(20));
}

pub(super) type Parked<B> = Bound<Receive, Rc<RefCell<Handle<B>>>, <Receive as Operation<B>>::Out>;

pub(super) fn park<B: Backend>(
    b: &B,
    parking: &mut Parking<B, Parked<B>>,
    handle: Handle<B>,
) -> Rc<RefCell<Handle<B>>> {
    let handle = Rc::new(RefCell::new(handle));
    let mut task = Bound::new(Receive::new(Pattern::LINE), Rc::clone(&handle));
    let need = Need::Io(Interest::READ);
    assert_eq!(Task::<B>::step(&mut task, b), Progress::Wait(need));
    parking.park(b, task, need, within(SOON));
    parking.wait(b, Some(b.now() + ms(1))).expect("a turn");
    handle
}

pub(super) fn parked_line<B: Backend>(
    b: &B,
    parking: &mut Parking<B, Parked<B>>,
    handle: &Rc<RefCell<Handle<B>>>,
) -> Vec<u8> {
    let deadline = b.now() + SOON / 2;
    loop {
        if let Some((_, mut task)) = parking.next(b) {
            let line = task.take().expect("finished").expect("a line");
            return line.into_vec(&mut handle.borrow_mut());
        }
        assert!(b.now() < deadline, "the readiness went elsewhere");
        let _ = parking.wait(b, Some(deadline));
    }
}

/// A duplicate keeps a registration alive, and nobody can take it back once the socket is closed: that comes first.
pub(crate) fn closing_takes_the_registration_back<B: Backend>(b: &B) {
    for waits_parked in [false, true] {
        let (mut near, mut far) = pair(b, libc::AF_INET);
        let number = far.descriptor();
        let copy = duplicate(number);
        if waits_parked {
            let mut parking = Parking::default();
            let far = park(b, &mut parking, far);
            send(b, &mut near, "line\n");
            assert_eq!(parked_line(b, &mut parking, &far), b"line");
            far.borrow_mut().close();
        } else {
            wait_once(b, &mut far);
            far.close();
        }
        assert_eq!(registrations(number), 0, "parked: {waits_parked}");
        close(copy);
    }
}

/// A collector must not block, whatever linger says; giving up neither.
pub(crate) fn abandoning_does_not_linger<B: Backend>(b: &B) {
    let (mut near, mut far) = pair(b, libc::AF_INET);
    let long = Value::Linger(Some(Duration::from_secs(20)));
    near.set_option(Opt::Linger, long).expect("open");
    // More than the peer takes: a close would wait for it.
    let data = vec![b'x'; 64 << 20];
    let sent = drive(b, &mut moonsocket_core::ops::Send::all(&data), &mut near, within(ms(20)));
    assert!(sent.is_err());
    let ((), took) = timed(b, || near.abandon());
    assert!(took < Duration::from_secs(2), "it lingered: {took:?}");
    far.close();
}

/// A line for a connection that is no more must not turn up on the next.
pub(crate) fn a_new_connection_starts_empty<B: Backend>(b: &B) {
    use moonsocket_core::{Kind, Mode};
    let (mut near, mut far) = pair(b, libc::AF_INET);
    send(b, &mut far, "one\nold\n");
    assert_eq!(receive(b, &mut near, Pattern::LINE), Ok(b"one".to_vec()));
    near.reopen(b, Kind::stream(libc::AF_INET), Mode::Wait).expect("a socket");
    assert!(near.buffer.is_empty() && !near.buffer.holds_block());
}

pub(crate) fn closing_closes_once<B: Backend>(b: &B) {
    let (mut near, _far) = pair(b, libc::AF_INET);
    wait_once(b, &mut near);
    let number = near.descriptor();
    near.close();
    assert!(!is_open(number));
    let copy = duplicate(0);
    near.close();
    near.abandon();
    drop(near);
    assert!(is_open(copy), "somebody else's descriptor was closed");
    close(copy);
    // Another thread that gets the freed numbers at once.
    let over = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&over);
    let busy = std::thread::spawn(move || {
        while !stop.load(Ordering::Relaxed) {
            assert!(close(duplicate(0)), "somebody else's descriptor was closed");
        }
    });
    for _ in 0..5000 {
        drop(unix_pair(b, libc::SOCK_STREAM));
    }
    over.store(true, Ordering::Relaxed);
    busy.join().expect("nobody closed its descriptors");
    let (near, _far) = pair(b, libc::AF_INET);
    let io = near.io().expect("open");
    assert!(io.descriptor() >= 0);
}
