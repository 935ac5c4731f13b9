//! Values on the Lua stack of an active function: looked at, and taken off again.

use super::given::{Given, Kind, kind_at};
use super::keep;
use super::lua::Lua;
use super::sys;
use super::{Body, Raise, Value};
use std::ffi::c_int;
use std::marker::PhantomData;

/// A value on the Lua stack of the running function.
#[derive(Clone, Copy, Debug)]
pub struct Local<'a> {
    pub(super) index: c_int,
    pub(super) call: PhantomData<&'a ()>,
}

impl<'a> Local<'a> {
    /// The error that there was no room for, not even on the stack: [`reserve::NONE`](super::reserve::NONE) where it is
    /// pushed.
    pub(super) const NO_MEMORY: Self = Self { index: -1, call: PhantomData };
}

/// A Lua error that was caught: the value itself, whatever its type.
#[derive(Clone, Copy, Debug)]
pub struct Fault<'a>(pub Local<'a>);

impl<'a> From<Fault<'a>> for Raise<'a> {
    fn from(fault: Fault<'a>) -> Self {
        Raise::Value(Value::Local(fault.0))
    }
}

/// What may go wrong in Lua.
pub type Attempt<'a, T> = Result<T, Fault<'a>>;

impl<'a> Lua<'a> {
    /// `table[i]` without metamethods; nil if it is no table. Cheap: nothing is protected.
    pub fn raw_index(self, table: Local<'a>, i: usize) -> Attempt<'a, Local<'a>> {
        self.spare()?;
        // SAFETY: there are free slots; a raw read of a table cannot raise.
        unsafe {
            if self.kind(table) == Kind::Table {
                sys::raw_get_i(self.l(), table.index, c_int::try_from(i).unwrap_or(-1));
            } else {
                sys::lua_pushnil(self.l());
            }
        }
        Ok(self.top())
    }

    /// The length of a table without metamethods, or of a string.
    pub fn raw_len(self, it: Local<'a>) -> usize {
        match self.kind(it) {
            // SAFETY: the index is valid, and for these types the length is at hand.
            Kind::Table | Kind::String => unsafe { sys::lua_rawlen(self.l(), it.index) },
            _ => 0,
        }
    }

    /// Whether it has a metatable.
    pub fn has_metatable(self, it: Local<'a>) -> bool {
        // SAFETY: the index is checked by `kind`; what is pushed is popped. There is always a slot to spare for it.
        unsafe {
            let has = self.kind(it) != Kind::None && sys::lua_getmetatable(self.l(), it.index) != 0;
            if has {
                sys::lua_pop(self.l(), 1);
            }
            has
        }
    }

    /// How many values lie from this one to the top of the stack.
    pub fn count(self, first: Local<'a>) -> usize {
        usize::try_from(self.top().index - first.index + 1).unwrap_or(0)
    }

    /// The local that lies `i` places after this one.
    pub fn nth(self, first: Local<'a>, i: usize) -> Local<'a> {
        let i = c_int::try_from(i).unwrap_or(c_int::MAX / 2);
        Local { index: first.index.saturating_add(i), ..first }
    }

    /// A local as an argument is: private, because what it lends is only good until a scope ends.
    pub(super) fn given(self, it: Local<'a>) -> Given<'a> {
        Given::of_local(self.l(), it)
    }

    /// Its value as a number, if it is one or reads as one.
    pub fn number(self, it: Local<'a>) -> Option<f64> {
        self.given(it).to_number()
    }

    /// Whether it is neither false nor nil.
    pub fn truth(self, it: Local<'a>) -> bool {
        self.given(it).truth()
    }

    /// Whether two locals are the same value, without metamethods.
    pub fn same(self, a: Local<'a>, b: Local<'a>) -> bool {
        let top = self.top().index;
        // SAFETY: both indexes are between 1 and the top.
        [a, b].iter().all(|it| (1..=top).contains(&it.index))
            && unsafe { sys::lua_rawequal(self.l(), a.index, b.index) != 0 }
    }

    /// Lends the bytes of a string.
    pub fn with_bytes<R>(self, it: Local<'a>, work: impl FnOnce(&[u8]) -> R) -> Option<R> {
        self.given(it).to_bytes().map(work)
    }

    /// Lends the body of an object, if it is one of `T` and nobody else borrows it.
    pub fn with_object<T: Body, R>(
        self,
        it: Local<'a>,
        work: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        self.given(it).to_object::<T>()?.with(work)
    }

    /// The type of a local.
    pub fn kind(self, it: Local<'a>) -> Kind {
        // SAFETY: the index is between 1 and the top.
        unsafe {
            if (1..=sys::lua_gettop(self.l())).contains(&it.index) {
                kind_at(self.l(), it.index)
            } else {
                Kind::None
            }
        }
    }

    /// Takes off the stack what `work` leaves there; a local or a fault it returns stays, on top. What the call
    /// [keeps](super::Cx) meanwhile goes, too: a loop of scopes may last as long as the program.
    pub fn scope<R: Leave<'a>>(self, work: impl FnOnce(Self) -> R) -> R {
        let before = self.top().index;
        let base = self.cx.hub.kept.borrow().len();
        let result = work(self);
        keep::truncate(self.cx.hub, base);
        // SAFETY: the top does not go below what was there before.
        unsafe {
            match result.left() {
                Some(local) if local.index > before => {
                    sys::lua_settop(self.l(), local.index);
                    if local.index > before + 1 {
                        sys::lua_replace(self.l(), before + 1);
                        sys::lua_settop(self.l(), before + 1);
                    }
                    result.moved(Local { index: before + 1, call: PhantomData })
                }
                _ => {
                    sys::lua_settop(self.l(), before);
                    result
                }
            }
        }
    }
}

/// What may leave a [`Lua::scope`].
pub trait Leave<'a>: Sized {
    /// The local it refers to.
    fn left(&self) -> Option<Local<'a>> {
        None
    }

    /// The same, with the local at its new place.
    #[must_use]
    fn moved(self, _: Local<'a>) -> Self {
        self
    }
}

impl Leave<'_> for () {}
impl Leave<'_> for String {}
impl Leave<'_> for bool {}

impl<'a> Leave<'a> for Local<'a> {
    fn left(&self) -> Option<Local<'a>> {
        Some(*self)
    }

    fn moved(self, to: Local<'a>) -> Self {
        to
    }
}

impl<'a, T: Leave<'a>> Leave<'a> for Attempt<'a, T> {
    fn left(&self) -> Option<Local<'a>> {
        match self {
            Ok(it) => it.left(),
            Err(fault) => Some(fault.0),
        }
    }

    fn moved(self, to: Local<'a>) -> Self {
        match self {
            Ok(it) => Ok(it.moved(to)),
            Err(_) => Err(Fault(to)),
        }
    }
}
