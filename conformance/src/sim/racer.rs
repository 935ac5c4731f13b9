//! A conversation that connects to whichever of several addresses answers first.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use moonsocket_core::ops::HappyEyeballs;
use moonsocket_core::{Address, ErrorKind, Handle, Kind};

use super::backend::Sim;
use super::talk::{Next, Talk, limit, patience};
use super::work::{Outcome, Shared, done, work};
use super::world::{Plan, State};

/// What late waits and false alarms may add.
const DOUBT: Duration = Duration::from_millis(20);

pub(crate) struct Racer {
    left: usize,
    handle: Shared,
    plans: Vec<(Address, Plan)>,
    delay: Duration,
    whole: Option<Duration>,
}

impl Racer {
    pub(crate) fn new(sim: &Sim) -> Self {
        let left = sim.world.borrow_mut().rng.within(1, 3);
        let handle = Rc::new(RefCell::new(Handle::unopened(sim)));
        Self { left, handle, plans: Vec::new(), delay: Duration::ZERO, whole: None }
    }

    /// When the first connection is there, at the earliest and at the latest: each address has begun after as many
    /// delays as there are addresses before it, or sooner where those have failed.
    fn connected(&self) -> Option<(Duration, Duration)> {
        let ends = self.plans.iter().zip(0..).filter_map(|((_, plan), position)| match plan {
            Plan::Accept(time) => Some((*time, self.delay * position + *time)),
            _ => None,
        });
        ends.reduce(|(early, late), (time, end)| (early.min(time), late.min(end)))
    }
}

impl Talk for Racer {
    fn next(&mut self, sim: &Sim) -> Option<Next> {
        self.left = self.left.checked_sub(1)?;
        let mut world = sim.world.borrow_mut();
        let mut rng = world.rng.clone();
        self.plans.clear();
        // Families in turn, so that the order stays as it is here.
        let mut family = rng.pick(&[libc::AF_INET, libc::AF_INET6]);
        for _ in 0..rng.within(1, 4) {
            let time = Duration::from_micros(rng.within(0, 60_000) as u64);
            let plan = match rng.below(3) {
                0 => Plan::Accept(time),
                1 => Plan::Refuse(time),
                _ => Plan::Silent,
            };
            let to = Address::any(family, world.free_port()).expect("an IP family");
            self.plans.push((to, plan));
            family = if family == libc::AF_INET { libc::AF_INET6 } else { libc::AF_INET };
        }
        world.plans.extend_from_slice(&self.plans);
        self.delay = Duration::from_millis(rng.within(10, 40) as u64);
        self.whole = limit(&mut rng).map(|time| time * rng.pick(&[1, 20]));
        if self.connected().is_none() {
            self.whole.get_or_insert(Duration::from_millis(200));
        }
        world.rng = rng;
        drop(world);
        self.handle = Rc::new(RefCell::new(Handle::unopened(sim)));
        let addresses: Vec<_> = self.plans.iter().map(|(to, _)| *to).collect();
        let race = HappyEyeballs::new(addresses, Kind::stream(libc::AF_UNSPEC)).delay(self.delay);
        let work = work(race, Rc::clone(&self.handle), done);
        Some(Next { work, patience: patience(self.whole, None), place: None, cancellable: false })
    }

    fn finished(&mut self, sim: &Sim, outcome: Outcome, spent: Duration) {
        let Outcome::Done(outcome) = outcome else { panic!("not a connect") };
        let story = format!("{outcome:?} after {spent:?} of {:?}: {:?}", self.whole, self.plans);
        super::model::check_time(outcome == Err(ErrorKind::Timeout), self.whole, None, spent);
        let connected = self.connected();
        let world = sim.world.borrow();
        let handle = self.handle.borrow();
        match outcome {
            Ok(_) => {
                let (early, late) = connected.expect("somebody answers");
                assert!(spent >= early && spent <= late + DOUBT, "{story}");
                let node = &world.nodes[world.find(handle.descriptor()).expect("open")];
                assert_eq!(node.state, State::Connected, "not connected: {story}");
                let winner = self.plans.iter().find(|(to, _)| Some(*to) == node.remote);
                assert!(matches!(winner, Some((_, Plan::Accept(_)))), "{story}");
            }
            Err(ErrorKind::Timeout) => {
                let whole = self.whole.expect("a limit ran out");
                let silent = self.plans.iter().any(|(_, plan)| matches!(plan, Plan::Silent));
                let busy = self.delay * self.plans.len() as u32 + Duration::from_millis(60);
                let late = connected.map_or(busy, |(_, late)| late);
                assert!((silent && connected.is_none()) || late + DOUBT >= whole, "{story}");
            }
            Err(ErrorKind::Os(libc::ECONNREFUSED)) => {
                let all = self.plans.iter().all(|(_, plan)| matches!(plan, Plan::Refuse(_)));
                assert!(all, "{story}");
            }
            Err(_) => panic!("{story}"),
        }
        let ours = |to: &Option<Address>| self.plans.iter().any(|(plan, _)| Some(*plan) == *to);
        let open = world.nodes.iter().filter(|node| node.open && ours(&node.remote)).count();
        assert_eq!(open, usize::from(handle.is_open()), "attempts left open: {story}");
    }
}
