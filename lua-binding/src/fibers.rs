//! Fibers: coroutines whose blocking calls, in every dialect, suspend them alone.
//!
//! A method makes one attempt; what would block is parked here, and the coroutine yields. The loop in [`run`] steps parked
//! operations when the backend's reactor says so, and passes each one's results to the resume: they become the results
//! of the call that waited, on every Lua version.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::io::Write as _;
use std::rc::Rc;

use moonsocket_core::{Descriptor, Interest, Need, Parking, Patience, Ticket};

use crate::backend::Chosen;
use crate::door::Waiting;
use crate::socket::Engine;
use crate::vm::{Answer, Cx, Given, Kind, Lua, Others, Raise, Reply, Stopped, Thread, Value};

/// An operation that a fiber has just been suspended for.
struct Suspended {
    task: Box<dyn Waiting>,
    need: Need,
    patience: Patience,
}

/// The fibers of a Lua state.
#[derive(Default)]
pub struct Fibers {
    parking: RefCell<Parking<Chosen, Box<dyn Waiting>>>,
    waiting: RefCell<HashMap<Ticket, Rc<Thread>>>,
    ready: RefCell<VecDeque<Rc<Thread>>>,
    suspended: RefCell<Option<Suspended>>,
    running: Cell<bool>,
    /// The coroutine of the fiber that runs now; 0 for none.
    current: Cell<usize>,
    /// How many calls it has made since it was resumed.
    calls: Cell<u32>,
}

/// So many calls a fiber may make in a row that need not wait.
const SHARE: u32 = 64;

impl Fibers {
    /// Does a fiber wait for this already?
    pub fn is_contended(&self, descriptor: Descriptor, interest: Interest) -> bool {
        self.parking.borrow().is_contended(descriptor, interest)
    }

    /// May this call suspend the fiber that it runs in? Not from a coroutine that the fiber made itself: whoever resumed
    /// that would take the yield for its own. Such a call blocks the thread.
    pub fn may_suspend(&self, cx: Cx<'_>) -> bool {
        cx.may_suspend() && cx.coroutine() == self.current.get()
    }

    /// Counts a call of the running fiber; true: it should let the others have their turn first.
    pub fn had_its_share(&self) -> bool {
        let calls = self.calls.get() + 1;
        self.calls.set(calls);
        calls > SHARE
    }

    /// Takes over what the running fiber waits for; the call then answers with [`Reply::Suspend`].
    pub fn suspend(&self, task: Box<dyn Waiting>, need: Need, patience: Patience) {
        *self.suspended.borrow_mut() = Some(Suspended { task, need, patience });
    }

    /// Forgets all fibers, and ends what they wait for: their Lua state is closing.
    pub fn clear(&self) {
        // Out of the cells first: an object's end looks into them.
        let parked = self.parking.try_borrow_mut().map(|mut parking| std::mem::take(&mut *parking));
        let suspended = self.suspended.take();
        let (waiting, ready) = (self.waiting.take(), self.ready.take());
        drop((parked, suspended, waiting, ready));
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
}

/// `spawn(f, ...)`: a new fiber that will call `f` with the arguments when `run` gives it its turn.
pub fn spawn<'a>(lua: Lua<'a>, f: Given<'a>, rest: Others<'a>) -> Answer<'a> {
    if f.kind() != Kind::Function {
        return Err(Raise::Type(1, "function"));
    }
    let engine = Engine::of(lua.cx());
    let args: Vec<_> = (0..rest.count()).map(|i| rest.get(i).local()).collect();
    let thread = lua.thread(f.local(), &args)?;
    engine.fibers.ready.borrow_mut().push_back(Rc::new(thread));
    Ok(Reply::Nothing)
}

