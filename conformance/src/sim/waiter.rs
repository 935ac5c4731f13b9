//! A conversation that only waits: for a socket, for several, for time.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use moonsocket_core::ops::{Ready, Select, Sleep};
use moonsocket_core::{ErrorKind, Handle, Interest, Watch};

use super::backend::Sim;
use super::model::check_time;
use super::peer::Act;
use super::talk::{Next, Talk, gap, limit, patience};
use super::transport::SimSocket;
use super::work::{Outcome, Shared, done, work};
use super::world::NodeId;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ready(usize, Interest),
    Select,
    Sleep(Duration),
}

pub(crate) struct Waiter {
    sockets: Vec<(Shared, NodeId)>,
    left: usize,
    kind: Kind,
    whole: Option<Duration>,
}

impl Waiter {
    pub(crate) fn new(sim: &Sim) -> Self {
        let mut sockets = Vec::new();
        let count = sim.world.borrow_mut().rng.within(1, 6);
        for _ in 0..count {
            let mut world = sim.world.borrow_mut();
            let (node, far) = world.pair(libc::AF_INET);
            let mut script = Vec::new();
            for _ in 0..world.rng.below(3) {
                let act = [Act::Send(b"x".to_vec()), Act::Finish, Act::Reset];
                let act = act[world.rng.pick(&[0, 0, 0, 1, 2])].clone();
                let wait = gap(&mut world.rng);
                script.push((wait, act));
            }
            // Some have no room to write into.
            world.nodes[far].capacity = world.rng.pick(&[0, 100]);
            world.perform(far, script);
            let descriptor = world.install(node);
            let socket = SimSocket::new(&sim.world, descriptor);
            drop(world);
            let handle = Handle::adopt(sim, socket, libc::AF_INET);
            sockets.push((Rc::new(RefCell::new(handle)), node));
        }
        let left = sim.world.borrow_mut().rng.within(1, 6);
        Self { sockets, left, kind: Kind::Select, whole: None }
    }
}

impl Talk for Waiter {
    fn next(&mut self, sim: &Sim) -> Option<Next> {
        self.left = self.left.checked_sub(1)?;
        let mut world = sim.world.borrow_mut();
        self.whole = limit(&mut world.rng).or(Some(Duration::from_millis(40)));
        let mut interest =
            || world.rng.pick(&[Interest::READ, Interest::WRITE, Interest::READ | Interest::WRITE]);
        let patience = patience(self.whole, None);
        let (first, second) = (interest(), interest());
        let at = world.rng.below(self.sockets.len());
        let kind = world.rng.below(3);
        let sleep = Duration::from_micros(world.rng.below(30_000) as u64);
        let closed = world.rng.chance(200);
        drop(world);
        let work = match kind {
            0 => {
                self.kind = Kind::Ready(at, first);
                work(Ready::new(first), Rc::clone(&self.sockets[at].0), done)
            }
            1 => {
                self.kind = Kind::Select;
                let mut watches: Vec<_> = self
                    .sockets
                    .iter()
                    .enumerate()
                    .map(|(index, socket)| {
                        let interest = if index % 2 == 0 { first } else { second };
                        Watch::new(socket.0.borrow().descriptor(), interest)
                    })
                    .collect();
                if closed {
                    // Never ready, never in the way.
                    watches.push(Watch::new(-1, Interest::READ));
                }
                let convert =
                    |_: &mut (), out: (Vec<Watch>, Result<usize, moonsocket_core::Error>)| {
                        Outcome::Selected(out.0, out.1.map_err(|error| error.kind()))
                    };
                work(Select::new(watches), (), convert)
            }
            _ => {
                self.kind = Kind::Sleep(sleep);
                work(Sleep::new(sleep), (), done)
            }
        };
        Some(Next { work, patience, place: None, cancellable: true })
    }

    fn finished(&mut self, sim: &Sim, outcome: Outcome, spent: Duration) {
        let world = sim.world.borrow();
        match (self.kind, outcome) {
            (Kind::Ready(at, interest), Outcome::Done(outcome)) => {
                check_time(outcome == Err(ErrorKind::Timeout), self.whole, None, spent);
                let ready = world.readiness(self.sockets[at].1).and(interest);
                match outcome {
                    Ok(_) => assert!(!ready.is_none(), "not ready"),
                    Err(ErrorKind::Timeout | ErrorKind::Cancelled) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            (Kind::Select, Outcome::Selected(watches, outcome)) => {
                let none = matches!(outcome, Ok(0));
                check_time(none, self.whole, None, spent);
                for watch in watches.iter().filter(|watch| watch.descriptor >= 0) {
                    let node = world.find(watch.descriptor).expect("open");
                    let ready = world.readiness(node).and(watch.interest);
                    assert!(ready.contains(watch.ready), "{watch:?} but {ready:?}");
                    assert!(!none || watch.ready.is_none());
                }
                let count = watches.iter().filter(|watch| !watch.ready.is_none()).count();
                match outcome {
                    Ok(found) => assert_eq!(found, count, "{watches:?}"),
                    Err(kind) => assert_eq!(kind, ErrorKind::Cancelled),
                }
            }
            (Kind::Sleep(time), Outcome::Done(outcome)) => match outcome {
                Ok(_) => {
                    let tick = Duration::from_millis(1);
                    assert!(spent >= time && spent <= time + tick, "{time:?} took {spent:?}");
                }
                Err(ErrorKind::Timeout) => {
                    check_time(true, self.whole, None, spent);
                    assert!(self.whole.is_some_and(|whole| whole <= time));
                }
                Err(ErrorKind::Cancelled) => {}
                Err(other) => panic!("{other:?}"),
            },
            _ => panic!("another outcome"),
        }
    }
}
