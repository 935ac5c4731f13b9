//! What every function of ours has as its upvalues: the hub, the hot words, the lists of metatables and of anchored values.

use super::hub::{self, ANCHORS, METATABLES};
use super::reply::Word;
use super::sys::{self, lua_State};
use std::ffi::c_int;

/// How many there are.
const COUNT: c_int = 3 + Word::ALL.len() as c_int;

/// The index of the list of metatables in the running function.
pub(super) fn metatables() -> c_int {
    sys::lua_upvalueindex(COUNT - 1)
}

/// The index of the list of anchored values in the running function.
pub(super) fn anchors() -> c_int {
    sys::lua_upvalueindex(COUNT)
}

/// The index of what [`Upvalues::closure_with`] was given, in the running function.
pub(super) fn further() -> c_int {
    sys::lua_upvalueindex(COUNT + 1)
}

/// Pushes a closure with its upvalues. May raise.
///
/// # Safety
/// `l` is live with eight free slots, in a phase that may raise.
pub(super) unsafe fn push_closure(l: *mut lua_State, entry: sys::lua_CFunction) {
    // SAFETY: as the caller promises.
    unsafe {
        Upvalues::push(l);
        sys::lua_pushcclosure(l, entry, COUNT);
    }
}

/// They lie on the stack, for many closures.
#[derive(Clone, Copy)]
pub(super) struct Upvalues {
    first: c_int,
}

impl Upvalues {
    /// Pushes them. May raise.
    ///
    /// # Safety
    /// `l` is live with eight free slots, in a phase that may raise.
    pub(super) unsafe fn push(l: *mut lua_State) -> Self {
        // SAFETY: as the caller promises.
        unsafe {
            let first = sys::lua_gettop(l) + 1;
            hub::push_registered(l);
            for word in Word::ALL {
                sys::push_bytes(l, word.text().as_bytes());
            }
            for list in [&METATABLES, &ANCHORS] {
                sys::registry_get(l, list.key());
            }
            Self { first }
        }
    }

    /// Pushes a closure. May raise.
    ///
    /// # Safety
    /// `l` is the state that they lie on the stack of, with eight free slots, in a phase that may raise.
    pub(super) unsafe fn closure(self, l: *mut lua_State, entry: sys::lua_CFunction) {
        // SAFETY: as the caller promises.
        unsafe {
            self.copy(l);
            sys::lua_pushcclosure(l, entry, COUNT);
        }
    }

    /// As [`closure`](Self::closure), with one upvalue more: the value at `index`, which is absolute.
    pub(super) unsafe fn closure_with(
        self,
        l: *mut lua_State,
        entry: sys::lua_CFunction,
        index: c_int,
    ) {
        // SAFETY: as the caller promises.
        unsafe {
            self.copy(l);
            sys::lua_pushvalue(l, index);
            sys::lua_pushcclosure(l, entry, COUNT + 1);
        }
    }

    unsafe fn copy(self, l: *mut lua_State) {
        for index in self.first..self.first + COUNT {
            // SAFETY: they lie there, and there is room (caller).
            unsafe { sys::lua_pushvalue(l, index) }
        }
    }

    /// The value on top takes their place and that of all that lies above them.
    ///
    /// # Safety
    /// `l` is the state that they lie on the stack of, with another value on top.
    pub(super) unsafe fn give_way(self, l: *mut lua_State) {
        // SAFETY: as the caller promises.
        unsafe {
            sys::lua_replace(l, self.first);
            sys::lua_settop(l, self.first);
        }
    }
}
