//! The simulated world: sockets as plain data, an agenda of what will happen, a clock that only waits move.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::time::{Duration, Instant};

use moonsocket_core::{Address, Descriptor, Interest, Opt, Token, Value};

use super::peer::Peer;
use super::rng::Rng;

/// Names a socket for ever; descriptors are used again.
pub(crate) type NodeId = usize;

/// The first descriptor; lower ones look like standard streams.
const FIRST: Descriptor = 3;
/// Calls and waits that a run may make before it counts as hanging.
const STEPS_MAX: u64 = 200_000;

/// How often things go wrong, each in a thousand.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    /// A transfer moves less than it could.
    pub(crate) short: u16,
    /// An attempt would block although it would not.
    pub(crate) blocked: u16,
    /// An attempt or a wait is interrupted.
    pub(crate) interrupted: u16,
    /// A wait says ready and nothing is.
    pub(crate) spurious: u16,
    /// A wait reports late.
    pub(crate) delayed: u16,
    /// The reactor has no room for a socket, or is not there at all.
    pub(crate) crowded: u16,
    /// Attempts may wait in the (virtual) kernel.
    pub(crate) kernel_waits: bool,
    /// Attempts that would block for sure are skipped.
    pub(crate) skips: bool,
}

impl Faults {
    pub(crate) fn random(rng: &mut Rng) -> Self {
        let mut often = || if rng.chance(500) { rng.within(0, 300) as u16 } else { 0 };
        let (short, blocked, interrupted) = (often(), often(), often());
        let (spurious, delayed, crowded) = (often(), often(), often());
        let (kernel_waits, skips) = (rng.chance(500), rng.chance(500));
        Self { short, blocked, interrupted, spurious, delayed, crowded, kernel_waits, skips }
    }
}

/// What a socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// A stream that is not connected.
    Idle,
    Connecting,
    /// A connect has failed since it was called; the next one only hears of that.
    Failed,
    Connected,
    Listening,
    Datagram,
}

/// A socket.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) family: i32,
    pub(crate) state: State,
    pub(crate) open: bool,
    pub(crate) local: Option<Address>,
    pub(crate) remote: Option<Address>,
    pub(crate) peer: Option<NodeId>,
    /// Bytes that have arrived and were not read, and how many may be there or on the way.
    pub(crate) inbox: VecDeque<u8>,
    pub(crate) capacity: usize,
    pub(crate) on_the_way: usize,
    /// Nothing sent later arrives earlier.
    last_arrival: Duration,
    /// When the newest and the oldest unread bytes came.
    pub(crate) newest: Duration,
    pub(crate) arrivals: VecDeque<(Duration, u64)>,
    pub(crate) read: u64,
    /// When that was last.
    pub(crate) read_at: Duration,
    pub(crate) arrived: u64,
    /// Every byte that the system took from the owner.
    pub(crate) sent: u64,
    pub(crate) ended: bool,
    pub(crate) error: Option<i32>,
    pub(crate) broken: bool,
    pub(crate) shut_read: bool,
    pub(crate) shut_write: bool,
    pub(crate) backlog: usize,
    pub(crate) queue: VecDeque<NodeId>,
    pub(crate) mail: VecDeque<(Vec<u8>, Address)>,
    pub(crate) options: Vec<(Opt, Value)>,
}

/// What comes over a connection.
#[derive(Debug)]
pub(crate) enum Item {
    Data(Vec<u8>),
    End,
    Reset,
}

/// What meets a connect to an address without a listener.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Plan {
    Accept(Duration),
    Refuse(Duration),
    Silent,
    /// A Unix listener whose backlog is full until then.
    Full(Duration),
}

#[derive(Debug)]
enum Event {
    Arrive(NodeId, Item),
    Connected(NodeId, Option<i32>),
    Act(usize),
    Signal,
    /// Only time: something that depends on the clock changes.
    Change,
}

/// Everything there is.
#[derive(Debug)]
pub(crate) struct World {
    base: Instant,
    pub(crate) now: Duration,
    pub(crate) rng: Rng,
    pub(crate) faults: Faults,
    pub(crate) nodes: Vec<Node>,
    table: Vec<Option<NodeId>>,
    agenda: BTreeMap<(Duration, u64), Event>,
    order: u64,
    pub(crate) peers: Vec<Peer>,
    pub(crate) plans: Vec<(Address, Plan)>,
    pub(crate) armed: Vec<(Descriptor, Interest, Token)>,
    /// A signal came that nobody has taken.
    pub(crate) signalled: bool,
    pub(crate) latency_us: usize,
    /// Operations are parked, not driven one by one.
    pub(crate) parks: bool,
    steps: u64,
    next_port: u16,
}

pub(crate) fn os_error<T>(code: i32) -> io::Result<T> {
    Err(io::Error::from_raw_os_error(code))
}

impl Node {
    /// Does it take connections to this address: its own, or any with its port?
    pub(crate) fn listens_at(&self, to: &Address) -> bool {
        let Some(local) = self.local.filter(|_| self.open && self.state == State::Listening) else {
            return false;
        };
        let any = Address::any(to.family(), to.port().unwrap_or(0));
        local == *to || any == Some(local)
    }
}

impl World {
    pub(crate) fn new(seed: u64, base: Instant) -> Self {
        Self {
            base,
            now: Duration::ZERO,
            rng: Rng::new(seed),
            faults: Faults::default(),
            nodes: Vec::new(),
            table: Vec::new(),
            agenda: BTreeMap::new(),
            order: 0,
            peers: Vec::new(),
            plans: Vec::new(),
            armed: Vec::new(),
            signalled: false,
            latency_us: 0,
            parks: false,
            steps: 0,
            next_port: 40_000,
        }
    }

