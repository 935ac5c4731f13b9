//! The proof: one suite of cases that every backend passes, and a third backend that is simulated.
//!
//! A backend joins the suite with one line in a test: `moonsocket_conformance::suite!(MyBackend::new);`. [`sim`] has no
//! kernel: a virtual clock and faults from a seed, so that the same seed is the same world. [`fuzz`] has the targets of
//! the fuzzers as plain functions.
#![deny(unsafe_code)]

pub mod fuzz;
mod panicked;
pub mod sim;
pub mod suite;
