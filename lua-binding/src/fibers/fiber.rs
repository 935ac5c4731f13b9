//! One fiber: its coroutine, where it stands, and what others want of it.

use std::cell::{Cell, RefCell};
use std::ptr;
use std::rc::Rc;

use moonsocket_core::os::{prefetch, prefetch_at};
use moonsocket_core::{Limit, Patience, Stop, Ticket};

use super::scheduler::Again;
use crate::socket::Stopwatch;
use crate::vm::{Anchor, Attempt, Lua, Thread};

/// A coroutine that the scheduler resumes.
// In this order: what each turn looks at lies together.
#[repr(C)]
pub struct Fiber {
    /// Its coroutine, until what that left has been taken.
    thread: RefCell<Option<Rc<Thread>>>,
    pub(super) stand: RefCell<Stand>,
    /// The call that waits in it, if that tries again by itself.
    pub(super) call: Cell<Call>,
    /// When that call began.
    pub(super) watch: Cell<Stopwatch>,
    shields: Cell<u32>,
    interrupted: Cell<bool>,
    /// Nobody will ask how it ended: an error is reported.
    detached: Cell<bool>,
    forbids: Cell<u32>,
    /// The number of its coroutine.
    id: Cell<usize>,
    /// Who waits for its end.
    pub(super) joiner: RefCell<Option<Rc<Fiber>>>,
    /// The coroutine that failed, while another cleans up after it.
    failed: RefCell<Option<Rc<Thread>>>,
    /// What is to be done should it fail; few have it.
    epilogue: RefCell<Option<Box<Anchor>>>,
    /// Where it was when it failed, if its stack does not tell any more.
    #[allow(clippy::box_collection, reason = "few have it, and each fiber has its place")]
    calls: RefCell<Option<Box<String>>>,
}

/// A call that waits, and tries again by itself when its fiber has its turn.
#[derive(Clone, Copy)]
pub(super) struct Call {
    /// The coroutine that it runs in.
    pub(super) coroutine: usize,
    /// Where that lies which it will look at.
    pub(super) object: *const (),
    /// What it began with.
    pub(super) again: Again,
    /// Why its wait was ended, if it was.
    pub(super) ended: Option<Stop>,
}

impl Call {
    const NONE: Self = Self {
        coroutine: 0,
        object: ptr::null(),
        again: Again {
            patience: Patience { whole: Limit::FOREVER, each: Limit::FOREVER, tell_signals: false },
            began: None,
        },
        ended: None,
    };
}

/// Where a fiber stands.
#[derive(Clone)]
pub(super) enum Stand {
    /// It runs, or will when its turn comes.
    Ready,
    /// Its operation is parked.
    Parked(Ticket),
    /// It waits for the end of another.
    Joining(Rc<Fiber>),
    /// It has ended.
    Ended(Ending),
}

/// How a fiber ended. What it left lies on its coroutine's stack until it is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It returned so many values.
    Returned(usize),
    /// It raised.
    Failed,
    /// What it left has been taken.
    Taken,
}

impl Fiber {
    pub(super) fn new(thread: Thread) -> Self {
        Self {
            id: Cell::new(thread.id()),
            thread: RefCell::new(Some(Rc::new(thread))),
            failed: RefCell::default(),
            epilogue: RefCell::default(),
            calls: RefCell::default(),
            stand: RefCell::new(Stand::Ready),
            watch: Cell::default(),
            call: Cell::new(Call::NONE),
            joiner: RefCell::default(),
            detached: Cell::new(false),
            interrupted: Cell::new(false),
            shields: Cell::new(0),
            forbids: Cell::new(0),
        }
    }

    /// Its coroutine, until what that left has been taken.
    pub fn thread(&self) -> Option<Rc<Thread>> {
        self.thread.borrow().clone()
    }

    /// Its turn comes soon: has the cache loaded with what knows its coroutine.
    pub(super) fn warm(&self) {
        if let Some(thread) = &*self.thread.borrow() {
            prefetch(&**thread);
        }
    }

