//! Binding to a name.

use crate::ops::Lookup;
use crate::{
    Backend, Error, ErrorKind, Handle, Interest, Kind, Mode, Operation, Query, Step, Stop,
};

/// Binds a handle to the first address of a name that can be bound.
///
/// A handle without a descriptor gets one of the address's family; one whose family differs is replaced.
#[derive(Debug)]
pub struct Bind {
    lookup: Lookup,
    kind: Kind,
}

impl Bind {
    /// `kind` says type and protocol; its family is replaced by each address's.
    pub fn new(query: Query, kind: Kind) -> Self {
        Self { lookup: Lookup::new(query), kind }
    }
}

impl<B: Backend> Operation<B> for Bind {
    type On = Handle<B>;
    type Out = Result<(), Error>;

    fn interest(&self) -> Interest {
        Interest::NONE
    }

    fn step(&mut self, backend: &B, handle: &mut Handle<B>, mode: Mode) -> Step<Self::Out> {
        let found = match <Lookup as Operation<B>>::step(&mut self.lookup, backend, &mut (), mode) {
            Step::Done(Ok(found)) => found,
            Step::Done(Err(error)) => return Step::Done(Err(error)),
            Step::Again => return Step::Again,
            Step::Interrupted => return Step::Interrupted,
            Step::Wait(need) => return Step::Wait(need),
        };
        let mut last = Err(Error::new(ErrorKind::Invalid("no address"), "bind"));
        for found in found {
            let kind = Kind { family: found.address.family(), ..self.kind };
            last = handle.ensure_family(backend, kind, Mode::Wait);
            last = last.and_then(|()| handle.bind(&found.address));
            if last.is_ok() {
                break;
            }
        }
        Step::Done(last)
    }

    fn stop(&mut self, _handle: &mut Handle<B>, why: Stop) -> Self::Out {
        Err(why.error("bind"))
    }
}
