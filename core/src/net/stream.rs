//! A connected stream, with a limit, a deadline and a maximum size for what it receives.

use std::io::{self, BufRead, IoSlice, Read, Write};
use std::time::Instant;

use super::Net;
use crate::ops::{
    self, Parts, Ready, Receive, ReceiveInto, Received, SendFailed, SendParts, Short,
};
use crate::{Address, Backend, Error, ErrorKind, Handle, How, Interest, Limit, Patience, Pattern};

/// A connected stream.
///
/// Its [limit](Self::set_limit) holds for each call, its [deadline](Self::set_deadline) for all calls together; without
/// them a call waits as long as it takes. It is also [`Read`], [`BufRead`] and [`Write`], which keep both: their error is
/// [`TimedOut`](io::ErrorKind::TimedOut) then, and with [`Limit::ZERO`] [`WouldBlock`](io::ErrorKind::WouldBlock).
///
/// It belongs to the thread of its backend; [`into_parts`](Self::into_parts) gives what can go to another.
///
/// What had arrived is in the result, whatever ended the receive:
///
/// ```
/// use moonsocket_core::ops::Short;
/// use moonsocket_core::{Backend, Error, Pattern, Stream};
///
/// /// The whole message, or as much of it as came within the stream's limit.
/// fn message<B: Backend>(stream: &mut Stream<B>, size: usize) -> Result<Vec<u8>, Error> {
///     match stream.receive(Pattern::Exact(size)) {
///         Ok(whole) => Ok(whole),
///         Err(Short { error, partial }) if error.is_timeout() => Ok(partial),
///         Err(short) => Err(short.error),
///     }
/// }
/// ```
pub struct Stream<B: Backend> {
    net: Net<B>,
    pub(super) handle: Handle<B>,
    deadline: Option<Instant>,
    maximum: usize,
}

impl<B: Backend> Stream<B> {
    pub(super) fn new(net: &Net<B>, handle: Handle<B>) -> Self {
        Self { net: net.clone(), handle, deadline: None, maximum: usize::MAX }
    }

    /// Bounds each call from now on. [`Limit::ZERO`] makes calls that take what is there.
    pub fn set_limit(&mut self, limit: Limit) {
        let seconds = limit.duration().map_or(-1.0, |time| time.as_secs_f64());
        self.handle.timeouts.set_block_s(seconds);
    }

    /// Ends all calls at this moment; `None`: never. A later call fails at once with [`ErrorKind::Timeout`], even if
    /// there are bytes to be received: so a peer that keeps sending cannot prolong a conversation. The limit holds
    /// besides. On the blocking backend a deadline that is nearer than the limit costs a system call more for each call,
    /// as every limit does that is another than the last.
    ///
    /// ```
    /// use moonsocket_core::{Backend, Error, Limit, Stream};
    /// use std::time::{Duration, Instant};
    ///
    /// /// The lines up to an empty one: each within 2 s, all of them within 10 s, none longer than 1000 bytes.
    /// fn head<B: Backend>(stream: &mut Stream<B>) -> Result<Vec<String>, Error> {
    ///     stream.set_limit(Limit::after(Duration::from_secs(2)));
    ///     stream.set_deadline(Instant::now() + Duration::from_secs(10));
    ///     stream.set_maximum(1000);
    ///     let mut lines = Vec::new();
    ///     while let Some(line) = stream.line()?.filter(|line| !line.is_empty()) {
    ///         lines.push(line);
    ///     }
    ///     stream.set_deadline(None);
    ///     Ok(lines)
    /// }
    /// ```
    pub fn set_deadline(&mut self, deadline: impl Into<Option<Instant>>) {
        self.deadline = deadline.into();
    }

    /// Bounds the bytes of what [`receive`](Self::receive) and [`line`](Self::line) give: more are
    /// [`ErrorKind::Oversized`]. There is no bound before the first call, so a peer that never ends its line fills the
    /// memory.
    pub fn set_maximum(&mut self, bytes: usize) {
        self.maximum = bytes;
    }

    /// How long a call that starts now may take.
    fn patience(&self, operation: &'static str) -> Result<Patience, Error> {
        let mut patience = self.handle.patience();
        if let Some(deadline) = self.deadline {
            let left = deadline.saturating_duration_since(self.net.backend().now());
            if left.is_zero() {
                return Err(Error::new(ErrorKind::Timeout, operation));
            }
            patience.whole = patience.whole.min(Limit::after(left));
        }
        Ok(patience)
    }

