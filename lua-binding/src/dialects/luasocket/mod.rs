//! LuaSocket: `socket.core`, as LuaSocket 3.1 has it, `socket.unix`, `socket.serial` and `mime.core`. Its Lua half is in
//! `lua/`: on whatever core modules are found.

mod additions;
mod control;
mod dgram;
mod dns;
mod error;
mod inet;
mod luasec;
pub mod mime;
mod names;
mod option_names;
mod option_values;
mod options;
mod protect;
mod race;
mod roles;
mod select;
pub mod serial;
mod stream;
mod tcp;
mod udp;
pub mod unix;
mod unixdgram;
mod unixstream;

use std::time::Duration;

use crate::door;
use crate::socket::Owner;
use crate::vm::{
    Answer, Any, Bytes, Call, Constant, Integer, Lua, Machine, Module, New, Number, Port, Reply,
    Type, function,
};

/// `socket.core`.
pub const MODULE: Module = Module {
    functions: &[
        function!("__unload", unload),
        function!(
            opens "connect",
            tcp::connect_new,
            Machine,
            Bytes,
            Port,
            Any,
            Option<Bytes>,
            Option<Bytes>
        ),
        function!("fromfd", additions::fromfd, Machine, Number),
        function!(show "gettime", gettime),
        function!(show "monotime", monotime),
        function!("select", select::select, Machine, Any, Any, Option<Number>),
        function!("skip", skip, Integer),
        function!("sleep", sleep, Machine, Number),
        function!(opens "socketpair", additions::socketpair, Machine, Option<Bytes>),
        function!(new "tcp", tcp::Tcp, Owner, tcp::tcp),
        function!(opens "tcp4", tcp::tcp4, Call, New<tcp::Tcp>),
        function!(opens "tcp6", tcp::tcp6, Call, New<tcp::Tcp>),
        function!(new "udp", udp::Udp, Owner, udp::udp),
        function!(opens "udp4", udp::udp4, Call, New<udp::Udp>),
        function!(opens "udp6", udp::udp6, Call, New<udp::Udp>),
    ],
    constants: &[
        (
            "_VERSION",
            Constant::Str(concat!("LuaSocket 3.1.0 (moonsocket ", env!("CARGO_PKG_VERSION"), ")")),
        ),
        ("_SETSIZE", Constant::Integer(1024)),
        ("_SOCKETINVALID", Constant::Integer(-1)),
        ("_DATAGRAMSIZE", Constant::Integer(dgram::SIZE)),
        #[cfg(feature = "debug")]
        ("_DEBUG", Constant::Boolean(true)),
    ],
    tables: &[("dns", dns::MODULE)],
    types: &[Type::of::<tcp::Tcp>(), Type::of::<udp::Udp>()],
    setup: &[function!("setup", protect::setup, Machine, Any)],
    ..Module::EMPTY
};

fn unload() -> Answer<'static> {
    Ok(Reply::Nothing)
}

fn gettime() -> f64 {
    moonsocket_core::os::wall_s()
}

/// `monotime()`: seconds on a clock that never steps, since some moment in the past.
fn monotime() -> f64 {
    moonsocket_core::os::monotonic_s()
}

/// `skip(n, ...)`: its arguments without the first `n`; with a negative `n` all of them, `n` included.
fn skip(count: i64) -> Answer<'static> {
    Ok(match i32::try_from(count) {
        Ok(count) if count < 0 => Reply::Arguments(1),
        Ok(count) => Reply::Arguments(count.saturating_add(2)),
        Err(_) => Reply::Nothing,
    })
}

/// `sleep(s)`: at least so many seconds. NaN and negative numbers don't sleep.
fn sleep(lua: Lua<'_>, seconds: f64) -> Answer<'_> {
    // Upstream's longest. `max` and `min` turn NaN into 0.
    let time = Duration::from_secs_f64(seconds.max(0.0).min(f64::from(i32::MAX)));
    door::sleep(lua, time, |_, _| Ok(Reply::Nothing))
}
