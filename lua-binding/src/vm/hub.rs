//! What this image keeps for one Lua state: singletons, metatables, what calls own while they push.
//!
//! The hub is itself an object (a userdata that Lua collects), found in the registry under an
//! address of this image, so that two copies of the module never share one. Every function has it
//! as its first upvalue, which also keeps it alive as long as any function can be called.

use super::anchor::Pool;
use super::class::Body;
use super::keep::Keep;
use super::late::Late;
use super::object::{self, Object};
use super::sys::{self, lua_State};
use super::{Family, protect};
use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_void};
use std::rc::Rc;

/// A place in the registry that only this image knows.
pub(super) struct Place(#[allow(dead_code, reason = "only the address counts")] u8);

impl Place {
    pub(super) fn key(&'static self) -> *const c_void {
        (&raw const *self).cast()
    }
}

static HUB: Place = Place(0);
/// The metatables of all classes, in one list.
pub(super) static METATABLES: Place = Place(1);
/// The values that anchors hold.
pub(super) static ANCHORS: Place = Place(2);
/// The function behind `protect`.
pub(super) static PROTECTED: Place = Place(3);

/// What a call yields that answers `Suspend`.
pub(super) static SUSPENDED: Place = Place(4);

/// See the module's text.
#[derive(Default)]
pub(super) struct Hub {
    pub(super) kept: RefCell<Vec<Keep>>,
    pub(super) anchors: Rc<Pool>,
    pub(super) in_fiber: Cell<bool>,
    pub(super) late: Late,
    states: RefCell<Vec<(TypeId, Rc<dyn Any>)>>,
    metatables: RefCell<Vec<(TypeId, c_int)>>,
}

impl Body for Hub {
    const FAMILY: &'static Family =
        &Family { name: "moonsocket", classes: &[], methods: &[], stranger: "" };
}

impl Hub {
    /// The position of the metatable of the first class of this type.
    #[inline]
    pub(super) fn metatables_of(&self, body: TypeId) -> Option<c_int> {
        self.metatables.borrow().iter().find(|(of, _)| *of == body).map(|(_, first)| *first)
    }

    pub(super) fn add_metatables(&self, body: TypeId, first: c_int) {
        self.metatables.borrow_mut().push((body, first));
    }

    /// The one `S` of this Lua state.
    pub(super) fn state<S: Default + 'static>(&self) -> Rc<S> {
        let found = self
            .states
            .borrow()
            .iter()
            .find_map(|(of, state)| (*of == TypeId::of::<S>()).then(|| Rc::clone(state)));
        let state = found.unwrap_or_else(|| self.make_state::<S>());
        state.downcast().unwrap_or_else(|_| unreachable!("stored under its own type"))
    }

    /// As [`state`](Self::state), for a look at it. `work` asks for no other.
    #[inline(always)]
    pub(super) fn with_state<S: Default + 'static, R>(&self, work: impl FnOnce(&S) -> R) -> R {
        let states = self.states.borrow();
        if let Some((_, state)) = states.iter().find(|(of, _)| *of == TypeId::of::<S>()) {
            // SAFETY: it is stored under its own type, and stays there.
            return work(unsafe { &*Rc::as_ptr(state).cast::<S>() });
        }
        drop(states);
        work(&self.state::<S>())
    }

    /// Made outside the borrow: making it may ask for another state.
    #[cold]
    #[inline(never)]
    fn make_state<S: Default + 'static>(&self) -> Rc<dyn Any> {
        let state: Rc<dyn Any> = Rc::new(S::default());
        self.states.borrow_mut().push((TypeId::of::<S>(), Rc::clone(&state)));
        state
    }
}

/// The hub of the function that is running, from its first upvalue.
///
/// # Safety
/// `l` is live and runs a function that `upvalues` made; the result is not used after it.
#[inline(always)]
pub(super) unsafe fn of_function<'a>(l: *mut lua_State) -> Option<&'a Hub> {
    // SAFETY: an upvalue's index is acceptable. Every function of ours is pushed with the hub as its first upvalue, which
    // nothing but the `debug` library can change; the upvalue keeps the userdata alive.
    unsafe {
        let hub = sys::lua_touserdata(l, sys::lua_upvalueindex(1)).cast::<Object<Hub>>();
        object::is_live(hub).then(|| (*hub).body.assume_init_ref())
    }
}

/// The hub of this state, made if there is none.
///
/// # Safety
/// `l` is live, in a phase that may raise; the result is not used after Lua code could close it.
pub(super) unsafe fn of_registry<'a>(l: *mut lua_State) -> &'a Hub {
    // SAFETY: as the caller promises; the registry keeps the userdata alive.
    unsafe {
        push_registered(l);
        let hub = sys::lua_touserdata(l, -1).cast::<Object<Hub>>();
        sys::lua_pop(l, 1);
        (*hub).body.assume_init_ref()
    }
}

/// Pushes the hub of this state, made if there is none. May raise.
///
/// # Safety
/// `l` is live with free slots, in a phase that may raise.
pub(super) unsafe fn push_registered(l: *mut lua_State) {
    // SAFETY: as the caller promises.
    unsafe {
        sys::registry_get(l, HUB.key());
        if object::object_at::<Hub>(l, -1).is_none() {
            sys::lua_pop(l, 1);
            create(l);
        }
    }
}

/// Leaves a new hub on the stack and in the registry.
unsafe fn create(l: *mut lua_State) {
    // SAFETY: the caller may raise. The body needs no drop before it is in the userdata: an empty
    // hub owns one small allocation, made after the userdata's.
    unsafe {
        for place in [&METATABLES, &ANCHORS] {
            sys::lua_createtable(l, 0, 0);
            sys::registry_set(l, place.key());
        }
        sys::lua_pushcclosure(l, protect::dispatch, 0);
        sys::registry_set(l, PROTECTED.key());
        sys::lua_createtable(l, 0, 1);
        sys::lua_pushcclosure(l, object::collect::<Hub>, 0);
        sys::raw_set_name(l, sys::lua_gettop(l) - 1, "__gc");
        let memory = sys::new_userdata(l, size_of::<Object<Hub>>()).cast::<Object<Hub>>();
        Object::fill(memory, Hub::default);
        sys::lua_insert(l, -2);
        sys::lua_setmetatable(l, -2);
        sys::lua_pushvalue(l, -1);
        sys::registry_set(l, HUB.key());
    }
}
