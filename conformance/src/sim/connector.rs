//! A conversation that connects to one of several addresses, each of which behaves in its own way.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use moonsocket_core::ops::Connect;
use moonsocket_core::{Address, ErrorKind, Handle, Kind, UnixName};

use super::backend::Sim;
use super::rng::Rng;
use super::talk::{Next, Talk, limit, patience};
use super::work::{Outcome, Shared, done, work};
use super::world::{Plan, State};

/// Longest pause between two tries at a full backlog, and some for its doubling.
const PAUSES: Duration = Duration::from_millis(110);

pub(crate) struct Connector {
    left: usize,
    handle: Shared,
    /// When it succeeds (with how much doubt) and with whom, or when the last address has failed.
    expected: Expected,
    whole: Option<Duration>,
}

#[derive(Debug, Clone, Copy)]
struct Expected {
    at: Duration,
    doubt: Duration,
    who: Option<Address>,
    never: bool,
}

impl Connector {
    pub(crate) fn new(sim: &Sim) -> Self {
        let left = sim.world.borrow_mut().rng.within(1, 3);
        let handle = Rc::new(RefCell::new(Handle::unopened(sim)));
        let expected =
            Expected { at: Duration::ZERO, doubt: Duration::ZERO, who: None, never: false };
        Self { left, handle, expected, whole: None }
    }
}

fn address(rng: &mut Rng, port: u16) -> Address {
    match rng.below(5) {
        0 | 1 => Address::any(libc::AF_INET, port).expect("an IP family"),
        2 | 3 => Address::any(libc::AF_INET6, port).expect("an IP family"),
        _ => {
            let name = UnixName::new(format!("/there/{port}").as_bytes());
            Address::Unix(name.expect("short"))
        }
    }
}

/// What happens at an address, and what that adds to the expectation: `true` when it ends there.
fn meet(rng: &mut Rng, to: Address, now: Duration, expected: &mut Expected) -> Plan {
    let unix = to.family() == libc::AF_UNIX;
    let delay = if unix || rng.chance(300) {
        Duration::ZERO
    } else {
        Duration::from_micros(rng.within(1, 15_000) as u64)
    };
    let plan = match rng.below(if unix { 3 } else { 5 }) {
        0 => Plan::Accept(delay),
        1 if unix => Plan::Full(now + Duration::from_micros(rng.within(1, 300_000) as u64)),
        1..=3 => Plan::Refuse(delay),
        _ => Plan::Silent,
    };
    if expected.who.is_none() && !expected.never {
        match plan {
            Plan::Accept(delay) => {
                expected.at += delay;
                expected.who = Some(to);
            }
            Plan::Full(until) => {
                expected.at = expected.at.max(until - now);
                expected.doubt += PAUSES;
                expected.who = Some(to);
            }
            Plan::Refuse(delay) => expected.at += delay,
            Plan::Silent => expected.never = true,
        }
    }
    plan
}

impl Talk for Connector {
    fn next(&mut self, sim: &Sim) -> Option<Next> {
        self.left = self.left.checked_sub(1)?;
        let mut world = sim.world.borrow_mut();
        let mut rng = world.rng.clone();
        let now = world.now;
        let mut expected =
            Expected { at: Duration::ZERO, doubt: Duration::ZERO, who: None, never: false };
        // Waits may report late, and a false alarm costs a look.
        expected.doubt += Duration::from_millis(10);
        let count = rng.within(1, 4);
        let mut addresses = Vec::new();
        for _ in 0..count {
            let port = world.free_port();
            let to = address(&mut rng, port);
            let plan = meet(&mut rng, to, now, &mut expected);
            if let Plan::Full(until) = plan {
                world.change_at(until);
            }
            world.plans.push((to, plan));
            addresses.push(to);
        }
        self.whole = limit(&mut rng).map(|time| time * rng.pick(&[1, 1, 20]));
        if expected.never && self.whole.is_none() {
            self.whole = Some(Duration::from_millis(40));
        }
        world.rng = rng;
        drop(world);
        self.expected = expected;
        self.handle = Rc::new(RefCell::new(Handle::unopened(sim)));
        let connect = Connect::new(addresses, Kind::stream(libc::AF_UNSPEC));
        let work = work(connect, Rc::clone(&self.handle), done);
        Some(Next { work, patience: patience(self.whole, None), place: None, cancellable: false })
    }

    fn finished(&mut self, sim: &Sim, outcome: Outcome, spent: Duration) {
        let Outcome::Done(outcome) = outcome else { panic!("not a connect") };
        let Expected { at, doubt, who, never } = self.expected;
        let story = format!("{outcome:?} after {spent:?} of {:?}: {:?}", self.whole, self.expected);
        super::model::check_time(outcome == Err(ErrorKind::Timeout), self.whole, None, spent);
        let whole = self.whole.unwrap_or(Duration::MAX);
        match outcome {
            Ok(_) => {
                assert!(who.is_some() && spent >= at && spent <= at + doubt, "{story}");
                let handle = self.handle.borrow();
                let world = sim.world.borrow();
                let node = &world.nodes[world.find(handle.descriptor()).expect("open")];
                assert_eq!(node.state, State::Connected, "not connected: {story}");
                assert_eq!(node.remote, who, "{story}");
            }
            Err(ErrorKind::Timeout) => assert!(never || at + doubt >= whole, "{story}"),
            Err(ErrorKind::Os(libc::ECONNREFUSED)) => {
                assert!(who.is_none() && !never && spent >= at && spent <= at + doubt, "{story}");
            }
            Err(_) => panic!("{story}"),
        }
    }
}
