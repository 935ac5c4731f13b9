//! The dialects: names, argument shapes, result shapes and error words. None knows another.
//!
//! This file is all that names them. Whoever lays out a tree of files reads the quoted names in it.

use crate::vm::Opener;

// Outside of the list, because rustfmt does not look into macros for modules.
pub mod emilua;
pub mod luasocket;
pub mod nixio;
pub mod osn;
pub mod sgssockets;

/// Lists the dialects: for each the field of `moonsocket` that it is, the modules that `require` finds in the library, and
/// those that are files of Lua.
macro_rules! dialects {
    ($($field:literal {
        $($name:literal => $symbol:ident, $opener:ident, $module:expr;)*
        $(lua $file:literal => $source:expr;)*
    })*) => {
        /// The fields of `moonsocket`, each of which is a module's name.
        pub const FIELDS: &str = concat!($($field, " ",)*);

        /// The modules in the library, for an interpreter of our own.
        pub const OPENERS: &[(&str, Opener)] = &[$($(($name, $opener),)*)*];

        /// The modules that are files of Lua, with their text.
        pub const FILES: &[(&str, &str)] = &[$($(($file, $source),)*)*];

        #[allow(unsafe_code, reason = "`no_mangle` counts as such")]
        mod openers {
            #[allow(unused_imports, reason = "each list names some of them")]
            use super::*;

            crate::openers! { $($($symbol, $opener => $module;)*)* }
        }

        pub use openers::*;
    };
}

dialects! {
    "emilua" {
        "emilua" => luaopen_emilua, EMILUA, emilua::MODULE;
    }
    "socket" {
        "mime.core" => luaopen_mime_core, MIME_CORE, luasocket::mime::MODULE;
        "socket.core" => luaopen_socket_core, SOCKET_CORE, luasocket::MODULE;
        "socket.serial" => luaopen_socket_serial, SOCKET_SERIAL, luasocket::serial::MODULE;
        "socket.unix" => luaopen_socket_unix, SOCKET_UNIX, luasocket::unix::MODULE;
        lua "ltn12" => include_str!("../../lua/ltn12.lua");
        lua "mime" => include_str!("../../lua/mime.lua");
        lua "socket" => include_str!("../../lua/socket.lua");
        lua "socket.ftp" => include_str!("../../lua/socket/ftp.lua");
        lua "socket.headers" => include_str!("../../lua/socket/headers.lua");
        lua "socket.http" => include_str!("../../lua/socket/http.lua");
        lua "socket.http.connection" => include_str!("../../lua/socket/http/connection.lua");
        lua "socket.http.pool" => include_str!("../../lua/socket/http/pool.lua");
        lua "socket.smtp" => include_str!("../../lua/socket/smtp.lua");
        lua "socket.tp" => include_str!("../../lua/socket/tp.lua");
        lua "socket.url" => include_str!("../../lua/socket/url.lua");
    }
    "nixio" {
        "nixio" => luaopen_nixio, NIXIO, nixio::MODULE;
        "nixio.util" => luaopen_nixio_util, NIXIO_UTIL, nixio::util::MODULE;
    }
    "osn" {
        "osn" => luaopen_osn, OSN, osn::MODULE;
    }
    "sgssockets" {
        "sgssockets" => luaopen_sgssockets, SGSSOCKETS, sgssockets::MODULE;
    }
}
