//! Classes: the metatables that give objects their methods, their names and their end.
//!
//! Several classes may share one Rust type and one list of methods (a TCP socket is a master, a
//! client or a server). The body says which it is; `call` keeps the metatable in step.

use super::function::Function;
use super::hub;
use super::metatable::register;
use super::object::{self, Object};
use super::reply::{Reply, Text};
use super::sys::{self, lua_State};
use super::upvalues;
use std::any::TypeId;
use std::ffi::c_int;

/// What an object holds: any Rust value that says which classes it may be of.
pub trait Body: Sized + 'static {
    /// Its classes and their methods.
    const FAMILY: &'static Family;

    /// What programs read and set like fields.
    const PROPERTIES: &'static [Property] = &[];

    /// Metamethods of every class, under their Lua names; one that all objects have is replaced.
    const METAMETHODS: &'static [Function] = &[];

    /// Do its metatables have the methods themselves, as their own `__index`, so that programs may add to them?
    const OPEN: bool = false;

    /// Which of the family's classes it is of now: a position in [`Family::classes`].
    fn class(&self) -> usize {
        0
    }

    /// Lua's `__close`: the variable that held it goes out of scope.
    fn close(&mut self) {}

    /// What a method of this name answers for an object that the collector has closed. Finalizers of other values may
    /// still reach it; without an answer the method raises as for any other value.
    fn collected(_method: &str) -> Option<Reply<'static>> {
        None
    }

    /// What a method answers that is called on something else, where it does not raise.
    fn misplaced() -> Option<Reply<'static>> {
        None
    }

    /// The bytes that the last reply lent by [`Value::Lent`](super::Value::Lent) have been copied.
    fn returned(&mut self) {}
}

/// Classes that share a type and its methods.
#[derive(Debug)]
pub struct Family {
    /// What a method accepting all of them says it expects, such as `tcp{any}`.
    pub name: &'static str,
    /// The classes, in the order of [`Body::class`].
    pub classes: &'static [Class],
    /// The methods, each in every class.
    pub methods: &'static [Function],
    /// What `__tostring` raises when it is given something else.
    pub stranger: &'static str,
}

/// One class.
#[derive(Debug)]
pub struct Class {
    /// Its name: the registry's key, the objects' `class` and the start of their `tostring`.
    pub name: &'static str,
    /// Keys of its metatable that are `true`.
    pub marks: &'static [&'static str],
}

/// A value that is read and set like a field.
///
/// Its functions are methods: the getter of the object alone, the setter of the object and the value, which is argument
/// 2. They are called by a metamethod, so what they raise had better name the property itself
/// ([`Raise::here`](super::Raise::here)), and on Lua 5.1 they must not wait.
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// Its name.
    pub name: &'static str,
    /// Reads it. Without, reading raises.
    pub get: Option<Function>,
    /// Sets it. Without, setting raises.
    pub set: Option<Function>,
}

/// Which objects of a family a method is for.
pub trait Guard<T: Body>: 'static {
    /// What the error says was expected.
    const EXPECTED: &'static str;

    /// Whether this one will do.
    fn admits(body: &T) -> bool;
}

/// The guard that admits every class of the family.
#[derive(Debug)]
pub struct AnyClass;

impl<T: Body> Guard<T> for AnyClass {
    const EXPECTED: &'static str = T::FAMILY.name;

    #[inline(always)]
    fn admits(_: &T) -> bool {
        true
    }
}

/// The name of the family's method that Lua is calling.
///
/// # Safety
/// `l` is live, in a C function, with a free slot.
pub(super) unsafe fn running(l: *mut lua_State, family: &Family) -> Option<&'static str> {
    // SAFETY: as the caller promises; what `lua_getinfo` pushes is popped. Level 0 is the function that runs.
    let entry = unsafe {
        let mut about: sys::lua_Debug = std::mem::zeroed();
        if sys::lua_getstack(l, 0, &mut about) == 0 {
            return None;
        }
        sys::lua_getinfo(l, c"f".as_ptr(), &mut about);
        let entry = mlua::ffi::lua_tocfunction(l, -1);
        sys::lua_pop(l, 1);
        entry?
    };
    let mut methods = family.methods.iter();
    methods.find(|method| std::ptr::fn_addr_eq(method.entry, entry)).map(|method| method.name)
}

/// Gives the userdata at `index`, absolute or as it is with one more value on the stack, the metatable of `T`'s class. Does
/// not raise.
///
/// # Safety
/// A userdata of ours is there, with a slot free above the top, and one of our functions runs.
#[inline]
pub(super) unsafe fn set_metatable<T: Body>(
    l: *mut lua_State,
    hub: &hub::Hub,
    index: c_int,
    class: usize,
) {
    let first = hub.metatables_of(TypeId::of::<T>()).unwrap_or(0);
    // SAFETY: as the caller promises. Where there is no such class the metatable read is nil.
    unsafe {
        sys::raw_get_i(l, upvalues::metatables(), first + class as c_int);
        sys::lua_setmetatable(l, index);
    }
}

