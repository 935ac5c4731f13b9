//! The shared suite.

moonsocket_conformance::suite!(moonsocket_mio::Mio::new);
