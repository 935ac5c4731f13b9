//! A conversation in which a peer sends a stream and we read it in every way there is.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use moonsocket_core::ops::{Receive, Received, Short, Soon};
use moonsocket_core::{Cr, Error, ErrorKind, Flags, Handle, Interest, Pattern, Transport};

use super::backend::Sim;
use super::model::{Asked, Ending, check, check_time};
use super::peer::Act;
use super::rng::Rng;
use super::talk::{Next, Talk, gap, limit, patience};
use super::transport::SimSocket;
use super::work::{Outcome, Shared, received, tried, work};
use super::world::NodeId;

pub(crate) struct Reader {
    handle: Shared,
    node: NodeId,
    stream: Vec<u8>,
    ending: Ending,
    /// How much of the stream was consumed.
    accounted: usize,
    left: usize,
    asked: Option<Asked>,
}

impl Reader {
    pub(crate) fn new(sim: &Sim) -> Self {
        let mut world = sim.world.borrow_mut();
        let (node, far) = world.pair(libc::AF_INET);
        let long = world.rng.chance(20);
        let len = if long { world.rng.within(0, 80_000) } else { world.rng.within(0, 400) };
        let stream = world.rng.text(len);
        let ending = world.rng.pick(&[Ending::Open, Ending::Finished, Ending::Reset]);
        let mut script = Vec::new();
        let mut rest = &stream[..];
        while !rest.is_empty() {
            let most = if long { 30_000 } else { 120 };
            let count = world.rng.within(1, most.min(rest.len()));
            script.push((gap(&mut world.rng), Act::Send(rest[..count].to_vec())));
            rest = &rest[count..];
        }
        let last = match ending {
            Ending::Open => None,
            Ending::Finished => Some(world.rng.pick(&[0, 1])),
            Ending::Reset => Some(2),
        };
        if let Some(how) = last {
            let act = [Act::Finish, Act::Close, Act::Reset][how].clone();
            script.push((gap(&mut world.rng), act));
        }
        world.nodes[node].capacity = world.rng.within(16, 70_000);
        world.perform(far, script);
        let left = world.rng.within(1, 12);
        let descriptor = world.install(node);
        let socket = SimSocket::new(&sim.world, descriptor);
        drop(world);
        let handle = Rc::new(RefCell::new(Handle::adopt(sim, socket, libc::AF_INET)));
        Self { handle, node, stream, ending, accounted: 0, left, asked: None }
    }

    fn ask(&self, rng: &mut Rng) -> Asked {
        let count = rng.within(0, if self.stream.len() > 1000 { 60_000 } else { 100 });
        let pattern = match rng.below(9) {
            0 | 1 => Pattern::LINE,
            2 => Pattern::TEXT_LINE,
            3 => Pattern::RAW_LINE,
            4 => Pattern::until(rng.pick(&[0, b'a'])),
            5 => Pattern::Until { end: 0, cr: Cr::DropAll },
            6 => Pattern::Exact(count),
            7 => Pattern::Some(count),
            _ => Pattern::All,
        };
        let prefix = if rng.chance(200) { rng.within(1, 20) } else { 0 };
        let mut asked = Asked {
            pattern,
            prefix: rng.text(prefix),
            maximum: if rng.chance(250) { rng.within(0, 60) } else { usize::MAX },
            peek: rng.chance(60),
            dont_wait: rng.chance(60),
            tell_signals: rng.chance(100),
            whole: limit(rng),
            each: None,
        };
        if asked.whole.is_some() && rng.chance(350) {
            asked.each = limit(rng);
        }
        if asked.whole.is_none() && self.ending == Ending::Open {
            asked.whole = Some(Duration::from_millis(rng.within(1, 50) as u64));
        }
        asked
    }
}

/// A receive without time as the operation would tell of it.
fn came(Soon { range, whole }: Soon) -> Result<Received, Short> {
    let partial = Received::Lent(range);
    if whole {
        return Ok(partial);
    }
    Err(Short { error: Error::new(ErrorKind::Timeout, "receive"), partial })
}

