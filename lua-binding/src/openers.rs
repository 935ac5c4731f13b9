//! The C functions by which Lua opens modules. `modules.txt` lists the same names for whoever lays out a tree.
#![allow(unsafe_code, reason = "`no_mangle` counts as such")]

use crate::dialects::{luasocket, osn};
use crate::module;

crate::openers! {
    luaopen_moonsocket, MOONSOCKET => module::MODULE;
    luaopen_osn, OSN => osn::MODULE;
    luaopen_socket_core, SOCKET_CORE => luasocket::MODULE;
    luaopen_socket_serial, SOCKET_SERIAL => luasocket::serial::MODULE;
    luaopen_socket_unix, SOCKET_UNIX => luasocket::unix::MODULE;
}

#[cfg(feature = "selftest")]
crate::openers! {
    luaopen_moonsocket_selftest, SELFTEST => crate::selftest::MODULE;
}
