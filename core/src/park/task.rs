//! What can be parked: a task, and an operation bound to what it works on.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use crate::{
    Backend, Descriptor, Handle, Interest, Need, Operation, Step, Stop, Target, Token, Transport,
    Watch, advance,
};

/// So many steps before its own a task is first [told](Task::warm). Each time it can follow one pointer more.
pub const WARM_AHEAD: usize = 4;

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

/// Something parked. [`Bound`] is one, and [`tasks!`](crate::tasks) makes one of several.
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
    /// It will be stepped when so many others have been: it may have the [cache loaded](crate::os::prefetch) with what its
    /// step will look at. It is told of each number from [`WARM_AHEAD`] down to 1.
    fn warm(&self, ahead: usize) {
        let _ = ahead;
    }
    /// The descriptor of its one socket.
    fn descriptor(&mut self) -> Option<Descriptor> {
        let mut targets = Vec::new();
        self.targets(Need::Io(Interest::READ), &mut targets);
        targets.first().map(|watch| watch.descriptor)
    }
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
    /// Has the [cache loaded](crate::os::prefetch) with it, if it lies elsewhere.
    fn warm(&self) {}
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

/// A handle that the operations of one connection share.
pub type Shared<B> = Rc<RefCell<Handle<B>>>;

/// An operation bound to a shared handle.
pub type OnShared<B, O> = Bound<O, Shared<B>, <O as Operation<B>>::Out>;