impl Talk for Reader {
    fn next(&mut self, sim: &Sim) -> Option<Next> {
        self.left = self.left.checked_sub(1)?;
        let asked = self.ask(&mut sim.world.borrow_mut().rng);
        let mut flags = Flags::NONE;
        if asked.peek {
            flags.0 |= Flags::PEEK.0;
        }
        if asked.dont_wait {
            flags.0 |= Flags::DONT_WAIT.0;
        }
        let receive = Receive::new(asked.pattern).prefix(&asked.prefix).maximum(asked.maximum);
        let mut patience = patience(asked.whole, asked.each);
        patience.tell_signals = asked.tell_signals;
        if asked.tell_signals {
            let mut world = sim.world.borrow_mut();
            let at = world.now + gap(&mut world.rng);
            world.signal_at(at);
        }
        let (pattern, handle) = (asked.pattern, Rc::clone(&self.handle));
        let plain = asked.prefix.is_empty() && asked.maximum == usize::MAX && flags == Flags::NONE;
        self.asked = Some(asked);
        let work = if plain && sim.world.borrow_mut().rng.chance(500) {
            tried(receive, handle, received, move |sim, handle, patience| {
                if patience.whole.is_zero() && !patience.tell_signals {
                    return Receive::first_soon(sim, handle, pattern).map(came);
                }
                Receive::first(sim, handle, pattern, |_| patience)
                    .map(|range| Ok(Received::Lent(range)))
            })
        } else {
            work(receive.flags(flags), handle, received)
        };
        let place = Some((self.handle.borrow().descriptor(), Interest::READ));
        Some(Next { work, patience, place, cancellable: true })
    }

    fn finished(&mut self, sim: &Sim, outcome: Outcome, spent: Duration) {
        let Outcome::Received(outcome) = outcome else { panic!("not a receive") };
        let asked = self.asked.take().expect("something was asked");
        let handle = self.handle.borrow();
        let world = sim.world.borrow();
        let node = &world.nodes[self.node];
        let reached = node.read as usize - handle.buffer.len();
        let rest = &self.stream[self.accounted..];
        let used = reached - self.accounted;
        check(&asked, &outcome, rest, used, self.ending);
        self.accounted = reached;
        let timed_out = matches!(outcome, Err((ErrorKind::Timeout, _)));
        check_time(timed_out, asked.whole, asked.each, spent);
        if let Some(each) = asked.each
            && timed_out
            && asked.whole.is_none_or(|whole| spent < whole)
        {
            // What comes begins the limit of a single wait anew, and nothing else does. (A parked wait begins with each
            // false alarm.)
            let quiet = spent.min(world.now - node.read_at);
            assert!(quiet >= each, "early: quiet for {quiet:?}, {asked:?}");
            let latest = each + Duration::from_millis(1);
            assert!(quiet <= latest || world.parks, "late: quiet for {quiet:?}, {asked:?}");
        }
        if asked.dont_wait {
            assert_eq!(spent, Duration::ZERO, "it must not wait: {asked:?}");
        }
        if timed_out && !asked.dont_wait && asked.whole.is_some_and(|whole| !whole.is_zero()) {
            // What came before the end of the limit was not left lying there.
            let slack = Duration::from_millis(2);
            let unread = node.arrivals.front().filter(|_| !node.inbox.is_empty());
            let fresh = unread.is_none_or(|(at, _)| *at + slack >= world.now);
            // (Late reports and false refusals together may eat up any limit.)
            let unlucky = world.faults.delayed != 0 && world.faults.blocked != 0;
            assert!(fresh || unlucky || asked.each.is_some(), "unread since {unread:?}, {asked:?}");
        }
        assert_eq!(handle.statistics.received, reached as u64, "the count after {asked:?}");
        if matches!(outcome, Err((ErrorKind::Os(libc::ECONNRESET) | ErrorKind::EndOfStream, _))) {
            self.left = self.left.min(1);
        }
        if matches!(outcome, Err((ErrorKind::Os(libc::ECONNRESET), _))) {
            // Reported once; from then on it is an end like any other.
            self.ending = Ending::Finished;
        }
        assert!(handle.io().is_none_or(|io| io.descriptor() >= 3));
    }
}
