//! The system's numbers by name, for dialects that show them to programs.

/// Error numbers.
pub mod errno {
    /// Lists them, each under its name.
    macro_rules! errors {
        ($($name:ident)*) => {
            $(
                #[allow(missing_docs, reason = "they are the system's own names")]
                pub const $name: i32 = libc::$name;
            )*

            /// All of them with their names.
            pub const NAMED: &[(&str, i32)] = &[$((stringify!($name), libc::$name)),*];
        };
    }

    errors! {
        E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF EBADMSG EBUSY
        ECANCELED ECHILD ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK EDESTADDRREQ EDOM EEXIST
        EFAULT EFBIG EHOSTUNREACH EIDRM EILSEQ EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR ELOOP
        EMFILE EMLINK EMSGSIZE ENAMETOOLONG ENETDOWN ENETRESET ENETUNREACH ENFILE ENOBUFS
        ENODATA ENODEV ENOENT ENOEXEC ENOLCK ENOLINK ENOMEM ENOMSG ENOPROTOOPT ENOSPC ENOSR
        ENOSTR ENOSYS ENOTCONN ENOTDIR ENOTEMPTY ENOTRECOVERABLE ENOTSOCK ENOTSUP ENOTTY ENXIO
        EOPNOTSUPP EOVERFLOW EOWNERDEAD EPERM EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE
        EROFS ESPIPE ESRCH ETIME ETIMEDOUT ETXTBSY EWOULDBLOCK EXDEV
    }
}

/// What `poll(2)` is asked and says.
pub mod poll {
    pub use libc::{POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI};
}

/// Signals.
pub mod signal {
    pub use libc::{
        SIGALRM, SIGCHLD, SIGCONT, SIGHUP, SIGINT, SIGIO, SIGKILL, SIGPIPE, SIGQUIT, SIGSEGV,
        SIGSTOP, SIGTERM, SIGURG, SIGUSR1, SIGUSR2,
    };
}

/// The resolver's error codes.
pub mod eai {
    pub use libc::{
        EAI_AGAIN, EAI_BADFLAGS, EAI_FAIL, EAI_FAMILY, EAI_MEMORY, EAI_NONAME, EAI_OVERFLOW,
        EAI_SERVICE, EAI_SOCKTYPE, EAI_SYSTEM,
    };
}

/// Families, types, protocols and flags of calls.
pub mod number {
    pub use libc::{
        AF_INET, AF_INET6, AF_IPX, AF_PACKET, AF_UNIX, AF_UNSPEC, AI_PASSIVE, IFF_BROADCAST,
        IFF_LOOPBACK, IFF_MULTICAST, IFF_NOARP, IFF_POINTOPOINT, IFF_PROMISC, IFF_UP, IPPROTO_ICMP,
        IPPROTO_ICMPV6, IPPROTO_TCP, IPPROTO_UDP, MSG_CONFIRM, MSG_DONTROUTE, MSG_DONTWAIT,
        MSG_EOR, MSG_MORE, MSG_NOSIGNAL, MSG_OOB, MSG_PEEK, NI_DGRAM, NI_NAMEREQD, NI_NUMERICHOST,
        NI_NUMERICSERV, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_STREAM,
    };
}
