//! The scheduler: which fiber runs, and what the others wait for.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::io::Write as _;
use std::rc::Rc;
use std::time::Instant;

use moonsocket_core::{
    Descriptor, Interest, Need, Parking, Patience, Progress, Stop, Task, Watch, errno,
};

use super::Ending;
use super::fiber::{Fiber, Stand};
use crate::backend::Chosen;
use crate::door::Waiting;
use crate::socket::Engine;
use crate::vm::{Anchor, Answer, Cx, Local, Lua, Reply, Stopped, Thread, Value};

/// Something that knows the results of a call that waited.
pub trait Answering {
    /// The results.
    fn answer<'a>(&mut self, lua: Lua<'a>) -> Answer<'a>;
}

/// What the running fiber yields for.
enum Cause {
    /// An operation.
    Operation { task: Box<dyn Waiting>, need: Need, patience: Patience },
    /// Its next turn; the results are there already, if there are any.
    Turn(Option<Box<dyn Answering>>),
    /// Another fiber's end.
    Join(Rc<Fiber>, Box<dyn Answering>),
}

/// A fiber whose turn it is, and the results of the call that it waits in.
type Turn = (Rc<Fiber>, Option<Box<dyn Answering>>);

/// An operation and the fiber that waits for it.
struct Parked {
    task: Box<dyn Waiting>,
    fiber: Rc<Fiber>,
}

impl Task<Chosen> for Parked {
    fn step(&mut self, backend: &Chosen) -> Progress {
        self.task.step(backend)
    }
    fn stop(&mut self, why: Stop) {
        self.task.stop(why);
    }
    fn targets(&mut self, need: Need, into: &mut Vec<Watch>) {
        self.task.targets(need, into);
    }
}

/// The fibers of a Lua state.
#[derive(Default)]
pub struct Fibers {
    parking: RefCell<Parking<Chosen, Parked>>,
    ready: RefCell<VecDeque<Turn>>,
    /// Fibers that wait for another's end, by their coroutine.
    joining: RefCell<HashMap<usize, Turn>>,
    /// Fibers whose errors nobody asked for before their handles went.
    unreported: RefCell<Vec<Rc<Fiber>>>,
    cause: RefCell<Option<Cause>>,
    current: RefCell<Option<Rc<Fiber>>>,
    /// The coroutine that runs now: the fiber's, or one in it whose yields are passed on; 0 for none.
    innermost: Cell<usize>,
    running: Cell<bool>,
    /// How many calls the running fiber has made since it was resumed.
    calls: Cell<u32>,
    /// Says which errors are none to be reported.
    silence: RefCell<Option<Anchor>>,
}

/// So many calls a fiber may make in a row that need not wait.
const SHARE: u32 = 64;

/// Why [`Fibers::run`] came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// The fiber that was waited for has ended, or all have.
    Ended,
    /// What is left waits for each other.
    Deadlock,
    /// It is running already, further up.
    Busy,
    /// The reactor's error number.
    Failed(i32),
}

impl Fibers {
    /// Does a fiber wait for this already?
    pub fn is_contended(&self, descriptor: Descriptor, interest: Interest) -> bool {
        self.parking.borrow().is_contended(descriptor, interest)
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

    /// The running fiber goes on in another coroutine. False: not in one whose yields reach us.
    pub(super) fn enter(&self, cx: Cx<'_>, coroutine: usize) -> bool {
        let known = self.running.get() && cx.coroutine() == self.innermost.get();
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

    /// Could another fiber run now?
    pub fn others_are_ready(&self) -> bool {
        self.calls.get() >= SHARE
            || !self.ready.borrow().is_empty()
            || self.parking.borrow().has_ready()
    }

    /// Takes over what the running fiber waits for; the call then answers with [`Reply::Suspend`].
    pub fn suspend(&self, task: Box<dyn Waiting>, need: Need, patience: Patience) {
        *self.cause.borrow_mut() = Some(Cause::Operation { task, need, patience });
    }

    /// Lets the others have their turn; the call then answers with [`Reply::Suspend`].
    pub fn suspend_turn(&self, results: Option<Box<dyn Answering>>) {
        *self.cause.borrow_mut() = Some(Cause::Turn(results));
    }

    /// Waits for another fiber's end; the call then answers with [`Reply::Suspend`].
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
            self.unreported.borrow_mut().push(Rc::clone(fiber));
        }
    }

    /// Ends what a fiber waits for, and every later call of it that waits.
    pub fn interrupt(&self, backend: &Chosen, fiber: &Rc<Fiber>) {
        fiber.set_interrupted();
        self.end_wait(backend, fiber);
    }

