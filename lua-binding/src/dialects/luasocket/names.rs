//! What `dns.getnameinfo` waits for: a lookup of a name's addresses, and of each address's names.

use moonsocket_core::ops::{Lookup, NameLookup};
use moonsocket_core::{
    Backend, Error, Found, Interest, Mode, Operation, Query, Step, Stop, number,
};

/// The operation.
pub(super) struct Names {
    lookup: Option<Lookup>,
    found: std::vec::IntoIter<Found>,
    asking: Option<NameLookup>,
    names: Vec<(String, String)>,
    /// The system's `NI_*`.
    flags: i32,
}

impl Names {
    /// `named`: the service's name is asked for, too, which takes a look into a long file.
    pub(super) fn new(query: Query, named: bool) -> Self {
        let found = Vec::new().into_iter();
        let flags = if named { 0 } else { number::NI_NUMERICSERV };
        Self { lookup: Some(Lookup::new(query)), found, asking: None, names: Vec::new(), flags }
    }
}

impl<B: Backend> Operation<B> for Names {
    type On = ();
    type Out = Result<Vec<(String, String)>, Error>;

    fn interest(&self) -> Interest {
        Interest::NONE
    }

    fn step(&mut self, backend: &B, on: &mut (), mode: Mode) -> Step<Self::Out> {
        if let Some(lookup) = &mut self.lookup {
            match Operation::<B>::step(lookup, backend, on, mode).done() {
                Ok(Ok(found)) => self.found = found.into_iter(),
                Ok(Err(error)) => return Step::Done(Err(error)),
                Err(not_yet) => return not_yet,
            }
            self.lookup = None;
        }
        if self.asking.is_none() {
            let Some(found) = self.found.next() else {
                return Step::Done(Ok(std::mem::take(&mut self.names)));
            };
            self.asking = Some(NameLookup::new(found.address, self.flags));
        }
        let Some(asking) = &mut self.asking else { return Step::Again };
        match Operation::<B>::step(asking, backend, on, mode).done() {
            Ok(Ok(names)) => self.names.push(names),
            Ok(Err(error)) => return Step::Done(Err(error)),
            Err(not_yet) => return not_yet,
        }
        self.asking = None;
        Step::Again
    }

    fn stop(&mut self, _on: &mut (), why: Stop) -> Self::Out {
        Err(why.error("lookup"))
    }
}
