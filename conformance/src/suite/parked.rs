//! The second driver on a real backend: order, limits, wake-ups, and what a blocking wait elsewhere must not take.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use moonsocket_core::ops::{Accept, Connect, Lookup, Receive, Select, Send, Sleep};
use moonsocket_core::{
    Backend, Bound, Descriptor, ErrorKind, Handle, Interest, Kind, Need, Operation, Parking,
    Patience, Pattern, Progress, Query, Stop, Task, Watch, drive,
};

use super::process::processor_time;
use super::stage::{SOON, about, listener, ms, pair, receive_by, send, timed, within};

pub(super) type Shared<B> = Rc<RefCell<Handle<B>>>;

pub(super) fn shared<B: Backend>(handle: Handle<B>) -> Shared<B> {
    Rc::new(RefCell::new(handle))
}

/// Steps a task once; parks it if it waits.
pub(super) fn park<B: Backend, T: Task<B>>(
    b: &B,
    parking: &mut Parking<B, T>,
    mut task: T,
    patience: Patience,
) -> moonsocket_core::Ticket {
    match task.step(b) {
        Progress::Wait(need) => parking.park_tried(b, task, need, patience),
        other => panic!("it was to wait: {other:?}"),
    }
}

/// Turns until a task is finished.
pub(super) fn turn<B: Backend, T: Task<B>>(b: &B, parking: &mut Parking<B, T>) -> T {
    turn_named(b, parking).1
}

pub(super) fn turn_named<B: Backend, T: Task<B>>(
    b: &B,
    parking: &mut Parking<B, T>,
) -> (moonsocket_core::Ticket, T) {
    let deadline = b.now() + SOON;
    loop {
        if let Some(finished) = parking.next(b) {
            return finished;
        }
        assert!(b.now() < deadline && !parking.is_empty(), "nothing is finished");
        match parking.wait(b, Some(deadline)) {
            Err(error) if error.kind() != std::io::ErrorKind::Interrupted => panic!("{error}"),
            _ => {}
        }
    }
}

pub(super) fn line<B: Backend>(
    mut task: Bound<Receive, Shared<B>, <Receive as Operation<B>>::Out>,
) -> super::stage::Got {
    let out = task.take().expect("finished");
    let handle = Rc::clone(task.access());
    let mut handle = handle.borrow_mut();
    match out {
        Ok(received) => Ok(received.into_vec(&mut handle)),
        Err(short) => Err((short.error.kind(), short.partial.into_vec(&mut handle))),
    }
}

pub(crate) fn a_parked_limit_is_never_early<B: Backend>(b: &B) {
    let (mut near, far) = pair(b, libc::AF_INET);
    let far = shared(far);
    send(b, &mut near, "part");
    for time in [0, 1, 50, 300] {
        let mut parking = Parking::default();
        let task = Bound::new(Receive::new(Pattern::LINE), Rc::clone(&far));
        let start = b.now();
        park(b, &mut parking, task, within(ms(time)));
        let (kind, partial) = line(turn(b, &mut parking)).expect_err("no end of line");
        about(b.now() - start, ms(time));
        assert_eq!(kind, ErrorKind::Timeout);
        assert_eq!(partial, if time == 0 { b"part".to_vec() } else { vec![] });
    }
    // A second stop finds nothing to spoil.
    send(b, &mut near, "more");
    let mut parking = Parking::default();
    let task = Bound::new(Receive::new(Pattern::LINE), Rc::clone(&far));
    let ticket = park(b, &mut parking, task, within(SOON));
    parking.stop(ticket, Stop::Cancelled);
    parking.stop(ticket, Stop::Timeout);
    assert_eq!(line(turn(b, &mut parking)), Err((ErrorKind::Cancelled, b"more".to_vec())));
}

/// A select over nothing, or over closed objects, waits for time alone.
pub(crate) fn a_parked_select_over_nothing<B: Backend>(b: &B) {
    for watches in [vec![], vec![Watch::new(-1, Interest::READ)]] {
        let mut parking = Parking::default();
        let used = processor_time();
        let start = b.now();
        park(b, &mut parking, Bound::new(Select::new(watches), ()), within(ms(100)));
        let mut task = turn(b, &mut parking);
        let (_, found) = task.take().expect("finished");
        assert_eq!(found, Ok(0));
        about(b.now() - start, ms(100));
        let busy = processor_time() - used;
        assert!(busy < ms(50), "it spins: {busy:?}");
    }
}

pub(crate) fn a_parked_select_finds_it<B: Backend>(b: &B) {
    let (mut near, far) = pair(b, libc::AF_INET);
    let (_other, idle) = pair(b, libc::AF_INET);
    let mut parking = Parking::default();
    let watches = [&idle, &far].map(|at| Watch::new(at.descriptor(), Interest::READ));
    park(b, &mut parking, Bound::new(Select::new(watches.into()), ()), within(SOON));
    send(b, &mut near, "x");
    let (watches, found) = turn(b, &mut parking).take().expect("finished");
    assert_eq!(found, Ok(1));
    assert!(watches[0].ready.is_none() && watches[1].ready == Interest::READ);
}

