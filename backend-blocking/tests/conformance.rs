//! The shared suite.

moonsocket_conformance::suite!(moonsocket_blocking::Blocking::new);
