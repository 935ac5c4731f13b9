//! What is measured, how much of it, and the bars that it must keep.

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Workload {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// How many operations a run does, at full length.
    pub(super) times: u32,
    /// The least ratio to LuaSocket that the better backend must reach, on Lua 5.4 and on LuaJIT. Without, but with a
    /// limit in C, half of what that gains.
    pub(super) bars: Option<[f64; 2]>,
}

/// How a run goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A script in xtask/workloads, and what it is told, does the operations. The other end is a service of the peer.
    Client { script: &'static str, settings: &'static str, peer: Peer, has_limit: bool, who: Who },
    /// An echo server, with so many connections, some of them busy.
    Server { connections: u32, busy: u32 },
    /// A process starts and loads something.
    Start { module: &'static str },
}

/// Where the other end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Peer {
    None,
    /// This service, on the same core.
    Near(&'static str),
    /// This service, on another core.
    Far(&'static str),
    /// This service, on the same core, and neither interrupts the other: what one sends, the other finds all together.
    Bursts(&'static str),
    /// It connects to the script, as often as there are operations.
    Joins,
}

/// Whose row it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    All,
    /// LuaSocket cannot do it.
    OursAlone,
}

impl Workload {
    const fn client(name: &'static str, script: &'static str, settings: &'static str) -> Self {
        let (peer, has_limit, who) = (Peer::None, false, Who::All);
        let shape = Shape::Client { script, settings, peer, has_limit, who };
        Workload { name, shape, times: 1, bars: None }
    }

    const fn server(name: &'static str, connections: u32, busy: u32, times: u32) -> Self {
        Workload { name, shape: Shape::Server { connections, busy }, times, bars: None }
    }

    const fn with(mut self, peer: Peer, times: u32) -> Self {
        if let Shape::Client { peer: place, .. } = &mut self.shape {
            *place = peer;
        }
        self.times = times;
        self
    }

    const fn at_least(mut self, lua54: f64, jit: f64) -> Self {
        self.bars = Some([lua54, jit]);
        self
    }

    /// A program in C does the same.
    const fn limited(mut self) -> Self {
        if let Shape::Client { has_limit, .. } = &mut self.shape {
            *has_limit = true;
        }
        self
    }

    const fn ours_alone(mut self) -> Self {
        if let Shape::Client { who, .. } = &mut self.shape {
            *who = Who::OursAlone;
        }
        self
    }
}

const PONG: Peer = Peer::Near("pong");
const SINK: Peer = Peer::Near("sink");
const ENDLESS: Peer = Peer::Near("feed 1024");

/// Connects and accepts are fewer than a listener's backlog.
pub(super) const WORKLOADS: &[Workload] = &[
    client("ping-pong 1 B", "ping-pong", "1").with(PONG, 15_000).limited(),
    client("ping-pong 64 B", "ping-pong", "64").with(PONG, 15_000).limited(),
    client("ping-pong 1 KiB", "ping-pong", "1024").with(PONG, 15_000).limited(),
    client("ping-pong 1 B, settimeout(5)", "ping-pong", "1 5").with(PONG, 15_000).limited(),
    client("ping-pong 64 B, settimeout(5)", "ping-pong", "64 5").with(PONG, 15_000).limited(),
    client("ping-pong 1 KiB, settimeout(5)", "ping-pong", "1024 5").with(PONG, 15_000).limited(),
    client("lines of 20 B", "line", "").with(Peer::Near("feed 20"), 600_000).at_least(1.8, 1.8),
    client("lines of 80 B", "line", "").with(Peer::Near("feed 80"), 400_000).at_least(2.0, 2.0),
    client("lines of 1,000 B", "line", "").with(Peer::Near("feed 1000"), 80_000).at_least(4.0, 4.0),
    client("receive(16)", "receive-blocks", "16").with(ENDLESS, 600_000).at_least(1.6, 1.6),
    client("receive(1 MB)", "receive-blocks", "1000000")
        .with(ENDLESS, 300)
        .limited()
        .at_least(1.4, 1.9),
    client("receive(\"*a\") of 100 MB", "receive-all", "100000000")
        .with(Peer::Near("feed 1000 100000000"), 1)
        .at_least(1.15, 3.0),
    client("send 64 B", "send", "64").with(SINK, 60_000).limited(),
    client("send 1 MB", "send", "1000000").with(SINK, 300).limited().at_least(1.0, 1.0),
    client("send 1 MB to another core", "send", "1000000")
        .with(Peer::Far("sink"), 300)
        .limited()
        .at_least(1.0, 1.0),
    client("connect + close", "connect", "").with(Peer::Near("backlog"), 4_000).limited(),
    client("accept + close", "accept", "").with(Peer::Joins, 4_000).limited(),
    client("UDP ping-pong 64 B", "udp-ping-pong", "64")
        .with(Peer::Near("datagrams 1"), 15_000)
        .limited(),
    client("UDP ping-pong, sendto", "udp-ping-pong", "64 to")
        .with(Peer::Near("datagrams 1"), 15_000),
    client("UDP sendto", "udp-send", "64").with(Peer::Near("datagrams 0"), 60_000).limited(),
    client("UDP receive", "udp-receive", "64 64")
        .with(Peer::Bursts("datagrams 64"), 64_000)
        .limited()
        .at_least(1.3, 1.3),
    client("UDP receivefrom", "udp-receive", "64 64 from")
        .with(Peer::Bursts("datagrams 64"), 64_000)
        .at_least(1.3, 1.3),
    client("select 10, 1 ready", "select", "10 1")
        .with(Peer::Near("hold 1"), 20_000)
        .at_least(3.0, 3.0),
    client("select 10, all ready", "select", "10 10")
        .with(Peer::Near("hold 10"), 15_000)
        .at_least(2.5, 2.5),
    client("select 100, 5 ready", "select", "100 5")
        .with(Peer::Near("hold 5"), 2_500)
        .at_least(3.0, 3.0),
    client("select 100, all ready", "select", "100 100")
        .with(Peer::Near("hold 100"), 2_000)
        .at_least(2.5, 2.5),
    client("select 500, 10 ready", "select", "500 10")
        .with(Peer::Near("hold 10"), 500)
        .at_least(3.0, 3.0),
    client("select 500, all ready", "select", "500 500")
        .with(Peer::Near("hold 500"), 400)
        .at_least(2.5, 2.5),
    client("select 5,000, 10 ready", "select", "5000 10")
        .with(Peer::Near("hold 10"), 200)
        .ours_alone(),
    client("select 5,000, all ready", "select", "5000 5000")
        .with(Peer::Near("hold 5000"), 100)
        .ours_alone(),
    client("socket.tcp()", "create", "").with(Peer::None, 150_000).at_least(3.0, 3.0),
    client("getpeername", "getpeername", "").with(Peer::Near("hold"), 150_000).at_least(1.3, 1.3),
    client("settimeout(5)", "settimeout", "")
        .with(Peer::Near("hold"), 1_000_000)
        .at_least(1.4, 1.4),
    client("getfd", "getfd", "").with(Peer::Near("hold"), 1_500_000).at_least(2.0, 2.0),
    client("a connection, used and idle", "idle", "").with(Peer::Near("echo"), 900),
    client("a fiber and its connection, used and idle", "idle-fibers", "")
        .with(Peer::Near("echo"), 10_000)
        .ours_alone(),
    Workload {
        name: "require \"socket\"",
        shape: Shape::Start { module: "socket" },
        times: 20,
        bars: None,
    },
    Workload {
        name: "nothing but the interpreter",
        shape: Shape::Start { module: "none" },
        times: 20,
        bars: None,
    },
    Workload::server("100 connections, busy", 100, 100, 20_000),
    Workload::server("1,000 connections, busy", 1_000, 1_000, 20_000),
    Workload::server("1,000 connections, 10 busy", 1_000, 10, 4_000),
    Workload::server("10,000 connections, busy", 10_000, 10_000, 30_000),
    Workload::server("10,000 connections, 10 busy", 10_000, 10, 10_000),
];

const fn client(name: &'static str, script: &'static str, settings: &'static str) -> Workload {
    Workload::client(name, script, settings)
}
