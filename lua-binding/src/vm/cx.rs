//! The call itself, for functions that own what they answer or share something per Lua state.
//!
//! A [`Cx`] never calls Lua in a way that could run Lua code; that is [`Lua`](super::Lua).

use super::hub::Hub;
use super::keep::{Keep, Tree};
use super::reply::{Kept, Short};
use super::sys::{self, lua_State};
use super::{Body, Held, Value};
use moonsocket_core::Detached;
use std::rc::Rc;

/// A handle of the running call.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    pub(super) l: *mut lua_State,
    pub(super) hub: &'a Hub,
}

impl std::fmt::Debug for Cx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cx").finish_non_exhaustive()
    }
}

impl<'a> Cx<'a> {
    fn keep(self, it: Keep) -> Value<'a> {
        let mut kept = self.hub.kept.borrow_mut();
        kept.push(it);
        Value::Kept(Kept::new(kept.len() - 1))
    }

    /// A string result that the call owns: kept until it is pushed, then dropped.
    pub fn bytes(self, bytes: impl Into<Vec<u8>> + AsRef<[u8]>) -> Value<'a> {
        match Short::of(bytes.as_ref()) {
            Some(short) => Value::Short(short),
            None => self.keep(Keep::Bytes(bytes.into())),
        }
    }

    /// As [`bytes`](Self::bytes), of a vector that was [taken](moonsocket_core::take_scratch) to assemble them in.
    pub fn assembled(self, bytes: Vec<u8>) -> Value<'a> {
        match Short::of(&bytes) {
            Some(short) => {
                moonsocket_core::recycle(bytes);
                Value::Short(short)
            }
            None => self.keep(Keep::Bytes(bytes)),
        }
    }

    /// A string result of received bytes, which go back to their pool once it is pushed.
    pub fn detached(self, bytes: Detached) -> Value<'a> {
        self.keep(Keep::Detached(bytes))
    }

    /// A table result, or any other value given as data.
    pub fn tree(self, tree: Tree) -> Value<'a> {
        self.keep(Keep::Tree(Box::new(tree)))
    }

    /// A new object as a result. Its classes must have been registered with a module of this
    /// state. A result that is not returned drops its body.
    pub fn object<T: Body>(self, body: T) -> Value<'a> {
        self.keep(Keep::Object(Box::new(body)))
    }

    /// The object that was held, as a result.
    pub fn held<T: Body>(self, held: Held<T>) -> Value<'a> {
        self.keep(Keep::Held(held.into_anchor()))
    }

    /// The one `S` of this Lua state and this image, made when it is first asked for.
    ///
    /// The Lua state lets go of it in `lua_close`, possibly before the last object is collected:
    /// an object that needs it keeps a clone.
    pub fn state<S: Default + 'static>(self) -> Rc<S> {
        self.hub.state::<S>()
    }

    /// As [`state`](Self::state), for a look at it. `work` asks for no other.
    pub fn with_state<S: Default + 'static, R>(self, work: impl FnOnce(&S) -> R) -> R {
        self.hub.with_state(work)
    }

    /// Whether this call runs in a fiber that may yield: [`Reply::Suspend`](super::Reply::Suspend)
    /// is for this case only.
    ///
    /// The flag is set by [`Lua::resume_fiber`](super::Lua::resume_fiber). Lua 5.3 and later and
    /// LuaJIT also tell whether a C function is in the way; 5.1 and 5.2 do not.
    pub fn may_suspend(self) -> bool {
        // SAFETY: the state is that of the running call.
        self.hub.in_fiber.get() && unsafe { sys::is_yieldable(self.l) }.unwrap_or(true)
    }

    /// Where [`may_suspend`](Self::may_suspend) cannot tell (5.1, 5.2): is no C function in the way after all, nor a hook, a
    /// finaliser or an iterator? Slow; asked before a call really waits, and before a coroutine whose calls may wait.
    /// Metamethods are not seen on 5.1: there the yield itself raises.
    pub fn can_yield(self) -> bool {
        // SAFETY: the state is that of the running call.
        unsafe { sys::is_yieldable(self.l).is_some() || !super::frames::any_of_c(self.l) }
    }

    /// A number for the running coroutine, the same as [`Thread::id`](super::Thread::id).
    pub fn coroutine(self) -> usize {
        self.l.addr()
    }
}
