//! The safe layer over Lua's C API.

mod anchor;
mod arg;
mod class;
mod cx;
mod function;
mod hub;
mod keep;
mod lua;
mod module;
mod object;
mod protect;
mod push;
mod raise;
mod reply;
#[cfg(not(feature = "module"))]
mod standalone;
mod sys;
mod thread;

pub use self::anchor::Anchor;
pub use self::arg::{
    Any, Arg, Boolean, Bytes, Call, Given, Integer, Kind, Machine, Maybe, Number, Obj, Others,
    Passive, Presence, Rest, Span, Truth,
};
pub use self::class::{AnyClass, Body, Class, Family, Guard};
pub use self::cx::Cx;
pub use self::function::{Function, Method, Plain};
pub use self::keep::Tree;
pub use self::lua::{Attempt, Fault, Leave, Local, Lua};
pub use self::module::{Chunk, Constant, Module, Opener, Type, open};
pub use self::object::Ref;
pub use self::reply::{Anchored, Answer, Kept, Raise, Reply, Text, Value, Word, keyword};
#[cfg(not(feature = "module"))]
pub use self::standalone::{machine, restore_signals};
pub use self::thread::{Status, Stopped, Thread};
#[doc(hidden)]
pub use mlua::ffi::lua_State;
pub use crate::{__function as function, __method as method};

/// What a function raises that is called when its Lua state has let go of the module.
const CLOSING: &str = "moonsocket: this Lua state is closing";
