//! What [`door`](crate::door) parks: operations that know how to answer, and answers that only wait for their turn.

use std::io;
use std::time::Duration;

use moonsocket_core::park::{Access, Bound};
use moonsocket_core::{
    Descriptor, Handle, Interest, Limit, Mode, Need, Operation, Progress, Step, Stop, Task, Token,
    Watch,
};

use crate::backend::Chosen;
use crate::door::HasSocket;
use crate::fibers::Answering;
use crate::vm::{Answer, Cx, Held, Lua, Reply, Value, Word};

/// Makes a fiber's results of an operation's. Owns or keeps whatever it answers with.
pub type Finish<T, O> = for<'a> fn(Cx<'a>, &mut T, O) -> Answer<'a>;

/// Makes the results of an object and what an operation on it came to.
pub type FinishOwned<T, O> = for<'a> fn(Cx<'a>, T, O) -> Answer<'a>;

/// A parked operation that knows how to answer.
pub trait Waiting: Task<Chosen> + Answering {}
impl<T: Task<Chosen> + Answering> Waiting for T {}

/// Passes a task's work on to its `bound` field.
macro_rules! delegate {
    ($type:ty, [$($generics:tt)*]) => {
        impl<$($generics)*> Task<Chosen> for $type {
            fn step(&mut self, backend: &Chosen) -> Progress {
                self.bound.step(backend)
            }
            fn stop(&mut self, why: Stop) {
                Task::<Chosen>::stop(&mut self.bound, why);
            }
            fn closing(&mut self, descriptor: Descriptor) {
                Task::<Chosen>::closing(&mut self.bound, descriptor);
            }
            fn targets(&mut self, need: Need, into: &mut Vec<Watch>) {
                Task::<Chosen>::targets(&mut self.bound, need, into);
            }
            fn warm(&self, ahead: usize) {
                Task::<Chosen>::warm(&self.bound, ahead);
            }
            fn descriptor(&mut self) -> Option<Descriptor> {
                Task::<Chosen>::descriptor(&mut self.bound)
            }
            fn arm(
                &mut self,
                backend: &Chosen,
                interest: Interest,
                token: Token,
            ) -> Option<io::Result<Descriptor>> {
                self.bound.arm(backend, interest, token)
            }
        }
    };
}

pub(crate) struct OnObject<T>(pub(crate) Held<T>);

impl<T: HasSocket> Access<Handle<Chosen>> for OnObject<T> {
    fn warm(&self) {
        self.0.warm();
    }

    fn access<R>(&mut self, f: impl FnOnce(&mut Handle<Chosen>) -> R) -> Option<R> {
        self.0.with(|object| f(&mut object.socket().handle))
    }
}

pub(crate) struct Parked<T: HasSocket, O: Operation<Chosen>> {
    pub(crate) bound: Bound<O, OnObject<T>, O::Out>,
    pub(crate) finish: Finish<T, O::Out>,
}

delegate!(Parked<T, O>, [T: HasSocket, O: Operation<Chosen, On = Handle<Chosen>>]);

impl<T: HasSocket, O: Operation<Chosen, On = Handle<Chosen>>> Answering for Parked<T, O> {
    fn answer<'a>(&mut self, lua: Lua<'a>) -> Answer<'a> {
        let Some(out) = self.bound.take() else { return Ok(GONE) };
        let finish = self.finish;
        let held = &self.bound.access().0;
        let mut answer = Ok(GONE);
        held.with(|object| answer = finish(lua.cx(), object, out));
        held.settle_class(lua.cx());
        answer
    }
}

/// What a call answers whose object was collected by hand while it waited.
const GONE: Reply<'static> = Reply::Two(Value::Nil, Value::Word(Word::Closed));

pub(crate) struct ParkedFree<O: Operation<Chosen>, F> {
    pub(crate) bound: Bound<O, (), O::Out>,
    pub(crate) finish: Option<F>,
}

delegate!(ParkedFree<O, F>, [O: Operation<Chosen, On = ()>, F]);

impl<O, F> Answering for ParkedFree<O, F>
where
    O: Operation<Chosen, On = ()>,
    F: for<'b> FnOnce(Lua<'b>, O::Out) -> Answer<'b>,
{
    fn answer<'a>(&mut self, lua: Lua<'a>) -> Answer<'a> {
        match (self.bound.take(), self.finish.take()) {
            (Some(out), Some(finish)) => finish(lua, out),
            _ => Ok(GONE),
        }
    }
}

pub(crate) struct Owned<T>(pub(crate) Option<T>);

impl<T: HasSocket> Access<Handle<Chosen>> for Owned<T> {
    fn access<R>(&mut self, f: impl FnOnce(&mut Handle<Chosen>) -> R) -> Option<R> {
        self.0.as_mut().map(|object| f(&mut object.socket().handle))
    }
}

pub(crate) struct ParkedOwned<T: HasSocket, O: Operation<Chosen>> {
    pub(crate) bound: Bound<O, Owned<T>, O::Out>,
    pub(crate) finish: FinishOwned<T, O::Out>,
}

delegate!(ParkedOwned<T, O>, [T: HasSocket, O: Operation<Chosen, On = Handle<Chosen>>]);

impl<T: HasSocket, O: Operation<Chosen, On = Handle<Chosen>>> Answering for ParkedOwned<T, O> {
    fn answer<'a>(&mut self, lua: Lua<'a>) -> Answer<'a> {
        match (self.bound.take(), self.bound.access().0.take()) {
            (Some(out), Some(object)) => (self.finish)(lua.cx(), object, out),
            _ => Ok(GONE),
        }
    }
}

/// How long a name may be looked up on an object whose limit is zero. Such a program means "don't wait for the peer": it
/// goes on to wait for the descriptor, which there would not be if the lookup were given up at once.
pub(crate) const LOOKUP_LIMIT: Limit = Limit::after(Duration::from_secs(5));

/// An operation that may wait for a name, and for nothing else.
pub(crate) struct OnlyLookup<O>(pub(crate) O);

impl<O: Operation<Chosen, On = Handle<Chosen>>> Operation<Chosen> for OnlyLookup<O> {
    type On = Handle<Chosen>;
    type Out = O::Out;

    fn interest(&self) -> Interest {
        Interest::NONE
    }

    fn step(
        &mut self,
        backend: &Chosen,
        handle: &mut Handle<Chosen>,
        _mode: Mode,
    ) -> Step<Self::Out> {
        match self.0.step(backend, handle, Mode::Now) {
            Step::Wait(need) if need != Need::Wake => {
                Step::Done(self.0.stop(handle, Stop::Timeout))
            }
            step => step,
        }
    }

    fn stop(&mut self, handle: &mut Handle<Chosen>, why: Stop) -> Self::Out {
        self.0.stop(handle, why)
    }
}

/// What was done at once, for when its fiber has its turn again.
pub(crate) struct Done<T, O> {
    pub(crate) held: Held<T>,
    pub(crate) out: Option<O>,
    pub(crate) finish: Finish<T, O>,
}

impl<T: HasSocket, O> Answering for Done<T, O> {
    fn answer<'a>(&mut self, lua: Lua<'a>) -> Answer<'a> {
        let Some(out) = self.out.take() else { return Ok(GONE) };
        let finish = self.finish;
        self.held.with(|object| finish(lua.cx(), object, out)).unwrap_or(Ok(GONE))
    }
}
