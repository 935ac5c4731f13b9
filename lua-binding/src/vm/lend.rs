//! Lent bytes on their way to Lua.
//!
//! Any push may collect garbage, and a finaliser may then call our functions, even on the object
//! whose bytes are being pushed. So borrowed bytes are copied out before the first thing that can
//! collect: 5.1, 5.2 and LuaJIT collect before they copy, later Luas after. On these the first
//! string goes straight from its owner to Lua; elsewhere, and after another string, it takes a stop
//! on the C stack. Either way nothing that Rust borrowed is read once Lua code may have run.

use super::hub;
use super::reply::{Reply, Value};
use super::sys::{self, lua_State};
use super::{keep, push, raise};
use std::ffi::c_int;
use std::mem::MaybeUninit;

/// What fits into the small and the large stop on the C stack.
const SMALL: usize = 2 << 10;
const LARGE: usize = 18 << 10;

/// Pushes borrowed bytes before which nothing collected.
#[inline(always)]
pub(super) unsafe fn bytes(l: *mut lua_State, bytes: &[u8]) {
    // SAFETY: as in `push::reply`.
    unsafe {
        if sys::COLLECTS_FIRST && bytes.len() <= SMALL {
            by_small_copy(l, bytes);
        } else if sys::COLLECTS_FIRST {
            stopover(l, &Reply::One(Value::Bytes(bytes)));
        } else {
            sys::push_bytes(l, bytes);
        }
    }
}

/// The hot case of the old Luas: it must not cost more than the copy.
#[inline(never)]
unsafe fn by_small_copy(l: *mut lua_State, bytes: &[u8]) {
    let mut copy = [const { MaybeUninit::<u8>::uninit() }; SMALL];
    // SAFETY: the caller has seen to it that the bytes fit; as in `push::reply` for the rest.
    unsafe {
        let to = copy.as_mut_ptr().cast::<u8>();
        to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        sys::push_bytes(l, std::slice::from_raw_parts(to, bytes.len()));
    }
}

/// Copies what is borrowed to the C stack, then pushes.
#[inline(never)]
pub(super) unsafe fn stopover(l: *mut lua_State, reply: &Reply<'_>) -> c_int {
    let mut room = [Value::Nil; 4];
    let list = reply.listed(&mut room);
    let total: usize = list.iter().filter_map(Value::borrowed).map(<[u8]>::len).sum();
    // SAFETY: as in `reply`.
    unsafe {
        match total {
            0..=SMALL => by_copy::<SMALL>(l, list),
            _ if total <= LARGE => by_copy::<LARGE>(l, list),
            _ => by_heap(l, list),
        }
    }
}

#[inline(never)]
unsafe fn by_copy<const ROOM: usize>(l: *mut lua_State, list: &[Value<'_>]) -> c_int {
    let mut bytes = [const { MaybeUninit::<u8>::uninit() }; ROOM];
    let mut used = 0;
    for it in list.iter().filter_map(Value::borrowed) {
        // SAFETY: the caller has seen to it that all of them fit.
        unsafe {
            let at = bytes.as_mut_ptr().add(used).cast::<u8>();
            at.copy_from_nonoverlapping(it.as_ptr(), it.len());
        }
        used += it.len();
    }
    let mut from = 0;
    // SAFETY: as in `reply`; what was copied above is read in the same order.
    unsafe {
        if sys::lua_checkstack(l, list.len() as c_int + 4) == 0 {
            raise::plain(l, super::NO_ROOM);
        }
        for it in list {
            if let Some(it) = it.borrowed() {
                let copy = bytes.as_ptr().add(from).cast::<u8>();
                sys::push_bytes(l, std::slice::from_raw_parts(copy, it.len()));
                from += it.len();
            } else {
                push::value(l, it);
            }
        }
    }
    list.len() as c_int
}

/// Pushes values of which some are short strings that are kept since `base`: they are copied to the C stack and let go of,
/// so that nothing needs protection. `None`: there is more to them than that.
#[inline(never)]
pub(super) unsafe fn short(
    l: *mut lua_State,
    hub: &hub::Hub,
    base: usize,
    list: &[Value<'_>],
) -> Option<c_int> {
    let mut bytes = [const { MaybeUninit::<u8>::uninit() }; SMALL];
    let (mut used, mut ends) = (0, [0; 4]);
    // What an anchor keeps may be let go of, too.
    if list.len() > ends.len() || list.iter().any(|value| matches!(value, Value::Anchored(_))) {
        return None;
    }
    {
        let kept = hub.kept.borrow();
        for (value, end) in list.iter().zip(&mut ends) {
            let text = match value {
                Value::Kept(it) => keep::bytes(&kept, it.index)?,
                other => other.borrowed().unwrap_or_default(),
            };
            // SAFETY: it is only copied where it fits.
            unsafe {
                if text.len() > SMALL - used {
                    return None;
                }
                let at = bytes.as_mut_ptr().add(used).cast::<u8>();
                at.copy_from_nonoverlapping(text.as_ptr(), text.len());
            }
            used += text.len();
            *end = used;
        }
    }
    keep::truncate(hub, base);
    let mut from = 0;
    // SAFETY: as in `push::reply`; what was copied above is read in the same order.
    unsafe {
        for (value, end) in list.iter().zip(ends) {
            if matches!(value, Value::Kept(_)) || value.borrowed().is_some() {
                let copy = bytes.as_ptr().add(from).cast::<u8>();
                sys::push_bytes(l, std::slice::from_raw_parts(copy, end - from));
            } else {
                push::value(l, value);
            }
            from = end;
        }
    }
    Some(list.len() as c_int)
}

/// Too much for the C stack: the copies are kept, as if the function had owned them.
unsafe fn by_heap(l: *mut lua_State, list: &[Value<'_>]) -> c_int {
    // SAFETY: as in `push::reply`.
    unsafe {
        let Some(hub) = hub::of_function(l) else { raise::plain(l, super::CLOSING) };
        let base = hub.kept.borrow().len();
        push::owned(l, hub, base, list)
    }
}
