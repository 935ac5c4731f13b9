//! A conversation with datagrams: none is lost, split, joined or out of order, and a full queue is waited for.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use moonsocket_core::ops::{ReceiveFrom, SendTo};
use moonsocket_core::{Address, ErrorKind, Handle, Interest, UnixName};

use super::backend::Sim;
use super::model::check_time;
use super::peer::Act;
use super::talk::{Next, Talk, gap, limit, patience};
use super::transport::SimSocket;
use super::work::{Outcome, Shared, work};
use super::world::{NodeId, State};

pub(crate) struct Messages {
    handle: Shared,
    there: Address,
    peer: usize,
    far: NodeId,
    /// What the peer will still send us.
    coming: VecDeque<Vec<u8>>,
    left: usize,
    sent: Vec<Vec<u8>>,
    size: usize,
    /// The message that is being sent; none: one is being received.
    sending: Option<Vec<u8>>,
    whole: Option<Duration>,
}

impl Messages {
    pub(crate) fn new(sim: &Sim) -> Self {
        let mut world = sim.world.borrow_mut();
        let unix = world.rng.chance(600);
        let family = if unix { libc::AF_UNIX } else { libc::AF_INET };
        let (near, far) =
            (world.make(family, State::Datagram), world.make(family, State::Datagram));
        let mut name = |unix: bool| {
            let port = world.free_port();
            let name = UnixName::new(format!("\0mail {port}").as_bytes()).map(Address::Unix);
            if unix { name } else { Address::any(family, port) }.expect("short")
        };
        let (here, there) = (name(unix), name(unix));
        world.nodes[near].local = Some(here);
        world.nodes[far].local = Some(there);
        world.nodes[near].backlog = usize::MAX;
        world.nodes[far].backlog = if unix { world.rng.within(1, 3) } else { usize::MAX };
        let mut coming = VecDeque::new();
        let mut script = Vec::new();
        for _ in 0..world.rng.within(0, 12) {
            let act = if world.rng.chance(400) {
                let len = world.rng.within(0, 200);
                let message = world.rng.text(len);
                coming.push_back(message.clone());
                Act::Mail(message, here)
            } else {
                Act::TakeMail
            };
            script.push((gap(&mut world.rng), act));
        }
        let peer = world.perform(far, script);
        let left = world.rng.within(1, 12);
        let descriptor = world.install(near);
        let socket = SimSocket::new(&sim.world, descriptor);
        drop(world);
        let handle = Rc::new(RefCell::new(Handle::adopt(sim, socket, family)));
        Self {
            handle,
            there,
            peer,
            far,
            coming,
            left,
            sent: Vec::new(),
            size: 0,
            sending: None,
            whole: None,
        }
    }
}

impl Talk for Messages {
    fn next(&mut self, sim: &Sim) -> Option<Next> {
        self.left = self.left.checked_sub(1)?;
        let mut world = sim.world.borrow_mut();
        self.whole = limit(&mut world.rng).or(Some(Duration::from_millis(70)));
        let patience = patience(self.whole, None);
        let descriptor = self.handle.borrow().descriptor();
        if world.rng.chance(500) {
            let len = world.rng.within(0, 300);
            let message = world.rng.text(len);
            self.sending = Some(message.clone());
            let convert = |_: &mut _, out: Result<usize, moonsocket_core::Error>| {
                Outcome::Done(out.map_err(|error| error.kind()))
            };
            let work = work(SendTo::new(message, self.there), Rc::clone(&self.handle), convert);
            return Some(Next { work, patience, place: None, cancellable: true });
        }
        self.sending = None;
        self.size = world.rng.within(0, 250);
        let convert = |_: &mut _, out: Result<_, moonsocket_core::Error>| {
            Outcome::Message(out.map_err(|error| error.kind()))
        };
        let work = work(ReceiveFrom::new(self.size), Rc::clone(&self.handle), convert);
        let place = Some((descriptor, Interest::READ));
        Some(Next { work, patience, place, cancellable: true })
    }

    fn finished(&mut self, sim: &Sim, outcome: Outcome, spent: Duration) {
        let world = sim.world.borrow();
        match outcome {
            Outcome::Done(outcome) => {
                let message = self.sending.take().expect("a message was sent");
                check_time(outcome == Err(ErrorKind::Timeout), self.whole, None, spent);
                match outcome {
                    Ok(count) => {
                        assert_eq!(count, message.len(), "a message goes whole");
                        self.sent.push(message);
                    }
                    Err(ErrorKind::Timeout | ErrorKind::Cancelled) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            Outcome::Message(outcome) => {
                let timed_out = matches!(outcome, Err(ErrorKind::Timeout));
                check_time(timed_out, self.whole, None, spent);
                match outcome {
                    Ok(message) => {
                        let mut want = self.coming.pop_front().expect("it was sent");
                        want.truncate(self.size);
                        assert_eq!(message.data, want);
                        assert_eq!(message.from, self.there);
                    }
                    Err(ErrorKind::Timeout | ErrorKind::Cancelled) => {}
                    Err(other) => panic!("{other:?}"),
                }
            }
            _ => panic!("not a message"),
        }
        // In order, each once: those taken, and those that wait.
        let waiting = world.nodes[self.far].mail.iter().map(|(message, _)| message);
        let there = world.peers[self.peer].messages.iter().chain(waiting);
        assert!(there.eq(self.sent.iter()), "messages got lost or doubled");
    }
}
