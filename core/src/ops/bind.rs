//! Binding to a name.

use crate::ops::Lookup;
use crate::{
    Address, Backend, Error, ErrorKind, Handle, Interest, Kind, Mode, Operation, Query, Step, Stop,
};

/// Binds a handle to the first address of a name (or of a list) that can be bound.
///
/// A handle without a descriptor gets one of the address's family; one whose family differs is replaced.
#[derive(Debug)]
#[must_use = "an operation does nothing until it is driven"]
pub struct Bind {
    lookup: Option<Lookup>,
    addresses: Vec<(Address, Kind)>,
    kind: Kind,
}

impl Bind {
    /// `kind` says type and protocol; its family is replaced by each address's.
    pub fn new(addresses: impl IntoIterator<Item = Address>, kind: Kind) -> Self {
        let addresses = addresses.into_iter().map(|to| kind.of(to));
        Self { lookup: None, addresses: addresses.collect(), kind }
    }

    /// To whatever a name stands for. A `kind` of type 0 is each answer's own, with a descriptor of its own.
    pub fn resolve(query: Query, kind: Kind) -> Self {
        Self { lookup: Some(Lookup::new(query)), addresses: Vec::new(), kind }
    }
}

impl<B: Backend> Operation<B> for Bind {
    type On = Handle<B>;
    type Out = Result<(), Error>;

    fn interest(&self) -> Interest {
        Interest::NONE
    }

    fn step(&mut self, backend: &B, handle: &mut Handle<B>, mode: Mode) -> Step<Self::Out> {
        if let Some(lookup) = &mut self.lookup {
            match <Lookup as Operation<B>>::step(lookup, backend, &mut (), mode).done() {
                Ok(Ok(found)) => {
                    self.addresses = found.iter().map(|found| found.target(self.kind)).collect();
                }
                Ok(Err(error)) => return Step::Done(Err(error)),
                Err(not_yet) => return not_yet,
            }
        }
        let mut last = Err(Error::new(ErrorKind::Invalid("no address"), "bind"));
        for (address, kind) in &self.addresses {
            last = if self.kind.socktype == 0 {
                handle.reopen(backend, *kind, Mode::Wait)
            } else {
                handle.ensure_family(backend, *kind, Mode::Wait)
            };
            last = last.and_then(|()| handle.bind(address));
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
