//! A datagram socket.

use std::fmt;

use super::Net;
use crate::ops::{ReceiveFrom, SendTo};
use crate::{Address, Backend, Error, Handle, Limit};

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
    handle: Handle<B>,
}

impl<B: Backend> Datagram<B> {
    pub(super) fn new(net: &Net<B>, handle: Handle<B>) -> Self {
        Self { net: net.clone(), handle }
    }

    /// Sends one message. Waits for room where the system has none: for UDP that is rare, for a Unix socket it lasts until the
    /// receiver has read.
    ///
    /// # Errors
    /// `Timeout`, or what the system says: longer than a message can be (`EMSGSIZE`), no way there… The answer to an earlier message
    /// may also be the error of a later call: nobody listens (`ECONNREFUSED`), on sockets that are connected.
    pub fn send_to(&mut self, data: &[u8], to: Address, limit: Limit) -> Result<usize, Error> {
        self.net.run(&mut SendTo::new(data, to), &mut self.handle, limit)
    }

    /// Receives one message of at most `size` bytes; the rest of a longer one is lost. An empty message is one, too.
    ///
    /// # Errors
    /// `Timeout`, or what the system says.
    pub fn receive_from(&mut self, size: usize, limit: Limit) -> Result<(Vec<u8>, Address), Error> {
        let message = self.net.run(&mut ReceiveFrom::new(size), &mut self.handle, limit)?;
        Ok((message.data, message.from))
    }

    /// The address it is bound to, with the port that the system chose for port 0.
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

impl<B: Backend> fmt::Debug for Datagram<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Datagram").field(&self.handle).finish()
    }
}
