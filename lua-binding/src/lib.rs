//! moonsocket for Lua: socket dialects on one engine.
//!
//! A program that embeds Lua by mlua calls [`preload`], and its scripts can `require` every module: the example `embed`
//! does. `cargo xtask build` makes the modules for an installed Lua.
//!
//! That function is all that is meant for other programs. The modules are public for whoever changes moonsocket, and change
//! without notice:
//!
//! [`vm`] is the safe layer over Lua's C API; [`socket`] and [`door`] are what every dialect's objects have inside and
//! where all their calls wait; [`fibers`] makes coroutines concurrent; [`dialects`] holds names, argument shapes, result shapes
//! and error words. `unsafe` code is in `vm` alone.
#![deny(unsafe_code)]

#[allow(unsafe_code)]
#[macro_use]
pub mod vm;

pub mod backend;
mod convert;
pub mod dialects;
pub mod door;
pub mod fibers;
mod foreign;
mod module;
mod openers;
#[cfg(feature = "selftest")]
pub mod selftest;
pub mod sending;
pub mod socket;
mod waiting;

/// Where this is a module, nobody else decides about Rust's memory in its file.
#[cfg(all(feature = "module", not(feature = "selftest")))]
#[global_allocator]
static MEMORY: vm::Allocator = vm::Allocator;
#[cfg(all(feature = "module", feature = "selftest"))]
#[global_allocator]
static MEMORY: vm::starved::Counted = vm::starved::Counted;

pub use module::preload;
pub use openers::*;
