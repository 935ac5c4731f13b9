//! Waiting without I/O: for one socket, for many descriptors, for time.

use std::time::{Duration, Instant};

use crate::{
    Backend, Error, ErrorKind, Handle, Interest, Mode, Need, Operation, Step, Stop, Transport,
    Watch,
};

/// Waits until a socket is ready for something, without reading or writing. Buffered bytes make it
/// readable at once.
#[derive(Debug)]
#[must_use = "an operation does nothing until it is driven"]
pub struct Ready {
    interest: Interest,
}

impl Ready {
    /// Ready for some of `interest`.
    pub fn new(interest: Interest) -> Self {
        Self { interest }
    }
}

impl<B: Backend> Operation<B> for Ready {
    type On = Handle<B>;
    type Out = Result<(), Error>;

    fn interest(&self) -> Interest {
        Interest::NONE
    }

    fn direction(&self) -> Interest {
        self.interest
    }

    fn step(&mut self, backend: &B, handle: &mut Handle<B>, _mode: Mode) -> Step<Self::Out> {
        let buffered = self.interest.contains(Interest::READ) && !handle.buffer.is_empty();
        let Some(io) = handle.io() else {
            return Step::Done(Err(Error::new(ErrorKind::Closed, "wait")));
        };
        if buffered {
            return Step::Done(Ok(()));
        }
        // Always asks the kernel as it is now: what an earlier edge said may be over.
        let mut watch = [Watch::new(io.descriptor(), self.interest)];
        match backend.look(&mut watch) {
            Ok(0) => Step::Wait(Need::Io(self.interest)),
            Ok(_) => Step::Done(Ok(())),
            Err(error) if error.raw_os_error() == Some(libc::EINTR) => Step::Interrupted,
            Err(error) => Step::Done(Err(Error::from_io(&error, "wait"))),
        }
    }

    fn stop(&mut self, _handle: &mut Handle<B>, why: Stop) -> Self::Out {
        Err(why.error("wait"))
    }
}

/// Waits until one of several descriptors is ready, ours or foreign ones.
///
/// ```
/// use moonsocket_core::ops::Select;
/// use moonsocket_core::{Backend, Descriptor, Error, Interest, Limit, Watch, drive};
/// use std::time::Duration;
///
/// /// Those that can be read from within a second; perhaps none.
/// fn readable<B: Backend>(backend: &B, of: &[Descriptor]) -> Result<Vec<Descriptor>, Error> {
///     let watches = of.iter().map(|descriptor| Watch::new(*descriptor, Interest::READ));
///     let second = Limit::after(Duration::from_secs(1));
///     let mut select = Select::new(watches.collect());
///     let (watches, found) = drive(backend, &mut select, &mut (), second.into());
///     found?;
///     let ready = watches.iter().filter(|watch| watch.ready.contains(Interest::READ));
///     Ok(ready.map(|watch| watch.descriptor).collect())
/// }
/// ```
#[derive(Debug)]
#[must_use = "an operation does nothing until it is driven"]
pub struct Select {
    watches: Vec<Watch>,
}

impl Select {
    /// Over these descriptors.
    pub fn new(watches: Vec<Watch>) -> Self {
        Self { watches }
    }
}

impl<B: Backend> Operation<B> for Select {
    type On = ();
    /// The descriptors with what they are ready for (the limit's end is no error: nothing is ready then),
    /// or why the wait failed.
    type Out = (Vec<Watch>, Result<usize, Error>);

    fn interest(&self) -> Interest {
        Interest::NONE
    }

    fn step(&mut self, _backend: &B, _on: &mut (), _mode: Mode) -> Step<Self::Out> {
        // Whoever drives this waits, and leaves what it found in the watches.
        match found(&self.watches) {
            0 => Step::Wait(Need::Many),
            count => Step::Done((std::mem::take(&mut self.watches), Ok(count))),
        }
    }

    fn stop(&mut self, _on: &mut (), why: Stop) -> Self::Out {
        let outcome = match why {
            Stop::Timeout => Ok(found(&self.watches)),
            other => Err(other.error("select")),
        };
        (std::mem::take(&mut self.watches), outcome)
    }

    fn watches(&mut self) -> &mut [Watch] {
        &mut self.watches
    }
}

fn found(watches: &[Watch]) -> usize {
    watches.iter().filter(|watch| watch.invalid || !watch.ready.is_none()).count()
}

/// Waits for time alone.
#[derive(Debug)]
#[must_use = "an operation does nothing until it is driven"]
pub struct Sleep {
    time: Duration,
    until: Option<Instant>,
}

impl Sleep {
    /// At least this long.
    pub fn new(time: Duration) -> Self {
        Self { time, until: None }
    }
}

impl<B: Backend> Operation<B> for Sleep {
    type On = ();
    /// `Err` when it was ended before its time.
    type Out = Result<(), Error>;

    fn interest(&self) -> Interest {
        Interest::NONE
    }

    fn step(&mut self, backend: &B, _on: &mut (), _mode: Mode) -> Step<Self::Out> {
        let now = backend.now();
        if self.time.is_zero() {
            return Step::Done(Ok(()));
        }
        // A time past the clock's range is waited for in slices of a year.
        let slice = Duration::from_secs(365 * 24 * 3600);
        let until = match self.until.or_else(|| now.checked_add(self.time)) {
            Some(until) => until,
            None => return Step::Wait(Need::Pause(slice)),
        };
        self.until = Some(until);
        match until.checked_duration_since(now) {
            Some(left) if !left.is_zero() => Step::Wait(Need::Pause(left.min(slice))),
            _ => Step::Done(Ok(())),
        }
    }

    fn stop(&mut self, _on: &mut (), why: Stop) -> Self::Out {
        Err(why.error("sleep"))
    }
}
