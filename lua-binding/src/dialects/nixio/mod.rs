//! nixio: `nixio` and `nixio.util`, of which the sockets, and what programs use around them.

mod connect;
mod constants;
mod error;
mod interfaces;
mod make;
mod names;
mod options;
mod poll;
mod socket;
mod transfer;
pub mod util;

use std::time::{Duration, SystemTime};

use moonsocket_core::{Error, ErrorKind, errno, os};

use crate::door;
use crate::vm::{
    Answer, Any, Bytes, Call, Constant, Cx, Given, Integer, Lua, Machine, Module, Number, Reply,
    Rest, Tree, Type, function,
};
use socket::Nixio;

/// `nixio`.
pub const MODULE: Module = Module {
    functions: &[
        function!(opens "bind", make::bind, Call, Option<Bytes>, Bytes, Option<Bytes>, Option<Bytes>),
        function!(
            opens "connect",
            make::connect,
            Call,
            Option<Bytes>,
            Bytes,
            Option<Bytes>,
            Option<Bytes>
        ),
        function!("errno", error::last, Call),
        function!("getaddrinfo", names::addresses, Machine, Option<Bytes>, Option<Bytes>, Any),
        function!("getifaddrs", interfaces::list, Call),
        function!("getnameinfo", names::name, Machine, Bytes, Option<Bytes>, Option<Number>),
        function!("gettimeofday", gettimeofday),
        function!("nanosleep", nanosleep, Machine, Option<Integer>, Option<Integer>),
        function!("poll", poll::poll, Machine, Any, Option<Number>),
        function!("poll_flags", poll::flags, Call, Rest),
        function!(opens "socket", make::socket, Call, Bytes, Bytes, Option<Bytes>),
        function!("strerror", strerror, Call, Integer),
        function!("uname", uname, Call),
    ],
    constants: &[(
        "version",
        Constant::Str(concat!("0.4.1 (moonsocket ", env!("CARGO_PKG_VERSION"), ")")),
    )],
    // Files have methods only where there are files; programs look for this table all the same.
    tables: &[("const", constants::MODULE), ("meta_file", Module::EMPTY)],
    types: &[Type::of::<Nixio>()],
    setup: &[function!("setup", setup, Machine, Any)],
    ..Module::EMPTY
};

/// The objects' metatable, the second name of the constants and, as the original does on 5.1, a global.
fn setup<'a>(lua: Lua<'a>, module: Given<'a>) -> Answer<'a> {
    let module = module.local();
    lua.set(module, "meta_socket", lua.metatable::<Nixio>(0)?)?;
    lua.set(module, "const_sock", lua.get(module, "const")?)?;
    let version = lua.global("_VERSION")?;
    if lua.with_bytes(version, |version| version == b"Lua 5.1") == Some(true) {
        let globals = lua.global("_G")?;
        lua.set(globals, "nixio", module)?;
    }
    Ok(Reply::Nothing)
}

/// `gettimeofday()`: seconds and microseconds since 1970.
fn gettimeofday() -> Answer<'static> {
    // Before 1970 is before sockets.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Ok((now.as_secs() as i64, i64::from(now.subsec_micros())).into())
}

/// `nanosleep([seconds [, nanoseconds]])`.
fn nanosleep(lua: Lua<'_>, seconds: Option<i64>, nanos: Option<i64>) -> Answer<'_> {
    let seconds = u64::try_from(seconds.unwrap_or(0));
    let nanos = u32::try_from(nanos.unwrap_or(0)).ok().filter(|&nanos| nanos < 1_000_000_000);
    let (Ok(seconds), Some(nanos)) = (seconds, nanos) else {
        return error::fail(lua.cx(), &Error::new(ErrorKind::Os(errno::EINVAL), "nanosleep"));
    };
    door::sleep(lua, Duration::new(seconds, nanos), |_, _| Ok(Reply::one(true)))
}

/// `strerror(number)`.
fn strerror(cx: Cx<'_>, number: i64) -> Answer<'_> {
    Ok(Reply::One(cx.bytes(os::error_text(number as i32))))
}

/// `uname()`: the system's names.
fn uname(cx: Cx<'_>) -> Answer<'_> {
    let names = match os::system() {
        Ok(names) => names,
        Err(error) => return error::fail(cx, &Error::from_io(&error, "uname")),
    };
    let text = |text: String| Tree::Bytes(text.into_bytes());
    Ok(Reply::One(cx.tree(Tree::Fields(vec![
        ("sysname", text(names.sysname)),
        ("nodename", text(names.nodename)),
        ("release", text(names.release)),
        ("version", text(names.version)),
        ("machine", text(names.machine)),
    ]))))
}
