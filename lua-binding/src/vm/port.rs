//! Phase 1: an argument that is a port, as a number or as a text.

use super::arg::{Arg, Bytes, Frame, Span};
use super::sys::{self, lua_State};
use std::borrow::Cow;
use std::ffi::c_int;

/// As [`Bytes`], for what is mostly a number from 0 to 65535: [`Digits`]. Of such a one Lua makes no string, which is slow.
#[derive(Debug)]
pub struct Port;

/// See [`Port`].
#[derive(Clone, Copy, Debug)]
pub enum Digits<'a> {
    /// A number.
    Number(u16),
    /// A text, as which every other number comes too.
    Text(&'a [u8]),
}

impl<'a> Digits<'a> {
    /// As a text, as Lua would have made it.
    pub fn text(self) -> Cow<'a, [u8]> {
        match self {
            Self::Number(port) => Cow::Owned(port.to_string().into_bytes()),
            Self::Text(text) => Cow::Borrowed(text),
        }
    }
}

impl Arg for Port {
    type Of<'a> = Digits<'a>;

    #[inline]
    unsafe fn read<'a>(
        l: *mut lua_State,
        index: c_int,
        frame: Frame<'a>,
        call: Span<'a>,
    ) -> Self::Of<'a> {
        // SAFETY: as the caller promises.
        unsafe {
            match number_at(l, index) {
                Some(port) => Digits::Number(port),
                None => Digits::Text(Bytes::read(l, index, frame, call)),
            }
        }
    }
}

/// The value at `index` if it is a number and a port. A string that reads as a number keeps its own spelling.
///
/// # Safety
/// `l` is live and `index` acceptable.
#[inline(always)]
pub(super) unsafe fn number_at(l: *mut lua_State, index: c_int) -> Option<u16> {
    // SAFETY: as the caller promises; this neither raises nor changes the value.
    unsafe {
        if sys::lua_type(l, index) != sys::LUA_TNUMBER || !sys::is_integer(l, index) {
            return None;
        }
        let number = sys::to_number(l, index)?;
        (0.0..65536.0).contains(&number).then_some(number as u16)
    }
}
