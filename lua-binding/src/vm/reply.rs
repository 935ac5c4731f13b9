//! What a function answers: plain `Copy` data that phase 3 turns into Lua values.
//!
//! Nothing here touches Lua. What owns memory (a long string, a new object) is handed to the
//! call's [`Cx`](super::Cx), which gives back a value that stands for it.

use super::Local;
use std::net::Ipv4Addr;

/// What every function returns.
pub type Answer<'a> = Result<Reply<'a>, Raise<'a>>;

/// One Lua value.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// `nil`.
    Nil,
    /// A boolean.
    Boolean(bool),
    /// A float on Lua 5.3 and later.
    Number(f64),
    /// An integer on Lua 5.3 and later.
    Integer(i64),
    /// A string that lies somewhere: in an argument, or lent by the object itself.
    Bytes(&'a [u8]),
    /// As `Bytes`, and the object hears of it by [`Body::returned`](super::Body::returned).
    Lent(&'a [u8]),
    /// A text of the program.
    Str(&'static str),
    /// A string so short that it lies in here.
    Short(Short),
    /// An IPv4 address, as its text.
    DottedQuad(Ipv4Addr),
    /// A word that is not made anew for each call.
    Word(Word),
    /// The argument of this number again (the object itself is number 1).
    Argument(i32),
    /// A value that an [`Anchor`](super::Anchor) holds.
    Anchored(Anchored<'a>),
    /// A value of an active function's Lua stack.
    Local(Local<'a>),
    /// What [`Cx`](super::Cx) keeps until it is pushed.
    Kept(Kept<'a>),
    /// What a call yields that answers [`Reply::Suspend`]: for Lua code that passes such yields on.
    Mark,
}

/// A string of a few bytes.
#[derive(Clone, Copy, Debug)]
pub struct Short {
    len: u8,
    bytes: [u8; Self::MOST],
}

impl Short {
    /// As many as no value grows by.
    const MOST: usize = 15;

    /// A copy of these bytes, if they are few enough.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let mut copy = [0; Self::MOST];
        copy.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self { len: bytes.len() as u8, bytes: copy })
    }

    /// The bytes.
    #[inline(always)]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

#[cfg(target_pointer_width = "64")]
const _: () = assert!(size_of::<Value<'_>>() == 24);

/// Words so frequent that every function carries them as upvalues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Word {
    /// `"timeout"`.
    Timeout = 2,
    /// `"closed"`.
    Closed = 3,
    /// `"inet"`.
    Inet = 4,
}

impl Word {
    pub(super) const ALL: [Self; 3] = [Self::Timeout, Self::Closed, Self::Inet];

    /// The word itself.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Closed => "closed",
            Self::Inet => "inet",
        }
    }
}

/// Stands for something owned by the call. See [`Cx`](super::Cx).
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    pub(super) index: usize,
    pub(super) call: std::marker::PhantomData<&'a ()>,
}

impl Kept<'_> {
    pub(super) fn new(index: usize) -> Self {
        Self { index, call: std::marker::PhantomData }
    }
}

/// Stands for what an [`Anchor`](super::Anchor) holds.
#[derive(Clone, Copy, Debug)]
pub struct Anchored<'a> {
    pub(super) slot: std::ffi::c_int,
    pub(super) anchor: std::marker::PhantomData<&'a super::Anchor>,
}

