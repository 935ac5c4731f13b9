//! sgssockets: SGScript's sockets. Functions that begin with `socket_`, and two types: `socket` and `socket_address`.

mod address;
mod error;
mod names;
mod numbers;
mod properties;
mod select;
mod socket;
mod transfer;

use crate::vm::{
    Answer, Any, Bytes, Call, Cx, Given, Integer, Kind, Machine, Maybe, Module, Number, Others,
    Reply, Rest, Truth, Type, Value, function,
};
use address::Addr;
use socket::Sgs;

/// `sgssockets`.
pub const MODULE: Module = Module {
    functions: &[
        function!("bor", bor, Rest),
        function!(opens "socket", socket::socket, Call, Integer, Integer, Integer),
        function!("socket_address", address::from_text, Call, Integer, Bytes, Option<Number>),
        function!(
            "socket_address_frombytes",
            address::from_bytes,
            Call,
            Integer,
            Bytes,
            Option<Number>
        ),
        function!("socket_error", error::socket_error, Call, Truth),
        function!(
            "socket_getaddrinfo",
            names::getaddrinfo,
            Machine,
            Bytes,
            Any,
            Option<Integer>,
            Option<Integer>
        ),
        function!("socket_geterrnobyname", numbers::by_name, Bytes),
        function!("socket_gethostname", names::gethostname, Call),
        function!("socket_select", select::select, Machine, Any, Any, Any, Maybe<Number>),
        function!(opens "socket_tcp", socket::tcp, Call, Truth),
        function!(opens "socket_udp", socket::udp, Call, Truth),
        function!("tobool", tobool, Any),
        function!("typeof", type_of, Any),
    ],
    constants: numbers::CONSTANTS,
    types: &[Type::of::<Sgs>(), Type::of::<Addr>()],
    ..Module::EMPTY
};

/// `typeof(x)`: "socket", "socket_address", or Lua's type.
fn type_of(it: Given<'_>) -> Answer<'_> {
    Ok(Reply::one(match it.kind() {
        Kind::Userdata if it.to_object::<Sgs>().is_some() => "socket",
        Kind::Userdata if it.to_object::<Addr>().is_some() => "socket_address",
        Kind::None | Kind::Nil => "nil",
        Kind::Boolean => "boolean",
        Kind::Number => "number",
        Kind::String => "string",
        Kind::Table => "table",
        Kind::Function => "function",
        Kind::LightUserdata | Kind::Userdata => "userdata",
        Kind::Thread => "thread",
        Kind::Foreign => "cdata",
    }))
}

/// `tobool(x)`: of a socket whether it is open, else as Lua has it.
fn tobool(it: Given<'_>) -> Answer<'_> {
    let open = it.to_object::<Sgs>().and_then(|socket| socket.with(|socket| socket.is_open()));
    Ok(Reply::one(open.unwrap_or_else(|| it.truth())))
}

/// `bor(flag, …)`: the flags together, for Luas without an operator.
fn bor(flags: Others<'_>) -> Answer<'_> {
    let mut all = 0;
    for i in 0..flags.count() {
        let flag = flags.get(i);
        match flag.to_number() {
            Some(number) if number.fract() == 0.0 => all |= number as i64,
            _ => return Err(crate::vm::Raise::Type(flag.number(), "integer")),
        }
    }
    Ok(Reply::One(Value::Integer(all)))
}

/// A port from a program's number.
fn port(number: f64) -> Option<u16> {
    let whole = number.fract() == 0.0 && (0.0..=65535.0).contains(&number);
    whole.then_some(number as u16)
}

/// What an answer owns.
fn text<'a>(cx: Cx<'a>, text: String) -> Reply<'a> {
    Reply::One(cx.bytes(text))
}