    /// Its turn is next: has the cache loaded with its coroutine.
    pub(super) fn warm_thread(&self) {
        if let Some(thread) = &*self.thread.borrow() {
            thread.warm();
        }
    }

    /// Its turn is next, and its coroutine is loaded: has the cache loaded with what that is in the midst of.
    pub(super) fn warm_stack(&self) {
        if let Some(thread) = &*self.thread.borrow() {
            thread.warm_stack();
        }
    }

    /// Its turn comes soon: has the cache loaded with what its call will look at.
    pub(super) fn warm_call(&self) {
        /// Of a socket's object, what a receive looks at.
        const OBJECT: usize = 256;
        prefetch_at(self.call.get().object, OBJECT);
    }

    /// The wait of its call is over.
    pub(super) fn end_call(&self, why: Stop) {
        self.call.set(Call { ended: Some(why), ..self.call.get() });
    }

    /// The number of its coroutine.
    pub(super) fn id(&self) -> usize {
        self.id.get()
    }

    /// Lets go of its coroutine.
    pub(super) fn take_thread(&self) -> Option<Rc<Thread>> {
        self.thread.take()
    }

    fn set_thread(&self, thread: Option<Rc<Thread>>) -> Option<Rc<Thread>> {
        self.id.set(thread.as_ref().map_or(0, |thread| thread.id()));
        self.thread.replace(thread)
    }

    /// What it does should it fail.
    pub fn set_epilogue(&self, epilogue: Anchor) {
        *self.epilogue.borrow_mut() = Some(Box::new(epilogue));
    }

    /// After a failure: goes on in a coroutine of its epilogue. False: there is none.
    pub(super) fn begin_epilogue<'a>(&self, lua: Lua<'a>) -> Attempt<'a, bool> {
        let Some(epilogue) = self.epilogue.take() else { return Ok(false) };
        let thread = lua.thread(lua.fetch(&epilogue)?, &[])?;
        *self.failed.borrow_mut() = self.set_thread(Some(Rc::new(thread)));
        Ok(true)
    }

    /// Notes where it was, before its stack is emptied.
    pub(super) fn set_calls(&self, calls: Option<String>) {
        *self.calls.borrow_mut() = calls.map(Box::new);
    }

    /// Where it was when it failed, if that was noted.
    pub(super) fn take_calls(&self) -> Option<String> {
        self.calls.take().map(|calls| *calls)
    }

    /// After the epilogue: is again what failed before. False: there was none.
    pub(super) fn end_epilogue(&self) -> bool {
        let failed = self.failed.take();
        let was = failed.is_some();
        if was {
            self.set_thread(failed);
        }
        was
    }

    /// How it ended, if it has.
    pub fn ending(&self) -> Option<Ending> {
        match *self.stand.borrow() {
            Stand::Ended(ending) => Some(ending),
            _ => None,
        }
    }

    /// Is nobody going to join it?
    pub fn is_detached(&self) -> bool {
        self.detached.get()
    }

    /// Does somebody wait for its end?
    pub fn is_awaited(&self) -> bool {
        self.joiner.borrow().is_some()
    }

    pub(super) fn set_detached(&self) {
        self.detached.set(true);
    }

    /// Somebody wants it to end.
    pub(super) fn set_interrupted(&self) {
        self.interrupted.set(true);
    }

    /// Is it to end at the next call that waits?
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.get() && self.shields.get() == 0
    }

    /// Defers (1) or admits again (-1) interruptions; false when there was nothing to admit.
    pub fn shield(&self, by: i32) -> bool {
        step(&self.shields, by)
    }

    /// Forbids (1) or allows again (-1) calls that wait; false when there was nothing to allow.
    pub fn forbid(&self, by: i32) -> bool {
        step(&self.forbids, by)
    }

    /// Must it not wait now?
    pub fn is_forbidden(&self) -> bool {
        self.forbids.get() != 0
    }
}

fn step(count: &Cell<u32>, by: i32) -> bool {
    let next = count.get().checked_add_signed(by);
    count.set(next.unwrap_or(0));
    next.is_some()
}
