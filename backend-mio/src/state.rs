//! What the reactor knows of one registered descriptor.

use std::cell::{Cell, RefCell};

use moonsocket_core::os::{fork_generation, poll};
use moonsocket_core::{Armed, Descriptor, Interest};

/// One registered descriptor.
pub(crate) struct State {
    pub(crate) descriptor: Descriptor,
    /// Names the registration; numbers are used again at once, this is not.
    pub(crate) token: usize,
    /// The process that it is registered in.
    generation: u32,
    pub(crate) interest: Cell<Interest>,
    /// Edges that nobody has used yet.
    pub(crate) ready: Cell<Interest>,
    /// The last edge may hide something behind what can be read: end of stream, an error, an urgent byte.
    last_words: Cell<bool>,
    drained: Cell<bool>,
    pub(crate) armed: RefCell<Armed>,
    /// A socket of ours holds it; otherwise it goes when nothing is armed any more.
    pub(crate) owners: Cell<u32>,
    /// The registration is gone (closed, or left behind in a forked child).
    gone: Cell<bool>,
}

impl State {
    /// It is registered for this, under this token.
    pub(crate) fn new(
        descriptor: Descriptor,
        token: usize,
        generation: u32,
        interest: Interest,
    ) -> Self {
        Self {
            descriptor,
            token,
            generation,
            interest: Cell::new(interest),
            ready: Cell::new(Interest::NONE),
            last_words: Cell::new(true),
            drained: Cell::new(false),
            armed: RefCell::default(),
            owners: Cell::new(0),
            gone: Cell::new(false),
        }
    }

    /// Is the registration gone?
    pub(crate) fn is_gone(&self) -> bool {
        self.gone.get()
    }

    /// The registration goes; nothing is known of the descriptor from here on.
    pub(crate) fn leave(&self) {
        self.gone.set(true);
        self.drained.set(false);
    }

    /// Would a read block for sure?
    pub(crate) fn is_drained(&self) -> bool {
        self.drained.get()
    }

    /// Is it registered for this, in this process?
    pub(crate) fn serves(&self, interest: Interest) -> bool {
        !self.gone.get()
            && self.interest.get().contains(interest)
            && self.generation == fork_generation()
    }

    /// A read was made; `all`: it took what there was.
    pub(crate) fn observe(&self, all: bool) {
        let reads = self.interest.get().contains(Interest::READ) && !self.gone.get();
        let drained = reads && all && !self.last_words.get();
        self.drained.set(drained);
        if drained {
            // What that edge told of has been read.
            self.ready.set(self.ready.get().without(Interest::READ));
        }
    }

    /// Records what an edge told.
    pub(crate) fn edge(&self, event: &mio::event::Event) {
        let mut ready = Interest::NONE;
        if event.is_readable() || event.is_read_closed() {
            ready |= Interest::READ;
        }
        if event.is_writable() || event.is_write_closed() {
            ready |= Interest::WRITE;
        }
        if event.is_priority() {
            ready |= Interest::PRIORITY;
            if !poll::has_more_than_urgent(self.descriptor) {
                ready = ready.without(Interest::READ);
            }
        }
        let over = event.is_error() || event.is_read_closed() || event.is_write_closed();
        if over {
            ready |= Interest::HANGUP;
        }
        if event.is_error() {
            ready |= Interest::READ | Interest::WRITE | Interest::PRIORITY;
        }
        if !ready.and(Interest::READ | Interest::PRIORITY).is_none() {
            self.drained.set(false);
            self.last_words.set(over || event.is_priority());
        }
        self.ready.set(self.ready.get() | ready);
    }

    /// Uses up the edges that answer `interest`.
    pub(crate) fn take(&self, interest: Interest) -> Interest {
        let found = self.ready.get().and(interest);
        self.ready.set(self.ready.get().without(found));
        found
    }
}
