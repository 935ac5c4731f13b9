//! The scheduler: which fiber runs, and what the others wait for.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::time::Instant;

use moonsocket_core::{
    Backend as _, Descriptor, Handle, Interest, Need, NumberMap, Parking, Patience, Progress, Stop,
    Task, Ticket, Token, Watch,
};

use moonsocket_core::os::prefetch;
use moonsocket_core::park::WARM_AHEAD;

use super::Ending;
use super::fiber::{Call, Fiber, Stand};
use crate::backend::Chosen;
use crate::door::Waiting;
use crate::socket::Stopwatch;
use crate::vm::{Anchor, Answer, Cx, Lua, Thread};

/// Something that knows the results of a call that waited.
pub trait Answering {
    /// The results.
    fn answer<'a>(&mut self, lua: Lua<'a>) -> Answer<'a>;
    /// They are to be those of a wait for a fiber that was ended, even if that fiber ends before they are asked for.
    fn abort(&mut self) {}
}

/// What the running fiber yields for.
pub(super) enum Cause {
    /// An operation.
    Operation { task: Box<dyn Waiting>, need: Need, stand: Standing },
    /// What it is parked for already.
    Parked(Ticket),
    /// Its next turn; the results are there already, if there are any.
    Turn(Option<Box<dyn Answering>>),
    /// Another fiber's end.
    Join(Rc<Fiber>, Box<dyn Answering>),
}

/// Where an operation begins to wait.
#[derive(Clone, Copy, Debug)]
pub enum Standing {
    /// Behind all that wait for the same; it has made no attempt yet.
    New,
    /// Behind them; an attempt has just found that it must wait.
    Tried,
    /// Before them: it was its turn, and the attempt was not enough.
    First(Again),
    /// Before them; it goes on when it has its next turn.
    Next(Again),
}

/// A fiber whose turn it is, and the results of the call that it waits in.
pub(super) type Turn = (Rc<Fiber>, Option<Box<dyn Answering>>);

/// A fiber, and the operation that it waits for; without one it waits for the next attempt of its [`Call`].
pub(super) struct Parked {
    pub(super) task: Option<Box<dyn Waiting>>,
    pub(super) fiber: Rc<Fiber>,
}

impl Task<Chosen> for Parked {
    fn step(&mut self, backend: &Chosen) -> Progress {
        self.task.as_mut().map_or(Progress::Done, |task| task.step(backend))
    }
    fn stop(&mut self, why: Stop) {
        match &mut self.task {
            Some(task) => task.stop(why),
            None => self.fiber.end_call(why),
        }
    }
    fn closing(&mut self, descriptor: Descriptor) {
        if let Some(task) = &mut self.task {
            task.closing(descriptor);
        }
    }
    fn targets(&mut self, need: Need, into: &mut Vec<Watch>) {
        if let Some(task) = &mut self.task {
            task.targets(need, into);
        }
    }
    fn warm(&self, ahead: usize) {
        match ahead {
            // From one pointer to the next.
            WARM_AHEAD => {
                if let Some(task) = &self.task {
                    prefetch(&**task);
                }
                prefetch(&*self.fiber);
            }
            3 => {
                match &self.task {
                    Some(task) => task.warm(ahead),
                    None => self.fiber.warm_call(),
                }
                self.fiber.warm();
            }
            2 => self.fiber.warm_thread(),
            1 => self.fiber.warm_stack(),
            _ => {}
        }
    }
    fn descriptor(&mut self) -> Option<Descriptor> {
        self.task.as_mut()?.descriptor()
    }
    fn arm(
        &mut self,
        backend: &Chosen,
        interest: Interest,
        token: Token,
    ) -> Option<io::Result<Descriptor>> {
        self.task.as_mut()?.arm(backend, interest, token)
    }
}

/// Of a call that tries again by itself: the limits that it began with, whatever the object has been told since.
#[derive(Clone, Copy, Debug)]
pub struct Again {
    /// These.
    pub patience: Patience,
    /// When it began, where it has a limit.
    pub began: Option<Instant>,
}

impl Again {
    /// Of one that begins now.
    pub fn of(backend: &Chosen, patience: Patience) -> Self {
        Self { patience, began: (!patience.is_endless()).then(|| backend.now()) }
    }
}

/// The fibers of a Lua state.
#[derive(Default)]
pub struct Fibers {
    pub(super) parking: RefCell<Parking<Chosen, Parked>>,
    pub(super) ready: RefCell<VecDeque<Turn>>,
    /// Fibers that wait for another's end, by their coroutine.
    pub(super) joining: RefCell<NumberMap<usize, Turn>>,
    /// Fibers whose errors nobody asked for before their handles went.
    pub(super) unreported: RefCell<VecDeque<Rc<Fiber>>>,
    pub(super) cause: RefCell<Option<Cause>>,
    /// That of the operation: apart, so that the cause is moved in a few registers.
    pub(super) patience: Cell<Patience>,
    pub(super) current: RefCell<Option<Rc<Fiber>>>,
    /// The coroutine that runs now: the fiber's, or one in it whose yields are passed on; 0 for none.
    pub(super) innermost: Cell<usize>,
    pub(super) running: Cell<bool>,
    /// How many calls the running fiber has made since it was resumed.
    pub(super) calls: Cell<u32>,
    /// The running fiber's call tries again: whoever else waits for the same came later.
    pub(super) again: Cell<Option<Again>>,
    /// When the call outside of fibers began.
    watch: Cell<Stopwatch>,
    /// Says which errors are none to be reported.
    pub(super) silence: RefCell<Option<Anchor>>,
}

