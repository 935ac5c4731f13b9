//! The safe layer over Lua's C API: a dialect's method is an ordinary safe Rust function.
//!
//! ```ignore
//! #![forbid(unsafe_code)]
//! use crate::vm::*;
//!
//! struct Tcp { client: bool, handle: Handle }
//!
//! struct Client;                                     // which sockets a method is for
//! impl Guard<Tcp> for Client {
//!     const EXPECTED: &'static str = "tcp{client}";
//!     fn admits(tcp: &Tcp) -> bool { tcp.client }
//! }
//!
//! impl Body for Tcp {
//!     const FAMILY: &'static Family = &Family {
//!         name: "tcp{any}",
//!         classes: &[
//!             Class { name: "tcp{master}", marks: &["tcp{any}"] },
//!             Class { name: "tcp{client}", marks: &["tcp{any}"] },
//!         ],
//!         methods: &[
//!             method!("getfd", Tcp, AnyClass, Tcp::getfd),
//!             method!("send", Tcp, Client, Tcp::send, Bytes, Option<Number>),
//!         ],
//!         stranger: "not a socket",
//!     };
//!     fn class(&self) -> usize { usize::from(self.client) }
//! }
//!
//! impl Tcp {
//!     fn getfd(&mut self) -> Answer<'_> { Ok(Reply::one(self.handle.fd() as f64)) }
//!
//!     fn send(&mut self, data: &[u8], first: Option<f64>) -> Answer<'_> {
//!         if first == Some(0.0) {
//!             return Err(Raise::argument(3, "out of range"));
//!         }
//!         match self.handle.send(data) {
//!             Ok(sent) => Ok(Reply::one(sent as f64)),
//!             Err(_) => Ok((Value::Nil, Word::Timeout, 0.0).into()),
//!         }
//!     }
//! }
//!
//! fn tcp(cx: Cx<'_>) -> Answer<'_> { Ok(Reply::one(cx.object(Tcp::new()))) }
//!
//! pub const MODULE: Module = Module {
//!     functions: &[function!("tcp", tcp, Call)],
//!     types: &[Type::of::<Tcp>()],
//!     ..Module::EMPTY
//! };
//! // and in the list of openers: luaopen_socket_core, SOCKET_CORE => socket::MODULE;
//! ```
//!
//! # Three phases
//! A call (1) reads its arguments, (2) runs the safe function, (3) pushes its answer. Phases 1 and 3
//! may raise, which leaves by `longjmp` or by an unwinding that no Rust code may catch, so nothing
//! that needs dropping is alive in them: arguments and answers are `Copy`. Phase 2 may own what it
//! likes; nothing in it raises, and a panic becomes the string error
//! `moonsocket: internal error in 'send': …`. What the answer owns (a `Vec`, a new object, a tree of
//! tables) is handed to [`Cx`], which pushes it under protection and drops it either way.
//!
//! # Two sorts of functions
//! Most are *passive*: no Lua code can run in phase 2, so a method has its object as `&mut self`.
//! A function that takes [`Machine`] is *active*: its [`Lua`] builds tables, calls back and resumes
//! coroutines, each operation protected. It gets objects as [`Ref`] and borrows them only within
//! [`Ref::with`]; Lua code that calls a method of a borrowed object gets an error.
//!
//! # Objects that look like tables
//! A type's [`PROPERTIES`](Body::PROPERTIES) are read and set like fields, by methods of its own; its
//! [`METAMETHODS`](Body::METAMETHODS) say how it is compared, shown and so on. Types without either
//! pay nothing: their methods stay a plain table.
//!
//! # Re-entrance
//! A finaliser may run in any push of phase 3, and call methods of the very object whose bytes are
//! being pushed. By then the `&mut` is over, and lent bytes are never read after Lua code may have
//! run (`lend` says how), so such a call is an ordinary one. [`Body::returned`] tells the object
//! when its bytes have been copied; it does not come if the push raised for want of memory.
//!
//! # Who outlives whom
//! Everything of one Lua state hangs on a userdata of this image. `lua_close` may collect it before
//! the last object: what an object's end needs it holds itself, as an `Rc` from [`Cx::state`].
//! A copied second file of the module has its own state and refuses the first one's objects; it
//! leaves the names in the registry to whoever came first. A script with the `debug` library can
//! break any C module, and this one.
//!
//! # Suspending
//! A call that answers [`Reply::Suspend`] yields; whoever resumes the coroutine gives the results,
//! on every Lua. While it waits its arguments may be collected (LuaJIT overwrites them): what is
//! still needed is kept by [`Given::anchor`].

mod anchor;
mod arg;
mod class;
mod cx;
mod declare;
mod fields;
mod file;
mod frames;
mod function;
mod given;
mod held;
mod hub;
mod keep;
mod late;
mod lend;
mod listing;
mod local;
mod lua;
mod made;
mod metatable;
mod module;
mod object;
mod phases;
mod port;
mod protect;
mod push;
mod raise;
mod reply;
mod reserve;
mod shape;
mod shortage;
#[cfg(not(feature = "module"))]
mod standalone;
#[cfg(feature = "selftest")]
pub mod starved;
mod straight;
mod sys;
mod thread;
mod upvalues;

pub use self::anchor::Anchor;
pub use self::arg::{
    Any, Arg, Begun, Boolean, Bytes, Call, Integer, Machine, Maybe, New, Number, Obj, Passive,
    Presence, Rest, Span, Truth,
};
pub use self::class::{AnyClass, Body, Class, Family, Guard, Property};
pub use self::cx::Cx;
pub use self::fields::{Field, Shown};
pub use self::file::given_away;
pub use self::function::{Function, Method, Plain, Shortcut};
pub use self::given::{Given, Kind, Others};
pub use self::held::{Held, HeldBytes};
pub use self::keep::Tree;
pub use self::listing::Element;
pub use self::local::{Attempt, Fault, Leave, Local};
pub use self::lua::Lua;
pub use self::made::Maker;
pub use self::module::{Chunk, Constant, Module, Opener, Type, open};
pub use self::object::Ref;
pub use self::port::{Digits, Port};
pub use self::reply::{Anchored, Answer, Kept, Raise, Reply, Short, Text, Value, Word, keyword};
pub use self::reserve::{Allocator, is_short};
pub use self::shape::{Count, InTime, Lent, Message, Never, Prompt};
#[cfg(not(feature = "module"))]
pub use self::standalone::{Interpreter, restore_signals};
pub use self::sys::CLOSES;
pub use self::thread::{Status, Stopped, Thread};
pub use crate::{__function as function, __method as method};
#[doc(hidden)]
pub use mlua::ffi::lua_State;

/// What a function raises that is called when its Lua state has let go of the module.
const CLOSING: &str = "moonsocket: this Lua state is closing";

/// What is raised where a stack cannot grow: Lua does not say which of the two it was.
const NO_ROOM: &str = "stack overflow, or not enough memory";