pub(crate) fn parked_sleeps_wake_in_order<B: Backend>(b: &B) {
    let mut parking = Parking::default();
    let start = b.now();
    let sleep = |time| Bound::new(Sleep::new(ms(time)), ());
    let park = |parking: &mut _, time| park(b, parking, sleep(time), Patience::default());
    let tickets = [30, 10, 20].map(|time| (time, park(&mut parking, time)));
    for time in [10, 20, 30] {
        let (ticket, mut task) = turn_named(b, &mut parking);
        assert!(tickets.contains(&(time, ticket)), "{time} ms are next");
        assert_eq!(task.take(), Some(Ok(())));
        about(b.now() - start, ms(time));
    }
}

/// A wait for one socket, through the blocking driver, picks up the edge that a parked task waits for.
pub(crate) fn an_edge_taken_by_another_wait<B: Backend>(b: &B) {
    let (mut near, far) = pair(b, libc::AF_INET);
    let (_peer, mut other) = pair(b, libc::AF_INET);
    let mut parking = Parking::default();
    let task = Bound::new(Receive::new(Pattern::LINE), shared(far));
    park(b, &mut parking, task, within(SOON));
    send(b, &mut near, "hello\n");
    let none = receive_by(b, &mut other, Receive::new(Pattern::LINE), within(ms(30)));
    assert_eq!(none, Err((ErrorKind::Timeout, vec![])));
    let (got, took) = timed(b, || line(turn(b, &mut parking)));
    assert_eq!(got, Ok(b"hello".to_vec()));
    assert!(took < SOON / 2, "the edge was lost: {took:?}");
}

/// The same for a wake-up: a blocking wait must not swallow what ends the next turns.
pub(crate) fn a_wake_up_taken_by_another_wait<B: Backend>(b: &B) {
    let (_peer, mut other) = pair(b, libc::AF_INET);
    let mut parking = Parking::default();
    park(b, &mut parking, Bound::new(Sleep::new(SOON), ()), Patience::default());
    let wake = b.waker().expect("descriptors");
    // Makes the reactor, and lets it know the wake-up.
    parking.wait(b, Some(b.now() + ms(1))).expect("a turn");
    wake.wake();
    let none = receive_by(b, &mut other, Receive::new(Pattern::LINE), within(ms(20)));
    assert_eq!(none, Err((ErrorKind::Timeout, vec![])));
    for _ in 0..2 {
        let (_, took) = timed(b, || parking.wait(b, Some(b.now() + SOON)));
        assert!(took < SOON / 2, "the wake-up was lost: {took:?}");
        wake.wake();
    }
}

/// A lookup's answer counts, whoever's wait its wake-up ends.
pub(crate) fn an_answer_taken_by_another_wait<B: Backend>(b: &B) {
    let query = || Query::new("localhost", "80", libc::SOCK_STREAM);
    let mut parking = Parking::default();
    let mut parked = 0;
    for _ in 0..20 {
        let mut task = Bound::new(Lookup::new(query()), ());
        if let Progress::Wait(need) = Task::<B>::step(&mut task, b) {
            parking.park(b, task, need, within(SOON));
            parked += 1;
        }
    }
    let found = drive(b, &mut Lookup::new(query()), &mut (), within(SOON));
    assert!(found.is_ok());
    for _ in 0..parked {
        let (found, took) = timed(b, || turn(b, &mut parking).take());
        assert!(found.expect("finished").is_ok());
        assert!(took < SOON / 2, "{took:?}");
    }
}

/// Any task, in one parking with others: a backend has one reactor, whose tokens are one parking's.
struct Any<B: Backend>(Box<dyn Task<B>>);

impl<B: Backend> Task<B> for Any<B> {
    fn step(&mut self, backend: &B) -> Progress {
        self.0.step(backend)
    }

    fn stop(&mut self, why: Stop) {
        self.0.stop(why);
    }

    fn closing(&mut self, descriptor: Descriptor) {
        self.0.closing(descriptor);
    }

    fn targets(&mut self, need: Need, into: &mut Vec<Watch>) {
        self.0.targets(need, into);
    }
}

/// A task that somebody else keeps too, for its result.
struct Kept<T>(Rc<RefCell<T>>);

impl<B: Backend, T: Task<B>> Task<B> for Kept<T> {
    fn step(&mut self, backend: &B) -> Progress {
        self.0.borrow_mut().step(backend)
    }

    fn stop(&mut self, why: Stop) {
        self.0.borrow_mut().stop(why);
    }

    fn closing(&mut self, descriptor: Descriptor) {
        self.0.borrow_mut().closing(descriptor);
    }

    fn targets(&mut self, need: Need, into: &mut Vec<Watch>) {
        self.0.borrow_mut().targets(need, into);
    }
}

