//! One operation as a value that either driver can run.

use std::cell::RefCell;
use std::rc::Rc;

use moonsocket_core::ops::{Message, Received, SendFailed, Short};
use moonsocket_core::{
    Access, Address, Attempted, Bound, Descriptor, Error, ErrorKind, First, Handle, Need,
    Operation, Patience, Progress, Stop, Task, Watch, drive,
};

use super::backend::Sim;

/// A handle that several may use.
pub(crate) type Shared = Rc<RefCell<Handle<Sim>>>;

/// What came out.
pub(crate) enum Outcome {
    Received(Result<Vec<u8>, (ErrorKind, Vec<u8>)>),
    Sent(Result<usize, (ErrorKind, usize)>),
    Accepted(Result<(Handle<Sim>, Address), ErrorKind>),
    /// A connect, a message sent, readiness, a sleep.
    Done(Result<usize, ErrorKind>),
    Message(Result<Message, ErrorKind>),
    Selected(Vec<Watch>, Result<usize, ErrorKind>),
}

/// An operation, not started.
pub(crate) trait Work {
    fn drive(self: Box<Self>, sim: &Sim, patience: Patience) -> Outcome;
    fn park(self: Box<Self>) -> Box<dyn Parked>;
}

/// An operation under way in the second driver.
pub(crate) trait Parked: Task<Sim> {
    fn outcome(&mut self) -> Outcome;
}

impl Task<Sim> for Box<dyn Parked> {
    fn step(&mut self, backend: &Sim) -> Progress {
        (**self).step(backend)
    }

    fn stop(&mut self, why: Stop) {
        (**self).stop(why);
    }

    fn closing(&mut self, descriptor: Descriptor) {
        (**self).closing(descriptor);
    }
    fn targets(&mut self, need: Need, into: &mut Vec<Watch>) {
        (**self).targets(need, into);
    }
}

struct Job<O, A, C, D> {
    operation: O,
    on: A,
    convert: C,
    drive: D,
}

struct Under<O, A, T, C> {
    bound: Bound<O, A, T>,
    convert: C,
}

/// Makes work of an operation, what it works on, and what its result means.
pub(crate) fn work<O, A, C>(operation: O, on: A, convert: C) -> Box<dyn Work>
where
    O: Operation<Sim> + 'static,
    O::Out: 'static,
    A: Access<O::On> + 'static,
    C: Fn(&mut O::On, O::Out) -> Outcome + 'static,
{
    Box::new(Job { operation, on, convert, drive: drive::<Sim, O> })
}

/// As [`work`], but `first` makes the first attempt of a driven one.
pub(crate) fn tried<O, A, C, F>(operation: O, on: A, convert: C, first: F) -> Box<dyn Work>
where
    O: Attempted<Sim> + 'static,
    O::Out: 'static,
    A: Access<O::On> + 'static,
    C: Fn(&mut O::On, O::Out) -> Outcome + 'static,
    F: Fn(&Sim, &mut O::On, Patience) -> First<O::Out> + 'static,
{
    let drive = move |sim: &Sim, operation: &mut O, on: &mut O::On, patience: Patience| {
        first(sim, on, patience).or_drive(sim, operation, on, patience)
    };
    Box::new(Job { operation, on, convert, drive })
}

impl<O, A, C, D> Work for Job<O, A, C, D>
where
    O: Operation<Sim> + 'static,
    O::Out: 'static,
    A: Access<O::On> + 'static,
    C: Fn(&mut O::On, O::Out) -> Outcome + 'static,
    D: Fn(&Sim, &mut O, &mut O::On, Patience) -> O::Out,
{
    fn drive(self: Box<Self>, sim: &Sim, patience: Patience) -> Outcome {
        let Self { mut operation, mut on, convert, drive } = *self;
        on.access(|on| {
            let out = drive(sim, &mut operation, on, patience);
            convert(on, out)
        })
        .expect("nobody else uses it")
    }

    fn park(self: Box<Self>) -> Box<dyn Parked> {
        let Self { operation, on, convert, .. } = *self;
        Box::new(Under { bound: Bound::new(operation, on), convert })
    }
}

impl<O, A, C> Task<Sim> for Under<O, A, O::Out, C>
where
    O: Operation<Sim>,
    A: Access<O::On>,
{
    fn step(&mut self, backend: &Sim) -> Progress {
        self.bound.step(backend)
    }

    fn stop(&mut self, why: Stop) {
        Task::<Sim>::stop(&mut self.bound, why);
    }

    fn closing(&mut self, descriptor: Descriptor) {
        Task::<Sim>::closing(&mut self.bound, descriptor);
    }

    fn targets(&mut self, need: Need, into: &mut Vec<Watch>) {
        Task::<Sim>::targets(&mut self.bound, need, into);
    }
}

impl<O, A, C> Parked for Under<O, A, O::Out, C>
where
    O: Operation<Sim>,
    A: Access<O::On>,
    C: Fn(&mut O::On, O::Out) -> Outcome,
{
    fn outcome(&mut self) -> Outcome {
        let out = self.bound.take().expect("a finished task has a result");
        let convert = &self.convert;
        self.bound.access().access(|on| convert(on, out)).expect("nobody else uses it")
    }
}

pub(crate) fn received(handle: &mut Handle<Sim>, out: Result<Received, Short>) -> Outcome {
    let outcome = match out {
        Ok(received) => Ok(received.into_vec(handle)),
        Err(short) => Err((short.error.kind(), short.partial.into_vec(handle))),
    };
    let settled = handle.buffer.is_empty() != handle.buffer.holds_block();
    assert!(settled, "an empty buffer goes back to the pool");
    Outcome::Received(outcome)
}

pub(crate) fn sent(_: &mut Handle<Sim>, out: Result<usize, SendFailed>) -> Outcome {
    Outcome::Sent(out.map_err(|failed| (failed.error.kind(), failed.sent)))
}

pub(crate) fn done<T, R>(_: &mut T, out: Result<R, Error>) -> Outcome {
    Outcome::Done(out.map(|_| 0).map_err(|error| error.kind()))
}