    /// Receives up to a pattern.
    ///
    /// # Errors
    /// Why it is short, with what had arrived. After a [`Timeout`](ErrorKind::Timeout) the stream is as good as before;
    /// [`Receive::prefix`] makes a receive that goes on from there.
    pub fn receive(&mut self, pattern: Pattern) -> Result<Vec<u8>, Short<Vec<u8>>> {
        let nothing = |error| Short { error, partial: Vec::new() };
        let patience = self.patience("receive").map_err(nothing)?;
        let mut receive = Receive::new(pattern).maximum(self.maximum);
        match self.net.run(&mut receive, &mut self.handle, patience) {
            Ok(received) => Ok(received.into_vec(&mut self.handle)),
            Err(Short { error, partial }) => {
                Err(Short { error, partial: partial.into_vec(&mut self.handle) })
            }
        }
    }

    /// Receives a line of text without its end, LF or CR LF; `None` at the end of the stream. A last line may lack its
    /// end. Text that is not UTF-8 is replaced where it is wrong.
    ///
    /// # Errors
    /// Why there is no line. After a [`Timeout`](ErrorKind::Timeout) what had arrived of it is there for the next call. After
    /// any other error it is lost; [`receive`](Self::receive) gives it.
    pub fn line(&mut self) -> Result<Option<String>, Error> {
        match self.receive(Pattern::TEXT_LINE) {
            Ok(line) => Ok(Some(text(line))),
            Err(Short { error, partial }) if error.kind() == ErrorKind::EndOfStream => {
                Ok((!partial.is_empty()).then(|| text(partial)))
            }
            // The buffer is empty then, unless memory is short.
            Err(Short { error, partial })
                if error.kind() == ErrorKind::Timeout && self.handle.buffer.is_empty() =>
            {
                self.handle.buffer.push(&partial)?;
                self.handle.statistics.received -= partial.len() as u64;
                Err(error)
            }
            Err(short) => Err(short.error),
        }
    }

    /// Sends everything; how many bytes that were.
    ///
    /// # Errors
    /// Why not, and how many bytes the system took before.
    pub fn send(&mut self, data: impl AsRef<[u8]>) -> Result<usize, SendFailed> {
        let patience = self.patience("send").map_err(|error| SendFailed { error, sent: 0 })?;
        self.net.run(&mut ops::Send::all(data), &mut self.handle, patience)
    }

    /// As [`send`](Self::send), of several pieces one after the other, such as a head and a body: they need not be put
    /// together, and go in one system call if it takes them all.
    ///
    /// # Errors
    /// As there.
    pub fn send_parts(&mut self, parts: impl Parts) -> Result<usize, SendFailed> {
        let patience = self.patience("send").map_err(|error| SendFailed { error, sent: 0 })?;
        self.net.run(&mut SendParts::all(parts), &mut self.handle, patience)
    }

    /// Waits for readiness without I/O.
    ///
    /// # Errors
    /// `Timeout`, or closed.
    pub fn wait(&mut self, interest: Interest) -> Result<(), Error> {
        let patience = self.patience("wait")?;
        self.net.run(&mut Ready::new(interest), &mut self.handle, patience)
    }

    /// Ends one or both directions.
    ///
    /// # Errors
    /// What the system says.
    pub fn shutdown(&mut self, how: How) -> Result<(), Error> {
        self.handle.shutdown(how)
    }

    /// The address of this end.
    ///
    /// # Errors
    /// What the system says.
    pub fn local_address(&self) -> Result<Address, Error> {
        self.handle.local_address()
    }

    /// The address of the other end.
    ///
    /// # Errors
    /// What the system says: not connected any more, after a reset.
    pub fn peer_address(&self) -> Result<Address, Error> {
        self.handle.peer_address()
    }

    /// A second socket on the same connection, for another thread. Neither closes it alone, a
    /// [`shutdown`](crate::Transport::shutdown) of either ends it for both, whatever they wait for. Bytes that this stream
    /// has taken from the system, and not given yet, stay here.
    ///
    /// # Errors
    /// No descriptors left.
    pub fn duplicate(&self) -> Result<B::Socket, Error> {
        self.handle.duplicate(self.net.backend())
    }

    /// The plain socket, which can go to another thread ([`Net::stream`]), and the bytes that had arrived and were not
    /// received: none right after an accept or a connect. [`push`](crate::ReadBuffer::push) puts them into the
    /// [handle](Self::handle)'s buffer of the next stream.
    ///
    /// # Errors
    /// [`Closed`](ErrorKind::Closed), if the [handle](Self::handle) was.
    pub fn into_parts(mut self) -> Result<(B::Socket, Vec<u8>), Error> {
        let socket = self.net.take(&mut self.handle, "into_parts")?;
        Ok((socket, self.handle.buffer.bytes().to_vec()))
    }

