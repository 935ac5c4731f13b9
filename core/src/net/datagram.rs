//! A datagram socket.

use super::Net;
use crate::ops::{ReceiveFrom, ReceiveMessage, Received, Send, SendTo};
use crate::{Address, Backend, Error, Handle, Limit, Mode, Transport};

/// A datagram socket.
///
/// ```
/// use moonsocket_core::{Backend, Datagram, Error, Limit};
///
/// /// Sends the next message back to where it is from.
/// fn echo<B: Backend>(socket: &mut Datagram<B>) -> Result<usize, Error> {
///     let (message, from) = socket.receive_from(8192, Limit::FOREVER)?;
///     socket.send_to(&message, from, Limit::FOREVER)
/// }
/// ```
pub struct Datagram<B: Backend> {
    net: Net<B>,
    pub(super) handle: Handle<B>,
}

impl<B: Backend> Datagram<B> {
    pub(super) fn new(net: &Net<B>, handle: Handle<B>) -> Self {
        Self { net: net.clone(), handle }
    }

    /// Sends one message. Waits for room where the system has none: for UDP that is rare, for a Unix socket it lasts until
    /// the receiver has read.
    ///
    /// # Errors
    /// `Timeout`, or what the system says: longer than a message can be (`EMSGSIZE`), no way there… The answer to an
    /// earlier message may also be the error of a later call: nobody listens (`ECONNREFUSED`), on sockets that are
    /// connected.
    pub fn send_to(&mut self, data: &[u8], to: Address, limit: Limit) -> Result<usize, Error> {
        self.net.run(&mut SendTo::new(data, to), &mut self.handle, limit)
    }

    /// Receives one message of at most `size` bytes; the rest of a longer one is lost, and what is past 1 MiB. An empty
    /// message is one, too.
    ///
    /// # Errors
    /// `Timeout`, or what the system says.
    pub fn receive_from(&mut self, size: usize, limit: Limit) -> Result<(Vec<u8>, Address), Error> {
        let message = self.net.run(&mut ReceiveFrom::new(size), &mut self.handle, limit)?;
        Ok((Received::Owned(message.data).into_vec(&mut self.handle), message.from))
    }

    /// Chooses a peer: [`send`](Self::send) is for it, and messages from others do not come any more. Again: another one.
    ///
    /// # Errors
    /// What the system says: an address of another family, for one.
    pub fn connect(&mut self, to: Address) -> Result<(), Error> {
        // Datagram sockets have nothing to wait for.
        let io = self.handle.live("connect")?;
        io.connect(&to, Mode::Wait).map_err(|error| Error::from_io(&error, "connect"))
    }

    /// Sends one message to the peer that was chosen.
    ///
    /// # Errors
    /// As [`send_to`](Self::send_to); nobody was [chosen](Self::connect) (`EDESTADDRREQ`).
    pub fn send(&mut self, data: &[u8], limit: Limit) -> Result<usize, Error> {
        Ok(self.net.run(&mut Send::some(data), &mut self.handle, limit)?)
    }

    /// As [`receive_from`](Self::receive_from), where it is known or does not matter who sends.
    ///
    /// # Errors
    /// As there.
    pub fn receive(&mut self, size: usize, limit: Limit) -> Result<Vec<u8>, Error> {
        let data = self.net.run(&mut ReceiveMessage::new(size), &mut self.handle, limit)?;
        Ok(Received::Owned(data).into_vec(&mut self.handle))
    }

    /// The address it is bound to, with the port that the system chose for port 0.
    ///
    /// # Errors
    /// What the system says.
    pub fn address(&self) -> Result<Address, Error> {
        self.handle.local_address()
    }

    /// A second socket of the same mailbox, for another thread: both receive, each message goes to one of them.
    ///
    /// # Errors
    /// Closed, or no descriptors left.
    pub fn duplicate(&self) -> Result<B::Socket, Error> {
        self.handle.duplicate(self.net.backend())
    }

    /// The plain socket, which can go to another thread ([`Net::datagram`](crate::Net::datagram)).
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
