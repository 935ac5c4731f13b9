//! What can be parked: a task, and an operation bound to what it works on.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use crate::{
    Backend, Descriptor, Interest, Need, Operation, Step, Stop, Target, Token, Transport, Watch,
    advance,
};

/// What a task's step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It is finished; its result is in the task.
    Done,
    /// It can go on at once, but others should have their turn first.
    Again,
    /// It can do nothing before this.
    Wait(Need),
}

/// Something parked.
pub trait Task<B: Backend> {
    /// Goes on as far as it can without waiting.
    fn step(&mut self, backend: &B) -> Progress;
    /// Ends it from outside. Its result, with what was transferred, is in the task afterwards.
    fn stop(&mut self, why: Stop);
    /// One of the several descriptors that it waits for is about to be closed: the next step has to see that it is ready.
    /// Tasks that wait for one socket alone need nothing.
    fn closing(&mut self, descriptor: Descriptor);
    /// Appends the descriptors that it waits for.
    fn targets(&mut self, need: Need, into: &mut Vec<Watch>);
    /// Arms the reactor for its one socket, where that is one in the backend's care; its descriptor. `None`: it is not,
    /// or there is none.
    fn arm(
        &mut self,
        backend: &B,
        interest: Interest,
        token: Token,
    ) -> Option<io::Result<Descriptor>> {
        let _ = (backend, interest, token);
        None
    }
}

/// Gives access to what an operation works on, for as long as a step takes.
pub trait Access<T> {
    /// Calls `f` with it; `None` when it is not there any more.
    fn access<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> Option<R>;
}

impl<T> Access<T> for Rc<RefCell<T>> {
    fn access<R>(&mut self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.try_borrow_mut().ok().map(|mut it| f(&mut it))
    }
}

impl Access<()> for () {
    fn access<R>(&mut self, f: impl FnOnce(&mut ()) -> R) -> Option<R> {
        Some(f(self))
    }
}

/// An operation bound to what it works on: a [`Task`].
#[derive(Debug)]
pub struct Bound<O, A, T> {
    operation: O,
    access: A,
    out: Option<T>,
    /// The last step waited for several descriptors: look at them before the next.
    look: bool,
    /// See [`once`](Self::once).
    once: bool,
}

impl<O, A, T> Bound<O, A, T> {
    /// `operation` on what `access` gives access to.
    pub fn new(operation: O, access: A) -> Self {
        Self { operation, access, out: None, look: true, once: false }
    }

    /// Its first attempt is its last: without a result it is stopped, as by a limit of zero. Such a limit itself would
    /// stop it before that attempt, where it first lets others have their turn.
    #[must_use]
    pub fn once(self, once: bool) -> Self {
        Self { once, ..self }
    }

    /// The result, once finished; `None` when what it worked on went away.
    pub fn take(&mut self) -> Option<T> {
        self.out.take()
    }

    /// What it works on.
    pub fn access(&mut self) -> &mut A {
        &mut self.access
    }
}

impl<B: Backend, O: Operation<B>, A: Access<O::On>> Task<B> for Bound<O, A, O::Out> {
    fn step(&mut self, backend: &B) -> Progress {
        let Self { operation, access, out, look, once } = self;
        let progress = access.access(|on| {
            if std::mem::take(look) && !operation.watches().is_empty() {
                // What a failing look is about, the next wait reports.
                let _ = backend.look(operation.watches());
            }
            match advance(backend, operation, on, *once) {
                Step::Done(done) => {
                    *out = Some(done);
                    Progress::Done
                }
                Step::Again | Step::Interrupted => Progress::Again,
                Step::Wait(_) if *once => {
                    *out = Some(operation.stop(on, Stop::Timeout));
                    Progress::Done
                }
                Step::Wait(need) => {
                    *look = matches!(need, Need::Many | Need::Pause(_));
                    Progress::Wait(need)
                }
            }
        });
        progress.unwrap_or(Progress::Done)
    }

    fn stop(&mut self, why: Stop) {
        let Self { operation, access, out, .. } = self;
        // What is not there any more has no result.
        let _ = access.access(|on| *out = Some(operation.stop(on, why)));
    }

    fn closing(&mut self, descriptor: Descriptor) {
        for watch in self.operation.watches().iter_mut().filter(|it| it.descriptor == descriptor) {
            watch.ready = watch.interest;
            watch.raw = crate::poll::POLLNVAL;
            // Another look would find the number closed, or somebody else's.
            self.look = false;
        }
    }

    fn arm(
        &mut self,
        backend: &B,
        interest: Interest,
        token: Token,
    ) -> Option<io::Result<Descriptor>> {
        let armed = self.access.access(|on| {
            on.io().map(|io| backend.arm_own(io, interest, token).map(|()| io.descriptor()))
        });
        armed.flatten()
    }

    fn targets(&mut self, need: Need, into: &mut Vec<Watch>) {
        let Self { operation, access, .. } = self;
        match need {
            Need::Io(interest) => {
                let target = access.access(|on| on.io().map(|io| io.descriptor()));
                into.extend(target.flatten().map(|at| Watch::new(at, interest)));
            }
            Need::Many | Need::Pause(_) => into.extend_from_slice(operation.watches()),
            Need::Wake => {}
        }
    }
}
