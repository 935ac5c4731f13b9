//! One message, with or without who sent it.

use crate::buffer::{recycle, reserve, take_scratch};
use crate::operation::Failure;
use crate::{
    Address, Backend, Error, ErrorKind, Flags, Handle, Interest, Mode, Need, Operation, Step, Stop,
    Transport,
};

/// A message that arrived. What was longer than the receiver's size is lost, as with every datagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its bytes; may be none. Give the vector to [`recycle`](crate::recycle) afterwards.
    pub data: Vec<u8>,
    /// Who sent it.
    pub from: Address,
}

/// The most that a message is given room for.
const LARGEST: usize = 1 << 20;

/// Receives one message of at most `size` bytes.
#[derive(Debug)]
#[must_use = "an operation does nothing until it is driven"]
pub struct ReceiveFrom {
    size: usize,
    flags: Flags,
}

impl ReceiveFrom {
    /// One message, cut to `size` bytes, 1 MiB at most.
    pub fn new(size: usize) -> Self {
        Self { size, flags: Flags::NONE }
    }

    /// Flags of the system's call.
    pub fn flags(mut self, flags: Flags) -> Self {
        self.flags = flags;
        self
    }

    fn attempt<B: Backend>(
        &self,
        handle: &Handle<B>,
        mode: Mode,
        data: &mut Vec<u8>,
    ) -> Result<Address, Failure> {
        let most = room(self.size, data)?;
        let io = handle.live("receivefrom").map_err(Failure::Error)?;
        let outcome = io.recv_from(data, most, self.flags, mode);
        outcome.map(|(_, from)| from).map_err(|error| Failure::of(&error, "receivefrom"))
    }
}

impl<B: Backend> Operation<B> for ReceiveFrom {
    type On = Handle<B>;
    type Out = Result<Message, Error>;

    fn interest(&self) -> Interest {
        Interest::READ
    }

    fn step(&mut self, _backend: &B, handle: &mut Handle<B>, mode: Mode) -> Step<Self::Out> {
        let mut data = take_scratch();
        match self.attempt(handle, unskipped(mode, self.flags), &mut data) {
            Ok(from) => {
                handle.count_received(data.len());
                Step::Done(Ok(Message { data, from }))
            }
            Err(failure) => {
                recycle(data);
                not_yet(failure, self.flags, "receivefrom")
            }
        }
    }

    fn stop(&mut self, _handle: &mut Handle<B>, why: Stop) -> Self::Out {
        Err(why.error("receivefrom"))
    }
}

/// Receives one message of at most `size` bytes, whoever sent it: cheaper than [`ReceiveFrom`].
#[derive(Debug)]
#[must_use = "an operation does nothing until it is driven"]
pub struct ReceiveMessage {
    size: usize,
}

impl ReceiveMessage {
    /// One message, cut to `size` bytes, 1 MiB at most.
    pub fn new(size: usize) -> Self {
        Self { size }
    }

    fn attempt<B: Backend>(
        &self,
        handle: &Handle<B>,
        mode: Mode,
        data: &mut Vec<u8>,
    ) -> Result<usize, Failure> {
        let most = room(self.size, data)?;
        let io = handle.live("receive").map_err(Failure::Error)?;
        let outcome = io.recv_append(data, most, Flags::NONE, mode);
        outcome.map_err(|error| Failure::of(&error, "receive"))
    }
}

impl<B: Backend> Operation<B> for ReceiveMessage {
    type On = Handle<B>;
    /// Give the vector to [`recycle`](crate::recycle) afterwards.
    type Out = Result<Vec<u8>, Error>;

    fn interest(&self) -> Interest {
        Interest::READ
    }

    fn step(&mut self, _backend: &B, handle: &mut Handle<B>, mode: Mode) -> Step<Self::Out> {
        let mut data = take_scratch();
        match self.attempt(handle, unskipped(mode, Flags::NONE), &mut data) {
            Ok(got) => {
                handle.count_received(got);
                Step::Done(Ok(data))
            }
            Err(failure) => {
                recycle(data);
                not_yet(failure, Flags::NONE, "receive")
            }
        }
    }

    fn stop(&mut self, _handle: &mut Handle<B>, why: Stop) -> Self::Out {
        Err(why.error("receive"))
    }
}

/// Makes room for a message of up to `size` bytes, and says for how many.
fn room(size: usize, data: &mut Vec<u8>) -> Result<usize, Failure> {
    // A script's number must not decide how much is allocated. Over IP no message is larger than 64 KiB, through a Unix
    // socket none than its sender's buffer.
    let most = size.min(LARGEST);
    reserve(data, most, "receivefrom").map_err(Failure::Error)?;
    Ok(most)
}

/// A message that was not looked at leaves no hint behind, so there is nothing to skip for.
fn unskipped(mode: Mode, flags: Flags) -> Mode {
    if mode == Mode::Skip || flags.contains(Flags::DONT_WAIT) { Mode::Now } else { mode }
}

/// What a failed attempt at a message comes to.
pub(super) fn not_yet<T>(
    failure: Failure,
    flags: Flags,
    operation: &'static str,
) -> Step<Result<T, Error>> {
    match failure {
        Failure::WouldBlock if flags.contains(Flags::DONT_WAIT) => {
            Step::Done(Err(Error::new(ErrorKind::Os(libc::EAGAIN), operation)))
        }
        Failure::WouldBlock => Step::Wait(Need::Io(Interest::READ)),
        Failure::Interrupted => Step::Interrupted,
        Failure::Error(error) => Step::Done(Err(error)),
    }
}