    pub(crate) fn instant(&self) -> Instant {
        self.base + self.now
    }

    pub(crate) fn since_start(&self, instant: Instant) -> Duration {
        instant.saturating_duration_since(self.base)
    }

    /// Counts one call or wait; a run that makes too many hangs in a circle.
    pub(crate) fn tick(&mut self) {
        self.steps += 1;
        assert!(self.steps < STEPS_MAX, "the run goes round in circles at {:?}", self.now);
    }

    pub(crate) fn make(&mut self, family: i32, state: State) -> NodeId {
        self.nodes.push(Node {
            family,
            state,
            open: true,
            local: None,
            remote: None,
            peer: None,
            inbox: VecDeque::new(),
            capacity: 1 << 20,
            on_the_way: 0,
            last_arrival: Duration::ZERO,
            newest: Duration::ZERO,
            arrivals: VecDeque::new(),
            read: 0,
            read_at: Duration::ZERO,
            arrived: 0,
            sent: 0,
            ended: false,
            error: None,
            broken: false,
            shut_read: false,
            shut_write: false,
            backlog: 0,
            queue: VecDeque::new(),
            mail: VecDeque::new(),
            options: Vec::new(),
        });
        self.nodes.len() - 1
    }

    /// Two connected streams.
    pub(crate) fn pair(&mut self, family: i32) -> (NodeId, NodeId) {
        let (a, b) = (self.make(family, State::Connected), self.make(family, State::Connected));
        self.nodes[a].peer = Some(b);
        self.nodes[b].peer = Some(a);
        (a, b)
    }

    /// The lowest free descriptor, as kernels give it.
    pub(crate) fn install(&mut self, node: NodeId) -> Descriptor {
        let free = self.table.iter().position(Option::is_none).unwrap_or_else(|| {
            self.table.push(None);
            self.table.len() - 1
        });
        self.table[free] = Some(node);
        FIRST + free as Descriptor
    }

    pub(crate) fn find(&self, descriptor: Descriptor) -> Option<NodeId> {
        let index = usize::try_from(descriptor.checked_sub(FIRST)?).ok()?;
        self.table.get(index).copied().flatten()
    }

    /// From here on things go wrong, and take their time.
    pub(crate) fn go_wrong(&mut self) {
        self.faults = Faults::random(&mut self.rng);
        self.latency_us = if self.rng.chance(500) { self.rng.within(1, 3000) } else { 0 };
    }

    /// Takes a descriptor back; the socket, if that was its last.
    pub(crate) fn remove(&mut self, descriptor: Descriptor) -> Option<NodeId> {
        let node = self.find(descriptor)?;
        self.table[(descriptor - FIRST) as usize] = None;
        // A reactor loses what is closed.
        self.armed.retain(|(armed, ..)| *armed != descriptor);
        (!self.table.contains(&Some(node))).then_some(node)
    }

    pub(crate) fn free_port(&mut self) -> u16 {
        self.next_port += 1;
        self.next_port
    }

    fn schedule(&mut self, at: Duration, event: Event) {
        self.order += 1;
        self.agenda.insert((at, self.order), event);
    }

    pub(crate) fn signal_at(&mut self, at: Duration) {
        self.schedule(at, Event::Signal);
    }

    pub(crate) fn change_at(&mut self, at: Duration) {
        self.schedule(at, Event::Change);
    }

    pub(crate) fn act_at(&mut self, at: Duration, peer: usize) {
        self.schedule(at, Event::Act(peer));
    }

    pub(crate) fn connected_at(&mut self, at: Duration, node: NodeId, error: Option<i32>) {
        self.schedule(at, Event::Connected(node, error));
    }

    pub(crate) fn latency(&mut self) -> Duration {
        let latency_us = self.latency_us;
        let us = if latency_us == 0 { 0 } else { self.rng.below(latency_us) };
        Duration::from_micros(us as u64)
    }

    /// Sends an item on its way; nothing overtakes.
    pub(crate) fn post(&mut self, to: NodeId, item: Item) {
        let at = (self.now + self.latency()).max(self.nodes[to].last_arrival);
        self.nodes[to].last_arrival = at;
        if let Item::Data(bytes) = &item {
            self.nodes[to].on_the_way += bytes.len();
        }
        // With latencies, something that is due now may still stand on the agenda.
        if at > self.now || self.latency_us != 0 {
            self.schedule(at, Event::Arrive(to, item));
        } else {
            self.arrive(to, item);
        }
    }

    fn arrive(&mut self, to: NodeId, item: Item) {
        let now = self.now;
        let node = &mut self.nodes[to];
        match item {
            Item::Data(bytes) => {
                node.on_the_way -= bytes.len();
                node.arrived += bytes.len() as u64;
                node.newest = now;
                node.arrivals.push_back((now, node.arrived));
                node.inbox.extend(bytes);
            }
            Item::End => node.ended = true,
            Item::Reset => {
                node.error = Some(libc::ECONNRESET);
                node.broken = true;
            }
        }
    }

    /// When something happens next by itself.
    pub(crate) fn next_event(&self) -> Option<Duration> {
        self.agenda.first_key_value().map(|((at, _), _)| *at)
    }

    /// Moves the clock, and lets happen what is due.
    pub(crate) fn advance(&mut self, to: Duration) {
        while let Some(entry) = self.agenda.first_entry() {
            let at = entry.key().0;
            if at > to {
                break;
            }
            let event = entry.remove();
            self.now = self.now.max(at);
            match event {
                Event::Arrive(to, item) => self.arrive(to, item),
                Event::Connected(node, error) => self.finish_connect(node, error),
                Event::Act(peer) => self.act(peer),
                Event::Signal => self.signalled = true,
                Event::Change => {}
            }
        }
        self.now = self.now.max(to);
    }
}