/// Parks any task unless it is done at once, and keeps it.
fn start<B: Backend, T: Task<B> + 'static>(
    b: &B,
    parking: &mut Parking<B, Any<B>>,
    mut task: T,
) -> Rc<RefCell<T>> {
    let progress = task.step(b);
    let task = Rc::new(RefCell::new(task));
    let need = match progress {
        Progress::Done => return task,
        Progress::Again => Need::Pause(Duration::ZERO),
        Progress::Wait(need) => need,
    };
    parking.park(b, Any(Box::new(Kept(Rc::clone(&task)))), need, within(SOON));
    task
}

fn finish<B: Backend>(b: &B, parking: &mut Parking<B, Any<B>>) {
    while !parking.is_empty() {
        turn(b, parking);
    }
}

pub(crate) fn a_parked_conversation<B: Backend>(b: &B) {
    let (listener, at) = listener(b, libc::AF_INET);
    let mut parking = Parking::default();
    let accepting = start(b, &mut parking, Bound::new(Accept, shared(listener)));
    let near = shared(Handle::unopened(b));
    let connect = Connect::new([at], Kind::stream(libc::AF_INET));
    let connecting = start(b, &mut parking, Bound::new(connect, Rc::clone(&near)));
    finish(b, &mut parking);
    connecting.borrow_mut().take().expect("finished").expect("it listens");
    let accepted = accepting.borrow_mut().take().expect("finished");
    let (far, peer) = accepted.expect("a connection");
    assert_eq!(near.borrow().local_address(), Ok(peer));
    // More than the kernel takes at once, while the other side reads.
    let data = vec![b'x'; 8 << 20];
    let far = shared(far);
    let task = Bound::new(Receive::new(Pattern::Exact(data.len())), Rc::clone(&far));
    let reading = start(b, &mut parking, task);
    let task = Bound::new(Send::all(data.clone()), Rc::clone(&near));
    let sending = start(b, &mut parking, task);
    finish(b, &mut parking);
    assert_eq!(sending.borrow_mut().take(), Some(Ok(data.len())));
    let got = reading.borrow_mut().take().expect("finished").expect("received");
    assert!(got.into_vec(&mut far.borrow_mut()) == data);
}

/// A task whose operation changes its descriptor leaves the old one's queue: the number is soon somebody else's.
pub(crate) fn a_connect_that_changes_its_descriptor<B: Backend>(b: &B) {
    let mut task = Moves { handles: vec![], steps: 0 };
    for _ in 0..2 {
        task.handles.push(pair(b, libc::AF_INET));
    }
    let numbers: Vec<_> = task.handles.iter().map(|(near, _)| near.descriptor()).collect();
    for (_, far) in &mut task.handles {
        // Ready at once, so that it is stepped.
        send(b, far, "x");
    }
    let mut parking = Parking::default();
    parking.park(b, task, Need::Io(Interest::READ), within(SOON));
    for _ in 0..3 {
        parking.wait(b, Some(b.now() + ms(20))).expect("a turn");
        if parking.next(b).is_some() {
            break;
        }
    }
    for number in numbers {
        assert!(!parking.is_contended(number, Interest::READ), "a ghost waits for {number}");
    }
}

/// Waits for one socket, then for another, then is done.
struct Moves<B: Backend> {
    handles: Vec<(Handle<B>, Handle<B>)>,
    steps: usize,
}

impl<B: Backend> Task<B> for Moves<B> {
    fn step(&mut self, _backend: &B) -> Progress {
        self.steps += 1;
        if self.steps < 2 { Progress::Wait(Need::Io(Interest::READ)) } else { Progress::Done }
    }

    fn stop(&mut self, _why: Stop) {}

    fn closing(&mut self, _descriptor: Descriptor) {}

    fn targets(&mut self, _need: Need, into: &mut Vec<Watch>) {
        let near = &self.handles[self.steps.min(1)].0;
        into.extend(near.io().map(|_| Watch::new(near.descriptor(), Interest::READ)));
    }
}

pub(crate) fn a_parked_flood_ends_with_the_limit<B: Backend>(b: &B) {
    use std::io::Write;
    let (near, far) = pair(b, libc::AF_INET);
    let mut peer = super::system::stream(&near);
    drop(near);
    let flood = std::thread::spawn(move || {
        let block = vec![b'x'; 1 << 18];
        while peer.write_all(&block).is_ok() {}
    });
    let far = shared(far);
    let mut parking = Parking::default();
    let task = Bound::new(Receive::new(Pattern::LINE), Rc::clone(&far));
    parking.park(b, task, Need::Io(Interest::READ), within(ms(60)));
    let (got, took) = timed(b, || line(turn(b, &mut parking)));
    assert_eq!(got.map_err(|(kind, _)| kind), Err(ErrorKind::Timeout));
    assert!(took < ms(3000), "{took:?}");
    far.borrow_mut().close();
    flood.join().expect("the peer noticed");
}
