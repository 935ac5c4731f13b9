//! What an interpreter of our own needs from unsafe code: a machine that may load C modules, and
//! signals as a C program has them.

use std::ffi::c_int;

/// A Lua with all its libraries, `pcall` and `xpcall` being Lua's own: of mlua's option
/// `catch_rust_panics` the default is right (turning it *off* is what replaces them).
///
/// C modules can be loaded and `debug` is there: scripts are trusted, as `lua` trusts them.
pub fn machine() -> mlua::Lua {
    // SAFETY: whoever starts an interpreter runs the script with all its own rights.
    unsafe { mlua::Lua::unsafe_new() }
}

/// Undoes what Rust's start-up did to SIGPIPE: a script is to see what it sees under `lua`.
pub fn restore_signals() {
    #[cfg(unix)]
    {
        const SIGPIPE: c_int = 13;
        const SIG_DFL: usize = 0;
        unsafe extern "C" {
            fn signal(signal: c_int, handler: usize) -> usize;
        }
        // SAFETY: the default action is always a valid one, and no other thread runs yet.
        unsafe {
            signal(SIGPIPE, SIG_DFL);
        }
    }
}
