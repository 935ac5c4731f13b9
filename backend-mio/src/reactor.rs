//! One mio `Poll` for a backend: registrations by descriptor and generation, edges recorded for whoever
//! asks next.

use std::io;
use std::os::fd::AsRawFd;
use std::rc::Rc;
use std::sync::{Arc, Weak};
use std::time::Instant;

use mio::unix::SourceFd;
use mio::{Events, Interest as Edge, Poll};
use moonsocket_core::os::{OfProcess, PerProcess, fork_generation, made_beyond_standard};
use moonsocket_core::{Descriptor, EVENTS_AT_ONCE, Interest, NumberMap, Token, Wake, errno};

use crate::slots::Slots;
use crate::state::State;

const WAKE: mio::Token = mio::Token(usize::MAX);

#[derive(Default)]
pub(crate) struct Reactor(PerProcess<Inner>);

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
        self.0.attempt(|inner| {
            let known = known.filter(|state| !state.is_gone());
            let state = inner.register(descriptor, interest)?;
            if !known.is_some_and(|known| Rc::ptr_eq(known, &state)) {
                state.owners.set(state.owners.get() + 1);
            }
            Ok(state)
        })
    }

    /// One of our sockets lets go of its registration, before it closes the descriptor.
    pub(crate) fn deregister(&self, state: &Rc<State>) {
        state.owners.set(state.owners.get().saturating_sub(1));
        self.0.existing(|inner| inner.collect(state));
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
            if state.is_gone() {
                // With the poll that it was registered in: an attempt tells how things stand.
                return Ok(interest);
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                return Ok(Interest::NONE);
            }
            self.0.attempt(|inner| {
                if state.is_gone() { Ok(()) } else { inner.poll(until, Some(state)) }
            })?;
        }
    }

    pub(crate) fn arm(
        &self,
        descriptor: Descriptor,
        interest: Interest,
        token: Token,
    ) -> io::Result<()> {
        self.0.attempt(|inner| {
            let state = inner.register(descriptor, interest)?;
            inner.arm(&state, interest, token);
            Ok(())
        })
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
        self.0.with(|inner| inner.arm(state, interest, token))
    }

    pub(crate) fn disarm(&self, descriptor: Descriptor, token: Token) {
        self.0.existing(|inner| {
            let Some(state) = inner.by_descriptor.get(&descriptor).cloned() else { return };
            state.armed.borrow_mut().remove(token);
            inner.immediate.retain(|other| *other != token);
            inner.collect(&state);
        });
    }

    pub(crate) fn turn(
        &self,
        until: Option<Instant>,
        wake: Option<Arc<Wake>>,
        ready: &mut Vec<Token>,
    ) -> io::Result<()> {
        self.0.attempt(|inner| inner.turn(until, wake.as_ref(), ready))
    }
}

impl OfProcess for Inner {
    fn make(generation: u32) -> io::Result<Self> {
        Ok(Self {
            poll: made_beyond_standard(Poll::new)?,
            events: Events::with_capacity(EVENTS_AT_ONCE.get()),
            by_token: Slots::default(),
            by_descriptor: NumberMap::default(),
            immediate: Vec::new(),
            woken: false,
            wake: Weak::new(),
            generation,
        })
    }

    fn generation(&self) -> u32 {
        self.generation
    }

    fn is_about_a_number(error: &io::Error) -> bool {
        matches!(error.raw_os_error(), Some(errno::EBADF | errno::EINVAL))
    }

    fn is_there(&self, other: &Self) -> bool {
        let asked = self.poll.registry().deregister(&mut SourceFd(&other.poll.as_raw_fd()));
        !asked.is_err_and(|error| Self::is_about_a_number(&error))
    }

    /// Another takes its place: its registrations mean nothing any more. Who was armed here is woken, and finds out what is
    /// so. Where its number is somebody else's by now it is left alone.
    #[cold]
    fn give_way_to(&mut self, mut fresh: Self, is_there: bool) {
        fresh.immediate.append(&mut self.immediate);
        for state in self.by_token.iter() {
            state.armed.borrow_mut().fire_all(&mut fresh.immediate);
            state.leave();
        }
        let old = std::mem::replace(self, fresh);
        if !is_there {
            std::mem::forget(old.poll);
        }
    }
}

impl Inner {
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
                Err(_) => {
                    state.armed.borrow_mut().fire_all(&mut self.immediate);
                    self.forget(&state);
                }
            }
        }
        let token = self.by_token.vacant();
        self.poll.registry().register(&mut source, mio::Token(token), edge(interest))?;
        let state = Rc::new(State::new(descriptor, token, self.generation, interest));
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

    /// Takes a registration out that nobody uses any more; not out of a set that a forked child's parent still uses.
    fn collect(&mut self, state: &Rc<State>) {
        let is_idle = state.owners.get() == 0 && state.armed.borrow().is_empty();
        if is_idle && !state.is_gone() && self.generation == fork_generation() {
            let _ = self.poll.registry().deregister(&mut SourceFd(&state.descriptor));
            self.forget(state);
        }
    }

    fn forget(&mut self, state: &State) {
        state.leave();
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
