//! The system: sockets, addresses, options, names, wake-ups. The one place besides the backends' waiting
//! that makes system calls, and the only part of this crate with `unsafe` code.
#![allow(unsafe_code)]

pub(crate) mod address;
mod clock;
mod device;
mod file;
mod fork;
mod hosts;
pub mod interfaces;
mod kept;
mod made;
mod memory;
mod option;
mod outcome;
mod pair;
pub mod path;
mod per_process;
pub mod poll;
mod prefetch;
mod raw;
pub mod resolver;
mod select;
mod signal;
pub mod signals;
mod socket;
mod system;
mod vectored;
pub mod wake;

pub use clock::{monotonic_s, wall_s};
pub use device::open_device;
pub use file::file_descriptor;
pub(crate) use fork::Apart;
pub use fork::fork_generation;
pub(crate) use hosts::is_known_here;
pub use made::{descriptors_ran_out, made_beyond_standard, replace_descriptor};
pub use memory::expect_all;
pub use outcome::error_text;
pub use pair::pair;
pub use per_process::{OfProcess, PerProcess};
pub use prefetch::{prefetch, prefetch_at};
pub use signal::ignore_broken_pipe;
pub(crate) use signal::without_signals;
pub use socket::Socket;
pub use system::{System, host_name, system};
