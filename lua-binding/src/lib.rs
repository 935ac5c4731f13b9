//! In the making.

#[macro_use]
pub mod vm;
#[cfg(feature = "selftest")]
pub mod selftest;

#[cfg(feature = "selftest")]
openers! {
    luaopen_moonsocket_selftest, SELFTEST => selftest::MODULE;
}

/// Lets a Lua that this program runs itself `require` every dialect without a file.
pub fn preload(lua: &mlua::Lua) -> mlua::Result<()> {
    let _ = lua;
    #[cfg(feature = "selftest")]
    SELFTEST.preload(lua, "moonsocket_selftest")?;
    Ok(())
}
