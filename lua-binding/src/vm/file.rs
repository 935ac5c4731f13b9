//! Descriptors that scripts name: by a file of Lua's own `io` library, for those who poll any kind, and by number.

use std::ffi::c_void;

use moonsocket_core::os::file_descriptor;
use moonsocket_core::{Descriptor, Transport};

use super::local::{Attempt, Local};
use super::lua::Lua;
use super::sys::{self, lua_State};

/// How the `io` library's files begin, in every Lua.
#[repr(C)]
struct File {
    file: *mut c_void,
    /// Since 5.2: null once it is closed. Before, and in LuaJIT, `file` is.
    close: *mut c_void,
}

impl<'a> Lua<'a> {
    /// The descriptor of an open file of the `io` library; `None` for everything else.
    pub fn file_descriptor(self, it: Local<'a>) -> Attempt<'a, Option<Descriptor>> {
        unsafe fn work(l: *mut lua_State, found: *mut Option<Descriptor>) {
            // SAFETY: runs protected with the value as the only one on the stack.
            unsafe {
                let file = sys::lua_touserdata(l, 1).cast::<File>();
                if !file.is_null() && sys::lua_getmetatable(l, 1) != 0 {
                    sys::raw_get_name(l, sys::LUA_REGISTRYINDEX, b"FILE*");
                    if sys::lua_rawequal(l, -1, -2) != 0 && is_open(file, sys::lua_rawlen(l, 1)) {
                        *found = Some(file_descriptor((*file).file));
                    }
                }
                sys::lua_settop(l, 0);
            }
        }
        let mut found = None;
        self.scope(|lua| lua.protected(&[it], work, &mut found).map(|_| ()))?;
        Ok(found.filter(|&descriptor| descriptor >= 0))
    }
}

/// Takes charge of a descriptor that a script has given away by its number, whatever that is.
pub fn given_away<S: Transport>(descriptor: Descriptor) -> S {
    // SAFETY: that it is nobody else's is the script's part, as with every library for Lua that takes numbers.
    unsafe { S::from_descriptor(descriptor) }
}

/// Is the file behind the pointer, in a userdata of this size, an open one?
unsafe fn is_open(file: *const File, size: usize) -> bool {
    let newer = cfg!(not(any(feature = "lua51", feature = "luajit")));
    // SAFETY: a userdata with the library's metatable begins like this (caller); the second field is only read where it
    // is there.
    unsafe {
        !(*file).file.is_null() && (!newer || size >= size_of::<File>() && !(*file).close.is_null())
    }
}
