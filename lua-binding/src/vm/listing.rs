//! Lists of objects, read and made in one go: what `select` is made of.

use super::local::{Attempt, Local};
use super::lua::Lua;
use super::object::{self, Ref};
use super::sys::{self, lua_State};
use super::{Body, Kind};
use std::ffi::c_int;
use std::marker::PhantomData;

/// An element of a list, for the moment that it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Element<'e> {
    l: *mut lua_State,
    look: PhantomData<&'e ()>,
}

impl Element<'_> {
    /// Is nothing there?
    #[inline]
    pub fn is_nil(self) -> bool {
        // SAFETY: as in `with`.
        unsafe { sys::lua_type(self.l, -1) == sys::LUA_TNIL }
    }

    /// Lends the body, if it is an object of `T` that nobody else borrows.
    #[inline]
    pub fn with<T: Body, R>(self, work: impl FnOnce(&mut T) -> R) -> Option<R> {
        // SAFETY: the element is on top of the running call's stack while it is looked at.
        unsafe {
            let object = object::object_at::<T>(self.l, -1)?;
            Ref::new(object, std::ptr::null()).with(work)
        }
    }
}

impl<'a> Lua<'a> {
    /// Looks at `table[first]`, `table[first + 1]`, … without metamethods as long as `visit` says `true`, which it does
    /// not for nil; the position where it did not. Cheap: nothing is protected, nothing stays on the stack.
    pub fn each_element(
        self,
        table: Local<'a>,
        first: usize,
        mut visit: impl FnMut(usize, Element<'_>) -> bool,
    ) -> Attempt<'a, usize> {
        /// Values that lie on the stack before they are taken off together.
        const BATCH: usize = 16;
        if self.kind(table) != Kind::Table {
            return Ok(first);
        }
        if !self.room(BATCH as c_int) {
            return Err(self.no_room(0));
        }
        let element = Element { l: self.l(), look: PhantomData };
        let before = self.top().index;
        for at in first.. {
            let Ok(index) = c_int::try_from(at) else { return Ok(at) };
            // SAFETY: the local is a table, and there is room for a batch of values; a raw read cannot raise.
            unsafe { sys::raw_get_i(self.l(), table.index, index) };
            let goes_on = visit(at, element);
            if !goes_on || (at - first) % BATCH == BATCH - 1 {
                // SAFETY: what was pushed above goes.
                unsafe { sys::lua_settop(self.l(), before) };
            }
            if !goes_on {
                return Ok(at);
            }
        }
        Ok(usize::MAX)
    }

