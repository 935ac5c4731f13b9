//! The proof: one suite of cases that every backend passes, and a third backend that is simulated.
#![deny(unsafe_code)]

pub mod fuzz;
pub mod sim;
pub mod suite;
