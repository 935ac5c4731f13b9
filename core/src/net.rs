//! The face for Rust programs: sockets with limits and patterns, the same on every backend.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::rc::Rc;

use crate::ops::{self, Accept, Connect, Lookup, Ready, Receive, ReceiveFrom, SendTo};
use crate::{
    Address, Backend, Error, ErrorKind, Family, Handle, How, Interest, Kind, Limit, Operation, Opt,
    Patience, Pattern, Query, Value, drive,
};

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
///     stream.send(format!("{question}\n")).map_err(|(error, _sent)| error)?;
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

    /// Connects to `host:service`, trying every address within one limit, lookup included.
    ///
    /// # Errors
    /// Kind `Invalid` for a text without a colon, `Resolve`, `Timeout`, or the last address's error.
    pub fn connect(&self, to: &str, limit: Limit) -> Result<Stream<B>, Error> {
        let query = query(to, libc::SOCK_STREAM, "connect")?;
        let mut handle = Handle::unopened(self.backend());
        let mut connect = Connect::resolve(query, Kind::stream(libc::AF_UNSPEC));
        drive(self.backend(), &mut connect, &mut handle, limit.into())?;
        Ok(Stream { net: self.clone(), handle })
    }

    /// Connects to an address of any family.
    ///
    /// # Errors
    /// `Timeout`, or what the system says.
    pub fn connect_to(&self, to: Address, limit: Limit) -> Result<Stream<B>, Error> {
        let mut handle = Handle::unopened(self.backend());
        let mut connect = Connect::new([to], Kind::stream(to.family()));
        drive(self.backend(), &mut connect, &mut handle, limit.into())?;
        Ok(Stream { net: self.clone(), handle })
    }

    /// Listens on `host:service`; an empty host or `*` is any address. `SO_REUSEADDR` is set.
    ///
    /// # Errors
    /// Kind `Invalid` for a text without a colon, `Resolve`, or the last address's error.
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

    /// Listens on an address of any family.
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
        Ok(Listener { net: self.clone(), handle })
    }

    /// A datagram socket bound to an address.
    ///
    /// # Errors
    /// What the system says.
    pub fn datagram(&self, on: Address) -> Result<Datagram<B>, Error> {
        let mut handle = Handle::open(self.backend(), Kind::datagram(on.family()))?;
        handle.bind(&on)?;
        Ok(Datagram { net: self.clone(), handle })
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
}

/// `host:service`, with IPv6 addresses in brackets.
fn query(text: &str, socktype: i32, operation: &'static str) -> Result<Query, Error> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Ok(Query::new(&address.ip().to_string(), &address.port().to_string(), socktype));
    }
    let no_colon = Error::new(ErrorKind::Invalid("an address is host:service"), operation);
    let (host, service) = text.rsplit_once(':').ok_or(no_colon)?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Ok(Query {
        host: (!host.is_empty() && host != "*").then(|| host.to_owned()),
        service: Some(service.to_owned()),
        family: Family::Any,
        socktype,
        ..Query::default()
    })
}

/// A connected stream.
///
/// Its limit ([`set_limit`](Self::set_limit)) holds for each call. It is also [`Read`] and [`Write`].
///
/// What had arrived is in the result, whatever ended the receive:
///
/// ```
/// use moonsocket_core::{Backend, Error, ErrorKind, Pattern, Stream};
///
/// /// The whole message, or as much of it as came within the stream's limit.
/// fn message<B: Backend>(stream: &mut Stream<B>, size: usize) -> Result<Vec<u8>, Error> {
///     match stream.receive(Pattern::Exact(size)) {
///         Ok(whole) => Ok(whole),
///         Err((error, part)) if error.kind() == ErrorKind::Timeout => Ok(part),
///         Err((error, _)) => Err(error),
///     }
/// }
/// ```
pub struct Stream<B: Backend> {
    net: Net<B>,
    handle: Handle<B>,
}

impl<B: Backend> Stream<B> {
    /// Bounds each call from now on.
    pub fn set_limit(&mut self, limit: Limit) {
        let seconds = limit.duration().map_or(-1.0, |time| time.as_secs_f64());
        self.handle.timeouts.block_s = seconds;
    }

    /// Receives up to a pattern.
    ///
    /// # Errors
    /// Why it is short, with what had arrived.
    pub fn receive(&mut self, pattern: Pattern) -> Result<Vec<u8>, (Error, Vec<u8>)> {
        let patience = self.handle.patience();
        match self.net.run(&mut Receive::new(pattern), &mut self.handle, patience) {
            Ok(received) => Ok(received.into_vec(&mut self.handle)),
            Err(short) => Err((short.error, short.partial.into_vec(&mut self.handle))),
        }
    }