/// So many calls a fiber may make in a row that need not wait.
const SHARE: u32 = 64;

impl Fibers {
    /// Does a fiber wait for this already?
    #[inline(never)]
    pub fn is_contended(&self, descriptor: Descriptor, interest: Interest) -> bool {
        self.parking.borrow().is_contended(descriptor, interest)
    }

    /// Does the running fiber's call come behind others that wait for this?
    #[inline]
    pub fn is_behind(&self, descriptor: Descriptor, interest: Interest) -> bool {
        self.running.get() && self.again.get().is_none() && self.is_contended(descriptor, interest)
    }

    /// The fiber that runs now.
    pub fn current(&self) -> Option<Rc<Fiber>> {
        self.current.borrow().clone()
    }

    /// Do fibers run now?
    pub fn are_running(&self) -> bool {
        self.running.get()
    }

    /// May this call suspend the fiber that it runs in? Not from a coroutine that somebody resumed who would take the
    /// yield for its own. Such a call blocks the thread.
    pub fn may_suspend(&self, cx: Cx<'_>) -> bool {
        cx.may_suspend() && cx.coroutine() == self.innermost.get()
    }

    /// Does the scheduler make the results of a call that has waited? Nothing can be raised in that.
    pub fn is_answering(&self) -> bool {
        self.innermost.get() == 0 && self.current.borrow().is_some()
    }

    /// The running fiber goes on in another coroutine. False: not in one whose yields reach us, as where a function in C
    /// stands between: then its calls block.
    pub(super) fn enter(&self, cx: Cx<'_>, coroutine: usize) -> bool {
        let known = self.running.get() && self.may_suspend(cx) && cx.can_yield();
        if known {
            self.innermost.set(coroutine);
        }
        known
    }

    /// It is back from that one.
    pub(super) fn leave(&self, cx: Cx<'_>, coroutine: usize) {
        if self.innermost.get() == coroutine {
            self.innermost.set(cx.coroutine());
        }
    }

    /// Counts a call of the running fiber; true: it should let the others have their turn first.
    pub fn had_its_share(&self) -> bool {
        let calls = self.calls.get() + 1;
        self.calls.set(calls);
        calls > SHARE
    }

    /// Is it another fiber's turn? (Of those whose sockets are ready nobody can tell that they were ready before.)
    pub fn others_are_ready(&self) -> bool {
        self.had_its_share() || !self.ready.borrow().is_empty()
    }

    /// The running fiber's next call lets the others have their turn first.
    pub fn end_share(&self) {
        self.calls.set(SHARE);
    }

    /// Takes over what the running fiber waits for; the call then answers with [`Reply::Suspend`](crate::vm::Reply::Suspend).
    #[inline(never)]
    pub fn suspend(&self, task: Box<dyn Waiting>, need: Need, patience: Patience, stand: Standing) {
        self.patience.set(patience);
        *self.cause.borrow_mut() = Some(Cause::Operation { task, need, stand });
    }

    /// Parks the running fiber until there is something to be read. Its call, on the socket of this object, has just found
    /// that it must wait, and tries again by itself. False: it needs an operation, because others wait, too, or this socket
    /// cannot be waited for so.
    pub fn await_call(
        &self,
        backend: &Chosen,
        handle: &Handle<Chosen>,
        again: Again,
        (coroutine, object): (usize, *const ()),
    ) -> bool {
        let (Some(io), Some(fiber)) = (handle.io(), self.current()) else { return false };
        fiber.call.set(Call { coroutine, object, again, ended: None });
        let parked = Parked { task: None, fiber };
        let patience = (again.patience, again.began);
        let parking = &mut *self.parking.borrow_mut();
        let ticket = parking.park_on(backend, parked, io, Interest::READ, patience);
        let is_parked = ticket.is_ok();
        if let Ok(ticket) = ticket {
            *self.cause.borrow_mut() = Some(Cause::Parked(ticket));
        }
        is_parked
    }

    /// The limits of the running fiber's call on an object that has these now.
    pub fn patience_of_call(&self, present: Patience) -> Patience {
        self.again.get().map_or(present, |again| again.patience)
    }

    /// Is it the running fiber's call that tries again? Answers once.
    pub fn take_again(&self) -> Option<Again> {
        self.again.take()
    }

