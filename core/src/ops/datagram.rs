//! Messages with addresses.

use std::ops::Range;
use std::time::Duration;

use crate::attempt::{Attempt, Attempted, First};
use crate::buffer::{BLOCK, recycle, reserve, take_scratch};
use crate::operation::Failure;
use crate::ops::Lookup;
use crate::{
    Address, Backend, Error, ErrorKind, Flags, Handle, Interest, Mode, Need, Operation, Patience,
    Query, Step, Stop, Transport,
};

/// A message that arrived. What was longer than the receiver's size is lost, as with every datagram.
#[derive(Debug)]
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

impl ReceiveMessage {
    /// What a driven one would do first, without the driver: one attempt, into the empty read buffer. The bytes of what is
    /// done are [lent](crate::ReadBuffer::lent); they may be none.
    #[inline(always)]
    pub fn first<B: Backend>(
        backend: &B,
        handle: &mut Handle<B>,
        size: usize,
        patience: &Patience,
    ) -> First<Range<usize>> {
        let (io, buffer) = handle.io_and_buffer();
        let fits = buffer.is_empty() && size <= BLOCK;
        let (Some(io), true) = (io, fits) else { return First::Not };
        let Some(attempt) = Attempt::begin(backend, io, Interest::READ, patience) else {
            return First::Not;
        };
        let Ok(into) = buffer.refill("receive") else { return First::Not };
        match io.recv_append(into, size, Flags::NONE, attempt.mode) {
            Ok(count) => First::Done(handle.consume(count)),
            Err(error) => {
                buffer.settle();
                First::Begun(attempt.came_to(&Err(error)))
            }
        }
    }
}

impl<B: Backend> Attempted<B> for ReceiveMessage {
    fn after(&mut self, handle: &mut Handle<B>, outcome: Result<usize, i32>) -> Step<Self::Out> {
        match outcome {
            Ok(count) => {
                let message = handle.consume(count);
                Step::Done(Ok(handle.buffer.lent(message).to_vec()))
            }
            Err(code) => not_yet(Failure::of_code(code, "receive"), Flags::NONE, "receive"),
        }
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
fn not_yet<T>(failure: Failure, flags: Flags, operation: &'static str) -> Step<Result<T, Error>> {
    match failure {
        Failure::WouldBlock if flags.contains(Flags::DONT_WAIT) => {
            Step::Done(Err(Error::new(ErrorKind::Os(libc::EAGAIN), operation)))
        }
        Failure::WouldBlock => Step::Wait(Need::Io(Interest::READ)),
        Failure::Interrupted => Step::Interrupted,
        Failure::Error(error) => Step::Done(Err(error)),
    }
}

/// Sends one message to an address.
#[derive(Debug)]
#[must_use = "an operation does nothing until it is driven"]
pub struct SendTo<D> {
    data: D,
    /// Says where to.
    lookup: Option<Lookup>,
    to: Option<Address>,
    flags: Flags,
    pause: Duration,
}

impl<D: AsRef<[u8]>> SendTo<D> {
    /// Sends `data` as one message.
    pub fn new(data: D, to: Address) -> Self {
        let pause = Duration::from_millis(1);
        Self { data, lookup: None, to: Some(to), flags: Flags::NONE, pause }
    }

    /// To the first address of a name. The limit covers the lookup too.
    pub fn resolve(data: D, query: Query) -> Self {
        let pause = Duration::from_millis(1);
        Self { data, lookup: Some(Lookup::new(query)), to: None, flags: Flags::NONE, pause }
    }

    /// Goes on with the same bytes in other memory: a send that began with borrowed ones can then be parked.
    pub fn onto<E: AsRef<[u8]>>(self, data: E) -> SendTo<E> {
        let Self { lookup, to, flags, pause, .. } = self;
        SendTo { data, lookup, to, flags, pause }
    }

    /// Flags of the system's call.
    pub fn flags(mut self, flags: Flags) -> Self {
        self.flags = flags;
        self
    }
}

impl<B: Backend, D: AsRef<[u8]>> Operation<B> for SendTo<D> {
    type On = Handle<B>;
    type Out = Result<usize, Error>;

    fn interest(&self) -> Interest {
        if self.lookup.is_some() { Interest::NONE } else { Interest::WRITE }
    }

    fn step(&mut self, backend: &B, handle: &mut Handle<B>, mode: Mode) -> Step<Self::Out> {
        if let Some(lookup) = &mut self.lookup {
            return match <Lookup as Operation<B>>::step(lookup, backend, &mut (), mode).done() {
                Ok(Ok(found)) => {
                    self.to = found.first().map(|found| found.address);
                    self.lookup = None;
                    Step::Again
                }
                Ok(Err(error)) => Step::Done(Err(error)),
                Err(not_yet) => not_yet,
            };
        }
        let Some(to) = &self.to else {
            return Step::Done(Err(Error::new(ErrorKind::Invalid("no address"), "sendto")));
        };
        let io = match handle.live("sendto") {
            Ok(io) => io,
            Err(error) => return Step::Done(Err(error)),
        };
        let mode = if mode == Mode::Skip { Mode::Now } else { mode };
        match io.send_to(self.data.as_ref(), to, self.flags, mode) {
            Ok(count) => {
                handle.count_sent(count);
                Step::Done(Ok(count))
            }
            Err(error) => match Failure::of(&error, "sendto") {
                Failure::WouldBlock if self.flags.contains(Flags::DONT_WAIT) => {
                    Step::Done(Err(Error::new(ErrorKind::Os(libc::EAGAIN), "sendto")))
                }
                // A Unix receiver whose queue is full: our own socket stays writable all the while.
                Failure::WouldBlock if matches!(to, Address::Unix(_)) => {
                    let pause = self.pause;
                    self.pause = (pause * 2).min(Duration::from_millis(50));
                    Step::Wait(Need::Pause(pause))
                }
                Failure::WouldBlock => Step::Wait(Need::Io(Interest::WRITE)),
                Failure::Interrupted => Step::Interrupted,
                Failure::Error(error) => Step::Done(Err(error)),
            },
        }
    }

    fn stop(&mut self, _handle: &mut Handle<B>, why: Stop) -> Self::Out {
        Err(why.error("sendto"))
    }
}
