//! Connecting to one of several addresses, or to a name.

use std::time::Duration;

use crate::ops::{Bind, Lookup};
use crate::{
    Address, Backend, Error, ErrorKind, Handle, Interest, Kind, Mode, Need, Operation, Query, Step,
    Stop, Transport,
};

/// First and longest pause where the kernel reports no readiness (a Unix listener's full backlog).
const PAUSE_FIRST: Duration = Duration::from_millis(1);
const PAUSE_MAX: Duration = Duration::from_millis(50);

/// Connects a handle, trying each address in turn until one answers, within one limit for them all.
///
/// A handle without a descriptor gets one of the address's family; one whose family differs is replaced.
///
/// ```
/// use moonsocket_core::ops::Connect;
/// use moonsocket_core::{Address, Backend, Error, Handle, Kind, Limit, Opt, Value, drive, number};
/// use std::time::Duration;
///
/// /// To the first of these that answers, within 5 s for all of them.
/// fn dial<B: Backend>(backend: &B, to: Vec<Address>) -> Result<Handle<B>, Error> {
///     let mut handle = Handle::unopened(backend);
///     // For whichever descriptor the connect makes.
///     handle.remember_option(Opt::TcpNoDelay, Value::Flag(true))?;
///     let mut connect = Connect::new(to, Kind::stream(number::AF_UNSPEC));
///     drive(backend, &mut connect, &mut handle, Limit::after(Duration::from_secs(5)).into())?;
///     Ok(handle)
/// }
/// ```
#[derive(Debug)]
#[must_use = "an operation does nothing until it is driven"]
pub struct Connect {
    /// The local address comes first.
    bind: Option<Bind>,
    lookup: Option<Lookup>,
    addresses: Vec<(Address, Kind)>,
    next: usize,
    kind: Kind,
    /// For which of the addresses a descriptor was made, where each has one of its own.
    made_for: Option<usize>,
    state: State,
    pause: Duration,
    last: Error,
    report_in_flight: bool,
    first_only: bool,
    /// The handle had a descriptor: when it has none any more, somebody closed it.
    held: bool,
}

/// A connect that succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connected {
    /// The system's call waited and said so itself. (Otherwise the kernel answers one more connect with success before
    /// it says `EISCONN`, which programs written for LuaSocket see.)
    pub at_once: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The next address is to be tried.
    Idle,
    /// `connect` was called and goes on by itself.
    InFlight,
}

impl Connect {
    /// To the first of these addresses that answers. `kind` says type and protocol; its family is
    /// replaced by each address's.
    pub fn new(addresses: impl IntoIterator<Item = Address>, kind: Kind) -> Self {
        let addresses = addresses.into_iter().map(|to| kind.of(to));
        Self {
            bind: None,
            lookup: None,
            addresses: addresses.collect(),
            next: 0,
            kind,
            made_for: None,
            state: State::Idle,
            pause: PAUSE_FIRST,
            last: Error::new(ErrorKind::Invalid("no address"), "connect"),
            report_in_flight: false,
            first_only: false,
            held: false,
        }
    }

    /// To whatever a name stands for. The limit covers the lookup too: an error that names the operation "lookup" says that
    /// no connect was begun. A `kind` of type 0 is each answer's own, with a descriptor of its own.
    pub fn resolve(query: Query, kind: Kind) -> Self {
        Self { lookup: Some(Lookup::new(query)), ..Self::new(Vec::new(), kind) }
    }

    /// From a local address. The limit covers its lookup too. Addresses of another family than that are passed over.
    pub fn bound_to(mut self, local: Bind) -> Self {
        self.bind = Some(local);
        self
    }

    /// When a connect that was started before is still under way: fails with `EALREADY` instead of
    /// waiting for it.
    pub fn report_in_flight(mut self) -> Self {
        self.report_in_flight = true;
        self
    }

    /// Tries the first address only.
    pub fn first_only(mut self, yes: bool) -> Self {
        self.first_only = yes;
        self
    }

    fn addresses_known<B: Backend>(
        &mut self,
        backend: &B,
        mode: Mode,
    ) -> Step<Result<Connected, Error>> {
        let Some(lookup) = &mut self.lookup else {
            return Step::Again;
        };
        match <Lookup as Operation<B>>::step(lookup, backend, &mut (), mode).done() {
            Ok(Ok(found)) => {
                self.addresses = found.iter().map(|found| found.target(self.kind)).collect();
                self.lookup = None;
                Step::Again
            }
            Ok(Err(error)) => Step::Done(Err(error)),
            Err(not_yet) => not_yet,
        }
    }

    /// An address of another family would want another socket, which is not bound.
    fn narrow(&mut self, family: i32) {
        match &mut self.lookup {
            Some(lookup) => lookup.narrow(family),
            None if !self.addresses.is_empty() => {
                self.addresses.retain(|(to, _)| to.family() == family);
                self.last = Error::new(ErrorKind::Os(libc::EAFNOSUPPORT), "connect");
            }
            None => {}
        }
    }

