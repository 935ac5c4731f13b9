//! The three phases of a call, for `function`: what stands before and after the safe function, and what it may find there.
//!
//! Each phase is there twice: once for all functions (or all methods of a type), and in place for those that are called so
//! often that a call more would show.

use super::class::{self, Body, Family, Guard};
use super::hub::{self, Hub};
use super::object::{self, Object};
use super::reply::{Answer, Reply};
use super::sys::lua_State;
use super::{keep, push, raise};
use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The object of a method: one for all methods of a guard.
#[inline(never)]
pub(super) unsafe fn enter<T: Body, G: Guard<T>>(l: *mut lua_State) -> Option<*mut Object<T>> {
    // SAFETY: as for the caller.
    unsafe { admitted::<T, G>(l, 1) }
}

/// What a method does without an object: answers for one that was collected, or raises.
#[cold]
#[inline(never)]
pub(super) unsafe fn without<T: Body, G: Guard<T>>(l: *mut lua_State) -> c_int {
    // SAFETY: `l` is live and nothing is alive (caller).
    unsafe {
        let misfit = Misfit::at::<T, G>(l, 1);
        let collected = misfit.is_dead.then_some(T::collected as fn(&str) -> _);
        stand_in(l, &misfit, T::FAMILY, collected, T::misplaced)
    }
}

/// What stands where an object should.
struct Misfit {
    is_dead: bool,
    is_busy: bool,
    expected: &'static str,
}

impl Misfit {
    unsafe fn at<T: Body, G: Guard<T>>(l: *mut lua_State, index: c_int) -> Self {
        // SAFETY: `l` is live (caller).
        let (is_dead, is_busy) =
            unsafe { (object::is_dead::<T>(l, index), object::is_busy::<T>(l, index)) };
        Self { is_dead, is_busy, expected: G::EXPECTED }
    }
}

/// [`without`], for all types.
unsafe fn stand_in(
    l: *mut lua_State,
    misfit: &Misfit,
    family: &Family,
    collected: Option<fn(&str) -> Option<Reply<'static>>>,
    misplaced: fn() -> Option<Reply<'static>>,
) -> c_int {
    // SAFETY: as for the caller.
    unsafe {
        if let Some(collected) = collected
            && let Some(name) = class::running(l, family)
            && let Some(reply) = collected(name)
        {
            return push::any(l, &reply);
        }
        if !misfit.is_busy
            && let Some(reply) = misplaced()
        {
            return push::any(l, &reply);
        }
        refuse_misfit(l, misfit, 1)
    }
}

/// The object at `index`, if it is one of `T` that `G` admits.
#[inline(always)]
pub(super) unsafe fn admitted<T: Body, G: Guard<T>>(
    l: *mut lua_State,
    index: c_int,
) -> Option<*mut Object<T>> {
    // SAFETY: `l` is live (caller); no Lua code runs while the guard looks.
    unsafe {
        let object = object::object_at::<T>(l, index)?;
        let body = (*object).body.assume_init_ref();
        match catch_unwind(AssertUnwindSafe(|| G::admits(body))) {
            Ok(true) => Some(object),
            Ok(false) => None,
            Err(payload) => raise::panic(l, payload),
        }
    }
}

/// Raises what is to be said of a wrong object.
#[cold]
#[inline(never)]
pub(super) unsafe fn refuse<T: Body, G: Guard<T>>(l: *mut lua_State, index: c_int) -> ! {
    // SAFETY: `l` is live and nothing is alive (caller).
    unsafe { refuse_misfit(l, &Misfit::at::<T, G>(l, index), index) }
}

unsafe fn refuse_misfit(l: *mut lua_State, misfit: &Misfit, index: c_int) -> ! {
    // SAFETY: as for the caller.
    unsafe {
        if misfit.is_busy {
            raise::plain(l, "moonsocket: the object is in use further up");
        }
        raise::argument(l, index, super::Text(misfit.expected, b"", " expected"));
    }
}

/// Where phase 2 leaves its answer for phase 3: it is too long to be moved about.
pub(super) type Place<'a> = MaybeUninit<Answer<'a>>;

