//! The face for Rust programs: sockets with limits and patterns, the same on every backend.

use std::fmt;
use std::os::fd::{AsRawFd, RawFd};
use std::rc::Rc;

use crate::ops::{Connect, Lookup};
use crate::os::Socket;
use crate::{
    Address, Backend, Error, ErrorKind, Family, Handle, Kind, Limit, Operation, Opt, Patience,
    Query, Value, drive,
};

mod datagram;
mod listener;
mod stream;

pub use datagram::Datagram;
pub use listener::Listener;
pub use stream::Stream;

/// A backend in use. Cheap to clone; for one thread.
///
/// ```
/// use moonsocket_core::{Backend, Error, Limit, Net};
/// use std::time::Duration;
///
/// /// Asks a line. Any backend will do: `Net::from(Blocking::new())`, `Net::from(Mio::new())`.
/// fn ask<B: Backend>(net: &Net<B>, to: &str, question: &str) -> Result<Option<String>, Error> {
///     let mut stream = net.connect(to, Limit::after(Duration::from_secs(5)))?;
///     stream.set_limit(Limit::after(Duration::from_secs(2)));
///     stream.send(format!("{question}\n"))?;
///     stream.line()
/// }
/// ```
///
/// The backends' own crates have the same with a backend in it, and run it.
pub struct Net<B: Backend>(Rc<B>);

impl<B: Backend> Clone for Net<B> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<B: Backend> fmt::Debug for Net<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Net({})", B::NAME)
    }
}

impl<B: Backend> From<B> for Net<B> {
    fn from(backend: B) -> Self {
        Self(Rc::new(backend))
    }
}

impl<B: Backend> Net<B> {
    /// The backend.
    pub fn backend(&self) -> &B {
        &self.0
    }

    /// Connects to `host:service` (a name or number each; IPv6 as `[::1]:80`), trying every address within one limit,
    /// lookup included.
    ///
    /// # Errors
    /// Kind [`Invalid`](ErrorKind::Invalid) for a text that is not `host:service`, [`Resolve`](ErrorKind::Resolve) for
    /// what is no name or port, [`Timeout`](ErrorKind::Timeout), or the last address's error.
    pub fn connect(&self, to: &str, limit: Limit) -> Result<Stream<B>, Error> {
        let query = query(to, libc::SOCK_STREAM, "connect")?;
        let mut handle = Handle::unopened(self.backend());
        let mut connect = Connect::resolve(query, Kind::stream(libc::AF_UNSPEC));
        drive(self.backend(), &mut connect, &mut handle, limit.into())?;
        Ok(Stream::new(self, handle))
    }

    /// Connects to an address of any family.
    ///
    /// # Errors
    /// `Timeout`, or what the system says.
    pub fn connect_to(&self, to: Address, limit: Limit) -> Result<Stream<B>, Error> {
        let mut handle = Handle::unopened(self.backend());
        let mut connect = Connect::new([to], Kind::stream(to.family()));
        drive(self.backend(), &mut connect, &mut handle, limit.into())?;
        Ok(Stream::new(self, handle))
    }

    /// A stream on a connected socket that exists: one that another thread has [given](Stream::into_parts), for one.
    ///
    /// ```
    /// use moonsocket_core::{Backend, Error, Limit, Listener, Net, Stream};
    /// use std::thread;
    ///
    /// /// A thread for each client. A backend belongs to one thread: what goes to another is the plain socket.
    /// fn serve<B>(listener: &mut Listener<B>, talk: fn(Stream<B>)) -> Result<(), Error>
    /// where
    ///     B: Backend<Socket: Send> + Default,
    /// {
    ///     loop {
    ///         let (socket, _unread) = listener.accept(Limit::FOREVER)?.0.into_parts()?;
    ///         thread::spawn(move || talk(Net::from(B::default()).stream(socket)));
    ///     }
    /// }
    /// ```
    pub fn stream(&self, socket: B::Socket) -> Stream<B> {
        Stream::new(self, Handle::adopt(self.backend(), socket, libc::AF_UNSPEC))
    }

