//! Phase 1: an argument that is a port, as a number or as a text.

use super::arg::{Arg, Bytes, Frame, Span};
use super::sys::{self, lua_State};
use std::ffi::c_int;

/// As [`Bytes`], for what is mostly a number from 0 to 65535: [`Digits`]. Of such a one Lua makes no string, which is slow.
#[derive(Debug)]
pub struct Port;

/// See [`Port`].
#[derive(Clone, Copy, Debug)]
pub enum Digits<'a> {
    /// Those of a number: how many, at the end.
    Own([u8; 5], usize),
    /// A text.
    Text(&'a [u8]),
}

impl Digits<'_> {
    fn of(mut number: u16) -> Self {
        let (mut digits, mut count) = ([0; 5], 0);
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
            count += 1;
            if number == 0 {
                break;
            }
        }
        Self::Own(digits, count)
    }
}

impl std::ops::Deref for Digits<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Own(digits, count) => &digits[digits.len() - count..],
            Self::Text(text) => text,
        }
    }
}

impl Arg for Port {
    type Of<'a> = Digits<'a>;

    #[inline(never)]
    unsafe fn read<'a>(
        l: *mut lua_State,
        index: c_int,
        frame: Frame<'a>,
        call: Span<'a>,
    ) -> Self::Of<'a> {
        // SAFETY: as the caller promises.
        unsafe {
            // A string that reads as a number keeps its own spelling.
            if sys::lua_type(l, index) == sys::LUA_TNUMBER
                && sys::is_integer(l, index)
                && let Some(number) = sys::to_number(l, index)
                && (0.0..65536.0).contains(&number)
            {
                return Digits::of(number as u16);
            }
            Digits::Text(Bytes::read(l, index, frame, call))
        }
    }
}
