//! Accepting a connection.

use crate::operation::Failure;
use crate::{
    Address, Backend, Error, ErrorKind, Handle, Interest, Mode, Need, Operation, Step, Stop,
    Transport,
};

/// Takes the next connection from a listener: a handle with timeouts and statistics of its own, and the
/// peer's address. Connections that were gone again before they could be taken are passed over.
#[derive(Debug, Default)]
#[must_use = "an operation does nothing until it is driven"]
pub struct Accept;

impl<B: Backend> Operation<B> for Accept {
    type On = Handle<B>;
    type Out = Result<(Handle<B>, Address), Error>;

    /// None: listeners are non-blocking on every backend, because their descriptors are shared with
    /// duplicates whose owners expect the same mode.
    fn interest(&self) -> Interest {
        Interest::NONE
    }

    fn direction(&self) -> Interest {
        Interest::READ
    }

    fn step(&mut self, backend: &B, listener: &mut Handle<B>, mode: Mode) -> Step<Self::Out> {
        let Some(io) = listener.io() else {
            return Step::Done(Err(Error::new(ErrorKind::Closed, "accept")));
        };
        if mode == Mode::Skip {
            return Step::Wait(Need::Io(Interest::READ));
        }
        match io.accept() {
            Ok((socket, peer)) => {
                let connection = Handle::adopt(backend, socket, peer.family());
                Step::Done(Ok((connection, peer)))
            }
            Err(error) if error.raw_os_error() == Some(libc::ECONNABORTED) => Step::Again,
            Err(error) => match Failure::of(&error, "accept") {
                Failure::WouldBlock => Step::Wait(Need::Io(Interest::READ)),
                Failure::Interrupted => Step::Interrupted,
                Failure::Error(error) => Step::Done(Err(error)),
            },
        }
    }

    fn stop(&mut self, _listener: &mut Handle<B>, why: Stop) -> Self::Out {
        Err(why.error("accept"))
    }
}