    /// Receives a line of text without its end; `None` at the end of the stream.
    ///
    /// # Errors
    /// As [`receive`](Self::receive); text that is not UTF-8 is replaced where it is wrong.
    pub fn line(&mut self) -> Result<Option<String>, Error> {
        match self.receive(Pattern::TEXT_LINE) {
            Ok(line) => Ok(Some(String::from_utf8_lossy(&line).into_owned())),
            Err((error, rest)) if error.kind() == ErrorKind::EndOfStream => {
                let text = String::from_utf8_lossy(&rest).into_owned();
                Ok((!rest.is_empty()).then_some(text))
            }
            Err((error, _)) => Err(error),
        }
    }

    /// Sends everything.
    ///
    /// # Errors
    /// Why not, and how many bytes were sent before.
    pub fn send(&mut self, data: impl AsRef<[u8]>) -> Result<usize, (Error, usize)> {
        let patience = self.handle.patience();
        let sent = self.net.run(&mut ops::Send::all(data), &mut self.handle, patience);
        sent.map_err(|failed| (failed.error, failed.sent))
    }

    /// Waits for readiness without I/O.
    ///
    /// # Errors
    /// `Timeout`, or closed.
    pub fn wait(&mut self, interest: Interest) -> Result<(), Error> {
        let patience = self.handle.patience();
        self.net.run(&mut Ready::new(interest), &mut self.handle, patience)
    }

    /// Ends one or both directions.
    ///
    /// # Errors
    /// What the system says.
    pub fn shutdown(&mut self, how: How) -> Result<(), Error> {
        self.handle.shutdown(how)
    }

    /// Everything else a socket can do: addresses, options, statistics, descriptor.
    pub fn handle(&mut self) -> &mut Handle<B> {
        &mut self.handle
    }
}

impl<B: Backend> Read for Stream<B> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let patience = self.handle.patience();
        let mut receive = Receive::new(Pattern::Some(into.len()));
        match self.net.run(&mut receive, &mut self.handle, patience) {
            Ok(received) => {
                let bytes = received.bytes(&self.handle);
                into[..bytes.len()].copy_from_slice(bytes);
                let count = bytes.len();
                self.handle.buffer.settle();
                Ok(count)
            }
            Err(short) if short.error.kind() == ErrorKind::EndOfStream => Ok(0),
            Err(short) => Err(short.error.into()),
        }
    }
}

impl<B: Backend> Write for Stream<B> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let patience = self.handle.patience();
        let sent = self.net.run(&mut ops::Send::some(data), &mut self.handle, patience);
        sent.map_err(|failed| failed.error.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A listening socket.
///
/// ```
/// use moonsocket_core::{Backend, Error, Limit, Listener};
///
/// /// Sends every client's lines back, one client after the other.
/// fn serve<B: Backend>(listener: &mut Listener<B>) -> Result<(), Error> {
///     loop {
///         let (mut stream, peer) = listener.accept(Limit::FOREVER)?;
///         while let Some(line) = stream.line()? {
///             stream.send(line + "\n").map_err(|(error, _sent)| error)?;
///         }
///         eprintln!("{peer} has gone");
///     }
/// }
/// ```
pub struct Listener<B: Backend> {
    net: Net<B>,
    handle: Handle<B>,
}

impl<B: Backend> Listener<B> {
    /// Takes the next connection.
    ///
    /// # Errors
    /// `Timeout`, or what the system says.
    pub fn accept(&mut self, limit: Limit) -> Result<(Stream<B>, Address), Error> {
        let (handle, peer) = self.net.run(&mut Accept, &mut self.handle, limit)?;
        Ok((Stream { net: self.net.clone(), handle }, peer))
    }

    /// The address it listens on.
    ///
    /// # Errors
    /// What the system says.
    pub fn address(&self) -> Result<Address, Error> {
        self.handle.local_address()
    }

    /// Everything else a socket can do.
    pub fn handle(&mut self) -> &mut Handle<B> {
        &mut self.handle
    }
}

/// A datagram socket.
///
/// ```
/// use moonsocket_core::{Backend, Datagram, Error, Limit};
///
/// /// Sends the next message back to where it is from.
/// fn echo<B: Backend>(socket: &mut Datagram<B>) -> Result<usize, Error> {
///     let (message, from) = socket.receive_from(8192, Limit::FOREVER)?;
///     socket.send_to(&message, from)
/// }
/// ```
pub struct Datagram<B: Backend> {
    net: Net<B>,
    handle: Handle<B>,
}

impl<B: Backend> Datagram<B> {
    /// Sends one message.
    ///
    /// # Errors
    /// What the system says.
    pub fn send_to(&mut self, data: &[u8], to: Address) -> Result<usize, Error> {
        self.net.run(&mut SendTo::new(data, to), &mut self.handle, Limit::FOREVER)
    }

    /// Receives one message of at most `size` bytes; the rest of a longer one is lost.
    ///
    /// # Errors
    /// `Timeout`, or what the system says.
    pub fn receive_from(&mut self, size: usize, limit: Limit) -> Result<(Vec<u8>, Address), Error> {
        let message = self.net.run(&mut ReceiveFrom::new(size), &mut self.handle, limit)?;
        Ok((message.data, message.from))
    }

    /// Everything else a socket can do.
    pub fn handle(&mut self) -> &mut Handle<B> {
        &mut self.handle
    }
}
