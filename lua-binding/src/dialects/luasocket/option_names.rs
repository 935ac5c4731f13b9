//! LuaSocket's option names, class by class. Upstream's own and, where it has none, ours: see the marks.

use moonsocket_core::Opt;

/// Which way an option goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// It can be read and set.
    Both,
    /// It can only be read.
    Get,
    /// It can only be set.
    Set,
}

type Names = &'static [(&'static str, Opt, Access)];

/// The options of a class: those that it shares with others, and its own.
pub(super) type Table = &'static [Names];

/// Options of TCP objects.
pub(super) const TCP: Table = &[ANY, INET, STREAM, TCP_ONLY];
/// Options of UDP objects.
pub(super) const UDP: Table = &[ANY, INET, UDP_ONLY];

/// Options of Unix stream objects.
pub(super) const UNIX_STREAM: Table = &[ANY, STREAM];
/// Options of Unix datagram objects.
pub(super) const UNIX_DGRAM: Table = &[ANY];

// Each list is sorted by name.

/// Of every class. All but `reuseaddr` are additions for Unix objects, and `priority` is one for all.
const ANY: Names = &[
    ("error", Opt::Error, Access::Get),
    ("priority", Opt::Priority, Access::Both),
    ("recv-buffer-size", Opt::ReceiveBuffer, Access::Both),
    ("reuseaddr", Opt::ReuseAddress, Access::Both),
    ("send-buffer-size", Opt::SendBuffer, Access::Both),
];

/// Of IP objects. `bindtodevice` is newer than 3.1.0, and there for TCP alone.
const INET: Names = &[
    ("bindtodevice", Opt::BindToDevice, Access::Both),
    ("ipv6-v6only", Opt::Ip6Only, Access::Both),
    ("reuseport", Opt::ReusePort, Access::Both),
];

/// Of stream objects.
const STREAM: Names =
    &[("keepalive", Opt::KeepAlive, Access::Both), ("linger", Opt::Linger, Access::Both)];

/// `tcp-user-timeout` is an addition.
const TCP_ONLY: Names = &[
    ("tcp-defer-accept", Opt::TcpDeferAccept, Access::Set),
    ("tcp-fastopen", Opt::TcpFastOpen, Access::Set),
    ("tcp-fastopen-connect", Opt::TcpFastOpenConnect, Access::Set),
    ("tcp-keepcnt", Opt::TcpKeepCount, Access::Both),
    ("tcp-keepidle", Opt::TcpKeepIdle, Access::Both),
    ("tcp-keepintvl", Opt::TcpKeepInterval, Access::Both),
    ("tcp-nodelay", Opt::TcpNoDelay, Access::Both),
    ("tcp-user-timeout", Opt::TcpUserTimeout, Access::Both),
];

const UDP_ONLY: Names = &[
    ("broadcast", Opt::Broadcast, Access::Both),
    ("dontroute", Opt::DontRoute, Access::Both),
    ("ip-add-membership", Opt::Ip4Join, Access::Set),
    ("ip-drop-membership", Opt::Ip4Leave, Access::Set),
    ("ip-multicast-if", Opt::Ip4MulticastInterface, Access::Both),
    ("ip-multicast-loop", Opt::Ip4MulticastLoop, Access::Both),
    ("ip-multicast-ttl", Opt::Ip4MulticastTtl, Access::Set),
    ("ipv6-add-membership", Opt::Ip6Join, Access::Set),
    ("ipv6-drop-membership", Opt::Ip6Leave, Access::Set),
    ("ipv6-multicast-hops", Opt::Ip6MulticastHops, Access::Both),
    ("ipv6-multicast-loop", Opt::Ip6MulticastLoop, Access::Both),
    ("ipv6-unicast-hops", Opt::Ip6UnicastHops, Access::Both),
];
