//! Objects whose memory is there before the function runs: making one can then neither raise nor copy.

use super::class::{self, Body};
use super::hub::Hub;
use super::object::{self, Object};
use super::reply::Value;
use super::sys::{self, lua_State};
use super::{Cx, Local};
use std::ffi::c_int;
use std::marker::PhantomData;

/// Makes at most one object. See [`New`](super::New).
#[derive(Debug)]
pub struct Maker<'a, T> {
    cx: Cx<'a>,
    index: c_int,
    memory: *mut Object<T>,
}

impl<T> Clone for Maker<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Maker<'_, T> {}

impl<'a, T: Body> Maker<'a, T> {
    /// # Safety
    /// `l` is live with free slots and runs one of our functions, in a phase that may raise, `hub` is the function's, and
    /// `'a` ends with the call.
    pub(super) unsafe fn new(l: *mut lua_State, hub: &'a Hub) -> Self {
        // SAFETY: as the caller promises; the memory is ours to fill.
        unsafe {
            let memory = sys::new_userdata(l, size_of::<Object<T>>()).cast::<Object<T>>();
            object::clear(memory);
            Self { cx: Cx { l, hub }, index: sys::lua_gettop(l), memory }
        }
    }

    /// The object, as a result of the call. A second one is the first again, and this body is dropped.
    pub fn make(self, body: T) -> Value<'a> {
        // SAFETY: the userdata is on the stack of the running call, with free slots above; no call raises.
        unsafe {
            if !object::is_live(self.memory) {
                let class = Object::fill(self.memory, || body);
                class::set_metatable::<T>(self.cx.l, self.cx.hub, self.index, class);
            }
        }
        Value::Local(Local { index: self.index, call: PhantomData })
    }
}
