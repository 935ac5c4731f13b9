//! Connecting to a name with several addresses, some of which may not answer: RFC 8305.

use std::collections::VecDeque;
use std::fmt;
use std::time::{Duration, Instant};

use crate::ops::{Connect, Lookup};
use crate::{
    Address, Backend, Error, ErrorKind, Handle, Interest, Kind, Mode, Need, Operation, Query, Step,
    Stop, Watch,
};

/// Connects a handle to whichever address answers first.
///
/// The addresses are tried in their order, families in turn; the next one when the one before has failed, or has not
/// answered within the delay. Those under way go on meanwhile. The first to connect wins, the others are closed.
/// Where no address answers, the error is that of the one which failed last. A Unix listener whose backlog is full counts
/// as one that fails.
///
/// The handle's remembered options hold for every attempt; a descriptor that it had is replaced, and where somebody closes
/// that meanwhile, the next step says so.
///
/// Both families are asked of the resolver at once, and it puts the addresses into order (RFC 6724); there is no
/// separate wait for the slower family (RFC 8305, section 3).
#[doc(alias = "RFC 8305")]
#[must_use = "an operation does nothing until it is driven"]
pub struct HappyEyeballs<B: Backend> {
    lookup: Option<Lookup>,
    kind: Kind,
    delay: Duration,
    /// Those to be tried.
    addresses: VecDeque<Address>,
    /// Those under way, each with the watch of the same position.
    attempts: Vec<Attempt<B>>,
    watches: Vec<Watch>,
    /// When the next address is tried although nothing has failed.
    next: Option<Instant>,
    last: Error,
    /// The handle had a descriptor: when it has none any more, somebody closed it.
    held: bool,
}

struct Attempt<B: Backend> {
    connect: Connect,
    handle: Handle<B>,
}

/// How an attempt went on.
enum Course {
    Connected,
    UnderWay,
    Failed(Error),
}

impl<B: Backend> HappyEyeballs<B> {
    /// The delay that RFC 8305 recommends.
    pub const DELAY: Duration = Duration::from_millis(250);

    /// To one of these addresses. `kind` says type and protocol; its family is replaced by each address's.
    pub fn new(addresses: impl IntoIterator<Item = Address>, kind: Kind) -> Self {
        Self {
            lookup: None,
            kind,
            delay: Self::DELAY,
            addresses: families_in_turn(addresses),
            attempts: Vec::new(),
            watches: Vec::new(),
            next: None,
            last: Error::new(ErrorKind::Invalid("no address"), "connect"),
            held: false,
        }
    }

    /// To whatever a name stands for. The limit covers the lookup too.
    pub fn resolve(query: Query, kind: Kind) -> Self {
        Self { lookup: Some(Lookup::new(query)), ..Self::new([], kind) }
    }

    /// How long each address has before the next one is tried as well: from 10 ms, the least that RFC 8305 allows.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay.max(Duration::from_millis(10));
        self
    }

    /// Goes on with those whose sockets are ready. The position of one that has connected.
    fn look(&mut self, backend: &B) -> Option<usize> {
        let mut at = 0;
        while at < self.attempts.len() {
            let watch = &self.watches[at];
            if watch.ready.is_none() && !watch.invalid {
                at += 1;
                continue;
            }
            match self.attempts[at].go_on(backend) {
                Course::Connected => return Some(at),
                Course::UnderWay => {
                    self.watches[at] = self.attempts[at].watch();
                    at += 1;
                }
                Course::Failed(error) => {
                    self.give_up(at, error);
                }
            }
        }
        None
    }

    /// An attempt has failed: the next address's turn has come.
    fn give_up(&mut self, at: usize, error: Error) {
        self.attempts.remove(at);
        self.watches.remove(at);
        self.last = error;
        self.next = None;
    }

    /// Tries the addresses whose turn it is. The position of one that has connected.
    fn begin(&mut self, backend: &B, like: &Handle<B>) -> Option<usize> {
        while !self.addresses.is_empty() && self.next.is_none_or(|next| backend.now() >= next) {
            let Some(address) = self.addresses.pop_front() else {
                break;
            };
            let connect = Connect::new([address], self.kind);
            let mut attempt = Attempt { connect, handle: like.sibling(backend) };
            let course = attempt.go_on(backend);
            self.watches.push(attempt.watch());
            self.attempts.push(attempt);
            let at = self.attempts.len() - 1;
            match course {
                Course::Connected => return Some(at),
                Course::UnderWay => self.next = backend.now().checked_add(self.delay),
                Course::Failed(error) => self.give_up(at, error),
            }
        }
        None
    }

    /// Closes all of them.
    fn clear(&mut self) {
        self.attempts.clear();
        self.watches.clear();
        self.addresses.clear();
    }
}

