//! Modules as data: what `require` gives, described by a static and built in one go.
//!
//! An opener may raise (it runs with nothing alive), so the building is plain C API calls.

use super::class::Body;
use super::function::Function;
use super::hub;
use super::sys::{self, lua_State};
use super::upvalues::Upvalues;
use std::ffi::c_int;

/// A module, or a table inside one.
#[derive(Debug)]
pub struct Module {
    /// Its functions.
    pub functions: &'static [Function],
    /// Its other plain fields.
    pub constants: &'static [(&'static str, Constant)],
    /// Its tables.
    pub tables: &'static [(&'static str, Module)],
    /// The types of objects that its functions make.
    pub types: &'static [Type],
    /// Lua code to run when it is opened, each with the module's table as its argument.
    pub chunks: &'static [Chunk],
    /// Called after that, with the table as their argument.
    pub setup: &'static [Function],
    /// The field that `require` gives in place of the table, for modules that are a function.
    pub gives: Option<&'static str>,
}

impl Module {
    /// A module with nothing in it, for struct update syntax.
    pub const EMPTY: Self = Self {
        functions: &[],
        constants: &[],
        tables: &[],
        types: &[],
        chunks: &[],
        setup: &[],
        gives: None,
    };
}

/// A constant field.
#[derive(Clone, Copy, Debug)]
pub enum Constant {
    /// A boolean.
    Boolean(bool),
    /// A float on 5.3 and later.
    Number(f64),
    /// An integer on 5.3 and later.
    Integer(i64),
    /// A string.
    Str(&'static str),
}

/// Lua source that is part of the program.
#[derive(Clone, Copy, Debug)]
pub struct Chunk {
    /// What errors call it: `=socket`, `@socket.lua`.
    pub name: &'static str,
    /// The text.
    pub source: &'static str,
}

/// A type of objects, to be listed in a module.
#[derive(Clone, Copy, Debug)]
pub struct Type {
    register: unsafe fn(*mut lua_State),
}

impl Type {
    /// The type.
    pub const fn of<T: Body>() -> Self {
        Self { register: super::metatable::register::<T> }
    }
}

/// A C function that Lua calls to open a module.
#[derive(Clone, Copy, Debug)]
pub struct Opener(sys::lua_CFunction);

impl Opener {
    /// For [`openers!`](crate::openers) alone.
    ///
    /// # Safety
    /// The function keeps to Lua's protocol.
    #[doc(hidden)]
    pub const unsafe fn new(function: sys::lua_CFunction) -> Self {
        Self(function)
    }

    /// Lets `require name` in this interpreter find it without a file.
    pub fn preload(self, lua: &mlua::Lua, name: &str) -> mlua::Result<()> {
        let preload: mlua::Table =
            lua.globals().get::<mlua::Table>("package")?.get::<mlua::Table>("preload")?;
        // SAFETY: `Opener::new` was promised that it is a Lua function.
        preload.set(name, unsafe { lua.create_c_function(self.0) }?)
    }
}

/// Builds the module and leaves it on the stack.
///
/// # Safety
/// `l` is live, calls this as a C function, and nothing alive needs dropping.
#[doc(hidden)]
pub unsafe fn open(l: *mut lua_State, module: &'static Module) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        sys::lua_settop(l, 0);
        if super::reserve::is_short() {
            super::raise::plain(l, super::reserve::NONE);
        }
        hub::of_registry(l);
        push(l, module);
        if let Some(name) = module.gives {
            sys::raw_get_name(l, 1, name.as_bytes());
        }
    }
    1
}

/// Pushes the module's table, filled.
pub(super) unsafe fn push(l: *mut lua_State, module: &Module) {
    // SAFETY: the caller may raise; room is made for each level of tables.
    unsafe {
        if sys::lua_checkstack(l, 24) == 0 {
            super::raise::plain(l, super::NO_ROOM);
        }
        for Type { register } in module.types {
            register(l);
        }
        let upvalues = Upvalues::push(l);
        let size = module.functions.len() + module.constants.len() + module.tables.len();
        sys::lua_createtable(l, 0, size as c_int);
        let table = sys::lua_gettop(l);
        for function in module.functions {
            upvalues.closure(l, function.entry);
            sys::raw_set_name(l, table, function.name);
        }
        for (name, constant) in module.constants {
            match *constant {
                Constant::Boolean(it) => sys::lua_pushboolean(l, it.into()),
                Constant::Number(it) => sys::lua_pushnumber(l, it),
                Constant::Integer(it) => sys::push_integer(l, it),
                Constant::Str(it) => sys::push_bytes(l, it.as_bytes()),
            }
            sys::raw_set_name(l, table, name);
        }
        for (name, inner) in module.tables {
            push(l, inner);
            sys::raw_set_name(l, table, name);
        }
        for chunk in module.chunks {
            load(l, chunk);
            call(l, table);
        }
        for function in module.setup {
            upvalues.closure(l, function.entry);
            call(l, table);
        }
        upvalues.give_way(l);
    }
}

unsafe fn call(l: *mut lua_State, table: c_int) {
    // SAFETY: the function is on top, and the caller may raise.
    unsafe {
        sys::lua_pushvalue(l, table);
        mlua::ffi::lua_call(l, 1, 0);
    }
}

unsafe fn load(l: *mut lua_State, chunk: &Chunk) {
    // SAFETY: the caller may raise. The name lies on the C stack, NUL-terminated.
    unsafe {
        let mut name = [0u8; 64];
        let len = chunk.name.len().min(name.len() - 1);
        name[..len].copy_from_slice(&chunk.name.as_bytes()[..len]);
        let source = chunk.source;
        let status =
            sys::luaL_loadbuffer(l, source.as_ptr().cast(), source.len(), name.as_ptr().cast());
        if status != sys::LUA_OK {
            sys::lua_error(l);
        }
    }
}

/// Declares the C functions by which Lua opens modules, each with its [`Opener`]:
/// `openers! { luaopen_socket_core, SOCKET_CORE => dialect::MODULE; }`.
#[macro_export]
macro_rules! openers {
    ($($symbol:ident, $opener:ident => $module:expr;)*) => {
        $(
            #[doc = concat!("`", stringify!($symbol), "`, as Lua calls it.")]
            ///
            /// # Safety
            /// Only Lua calls it, with a state of the version this was built for.
            #[unsafe(no_mangle)]
            pub unsafe extern "C-unwind" fn $symbol(
                l: *mut $crate::vm::lua_State,
            ) -> std::ffi::c_int {
                const MODULE: $crate::vm::Module = $module;
                // SAFETY: Lua calls openers with a live state, and nothing is alive here.
                unsafe { $crate::vm::open(l, &MODULE) }
            }

            #[doc = concat!("[`", stringify!($symbol), "`] for an interpreter of our own.")]
            // SAFETY: the function is a Lua C function.
            pub const $opener: $crate::vm::Opener = unsafe { $crate::vm::Opener::new($symbol) };
        )*
    };
}