    /// Listens on `host:service`. An empty host or `*` is every IPv4 address of this machine, `[::]` every one of both
    /// families (unless the system's `bindv6only` is set); port 0 takes any that is free. The lookup of a name has no limit
    /// here: [`resolve`](Self::resolve) has, and [`listen_on`](Self::listen_on) takes what it finds. `SO_REUSEADDR` is
    /// set, and up to 1024 connections wait to be accepted.
    ///
    /// # Errors
    /// Kind `Invalid` for a text that is not `host:service`, `Resolve`, or the last address's error.
    pub fn listen(&self, on: &str) -> Result<Listener<B>, Error> {
        let query = Query { passive: true, ..query(on, libc::SOCK_STREAM, "listen")? };
        let mut last = Error::new(ErrorKind::Invalid("no address"), "listen");
        for address in self.resolve(query, Limit::FOREVER)? {
            match self.listen_on(address) {
                Ok(listener) => return Ok(listener),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Listens on an address of any family, as [`listen`](Self::listen) does.
    ///
    /// # Errors
    /// What the system says.
    pub fn listen_on(&self, on: Address) -> Result<Listener<B>, Error> {
        let mut handle = Handle::open(self.backend(), Kind::stream(on.family()))?;
        if on.ip().is_some() {
            handle.set_option(Opt::ReuseAddress, Value::Flag(true))?;
        }
        handle.bind(&on)?;
        handle.listen(1024)?;
        Ok(Listener::new(self, handle))
    }

    /// A listener on a socket that listens already: a service manager's, another process's or thread's.
    pub fn listener(&self, socket: B::Socket) -> Listener<B> {
        Listener::new(self, Handle::adopt(self.backend(), socket, libc::AF_UNSPEC))
    }

    /// A datagram socket on one that exists.
    pub fn datagram(&self, socket: B::Socket) -> Datagram<B> {
        Datagram::new(self, Handle::adopt(self.backend(), socket, libc::AF_UNSPEC))
    }

    /// A datagram socket bound to an address; [`Address::any`] with port 0 for one that only asks.
    ///
    /// # Errors
    /// What the system says.
    pub fn bind(&self, on: Address) -> Result<Datagram<B>, Error> {
        let mut handle = Handle::open(self.backend(), Kind::datagram(on.family()))?;
        handle.bind(&on)?;
        Ok(Datagram::new(self, handle))
    }

    /// Resolves a name.
    ///
    /// # Errors
    /// `Resolve` or `Timeout`.
    pub fn resolve(&self, query: Query, limit: Limit) -> Result<Vec<Address>, Error> {
        let found = drive(self.backend(), &mut Lookup::new(query), &mut (), limit.into())?;
        Ok(found.into_iter().map(|found| found.address).collect())
    }

    /// Runs any operation on any handle.
    pub fn run<O: Operation<B>>(
        &self,
        operation: &mut O,
        on: &mut O::On,
        patience: impl Into<Patience>,
    ) -> O::Out {
        drive(self.backend(), operation, on, patience.into())
    }

    fn take(&self, handle: &mut Handle<B>, operation: &'static str) -> Result<B::Socket, Error> {
        handle.take(self.backend()).ok_or(Error::new(ErrorKind::Closed, operation))
    }
}

/// What the three have in common.
macro_rules! on_a_handle {
    ($($name:ident)*) => {$(
        /// -1 once its handle was closed. Whoever calls the system with it may meet a timeout there that the backend has
        /// armed for a limit; a duplicate has none.
        impl<B: Backend<Socket = Socket>> AsRawFd for $name<B> {
            fn as_raw_fd(&self) -> RawFd {
                self.handle.descriptor()
            }
        }

        impl<B: Backend> fmt::Debug for $name<B> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.handle).finish()
            }
        }
    )*};
}
on_a_handle!(Stream Listener Datagram);

/// `host:service`, with IPv6 addresses in brackets.
fn query(text: &str, socktype: i32, operation: &'static str) -> Result<Query, Error> {
    let (host, service) = halves(text)
        .ok_or(Error::new(ErrorKind::Invalid("an address is host:service"), operation))?;
    Ok(Query {
        host: (!host.is_empty() && host != "*").then(|| host.to_owned()),
        service: Some(service.to_owned()),
        family: Family::Any,
        socktype,
        ..Query::default()
    })
}

/// Host and service of `host:service`. A service is named: the system takes an empty one for port 0. Brackets come in
/// pairs, so that `[::1]`, which lacks its service, is not the host `[:`.
fn halves(text: &str) -> Option<(&str, &str)> {
    let (host, service) = text.rsplit_once(':').filter(|(_, service)| !service.is_empty())?;
    match host.strip_prefix('[') {
        Some(inner) => Some((inner.strip_suffix(']')?, service)),
        None => (!host.ends_with(']')).then_some((host, service)),
    }
}