impl<B: Backend> fmt::Debug for HappyEyeballs<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HappyEyeballs")
            .field("kind", &self.kind)
            .field("to_be_tried", &self.addresses)
            .field("under_way", &self.attempts.len())
            .finish_non_exhaustive()
    }
}

impl<B: Backend> Attempt<B> {
    /// As far as it goes without waiting.
    fn go_on(&mut self, backend: &B) -> Course {
        loop {
            match self.connect.step(backend, &mut self.handle, Mode::Now) {
                Step::Done(Ok(_)) => return Course::Connected,
                Step::Done(Err(error)) => return Course::Failed(error),
                Step::Again | Step::Interrupted => {}
                // A Unix listener's backlog is full, and a poll ends at once.
                Step::Wait(Need::Pause(_)) => {
                    return Course::Failed(Error::new(ErrorKind::Os(libc::EAGAIN), "connect"));
                }
                Step::Wait(_) => return Course::UnderWay,
            }
        }
    }

    fn watch(&self) -> Watch {
        Watch::new(self.handle.descriptor(), Interest::WRITE)
    }
}

impl<B: Backend> Operation<B> for HappyEyeballs<B> {
    type On = Handle<B>;
    type Out = Result<(), Error>;

    fn interest(&self) -> Interest {
        Interest::NONE
    }

    fn step(&mut self, backend: &B, handle: &mut Handle<B>, mode: Mode) -> Step<Self::Out> {
        if self.held && !handle.is_open() {
            self.clear();
            return Step::Done(Err(Error::new(ErrorKind::Closed, "connect")));
        }
        self.held = handle.is_open();
        if let Some(lookup) = &mut self.lookup {
            return match <Lookup as Operation<B>>::step(lookup, backend, &mut (), mode).done() {
                Ok(Ok(found)) => {
                    self.addresses = families_in_turn(found.into_iter().map(|it| it.address));
                    self.lookup = None;
                    Step::Again
                }
                Ok(Err(error)) => Step::Done(Err(error)),
                Err(not_yet) => not_yet,
            };
        }
        if let Some(at) = self.look(backend).or_else(|| self.begin(backend, handle)) {
            handle.take_over(self.attempts.swap_remove(at).handle);
            self.clear();
            return Step::Done(Ok(()));
        }
        match (self.attempts.is_empty(), self.next) {
            (true, _) => Step::Done(Err(self.last)),
            (false, Some(next)) if !self.addresses.is_empty() => {
                Step::Wait(Need::Pause(next.saturating_duration_since(backend.now())))
            }
            (false, _) => Step::Wait(Need::Many),
        }
    }

    fn stop(&mut self, _handle: &mut Handle<B>, why: Stop) -> Self::Out {
        self.clear();
        Err(why.error("connect"))
    }

    fn watches(&mut self) -> &mut [Watch] {
        &mut self.watches
    }
}

/// The first, then the first of another family, and so on (RFC 8305, section 4).
fn families_in_turn(addresses: impl IntoIterator<Item = Address>) -> VecDeque<Address> {
    let mut rest: VecDeque<Address> = addresses.into_iter().collect();
    let mut sorted: VecDeque<Address> = VecDeque::with_capacity(rest.len());
    while !rest.is_empty() {
        let last = sorted.back().map(Address::family);
        let other = rest.iter().position(|address| Some(address.family()) != last);
        sorted.extend(rest.remove(other.unwrap_or(0)));
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let parse = |text: &&str| Address::Inet(text.parse().expect("a literal"));
        let given = ["[::1]:1", "[::1]:2", "[::1]:3", "127.0.0.1:1", "127.0.0.1:2"];
        let wanted = ["[::1]:1", "127.0.0.1:1", "[::1]:2", "127.0.0.1:2", "[::1]:3"];
        let sorted = families_in_turn(given.iter().map(parse));
        assert_eq!(sorted, wanted.iter().map(parse).collect::<Vec<_>>());
    }
}
