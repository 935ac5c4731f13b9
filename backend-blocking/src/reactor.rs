//! The reactor for many sockets at once: `polling`'s `Poller`, one-shot, keyed by descriptor.
#![allow(unsafe_code)]

use std::collections::{HashMap, HashSet};
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::sync::{Arc, Weak};
use std::time::Instant;

use moonsocket_core::os::{
    OfProcess, PerProcess, fork_generation, made_beyond_standard, poll, replace_descriptor,
};
use moonsocket_core::{Armed, Descriptor, EVENTS_AT_ONCE, Interest, Token, Wake, errno};
use polling::{Event, Events, PollMode, Poller};

/// The key of the wake-up; no descriptor is as large.
const WAKE: usize = usize::MAX - 1;

#[derive(Default)]
pub(crate) struct Reactor(PerProcess<Inner>);

struct Inner {
    poller: Poller,
    events: Events,
    armed: HashMap<Descriptor, Watched>,
    /// The descriptors that the poller was told of.
    known: HashSet<Descriptor>,
    /// Tokens to be reported by the next turn.
    immediate: Vec<Token>,
    /// It cannot wait any more: one of its other numbers was closed.
    is_broken: bool,
    /// The wake-up that is registered. Closing it unregisters it.
    wake: Weak<Wake>,
    generation: u32,
}

/// A descriptor that tokens wait for.
#[derive(Default)]
struct Watched {
    tokens: Armed,
    /// An urgent byte lies there for which none of them waits: only what comes from now on is reported.
    urgent: bool,
}

impl Reactor {
    pub(crate) fn arm(
        &self,
        descriptor: Descriptor,
        interest: Interest,
        token: Token,
    ) -> io::Result<()> {
        self.0.attempt(|inner| {
            let watched = inner.armed.entry(descriptor).or_default();
            watched.tokens.add(token, interest);
            watched.urgent = false;
            let all = watched.tokens.interest();
            inner.watch(descriptor, all).inspect_err(|_| inner.remove(descriptor, token))
        })
    }

    pub(crate) fn disarm(&self, descriptor: Descriptor, token: Token) {
        self.0.existing(|inner| {
            inner.remove(descriptor, token);
            inner.immediate.retain(|other| *other != token);
        });
    }

    /// Drops every trace of a descriptor that is closed or goes to someone else; no system call where there is none.
    pub(crate) fn forget(&self, descriptor: Descriptor) {
        self.0.existing(|inner| {
            if inner.generation == fork_generation() {
                inner.forget(descriptor);
            }
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
            poller: made_beyond_standard(Poller::new)?,
            events: Events::with_capacity(EVENTS_AT_ONCE),
            armed: HashMap::new(),
            known: HashSet::new(),
            immediate: Vec::new(),
            is_broken: false,
            wake: Weak::new(),
            generation,
        })
    }

    fn generation(&self) -> u32 {
        self.generation
    }

    fn is_about_a_number(error: &io::Error) -> bool {
        matches!(error.raw_os_error(), Some(errno::EBADF | errno::EINVAL | errno::ENOENT))
    }

    fn is_there(&self, other: &Self) -> bool {
        if self.is_broken {
            return false;
        }
        let asked = self.poller.modify(&other.poller, Event::none(0));
        asked.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
    }

    /// Another takes its place. Who was armed here is woken, and finds out what is so. Where its numbers are somebody else's
    /// by now they are left alone.
    #[cold]
    fn give_way_to(&mut self, mut fresh: Self, is_there: bool) {
        fresh.immediate.append(&mut self.immediate);
        for watched in self.armed.values_mut() {
            watched.tokens.fire_all(&mut fresh.immediate);
        }
        let old = std::mem::replace(self, fresh).poller;
        // Dropped as it is it would take its own descriptors out of the set that a forked child's parent still uses. So it
        // drops them out of ours, which has none of them.
        // SAFETY: it is used for nothing but its end.
        if !is_there || unsafe { replace_descriptor(&old, &self.poller) }.is_err() {
            std::mem::forget(old);
        }
    }
}

