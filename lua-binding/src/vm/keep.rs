//! What a call owns while its results are pushed: pushed under protection, then dropped.

use super::anchor::{self, Anchor};
use super::class::{self, Body};
use super::hub::Hub;
use super::object::Object;
use super::sys::{self, lua_State};
use moonsocket_core::Detached;
use std::ffi::c_int;
use std::rc::Rc;

/// A Lua value as data, of any depth. For results that are tables; nothing hot.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// `nil`. As a table's key or value it leaves the entry out.
    Nil,
    /// A boolean.
    Boolean(bool),
    /// A float on 5.3 and later.
    Number(f64),
    /// An integer on 5.3 and later.
    Integer(i64),
    /// A string.
    Bytes(Vec<u8>),
    /// A text of the program.
    Str(&'static str),
    /// A list, numbered from 1.
    List(Vec<Tree>),
    /// A table with text keys.
    Fields(Vec<(&'static str, Tree)>),
    /// A table with any keys.
    Table(Vec<(Tree, Tree)>),
    /// A table with the metatable that this anchor keeps.
    Classed(Box<Tree>, Rc<Anchor>),
}

impl From<&'static str> for Tree {
    fn from(text: &'static str) -> Self {
        Self::Str(text)
    }
}

/// Something a call owns. Boxed where its address must survive the list's growth.
pub(super) enum Keep {
    Bytes(Vec<u8>),
    Detached(Detached),
    Tree(Box<Tree>),
    Object(Box<dyn Make>),
    Held(Anchor),
    Taken,
}

/// A body that waits for its userdata.
pub(super) trait Make {
    fn size(&self) -> usize;
    /// Moves the body into `memory` and gives it its metatable.
    ///
    /// # Safety
    /// `memory` is that of a userdata of `size()` bytes on top of `l`, with two free slots.
    unsafe fn fill(self: Box<Self>, l: *mut lua_State, hub: &Hub, memory: *mut ());
}

impl<T: Body> Make for T {
    fn size(&self) -> usize {
        size_of::<Object<T>>()
    }

    unsafe fn fill(self: Box<Self>, l: *mut lua_State, hub: &Hub, memory: *mut ()) {
        // SAFETY: as the caller promises; neither call raises.
        unsafe {
            let class = Object::fill(memory.cast::<Object<T>>(), || *self);
            class::set_metatable_anywhere::<T>(l, hub, class);
        }
    }
}

/// Keeps a copy of `bytes`; `false` if there is no memory for it.
pub(super) fn copy(hub: &Hub, bytes: &[u8]) -> bool {
    let mut copy = Vec::new();
    let mut kept = hub.kept.borrow_mut();
    if copy.try_reserve_exact(bytes.len()).is_err() || kept.try_reserve(1).is_err() {
        return false;
    }
    copy.extend_from_slice(bytes);
    kept.push(Keep::Bytes(copy));
    true
}

/// The string that is kept at `index`; `None`: it is something else.
pub(super) fn bytes(kept: &[Keep], index: usize) -> Option<&[u8]> {
    match kept.get(index)? {
        Keep::Bytes(bytes) => Some(bytes),
        _ => None,
    }
}

/// Pushes what is kept at `index`. May raise; then everything is still kept.
pub(super) unsafe fn push(l: *mut lua_State, hub: &Hub, index: usize) {
    enum Plan {
        Nothing,
        Bytes(*const [u8]),
        Tree(*const Tree),
        Object(usize),
        Held(c_int),
    }
    // No borrow may be held across a push: a finaliser may run, and our functions in it.
    let plan = match hub.kept.borrow().get(index) {
        Some(Keep::Bytes(bytes)) => Plan::Bytes(&raw const bytes[..]),
        Some(Keep::Detached(bytes)) => Plan::Bytes(bytes.as_ref()),
        Some(Keep::Tree(tree)) => Plan::Tree(&raw const **tree),
        Some(Keep::Object(object)) => Plan::Object(object.size()),
        Some(Keep::Held(anchor)) if anchor.is_of(hub) => Plan::Held(anchor.slot()),
        Some(Keep::Held(_) | Keep::Taken) | None => Plan::Nothing,
    };
    // SAFETY: what the pointers point to is on the heap and stays until this call's keeping is
    // truncated, after this push; inner calls only truncate what they added.
    unsafe {
        match plan {
            Plan::Nothing => sys::lua_pushnil(l),
            Plan::Bytes(bytes) => sys::push_bytes(l, &*bytes),
            Plan::Held(slot) => anchor::push_anywhere(l, slot),
            Plan::Tree(tree) => push_tree(l, &*tree),
            Plan::Object(size) => {
                let memory = sys::new_userdata(l, size);
                let kept = hub
                    .kept
                    .borrow_mut()
                    .get_mut(index)
                    .map(|kept| std::mem::replace(kept, Keep::Taken));
                if let Some(Keep::Object(object)) = kept {
                    object.fill(l, hub, memory.cast());
                }
            }
        }
    }
}

unsafe fn push_tree(l: *mut lua_State, tree: &Tree) {
    // SAFETY: the caller may raise; room is made before each level.
    unsafe {
        if sys::lua_checkstack(l, 4) == 0 {
            super::raise::plain(l, super::NO_ROOM);
        }
        match tree {
            Tree::Nil => sys::lua_pushnil(l),
            Tree::Boolean(it) => sys::lua_pushboolean(l, (*it).into()),
            Tree::Number(it) => sys::lua_pushnumber(l, *it),
            Tree::Integer(it) => sys::push_integer(l, *it),
            Tree::Bytes(it) => sys::push_bytes(l, it),
            Tree::Str(it) => sys::push_bytes(l, it.as_bytes()),
            Tree::List(list) => {
                sys::lua_createtable(l, list.len() as c_int, 0);
                for (i, item) in list.iter().enumerate() {
                    push_tree(l, item);
                    sys::raw_set_i(l, -2, i as c_int + 1);
                }
            }
            Tree::Fields(fields) => {
                sys::lua_createtable(l, 0, fields.len() as c_int);
                let table = sys::lua_gettop(l);
                for (name, value) in fields {
                    push_tree(l, value);
                    sys::raw_set_name(l, table, name);
                }
            }
            Tree::Table(pairs) => {
                sys::lua_createtable(l, 0, pairs.len() as c_int);
                for (key, value) in pairs {
                    if *key == Tree::Nil {
                        continue;
                    }
                    push_tree(l, key);
                    push_tree(l, value);
                    sys::lua_rawset(l, -3);
                }
            }
            Tree::Classed(table, metatable) => {
                push_tree(l, table);
                anchor::push_anywhere(l, metatable.slot());
                sys::lua_setmetatable(l, -2);
            }
        }
    }
}

/// Drops what was kept since `base`.
#[inline(always)]
pub(super) fn truncate(hub: &Hub, base: usize) {
    if hub.kept.borrow().len() > base {
        drop_all(hub, base);
    }
}

#[inline(never)]
fn drop_all(hub: &Hub, base: usize) {
    loop {
        // One at a time, outside the borrow: a body's drop may keep things too.
        let last = {
            let mut kept = hub.kept.borrow_mut();
            if kept.len() <= base {
                break;
            }
            kept.pop()
        };
        match last {
            // Nothing in these can panic. A stream of long strings is assembled in one and the same place.
            Some(Keep::Bytes(bytes)) => moonsocket_core::recycle(bytes),
            Some(Keep::Detached(_) | Keep::Taken) | None => drop(last),
            Some(_) => super::raise::swallow(std::panic::catch_unwind(
                std::panic::AssertUnwindSafe(|| drop(last)),
            )),
        }
    }
}
