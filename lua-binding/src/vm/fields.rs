//! Small tables of numbers and booleans, on their way in and out without a protected call.

use super::given::Given;
use super::push;
use super::reply::Value;
use super::shape::Shape;
use super::sys::{self, lua_State};
use std::ffi::c_int;

/// What a field of a table has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Field {
    /// Nothing.
    Absent,
    /// A boolean.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// Something else.
    Other,
}

/// Tables with more fields are not looked through.
const FIELDS_MAX: usize = 8;

impl Given<'_> {
    /// The fields of these names, of a small table whose look-ups run no Lua code. `None`: it may be another table, or none.
    pub fn fields<const N: usize>(self, names: [&str; N]) -> Option<[Field; N]> {
        if self.absent {
            return None;
        }
        let (l, mut found) = (self.l, [Field::Absent; N]);
        // SAFETY: the state is that of the running call, which has free slots. Nothing here raises: the table is walked
        // through as it is, no value is converted, and keys are only read where they are strings.
        unsafe {
            if sys::lua_type(l, self.index) != sys::LUA_TTABLE {
                return None;
            }
            let top = sys::lua_gettop(l);
            if sys::lua_getmetatable(l, self.index) != 0 {
                sys::lua_settop(l, top);
                return None;
            }
            sys::lua_pushnil(l);
            for _ in 0..=FIELDS_MAX {
                if sys::lua_next(l, self.index) == 0 {
                    return Some(found);
                }
                if sys::lua_type(l, -2) == sys::LUA_TSTRING {
                    let mut len = 0;
                    let text = sys::lua_tolstring(l, -2, &mut len);
                    let text = std::slice::from_raw_parts(text.cast::<u8>(), len);
                    if let Some(at) = names.iter().position(|name| name.as_bytes() == text) {
                        found[at] = field_at(l, -1);
                    }
                }
                sys::lua_settop(l, -2);
            }
            sys::lua_settop(l, top);
        }
        None
    }
}

/// # Safety
/// `l` is live and `index` acceptable.
unsafe fn field_at(l: *mut lua_State, index: c_int) -> Field {
    // SAFETY: as the caller promises; a number is not converted.
    unsafe {
        match sys::lua_type(l, index) {
            sys::LUA_TBOOLEAN => Field::Boolean(sys::lua_toboolean(l, index) != 0),
            sys::LUA_TNUMBER => sys::to_number(l, index).map_or(Field::Other, Field::Number),
            _ => Field::Other,
        }
    }
}

/// A value that borrows nothing, or a table of two of them: what a [shortcut](super::Function::quick_method) shows.
#[derive(Clone, Copy, Debug)]
pub enum Shown {
    /// The value.
    One(Value<'static>),
    /// The table, with the names of its fields.
    Table([(&'static str, Value<'static>); 2]),
}

impl Shape for Shown {
    #[inline(always)]
    unsafe fn push(self, l: *mut lua_State) -> c_int {
        // SAFETY: as the caller promises, in a function with free slots.
        unsafe {
            match self {
                Self::One(it) => push::value(l, &it),
                Self::Table(fields) => {
                    sys::lua_createtable(l, 0, fields.len() as c_int);
                    let table = sys::lua_gettop(l);
                    for (name, it) in &fields {
                        push::value(l, it);
                        sys::raw_set_name(l, table, name);
                    }
                }
            }
        }
        1
    }
}

impl Shape for f64 {
    #[inline(always)]
    unsafe fn push(self, l: *mut lua_State) -> c_int {
        // SAFETY: as the caller promises.
        unsafe { sys::lua_pushnumber(l, self) }
        1
    }
}
