//! Objects whose memory is there before the function runs: making one can then neither raise nor copy.

use super::class::{self, Body};
use super::hub;
use super::object::{self, Object};
use super::reply::Value;
use super::sys::{self, lua_State};
use super::{Local, raise};
use std::ffi::c_int;
use std::marker::PhantomData;

/// Makes at most one object. See [`New`](super::New).
#[derive(Debug)]
pub struct Maker<'a, T> {
    l: *mut lua_State,
    index: c_int,
    memory: *mut Object<T>,
    call: PhantomData<&'a ()>,
}

impl<T> Clone for Maker<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Maker<'_, T> {}

impl<'a, T: Body> Maker<'a, T> {
    /// # Safety
    /// `l` is live with free slots and runs one of our functions, in a phase that may raise, and `'a` ends with the call.
    pub(super) unsafe fn new(l: *mut lua_State) -> Self {
        // SAFETY: as the caller promises; the memory is ours to fill.
        unsafe {
            if hub::of_function(l).is_none() {
                raise::plain(l, super::CLOSING);
            }
            let memory = sys::new_userdata(l, size_of::<Object<T>>()).cast::<Object<T>>();
            object::clear(memory);
            Self { l, index: sys::lua_gettop(l), memory, call: PhantomData }
        }
    }

    /// The object, as a result of the call. A second one is the first again, and this body is dropped.
    pub fn make(self, body: T) -> Value<'a> {
        // SAFETY: the userdata is on the stack of the running call, with free slots above; neither call raises.
        unsafe {
            if !object::is_live(self.memory)
                && let Some(hub) = hub::of_function(self.l)
            {
                let class = body.class();
                Object::fill(self.memory, body, class);
                sys::lua_pushvalue(self.l, self.index);
                class::set_metatable::<T>(self.l, hub, class);
                sys::lua_pop(self.l, 1);
            }
        }
        Value::Local(Local { index: self.index, call: PhantomData })
    }
}
