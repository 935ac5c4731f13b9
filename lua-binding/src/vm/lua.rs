//! The Lua machine in safe hands: for functions that build tables, call back or run coroutines.
//!
//! Nothing here raises: whatever could is run under protection and gives a `Result`, so Rust values
//! may be alive across it. That costs a protected call each; hot functions do without. Because
//! Lua code may run in any of these, no `&mut` to an object is alive across them: see
//! [`Ref::with`](super::Ref::with).

use super::class;
use super::local::{Attempt, Fault, Local};
use super::sys::{self, lua_State};
use super::{Anchor, Body, Cx, Function, Value, anchor, protect, push};
use std::ffi::{CString, c_int};
use std::marker::PhantomData;

/// See the module's text.
#[derive(Clone, Copy, Debug)]
pub struct Lua<'a> {
    pub(super) cx: Cx<'a>,
}

/// The room on its stack that an active function begins with.
pub(super) const ROOM: c_int = 40;
/// What is spared beyond what was asked for.
const SPARE: c_int = 12;

/// A piece of work for [`Lua::protected`].
type Work<D> = unsafe fn(*mut lua_State, *mut D);

impl<'a> Lua<'a> {
    /// The call as such.
    pub fn cx(self) -> Cx<'a> {
        self.cx
    }

    pub(super) fn l(self) -> *mut lua_State {
        self.cx.l
    }

    pub(super) fn top(self) -> Local<'a> {
        // SAFETY: the state is that of the running call.
        let index = unsafe { sys::lua_gettop(self.l()) };
        Local { index, call: PhantomData }
    }

    /// Room for what one operation pushes; with a little to spare.
    pub(super) fn room(self, slots: c_int) -> bool {
        let wanted = slots.saturating_add(SPARE);
        // What every active function has from its beginning need not be asked for.
        if slots <= 16 && self.top().index + wanted <= ROOM {
            return true;
        }
        // SAFETY: the state is that of the running call.
        unsafe { protect::make_room(self.l(), wanted) }
    }

    /// Room for a few values.
    pub(super) fn spare(self) -> Attempt<'a, ()> {
        if self.room(0) { Ok(()) } else { Err(Fault(Local::NO_MEMORY)) }
    }

    /// The error where there is no room for so many.
    pub(super) fn no_room(self, slots: c_int) -> Fault<'a> {
        /// More than these it was a script that chose.
        const FEW: c_int = 100;
        match self.spare() {
            Ok(()) if slots > FEW => self.fault(super::NO_ROOM),
            _ => Fault(Local::NO_MEMORY),
        }
    }

    /// Runs `work` with `args` moved to its stack; all it leaves comes back.
    pub(super) fn protected<D>(
        self,
        args: &[Local<'a>],
        work: Work<D>,
        data: &mut D,
    ) -> Attempt<'a, Local<'a>> {
        let before = self.top().index;
        // SAFETY: there is room, and locals are checked when they are pushed.
        unsafe {
            if !self.room(args.len() as c_int) {
                return Err(self.no_room(args.len() as c_int));
            }
            for it in args {
                self.push_local(*it);
            }
            if protect::call(self.l(), args.len() as c_int, work, data) {
                Ok(Local { index: before + 1, call: PhantomData })
            } else {
                Err(Fault(self.top()))
            }
        }
    }

    pub(super) fn push_local(self, it: Local<'a>) {
        // SAFETY: an index between 1 and the top is valid; the caller has made room.
        unsafe {
            if (1..=sys::lua_gettop(self.l())).contains(&it.index) {
                sys::lua_pushvalue(self.l(), it.index);
            } else {
                sys::lua_pushnil(self.l());
            }
        }
    }

    pub(super) fn fault(self, text: &'static str) -> Fault<'a> {
        match self.value(Value::Str(text)) {
            Ok(it) => Fault(it),
            Err(fault) => fault,
        }
    }

    /// A value as a local. What [`Cx`] keeps becomes Lua's here.
    pub fn value(self, value: impl Into<Value<'a>>) -> Attempt<'a, Local<'a>> {
        self.push_value(&value.into()).map(|()| self.top())
    }

    /// As [`value`](Self::value), of what need not outlive this.
    pub fn local(self, value: Value<'_>) -> Attempt<'a, Local<'a>> {
        self.push_value(&value).map(|()| self.top())
    }

    pub(super) fn push_value(self, value: &Value<'_>) -> Attempt<'a, ()> {
        self.spare()?;
        // SAFETY: there are free slots; the push is protected.
        let ok = unsafe { push::protected(self.l(), self.cx.hub, value) };
        if ok { Ok(()) } else { Err(Fault(self.top())) }
    }

    /// A new table.
    pub fn table(self) -> Attempt<'a, Local<'a>> {
        unsafe fn work(l: *mut lua_State, _: *mut ()) {
            // SAFETY: runs protected with free slots.
            unsafe { sys::lua_createtable(l, 0, 0) }
        }
        self.protected(&[], work, &mut ())
    }

    /// `table[key] = value`, with metamethods.
    pub fn set(
        self,
        table: Local<'a>,
        key: impl Into<Value<'a>>,
        value: impl Into<Value<'a>>,
    ) -> Attempt<'a, ()> {
        unsafe fn work(l: *mut lua_State, _: *mut ()) {
            // SAFETY: runs protected with table, key and value on the stack.
            unsafe { sys::set_meta(l, 1) }
        }
        self.scope(|lua| {
            let (key, value) = (lua.value(key)?, lua.value(value)?);
            lua.protected(&[table, key, value], work, &mut ()).map(|_| ())
        })
    }

    /// `table[key]`, with metamethods.
    pub fn get(self, table: Local<'a>, key: impl Into<Value<'a>>) -> Attempt<'a, Local<'a>> {
        unsafe fn work(l: *mut lua_State, _: *mut ()) {
            // SAFETY: runs protected with table and key on the stack.
            unsafe {
                sys::get_meta(l, 1);
                sys::lua_remove(l, 1);
            }
        }
        let key = self.value(key)?;
        self.protected(&[table, key], work, &mut ())
    }

    /// A global variable.
    pub fn global(self, name: &'static str) -> Attempt<'a, Local<'a>> {
        unsafe fn work(l: *mut lua_State, _: *mut ()) {
            // SAFETY: runs protected with free slots.
            unsafe { sys::push_globals(l) }
        }
        let globals = self.protected(&[], work, &mut ())?;
        self.get(globals, name)
    }

    /// What the registry has under a name. Libraries in C keep the metatables of their objects there.
    pub fn registered(self, name: &'static str) -> Attempt<'a, Local<'a>> {
        unsafe fn work(l: *mut lua_State, name: *mut &'static str) {
            // SAFETY: runs protected with free slots; the name outlives the call.
            unsafe { sys::raw_get_name(l, sys::LUA_REGISTRYINDEX, (*name).as_bytes()) }
        }
        self.protected(&[], work, &mut { name })
    }

    /// A closure of one of our functions.
    pub fn function(self, function: Function) -> Attempt<'a, Local<'a>> {
        unsafe fn work(l: *mut lua_State, function: *mut Function) {
            // SAFETY: runs protected with free slots.
            unsafe { (*function).push(l) }
        }
        self.protected(&[], work, &mut { function })
    }

    /// A Lua function from its source. `name` is what errors call it: `=socket`, `@socket.lua`.
    pub fn load(self, source: &str, name: &str) -> Attempt<'a, Local<'a>> {
        struct Source<'s>(&'s str, CString);
        unsafe fn compile(l: *mut lua_State, source: *mut Source<'_>) {
            // SAFETY: runs protected; text and name outlive the call.
            unsafe {
                let Source(text, name) = &*source;
                if sys::luaL_loadbuffer(l, text.as_ptr().cast(), text.len(), name.as_ptr()) != 0 {
                    sys::lua_error(l);
                }
            }
        }
        let name = CString::new(name).unwrap_or_default();
        self.protected(&[], compile, &mut Source(source, name))
    }

    /// Calls a value. All its results lie from the local on: see [`count`](Self::count).
    pub fn call(self, function: Local<'a>, args: &[Local<'a>]) -> Attempt<'a, Local<'a>> {
        let before = self.top().index;
        if !self.room(args.len() as c_int) {
            return Err(self.no_room(args.len() as c_int));
        }
        self.push_local(function);
        for it in args {
            self.push_local(*it);
        }
        // SAFETY: function and arguments are on top; the call is protected.
        let status = unsafe { sys::lua_pcall(self.l(), args.len() as c_int, sys::LUA_MULTRET, 0) };
        if status == sys::LUA_OK {
            Ok(Local { index: before + 1, call: PhantomData })
        } else {
            Err(Fault(self.top()))
        }
    }

    /// What `it[name](it)` gives first, with metamethods; `None`: there is no such field.
    pub fn ask(self, it: Local<'a>, name: &'static str) -> Attempt<'a, Option<Local<'a>>> {
        unsafe fn work(l: *mut lua_State, asked: *mut (&'static str, bool)) {
            // SAFETY: runs protected with the value on the stack; what is asked for outlives the call.
            unsafe {
                let (name, found) = &mut *asked;
                sys::push_bytes(l, name.as_bytes());
                sys::get_meta(l, 1);
                *found = sys::lua_type(l, 2) != sys::LUA_TNIL;
                if *found {
                    sys::lua_insert(l, 1);
                    mlua::ffi::lua_call(l, 1, 1);
                }
            }
        }
        let mut asked = (name, false);
        let first = self.protected(&[it], work, &mut asked)?;
        Ok(asked.1.then_some(first))
    }

    /// What `tostring` makes of a value, as text for people.
    pub fn text(self, it: Local<'a>) -> String {
        unsafe fn work(l: *mut lua_State, _: *mut ()) {
            // SAFETY: runs protected with the value on the stack.
            unsafe {
                sys::push_tostring(l, 1);
                sys::lua_remove(l, 1);
            }
        }
        if it.index == Local::NO_MEMORY.index {
            return super::reserve::NONE.to_owned();
        }
        if self.kind(it) == super::Kind::String {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            return self.with_bytes(it, text).unwrap_or_default();
        }
        self.scope(|lua| {
            let text = lua.protected(&[it], work, &mut ()).unwrap_or_else(|fault| fault.0);
            let bytes = lua.given(text).to_bytes().unwrap_or(b"(no text)");
            String::from_utf8_lossy(bytes).into_owned()
        })
    }

    /// Makes the metatables of an object's classes, unless this state has them.
    pub fn register<T: Body>(self) -> Attempt<'a, ()> {
        unsafe fn work<T: Body>(l: *mut lua_State, _: *mut ()) {
            // SAFETY: runs protected with free slots.
            unsafe { super::metatable::register::<T>(l) }
        }
        self.protected(&[], work::<T>, &mut ()).map(|_| ())
    }

    /// The metatable of a class, made if this state has none: for a Lua half that gives it properties.
    pub fn metatable<T: Body>(self, class: usize) -> Attempt<'a, Local<'a>> {
        unsafe fn work<T: Body>(l: *mut lua_State, class: *mut c_int) {
            // SAFETY: runs protected with free slots; the number outlives the call.
            unsafe { class::push_registered::<T>(l, *class) }
        }
        self.protected(&[], work::<T>, &mut (class as c_int))
    }

    /// Keeps a value beyond the call.
    pub fn anchor(self, it: Local<'a>) -> Attempt<'a, Anchor> {
        unsafe fn work(l: *mut lua_State, hub: *mut &super::hub::Hub) {
            // SAFETY: runs protected with free slots.
            unsafe { anchor::prepare(l, *hub) }
        }
        self.protected(&[], work, &mut { self.cx.hub })?;
        self.given(it).anchor(self.cx).ok_or_else(|| self.fault("nothing to anchor"))
    }

    /// Do Lua's own protected calls let a yield through? On all but plain 5.1.
    pub fn calls_yield(self) -> bool {
        sys::calls_yield()
    }

    /// Lets go of what dropped anchors held, which otherwise waits for the next call into the module.
    pub fn tidy(self) {
        unsafe fn work(l: *mut lua_State, hub: *mut &super::hub::Hub) {
            // SAFETY: runs protected with free slots.
            unsafe { anchor::prepare(l, *hub) }
        }
        self.scope(|lua| {
            // Without memory for it: then with the next call.
            let _ = lua.protected(&[], work, &mut { self.cx.hub });
        });
    }

    /// Does somebody want to be told of calls?
    pub fn calls_are_hooked(self) -> bool {
        // SAFETY: only asked.
        unsafe { sys::lua_gethookmask(self.l()) & sys::LUA_MASKCALL != 0 }
    }

    /// The value that an anchor keeps.
    pub fn fetch(self, anchor: &Anchor) -> Attempt<'a, Local<'a>> {
        self.spare()?;
        // SAFETY: there are free slots.
        unsafe {
            if anchor.is_of(self.cx.hub) {
                anchor::push(self.l(), anchor.slot());
            } else {
                sys::lua_pushnil(self.l());
            }
        }
        Ok(self.top())
    }
}
