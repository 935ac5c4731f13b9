//! Parked tasks whose attempts are made by whoever is given them.

use moonsocket_core::ops::Receive;
use moonsocket_core::{
    Backend, Bound, Descriptor, ErrorKind, First, Handle, Interest, Limit, Need, Operation,
    Parking, Patience, Pattern, Progress, Step, Stop, Task, Watch, advance,
};

use super::parked::{Shared, line, shared, turn};
use super::stage::{SOON, about, ms, pair, send, timed, within};

/// Either sort of task on one socket.
enum Either<B: Backend> {
    /// One without a step; why it was ended.
    Call(Option<Stop>),
    Line(Bound<Receive, Shared<B>, <Receive as Operation<B>>::Out>),
}

impl<B: Backend> Task<B> for Either<B> {
    fn step(&mut self, backend: &B) -> Progress {
        match self {
            Self::Call(_) => Progress::Done,
            Self::Line(task) => task.step(backend),
        }
    }

    fn stop(&mut self, why: Stop) {
        match self {
            Self::Call(ended) => *ended = Some(why),
            Self::Line(task) => Task::<B>::stop(task, why),
        }
    }

    fn closing(&mut self, _descriptor: Descriptor) {}

    fn targets(&mut self, need: Need, into: &mut Vec<Watch>) {
        if let Self::Line(task) = self {
            Task::<B>::targets(task, need, into);
        }
    }
}

const ENDLESS: Patience =
    Patience { whole: Limit::FOREVER, each: Limit::FOREVER, tell_signals: false };

/// Parks a call on the socket; the task comes back where that cannot be.
fn park_call<B: Backend>(
    b: &B,
    parking: &mut Parking<B, Either<B>>,
    socket: &Shared<B>,
    patience: Patience,
) -> Result<moonsocket_core::Ticket, Either<B>> {
    let socket = socket.borrow();
    let io = socket.io().expect("it is open");
    parking.park_on(b, Either::Call(None), io, Interest::READ, (patience, None))
}

/// An attempt finds nothing.
fn finds_nothing<B: Backend>(b: &B, socket: &Shared<B>) -> bool {
    let first = Receive::first_parked(b, &mut socket.borrow_mut(), Pattern::LINE);
    matches!(first, First::Begun(attempt) if attempt.would_block())
}

fn ended<B: Backend>(task: &Either<B>) -> Option<Stop> {
    match task {
        Either::Call(why) => *why,
        Either::Line(_) => panic!("not the call"),
    }
}

fn got<B: Backend>(task: Either<B>) -> super::stage::Got {
    match task {
        Either::Call(_) => panic!("not the line"),
        Either::Line(task) => line(task),
    }
}

/// What comes is not enough for the first: it is still before the second.
pub(crate) fn who_tries_again_is_first<B: Backend>(b: &B) {
    let (mut near, far) = pair(b, libc::AF_INET);
    let far = shared(far);
    let mut parking = Parking::default();
    let receive = || Bound::new(Receive::new(Pattern::LINE), far.clone());
    for _ in 0..3 {
        assert!(finds_nothing(b, &far));
        assert!(park_call(b, &mut parking, &far, within(SOON)).is_ok());
        // Who comes later stands behind it, and so cannot be a call.
        assert!(park_call(b, &mut parking, &far, within(SOON)).is_err());
        let read = Need::Io(Interest::READ);
        parking.park(b, Either::Line(receive()), read, within(SOON));
        send(b, &mut near, "a");
        assert_eq!(ended(&turn(b, &mut parking)), None);

        let mut operation = Receive::new(Pattern::LINE);
        let step = advance(b, &mut operation, &mut far.borrow_mut(), false);
        assert!(matches!(step, Step::Wait(need) if need == read));
        let first = Either::Line(Bound::new(operation, far.clone()));
        parking.park_ahead(b, first, read, (within(SOON), None), true);
        send(b, &mut near, "b\nsecond\n");
        assert_eq!(got(turn(b, &mut parking)), Ok(b"ab".to_vec()));
        assert_eq!(got(turn(b, &mut parking)), Ok(b"second".to_vec()));
        assert!(parking.is_empty());
    }
}

/// By its limit, which counts from the call's begin; from outside; by the socket's end.
pub(crate) fn a_call_is_ended<B: Backend>(b: &B) {
    let (_near, far) = pair(b, libc::AF_INET);
    let far = shared(far);
    let mut parking = Parking::default();
    assert!(finds_nothing(b, &far));
    assert!(park_call(b, &mut parking, &far, within(ms(30))).is_ok());
    let (task, took) = timed(b, || turn(b, &mut parking));
    assert_eq!(ended(&task), Some(Stop::Timeout));
    about(took, ms(30));

    let began = Some(b.now() - ms(1970));
    let socket = far.borrow();
    let io = socket.io().expect("it is open");
    let limited = (within(ms(2000)), began);
    let ticket = parking.park_on(b, Either::Call(None), io, Interest::READ, limited);
    assert!(ticket.is_ok());
    drop(socket);
    let (task, took) = timed(b, || turn(b, &mut parking));
    assert_eq!(ended(&task), Some(Stop::Timeout));
    about(took, ms(30));

    let ticket = park_call(b, &mut parking, &far, ENDLESS).ok().expect("nobody else waits");
    parking.stop(ticket, Stop::Cancelled);
    assert_eq!(ended(&turn(b, &mut parking)), Some(Stop::Cancelled));

    let ticket = park_call(b, &mut parking, &far, ENDLESS).ok().expect("nobody else waits");
    assert!(matches!(parking.withdraw(b, ticket), Some(Either::Call(None))));
    assert!(parking.is_empty());

    assert!(park_call(b, &mut parking, &far, ENDLESS).is_ok());
    let descriptor = far.borrow().descriptor();
    parking.closing(b, descriptor);
    far.borrow_mut().close();
    assert_eq!(ended(&turn(b, &mut parking)), None);
    let step = advance(b, &mut Receive::new(Pattern::LINE), &mut far.borrow_mut(), false);
    let Step::Done(Err(short)) = step else { panic!("it is closed") };
    assert_eq!(short.error.kind(), ErrorKind::Closed);
    assert!(parking.is_empty());
}

/// Bytes that come between the attempt and the wait are noticed.
pub(crate) fn a_call_misses_nothing<B: Backend>(b: &B) {
    let (mut near, far) = pair(b, libc::AF_INET);
    let far = shared(far);
    let mut parking = Parking::default();
    for i in 0..50 {
        let text = format!("line {i}\n");
        let before = i % 2 == 0;
        assert!(finds_nothing(b, &far));
        if before {
            send(b, &mut near, &text);
        }
        assert!(park_call(b, &mut parking, &far, ENDLESS).is_ok());
        if !before {
            send(b, &mut near, &text);
        }
        assert_eq!(ended(&turn(b, &mut parking)), None);
        let handle: &mut Handle<B> = &mut far.borrow_mut();
        let First::Done(range) = Receive::first_parked(b, handle, Pattern::LINE) else {
            panic!("nothing is there")
        };
        assert_eq!(handle.buffer.lent(range), text.trim_end().as_bytes());
    }
}
