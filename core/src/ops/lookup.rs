//! Resolving a name, off the thread.

use std::sync::Arc;

use crate::resolve::{Found, Job, Query, submit};
use crate::{Backend, Error, Interest, Mode, Need, Operation, Step, Stop};

/// Resolves a name. Numeric addresses are answered at once; everything else by a helper thread, so that a
/// limit holds whatever the resolver does.
#[derive(Debug)]
pub struct Lookup {
    query: Option<Query>,
    job: Option<Arc<Job>>,
}

impl Lookup {
    /// Resolves this.
    pub fn new(query: Query) -> Self {
        Self { query: Some(query), job: None }
    }
}

impl<B: Backend> Operation<B> for Lookup {
    type On = ();
    /// At least one address, or an error (kind `Resolve`, where the resolver says so).
    type Out = Result<Vec<Found>, Error>;

    fn interest(&self) -> Interest {
        Interest::NONE
    }

    fn step(&mut self, backend: &B, _on: &mut (), _mode: Mode) -> Step<Self::Out> {
        if let Some(query) = self.query.take() {
            if let Some(answer) = query.numeric() {
                return Step::Done(answer);
            }
            let wake = backend.waker().map_err(|error| Error::from_io(&error, "lookup"));
            match wake.and_then(|wake| submit(query, wake)) {
                Ok(job) => self.job = Some(job),
                Err(error) => return Step::Done(Err(error)),
            }
        }
        match self.job.as_ref().and_then(|job| job.answer()) {
            Some(answer) => Step::Done(answer),
            None => Step::Wait(Need::Wake),
        }
    }

    fn stop(&mut self, _on: &mut (), why: Stop) -> Self::Out {
        Err(why.error("lookup"))
    }
}
