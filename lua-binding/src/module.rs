//! The module `moonsocket` itself: what this build is, fibers, and the dialects as fields.

use moonsocket_core::Backend;

use crate::backend::Chosen;
use crate::dialects::luasocket;
use crate::fibers;
use crate::vm::{
    Answer, Any, Chunk, Constant, Function, Kind, Lua, Machine, Module, Reply, Rest, function,
};

/// `moonsocket`.
pub(crate) const MODULE: Module = Module {
    functions: &[
        function!("run", fibers::run, Machine),
        function!("spawn", fibers::spawn, Machine, Any, Rest),
    ],
    constants: &[
        ("_BACKEND", Constant::Str(<Chosen as Backend>::NAME)),
        ("_VERSION", Constant::Str(concat!("moonsocket ", env!("CARGO_PKG_VERSION")))),
    ],
    chunks: &[Chunk { name: "=moonsocket", source: DIALECTS }],
    setup: &[SETUP],
    ..Module::EMPTY
};

/// Each dialect is loaded when its field is first looked at.
const DIALECTS: &str = r#"
local names = { socket = true, osn = true }
local rawset, require, setmetatable = rawset, require, setmetatable
setmetatable((...), {
  __index = function(module, name)
    if not names[name] then return nil end
    local dialect = require(name)
    rawset(module, name, dialect)
    return dialect
  end,
})
"#;

const SETUP: Function = function!("setup", setup, Machine, Any);

/// Sets `_LUA`: at run time, because the build for 5.1 also serves LuaJIT.
fn setup<'a>(lua: Lua<'a>, module: crate::vm::Given<'a>) -> Answer<'a> {
    let jit = lua.global("jit")?;
    let version = lua.global("_VERSION")?;
    let name = if lua.kind(jit) == Kind::Table {
        "jit".to_owned()
    } else {
        lua.text(version).trim_start_matches("Lua ").to_owned()
    };
    let name = lua.value(lua.cx().bytes(name))?;
    lua.set(module.local(), "_LUA", name)?;
    Ok(Reply::Nothing)
}

/// Lets `require` find every module in an interpreter of our own, without files.
///
/// # Errors
/// The interpreter has no `package.preload`.
pub fn preload(lua: &mlua::Lua) -> mlua::Result<()> {
    crate::MOONSOCKET.preload(lua, "moonsocket")?;
    crate::OSN.preload(lua, "osn")?;
    crate::SOCKET_CORE.preload(lua, "socket.core")?;
    crate::SOCKET_SERIAL.preload(lua, "socket.serial")?;
    crate::SOCKET_UNIX.preload(lua, "socket.unix")?;
    #[cfg(feature = "selftest")]
    crate::SELFTEST.preload(lua, "moonsocket_selftest")?;
    let half = lua.load(luasocket::SOURCE).set_name("=socket").into_function()?;
    let package: mlua::Table = lua.globals().get("package")?;
    package.get::<mlua::Table>("preload")?.set("socket", half)
}
