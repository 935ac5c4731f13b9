//! Resolving names and addresses: off the thread, unless nobody minds how long it takes.

use std::sync::Arc;

use crate::os::{fork_generation, is_known_here, resolver};
use crate::query::{Found, Query};
use crate::resolve::{Job, submit};
use crate::{Address, Backend, Error, Family, Interest, Mode, Need, Operation, Step, Stop, Wake};

/// Resolves a name. Numeric addresses are answered at once, and so is `localhost`; everything else by a helper thread, so
/// that a limit holds whatever the resolver does. Without a limit the resolver is asked on the calling thread.
///
/// ```
/// use moonsocket_core::ops::Lookup;
/// use moonsocket_core::{Address, Backend, Error, ErrorKind, Family, Limit, Query, drive, number};
/// use std::time::Duration;
///
/// /// The IPv6 addresses of a name; `None` where there is no such name.
/// fn v6<B: Backend>(backend: &B, host: &str) -> Result<Option<Vec<Address>>, Error> {
///     let query = Query { family: Family::V6, ..Query::new(host, "80", number::SOCK_STREAM) };
///     let limit = Limit::after(Duration::from_secs(3));
///     match drive(backend, &mut Lookup::new(query), &mut (), limit.into()) {
///         Ok(found) => Ok(Some(found.into_iter().map(|it| it.address).collect())),
///         Err(error) if matches!(error.kind(), ErrorKind::Resolve(_)) => Ok(None),
///         Err(error) => Err(error),
///     }
/// }
/// ```
#[derive(Debug)]
#[must_use = "an operation does nothing until it is driven"]
pub struct Lookup(Asked<Query, Vec<Found>>);

impl Lookup {
    /// Resolves this.
    pub fn new(query: Query) -> Self {
        Self(Asked::Question(query))
    }

    /// Only addresses of this family will do. Nothing was asked yet.
    pub(crate) fn narrow(&mut self, family: i32) {
        if let Asked::Question(query) = &mut self.0 {
            query.family = match family {
                libc::AF_INET => Family::V4,
                libc::AF_INET6 => Family::V6,
                _ => query.family,
            };
        }
    }
}

impl<B: Backend> Operation<B> for Lookup {
    type On = ();
    /// At least one address, or an error (kind `Resolve`, where the resolver says so).
    type Out = Result<Vec<Found>, Error>;

    fn interest(&self) -> Interest {
        Interest::NONE
    }

    fn step(&mut self, backend: &B, _on: &mut (), mode: Mode) -> Step<Self::Out> {
        if let Asked::Question(query) = &self.0 {
            if let Some(answer) = query.numeric() {
                return Step::Done(answer);
            }
            if mode == Mode::Wait || query.is_local() {
                return Step::Done(resolver::lookup(query));
            }
        }
        self.0.step(backend, |query| resolver::lookup(&query), Query::is_near)
    }

    fn stop(&mut self, _on: &mut (), why: Stop) -> Self::Out {
        Err(why.error("lookup"))
    }
}

/// Finds the host and service names of an address.
#[derive(Debug)]
#[doc(alias = "getnameinfo")]
#[must_use = "an operation does nothing until it is driven"]
pub struct NameLookup(Asked<(Address, i32), (String, String)>);

impl NameLookup {
    /// The names of this address; `flags` are the system's `NI_*`.
    pub fn new(address: Address, flags: i32) -> Self {
        Self(Asked::Question((address, flags)))
    }
}

impl<B: Backend> Operation<B> for NameLookup {
    type On = ();
    /// Host and service, or an error of kind `Resolve`.
    type Out = Result<(String, String), Error>;

    fn interest(&self) -> Interest {
        Interest::NONE
    }

    fn step(&mut self, backend: &B, _on: &mut (), mode: Mode) -> Step<Self::Out> {
        if let Asked::Question((address, flags)) = &self.0
            && mode == Mode::Wait
        {
            return Step::Done(resolver::name_of(address, *flags));
        }
        let ask = |(address, flags)| resolver::name_of(&address, flags);
        self.0.step(backend, ask, |(address, flags)| {
            *flags & libc::NI_NUMERICHOST != 0
                || address.ip().is_none_or(|ip| is_known_here(&ip.to_string()))
        })
    }

    fn stop(&mut self, _on: &mut (), why: Stop) -> Self::Out {
        Err(why.error("lookup"))
    }
}

/// A question on its way through a helper thread.
#[derive(Debug)]
enum Asked<Q, A> {
    Question(Q),
    Waiting {
        question: Q,
        job: Arc<Job<Result<A, Error>>>,
        /// Held so that it lasts until the answer.
        wake: Arc<Wake>,
        /// The process that it is asked in.
        process: u32,
    },
}

impl<Q: Clone + Send + 'static, A: Send + 'static> Asked<Q, A> {
    fn step<B: Backend>(
        &mut self,
        backend: &B,
        ask: impl FnOnce(Q) -> Result<A, Error> + Send + 'static,
        is_near: impl FnOnce(&Q) -> bool,
    ) -> Step<Result<A, Error>> {
        // A forked child has none of its parent's threads.
        if matches!(self, Self::Waiting { process, .. } if *process != fork_generation()) {
            self.begin_again();
        }
        if let Self::Question(question) = self {
            let asked = question.clone();
            let wake = backend.waker().map_err(|error| Error::from_io(&error, "lookup"));
            let job = wake.and_then(|wake| {
                let is_near = || is_near(question);
                let job = submit(move || ask(asked), is_near, Arc::clone(&wake))?;
                Ok((job, wake))
            });
            match job {
                Ok((job, wake)) => {
                    let (question, process) = (question.clone(), fork_generation());
                    *self = Self::Waiting { question, job, wake, process };
                }
                Err(error) => return Step::Done(Err(error)),
            }
        }
        let Self::Waiting { job, wake, .. } = self else {
            return Step::Wait(Need::Wake);
        };
        // Another one, where the program has closed the first.
        if let Ok(present) = backend.waker() {
            *wake = present;
        }
        let Some(answer) = job.answer(wake) else {
            return Step::Wait(Need::Wake);
        };
        self.begin_again();
        Step::Done(answer)
    }

    fn begin_again(&mut self) {
        if let Self::Waiting { question, .. } = self {
            *self = Self::Question(question.clone());
        }
    }
}
