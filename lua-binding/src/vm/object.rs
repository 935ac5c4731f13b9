//! Objects: full userdata that hold a Rust value, recognised without any look-up in Lua.
//!
//! The head says whose the memory is: an address of this very image (so a second copy of the
//! module, or LuaSocket itself, never passes), the Rust type, and whether the body may be touched.
//! What methods such an object has is not known here: see `class`.

use super::Body;
use super::sys::{self, lua_State};
use std::any::TypeId;
use std::ffi::c_int;
use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Four addresses that no other memory has: what `Head::state` may hold.
static IMAGE: [u8; 4] = [0; 4];

/// The body may be touched.
const LIVE: usize = 0;
/// The body is borrowed by a [`Ref::with`] up the stack.
const BUSY: usize = 1;
/// The body is gone.
const DEAD: usize = 2;

fn mark(state: usize) -> usize {
    (&raw const IMAGE).addr() + state
}

#[repr(C)]
pub(super) struct Head {
    state: usize,
    body: TypeId,
    /// The class whose metatable the userdata has.
    pub(super) class: usize,
}

#[repr(C)]
pub(super) struct Object<T> {
    pub(super) head: Head,
    pub(super) body: MaybeUninit<T>,
}

impl<T: 'static> Object<T> {
    /// Fills the memory of a new userdata with what `make` makes, if possible without copying it; its class.
    ///
    /// # Safety
    /// `memory` is that of a userdata of `size_of::<Self>()` bytes.
    #[inline(always)]
    pub(super) unsafe fn fill(memory: *mut Self, make: impl FnOnce() -> T) -> usize
    where
        T: Body,
    {
        const { assert!(align_of::<Self>() <= 8, "Lua aligns userdata by eight") };
        // SAFETY: the memory is large enough, aligned by eight as Lua does, and ours to fill. The mark is set last: until
        // then there is no body.
        let class = unsafe {
            let body = (&raw mut (*memory).body).cast::<T>();
            body.write(make());
            let class = (*body).class();
            let head = Head { state: mark(LIVE), body: TypeId::of::<T>(), class };
            (&raw mut (*memory).head).write(head);
            class
        };
        #[cfg(feature = "selftest")]
        super::starved::count_objects(1);
        class
    }
}

/// Makes new memory such that nobody takes it for an object.
///
/// # Safety
/// `memory` is that of a new userdata of `size_of::<Object<T>>()` bytes.
pub(super) unsafe fn clear<T>(memory: *mut Object<T>) {
    // SAFETY: as the caller promises.
    unsafe { (&raw mut (*memory).head.state).write(0) }
}

/// The memory at `index` if it is an object of `T`, in whatever state.
#[inline(always)]
unsafe fn memory_at<T: 'static>(l: *mut lua_State, index: c_int) -> Option<*mut Object<T>> {
    // SAFETY: `l` is live and `index` acceptable (caller). The head is only read when the value is
    // a userdata of at least its size: the length of light userdata and of other values that
    // `lua_touserdata` refuses is never asked or is 0.
    unsafe {
        let object = sys::lua_touserdata(l, index).cast::<Object<T>>();
        if object.is_null() || sys::lua_rawlen(l, index) != size_of::<Object<T>>() {
            return None;
        }
        Some(object)
    }
}

/// The object of type `T` at `index`, if its body may be touched.
///
/// # Safety
/// `l` is live. The result is valid while the value stays on the stack, and may be made a `&mut T`
/// only as long as no Lua code can run.
#[inline(always)]
pub(super) unsafe fn object_at<T: 'static>(
    l: *mut lua_State,
    index: c_int,
) -> Option<*mut Object<T>> {
    // SAFETY: as the caller promises; the type is only read behind our own mark.
    unsafe {
        let object = memory_at::<T>(l, index)?;
        let head = &raw const (*object).head;
        ((*head).state == mark(LIVE) && (*head).body == TypeId::of::<T>()).then_some(object)
    }
}

