//! The module `moonsocket` itself: what this build is, fibers, and the dialects as fields.

use moonsocket_core::Backend;

use crate::backend::Chosen;
use crate::dialects;
use crate::fibers;
use crate::vm::{
    Answer, Any, Constant, Function, Kind, Lua, Machine, Module, Reply, Rest, function,
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
    setup: &[SETUP],
    ..Module::EMPTY
};

/// Each dialect is loaded when its field is first looked at.
const FIELDS: &str = r#"
local module, fields = ...
local names = {}
for name in fields:gmatch("%S+") do names[name] = true end
local rawset, require, setmetatable = rawset, require, setmetatable
setmetatable(module, {
  __index = function(module, name)
    if not names[name] then return nil end
    local dialect = require(name)
    rawset(module, name, dialect)
    return dialect
  end,
})
"#;

const SETUP: Function = function!("setup", setup, Machine, Any);

/// Sets up the fields, and `_LUA`: at run time, because the build for 5.1 also serves LuaJIT.
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
    let fields = lua.value(dialects::FIELDS)?;
    lua.call(lua.load(FIELDS, "=moonsocket")?, &[module.local(), fields])?;
    Ok(Reply::Nothing)
}

/// Lets `require` find every module in an interpreter that this library is linked with, without files.
///
/// # Errors
/// The interpreter has no `package.preload`.
pub fn preload(lua: &mlua::Lua) -> mlua::Result<()> {
    crate::MOONSOCKET.preload(lua, "moonsocket")?;
    for (name, opener) in dialects::OPENERS {
        opener.preload(lua, name)?;
    }
    #[cfg(feature = "selftest")]
    crate::SELFTEST.preload(lua, "moonsocket_selftest")?;
    let package: mlua::Table = lua.globals().get("package")?;
    let preload: mlua::Table = package.get("preload")?;
    for (name, source) in dialects::FILES {
        preload.set(*name, lua.load(*source).set_name(format!("={name}")).into_function()?)?;
    }
    Ok(())
}
