//! Accepting a connection.

use std::io;

use crate::attempt::{Attempt, Attempted, First};
use crate::operation::Failure;
use crate::{
    Address, Backend, Error, ErrorKind, Handle, Interest, Mode, Need, Operation, Patience, Step,
    Stop, Transport,
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
        match take(backend, io) {
            Ok(accepted) => Step::Done(Ok(accepted)),
            Err(error) => failed(Failure::of(&error, "accept")),
        }
    }

    fn stop(&mut self, _listener: &mut Handle<B>, why: Stop) -> Self::Out {
        Err(why.error("accept"))
    }
}

impl Accept {
    /// What a driven one would do first, without the driver: one attempt, which never waits.
    #[inline(always)]
    pub fn first<B: Backend>(
        backend: &B,
        listener: &Handle<B>,
        patience: &Patience,
    ) -> First<(Handle<B>, Address)> {
        let Some(io) = listener.io() else { return First::Not };
        let attempt = Attempt::begin_now(backend, patience);
        match take(backend, io) {
            Ok(accepted) => First::Done(accepted),
            Err(error) => First::Begun(attempt.came_to(&Err(error))),
        }
    }
}

impl<B: Backend> Attempted<B> for Accept {
    /// An attempt that got a connection is done, so none goes on from one.
    fn after(&mut self, _listener: &mut Handle<B>, outcome: Result<usize, i32>) -> Step<Self::Out> {
        match outcome {
            Ok(_) => Step::Done(Err(Error::new(ErrorKind::Invalid("no connection"), "accept"))),
            Err(code) => failed(Failure::of_code(code, "accept")),
        }
    }
}

type Accepted<B> = (Handle<B>, Address);

/// One attempt.
#[inline(always)]
fn take<B: Backend>(backend: &B, listener: &B::Io) -> io::Result<Accepted<B>> {
    let (socket, peer) = listener.accept()?;
    Ok((Handle::adopt(backend, socket, peer.family()), peer))
}

/// What a failed attempt comes to.
fn failed<B: Backend>(failure: Failure) -> Step<Result<Accepted<B>, Error>> {
    match failure {
        Failure::Error(error) if error.code() == Some(libc::ECONNABORTED) => Step::Again,
        Failure::WouldBlock => Step::Wait(Need::Io(Interest::READ)),
        Failure::Interrupted => Step::Interrupted,
        Failure::Error(error) => Step::Done(Err(error)),
    }
}