    /// When the call began that runs now: the running fiber's, as others have begun theirs when it goes on.
    #[inline(always)]
    pub fn set_watch(&self, watch: Stopwatch) {
        if cfg!(feature = "debug") {
            self.current.borrow().as_ref().map_or(&self.watch, |fiber| &fiber.watch).set(watch);
        }
    }

    /// What [`set_watch`](Self::set_watch) was told.
    #[inline(always)]
    pub fn watch(&self) -> Stopwatch {
        if !cfg!(feature = "debug") {
            return Stopwatch::default();
        }
        self.current.borrow().as_ref().map_or(&self.watch, |fiber| &fiber.watch).get()
    }

    /// Lets the others have their turn; the call then answers with [`Reply::Suspend`](crate::vm::Reply::Suspend).
    pub fn suspend_turn(&self, results: Option<Box<dyn Answering>>) {
        *self.cause.borrow_mut() = Some(Cause::Turn(results));
    }

    /// Waits for another fiber's end; the call then answers with [`Reply::Suspend`](crate::vm::Reply::Suspend).
    pub fn suspend_join(&self, other: Rc<Fiber>, results: Box<dyn Answering>) {
        *self.cause.borrow_mut() = Some(Cause::Join(other, results));
    }

    /// A fiber of this coroutine. Its turn comes after those that are ready.
    pub fn spawn(&self, thread: Thread) -> Rc<Fiber> {
        let fiber = Rc::new(Fiber::new(thread));
        self.ready.borrow_mut().push_back((Rc::clone(&fiber), None));
        fiber
    }

    /// Nobody will ask how it ends.
    pub fn detach(&self, fiber: &Rc<Fiber>) {
        fiber.set_detached();
        if fiber.ending() == Some(Ending::Failed) {
            self.unreported.borrow_mut().push_back(Rc::clone(fiber));
        }
    }

    /// Ends what a fiber waits for, and every later call of it that waits.
    pub fn interrupt(&self, fiber: &Rc<Fiber>) {
        fiber.set_interrupted();
        self.end_wait(fiber);
    }

    /// Ends what an interrupted fiber waits for.
    pub(super) fn end_wait(&self, fiber: &Rc<Fiber>) {
        if fiber.is_interrupted() {
            self.abort(fiber);
        }
    }

    /// Ends what a fiber waits for, once.
    pub fn abort(&self, fiber: &Rc<Fiber>) {
        let stand = fiber.stand.borrow().clone();
        match stand {
            Stand::Parked(ticket) => {
                self.parking.borrow_mut().stop(ticket, Stop::Cancelled);
            }
            Stand::Joining(other) => {
                other.joiner.take();
                if let Some((_, Some(results))) = self.joining.borrow_mut().get_mut(&fiber.id()) {
                    results.abort();
                }
                self.wake_joiner(fiber);
            }
            Stand::Ready | Stand::Ended(_) => {}
        }
    }

    pub(super) fn wake_joiner(&self, joiner: &Rc<Fiber>) {
        if let Some(turn) = self.joining.borrow_mut().remove(&joiner.id()) {
            *joiner.stand.borrow_mut() = Stand::Ready;
            self.ready.borrow_mut().push_back(turn);
        }
    }

    /// Errors are not reported for which this function says `true`.
    pub fn silence(&self, which: Anchor) {
        *self.silence.borrow_mut() = Some(which);
    }

    /// Forgets all fibers, and ends what they wait for.
    pub fn clear(&self) {
        // Out of the cells first: an object's end looks into them.
        let parked = self.parking.try_borrow_mut().map(|mut parking| std::mem::take(&mut *parking));
        let parked: Vec<Parked> = parked.into_iter().flat_map(Parking::into_tasks).collect();
        let cause = self.cause.take();
        let (joining, ready) = (self.joining.take(), self.ready.take());
        let waiting = joining.values().chain(&ready).map(|(fiber, _)| fiber);
        let ended: Vec<_> = waiting.chain(parked.iter().map(|it| &it.fiber)).map(kill).collect();
        drop((ended, parked, cause, joining, ready, self.unreported.take()));
    }

    /// A descriptor is about to go: fibers that wait for it try once more, and find that out.
    pub fn closing(&self, backend: &Chosen, descriptor: Descriptor) {
        if descriptor >= 0
            && let Ok(mut parking) = self.parking.try_borrow_mut()
            && !parking.is_empty()
        {
            parking.closing(backend, descriptor);
        }
    }

    /// Ends whatever waits for a descriptor.
    pub fn cancel(&self, descriptor: Descriptor) {
        if let Ok(mut parking) = self.parking.try_borrow_mut()
            && !parking.is_empty()
        {
            parking.cancel(descriptor);
        }
    }
}

/// Ends a fiber where it stands; what it held is to be dropped. Its coroutine may hold its own handle, or that of one
/// that waits for it.
fn kill(fiber: &Rc<Fiber>) -> (Option<Rc<Fiber>>, Option<Rc<Thread>>) {
    *fiber.stand.borrow_mut() = Stand::Ended(Ending::Taken);
    (fiber.joiner.take(), fiber.take_thread())
}
