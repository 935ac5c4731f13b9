//! One mio `Poll` for a backend: registrations by descriptor and generation, edges recorded for whoever
//! asks next.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::time::Instant;

use mio::unix::SourceFd;
use mio::{Events, Interest as Edge, Poll};
use moonsocket_core::os::{fork_generation, poll};
use moonsocket_core::{Armed, Descriptor, Interest, NumberMap, Token, Wake};

use crate::slots::Slots;

const WAKE: mio::Token = mio::Token(usize::MAX);

/// What the reactor knows of one registered descriptor.
pub(crate) struct State {
    descriptor: Descriptor,
    /// Names the registration; numbers are used again at once, this is not.
    token: usize,
    /// The process that it is registered in.
    generation: u32,
    interest: Cell<Interest>,
    /// Edges that nobody has used yet.
    ready: Cell<Interest>,
    /// The last edge may hide something behind what can be read: end of stream, an error, an urgent byte.
    last_words: Cell<bool>,
    drained: Cell<bool>,
    armed: RefCell<Armed>,
    /// A socket of ours holds it; otherwise it goes when nothing is armed any more.
    owners: Cell<u32>,
    /// The registration is gone (closed, or left behind in a forked child).
    gone: Cell<bool>,
}

impl State {
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

    fn edge(&self, event: &mio::event::Event) {
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
    fn take(&self, interest: Interest) -> Interest {
        let found = self.ready.get().and(interest);
        self.ready.set(self.ready.get().without(found));
        found
    }
}

#[derive(Default)]
pub(crate) struct Reactor(RefCell<Option<Inner>>);

struct Inner {
    poll: Poll,
    events: Events,
    by_token: Slots<Rc<State>>,
    by_descriptor: NumberMap<Descriptor, Rc<State>>,
    /// Armed tokens whose edge has come, before they were armed or in another socket's wait.
    immediate: Vec<Token>,
    /// The wake-up's edge has come; it comes once.
    woken: bool,
    /// The wake-up that is registered. Closing it unregisters it.
    wake: Weak<Wake>,
    generation: u32,
}

impl Reactor {
    /// Registers a descriptor for one of our sockets, or widens its registration.
    pub(crate) fn register(
        &self,
        descriptor: Descriptor,
        interest: Interest,
        known: Option<&Rc<State>>,
    ) -> io::Result<Rc<State>> {
        if let Some(state) = known
            && state.serves(interest)
        {
            return Ok(Rc::clone(state));
        }
        let known = known.filter(|state| !state.gone.get());
        self.with(|inner| {
            let state = inner.register(descriptor, interest)?;
            if !known.is_some_and(|known| Rc::ptr_eq(known, &state)) {
                state.owners.set(state.owners.get() + 1);
            }
            Ok(state)
        })?
    }

    /// One of our sockets lets go of its registration, before it closes the descriptor.
    pub(crate) fn deregister(&self, state: &Rc<State>) {
        state.owners.set(state.owners.get().saturating_sub(1));
        if let Some(inner) = &mut *self.0.borrow_mut()
            && inner.generation == fork_generation()
        {
            inner.collect(state);
        }
    }

    pub(crate) fn wait(
        &self,
        state: &State,
        interest: Interest,
        until: Option<Instant>,
    ) -> io::Result<Interest> {
        loop {
            let found = state.take(interest);
            if found != Interest::NONE {
                return Ok(found);
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                return Ok(Interest::NONE);
            }
            self.with(|inner| inner.poll(until, Some(state)))??;
        }
    }

    pub(crate) fn arm(
        &self,
        descriptor: Descriptor,
        interest: Interest,
        token: Token,
    ) -> io::Result<()> {
        self.with(|inner| {
            let state = inner.register(descriptor, interest)?;
            inner.arm(&state, interest, token);
            Ok(())
        })?
    }

    /// As [`arm`](Self::arm), for one of our sockets, which is registered.
    pub(crate) fn arm_state(
        &self,
        state: &State,
        interest: Interest,
        token: Token,
    ) -> io::Result<()> {
        if state.ready.get().and(interest).is_none() {
            state.armed.borrow_mut().add(token, interest);
            return Ok(());
        }
        self.with(|inner| inner.arm(state, interest, token))
    }

    pub(crate) fn disarm(&self, descriptor: Descriptor, token: Token) {
        if let Some(inner) = &mut *self.0.borrow_mut()
            && let Some(state) = inner.by_descriptor.get(&descriptor).cloned()
        {
            state.armed.borrow_mut().remove(token);
            inner.immediate.retain(|other| *other != token);
            inner.collect(&state);
        }
    }

    pub(crate) fn turn(
        &self,
        until: Option<Instant>,
        wake: Option<Arc<Wake>>,
        ready: &mut Vec<Token>,
    ) -> io::Result<()> {
        self.with(|inner| inner.turn(until, wake.as_ref(), ready))?
    }

