//! Phase 3: an answer becomes Lua values, or an error.
//!
//! What is owned is pushed under protection; what is only borrowed is `lend`'s to worry about.

use super::hub::{self, Hub};
use super::reply::{Raise, Reply, Value};
use super::shape::{Count, Shape};
use super::sys::{self, lua_State};
use super::{anchor, keep, late, lend, protect, raise};
use std::ffi::c_int;
use std::net::Ipv4Addr;

impl<'a> Reply<'a> {
    #[inline(always)]
    pub(super) fn listed<'r>(&'r self, room: &'r mut [Value<'a>; 4]) -> &'r [Value<'a>] {
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

    /// Whether something that collects garbage is pushed before the last that is borrowed.
    #[inline(always)]
    fn is_delicate(&self) -> bool {
        let mut collected = false;
        let mut late = |value: &Value<'_>| {
            let late = collected && value.borrowed().is_some();
            collected |= value.borrowed().is_some()
                || matches!(value, Value::Str(_) | Value::Short(_) | Value::DottedQuad(_));
            late
        };
        match self {
            Self::Two(a, b) => late(a) | late(b),
            Self::Three(a, b, c) => late(a) | late(b) | late(c),
            Self::Four(a, b, c, d) => late(a) | late(b) | late(c) | late(d),
            Self::Many(list) => list.iter().any(late),
            Self::One(_) | Self::Nothing | Self::From(_) | Self::Arguments(_) | Self::Suspend => {
                false
            }
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
    pub(super) fn borrowed(&self) -> Option<&'a [u8]> {
        match *self {
            Self::Bytes(bytes) | Self::Lent(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// Pushes a reply that owns nothing; what to return to Lua.
///
/// Where calls spend their time stands here, in each of them; everything else once, in [`any`]: a function of ours is a
/// few hundred bytes long then, not many thousand.
///
/// # Safety
/// `l` is live and runs one of our functions, nothing alive needs dropping, and the reply's bytes
/// are valid until Lua code runs.
#[inline(always)]
pub(super) unsafe fn reply(l: *mut lua_State, reply: &Reply<'_>) -> c_int {
    // SAFETY: a function has 20 free slots; three values at most go there, and nothing collects before the only one that is
    // borrowed.
    unsafe {
        match *reply {
            Reply::One(Value::Integer(it)) => Count::<0>(it).push(l),
            Reply::One(Value::Lent(it)) => lent::<0>(l, it),
            Reply::Three(Value::Integer(it), Value::Nil, Value::Nil) => Count::<2>(it).push(l),
            Reply::Three(Value::Lent(it), Value::Nil, Value::Nil) => lent::<2>(l, it),
            _ => any(l, reply),
        }
    }
}

/// Pushes lent bytes and so many nils.
#[inline(always)]
pub(super) unsafe fn lent<const NILS: usize>(l: *mut lua_State, bytes: &[u8]) -> c_int {
    // SAFETY: as in `reply`.
    unsafe {
        lend::bytes(l, bytes);
        nils::<NILS>(l)
    }
}

/// Pushes so many nils behind the first result.
#[inline(always)]
pub(super) unsafe fn nils<const NILS: usize>(l: *mut lua_State) -> c_int {
    for _ in 0..NILS {
        // SAFETY: as in `reply`.
        unsafe { sys::lua_pushnil(l) }
    }
    1 + NILS as c_int
}

/// See [`reply`].
#[inline(never)]
pub(super) unsafe fn any(l: *mut lua_State, reply: &Reply<'_>) -> c_int {
    // SAFETY: a function has 20 free slots; four values at most go there.
    unsafe {
        if reply.is_delicate() {
            return lend::stopover(l, reply);
        }
        match reply {
            Reply::Nothing => 0,
            // What was made for the call lies there already.
            Reply::One(Value::Local(it)) if it.index == sys::lua_gettop(l) => 1,
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
            Reply::Suspend => late::suspend(l),
        }
    }
}

unsafe fn many(l: *mut lua_State, list: &[Value<'_>]) -> c_int {
    // SAFETY: as in `reply`, with room made for the list.
    unsafe {
        if sys::lua_checkstack(l, list.len() as c_int + 4) == 0 {
            raise::plain(l, super::NO_ROOM);
        }
        for it in list {
            value(l, it);
        }
    }
    list.len() as c_int
}

/// Pushes one value that is not kept.
#[inline(always)]
pub(super) unsafe fn value(l: *mut lua_State, value: &Value<'_>) {
    // SAFETY: as in `reply`; indexes beyond the top or the upvalues read as nil.
    unsafe {
        match *value {
            Value::Nil => sys::lua_pushnil(l),
            Value::Boolean(it) => sys::lua_pushboolean(l, it.into()),
            Value::Number(it) => sys::lua_pushnumber(l, it),
            Value::Integer(it) => sys::push_integer(l, it),
            Value::Bytes(it) | Value::Lent(it) => lend::bytes(l, it),
            Value::Str(it) => sys::push_bytes(l, it.as_bytes()),
            Value::Short(ref it) => sys::push_bytes(l, it.as_slice()),
            Value::DottedQuad(it) => dotted_quad(l, it),
            Value::Word(it) => sys::lua_pushvalue(l, sys::lua_upvalueindex(it as c_int)),
            Value::Argument(number) => index(l, number),
            Value::Local(it) => index(l, it.index),
            Value::Anchored(it) => anchor::push(l, it.slot),
            Value::Kept(_) => sys::lua_pushnil(l),
            Value::Mark => sys::lua_pushlightuserdata(l, hub::SUSPENDED.key().cast_mut()),
        }
    }
}

/// Pushes the text of an IPv4 address.
#[inline(always)]
pub(super) unsafe fn dotted_quad(l: *mut lua_State, ip: Ipv4Addr) {
    // SAFETY: as in `reply`; the text lies in this frame.
    unsafe { sys::push_bytes(l, moonsocket_core::dotted_quad(ip, &mut [0; 16])) }
}

unsafe fn index(l: *mut lua_State, index: c_int) {
    // SAFETY: an index between 1 and the top is valid.
    unsafe {
        if (1..=sys::lua_gettop(l)).contains(&index) {
            sys::lua_pushvalue(l, index);
        } else if index == super::Local::NO_MEMORY.index {
            // Lua has made this string before it could be needed, so it takes no memory.
            sys::push_bytes(l, super::reserve::NONE.as_bytes());
        } else {
            sys::lua_pushnil(l);
        }
    }
}

/// Pushes an answer of a call that keeps things since `base`: nothing may raise past them.
#[inline(never)]
pub(super) unsafe fn kept(l: *mut lua_State, hub: &Hub, base: usize, reply: &Reply<'_>) -> c_int {
    let mut room = [Value::Nil; 4];
    let list = reply.listed(&mut room);
    // SAFETY: as in `reply`.
    unsafe {
        if list.is_empty() {
            keep::truncate(hub, base);
            return self::reply(l, reply);
        }
        if let Some(count) = lend::short(l, hub, base, list) {
            return count;
        }
        owned(l, hub, base, list)
    }
}

/// Pushes values under protection, then drops what was kept since `base`. What they borrow is
/// copied first, and kept too.
pub(super) unsafe fn owned(l: *mut lua_State, hub: &Hub, base: usize, list: &[Value<'_>]) -> c_int {
    // SAFETY: every push is protected, and nothing but what is kept needs dropping.
    unsafe {
        let mut next = hub.kept.borrow().len();
        let copied = list.iter().filter_map(Value::borrowed).all(|it| keep::copy(hub, it));
        if !copied || !protect::has_room(l, list.len() as c_int + 8) {
            keep::truncate(hub, base);
            raise::plain(l, super::reserve::NONE);
        }
        for it in list {
            let copy = Value::Kept(super::Kept::new(next));
            let borrowed = it.borrowed().is_some();
            next += usize::from(borrowed);
            if !protected(l, hub, if borrowed { &copy } else { it }) {
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
                // Either kept, or borrowed by Rust code that is still running.
                Value::Bytes(it) | Value::Lent(it) => sys::push_bytes(l, it),
                other => value(l, other),
            }
        }
    }
    // SAFETY: values that are found by an index or an upvalue of *this* function are pushed here,
    // which cannot raise; the others elsewhere.
    unsafe {
        match it {
            Value::Bytes(_)
            | Value::Lent(_)
            | Value::Str(_)
            | Value::Short(_)
            | Value::DottedQuad(_)
            | Value::Kept(_) => protect::call(l, 0, work, &mut Job { hub, value: it }),
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
                Some((hub, base)) => {
                    owned(l, hub, base, std::slice::from_ref(it));
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