/// Is the body of an object whose memory is there still one that may be touched?
///
/// # Safety
/// The userdata is reachable from the Lua stack.
#[inline(always)]
pub(super) unsafe fn is_live<T>(object: *const Object<T>) -> bool {
    // SAFETY: as the caller promises.
    unsafe { (*object).head.state == mark(LIVE) }
}

/// As [`object_at`], but a busy or dead object passes too: its body is out of bounds.
pub(super) unsafe fn head_at<T: 'static>(l: *mut lua_State, index: c_int) -> Option<*mut Head> {
    // SAFETY: as in `object_at`.
    unsafe {
        let head = &raw mut (*memory_at::<T>(l, index)?).head;
        let ours = mark(LIVE)..=mark(DEAD);
        (ours.contains(&(*head).state) && (*head).body == TypeId::of::<T>()).then_some(head)
    }
}

/// Whether the object at `index` is refused only because a call on it is under way.
pub(super) unsafe fn is_busy<T: 'static>(l: *mut lua_State, index: c_int) -> bool {
    // SAFETY: as in `head_at`.
    unsafe { head_at::<T>(l, index).is_some_and(|head| (*head).state == mark(BUSY)) }
}

/// Whether there is an object at `index` that the collector has had.
pub(super) unsafe fn is_dead<T: 'static>(l: *mut lua_State, index: c_int) -> bool {
    // SAFETY: as in `head_at`.
    unsafe { head_at::<T>(l, index).is_some_and(|head| (*head).state == mark(DEAD)) }
}

/// `__gc`: drops the body, once. A second call finds the object dead and does nothing.
pub(super) unsafe extern "C-unwind" fn collect<T: 'static>(l: *mut lua_State) -> c_int {
    // SAFETY: Lua calls this with a live state; the body is live, nobody borrows it (it would be
    // busy), and the mark keeps everyone off it from here on.
    unsafe {
        if let Some(object) = object_at::<T>(l, 1) {
            (*object).head.state = mark(DEAD);
            #[cfg(feature = "selftest")]
            super::starved::count_objects(-1);
            let dropped = catch_unwind(AssertUnwindSafe(|| (*object).body.assume_init_drop()));
            super::raise::swallow(dropped);
        }
    }
    0
}

/// Another object, as an argument: who it is, and its body for the length of a closure.
///
/// Two arguments may be one object, and one of them may be the method's own; so the body is
/// borrowed only by [`with`](Self::with), which refuses a second borrow.
pub struct Ref<'a, T> {
    object: *mut Object<T>,
    /// The object whose `&mut` the running method already has, if any.
    own: *const Object<T>,
    call: PhantomData<&'a T>,
}

impl<T> Clone for Ref<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Ref<'_, T> {}

impl<T: 'static> Ref<'_, T> {
    /// # Safety
    /// `object` came from [`object_at`] and stays on the Lua stack for the length of the call;
    /// `own` is the object that the running method has a `&mut` to.
    #[inline(always)]
    pub(super) unsafe fn new(object: *mut Object<T>, own: *const Object<T>) -> Self {
        Self { object, own, call: PhantomData }
    }

    /// Lends the body; `None` if it is lent already, or gone by now.
    ///
    /// While `work` runs, Lua code that calls a method of the object gets an error.
    #[inline]
    pub fn with<R>(self, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        /// Ends the borrow even when `work` panics.
        struct Busy(*mut Head);
        impl Drop for Busy {
            fn drop(&mut self) {
                // SAFETY: the userdata is on the Lua stack as long as the `Ref` lives.
                unsafe { (*self.0).state = mark(LIVE) }
            }
        }
        if std::ptr::eq(self.object, self.own) {
            return None;
        }
        // SAFETY: the userdata is on the Lua stack as long as `self` lives. Its body is live and
        // unborrowed, and being busy keeps it so until `busy` is dropped.
        unsafe {
            let head = &raw mut (*self.object).head;
            if (*head).state != mark(LIVE) {
                return None;
            }
            (*head).state = mark(BUSY);
            let busy = Busy(head);
            let result = work((*self.object).body.assume_init_mut());
            drop(busy);
            Some(result)
        }
    }

    /// A number that tells objects apart as long as they live.
    pub fn id(self) -> usize {
        self.object.addr()
    }
}