    /// With the poll of this process: a forked child must not touch its parent's.
    fn with<T>(&self, f: impl FnOnce(&mut Inner) -> T) -> io::Result<T> {
        let mut cell = self.0.borrow_mut();
        let generation = fork_generation();
        if let Some(inner) = cell.take_if(|inner| inner.generation != generation) {
            for state in inner.by_token.iter() {
                state.gone.set(true);
                state.drained.set(false);
            }
        }
        let inner = match &mut *cell {
            Some(inner) => inner,
            none => none.insert(Inner::new(generation)?),
        };
        Ok(f(inner))
    }
}

impl Inner {
    fn new(generation: u32) -> io::Result<Self> {
        Ok(Self {
            poll: Poll::new()?,
            events: Events::with_capacity(1024),
            by_token: Slots::default(),
            by_descriptor: NumberMap::default(),
            immediate: Vec::new(),
            woken: false,
            wake: Weak::new(),
            generation,
        })
    }

    fn register(&mut self, descriptor: Descriptor, interest: Interest) -> io::Result<Rc<State>> {
        let mut source = SourceFd(&descriptor);
        if let Some(state) = self.by_descriptor.get(&descriptor).cloned() {
            let all = state.interest.get() | interest;
            // Also where nothing is new: the number may stand for another file by now.
            match self.poll.registry().reregister(&mut source, mio::Token(state.token), edge(all)) {
                Ok(()) => {
                    state.interest.set(all);
                    return Ok(state);
                }
                Err(_) => self.forget(&state),
            }
        }
        let token = self.by_token.vacant();
        self.poll.registry().register(&mut source, mio::Token(token), edge(interest))?;
        let state = Rc::new(State {
            descriptor,
            token,
            generation: self.generation,
            interest: Cell::new(interest),
            ready: Cell::new(Interest::NONE),
            last_words: Cell::new(true),
            drained: Cell::new(false),
            armed: RefCell::default(),
            owners: Cell::new(0),
            gone: Cell::new(false),
        });
        self.by_token.fill(Rc::clone(&state));
        self.by_descriptor.insert(descriptor, Rc::clone(&state));
        Ok(state)
    }

    fn arm(&mut self, state: &State, interest: Interest, token: Token) {
        if state.take(interest) == Interest::NONE {
            state.armed.borrow_mut().add(token, interest);
        } else {
            self.immediate.push(token);
        }
    }

    /// Takes a registration out that nobody uses any more.
    fn collect(&mut self, state: &Rc<State>) {
        if state.owners.get() == 0 && state.armed.borrow().is_empty() && !state.gone.get() {
            let _ = self.poll.registry().deregister(&mut SourceFd(&state.descriptor));
            self.forget(state);
        }
    }

    fn forget(&mut self, state: &State) {
        state.gone.set(true);
        state.drained.set(false);
        self.by_token.remove(state.token);
        self.by_descriptor.remove(&state.descriptor);
    }

    /// One wait. Edges are recorded in the states, and in `immediate` for who is armed: an edge comes once, and this
    /// may be the wait for another socket, whose own edges are left to it.
    fn poll(&mut self, until: Option<Instant>, waiting: Option<&State>) -> io::Result<()> {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        self.poll.poll(&mut self.events, left)?;
        for event in &self.events {
            if event.token() == WAKE {
                self.woken = true;
            }
            let Some(state) = self.by_token.get(event.token().0) else { continue };
            state.edge(event);
            let mut armed = state.armed.borrow_mut();
            let wanted = state.ready.get().and(armed.interest());
            armed.fire(wanted, &mut self.immediate);
            if !waiting.is_some_and(|waiting| std::ptr::eq(waiting, &raw const **state)) {
                state.take(wanted);
            }
        }
        Ok(())
    }

    fn turn(
        &mut self,
        until: Option<Instant>,
        wake: Option<&Arc<Wake>>,
        ready: &mut Vec<Token>,
    ) -> io::Result<()> {
        self.watch_wake(wake)?;
        let before = ready.len();
        loop {
            let now = (self.woken || !self.immediate.is_empty()).then(Instant::now);
            let polled = self.poll(now.or(until), None);
            ready.append(&mut self.immediate);
            polled?;
            let edge = std::mem::take(&mut self.woken);
            let woken = edge && wake.is_some_and(|wake| wake.take());
            let over = until.is_some_and(|until| Instant::now() >= until);
            if woken || ready.len() > before || over {
                return Ok(());
            }
        }
    }

    fn watch_wake(&mut self, wake: Option<&Arc<Wake>>) -> io::Result<()> {
        if let Some(wake) = wake.filter(|wake| !std::ptr::eq(self.wake.as_ptr(), Arc::as_ptr(wake)))
        {
            let descriptor = wake.descriptor();
            self.poll.registry().register(&mut SourceFd(&descriptor), WAKE, Edge::READABLE)?;
            self.wake = Arc::downgrade(wake);
        }
        Ok(())
    }
}

fn edge(interest: Interest) -> Edge {
    // mio has no empty interest.
    let mut edge = None;
    for (ours, theirs) in [
        // A read stops short at the urgent mark: with bytes behind it the socket is not drained.
        (Interest::READ, Edge::READABLE.add(Edge::PRIORITY)),
        (Interest::WRITE, Edge::WRITABLE),
        (Interest::PRIORITY, Edge::PRIORITY),
        // These are reported whatever was asked for.
        (Interest::HANGUP, Edge::PRIORITY),
    ] {
        if interest.contains(ours) {
            edge = Some(edge.map_or(theirs, |edge: Edge| edge.add(theirs)));
        }
    }
    edge.unwrap_or(Edge::READABLE)
}
