//! The socket options, typed, in one table. Dialects give them names; `os` passes them to the system.

use std::net::IpAddr;
use std::time::Duration;

/// The type of an option's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OptionKind {
    /// [`Value::Flag`].
    Flag,
    /// [`Value::Int`].
    Int,
    /// [`Value::Linger`].
    Linger,
    /// [`Value::Time`], kept by the system as seconds and microseconds, rounded up to its clock tick.
    Time,
    /// [`Value::Error`], read-only; reading clears it.
    Error,
    /// [`Value::Name`], an interface's name.
    Name,
    /// [`Value::Ip`], the IPv4 address of an interface.
    Interface,
    /// [`Value::Join`], write-only: joins a multicast group.
    Join,
    /// [`Value::Credentials`], read-only.
    Credentials,
}

/// The value of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Value {
    /// On or off.
    Flag(bool),
    /// A number.
    Int(i32),
    /// Whether, and how long, a close waits for unsent data; whole seconds.
    Linger(Option<Duration>),
    /// A time limit; none for no limit.
    Time(Option<Duration>),
    /// The pending error's number.
    Error(Option<i32>),
    /// A name of at most 15 bytes, padded with NULs; empty for none.
    Name([u8; 16]),
    /// An address.
    Ip(IpAddr),
    /// A multicast group, and the interface by address (IPv4) or number (IPv6).
    Join {
        /// The group.
        group: IpAddr,
        /// The interface's IPv4 address; unspecified lets the system choose.
        interface: std::net::Ipv4Addr,
        /// The interface's number; 0 lets the system choose.
        index: u32,
    },
    /// The process at the other end of a Unix socket.
    Credentials {
        /// Its process number.
        pid: i32,
        /// Its user.
        uid: u32,
        /// Its group.
        gid: u32,
    },
}