    /// Everything else a socket can do: options, statistics, descriptor.
    ///
    /// ```
    /// use moonsocket_core::{Backend, Error, Opt, Stream, Value};
    ///
    /// /// Sends at once what is small, and notices a peer that has silently gone after two minutes.
    /// fn lively<B: Backend>(stream: &mut Stream<B>) -> Result<(), Error> {
    ///     let handle = stream.handle();
    ///     handle.set_option(Opt::TcpNoDelay, Value::Flag(true))?;
    ///     handle.set_option(Opt::KeepAlive, Value::Flag(true))?;
    ///     handle.set_option(Opt::TcpKeepIdle, Value::Int(60))?;
    ///     handle.set_option(Opt::TcpKeepInterval, Value::Int(15))?;
    ///     handle.set_option(Opt::TcpKeepCount, Value::Int(4))
    /// }
    /// ```
    pub fn handle(&mut self) -> &mut Handle<B> {
        &mut self.handle
    }
}

/// What is not UTF-8 is replaced.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|wrong| String::from_utf8_lossy(wrong.as_bytes()).into_owned())
}

/// Whoever reads and writes without waiting, such as a TLS library, expects to be told so.
fn failed(patience: &Patience, error: Error) -> io::Error {
    let at_once = patience.whole.is_zero() && error.kind() == ErrorKind::Timeout;
    if at_once { io::Error::new(io::ErrorKind::WouldBlock, error) } else { error.into() }
}

impl<B: Backend> Read for Stream<B> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        /// So much goes where it belongs. Ahead of less is read: what a call to the system costs is worth more bytes.
        const STRAIGHT: usize = 64 * 1024;
        let patience = self.patience("receive")?;
        let outcome = if into.len() < STRAIGHT {
            let mut receive = Receive::new(Pattern::Some(into.len()));
            let outcome = self.net.run(&mut receive, &mut self.handle, patience);
            outcome.map_err(|short| short.error).map(|received| {
                let bytes = received.bytes(&self.handle);
                into[..bytes.len()].copy_from_slice(bytes);
                let count = bytes.len();
                self.handle.buffer.settle();
                count
            })
        } else {
            self.net.run(&mut ReceiveInto::new(into), &mut self.handle, patience)
        };
        match outcome {
            Err(error) if error.kind() == ErrorKind::EndOfStream => Ok(0),
            outcome => outcome.map_err(|error| failed(&patience, error)),
        }
    }
}

/// What has come and was not received yet, without a second buffer; before [`consume`](BufRead::consume) it is only looked
/// at.
impl<B: Backend> BufRead for Stream<B> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let patience = self.patience("receive")?;
        if self.handle.buffer.is_empty() {
            let mut first = Receive::new(Pattern::Some(1));
            match self.net.run(&mut first, &mut self.handle, patience) {
                Ok(Received::Lent(range)) => {
                    self.handle.statistics.received -= range.len() as u64;
                    self.handle.buffer.put_back(range);
                }
                Ok(Received::Owned(bytes)) => self.handle.buffer.push(&bytes)?,
                Err(short) if short.error.kind() == ErrorKind::EndOfStream => {}
                Err(short) => return Err(failed(&patience, short.error)),
            }
        }
        Ok(self.handle.buffer.bytes())
    }

    fn consume(&mut self, amount: usize) {
        let amount = amount.min(self.handle.buffer.len());
        // It is there, so that nothing can be short.
        let _ =
            self.net.run(&mut Receive::new(Pattern::Exact(amount)), &mut self.handle, Limit::ZERO);
        self.handle.buffer.settle();
    }
}

impl<B: Backend> Write for Stream<B> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let patience = self.patience("send")?;
        let sent = self.net.run(&mut ops::Send::some(data), &mut self.handle, patience);
        sent.map_err(|it| failed(&patience, it.error))
    }

    fn write_vectored(&mut self, data: &[IoSlice<'_>]) -> io::Result<usize> {
        /// A call may take less than all.
        const MOST: usize = 64;
        let mut parts: [&[u8]; MOST] = [&[]; MOST];
        // No bytes sent would mean that none can be.
        let some = data.iter().filter(|part| !part.is_empty());
        parts.iter_mut().zip(some).for_each(|(to, from)| *to = from);
        let patience = self.patience("send")?;
        let mut send = SendParts::some(parts);
        let sent = self.net.run(&mut send, &mut self.handle, patience);
        sent.map_err(|it| failed(&patience, it.error))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