/// As [`set_metatable`], for the userdata on top, where another's function may be running: a protected job.
///
/// # Safety
/// The top of `l` is a userdata of ours, with two more slots free.
pub(super) unsafe fn set_metatable_anywhere<T: Body>(
    l: *mut lua_State,
    hub: &hub::Hub,
    class: usize,
) {
    let first = hub.metatables_of(TypeId::of::<T>()).unwrap_or(0);
    // SAFETY: as the caller promises. Where there is no such class the metatable read is nil.
    unsafe {
        sys::registry_get(l, hub::METATABLES.key());
        sys::raw_get_i(l, -1, first + class as c_int);
        sys::lua_remove(l, -2);
        sys::lua_setmetatable(l, -2);
    }
}

/// Pushes the metatable of `T`'s class. May raise.
///
/// # Safety
/// `l` is live with free slots, in a phase that may raise.
pub(super) unsafe fn push_registered<T: Body>(l: *mut lua_State, class: c_int) {
    // SAFETY: as the caller promises.
    unsafe {
        register::<T>(l);
        let first = hub::of_registry(l).metatables_of(TypeId::of::<T>()).unwrap_or(0);
        sys::registry_get(l, hub::METATABLES.key());
        sys::raw_get_i(l, -1, first + class);
        sys::lua_remove(l, -2);
    }
}

/// The object at `index` now says it is of `class`: gives it that metatable. Does not raise.
#[cold]
pub(super) unsafe fn change<T: Body>(
    l: *mut lua_State,
    object: *mut Object<T>,
    index: c_int,
    class: usize,
) {
    // SAFETY: `object` lies at `index` (caller); the function has its 20 slots.
    unsafe {
        if let Some(hub) = hub::of_function(l) {
            (*object).head.class = class;
            set_metatable::<T>(l, hub, index, class);
        }
    }
}

/// The property whose name is at index 2.
unsafe fn named<T: Body>(l: *mut lua_State) -> Option<&'static Property> {
    // SAFETY: `l` is live (caller); for a string `lua_tolstring` neither raises nor changes the value.
    let name = unsafe {
        if sys::lua_type(l, 2) != sys::LUA_TSTRING {
            return None;
        }
        let mut len = 0;
        let data = sys::lua_tolstring(l, 2, &mut len);
        std::slice::from_raw_parts(data.cast::<u8>(), len)
    };
    T::PROPERTIES.iter().find(|property| property.name.as_bytes() == name)
}

/// `__index` of classes with properties: a method, else what the property's getter answers, else nil.
pub(super) unsafe extern "C-unwind" fn property<T: Body>(l: *mut lua_State) -> c_int {
    // SAFETY: Lua calls this with a live state, and nothing is alive. The upvalues of a getter are the first of this
    // closure, so it may be called as it is, with the object as its only argument.
    unsafe {
        sys::lua_settop(l, 2);
        sys::lua_pushvalue(l, 2);
        mlua::ffi::lua_rawget(l, upvalues::further());
        if sys::lua_type(l, -1) == sys::LUA_TNIL
            && let Some(Property { name, get, .. }) = named::<T>(l)
        {
            sys::lua_settop(l, 1);
            let Some(get) = get else {
                super::raise::text(l, Text("property '", name.as_bytes(), "' is write-only"), true);
            };
            return (get.entry)(l);
        }
    }
    1
}

/// `__newindex` of classes with properties.
pub(super) unsafe extern "C-unwind" fn set_property<T: Body>(l: *mut lua_State) -> c_int {
    // SAFETY: as in `property`; the arguments become object and value.
    unsafe {
        match named::<T>(l) {
            Some(Property { set: Some(set), .. }) => {
                sys::lua_settop(l, 3);
                sys::lua_remove(l, 2);
                (set.entry)(l)
            }
            Some(Property { name, .. }) => {
                super::raise::text(l, Text("property '", name.as_bytes(), "' is read-only"), true);
            }
            None => super::raise::text(l, Text("there is no such property", b"", ""), true),
        }
    }
}

pub(super) unsafe extern "C-unwind" fn to_string<T: Body>(l: *mut lua_State) -> c_int {
    // SAFETY: Lua calls this with a live state; nothing here needs dropping when a push raises.
    unsafe {
        let Some(head) = object::head_at::<T>(l, 1) else {
            super::raise::plain(l, T::FAMILY.stranger);
        };
        let class = T::FAMILY.classes.get((*head).class).unwrap_or(&T::FAMILY.classes[0]);
        sys::push_bytes(l, class.name.as_bytes());
        sys::lua_pushfstring(l, c": %p".as_ptr(), sys::lua_touserdata(l, 1));
        mlua::ffi::lua_concat(l, 2);
    }
    1
}

pub(super) unsafe extern "C-unwind" fn close<T: Body>(l: *mut lua_State) -> c_int {
    // SAFETY: Lua calls this with a live state, and no Lua code runs while the body is borrowed.
    unsafe {
        if let Some(object) = object::object_at::<T>(l, 1) {
            let body = (*object).body.assume_init_mut();
            super::raise::swallow(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                body.close();
            })));
        }
    }
    0
}
