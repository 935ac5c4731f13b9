//! Anchors: Lua values kept alive beyond the call that saw them.
//!
//! They lie in one list per Lua state whose slots are made ahead of need, while raising is allowed;
//! so taking a slot cannot raise, and an anchor may be made in the middle of pure Rust.

use super::hub::{ANCHORS, Hub};
use super::sys::{self, lua_State};
use super::upvalues;
use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::rc::Rc;

/// So many anchors a call may make.
pub(super) const PER_CALL: usize = 8;

/// Which slots are free, and which are to be emptied when there is a Lua state at hand.
#[derive(Default)]
pub(super) struct Pool {
    free: RefCell<Vec<c_int>>,
    dropped: RefCell<Vec<c_int>>,
    /// How many there are. The list's length would not say: an anchored nil is a hole in it.
    made: Cell<c_int>,
}

/// Keeps one Lua value alive. Dropping it lets go of the value at the next call into the module.
#[derive(Debug)]
pub struct Anchor {
    slot: c_int,
    pool: Rc<Pool>,
}

impl PartialEq for Anchor {
    /// Do they keep the same place? Two anchors of one value differ.
    fn eq(&self, other: &Self) -> bool {
        self.slot == other.slot && Rc::ptr_eq(&self.pool, &other.pool)
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

impl Drop for Anchor {
    fn drop(&mut self) {
        self.pool.dropped.borrow_mut().push(self.slot);
    }
}

impl Anchor {
    /// Whether it is one of this Lua state and image.
    pub(super) fn is_of(&self, hub: &Hub) -> bool {
        Rc::ptr_eq(&self.pool, &hub.anchors)
    }

    pub(super) fn slot(&self) -> c_int {
        self.slot
    }

    /// The value, as a result of the call.
    pub fn value(&self) -> super::Value<'_> {
        super::Value::Anchored(super::Anchored {
            slot: self.slot,
            anchor: std::marker::PhantomData,
        })
    }
}

/// Empties the slots of dropped anchors and sees to it that [`PER_CALL`] slots are free. May raise.
///
/// # Safety
/// `l` is live, in a phase that may raise, with three free slots.
#[inline]
pub(super) unsafe fn prepare(l: *mut lua_State, hub: &Hub) {
    let pool = &*hub.anchors;
    if pool.dropped.borrow().is_empty() && pool.free.borrow().len() >= PER_CALL {
        return;
    }
    // SAFETY: as the caller promises.
    unsafe { tidy(l, pool) }
}

/// Empties the slots of dropped anchors. Does not raise.
///
/// # Safety
/// `l` is live with a free slot, and runs one of our functions.
pub(super) unsafe fn let_go(l: *mut lua_State, hub: &Hub) {
    let pool = &*hub.anchors;
    if pool.dropped.borrow().is_empty() {
        return;
    }
    // SAFETY: as the caller promises.
    unsafe { empty(l, upvalues::anchors(), pool) }
}

/// Empties the slots of dropped anchors in the list at `list`. Does not raise.
unsafe fn empty(l: *mut lua_State, list: c_int, pool: &Pool) {
    while let Some(slot) = { pool.dropped.borrow_mut().pop() } {
        // SAFETY: the list is there (an absolute index or an upvalue's), with a free slot; setting what a slot holds
        // allocates nothing.
        unsafe {
            sys::lua_pushboolean(l, 0);
            sys::raw_set_i(l, list, slot);
        }
        pool.free.borrow_mut().push(slot);
    }
}

#[cold]
unsafe fn tidy(l: *mut lua_State, pool: &Pool) {
    // SAFETY: the caller may raise. No borrow is held over a call that can run Lua code.
    unsafe {
        sys::registry_get(l, ANCHORS.key());
        empty(l, sys::lua_gettop(l), pool);
        while pool.free.borrow().len() < PER_CALL {
            let slot = pool.made.get() + 1;
            sys::lua_pushboolean(l, 0);
            sys::raw_set_i(l, -2, slot);
            pool.made.set(slot);
            pool.free.borrow_mut().push(slot);
        }
        sys::lua_pop(l, 1);
    }
}

/// Anchors the value at `index` (absolute). `None` after [`PER_CALL`] of them. Does not raise.
///
/// # Safety
/// `l` is live with a free slot, and runs one of our functions.
pub(super) unsafe fn take(l: *mut lua_State, hub: &Hub, index: c_int) -> Option<Anchor> {
    let slot = hub.anchors.free.borrow_mut().pop()?;
    // SAFETY: as the caller promises; the slot exists, so setting it allocates nothing.
    unsafe {
        sys::lua_pushvalue(l, index);
        sys::raw_set_i(l, upvalues::anchors(), slot);
    }
    Some(Anchor { slot, pool: Rc::clone(&hub.anchors) })
}

/// Pushes the value in `slot`. Does not raise.
///
/// # Safety
/// `l` is live with a free slot, and runs one of our functions.
pub(super) unsafe fn push(l: *mut lua_State, slot: c_int) {
    // SAFETY: as the caller promises.
    unsafe { sys::raw_get_i(l, upvalues::anchors(), slot) }
}

/// As [`push`], where another's function may be running: a protected job.
///
/// # Safety
/// `l` is live with two free slots.
pub(super) unsafe fn push_anywhere(l: *mut lua_State, slot: c_int) {
    // SAFETY: as the caller promises.
    unsafe {
        sys::registry_get(l, ANCHORS.key());
        sys::raw_get_i(l, -1, slot);
        sys::lua_remove(l, -2);
    }
}