    /// Ends what an interrupted fiber waits for.
    fn end_wait(&self, backend: &Chosen, fiber: &Rc<Fiber>) {
        if fiber.is_interrupted() {
            self.abort(backend, fiber);
        }
    }

    /// Ends what a fiber waits for, once.
    pub fn abort(&self, backend: &Chosen, fiber: &Rc<Fiber>) {
        let stand = fiber.stand.borrow().clone();
        match stand {
            Stand::Parked(ticket) => {
                self.parking.borrow_mut().stop(backend, ticket, Stop::Cancelled);
            }
            Stand::Joining(other) => {
                other.joiner.take();
                self.wake_joiner(fiber);
            }
            Stand::Ready | Stand::Ended(_) => {}
        }
    }

    fn wake_joiner(&self, joiner: &Rc<Fiber>) {
        if let Some(turn) = self.joining.borrow_mut().remove(&joiner.thread().id()) {
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
        let cause = self.cause.take();
        let (joining, ready) = (self.joining.take(), self.ready.take());
        for (fiber, _) in joining.values() {
            // Two that wait for each other would keep each other.
            *fiber.stand.borrow_mut() = Stand::Ended(Ending::Taken);
        }
        drop((parked, cause, joining, ready, self.unreported.take(), self.silence.take()));
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
    pub fn cancel(&self, backend: &Chosen, descriptor: Descriptor) {
        if let Ok(mut parking) = self.parking.try_borrow_mut()
            && !parking.is_empty()
        {
            parking.cancel(backend, descriptor);
        }
    }

    /// Lets fibers run until this one has ended; without one until all have.
    pub fn run(&self, lua: Lua<'_>, engine: &Engine, until: Option<&Fiber>) -> Halt {
        if self.running.replace(true) {
            return Halt::Busy;
        }
        /// Whatever happens, the next `run` may run.
        struct Running<'f>(&'f Fibers);
        impl Drop for Running<'_> {
            fn drop(&mut self) {
                self.0.running.set(false);
            }
        }
        let _running = Running(self);
        let halt = self.turn_by_turn(lua, engine, until);
        self.report_all(lua);
        // What only fibers used can be collected from here on.
        lua.tidy();
        halt
    }

    fn turn_by_turn(&self, lua: Lua<'_>, engine: &Engine, until: Option<&Fiber>) -> Halt {
        let over = || until.is_some_and(|until| until.ending().is_some());
        loop {
            // Those that are ready now; what they make ready has its turn after the reactor's.
            let count = self.ready.borrow().len();
            for _ in 0..count {
                let Some((fiber, results)) = self.ready.borrow_mut().pop_front() else { break };
                self.give_turn(lua, engine, fiber, results);
                if over() {
                    return Halt::Ended;
                }
            }
            self.report_all(lua);
            let any_ready = !self.ready.borrow().is_empty();
            if self.parking.borrow().is_empty() {
                if any_ready {
                    continue;
                }
                let stuck = until.is_some() || !self.joining.borrow().is_empty();
                return if stuck { Halt::Deadlock } else { Halt::Ended };
            }
            let now = any_ready.then(Instant::now);
            let waited = self.parking.borrow_mut().wait(&engine.backend, now);
            if let Err(error) = waited
                && error.kind() != std::io::ErrorKind::Interrupted
            {
                return Halt::Failed(error.raw_os_error().unwrap_or(errno::EIO));
            }
            loop {
                let next = self.parking.borrow_mut().next(&engine.backend);
                let Some((_, Parked { mut task, fiber })) = next else { break };
                *fiber.stand.borrow_mut() = Stand::Ready;
                lua.scope(|lua| {
                    let answer = task.answer(lua);
                    self.resume(lua, engine, fiber, answer);
                });
                if over() {
                    return Halt::Ended;
                }
            }
        }
    }

    fn give_turn(
        &self,
        lua: Lua<'_>,
        engine: &Engine,
        fiber: Rc<Fiber>,
        results: Option<Box<dyn Answering>>,
    ) {
        lua.scope(|lua| match results {
            Some(mut results) => {
                let answer = results.answer(lua);
                self.resume(lua, engine, fiber, answer);
            }
            None => self.resume(lua, engine, fiber, Ok(Reply::Nothing)),
        });
    }

