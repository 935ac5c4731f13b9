//! The C functions by which Lua opens the modules that belong to no dialect.
#![allow(unsafe_code, reason = "`no_mangle` counts as such")]

crate::openers! {
    luaopen_moonsocket, MOONSOCKET => crate::module::MODULE;
}

#[cfg(feature = "selftest")]
crate::openers! {
    luaopen_moonsocket_selftest, SELFTEST => crate::selftest::MODULE;
}
