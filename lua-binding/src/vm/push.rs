//! Phase 3: an answer becomes Lua values, or an error.
//!
//! Any push may collect garbage, and a finaliser may then call our functions, even on the object
//! whose bytes are being pushed. So borrowed bytes are copied out before the first thing that can
//! collect: 5.1, 5.2 and LuaJIT collect before they copy, later Luas after. On these a single
//! string goes straight from its owner to Lua; elsewhere it takes a stop on the C stack. Either
//! way nothing that Rust borrowed is read once Lua code may have run.

use super::hub::{self, Hub};
use super::reply::{Raise, Reply, Value};
use super::sys::{self, lua_State};
use super::{anchor, keep, protect, raise};
use std::ffi::c_int;
use std::mem::MaybeUninit;

/// What fits into the small and the large stop on the C stack.
const SMALL: usize = 2 << 10;
const LARGE: usize = 18 << 10;

impl<'a> Reply<'a> {
    #[inline(always)]
    fn listed<'r>(&'r self, room: &'r mut [Value<'a>; 4]) -> &'r [Value<'a>] {
        let n = match *self {
            Self::One(a) => {
                room[0] = a;
                1
            }
            Self::Two(a, b) => {
                [room[0], room[1]] = [a, b];
                2
            }
            Self::Three(a, b, c) => {
                [room[0], room[1], room[2]] = [a, b, c];
                3
            }
            Self::Four(a, b, c, d) => {
                *room = [a, b, c, d];
                4
            }
            Self::Many(list) => return list,
            Self::Nothing | Self::From(_) | Self::Arguments(_) | Self::Suspend => 0,
        };
        &room[..n]
    }

    /// How many values lie in memory that a finaliser could change.
    #[inline(always)]
    fn borrowed(&self) -> usize {
        let count = |value: &Value<'_>| usize::from(value.borrowed().is_some());
        match self {
            Self::One(a) => count(a),
            Self::Two(a, b) => count(a) + count(b),
            Self::Three(a, b, c) => count(a) + count(b) + count(c),
            Self::Four(a, b, c, d) => count(a) + count(b) + count(c) + count(d),
            Self::Many(list) => list.iter().map(count).sum(),
            Self::Nothing | Self::From(_) | Self::Arguments(_) | Self::Suspend => 0,
        }
    }

    /// Whether the object wants to hear that its bytes were copied.
    #[inline(always)]
    pub(super) fn lends(&self) -> bool {
        let lent = |value: &Value<'_>| matches!(value, Value::Lent(_));
        match self {
            Self::One(a) => lent(a),
            Self::Two(a, b) => lent(a) || lent(b),
            Self::Three(a, b, c) => lent(a) || lent(b) || lent(c),
            Self::Four(a, b, c, d) => lent(a) || lent(b) || lent(c) || lent(d),
            Self::Many(list) => list.iter().any(lent),
            Self::Nothing | Self::From(_) | Self::Arguments(_) | Self::Suspend => false,
        }
    }
}

