//! A conversation in which we send and a peer reads, slowly, in a hurry, or not to the end.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use moonsocket_core::ops::{Send, SendParts};
use moonsocket_core::{ErrorKind, Handle, Interest};

use super::backend::Sim;
use super::model::check_time;
use super::peer::Act;
use super::rng::Rng;
use super::talk::{Next, Talk, gap, limit, patience};
use super::transport::SimSocket;
use super::work::{Outcome, Shared, sent, tried, work};
use super::world::NodeId;

pub(crate) struct Writer {
    handle: Shared,
    node: NodeId,
    far: NodeId,
    peer: usize,
    /// The peer goes away in the end.
    leaves: bool,
    all: Vec<u8>,
    left: usize,
    asked: usize,
    before: u64,
    whole: bool,
    limits: (Option<Duration>, Option<Duration>),
}

impl Writer {
    pub(crate) fn new(sim: &Sim) -> Self {
        let mut world = sim.world.borrow_mut();
        let (node, far) = world.pair(libc::AF_INET6);
        world.nodes[far].capacity = world.rng.within(1, 2000);
        let leaves = world.rng.chance(300);
        let mut script = Vec::new();
        for _ in 0..world.rng.within(0, 60) {
            let most = world.rng.within(1, 500);
            script.push((gap(&mut world.rng), Act::Read(most)));
        }
        if leaves {
            let end = [Act::Close, Act::Reset][world.rng.below(2)].clone();
            script.push((gap(&mut world.rng), end));
        }
        let peer = world.perform(far, script);
        let left = world.rng.within(1, 6);
        let descriptor = world.install(node);
        let socket = SimSocket::new(&sim.world, descriptor);
        drop(world);
        let handle = Rc::new(RefCell::new(Handle::adopt(sim, socket, libc::AF_INET6)));
        Self {
            handle,
            node,
            far,
            peer,
            leaves,
            all: Vec::new(),
            left,
            asked: 0,
            before: 0,
            whole: true,
            limits: (None, None),
        }
    }
}

/// The same in pieces, some of them empty.
fn pieces(rng: &mut Rng, data: &[u8]) -> Vec<Vec<u8>> {
    let mut rest = data;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (part, after) = rest.split_at(rng.within(0, rest.len().min(400)));
        parts.push(part.to_vec());
        rest = after;
    }
    parts
}

impl Talk for Writer {
    fn next(&mut self, sim: &Sim) -> Option<Next> {
        self.left = self.left.checked_sub(1)?;
        let mut world = sim.world.borrow_mut();
        let len = world.rng.within(0, 1500);
        let data = world.rng.text(len);
        // Without a limit only where the peer will not leave us waiting for ever.
        let mut whole = limit(&mut world.rng);
        if whole.is_none() && !self.leaves {
            whole = Some(Duration::from_millis(30));
        }
        let each =
            if whole.is_some() && world.rng.chance(200) { limit(&mut world.rng) } else { None };
        self.limits = (whole, each);
        self.asked = len;
        self.whole = world.rng.chance(700);
        self.before = world.nodes[self.node].sent;
        let at = self.before as usize;
        self.all.truncate(at);
        self.all.extend_from_slice(&data);
        let send = if self.whole { Send::all(data.clone()) } else { Send::some(data.clone()) };
        let place = Some((self.handle.borrow().descriptor(), Interest::WRITE));
        let (handle, all) = (Rc::clone(&self.handle), self.whole);
        let work = match world.rng.below(3) {
            0 => tried(send, handle, sent, move |sim, handle, patience| {
                Send::first(sim, handle, &data, all, &patience, false).map(Ok)
            }),
            1 => {
                let parts = pieces(&mut world.rng, &data);
                let send = if all { SendParts::all(parts) } else { SendParts::some(parts) };
                work(send, handle, sent)
            }
            _ => work(send, handle, sent),
        };
        Some(Next { work, patience: patience(whole, each), place, cancellable: true })
    }

    fn finished(&mut self, sim: &Sim, outcome: Outcome, spent: Duration) {
        let Outcome::Sent(outcome) = outcome else { panic!("not a send") };
        let world = sim.world.borrow();
        let taken = (world.nodes[self.node].sent - self.before) as usize;
        let (whole, each) = self.limits;
        check_time(matches!(outcome, Err((ErrorKind::Timeout, _))), whole, each, spent);
        match outcome {
            Ok(count) => {
                assert_eq!(count, taken, "the count is what the system took");
                assert!(count == self.asked || !self.whole, "{count} of {}", self.asked);
                assert!(count > 0 || self.asked == 0);
            }
            Err((kind, count)) => {
                assert_eq!(count, taken, "the partial count is what the system took");
                assert!(count < self.asked || self.asked == 0, "{kind:?} although all was sent");
                let gone = matches!(kind, ErrorKind::Os(libc::EPIPE | libc::ECONNRESET));
                let stopped = matches!(kind, ErrorKind::Timeout | ErrorKind::Cancelled);
                assert!(stopped || (gone && self.leaves), "{kind:?}");
            }
        }
        assert_eq!(self.handle.borrow().statistics.sent, world.nodes[self.node].sent);
        // Read, unread and on its way: that is all, in order.
        let peer = &world.peers[self.peer];
        let far = &world.nodes[self.far];
        let mut there = peer.got.clone();
        there.extend(&far.inbox);
        let sent = &self.all[..world.nodes[self.node].sent as usize];
        assert!(sent.starts_with(&there), "the peer got other bytes than were sent");
        if far.open {
            assert_eq!(there.len() + far.on_the_way, sent.len(), "bytes got lost");
        }
    }
}