    /// One attempt at the present address.
    fn attempt<B: Backend>(
        &mut self,
        backend: &B,
        handle: &mut Handle<B>,
        (to, kind): (&Address, Kind),
        mode: Mode,
    ) -> Step<Result<Connected, Error>> {
        let before = handle.descriptor();
        let made = if self.kind.socktype != 0 || self.made_for == Some(self.next) {
            handle.ensure_family(backend, kind, mode)
        } else {
            self.made_for = Some(self.next);
            handle.reopen(backend, kind, mode)
        };
        if let Err(error) = made {
            return Step::Done(Err(error));
        }
        let Some(io) = handle.io() else {
            return Step::Done(Err(Error::new(ErrorKind::Closed, "connect")));
        };
        self.held = true;
        if mode == Mode::Wait && io.descriptor() != before {
            // No limit is armed on a new descriptor yet: the driver has to ask again.
            return Step::Again;
        }
        let Err(error) = io.connect(to, mode) else {
            return Step::Done(Ok(Connected { at_once: mode == Mode::Wait }));
        };
        let in_flight = Step::Wait(Need::Io(Interest::WRITE));
        match error.raw_os_error() {
            // Interrupted while it waited for room in a Unix listener's backlog: nothing was begun.
            Some(libc::EINTR) if matches!(to, Address::Unix(_)) => Step::Interrupted,
            // Any other interrupted connect goes on by itself, like one that was not to wait.
            Some(libc::EINPROGRESS | libc::EINTR) => {
                self.state = State::InFlight;
                in_flight
            }
            Some(libc::EALREADY) if !self.report_in_flight => {
                self.state = State::InFlight;
                in_flight
            }
            // A Unix listener whose backlog is full: nothing will report that there is room.
            Some(libc::EAGAIN) => {
                let pause = self.pause;
                self.pause = (pause * 2).min(PAUSE_MAX);
                Step::Wait(Need::Pause(pause))
            }
            _ => Step::Done(Err(Error::from_io(&error, "connect"))),
        }
    }

    /// After readiness, which may be a false alarm: how did it end?
    fn check<B: Backend>(&self, handle: &Handle<B>) -> Step<Result<Connected, Error>> {
        let Some(io) = handle.io() else {
            return Step::Done(Err(Error::new(ErrorKind::Closed, "connect")));
        };
        let done = Step::Done(Ok(Connected { at_once: false }));
        if io.peer_address().is_ok() {
            return done;
        }
        let failed = |error| Step::Done(Err(Error::from_io(&error, "connect")));
        if let Err(error) = io.take_error() {
            // The kernel keeps an answer ready for the connect that would have asked: whoever tries again, or tries the
            // next address, would get that. What it says to this is of no interest.
            let _ = io.disconnect();
            return failed(error);
        }
        // Still under way, or somebody else took the error, and then this is another try.
        let Some((to, _)) = self.addresses.get(self.next) else {
            return done;
        };
        match io.connect(to, Mode::Now) {
            Ok(()) => done,
            Err(error) => match error.raw_os_error() {
                Some(libc::EISCONN) => done,
                Some(libc::EINPROGRESS | libc::EALREADY | libc::EINTR) => {
                    Step::Wait(Need::Io(Interest::WRITE))
                }
                _ => failed(error),
            },
        }
    }
}

impl<B: Backend> Operation<B> for Connect {
    type On = Handle<B>;
    type Out = Result<Connected, Error>;

    fn interest(&self) -> Interest {
        // Of the local address, too, a name may have to be looked up.
        let connects = self.bind.is_none() && self.lookup.is_none();
        if connects { Interest::WRITE } else { Interest::NONE }
    }

    fn step(&mut self, backend: &B, handle: &mut Handle<B>, mode: Mode) -> Step<Self::Out> {
        if self.held && !handle.is_open() {
            // Somebody closed the object: no new descriptor behind their back.
            return Step::Done(Err(Error::new(ErrorKind::Closed, "connect")));
        }
        self.held = handle.is_open();
        if let Some(bind) = &mut self.bind {
            return match bind.step(backend, handle, mode).done() {
                Ok(Ok(())) => {
                    self.bind = None;
                    self.narrow(handle.family());
                    Step::Again
                }
                Ok(Err(error)) => Step::Done(Err(error)),
                Err(not_yet) => not_yet,
            };
        }
        if self.lookup.is_some() {
            return self.addresses_known(backend, mode);
        }
        let mode = if mode == Mode::Skip { Mode::Now } else { mode };
        let outcome = match (self.state, self.addresses.get(self.next).copied()) {
            (State::InFlight, _) => self.check(handle),
            (State::Idle, Some((to, kind))) => self.attempt(backend, handle, (&to, kind), mode),
            (State::Idle, None) => return Step::Done(Err(self.last)),
        };
        self.state = match &outcome {
            Step::Wait(Need::Io(_)) => State::InFlight,
            _ => State::Idle,
        };
        match outcome {
            Step::Done(Err(error)) => {
                self.last = error;
                self.next += 1;
                self.pause = PAUSE_FIRST;
                let more = self.next < self.addresses.len() && !self.first_only;
                if more && error.kind() != ErrorKind::Closed {
                    Step::Again
                } else {
                    Step::Done(Err(error))
                }
            }
            other => other,
        }
    }

    fn stop(&mut self, _handle: &mut Handle<B>, why: Stop) -> Self::Out {
        Err(why.error(if self.lookup.is_some() { "lookup" } else { "connect" }))
    }
}