impl<'a> Value<'a> {
    #[inline(always)]
    fn borrowed(&self) -> Option<&'a [u8]> {
        match *self {
            Self::Bytes(bytes) | Self::Lent(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// Pushes a reply that owns nothing; what to return to Lua.
///
/// # Safety
/// `l` is live and runs one of our functions, nothing alive needs dropping, and the reply's bytes
/// are valid until Lua code runs.
#[inline(always)]
pub(super) unsafe fn reply(l: *mut lua_State, reply: &Reply<'_>) -> c_int {
    // SAFETY: a function has 20 free slots; four values at most go there.
    unsafe {
        if reply.borrowed() > usize::from(!sys::COLLECTS_FIRST) {
            return stopover(l, reply);
        }
        match reply {
            Reply::Nothing => 0,
            Reply::One(a) => {
                value(l, a);
                1
            }
            Reply::Two(a, b) => {
                value(l, a);
                value(l, b);
                2
            }
            Reply::Three(a, b, c) => {
                value(l, a);
                value(l, b);
                value(l, c);
                3
            }
            Reply::Four(a, b, c, d) => {
                value(l, a);
                value(l, b);
                value(l, c);
                value(l, d);
                4
            }
            Reply::Many(list) => many(l, list),
            Reply::From(first) => sys::lua_gettop(l) - first.index + 1,
            Reply::Arguments(first) => (sys::lua_gettop(l) - first + 1).max(0),
            Reply::Suspend => sys::lua_yield(l, 0),
        }
    }
}

unsafe fn many(l: *mut lua_State, list: &[Value<'_>]) -> c_int {
    // SAFETY: as in `reply`, with room made for the list.
    unsafe {
        if sys::lua_checkstack(l, list.len() as c_int + 4) == 0 {
            raise::plain(l, "stack overflow");
        }
        for it in list {
            value(l, it);
        }
    }
    list.len() as c_int
}

/// Pushes one value that is not kept.
#[inline(always)]
unsafe fn value(l: *mut lua_State, value: &Value<'_>) {
    // SAFETY: as in `reply`; indexes beyond the top or the upvalues read as nil.
    unsafe {
        match *value {
            Value::Nil => sys::lua_pushnil(l),
            Value::Boolean(it) => sys::lua_pushboolean(l, it.into()),
            Value::Number(it) => sys::lua_pushnumber(l, it),
            Value::Integer(it) => sys::push_integer(l, it),
            Value::Bytes(it) | Value::Lent(it) => sys::push_bytes(l, it),
            Value::Str(it) => sys::push_bytes(l, it.as_bytes()),
            Value::Word(it) => sys::lua_pushvalue(l, sys::lua_upvalueindex(it as c_int)),
            Value::Argument(number) => index(l, number),
            Value::Local(it) => index(l, it.index),
            Value::Anchored(it) => anchor::push(l, it.slot),
            Value::Kept(_) => sys::lua_pushnil(l),
        }
    }
}

unsafe fn index(l: *mut lua_State, index: c_int) {
    // SAFETY: an index between 1 and the top is valid.
    unsafe {
        if (1..=sys::lua_gettop(l)).contains(&index) {
            sys::lua_pushvalue(l, index);
        } else {
            sys::lua_pushnil(l);
        }
    }
}

/// Copies what is borrowed to the C stack, then pushes.
#[inline(never)]
unsafe fn stopover(l: *mut lua_State, reply: &Reply<'_>) -> c_int {
    let mut room = [Value::Nil; 4];
    let list = reply.listed(&mut room);
    let total: usize = list.iter().filter_map(Value::borrowed).map(<[u8]>::len).sum();
    // SAFETY: as in `reply`.
    unsafe {
        match total {
            0..=SMALL => by_copy::<SMALL>(l, list),
            ..=LARGE => by_copy::<LARGE>(l, list),
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
            raise::plain(l, "stack overflow");
        }
        for it in list {
            if let Some(it) = it.borrowed() {
                let copy = bytes.as_ptr().add(from).cast::<u8>();
                sys::push_bytes(l, std::slice::from_raw_parts(copy, it.len()));
                from += it.len();
            } else {
                value(l, it);
            }
        }
    }
    list.len() as c_int
}

/// Too much for the C stack: the copies are kept, as if the function had owned them.
unsafe fn by_heap(l: *mut lua_State, list: &[Value<'_>]) -> c_int {
    // SAFETY: as in `reply`.
    unsafe {
        let Some(hub) = hub::of_function(l) else { raise::plain(l, super::CLOSING) };
        let base = hub.kept.borrow().len();
        let copies: Vec<keep::Keep> = list
            .iter()
            .filter_map(Value::borrowed)
            .map(|it| keep::Keep::Bytes(it.to_vec()))
            .collect();
        hub.kept.borrow_mut().extend(copies);
        let mut next = base;
        for it in list {
            let ok = if it.borrowed().is_some() {
                next += 1;
                protected(l, hub, &Value::Kept(super::Kept::new(next - 1)))
            } else {
                protected(l, hub, it)
            };
            if !ok {
                keep::truncate(hub, base);
                sys::lua_error(l);
            }
        }
        keep::truncate(hub, base);
    }
    list.len() as c_int
}

/// Pushes an answer of a call that keeps things since `base`: nothing may raise past them.
#[inline(never)]
pub(super) unsafe fn kept(l: *mut lua_State, hub: &Hub, base: usize, reply: &Reply<'_>) -> c_int {
    let mut room = [Value::Nil; 4];
    let list = reply.listed(&mut room);
    // SAFETY: as in `reply`; every push is protected, and what is borrowed stays valid because a
    // protected push copies it at the head of the list first.
    unsafe {
        if list.is_empty() {
            keep::truncate(hub, base);
            return self::reply(l, reply);
        }
        let copies: Vec<keep::Keep> = list
            .iter()
            .filter_map(Value::borrowed)
            .map(|it| keep::Keep::Bytes(it.to_vec()))
            .collect();
        let mut next = hub.kept.borrow().len();
        hub.kept.borrow_mut().extend(copies);
        for it in list {
            let kept = Value::Kept(super::Kept::new(next));
            let it = if it.borrowed().is_some() { &kept } else { it };
            next += usize::from(std::ptr::eq(it, &kept));
            if !protected(l, hub, it) {
                keep::truncate(hub, base);
                sys::lua_error(l);
            }
        }
        keep::truncate(hub, base);
    }
    list.len() as c_int
}

/// Pushes one value without raising; `false`: the error is on top instead.
pub(super) unsafe fn protected(l: *mut lua_State, hub: &Hub, it: &Value<'_>) -> bool {
    struct Job<'j> {
        hub: &'j Hub,
        value: &'j Value<'j>,
    }
    // SAFETY: runs on a stack of its own with 20 slots, and may raise there.
    unsafe fn work(l: *mut lua_State, job: *mut Job<'_>) {
        // SAFETY: the job outlives the call.
        unsafe {
            match (*job).value {
                Value::Kept(it) => keep::push(l, (*job).hub, it.index),
                other => value(l, other),
            }
        }
    }
    // SAFETY: values that are found by an index or an upvalue of *this* function are pushed here,
    // which cannot raise; the others elsewhere.
    unsafe {
        match it {
            Value::Bytes(_) | Value::Lent(_) | Value::Str(_) | Value::Kept(_) => {
                protect::call(l, 0, work, &mut Job { hub, value: it })
            }
            _ => {
                value(l, it);
                true
            }
        }
    }
}

/// Raises. Nothing alive needs dropping, except what is kept since `base`, which goes first.
#[cold]
#[inline(never)]
pub(super) unsafe fn error(
    l: *mut lua_State,
    keeping: Option<(&Hub, usize)>,
    raise: &Raise<'_>,
) -> ! {
    // SAFETY: as the caller promises; texts are copied to the C stack before Lua is called.
    unsafe {
        if let Raise::Value(it) = raise {
            match keeping {
                Some((hub, _)) => {
                    protected(l, hub, it);
                }
                None => value(l, it),
            }
        }
        if let Some((hub, base)) = keeping {
            keep::truncate(hub, base);
        }
        match *raise {
            Raise::Argument(number, text) => raise::argument(l, number, text),
            Raise::Type(number, expected) => raise::kind(l, number, expected),
            Raise::Here(text) => raise::text(l, text, true),
            Raise::Plain(text) => raise::text(l, text, false),
            Raise::Value(_) => sys::lua_error(l),
        }
    }
}
