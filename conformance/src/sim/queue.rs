//! Several fibers on one socket: first come, first served, and no byte to the wrong one.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use moonsocket_core::ops::Receive;
use moonsocket_core::{ErrorKind, Handle, Interest, Pattern};

use super::backend::Sim;
use super::peer::Act;
use super::talk::{Next, Talk, gap, limit, patience};
use super::transport::SimSocket;
use super::work::{Outcome, Shared, received, work};
use super::world::NodeId;

struct Common {
    handle: Shared,
    node: NodeId,
    stream: Vec<u8>,
    accounted: Cell<usize>,
    /// Who waits, in the order in which they came.
    waiting: RefCell<Vec<usize>>,
    /// Since when the first of them is the first.
    since: Cell<Duration>,
}

/// How long bytes may lie there although somebody waits for them: a wait may report late.
const SLACK: Duration = Duration::from_millis(3);

struct Place {
    common: Rc<Common>,
    number: usize,
    left: usize,
    pattern: Pattern,
    whole: Option<Duration>,
}

/// Some conversations in a line for the same stream.
pub(crate) fn line(sim: &Sim) -> Vec<Box<dyn Talk>> {
    let mut world = sim.world.borrow_mut();
    let (node, far) = world.pair(libc::AF_INET);
    let len = world.rng.within(0, 300);
    let stream = world.rng.text(len);
    let mut script = Vec::new();
    let mut rest = &stream[..];
    while !rest.is_empty() {
        let count = world.rng.within(1, 40.min(rest.len()));
        script.push((gap(&mut world.rng), Act::Send(rest[..count].to_vec())));
        rest = &rest[count..];
    }
    world.perform(far, script);
    let descriptor = world.install(node);
    let count = world.rng.within(2, 5);
    let socket = SimSocket::new(&sim.world, descriptor);
    drop(world);
    let handle = Rc::new(RefCell::new(Handle::adopt(sim, socket, libc::AF_INET)));
    let waiting = RefCell::default();
    let (accounted, since) = (Cell::new(0), Cell::default());
    let common = Rc::new(Common { handle, node, stream, accounted, waiting, since });
    let place = |number| {
        let common = Rc::clone(&common);
        Box::new(Place { common, number, left: 6, pattern: Pattern::All, whole: None }) as _
    };
    (0..count).map(place).collect()
}

impl Talk for Place {
    fn next(&mut self, sim: &Sim) -> Option<Next> {
        self.left = self.left.checked_sub(1)?;
        let mut world = sim.world.borrow_mut();
        let count = world.rng.within(1, 30);
        self.pattern = world.rng.pick(&[Pattern::RAW_LINE, Pattern::Exact(count)]);
        self.whole = limit(&mut world.rng).or(Some(Duration::from_millis(60)));
        if self.common.waiting.borrow().is_empty() {
            self.common.since.set(world.now);
        }
        self.common.waiting.borrow_mut().push(self.number);
        let work = work(Receive::new(self.pattern), Rc::clone(&self.common.handle), received);
        let place = Some((self.common.handle.borrow().descriptor(), Interest::READ));
        Some(Next { work, patience: patience(self.whole, None), place, cancellable: true })
    }

    fn finished(&mut self, sim: &Sim, outcome: Outcome, spent: Duration) {
        let Outcome::Received(outcome) = outcome else { panic!("not a receive") };
        let timed_out = matches!(outcome, Err((ErrorKind::Timeout, _)));
        super::model::check_time(timed_out, self.whole, None, spent);
        let place = {
            let mut waiting = self.common.waiting.borrow_mut();
            let place = waiting.iter().position(|number| *number == self.number);
            let place = place.expect("it waited");
            waiting.remove(place);
            place
        };
        let (Ok(bytes) | Err((_, bytes))) = &outcome;
        let world = sim.world.borrow();
        let since =
            self.common.since.replace(if place == 0 { world.now } else { self.common.since.get() });
        if timed_out && place == 0 && bytes.is_empty() && !self.whole.is_some_and(|it| it.is_zero())
        {
            // Whoever is the first takes what comes.
            let node = &world.nodes[self.common.node];
            let unread = node.arrivals.front().filter(|_| !node.inbox.is_empty());
            let fresh = unread.is_none_or(|(at, _)| since.max(*at) + SLACK >= world.now);
            let unlucky = world.faults.delayed != 0 && world.faults.blocked != 0;
            assert!(fresh || unlucky, "unread since {unread:?}, the first since {since:?}");
        }
        assert!(place == 0 || bytes.is_empty(), "number {place} in the line was served first");
        let from = self.common.accounted.get();
        let served = self.common.stream[from..].starts_with(bytes);
        assert!(served, "bytes of somebody else's: {outcome:?}");
        self.common.accounted.set(from + bytes.len());
        match (&outcome, self.pattern) {
            (Ok(line), Pattern::RAW_LINE) => {
                assert_eq!(line.iter().position(|byte| *byte == b'\n'), Some(line.len() - 1));
            }
            (Ok(bytes), Pattern::Exact(count)) => assert_eq!(bytes.len(), count),
            (Err((ErrorKind::Timeout | ErrorKind::Cancelled, _)), _) => {}
            other => panic!("{other:?}"),
        }
    }
}
