//! `nixio.util`: what it adds to sockets is written in Lua, on `read` and `write` of whatever object they are put into.

use crate::vm::{Chunk, Module};

/// `nixio.util`.
pub const MODULE: Module = Module {
    chunks: &[Chunk { name: "=nixio.util", source: include_str!("util.lua") }],
    ..Module::EMPTY
};
