//! A conversation that accepts what peers dial, one by one.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use moonsocket_core::ops::Accept;
use moonsocket_core::{Address, ErrorKind, Handle, Interest};

use super::backend::Sim;
use super::model::check_time;
use super::peer::Act;
use super::talk::{Next, Talk, gap, limit, patience};
use super::transport::SimSocket;
use super::work::{Outcome, Shared, work};
use super::world::State;

pub(crate) struct Server {
    handle: Shared,
    /// When each connection is there, and from whom.
    dials: Vec<(Duration, Address)>,
    taken: usize,
    left: usize,
    whole: Option<Duration>,
    accepted: Vec<Handle<Sim>>,
}

impl Server {
    pub(crate) fn new(sim: &Sim) -> Self {
        let mut world = sim.world.borrow_mut();
        let listener = world.make(libc::AF_INET, State::Listening);
        let port = world.free_port();
        let at = Address::any(libc::AF_INET, port).expect("an IP family");
        world.nodes[listener].local = Some(at);
        let mut when = world.now;
        let mut dials = Vec::new();
        for _ in 0..world.rng.within(0, 5) {
            when += gap(&mut world.rng);
            let from = world.make(libc::AF_INET, State::Idle);
            let port = world.free_port();
            let local = Address::any(libc::AF_INET, port).expect("an IP family");
            world.nodes[from].local = Some(local);
            let wait = when - world.now;
            world.perform(from, vec![(wait, Act::Dial(at))]);
            dials.push((when, local));
        }
        let left = world.rng.within(1, 5);
        let descriptor = world.install(listener);
        let socket = SimSocket::new(&sim.world, descriptor);
        drop(world);
        let handle = Rc::new(RefCell::new(Handle::adopt(sim, socket, libc::AF_INET)));
        Self { handle, dials, taken: 0, left, whole: None, accepted: Vec::new() }
    }
}

impl Talk for Server {
    fn next(&mut self, sim: &Sim) -> Option<Next> {
        self.left = self.left.checked_sub(1)?;
        let mut world = sim.world.borrow_mut();
        self.whole = limit(&mut world.rng);
        if self.taken >= self.dials.len() && self.whole.is_none() {
            self.whole = Some(Duration::from_millis(5));
        }
        drop(world);
        let convert = |_: &mut _, out: Result<_, moonsocket_core::Error>| {
            Outcome::Accepted(out.map_err(|error| error.kind()))
        };
        let work = work(Accept, Rc::clone(&self.handle), convert);
        let place = Some((self.handle.borrow().descriptor(), Interest::READ));
        Some(Next { work, patience: patience(self.whole, None), place, cancellable: true })
    }

    fn finished(&mut self, sim: &Sim, outcome: Outcome, spent: Duration) {
        let Outcome::Accepted(outcome) = outcome else { panic!("not an accept") };
        let timed_out = matches!(outcome, Err(ErrorKind::Timeout));
        check_time(timed_out, self.whole, None, spent);
        let now = sim.world.borrow().now;
        match outcome {
            Ok((handle, from)) => {
                // In the order of arrival, unless latencies mixed them.
                let known = self.dials[self.taken..].iter().position(|(_, dial)| *dial == from);
                let at = self.taken + known.expect("each connection once");
                assert!(self.dials[at].0 <= now, "a connection before it was made");
                let ordered = sim.world.borrow().latency_us == 0;
                assert!(!ordered || at == self.taken, "out of order");
                self.dials.swap(self.taken, at);
                self.taken += 1;
                self.accepted.push(handle);
            }
            Err(ErrorKind::Timeout) => {
                let slack = Duration::from_millis(2 + 3);
                let waiting = self.dials[self.taken..].iter().any(|(at, _)| *at + slack < now);
                let zero = self.whole == Some(Duration::ZERO);
                assert!(!waiting || zero, "a connection was waiting: {:?} at {now:?}", self.dials);
            }
            Err(ErrorKind::Cancelled) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
}