impl Inner {
    /// One-shot interest in a descriptor, whether the kernel knows it already or not.
    fn watch(&mut self, descriptor: Descriptor, interest: Interest) -> io::Result<()> {
        let source = borrow(descriptor).ok_or(io::ErrorKind::InvalidInput)?;
        let event = event(source, interest);
        match self.poller.modify(source, event) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // SAFETY: what `add` asks for is that the source is deleted before it is closed, lest its number
                // be reported for another. Registrations are one-shot and an event is matched against what is
                // armed at that time, so a stale one is at worst a spurious wake-up, which every task bears.
                unsafe { self.poller.add(&source, event)? };
                self.known.insert(descriptor);
                Ok(())
            }
            other => other,
        }
    }

    fn forget(&mut self, descriptor: Descriptor) {
        self.armed.remove(&descriptor);
        if self.known.remove(&descriptor)
            && let Some(source) = borrow(descriptor)
        {
            let _ = self.poller.delete(source);
        }
    }

    fn remove(&mut self, descriptor: Descriptor, token: Token) {
        if let Some(watched) = self.armed.get_mut(&descriptor) {
            watched.tokens.remove(token);
            if watched.tokens.is_empty() {
                self.armed.remove(&descriptor);
            }
        }
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
            self.events.clear();
            let now = (!self.immediate.is_empty()).then(Instant::now);
            // `wait` itself goes on after a signal only when it has no limit.
            let left = now.or(until).map(|until| until.saturating_duration_since(Instant::now()));
            let waited = self.poller.wait(&mut self.events, left);
            let count =
                waited.inspect_err(|error| self.is_broken = Self::is_about_a_number(error))?;
            for event in self.events.iter() {
                if event.key == WAKE {
                    let _ = wake.is_some_and(|wake| wake.take());
                } else if let Ok(descriptor) = Descriptor::try_from(event.key) {
                    fire(&self.poller, &mut self.armed, descriptor, &event, ready);
                }
            }
            ready.append(&mut self.immediate);
            let over = until.is_some_and(|until| Instant::now() >= until);
            if count > 0 || ready.len() > before || over {
                return Ok(());
            }
        }
    }

    fn watch_wake(&mut self, wake: Option<&Arc<Wake>>) -> io::Result<()> {
        if let Some(wake) = wake.filter(|wake| !std::ptr::eq(self.wake.as_ptr(), Arc::as_ptr(wake)))
            && let Some(source) = borrow(wake.descriptor())
        {
            // SAFETY: as in `watch`: should it be closed before it is deleted, which the kernel then does itself, its key
            // tells nothing but "look at the wake-up that there is".
            unsafe {
                self.poller.add_with_mode(&source, Event::readable(WAKE), PollMode::Level)?;
            }
            self.wake = Arc::downgrade(wake);
        }
        Ok(())
    }
}

/// Reports the tokens that an event is for, and arms the rest again.
fn fire(
    poller: &Poller,
    armed: &mut HashMap<Descriptor, Watched>,
    descriptor: Descriptor,
    event: &Event,
    ready: &mut Vec<Token>,
) {
    let Some(watched) = armed.get_mut(&descriptor) else {
        return;
    };
    let urgent = event.is_priority() && !poll::has_more_than_urgent(descriptor);
    let mut found = Interest::NONE;
    if event.readable && !urgent {
        found |= Interest::READ;
    }
    if event.writable {
        found |= Interest::WRITE;
    }
    if event.is_priority() {
        found |= Interest::PRIORITY;
    }
    if event.is_err().unwrap_or(false) || event.is_interrupt() {
        found |= Interest::READ | Interest::WRITE | Interest::PRIORITY | Interest::HANGUP;
    }
    watched.tokens.fire(found, ready);
    if watched.tokens.is_empty() {
        armed.remove(&descriptor);
    } else if let Some(source) = borrow(descriptor) {
        // The poller asks for urgent bytes with every read: one that nobody takes would be reported again at once.
        let mode = if urgent { PollMode::Edge } else { PollMode::Oneshot };
        if !(urgent && watched.urgent) {
            watched.urgent = urgent;
            let interest = watched.tokens.interest();
            let _ = poller.modify_with_mode(source, self::event(source, interest), mode);
        }
    }
}

/// What the poller is asked for; the key is the descriptor's number.
fn event(source: BorrowedFd<'_>, interest: Interest) -> Event {
    let (read, write) = (interest.contains(Interest::READ), interest.contains(Interest::WRITE));
    let mut event = Event::new(source.as_raw_fd() as usize, read, write);
    event.set_priority(interest.contains(Interest::PRIORITY));
    event
}

/// A descriptor for the length of a call; `None` for numbers that the type cannot hold.
fn borrow(descriptor: Descriptor) -> Option<BorrowedFd<'static>> {
    // SAFETY: never -1, which is the only value the type excludes. Should the number not be open, the call that it
    // is passed to fails with EBADF; nothing is read or written through it.
    (descriptor >= 0).then(|| unsafe { BorrowedFd::borrow_raw(descriptor) })
}
