//! One message to an address.

use std::time::Duration;

use crate::operation::Failure;
use crate::ops::Lookup;
use crate::{
    Address, Backend, Error, ErrorKind, Flags, Handle, Interest, Mode, Need, Operation, Query,
    Step, Stop, Transport,
};

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
        let outcome = io.send_to(self.data.as_ref(), to, self.flags, mode);
        self.follow(handle, outcome.map_err(|error| Failure::of(&error, "sendto")))
    }

    fn stop(&mut self, _handle: &mut Handle<B>, why: Stop) -> Self::Out {
        Err(why.error("sendto"))
    }
}

impl<D> SendTo<D> {
    /// What becomes of it after an attempt.
    pub(super) fn follow<B: Backend>(
        &mut self,
        handle: &mut Handle<B>,
        outcome: Result<usize, Failure>,
    ) -> Step<Result<usize, Error>> {
        match outcome {
            Ok(count) => {
                handle.count_sent(count);
                Step::Done(Ok(count))
            }
            Err(Failure::WouldBlock) if self.flags.contains(Flags::DONT_WAIT) => {
                Step::Done(Err(Error::new(ErrorKind::Os(libc::EAGAIN), "sendto")))
            }
            // A Unix receiver whose queue is full: our own socket stays writable all the while.
            Err(Failure::WouldBlock) if matches!(self.to, Some(Address::Unix(_))) => {
                let pause = self.pause;
                self.pause = (pause * 2).min(Duration::from_millis(50));
                Step::Wait(Need::Pause(pause))
            }
            Err(Failure::WouldBlock) => Step::Wait(Need::Io(Interest::WRITE)),
            Err(Failure::Interrupted) => Step::Interrupted,
            Err(Failure::Error(error)) => Step::Done(Err(error)),
        }
    }
}
