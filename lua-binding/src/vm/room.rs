//! Room for an object that is yet to be made.
//!
//! What a function owns is pushed under protection, from the heap. A function that makes one object of a known type has
//! its userdata beforehand instead, while nothing is alive: filling it cannot fail.

use super::class;
use super::hub::Hub;
use super::object::Object;
use super::sys::{self, lua_State};
use super::{Body, Value};
use std::ffi::c_int;
use std::marker::PhantomData;

/// The userdata of one object, empty until it is filled. See [`New`](super::New).
pub struct Room<'a, T> {
    l: *mut lua_State,
    hub: &'a Hub,
    memory: *mut Object<T>,
    index: c_int,
    call: PhantomData<&'a mut T>,
}

impl<T> Clone for Room<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Room<'_, T> {}

impl<'a, T: Body> Room<'a, T> {
    /// Pushes an empty userdata. May raise, and run Lua code.
    ///
    /// # Safety
    /// `l` is live and runs one of our functions, with a free slot.
    pub(super) unsafe fn make(l: *mut lua_State, hub: &'a Hub) -> Self {
        // SAFETY: as the caller promises. Without a metatable nobody takes the userdata for an object, once it says that it
        // is none.
        unsafe {
            let memory = sys::new_userdata(l, size_of::<Object<T>>()).cast::<Object<T>>();
            Object::vacate(memory);
            Self { l, hub, memory, index: sys::lua_gettop(l), call: PhantomData }
        }
    }

    /// The object, as a result. Of a room that was filled before, the new body is dropped.
    pub fn fill(self, body: T) -> Value<'a> {
        let class = body.class();
        // SAFETY: the userdata lies at its index for the whole call, where it was put; a copy of it is on top, with two more
        // of a function's 20 slots free, and nothing here raises.
        unsafe {
            if Object::is_vacant(self.memory) {
                Object::fill(self.memory, body, class);
                sys::lua_pushvalue(self.l, self.index);
                class::set_metatable::<T>(self.l, self.hub, class);
                sys::lua_pop(self.l, 1);
            }
        }
        Value::Argument(self.index)
    }
}
