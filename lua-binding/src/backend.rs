//! The backend that this build waits with: the only lines that read the backend features. Where both are on, `mio` wins.
//! Tests of all that is above the backends take `simulated` instead of either.

use std::io;

use moonsocket_core::{Backend, os};

/// The backend of every Lua state.
#[cfg(all(feature = "mio", not(feature = "simulated")))]
pub type Chosen = moonsocket_mio::Mio;
/// The backend of every Lua state.
#[cfg(all(feature = "blocking", not(any(feature = "mio", feature = "simulated"))))]
pub type Chosen = moonsocket_blocking::Blocking;
/// The backend of every Lua state.
#[cfg(feature = "simulated")]
pub type Chosen = moonsocket_conformance::sim::Sim;

#[cfg(not(any(feature = "blocking", feature = "mio", feature = "simulated")))]
compile_error!("moonsocket-lua waits with a backend: choose the feature `blocking` or `mio`");

/// The backend's sockets, which own their descriptors.
pub type OwnedSocket = <Chosen as Backend>::Socket;

/// A descriptor of the system's as a socket of the backend's.
///
/// # Errors
/// `EOPNOTSUPP` in a simulated world, which has none.
#[cfg(not(feature = "simulated"))]
pub fn of_system(socket: os::Socket) -> io::Result<OwnedSocket> {
    Ok(socket)
}
/// A descriptor of the system's as a socket of the backend's.
///
/// # Errors
/// `EOPNOTSUPP` in a simulated world, which has none.
#[cfg(feature = "simulated")]
pub fn of_system(_: os::Socket) -> io::Result<OwnedSocket> {
    Err(io::Error::from_raw_os_error(moonsocket_core::errno::EOPNOTSUPP))
}
