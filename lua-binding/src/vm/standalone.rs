//! What an interpreter of our own needs from unsafe code: a machine that may load C modules, and
//! signals as a C program has them.

use std::alloc::{GlobalAlloc as _, Layout, System};
use std::ffi::{c_int, c_void};

use mlua::{Lua, ffi};

/// A Lua with all its libraries, `pcall` and `xpcall` being Lua's own: of mlua's option
/// `catch_rust_panics` the default is right (turning it *off* is what replaces them).
///
/// C modules can be loaded and `debug` is there: scripts are trusted, as `lua` trusts them.
pub struct Interpreter {
    lua: Lua,
    /// mlua's allocator, which its end goes by.
    theirs: (ffi::lua_Alloc, *mut c_void),
}

impl Interpreter {
    /// A new one.
    #[allow(clippy::new_without_default, reason = "an interpreter is not made in passing")]
    pub fn new() -> Self {
        // SAFETY: whoever starts an interpreter runs the script with all its own rights.
        let lua = unsafe { Lua::unsafe_new() };
        let mut data = std::ptr::null_mut();
        let mut function = allocate as ffi::lua_Alloc;
        // SAFETY: the state is live. Our allocator takes over memory that mlua's has from the same place.
        let swapped: mlua::Result<()> = unsafe {
            lua.exec_raw((), |l| {
                function = ffi::lua_getallocf(l, &mut data);
                ffi::lua_setallocf(l, allocate, data);
            })
        };
        // Nothing in it raises.
        debug_assert!(swapped.is_ok());
        Self { lua, theirs: (function, data) }
    }
}

impl std::ops::Deref for Interpreter {
    type Target = Lua;
    fn deref(&self) -> &Lua {
        &self.lua
    }
}

impl Drop for Interpreter {
    fn drop(&mut self) {
        let (function, data) = self.theirs;
        // SAFETY: as when it was swapped. mlua frees what its allocator counts in when it finds that at its end.
        let _: mlua::Result<()> =
            unsafe { self.lua.exec_raw((), |l| ffi::lua_setallocf(l, function, data)) };
    }
}

/// An allocator that says so when memory is short, which Lua makes an error of. mlua's ends the process. The reserve is not
/// for Lua's own memory.
unsafe extern "C" fn allocate(
    _: *mut c_void,
    old: *mut c_void,
    old_size: usize,
    size: usize,
) -> *mut c_void {
    let Ok(new) = Layout::from_size_align(size, ffi::SYS_MIN_ALIGN) else {
        return std::ptr::null_mut();
    };
    // SAFETY: Lua gives back what it was given, with its size; for new memory that is the kind of an object instead. The
    // old layout was made of its size as this one is.
    unsafe {
        match (old.is_null(), size) {
            (true, 0) => std::ptr::null_mut(),
            (true, _) => System.alloc(new).cast(),
            (false, 0) => {
                let layout = Layout::from_size_align_unchecked(old_size, ffi::SYS_MIN_ALIGN);
                System.dealloc(old.cast(), layout);
                std::ptr::null_mut()
            }
            (false, _) => {
                let layout = Layout::from_size_align_unchecked(old_size, ffi::SYS_MIN_ALIGN);
                System.realloc(old.cast(), layout, size).cast()
            }
        }
    }
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
