//! The backend that this build waits with: the only lines that read the backend features. Where both are on, `mio` wins.

/// The backend of every Lua state.
#[cfg(feature = "mio")]
pub type Chosen = moonsocket_mio::Mio;
/// The backend of every Lua state.
#[cfg(all(feature = "blocking", not(feature = "mio")))]
pub type Chosen = moonsocket_blocking::Blocking;