/// Makes one [`Task`](crate::Task) of several: a [`Parking`](crate::Parking) holds tasks of one type.
///
/// ```
/// use moonsocket_core::ops::{Accept, Receive, Send};
/// use moonsocket_core::{
///     Backend, Bound, Error, Handle, Interest, Limit, Need, OnShared, Parking, Pattern, Shared,
/// };
/// use std::cell::RefCell;
/// use std::rc::Rc;
///
/// moonsocket_core::tasks! {
///     /// What the server waits for.
///     enum Job<B> {
///         Accept(OnShared<B, Accept>),
///         Receive(OnShared<B, Receive>),
///         Send(OnShared<B, Send<Vec<u8>>>),
///     }
/// }
///
/// /// Sends back what each client sends, all of them at once in this thread.
/// fn serve<B: Backend>(backend: &B, listener: Handle<B>) -> Result<(), Error> {
///     let broken = |error: std::io::Error| Error::from_io(&error, "serve");
///     let mut parking = Parking::default();
///     let accept = Job::Accept(Bound::new(Accept, Rc::new(RefCell::new(listener))));
///     parking.park(backend, accept, Need::Io(Interest::READ), Limit::FOREVER.into());
///     loop {
///         parking.wait(backend, None).map_err(broken)?;
///         while let Some((_, job)) = parking.next(backend) {
///             let peer: Shared<B> = match job {
///                 Job::Accept(mut accept) => {
///                     let (peer, _from) = accept.take().expect("it is done")?;
///                     let next = Job::Accept(Bound::new(Accept, accept.access().clone()));
///                     parking.park(backend, next, Need::Io(Interest::READ), Limit::FOREVER.into());
///                     Rc::new(RefCell::new(peer))
///                 }
///                 Job::Receive(mut receive) => {
///                     let peer = receive.access().clone();
///                     // The end of the stream, or an error: the last reference goes, and closes the socket.
///                     let Some(Ok(received)) = receive.take() else { continue };
///                     let bytes = received.into_vec(&mut peer.borrow_mut());
///                     let send = Job::Send(Bound::new(Send::all(bytes), peer));
///                     parking.park(backend, send, Need::Io(Interest::WRITE), Limit::FOREVER.into());
///                     continue;
///                 }
///                 Job::Send(mut send) => match send.take() {
///                     Some(Ok(_)) => send.access().clone(),
///                     _ => continue,
///                 },
///             };
///             let receive = Job::Receive(Bound::new(Receive::new(Pattern::Some(16 * 1024)), peer));
///             parking.park(backend, receive, Need::Io(Interest::READ), Limit::FOREVER.into());
///         }
///     }
/// }
/// ```
#[macro_export]
macro_rules! tasks {
    (
        $(#[$attribute:meta])*
        $visible:vis enum $name:ident<$backend:ident> {
            $($(#[$about:meta])* $variant:ident($task:ty)),* $(,)?
        }
    ) => {
        $(#[$attribute])*
        $visible enum $name<$backend: $crate::Backend> {
            $($(#[$about])* $variant($task)),*
        }

        impl<$backend: $crate::Backend> $crate::Task<$backend> for $name<$backend> {
            fn step(&mut self, backend: &$backend) -> $crate::Progress {
                match self {
                    $(Self::$variant(task) => $crate::Task::<$backend>::step(task, backend)),*
                }
            }

            fn stop(&mut self, why: $crate::Stop) {
                match self {
                    $(Self::$variant(task) => $crate::Task::<$backend>::stop(task, why)),*
                }
            }

            fn closing(&mut self, descriptor: $crate::Descriptor) {
                match self {
                    $(Self::$variant(task) => $crate::Task::<$backend>::closing(task, descriptor)),*
                }
            }

            fn targets(&mut self, need: $crate::Need, into: &mut ::std::vec::Vec<$crate::Watch>) {
                match self {
                    $(Self::$variant(task) => $crate::Task::<$backend>::targets(task, need, into)),*
                }
            }

            fn warm(&self, ahead: usize) {
                match self {
                    $(Self::$variant(task) => $crate::Task::<$backend>::warm(task, ahead)),*
                }
            }

            fn descriptor(&mut self) -> ::std::option::Option<$crate::Descriptor> {
                match self {
                    $(Self::$variant(task) => $crate::Task::<$backend>::descriptor(task)),*
                }
            }

            fn arm(
                &mut self,
                backend: &$backend,
                interest: $crate::Interest,
                token: $crate::Token,
            ) -> ::std::option::Option<::std::io::Result<$crate::Descriptor>> {
                match self {
                    $(Self::$variant(task) => {
                        $crate::Task::<$backend>::arm(task, backend, interest, token)
                    })*
                }
            }
        }
    };
}

/// An operation bound to what it works on: a [`Task`].
#[derive(Debug)]
pub struct Bound<O, A, T> {
    stage: Stage<O, T>,
    access: A,
    /// The last step waited for several descriptors: look at them before the next.
    look: bool,
    /// See [`once`](Self::once).
    once: bool,
}

/// How far it is. Result and operation lie in the same place: thousands of these may wait.
#[derive(Debug)]
enum Stage<O, T> {
    Begun(O),
    Over(T),
    /// The result was taken, or there is none.
    Gone,
}

impl<O, A, T> Bound<O, A, T> {
    /// `operation` on what `access` gives access to.
    pub fn new(operation: O, access: A) -> Self {
        Self { stage: Stage::Begun(operation), access, look: true, once: false }
    }

    /// Its first attempt is its last: without a result it is stopped, as by a limit of zero. Such a limit itself would
    /// stop it before that attempt, where it first lets others have their turn.
    #[must_use]
    pub fn once(mut self, once: bool) -> Self {
        self.once = once;
        self
    }

    /// The result, once finished; `None` when what it worked on went away.
    pub fn take(&mut self) -> Option<T> {
        if !matches!(self.stage, Stage::Over(_)) {
            return None;
        }
        match std::mem::replace(&mut self.stage, Stage::Gone) {
            Stage::Over(out) => Some(out),
            _ => None,
        }
    }

    /// What it works on.
    pub fn access(&mut self) -> &mut A {
        &mut self.access
    }
}

impl<B: Backend, O: Operation<B>, A: Access<O::On>> Task<B> for Bound<O, A, O::Out> {
    fn step(&mut self, backend: &B) -> Progress {
        let Self { stage, access, look, once } = self;
        let Stage::Begun(operation) = stage else {
            return Progress::Done;
        };
        let step = access.access(|on| {
            if std::mem::take(look) && !operation.watches().is_empty() {
                // What a failing look is about, the next wait reports.
                let _ = backend.look(operation.watches());
            }
            match advance(backend, operation, on, *once) {
                Step::Wait(_) if *once => Step::Done(operation.stop(on, Stop::Timeout)),
                step => step,
            }
        });
        match step {
            Some(Step::Done(out)) => {
                *stage = Stage::Over(out);
                Progress::Done
            }
            Some(Step::Again | Step::Interrupted) => Progress::Again,
            Some(Step::Wait(need)) => {
                *look = matches!(need, Need::Many | Need::Pause(_));
                Progress::Wait(need)
            }
            None => Progress::Done,
        }
    }

    fn stop(&mut self, why: Stop) {
        if let Stage::Begun(operation) = &mut self.stage {
            let out = self.access.access(|on| operation.stop(on, why));
            // What is not there any more has no result.
            self.stage = out.map_or(Stage::Gone, Stage::Over);
        }
    }

    fn closing(&mut self, descriptor: Descriptor) {
        let Stage::Begun(operation) = &mut self.stage else {
            return;
        };
        for watch in operation.watches().iter_mut().filter(|it| it.descriptor == descriptor) {
            watch.ready = watch.interest;
            watch.raw = crate::poll::POLLNVAL;
            // Another look would find the number closed, or somebody else's.
            self.look = false;
        }
    }

    fn warm(&self, ahead: usize) {
        if ahead == WARM_AHEAD - 1 {
            self.access.warm();
        }
    }

    fn descriptor(&mut self) -> Option<Descriptor> {
        self.access.access(|on| on.io().map(|io| io.descriptor())).flatten()
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
        match need {
            Need::Io(interest) => {
                let descriptor = Task::<B>::descriptor(self);
                into.extend(descriptor.map(|at| Watch::new(at, interest)));
            }
            Need::Many | Need::Pause(_) => {
                if let Stage::Begun(operation) = &mut self.stage {
                    into.extend_from_slice(operation.watches());
                }
            }
            Need::Wake => {}
        }
    }
}