/// Phase 3 of a plain function: one for all of them.
///
/// # Safety
/// `place` holds an answer unless a panic was caught; the rest as in [`finish_here`].
#[inline(never)]
pub(super) unsafe fn finish(
    l: *mut lua_State,
    keeping: Keeping<'_>,
    caught: std::thread::Result<()>,
    place: &Place<'_>,
) -> c_int {
    // SAFETY: as for the caller.
    unsafe { finish_here(l, keeping, caught.map(|()| place.assume_init_ref())) }
}

/// Phase 3, in place.
///
/// # Safety
/// The function is done, so nothing is borrowed but what the answer lends.
#[inline(always)]
unsafe fn finish_here(
    l: *mut lua_State,
    keeping: Keeping<'_>,
    caught: std::thread::Result<&Answer<'_>>,
) -> c_int {
    // SAFETY: as the caller promises.
    unsafe {
        match caught {
            Ok(Ok(reply)) => {
                if let Some((hub, base)) = keeping
                    && hub.kept.borrow().len() > base
                {
                    return push::kept(l, hub, base, reply);
                }
                push::reply(l, reply)
            }
            Ok(Err(raise)) => push::error(l, keeping, raise),
            Err(payload) => {
                if let Some((hub, base)) = keeping {
                    keep::truncate(hub, base);
                }
                raise::panic(l, payload)
            }
        }
    }
}

/// Phase 3 of a method: the object may have changed its class, and what it lent comes back. One for all methods of a type.
///
/// # Safety
/// As for [`finish`]; `object` is at index 1.
#[inline(never)]
pub(super) unsafe fn finish_method<T: Body>(
    l: *mut lua_State,
    object: *mut Object<T>,
    keeping: Keeping<'_>,
    caught: std::thread::Result<usize>,
    place: &Place<'_>,
) -> c_int {
    // SAFETY: as for the caller.
    unsafe { finish_method_by::<T, false>(l, object, keeping, caught, place) }
}

/// [`finish_method`], in place.
#[inline(always)]
pub(super) unsafe fn finish_method_here<T: Body>(
    l: *mut lua_State,
    object: *mut Object<T>,
    keeping: Keeping<'_>,
    caught: std::thread::Result<usize>,
    place: &Place<'_>,
) -> c_int {
    // SAFETY: as for the caller.
    unsafe { finish_method_by::<T, true>(l, object, keeping, caught, place) }
}

#[inline(always)]
unsafe fn finish_method_by<T: Body, const HERE: bool>(
    l: *mut lua_State,
    object: *mut Object<T>,
    keeping: Keeping<'_>,
    caught: std::thread::Result<usize>,
    place: &Place<'_>,
) -> c_int {
    // SAFETY: as in `finish`; the object is looked at anew after Lua code may have run.
    unsafe {
        let caught = caught.map(|class| {
            if T::FAMILY.classes.len() > 1 && class != (*object).head.class {
                class::change::<T>(l, object, 1, class);
            }
            place.assume_init_ref()
        });
        let reply = if let Ok(Ok(reply)) = &caught { Some(reply) } else { None };
        let results = match HERE {
            true => finish_here(l, keeping, caught),
            false => finish(l, keeping, caught.map(|_| ()), place),
        };
        if let Some(reply) = reply {
            returned(object, reply);
        }
        results
    }
}

/// Tells the object that what it lent has been copied.
#[inline(always)]
unsafe fn returned<T: Body>(object: *mut Object<T>, reply: &Reply<'_>) {
    if reply.lends() {
        // SAFETY: as for the caller.
        unsafe { settle(object) }
    }
}

/// See [`returned`].
#[inline(always)]
pub(super) unsafe fn settle<T: Body>(object: *mut Object<T>) {
    // SAFETY: the object is still at index 1, so its memory is there; whether its body is shows its mark. No Lua code
    // runs during the call.
    unsafe {
        if object::is_live(object) {
            let body = (*object).body.assume_init_mut();
            raise::swallow(catch_unwind(AssertUnwindSafe(|| body.returned())));
        }
    }
}

/// What a call may keep things in, and where its own begin there.
pub(super) type Keeping<'a> = Option<(&'a Hub, usize)>;

/// Begins a call that may keep things.
#[inline(never)]
pub(super) unsafe fn keeping<'a>(l: *mut lua_State) -> Keeping<'a> {
    // SAFETY: the function's upvalue keeps the hub for the whole call.
    let hub = unsafe { hub::of_function(l) };
    hub.map(|hub| (hub, hub.kept.borrow().len()))
}
