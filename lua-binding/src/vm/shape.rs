//! Replies whose shape the type tells: what shortcuts answer, pushed in place without a look at what it is.

use super::late;
use super::push;
use super::reply::{Reply, Value, Word};
use super::sys::{self, lua_State};
use std::ffi::c_int;
use std::net::SocketAddrV4;

/// What a [shortcut](super::Function::quick_method) may answer.
pub trait Shape: Copy {
    /// Shall the object hear that what it lent has been copied?
    #[doc(hidden)]
    #[inline(always)]
    fn tells(self) -> bool {
        false
    }

    /// Is there no answer yet, and the shortcut to be asked again when the running fiber has its next turn?
    #[doc(hidden)]
    #[inline(always)]
    fn awaits(self) -> bool {
        false
    }

    /// # Safety
    /// As for [`push::reply`].
    #[doc(hidden)]
    unsafe fn push(self, l: *mut lua_State) -> c_int;
}

/// A reply whose shape the type tells: bytes that the object lends, and so many nils. Of a
/// [shortcut](super::Function::quick_method).
#[derive(Clone, Copy, Debug)]
pub struct Lent<'a, const NILS: usize> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Shall the object hear that they were copied? See [`Body::returned`](super::Body::returned).
    pub tell: bool,
}

/// As [`Lent`], or `nil, "timeout"` and what has come so far.
#[derive(Clone, Copy, Debug)]
pub enum Prompt<'a> {
    /// The bytes, and two nils.
    Lent(Lent<'a, 2>),
    /// These bytes came, which are not all.
    Part(Lent<'a, 0>),
    /// Nothing came.
    Timeout,
    /// The fiber is parked; its next turn comes when there is something. Only where [`Prompt::CAN_AWAIT`].
    Await,
}

impl Prompt<'_> {
    /// Can a call be suspended such that it tries again by itself? That takes a yield with a continuation.
    pub const CAN_AWAIT: bool = late::SUPPORTED;
}

/// What a shape says, or `nil, "timeout"`.
#[derive(Clone, Copy, Debug)]
pub enum InTime<S> {
    /// This.
    Done(S),
    /// Nothing came.
    Timeout,
}

/// No answer of its own: what there is to say goes by the method.
#[derive(Clone, Copy, Debug)]
pub enum Never {}

/// A message that the object lends, and who sent it.
#[derive(Clone, Copy, Debug)]
pub enum Message<'a> {
    /// The message, an address and a port.
    V4(&'a [u8], SocketAddrV4),
    /// What there is to say of any other.
    Other(Reply<'a>),
}

/// As [`Lent`]: an integer, and so many nils.
#[derive(Clone, Copy, Debug)]
pub struct Count<const NILS: usize>(pub i64);

impl<const NILS: usize> Count<NILS> {
    /// How many of something that is in memory.
    #[inline(always)]
    pub fn of(count: usize) -> Self {
        Self(count as i64)
    }
}

impl<const NILS: usize> Shape for Lent<'_, NILS> {
    #[inline(always)]
    fn tells(self) -> bool {
        self.tell
    }

    #[inline(always)]
    unsafe fn push(self, l: *mut lua_State) -> c_int {
        // SAFETY: as the caller promises.
        unsafe { push::lent::<NILS>(l, self.bytes) }
    }
}

impl Shape for Prompt<'_> {
    #[inline(always)]
    fn tells(self) -> bool {
        match self {
            Self::Lent(lent) => lent.tells(),
            Self::Part(lent) => lent.tells(),
            Self::Timeout | Self::Await => false,
        }
    }

    #[inline(always)]
    fn awaits(self) -> bool {
        Self::CAN_AWAIT && matches!(self, Self::Await)
    }

    #[inline(always)]
    unsafe fn push(self, l: *mut lua_State) -> c_int {
        // SAFETY: as the caller promises.
        unsafe {
            match self {
                Self::Lent(lent) => lent.push(l),
                Self::Part(lent) => {
                    timeout(l);
                    lent.push(l) + 2
                }
                // One that awaits is not pushed.
                Self::Timeout | Self::Await => push::any(l, &TIMEOUT),
            }
        }
    }
}

impl<S: Shape> Shape for InTime<S> {
    #[inline(always)]
    fn tells(self) -> bool {
        matches!(self, Self::Done(shape) if shape.tells())
    }

    #[inline(always)]
    unsafe fn push(self, l: *mut lua_State) -> c_int {
        // SAFETY: as the caller promises.
        unsafe {
            match self {
                Self::Done(shape) => shape.push(l),
                Self::Timeout => {
                    timeout(l);
                    2
                }
            }
        }
    }
}

/// Pushes `nil, "timeout"`.
#[inline(always)]
unsafe fn timeout(l: *mut lua_State) {
    // SAFETY: as in `Shape::push`.
    unsafe {
        sys::lua_pushnil(l);
        sys::lua_pushvalue(l, sys::lua_upvalueindex(Word::Timeout as c_int));
    }
}

impl Shape for Never {
    unsafe fn push(self, _: *mut lua_State) -> c_int {
        match self {}
    }
}

const TIMEOUT: Reply<'static> =
    Reply::Three(Value::Nil, Value::Word(Word::Timeout), Value::Str(""));

impl<const NILS: usize> Shape for Count<NILS> {
    #[inline(always)]
    unsafe fn push(self, l: *mut lua_State) -> c_int {
        // SAFETY: as the caller promises.
        unsafe {
            sys::push_integer(l, self.0);
            push::nils::<NILS>(l)
        }
    }
}

impl Shape for Message<'_> {
    #[inline(always)]
    fn tells(self) -> bool {
        true
    }

    #[inline(always)]
    unsafe fn push(self, l: *mut lua_State) -> c_int {
        // SAFETY: as the caller promises.
        unsafe {
            match self {
                Self::V4(bytes, from) => {
                    push::lent::<0>(l, bytes);
                    push::dotted_quad(l, *from.ip());
                    sys::push_integer(l, from.port().into());
                    3
                }
                Self::Other(reply) => push::any(l, &reply),
            }
        }
    }
}

/// The address, the port, and the family as LuaSocket calls it.
impl Shape for SocketAddrV4 {
    #[inline(always)]
    unsafe fn push(self, l: *mut lua_State) -> c_int {
        // SAFETY: as the caller promises.
        unsafe {
            push::dotted_quad(l, *self.ip());
            sys::push_integer(l, self.port().into());
            sys::lua_pushvalue(l, sys::lua_upvalueindex(Word::Inet as c_int));
        }
        3
    }
}
