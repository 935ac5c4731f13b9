//! Emilua, as its 0.4 has it: fibers, `byte_span`, `ip`, errors that are raised. What waits is in Rust; its Lua half
//! raises the errors, and gives objects their properties.

mod address;
mod datagram;
mod descriptor;
mod error;
mod handle;
mod inet;
mod listener;
mod names;
mod option;
mod search;
mod span;
mod stream;
mod wait;

use moonsocket_core::{eai, errno};

use crate::fibers::crossing;
use crate::vm::{
    Answer, Any, Call, Constant, Cx, Function, Given, Lua, Machine, Module, Number, Reply, Tree,
    Type, function,
};

/// `emilua`.
pub const MODULE: Module = Module {
    constants: &[("_VERSION", Constant::Str("Emilua 0.4"))],
    types: &[
        Type::of::<address::Address>(),
        Type::of::<descriptor::FileDescriptor>(),
        Type::of::<handle::FiberHandle>(),
        Type::of::<inet::Inet>(),
        Type::of::<span::Span>(),
    ],
    setup: &[function!("setup", setup, Machine, Any)],
    ..Module::EMPTY
};

/// The Lua half, in this order. Each is given the module's table, and the functions above as `raw`.
const HALF: &[(&str, &str)] = &[
    ("=emilua.error", include_str!("error.lua")),
    ("=emilua.shape", include_str!("shape.lua")),
    ("=emilua.fiber", include_str!("fiber.lua")),
    ("=emilua.scope", include_str!("scope.lua")),
    ("=emilua.time", include_str!("time.lua")),
    ("=emilua.byte_span", include_str!("byte_span.lua")),
    ("=emilua.stream", include_str!("stream.lua")),
    ("=emilua.ip", include_str!("ip.lua")),
    ("=emilua.run", include_str!("run.lua")),
];

const FUNCTIONS: &[Function] = &[
    function!("message", message, Call, Number),
    function!("resolver_message", resolver_message, Call, Number),
];

/// Loads the Lua half.
fn setup<'a>(lua: Lua<'a>, module: Given<'a>) -> Answer<'a> {
    let raw = lua.table()?;
    for list in [
        FUNCTIONS,
        address::FUNCTIONS,
        handle::FUNCTIONS,
        inet::FUNCTIONS,
        names::FUNCTIONS,
        span::FUNCTIONS,
    ] {
        for function in list {
            lua.scope(|lua| {
                let f = lua.function(*function)?;
                lua.set(raw, lua.cx().bytes(function.name()), f)
            })?;
        }
    }
    let eai: &[(&str, i32)] = &[("SERVICE", eai::EAI_SERVICE), ("SOCKTYPE", eai::EAI_SOCKTYPE)];
    for (name, list) in [("errno", errno::NAMED), ("eai", eai)] {
        let numbers =
            list.iter().map(|(name, code)| ((*name).into(), Tree::Integer((*code).into())));
        lua.set(raw, name, lua.cx().tree(Tree::Table(numbers.collect())))?;
    }
    lua.set(raw, "crossing", crossing::functions(lua)?)?;
    lua.set(raw, "address", lua.metatable::<address::Address>(0)?)?;
    lua.set(raw, "file_descriptor", lua.metatable::<descriptor::FileDescriptor>(0)?)?;
    lua.set(raw, "fiber", lua.metatable::<handle::FiberHandle>(0)?)?;
    lua.set(raw, "byte_span", lua.metatable::<span::Span>(0)?)?;
    for (role, name) in ["tcp_socket", "tcp_acceptor", "udp_socket"].into_iter().enumerate() {
        lua.set(raw, name, lua.metatable::<inet::Inet>(role)?)?;
    }
    for (name, source) in HALF {
        lua.scope(|lua| lua.call(lua.load(source, name)?, &[module.local(), raw]).map(drop))?;
    }
    Ok(Reply::Nothing)
}

/// `message(errno)`.
fn message(cx: Cx<'_>, code: f64) -> Answer<'_> {
    Ok(Reply::One(cx.bytes(moonsocket_core::os::error_text(code as i32))))
}

/// `resolver_message(code)`.
fn resolver_message(cx: Cx<'_>, code: f64) -> Answer<'_> {
    Ok(Reply::One(cx.bytes(moonsocket_core::os::resolver::message(code as i32))))
}
