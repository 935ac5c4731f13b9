//! A listening socket.

use super::{Net, Stream};
use crate::ops::Accept;
use crate::{Address, Backend, Error, Handle, Limit};

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
///             stream.send(line + "\n")?;
///         }
///         eprintln!("{peer} has gone");
///     }
/// }
/// ```
pub struct Listener<B: Backend> {
    net: Net<B>,
    pub(super) handle: Handle<B>,
}

impl<B: Backend> Listener<B> {
    pub(super) fn new(net: &Net<B>, handle: Handle<B>) -> Self {
        Self { net: net.clone(), handle }
    }

    /// Takes the next connection, and the address of its other end. The stream has no limit yet.
    ///
    /// # Errors
    /// `Timeout`, or what the system says: no descriptors left (`EMFILE`), for one, which a server should outlive. The
    /// listener is as good as before.
    pub fn accept(&mut self, limit: Limit) -> Result<(Stream<B>, Address), Error> {
        let (handle, peer) = self.net.run(&mut Accept, &mut self.handle, limit)?;
        Ok((Stream::new(&self.net, handle), peer))
    }

    /// The address it listens on, with the port that the system chose for port 0.
    ///
    /// # Errors
    /// What the system says.
    pub fn address(&self) -> Result<Address, Error> {
        self.handle.local_address()
    }

    /// A second socket of the same listener, for another thread: both accept, each connection goes to one of them. A
    /// [`shutdown`](crate::Transport::shutdown) of either ends both, and what they wait for (`EINVAL`).
    ///
    /// # Errors
    /// Closed, or no descriptors left.
    pub fn duplicate(&self) -> Result<B::Socket, Error> {
        self.handle.duplicate(self.net.backend())
    }

    /// The plain socket, which can go to another thread ([`Net::listener`](crate::Net::listener)).
    ///
    /// # Errors
    /// [`Closed`](crate::ErrorKind::Closed), if the [handle](Self::handle) was.
    pub fn into_socket(mut self) -> Result<B::Socket, Error> {
        self.net.take(&mut self.handle, "into_socket")
    }

    /// Everything else a socket can do.
    pub fn handle(&mut self) -> &mut Handle<B> {
        &mut self.handle
    }
}