/// `run()`: lets fibers run until all have ended. An error in one is reported on stderr and ends that one.
pub fn run(lua: Lua<'_>) -> Answer<'_> {
    let engine = Engine::of(lua.cx());
    let fibers = &engine.fibers;
    if fibers.running.replace(true) {
        return Err(Raise::here("fibers are running already"));
    }
    /// Whatever happens, the next `run` may run.
    struct Running<'f>(&'f Fibers);
    impl Drop for Running<'_> {
        fn drop(&mut self) {
            self.0.running.set(false);
        }
    }
    let _running = Running(fibers);
    loop {
        // Those that are ready now; what they make ready has its turn after the reactor's.
        let count = fibers.ready.borrow().len();
        for _ in 0..count {
            let Some(thread) = fibers.ready.borrow_mut().pop_front() else { break };
            resume(lua, &engine, thread, &Reply::Nothing);
        }
        if fibers.parking.borrow().is_empty() {
            if fibers.ready.borrow().is_empty() {
                // What only fibers used can be collected from here on.
                lua.tidy();
                return Ok(Reply::one(true));
            }
            continue;
        }
        let now = (!fibers.ready.borrow().is_empty()).then(std::time::Instant::now);
        let waited = fibers.parking.borrow_mut().wait(&engine.backend, now);
        if let Err(error) = waited
            && error.kind() != std::io::ErrorKind::Interrupted
        {
            let text = moonsocket_core::os::error_text(error.raw_os_error().unwrap_or(0));
            return Ok((Value::Nil, lua.cx().bytes(text)).into());
        }
        loop {
            let next = fibers.parking.borrow_mut().next(&engine.backend);
            let Some((ticket, mut task)) = next else { break };
            let Some(thread) = fibers.waiting.borrow_mut().remove(&ticket) else { continue };
            lua.scope(|lua| match task.answer(lua) {
                Ok(reply) => resume(lua, &engine, thread, &reply),
                // Nothing can be raised in a call that was resumed.
                Err(_) => {
                    let failed = Reply::Two(Value::Nil, "the call failed while it waited".into());
                    resume(lua, &engine, thread, &failed);
                }
            });
        }
    }
}

/// `lend([co])`: lets this coroutine speak for the running fiber: what would suspend the fiber yields from it, and whoever
/// resumes it must pass that on. Without one: may this call suspend its fiber, whatever is under way?
///
/// For functions of ours alone, that keep their word.
pub fn lend<'a>(cx: Cx<'a>, co: Given<'a>) -> Answer<'a> {
    let fibers = &Engine::of(cx).fibers;
    match co.to_coroutine() {
        Some(coroutine) => fibers.current.set(coroutine),
        None => return Ok(Reply::one(fibers.may_suspend(cx) && cx.can_yield())),
    }
    Ok(Reply::Nothing)
}

/// Lets one fiber run until it waits or ends.
fn resume(lua: Lua<'_>, engine: &Engine, thread: Rc<Thread>, with: &Reply<'_>) {
    let fibers = &engine.fibers;
    lua.scope(|lua| {
        let outer = fibers.current.replace(thread.id());
        fibers.calls.set(0);
        let stopped = lua.resume_fiber(&thread, with);
        fibers.current.set(outer);
        let suspended = fibers.suspended.borrow_mut().take();
        match (stopped, suspended) {
            (Ok(Stopped::Suspended), Some(Suspended { task, need, patience })) => {
                let ticket =
                    fibers.parking.borrow_mut().park(&engine.backend, task, need, patience);
                fibers.waiting.borrow_mut().insert(ticket, thread);
            }
            // A plain yield gives the others their turn. A task besides: what waited for it could not yield, and raised.
            (Ok(stopped @ (Stopped::Yielded(_) | Stopped::Suspended)), _) => {
                let _ = lua.take(&thread, stopped);
                fibers.ready.borrow_mut().push_back(thread);
            }
            (Ok(Stopped::Returned(_)), _) => {}
            (Ok(stopped @ Stopped::Failed), _) => {
                if let Ok(error) = lua.take(&thread, stopped) {
                    report(lua, &thread, error);
                }
            }
            (Err(fault), _) => report(lua, &thread, fault.0),
        }
    });
}

fn report<'a>(lua: Lua<'a>, thread: &Thread, error: crate::vm::Local<'a>) {
    let text = lua.text(error);
    let text = lua.value(lua.cx().bytes(text)).unwrap_or(error);
    let text = lua.text(lua.traceback(thread, text).unwrap_or(text));
    let _ = writeln!(std::io::stderr(), "moonsocket: error in a fiber: {text}");
}
