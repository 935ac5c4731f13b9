//! osn: a table describes a socket, and `connect`, `serve` or `udp_socket` makes it.

mod address;
mod error;
mod make;
mod signals;
mod socket;
mod spec;
mod transfer;

use crate::vm::{Any, Machine, Module, Type, function};

/// `osn`.
pub const MODULE: Module = Module {
    functions: &[
        function!(opens "connect", make::connect, Machine, Any, Any),
        function!(opens "serve", make::serve, Machine, Any),
        function!("signals", signals::signals, Machine, Any),
        function!(opens "udp_socket", make::udp_socket, Machine, Any),
    ],
    types: &[Type::of::<socket::Osn>()],
    setup: &[function!("setup", address::setup, Machine)],
    ..Module::EMPTY
};