    /// The elements of a list from position `first` on, so many of them, each followed by some of its fields (nils where it
    /// is no table). All without metamethods: rows of `1 + N` locals from this one on.
    pub fn rows<const N: usize>(
        self,
        list: Local<'a>,
        first: usize,
        count: usize,
        names: [&'static str; N],
    ) -> Attempt<'a, Local<'a>> {
        unsafe fn work<const N: usize>(
            l: *mut lua_State,
            asked: *mut (c_int, c_int, [&'static str; N]),
        ) {
            // SAFETY: runs protected with the list on the stack; room is made for all that is pushed.
            unsafe {
                let (first, count, names) = *asked;
                if sys::lua_checkstack(l, count * (1 + N as c_int) + 4) == 0 {
                    super::raise::plain(l, super::NO_ROOM);
                }
                for index in first..first + count {
                    sys::raw_get_i(l, 1, index);
                    let row = sys::lua_gettop(l);
                    for name in names {
                        if sys::lua_type(l, row) == sys::LUA_TTABLE {
                            sys::raw_get_name(l, row, name.as_bytes());
                        } else {
                            sys::lua_pushnil(l);
                        }
                    }
                }
                sys::lua_remove(l, 1);
            }
        }
        let (Ok(first), Ok(count)) = (c_int::try_from(first), c_int::try_from(count)) else {
            return Err(self.fault("the list is too long"));
        };
        self.protected(&[list], work::<N>, &mut (first, count, names))
    }

    /// `list[i][name] = numbers[i - 1]` for each of them, without metamethods. What is no table is passed over.
    pub fn set_each(
        self,
        list: Local<'a>,
        name: &'static str,
        numbers: impl Iterator<Item = i64>,
    ) -> Attempt<'a, ()> {
        unsafe fn work<I: Iterator<Item = i64>>(l: *mut lua_State, data: *mut (&'static str, I)) {
            // SAFETY: runs protected with the list on the stack. The iterator is the caller's, and drops nothing here.
            unsafe {
                let (name, numbers) = &mut *data;
                let mut index = 0;
                for number in numbers {
                    index += 1;
                    sys::raw_get_i(l, 1, index);
                    if sys::lua_type(l, 2) == sys::LUA_TTABLE {
                        sys::push_integer(l, number);
                        sys::raw_set_name(l, 2, name);
                    }
                    sys::lua_settop(l, 1);
                }
                sys::lua_settop(l, 0);
            }
        }
        self.scope(|lua| lua.protected(&[list], work, &mut (name, numbers)).map(|_| ()))
    }

    /// For each input a new table with those of its elements (read with metamethods) that stand at `places`, in that
    /// order, and under each of them its new position.
    pub fn listings<const N: usize>(
        self,
        inputs: [Local<'a>; N],
        places: &[Vec<usize>; N],
    ) -> Attempt<'a, [Local<'a>; N]> {
        unsafe fn work<const N: usize>(l: *mut lua_State, places: *mut &[Vec<usize>; N]) {
            // SAFETY: runs protected with the inputs as the only values; the places outlive the call.
            unsafe {
                for (input, places) in (1..).zip(*places) {
                    list(l, input, places);
                }
            }
        }
        let first = self.protected(&inputs, work::<N>, &mut { places })?;
        let mut tables = [first; N];
        for (i, table) in tables.iter_mut().enumerate() {
            // The inputs come back before them.
            *table = self.nth(first, N + i);
        }
        Ok(tables)
    }
}

impl<'a> Lua<'a> {
    /// Leaves of the elements `1` to `count` of a table those that stand at `places`, which ascend: moved to its
    /// beginning, without metamethods. The rest becomes nil.
    pub fn retain(self, table: Local<'a>, count: usize, places: &[usize]) -> Attempt<'a, ()> {
        struct Plan<'p>(c_int, &'p [usize]);
        unsafe fn work(l: *mut lua_State, plan: *mut Plan<'_>) {
            // SAFETY: runs protected with the table as the only value; the plan outlives the call.
            unsafe {
                let Plan(count, places) = &*plan;
                let mut to = 0;
                for &from in *places {
                    to += 1;
                    sys::raw_get_i(l, 1, c_int::try_from(from).unwrap_or(c_int::MAX));
                    sys::raw_set_i(l, 1, to);
                }
                for beyond in to + 1..=*count {
                    sys::lua_pushnil(l);
                    sys::raw_set_i(l, 1, beyond);
                }
            }
        }
        let count = c_int::try_from(count).unwrap_or(c_int::MAX);
        self.scope(|lua| lua.protected(&[table], work, &mut Plan(count, places)).map(|_| ()))
    }
}

/// Pushes a table of the elements of the value at `input` that stand at `places`.
unsafe fn list(l: *mut lua_State, input: c_int, places: &[usize]) {
    // SAFETY: the caller may raise, and has free slots.
    unsafe {
        let count = c_int::try_from(places.len()).unwrap_or(c_int::MAX);
        sys::lua_createtable(l, count, count);
        let table = sys::lua_gettop(l);
        for (position, &place) in (1..).zip(places) {
            sys::push_integer(l, place as i64);
            sys::get_meta(l, input);
            if sys::lua_type(l, -1) == sys::LUA_TNIL {
                // It was taken out by a metamethod meanwhile.
                sys::lua_pop(l, 1);
                continue;
            }
            sys::lua_pushvalue(l, -1);
            sys::raw_set_i(l, table, position);
            sys::push_integer(l, position.into());
            sys::lua_rawset(l, table);
        }
    }
}
