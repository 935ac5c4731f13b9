//! The simulated backend: no kernel, a virtual clock, faults from a seed.
//!
//! A world holds sockets as plain data and an agenda of what will happen. Peers follow scripts; our side runs
//! the same operations as everywhere, through the blocking driver or through [`Parking`](moonsocket_core::Parking).
//! A naive model says what must come out of each: no byte lost, doubled or misplaced; limits never early and at most
//! a tick late; nothing that hangs. Everything follows from the seed, so a failure can be repeated.

mod backend;
mod connector;
mod kernel;
mod messages;
mod model;
mod peer;
mod queue;
mod racer;
mod reader;
mod rng;
mod run;
mod server;
mod splits;
mod talk;
mod transport;
mod waiter;
mod work;
mod world;
mod writer;

pub use backend::{Sim, SimIo};
pub(crate) use rng::Rng;
pub use run::{Report, Surprise, explore, run};
pub use splits::{every_split, split};
pub use transport::SimSocket;
