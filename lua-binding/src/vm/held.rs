//! Objects and strings held beyond the call that saw them, for operations that are parked.

use super::object::{self, Object};
use super::{Anchor, Body, Cx, Ref, sys};
use moonsocket_core::os::prefetch_at;

/// An object, kept alive.
pub struct Held<T> {
    object: *mut Object<T>,
    /// Keeps the userdata, and so the memory behind `object`, from being collected.
    anchor: Anchor,
}

impl<T> std::fmt::Debug for Held<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Held").finish_non_exhaustive()
    }
}

impl<T: Body> Held<T> {
    /// Lends the body; `None` if it is lent already, or gone by now.
    pub fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        // SAFETY: the anchor keeps the userdata; at the end of the Lua state every finaliser has run, and marked its
        // object dead, before any memory is freed. No method borrows the body: they run inside a call, this outside.
        unsafe { Ref::new(self.object, std::ptr::null()) }.with(work)
    }

    /// Has the processor's cache loaded with it.
    #[inline]
    pub fn warm(&self) {
        prefetch_at(self.object.cast_const().cast(), size_of::<Object<T>>());
    }

    /// Gives it the metatable of the class that the body now says it is of. Within a method's call that happens by
    /// itself.
    pub fn settle_class(&self, cx: Cx<'_>) {
        let Some(class) = self.with(|body| body.class()) else { return };
        // SAFETY: the anchor keeps the userdata, so its head may be read; what is pushed, of which nothing raises, has
        // room, and is popped.
        unsafe {
            let head = &raw mut (*self.object).head;
            if (*head).class != class
                && self.anchor.is_of(cx.hub)
                && super::protect::has_room(cx.l, 8)
            {
                (*head).class = class;
                super::anchor::push(cx.l, self.anchor.slot());
                let index = sys::lua_gettop(cx.l);
                super::class::set_metatable::<T>(cx.l, cx.hub, index, class);
                sys::lua_pop(cx.l, 1);
            }
        }
    }
}

/// The bytes of a string, kept alive.
#[derive(Debug)]
pub struct HeldBytes {
    bytes: *const [u8],
    _anchor: Anchor,
}

impl AsRef<[u8]> for HeldBytes {
    fn as_ref(&self) -> &[u8] {
        // SAFETY: the anchor keeps the string, whose bytes neither move nor change.
        unsafe { &*self.bytes }
    }
}

impl<T> Held<T> {
    /// What keeps it.
    pub(super) fn into_anchor(self) -> Anchor {
        self.anchor
    }
}

impl<'a> Cx<'a> {
    /// The object that the running method belongs to. `None` when it is not one of `T`.
    pub fn hold_own<T: Body>(self) -> Option<Held<T>> {
        self.hold(1)
    }

    /// The object that is the argument of this number, lent or not. `None` when it is not one of `T`.
    #[inline(never)]
    pub fn hold<T: Body>(self, number: i32) -> Option<Held<T>> {
        // SAFETY: the state is that of the running call, which has free slots. The head is the object's beginning.
        unsafe {
            let object = object::head_at::<T>(self.l, number)?.cast::<Object<T>>();
            let anchor = super::anchor::take(self.l, self.hub, number)?;
            Some(Held { object, anchor })
        }
    }

    /// Keeps the string that is the argument of this number. `None` when it is no string.
    pub fn hold_bytes(self, number: i32) -> Option<HeldBytes> {
        let mut len = 0;
        // SAFETY: the state is that of the running call, which has free slots; for a string `lua_tolstring` neither
        // raises nor allocates.
        unsafe {
            if sys::lua_type(self.l, number) != sys::LUA_TSTRING {
                return None;
            }
            let data = sys::lua_tolstring(self.l, number, &mut len);
            let bytes = std::ptr::slice_from_raw_parts(data.cast(), len);
            Some(HeldBytes { bytes, _anchor: super::anchor::take(self.l, self.hub, number)? })
        }
    }
}
