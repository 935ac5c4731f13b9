//! What every dialect's socket object has inside: a handle of the engine, and the engine itself.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use moonsocket_core::ops::{Message, Received};
use moonsocket_core::{
    Address, Descriptor, Error, Handle, Interest, Kind, Mode, Patience, Spare, Transport, recycle,
    take_scratch,
};

use crate::backend::{Chosen, OwnedSocket};
use crate::fibers::Fibers;
use crate::vm::{Cx, Value, given_away, is_short};

/// One per Lua state.
#[derive(Default)]
pub struct Engine {
    /// The way of waiting.
    pub backend: Chosen,
    /// Fibers, and the operations they wait for.
    pub fibers: Fibers,
    /// What the next receive receives into.
    pub spare: Spare,
    /// A connection that a shortcut has accepted, and on which descriptor. The call that follows takes it, or the next one
    /// where there was no memory for its object.
    pub accepted: RefCell<Option<(Descriptor, Handle<Chosen>)>>,
}

impl Engine {
    /// May a call make an attempt at the system before it knows who makes it? Not where fibers run, which have turns; nor
    /// where memory is short, because the call raises then before it begins.
    #[inline]
    pub fn may_attempt(&self) -> bool {
        !self.fibers.are_running() && !is_short()
    }

    /// As [`may_attempt`](Self::may_attempt), for an attempt that does not wait where fibers run.
    #[inline]
    pub fn may_attempt_now(&self, descriptor: Descriptor, interest: Interest) -> bool {
        let fibers = &self.fibers;
        let others_first = fibers.is_behind(descriptor, interest)
            || fibers.are_running() && fibers.had_its_share();
        !others_first && !is_short()
    }

    /// The Lua state's engine.
    pub fn of(cx: Cx<'_>) -> Rc<Self> {
        cx.with_state(Owner::engine)
    }
}

/// What the Lua state has of the engine. Its end is the end of all that waits: parked operations may own sockets, which
/// own the engine that they are parked in.
#[derive(Default)]
pub struct Owner(Rc<Engine>);

impl Owner {
    /// The engine.
    #[inline(always)]
    pub fn engine(&self) -> Rc<Engine> {
        Rc::clone(&self.0)
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.0.fibers.clear();
    }
}

/// When a call began, in the debug build; nothing else measures its calls.
#[derive(Clone, Copy, Default)]
pub struct Stopwatch {
    #[cfg(feature = "debug")]
    /// The time then.
    pub start_s: f64,
}

impl Stopwatch {
    /// Begins now.
    #[inline(always)]
    pub fn start() -> Self {
        Self {
            #[cfg(feature = "debug")]
            start_s: moonsocket_core::os::monotonic_s(),
        }
    }
}

/// A socket of any dialect.
// In this order: what each call looks at lies together.
#[repr(C)]
pub struct Socket {
    /// The engine.
    pub engine: Rc<Engine>,
    /// The engine's side of it.
    pub handle: Handle<Chosen>,
    /// A message that is lent.
    pub message: Vec<u8>,
}

impl Socket {
    /// A socket without a descriptor.
    #[inline]
    pub fn unopened(engine: Rc<Engine>) -> Self {
        let handle = Handle::unopened(&engine.backend);
        Self::new(engine, handle)
    }

    /// A socket on a handle.
    #[inline]
    pub fn new(engine: Rc<Engine>, handle: Handle<Chosen>) -> Self {
        Self { handle, engine, message: Vec::new() }
    }

