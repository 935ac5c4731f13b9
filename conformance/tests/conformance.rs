//! The shared suite: those cases that need no kernel.

moonsocket_conformance::suite!(moonsocket_conformance::sim::Sim::new, Simulated);
