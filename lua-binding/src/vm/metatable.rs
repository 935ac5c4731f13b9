//! The metatables of classes, made: once in each Lua state, and by one function for all types.

use super::class::{self, Body, Class, Family};
use super::function::Function;
use super::sys::{self, lua_State};
use super::upvalues::Upvalues;
use super::{hub, object};
use std::any::TypeId;
use std::ffi::c_int;

/// What of a type its metatables are made of.
struct Parts {
    body: TypeId,
    family: &'static Family,
    /// `__gc`, `__tostring` and `__close`.
    own: [(&'static str, sys::lua_CFunction); 3],
    /// `__index` and `__newindex` where there are properties.
    property: Option<[sys::lua_CFunction; 2]>,
    metamethods: &'static [Function],
    open: bool,
}

impl Parts {
    fn of<T: Body>() -> Self {
        let has_properties = !T::PROPERTIES.is_empty();
        Self {
            body: TypeId::of::<T>(),
            family: T::FAMILY,
            own: [
                ("__gc", object::collect::<T>),
                ("__tostring", class::to_string::<T>),
                ("__close", class::close::<T>),
            ],
            property: has_properties.then_some([class::property::<T>, class::set_property::<T>]),
            metamethods: T::METAMETHODS,
            open: T::OPEN,
        }
    }
}

/// Makes the metatables of `T`'s classes, unless this state has them.
///
/// # Safety
/// `l` is live, in a phase that may raise.
pub(super) unsafe fn register<T: Body>(l: *mut lua_State) {
    // SAFETY: as the caller promises.
    unsafe { register_parts(l, &Parts::of::<T>()) }
}

#[inline(never)]
unsafe fn register_parts(l: *mut lua_State, parts: &Parts) {
    // SAFETY: as for the caller; the stack is left as it was.
    unsafe {
        let hub = hub::of_registry(l);
        if hub.metatables_of(parts.body).is_some() {
            return;
        }
        if sys::lua_checkstack(l, 24) == 0 {
            super::raise::plain(l, super::NO_ROOM);
        }
        let top = sys::lua_gettop(l);
        sys::registry_get(l, hub::METATABLES.key());
        let all = top + 1;
        let upvalues = Upvalues::push(l);
        let first = sys::lua_rawlen(l, all) as c_int + 1;
        for (i, class) in parts.family.classes.iter().enumerate() {
            push_metatable(l, parts, class, upvalues);
            sys::lua_pushvalue(l, -1);
            sys::raw_set_i(l, all, first + i as c_int);
            publish(l, class.name, parts.own[0].1);
        }
        hub.add_metatables(parts.body, first);
        sys::lua_settop(l, top);
    }
}

/// Leaves the metatable on top in the registry under its name, for wrappers that look there; a
/// name that another library has is left alone. Ours of before is there where memory ended in the middle.
unsafe fn publish(l: *mut lua_State, name: &str, collect: sys::lua_CFunction) {
    // SAFETY: the metatable is on top and there are free slots.
    unsafe {
        sys::raw_get_name(l, sys::LUA_REGISTRYINDEX, name.as_bytes());
        let free = match sys::lua_type(l, -1) {
            sys::LUA_TNIL => true,
            sys::LUA_TTABLE => {
                sys::raw_get_name(l, sys::lua_gettop(l), b"__gc");
                let theirs = mlua::ffi::lua_tocfunction(l, -1);
                sys::lua_pop(l, 1);
                theirs.is_some_and(|theirs| std::ptr::fn_addr_eq(theirs, collect))
            }
            _ => false,
        };
        sys::lua_pop(l, 1);
        if free {
            sys::raw_set_name(l, sys::LUA_REGISTRYINDEX, name);
        } else {
            sys::lua_pop(l, 1);
        }
    }
}

unsafe fn push_metatable(l: *mut lua_State, parts: &Parts, class: &Class, upvalues: Upvalues) {
    // SAFETY: the caller may raise and has free slots; indexes are counted from the top.
    unsafe {
        sys::lua_createtable(l, 0, 5 + class.marks.len() as c_int);
        let metatable = sys::lua_gettop(l);
        let methods = parts.family.methods;
        if parts.open {
            sys::lua_pushvalue(l, metatable);
        } else {
            sys::lua_createtable(l, 0, methods.len() as c_int + 1);
            sys::push_bytes(l, class.name.as_bytes());
            sys::raw_set_name(l, metatable + 1, "class");
        }
        for method in methods {
            upvalues.closure(l, method.entry);
            sys::raw_set_name(l, metatable + 1, method.name);
        }
        if let Some([index, new_index]) = parts.property {
            upvalues.closure(l, new_index);
            sys::raw_set_name(l, metatable, "__newindex");
            upvalues.closure_with(l, index, metatable + 1);
            sys::lua_replace(l, metatable + 1);
        }
        sys::raw_set_name(l, metatable, "__index");
        for (key, function) in parts.own {
            sys::lua_pushcclosure(l, function, 0);
            sys::raw_set_name(l, metatable, key);
        }
        sys::push_bytes(l, class.name.as_bytes());
        sys::raw_set_name(l, metatable, "__name");
        for metamethod in parts.metamethods {
            upvalues.closure(l, metamethod.entry);
            sys::raw_set_name(l, metatable, metamethod.name);
        }
        for mark in class.marks {
            sys::lua_pushboolean(l, 1);
            sys::raw_set_name(l, metatable, mark);
        }
    }
}