    /// Opens a descriptor.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(&mut self, kind: Kind) -> Result<(), Error> {
        self.handle.reopen(&self.engine.backend, kind, Mode::Wait)
    }

    /// Takes the connection that was accepted for it before.
    pub fn take_accepted(&self) -> Option<Handle<Chosen>> {
        let descriptor = self.handle.descriptor();
        let mine = |kept: &mut (Descriptor, _)| kept.0 == descriptor;
        self.engine.accepted.borrow_mut().take_if(mine).map(|(_, connection)| connection)
    }

    /// The descriptor is about to go.
    fn closing(&self) {
        drop(self.take_accepted());
        self.engine.fibers.closing(&self.engine.backend, self.handle.descriptor());
    }

    /// Closes.
    pub fn close(&mut self) {
        self.closing();
        self.handle.close();
    }

    /// Closes for a collector, which must not wait for unsent data, whatever linger says.
    #[inline(never)]
    fn abandon(&mut self) {
        self.closing();
        self.handle.abandon();
    }

    /// Gives the descriptor up; `None` when there was none.
    pub fn take(&mut self) -> Option<OwnedSocket> {
        self.closing();
        self.handle.take(&self.engine.backend)
    }

    /// Takes charge of a descriptor number without closing the present one; -1 is none.
    pub fn replace(&mut self, descriptor: Descriptor) {
        self.closing();
        let socket = (descriptor != -1).then(|| given_away(descriptor));
        let old: Option<OwnedSocket> = self.handle.replace(&self.engine.backend, socket);
        let _ = old.map(Transport::into_descriptor);
    }

    /// The limits of the next call.
    pub fn patience(&self) -> Patience {
        self.handle.patience()
    }

    /// Received bytes as a result of the running method. Those that stand in the buffer are lent, so the object's
    /// [`returned`](crate::vm::Body::returned) has to [`settle`](Self::settle).
    pub fn lend<'a>(&'a self, cx: Cx<'a>, received: Received) -> Value<'a> {
        match received {
            Received::Lent(range) => Value::Lent(self.handle.buffer.lent(range)),
            Received::Owned(bytes) if bytes.is_empty() => {
                recycle(bytes);
                Value::Lent(b"")
            }
            Received::Owned(bytes) => cx.assembled(bytes),
        }
    }

    /// A message as [`lend`](Self::lend), and its sender.
    pub fn lend_message(&mut self, message: Message) -> (Value<'_>, Address) {
        self.message = message.data;
        (Value::Lent(&self.message), message.from)
    }

    /// A message's bytes as [`lend`](Self::lend).
    pub fn lend_data(&mut self, data: Vec<u8>) -> Value<'_> {
        self.message = data;
        Value::Lent(&self.message)
    }

    /// A message as [`lend`](Self::lend), and a text about its sender, which may be empty.
    pub fn lend_message_with(
        &mut self,
        message: Message,
        about: impl FnOnce(&mut Vec<u8>, &Address),
    ) -> (Value<'_>, Value<'_>) {
        self.message = message.data;
        let end = self.message.len();
        about(&mut self.message, &message.from);
        let (data, about) = self.message.split_at(end);
        (Value::Lent(data), Value::Lent(about))
    }

    /// A part of the read buffer as [`lend`](Self::lend), and a text, which may be empty.
    pub fn lend_with(
        &mut self,
        range: Range<usize>,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> (Value<'_>, Value<'_>) {
        self.write_message(write);
        (Value::Lent(self.handle.buffer.lent(range)), Value::Lent(&self.message))
    }

    /// A short text as [`lend`](Self::lend): cheaper than one that the call owns, which is pushed under protection.
    pub fn lend_text(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Value<'_> {
        self.write_message(write);
        Value::Lent(&self.message)
    }

    fn write_message(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.message.capacity() == 0 {
            self.message = take_scratch();
        }
        self.message.clear();
        write(&mut self.message);
    }

    /// Gives an empty read buffer, and what a message lay in, back to their pools.
    #[inline(always)]
    pub fn settle(&mut self) {
        self.engine.spare.settle(&mut self.handle.buffer);
        if self.message.capacity() != 0 {
            recycle(std::mem::take(&mut self.message));
        }
    }
}

impl Drop for Socket {
    #[inline]
    fn drop(&mut self) {
        if self.handle.is_open() {
            self.abandon();
        }
    }
}
