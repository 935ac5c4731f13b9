//! What is measured, and the bars that it must keep.

/// What the peer, in this process, does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// Keeps it open.
    Hold,
    /// Sends this at once.
    Feed(&'static str, usize),
    /// Sends back what comes, a little later.
    Echo,
    /// Reads what comes.
    Sink,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    pub(super) name: &'static str,
    /// The workload: this file in xtask/workloads, and what it is told.
    pub(super) script: &'static str,
    pub(super) settings: &'static str,
    pub(super) service: Service,
    /// How many operations the shorter and the longer of two runs do.
    pub(super) runs: [u32; 2],
    /// The most system calls that the blocking backend and mio may make.
    pub(super) bars: Option<[u32; 2]>,
    /// The most instructions that they may take, in percent of what LuaSocket takes. With room for what the string
    /// table's seed and the profile of the tests do.
    pub(super) percent: Option<[u32; 2]>,
}

/// Connections are few enough for 1,024 descriptors; buffered lines fit into 8 KB.
pub(super) const OPERATIONS: &[Operation] = &[
    operation(
        "receive, data ready",
        "receive",
        Service::Feed(BYTES_64, 1),
        [80, 380],
        Some([1, 2]),
    )
    .within(96),
    operation(
        "receive, line buffered",
        "line",
        Service::Feed("a line of 19 bytes.\n", 360),
        [70, 350],
        Some([0, 0]),
    )
    .within(60),
    operation("receive, nothing there", "timeout", Service::Hold, LONG, None).within(92),
    operation("send and receive a part", "receive-part", Service::Hold, LONG, Some([3, 3]))
        .told("100")
        .within(85),
    operation(
        "send a part and receive with a prefix",
        "receive-prefix",
        Service::Hold,
        LONG,
        Some([2, 2]),
    )
    .within(96),
    operation("ping-pong", "ping-pong", Service::Echo, [50, 250], Some([2, 2]))
        .told("1")
        .within(82),
    // mio has to wait in its reactor.
    operation("ping-pong, settimeout(5)", "ping-pong", Service::Echo, [50, 250], Some([2, 3]))
        .told("1 5")
        .each_within([85, 150]),
    // One fiber alone turns the reactor for each of its waits.
    operation("ping-pong in a fiber", "ping-pong-fiber", Service::Echo, [50, 250], Some([9, 3]))
        .told("1")
        .each_within([220, 195]),
    operation("send 64 bytes", "send", Service::Sink, [200, 1200], None).told("64").within(80),
    operation("sendto 64 bytes", "udp-send", Service::Hold, LONG, Some([1, 1]))
        .told("64")
        .within(54),
    operation("sendto and receivefrom", "udp-self", Service::Hold, LONG, Some([2, 2]))
        .told("64")
        .within(54),
    operation("connect + close", "connect", Service::Hold, [50, 250], Some([3, 3])).within(33),
    operation("accept + close", "accept", Service::Hold, [50, 250], Some([2, 3])).within(26),
    operation("accept, nobody there", "accept-none", Service::Hold, LONG, Some([1, 1])).within(90),
    operation("select over 10", "select", Service::Hold, LONG, None).told("10 0").within(20),
    operation("settimeout(5)", "settimeout", Service::Hold, LONG, None).within(90),
    operation("getfd", "getfd", Service::Hold, LONG, None).within(72),
    operation("getpeername", "getpeername", Service::Hold, LONG, None).within(45),
];

const LONG: [u32; 2] = [500, 2500];
const BYTES_64: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

impl Operation {
    const fn told(self, settings: &'static str) -> Self {
        Operation { settings, ..self }
    }

    const fn within(self, percent: u32) -> Self {
        self.each_within([percent; 2])
    }

    const fn each_within(self, percent: [u32; 2]) -> Self {
        Operation { percent: Some(percent), ..self }
    }
}

const fn operation(
    name: &'static str,
    script: &'static str,
    service: Service,
    runs: [u32; 2],
    bars: Option<[u32; 2]>,
) -> Operation {
    let settings = "";
    Operation { name, script, settings, service, runs, bars, percent: None }
}
