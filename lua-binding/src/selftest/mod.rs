//! A toy dialect that uses every part of [`vm`](crate::vm) once, for `tests/vm.lua`. Never shipped.
#![forbid(unsafe_code)]

mod functions;
mod objects;

use crate::vm::{
    Any, Boolean, Bytes, Call, Constant, Integer, Machine, Maybe, Module, Number, Rest, Truth,
    Type, function,
};
use functions::{
    alive, boolean, born, build, bytes, count, fibers, held, integer, kind, large, many, mode,
    number, other, presence, protect, raise, setup, starve, toy, tree, waste,
};
use objects::{Other, Shared, Toy};

/// `require "moonsocket_selftest"`.
pub const MODULE: Module = Module {
    functions: &[
        function!("toy", toy, Call, Truth),
        function!("other", other, Call),
        function!(new "born", Other, Shared, born),
        function!("waste", waste, Call),
        function!("alive", alive, Call),
        function!("number", number, Number),
        function!("integer", integer, Integer),
        function!("bytes", bytes, Bytes),
        function!("boolean", boolean, Boolean),
        function!("truth", boolean, Truth),
        function!("presence", presence, Maybe<Number>),
        function!("kind", kind, Any),
        function!("mode", mode, Bytes),
        function!("raise", raise, Bytes, Any),
        function!("count", count, Rest),
        function!("tree", tree, Call),
        function!("large", large, Call, Number),
        function!("protect", protect, Machine, Any, Rest),
        function!("build", build, Machine),
        function!("fibers", fibers, Machine, Rest),
        function!("many", many, Call),
        function!("starve", starve, Call, Bytes, Number, Number, Truth),
        function!("held", held, Option<Number>, Option<Number>),
    ],
    constants: &[("ANSWER", Constant::Integer(42)), ("NAME", Constant::Str("toy"))],
    tables: &[(
        "inner",
        Module { functions: &[function!("truth", boolean, Truth)], ..Module::EMPTY },
    )],
    types: &[Type::of::<Toy>(), Type::of::<Other>()],
    chunks: &[crate::vm::Chunk { name: "=toy.lua", source: "local m = ... ; m.half = 'Lua half'" }],
    setup: &[function!("setup", setup, Machine, Any)],
    ..Module::EMPTY
};