/// What a function answers with, when it does not raise.
#[derive(Clone, Copy, Debug)]
pub enum Reply<'a> {
    /// No result at all.
    Nothing,
    /// One result.
    One(Value<'a>),
    /// Two results.
    Two(Value<'a>, Value<'a>),
    /// Three results.
    Three(Value<'a>, Value<'a>, Value<'a>),
    /// Four results.
    Four(Value<'a>, Value<'a>, Value<'a>, Value<'a>),
    /// Any number of results, of which those with an owner are kept by [`Cx`](super::Cx).
    Many(&'a [Value<'a>]),
    /// From this stack value to the top (active functions only).
    From(Local<'a>),
    /// All arguments from this number on.
    Arguments(i32),
    /// None yet: the coroutine yields, and whoever resumes it says what the results are.
    Suspend,
}

/// An error to be raised: always a string, as the C API makes them, unless it was a Lua value.
#[derive(Clone, Copy, Debug)]
pub enum Raise<'a> {
    /// `bad argument #1 to 'send' (text)`.
    Argument(i32, Text<'a>),
    /// `bad argument #1 to 'send' (string expected, got nil)`.
    Type(i32, &'static str),
    /// The text, with the position of the calling Lua code in front.
    Here(Text<'a>),
    /// The text as it is.
    Plain(Text<'a>),
    /// The value as it is: an error that came from Lua keeps its identity.
    Value(Value<'a>),
}

/// A text put together from up to three parts, so that a value can be quoted without allocating.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a>(pub &'static str, pub &'a [u8], pub &'static str);

impl<'a> Raise<'a> {
    /// Lua's own words for it.
    pub const NO_MEMORY: Self = Self::Plain(Text(super::reserve::NONE, b"", ""));

    /// Blames the argument of this number; the object of a method is number 1.
    pub const fn argument(number: i32, text: &'static str) -> Self {
        Self::Argument(number, Text(text, b"", ""))
    }

    /// As [`argument`](Self::argument), with the culprit quoted between two texts: up to a NUL, where Lua would take the
    /// whole message to end.
    pub fn quoting(number: i32, before: &'static str, it: &'a [u8], after: &'static str) -> Self {
        let end = it.iter().position(|&byte| byte == 0).unwrap_or(it.len());
        Self::Argument(number, Text(before, &it[..end], after))
    }

    /// An error with the position of the calling Lua code, as `error` makes them.
    pub const fn here(text: &'static str) -> Self {
        Self::Here(Text(text, b"", ""))
    }
}

/// The position of `word` in `list`, or the error that `luaL_checkoption` would raise.
pub fn keyword<'a>(number: i32, word: &'a [u8], list: &[&str]) -> Result<usize, Raise<'a>> {
    let known = list.iter().position(|known| known.as_bytes() == word);
    known.ok_or_else(|| Raise::quoting(number, "invalid option '", word, "'"))
}

impl<'a> Reply<'a> {
    /// One result.
    pub fn one(value: impl Into<Value<'a>>) -> Self {
        Self::One(value.into())
    }
}

impl<'a, A: Into<Value<'a>>, B: Into<Value<'a>>> From<(A, B)> for Reply<'a> {
    #[inline]
    fn from((a, b): (A, B)) -> Self {
        Self::Two(a.into(), b.into())
    }
}

impl<'a, A, B, C> From<(A, B, C)> for Reply<'a>
where
    A: Into<Value<'a>>,
    B: Into<Value<'a>>,
    C: Into<Value<'a>>,
{
    #[inline]
    fn from((a, b, c): (A, B, C)) -> Self {
        Self::Three(a.into(), b.into(), c.into())
    }
}

impl<'a, A, B, C, D> From<(A, B, C, D)> for Reply<'a>
where
    A: Into<Value<'a>>,
    B: Into<Value<'a>>,
    C: Into<Value<'a>>,
    D: Into<Value<'a>>,
{
    #[inline]
    fn from((a, b, c, d): (A, B, C, D)) -> Self {
        Self::Four(a.into(), b.into(), c.into(), d.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(it: bool) -> Self {
        Self::Boolean(it)
    }
}

impl From<f64> for Value<'_> {
    fn from(it: f64) -> Self {
        Self::Number(it)
    }
}

impl From<i64> for Value<'_> {
    fn from(it: i64) -> Self {
        Self::Integer(it)
    }
}

impl From<&'static str> for Value<'_> {
    fn from(it: &'static str) -> Self {
        Self::Str(it)
    }
}

impl From<Word> for Value<'_> {
    fn from(it: Word) -> Self {
        Self::Word(it)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(it: &'a [u8]) -> Self {
        Self::Bytes(it)
    }
}

impl<'a> From<Local<'a>> for Value<'a> {
    fn from(it: Local<'a>) -> Self {
        Self::Local(it)
    }
}

impl From<()> for Value<'_> {
    fn from((): ()) -> Self {
        Self::Nil
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(it: Option<T>) -> Self {
        it.map_or(Self::Nil, Into::into)
    }
}