macro_rules! options {
    ($($(#[$doc:meta])* $name:ident = $level:ident, $code:ident, $kind:ident;)*) => {
        /// A socket option. There may be more of them in a later version.
        #[non_exhaustive]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Opt {
            $($(#[$doc])* #[doc = concat!("(`", stringify!($code), "`)")] $name,)*
        }

        impl Opt {
            /// Every option.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The type of its value.
            pub const fn kind(self) -> OptionKind {
                match self { $(Self::$name => OptionKind::$kind,)* }
            }

            /// The system's level and number.
            pub const fn code(self) -> (i32, i32) {
                match self { $(Self::$name => (libc::$level, libc::$code),)* }
            }
        }
    };
}

// Sorted by level and C name.
options! {
    /// Interface for outgoing multicast.
    Ip4MulticastInterface = IPPROTO_IP, IP_MULTICAST_IF, Interface;
    /// Outgoing multicast comes back to this host.
    Ip4MulticastLoop = IPPROTO_IP, IP_MULTICAST_LOOP, Flag;
    /// Hops of outgoing multicast.
    Ip4MulticastTtl = IPPROTO_IP, IP_MULTICAST_TTL, Int;
    /// Joins a multicast group.
    Ip4Join = IPPROTO_IP, IP_ADD_MEMBERSHIP, Join;
    /// Leaves a multicast group.
    Ip4Leave = IPPROTO_IP, IP_DROP_MEMBERSHIP, Join;
    /// The path's MTU, bytes; needs a connected socket.
    Ip4Mtu = IPPROTO_IP, IP_MTU, Int;
    /// Raw sockets: the caller writes the header.
    Ip4HeaderIncluded = IPPROTO_IP, IP_HDRINCL, Flag;
    /// Type of service.
    Ip4Tos = IPPROTO_IP, IP_TOS, Int;
    /// Hops.
    Ip4Ttl = IPPROTO_IP, IP_TTL, Int;
    /// Joins a multicast group.
    Ip6Join = IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, Join;
    /// Leaves a multicast group.
    Ip6Leave = IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, Join;
    /// The path's MTU, bytes.
    Ip6Mtu = IPPROTO_IPV6, IPV6_MTU, Int;
    /// Hops of outgoing multicast.
    Ip6MulticastHops = IPPROTO_IPV6, IPV6_MULTICAST_HOPS, Int;
    /// Interface number for outgoing multicast.
    Ip6MulticastInterface = IPPROTO_IPV6, IPV6_MULTICAST_IF, Int;
    /// Outgoing multicast comes back to this host.
    Ip6MulticastLoop = IPPROTO_IPV6, IPV6_MULTICAST_LOOP, Flag;
    /// Hops.
    Ip6UnicastHops = IPPROTO_IPV6, IPV6_UNICAST_HOPS, Int;
    /// IPv6 only, no mapped IPv4.
    Ip6Only = IPPROTO_IPV6, IPV6_V6ONLY, Flag;
    /// Partial segments are held back.
    TcpCork = IPPROTO_TCP, TCP_CORK, Flag;
    /// Seconds a listener waits for first data.
    TcpDeferAccept = IPPROTO_TCP, TCP_DEFER_ACCEPT, Int;
    /// Queue length of fast open on a listener.
    TcpFastOpen = IPPROTO_TCP, TCP_FASTOPEN, Int;
    /// Fast open on connect.
    TcpFastOpenConnect = IPPROTO_TCP, TCP_FASTOPEN_CONNECT, Int;
    /// Keep-alive probes before giving up.
    TcpKeepCount = IPPROTO_TCP, TCP_KEEPCNT, Int;
    /// Seconds of silence before the first probe.
    TcpKeepIdle = IPPROTO_TCP, TCP_KEEPIDLE, Int;
    /// Seconds between probes.
    TcpKeepInterval = IPPROTO_TCP, TCP_KEEPINTVL, Int;
    /// No Nagle algorithm.
    TcpNoDelay = IPPROTO_TCP, TCP_NODELAY, Flag;
    /// Milliseconds that sent data may stay unacknowledged.
    TcpUserTimeout = IPPROTO_TCP, TCP_USER_TIMEOUT, Int;
    /// Is it a listener? Read-only.
    AcceptsConnections = SOL_SOCKET, SO_ACCEPTCONN, Flag;
    /// Only this interface. Needs privilege where another one was bound.
    BindToDevice = SOL_SOCKET, SO_BINDTODEVICE, Name;
    /// Broadcasts may be sent.
    Broadcast = SOL_SOCKET, SO_BROADCAST, Flag;
    /// Debugging records; needs privilege.
    Debug = SOL_SOCKET, SO_DEBUG, Flag;
    /// The address family. Read-only.
    Domain = SOL_SOCKET, SO_DOMAIN, Int;
    /// No gateways.
    DontRoute = SOL_SOCKET, SO_DONTROUTE, Flag;
    /// The pending error, which reading clears.
    Error = SOL_SOCKET, SO_ERROR, Error;
    /// Probes on an idle connection.
    KeepAlive = SOL_SOCKET, SO_KEEPALIVE, Flag;
    /// Whether a close waits for unsent data.
    Linger = SOL_SOCKET, SO_LINGER, Linger;
    /// Urgent data stays in line.
    OutOfBandInline = SOL_SOCKET, SO_OOBINLINE, Flag;
    /// Who is at the other end of a Unix socket.
    PeerCredentials = SOL_SOCKET, SO_PEERCRED, Credentials;
    /// Queueing priority, 0–6 without privilege.
    Priority = SOL_SOCKET, SO_PRIORITY, Int;
    /// Bytes of receive buffer; Linux doubles what is set.
    ReceiveBuffer = SOL_SOCKET, SO_RCVBUF, Int;
    /// Bytes that make a socket readable.
    ReceiveLowWater = SOL_SOCKET, SO_RCVLOWAT, Int;
    /// The kernel's own limit of a receive. The engine arms it as it needs; dialects keep theirs in the handle.
    ReceiveTimeout = SOL_SOCKET, SO_RCVTIMEO, Time;
    /// An address in TIME_WAIT may be bound.
    ReuseAddress = SOL_SOCKET, SO_REUSEADDR, Flag;
    /// Several sockets share an address.
    ReusePort = SOL_SOCKET, SO_REUSEPORT, Flag;
    /// Bytes of send buffer; Linux doubles what is set.
    SendBuffer = SOL_SOCKET, SO_SNDBUF, Int;
    /// Free bytes that make a socket writable; fixed on Linux.
    SendLowWater = SOL_SOCKET, SO_SNDLOWAT, Int;
    /// The kernel's own limit of a send.
    SendTimeout = SOL_SOCKET, SO_SNDTIMEO, Time;
    /// The type (`SOCK_STREAM`…). Read-only.
    Type = SOL_SOCKET, SO_TYPE, Int;
}
