//! `mime.core`: base64, quoted-printable and line ends, a chunk at a time. What `mime.lua` adds is in `lua/mime.lua`.
//!
//! The four codes take two strings, what an earlier call has held back and the next chunk, and give the result and what
//! they hold back now; without a chunk they come to the end. The others take and give a number for their place in a line.

mod base64;
mod held;
mod lines;
mod out;
mod quoted;

use self::out::Out;
use crate::vm::{
    Answer, Bytes, Call, Constant, Cx, Integer, Module, Number, Raise, Value, function,
};

/// `mime.core`.
pub const MODULE: Module = Module {
    functions: &[
        function!("b64", b64, Call, Option<Bytes>, Option<Bytes>),
        function!("unb64", unb64, Call, Option<Bytes>, Option<Bytes>),
        function!("qp", qp, Call, Option<Bytes>, Option<Bytes>, Option<Bytes>),
        function!("unqp", unqp, Call, Option<Bytes>, Option<Bytes>),
        function!("wrp", wrp, Call, Number, Option<Bytes>, Option<Number>),
        function!("qpwrp", qpwrp, Call, Number, Option<Bytes>, Option<Number>),
        function!("eol", eol, Call, Integer, Option<Bytes>, Option<Bytes>),
        function!("dot", dot, Call, Number, Option<Bytes>),
    ],
    constants: &[("_VERSION", Constant::Str("MIME 1.0.3"))],
    ..Module::EMPTY
};

const CRLF: &[u8] = b"\r\n";

/// The longest line of RFC 2045.
const LENGTH: f64 = 76.0;

/// A code that may have to see what follows before it knows what becomes of its last bytes.
trait Code {
    /// About how long the result of so many bytes is.
    fn expected(len: usize) -> usize;
    /// Takes the next bytes.
    fn feed(&mut self, input: &[u8], out: &mut Out);
    /// What it holds back.
    fn held(&self) -> &[u8];
    /// The input is over.
    fn finish(&mut self, out: &mut Out);
}

fn run<'a, C: Code>(
    cx: Cx<'a>,
    mut code: C,
    first: Option<&[u8]>,
    next: Option<&[u8]>,
) -> Answer<'a> {
    let Some(first) = first else { return Ok((Value::Nil, Value::Nil).into()) };
    let mut out = Out::with_room(C::expected(first.len() + next.map_or(0, <[u8]>::len)));
    code.feed(first, &mut out);
    let Some(next) = next else {
        code.finish(&mut out);
        let result =
            if out.is_empty() { Value::Nil } else { out.into_value(cx).ok_or(Raise::NO_MEMORY)? };
        return Ok((result, Value::Nil).into());
    };
    code.feed(next, &mut out);
    let result = out.into_value(cx).ok_or(Raise::NO_MEMORY)?;
    Ok((result, cx.bytes(code.held())).into())
}

/// `b64(held, chunk)`.
fn b64<'a>(cx: Cx<'a>, first: Option<&[u8]>, next: Option<&[u8]>) -> Answer<'a> {
    run(cx, base64::Encoder::default(), first, next)
}

/// `unb64(held, chunk)`: what is no letter of the code is left out.
fn unb64<'a>(cx: Cx<'a>, first: Option<&[u8]>, next: Option<&[u8]>) -> Answer<'a> {
    run(cx, base64::Decoder::default(), first, next)
}

/// `qp(held, chunk [, marker = CRLF])`: what stands for the line ends.
fn qp<'a>(
    cx: Cx<'a>,
    first: Option<&[u8]>,
    next: Option<&[u8]>,
    marker: Option<&[u8]>,
) -> Answer<'a> {
    run(cx, quoted::Encoder::new(marker.unwrap_or(CRLF)), first, next)
}

/// `unqp(held, chunk)`.
fn unqp<'a>(cx: Cx<'a>, first: Option<&[u8]>, next: Option<&[u8]>) -> Answer<'a> {
    run(cx, quoted::Decoder::default(), first, next)
}

/// What a function about lines gives: its result, and its place now.
fn placed(cx: Cx<'_>, out: Out, place: i64) -> Answer<'_> {
    Ok((out.into_value(cx).ok_or(Raise::NO_MEMORY)?, place).into())
}

/// `wrp(left, chunk [, length = 76])`: lines of at most `length` bytes, of which `left` are left in this one.
fn wrp<'a>(cx: Cx<'a>, left: f64, chunk: Option<&[u8]>, length: Option<f64>) -> Answer<'a> {
    wrapped(cx, lines::wrap, CRLF, left, chunk, length)
}

/// `qpwrp(left, chunk [, length = 76])`: the same for what is quoted-printable, by soft breaks.
fn qpwrp<'a>(cx: Cx<'a>, left: f64, chunk: Option<&[u8]>, length: Option<f64>) -> Answer<'a> {
    wrapped(cx, lines::wrap_quoted, lines::SOFT_BREAK, left, chunk, length)
}

fn wrapped<'a>(
    cx: Cx<'a>,
    wrap: fn(&[u8], i64, i64, &mut Out) -> i64,
    last: &'static [u8],
    left: f64,
    chunk: Option<&[u8]>,
    length: Option<f64>,
) -> Answer<'a> {
    // Cut, as C cuts them.
    let (left, length) = (left as i64, length.unwrap_or(LENGTH) as i64);
    let Some(chunk) = chunk else {
        let result = if left < length { Value::Bytes(last) } else { Value::Nil };
        return Ok((result, length).into());
    };
    let mut out = Out::with_room(chunk.len() + chunk.len() / 16);
    let left = wrap(chunk, left, length, &mut out);
    placed(cx, out, left)
}

/// `eol(last, chunk [, marker = CRLF])`: every line end as `marker`; `last` is the byte at the end of what came before,
/// if that may be the first half of a line end.
fn eol<'a>(cx: Cx<'a>, last: i64, chunk: Option<&[u8]>, marker: Option<&[u8]>) -> Answer<'a> {
    let Some(chunk) = chunk else { return Ok((Value::Nil, 0i64).into()) };
    let mut out = Out::with_room(chunk.len() + chunk.len() / 16);
    let last = lines::end(chunk, u8::try_from(last).unwrap_or(0), marker.unwrap_or(CRLF), &mut out);
    placed(cx, out, last.into())
}

/// `dot(seen, chunk)`: a dot at the start of a line twice; `seen` bytes of CRLF came before, 2 at the very start.
fn dot<'a>(cx: Cx<'a>, seen: f64, chunk: Option<&[u8]>) -> Answer<'a> {
    let Some(chunk) = chunk else { return Ok((Value::Nil, 2i64).into()) };
    let mut out = Out::with_room(chunk.len() + chunk.len() / 64);
    let seen = lines::stuff(chunk, seen as i64, &mut out);
    placed(cx, out, seen)
}