    /// Lets one fiber run until it waits or ends.
    fn resume(&self, lua: Lua<'_>, engine: &Engine, fiber: Rc<Fiber>, with: Answer<'_>) {
        // Nothing can be raised in a call that was resumed.
        let with =
            with.unwrap_or(Reply::Two(Value::Nil, "the call failed while it waited".into()));
        self.innermost.set(fiber.thread().id());
        self.calls.set(0);
        *self.current.borrow_mut() = Some(Rc::clone(&fiber));
        let stopped = lua.resume_fiber(fiber.thread(), &with);
        self.current.borrow_mut().take();
        self.innermost.set(0);
        let cause = self.cause.borrow_mut().take();
        match stopped {
            Ok(Stopped::Suspended) => self.set_aside(engine, fiber, cause),
            // A plain yield gives the others their turn. A cause besides: what waited for it could not yield, and raised.
            Ok(stopped @ Stopped::Yielded(_)) => {
                let _ = lua.take(fiber.thread(), stopped);
                self.ready.borrow_mut().push_back((fiber, None));
            }
            Ok(Stopped::Returned(count)) => self.end(&fiber, Ending::Returned(count)),
            Ok(Stopped::Failed) => self.end(&fiber, Ending::Failed),
            // It could not be resumed at all: somebody else did that.
            Err(fault) => {
                self.report(lua, &fiber, fault.0);
                self.end(&fiber, Ending::Taken);
            }
        }
    }

    /// A fiber has yielded for this.
    fn set_aside(&self, engine: &Engine, fiber: Rc<Fiber>, cause: Option<Cause>) {
        match cause {
            Some(Cause::Operation { task, need, patience }) => {
                let parked = Parked { task, fiber: Rc::clone(&fiber) };
                let ticket =
                    self.parking.borrow_mut().park(&engine.backend, parked, need, patience);
                *fiber.stand.borrow_mut() = Stand::Parked(ticket);
                self.end_wait(&engine.backend, &fiber);
            }
            Some(Cause::Join(other, results)) if other.ending().is_none() => {
                *other.joiner.borrow_mut() = Some(Rc::clone(&fiber));
                *fiber.stand.borrow_mut() = Stand::Joining(other);
                self.joining
                    .borrow_mut()
                    .insert(fiber.thread().id(), (Rc::clone(&fiber), Some(results)));
                self.end_wait(&engine.backend, &fiber);
            }
            Some(Cause::Join(_, results)) => {
                self.ready.borrow_mut().push_back((fiber, Some(results)));
            }
            Some(Cause::Turn(results)) => self.ready.borrow_mut().push_back((fiber, results)),
            None => self.ready.borrow_mut().push_back((fiber, None)),
        }
    }

    fn end(&self, fiber: &Rc<Fiber>, ending: Ending) {
        *fiber.stand.borrow_mut() = Stand::Ended(ending);
        let joiner = fiber.joiner.take();
        if let Some(joiner) = joiner {
            self.wake_joiner(&joiner);
        } else if fiber.is_detached() && ending == Ending::Failed {
            self.unreported.borrow_mut().push(Rc::clone(fiber));
        }
    }

    /// Takes what an ended fiber left: how it ended, and its values from the local on.
    pub fn take<'a>(&self, lua: Lua<'a>, fiber: &Fiber) -> Option<(Ending, Local<'a>)> {
        let ending = fiber.ending()?;
        *fiber.stand.borrow_mut() = Stand::Ended(Ending::Taken);
        let stopped = match ending {
            Ending::Returned(count) => Stopped::Returned(count),
            Ending::Failed => Stopped::Failed,
            Ending::Taken => return None,
        };
        lua.take(fiber.thread(), stopped).ok().map(|first| (ending, first))
    }

    /// Reports the errors that nobody will ask for.
    fn report_all(&self, lua: Lua<'_>) {
        loop {
            let Some(fiber) = self.unreported.borrow_mut().pop() else { return };
            lua.scope(|lua| {
                if let Some((Ending::Failed, error)) = self.take(lua, &fiber) {
                    self.report(lua, &fiber, error);
                }
            });
        }
    }

    fn report<'a>(&self, lua: Lua<'a>, fiber: &Fiber, error: Local<'a>) {
        let silent = self.silence.borrow().as_ref().is_some_and(|silence| {
            let answer = lua.call(lua.fetch(silence), &[error]);
            answer.is_ok_and(|it| lua.count(it) > 0 && lua.truth(it))
        });
        if silent {
            return;
        }
        let text = lua.text(error);
        let text = lua.value(lua.cx().bytes(text)).unwrap_or(error);
        let text = lua.text(lua.traceback(fiber.thread(), text).unwrap_or(text));
        let _ = writeln!(std::io::stderr(), "moonsocket: error in a fiber: {text}");
    }
}
