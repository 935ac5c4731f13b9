//! `nixio.const`: the original's numbers, and those that programs miss in it.

use moonsocket_core::{eai, errno, poll, signal};

use super::transfer::BUFFER;
use crate::vm::{Constant, Module};

/// The names of constants of a module, each with its value.
macro_rules! numbers {
    ($($from:ident: $($name:ident)*;)*) => {
        &[
            ("buffersize", Constant::Integer(BUFFER as i64)),
            ("pathsep", Constant::Str(":")),
            ("sep", Constant::Str("/")),
            $($((stringify!($name), Constant::Integer($from::$name as i64)),)*)*
        ]
    };
}

pub(super) const MODULE: Module = Module {
    constants: numbers! {
        errno: EACCES EADDRINUSE EAFNOSUPPORT EAGAIN EALREADY EBADF EBUSY ECHILD EEXIST EFAULT EFBIG
            EINPROGRESS EINTR EINVAL EIO EISDIR ELOOP EMFILE ENAMETOOLONG ENETDOWN ENETUNREACH ENFILE
            ENOBUFS ENODEV ENOENT ENOMEM ENOPROTOOPT ENOSPC ENOSYS ENOTDIR ENXIO EOVERFLOW EPERM
            EPIPE EPROTONOSUPPORT EROFS ESPIPE ESRCH ETXTBSY EWOULDBLOCK EXDEV;
        signal: SIGALRM SIGCHLD SIGCONT SIGHUP SIGINT SIGIO SIGKILL SIGPIPE SIGQUIT SIGSEGV SIGSTOP
            SIGTERM SIGURG SIGUSR1 SIGUSR2;
        // Not the original's.
        errno: EADDRNOTAVAIL ECANCELED ECONNABORTED ECONNREFUSED ECONNRESET EDESTADDRREQ EDOM
            EHOSTUNREACH EISCONN EMSGSIZE ENETRESET ENOTCONN ENOTSOCK ENOTSUP EOPNOTSUPP EPROTO
            EPROTOTYPE ERANGE ETIMEDOUT;
        poll: POLLERR POLLHUP POLLIN POLLNVAL POLLOUT POLLPRI;
        eai: EAI_AGAIN EAI_BADFLAGS EAI_FAIL EAI_FAMILY EAI_MEMORY EAI_NONAME EAI_OVERFLOW
            EAI_SERVICE EAI_SOCKTYPE EAI_SYSTEM;
    },
    ..Module::EMPTY
};
