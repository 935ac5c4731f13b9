//! Stream input and output, the same for every stream class.

use moonsocket_core::ops::{Receive, Received, SendFailed, Short, Soon};
use moonsocket_core::{
    Attempt, Error, ErrorKind, First, Handle, Interest, Pattern, ReadBuffer, errno, recycle,
    take_scratch,
};

use super::error::words;
use crate::backend::Chosen;
use crate::door::{self, HasSocket, Outcome};
use crate::fibers::Again;
use crate::sending::{self, Part};
use crate::socket::{Engine, Socket, Stopwatch};
use crate::vm::{Answer, Count, Cx, Given, Kind, Lent, Prompt, Raise, Reply, Value};

/// The debug build measures every call, so that it has no shortcuts.
const IS_DEBUG: bool = cfg!(feature = "debug");

/// A stream class.
pub(super) trait Stream: HasSocket {
    /// Did its connect fail? Some backends' sockets then say "not connected", others "end of stream".
    fn is_refused(&self) -> bool {
        false
    }
}

/// The shortcut of [`receive`] for what lies in the buffer or comes by one attempt.
pub(super) fn receive_at_once<'a, T: Stream>(
    this: &'a mut T,
    [call, prefix, maximum]: [Given<'a>; 3],
) -> First<Prompt<'a>> {
    if IS_DEBUG {
        return First::Not;
    }
    let Ok(pattern) = pattern_of(call) else { return First::Not };
    let socket = this.socket();
    if prefix.kind() == Kind::None {
        let object = std::ptr::from_ref(socket).cast();
        return receive_by_attempt(object, &socket.engine, &mut socket.handle, call, pattern);
    }
    receive_behind(socket, call, pattern, [prefix, maximum])
}

/// The shortcut of a call with a prefix, and perhaps a maximum, if one attempt does not reach that.
#[inline(never)]
fn receive_behind<'a>(
    socket: &'a mut Socket,
    call: Given<'a>,
    pattern: Pattern,
    [prefix, maximum]: [Given<'a>; 2],
) -> First<Prompt<'a>> {
    let object = std::ptr::from_ref(socket).cast();
    let Socket { handle, engine, message, .. } = socket;
    let prefix = match prefix.kind() {
        Kind::Nil => b"",
        _ => match prefix.to_bytes() {
            Some(prefix) => prefix,
            None => return First::Not,
        },
    };
    // As much as one attempt can make of it.
    let room = prefix.len() + handle.buffer.len().max(ReadBuffer::BLOCK);
    let fits = match maximum.kind() {
        Kind::None | Kind::Nil => true,
        Kind::Number => maximum.to_number().is_some_and(|maximum| maximum >= room as f64),
        _ => false,
    };
    if !fits {
        return First::Not;
    }
    if prefix.is_empty() {
        return receive_by_attempt(object, engine, handle, call, pattern);
    }
    let pattern = match pattern {
        Pattern::Exact(count) if count > prefix.len() => Pattern::Exact(count - prefix.len()),
        // It is enough, or may end with what belongs to the end of the line.
        Pattern::Exact(_) | Pattern::TEXT_LINE => return First::Not,
        other => other,
    };
    // What is taken out of the buffer has to find its place.
    *message = take_scratch();
    let first = match message.try_reserve(room) {
        Ok(()) => receive_by_attempt(object, engine, handle, call, pattern),
        Err(_) => First::Not,
    };
    let (part, is_whole) = match first {
        First::Done(Prompt::Lent(lent)) => (lent.bytes, true),
        First::Done(Prompt::Part(lent)) => (lent.bytes, false),
        First::Done(Prompt::Timeout) => (&b""[..], false),
        First::Done(Prompt::Await) | First::Begun(_) | First::Not => {
            recycle(std::mem::take(message));
            return first;
        }
    };
    message.extend_from_slice(prefix);
    message.extend_from_slice(part);
    let lent = message.as_slice();
    First::Done(if is_whole {
        Prompt::Lent(Lent { bytes: lent, tell: true })
    } else {
        Prompt::Part(Lent { bytes: lent, tell: true })
    })
}

/// What lies in the buffer or comes by one attempt; `object` says in a fiber who waits.
#[inline(always)]
fn receive_by_attempt<'a>(
    object: *const (),
    engine: &Engine,
    handle: &'a mut Handle<Chosen>,
    call: Given<'a>,
    pattern: Pattern,
) -> First<Prompt<'a>> {
    if handle.buffer.is_empty() && !engine.may_attempt() {
        return if Prompt::CAN_AWAIT {
            receive_in_fiber(object, engine, handle, call, pattern)
        } else {
            First::Not
        };
    }
    if handle.buffer.is_empty() {
        engine.spare.lay_in(&mut handle.buffer);
    } else if engine.fibers.is_behind(handle.descriptor(), Interest::READ) {
        return First::Not;
    }
    if handle.timeouts.whole().is_zero() && engine.may_attempt() {
        return receive_soon(engine, handle, pattern);
    }
    let first = Receive::first(&engine.backend, handle, pattern, Handle::patience);
    if !matches!(first, First::Done(_)) {
        engine.spare.settle(&mut handle.buffer);
    }
    // What is left needs no settling.
    let tell = handle.buffer.is_empty();
    first.map(|range| Prompt::Lent(Lent { bytes: handle.buffer.lent(range), tell }))
}

/// The shortcut of a call without time.
#[inline(always)]
fn receive_soon<'a>(
    engine: &Engine,
    handle: &'a mut Handle<Chosen>,
    pattern: Pattern,
) -> First<Prompt<'a>> {
    let first = Receive::first_soon(&engine.backend, handle, pattern);
    // What is left, or lent, needs no settling.
    let tell = handle.buffer.is_empty();
    if let First::Done(Soon { range, whole }) = &first
        && (*whole || !range.is_empty())
    {
        let bytes = handle.buffer.lent(range.clone());
        return First::Done(if *whole {
            Prompt::Lent(Lent { bytes, tell })
        } else {
            Prompt::Part(Lent { bytes, tell })
        });
    }
    engine.spare.settle(&mut handle.buffer);
    first.map(|_| Prompt::Timeout)
}

/// The shortcut in a fiber, with nothing in the buffer: what does not come by one attempt is awaited, then tried again.
#[inline(never)]
fn receive_in_fiber<'a>(
    object: *const (),
    engine: &Engine,
    handle: &'a mut Handle<Chosen>,
    given: Given<'a>,
    pattern: Pattern,
) -> First<Prompt<'a>> {
    let Engine { backend, fibers, spare, .. } = engine;
    let Some(cx) = given.call().filter(|cx| fibers.may_suspend(*cx)) else { return First::Not };
    let patience = fibers.patience_of_call(handle.patience());
    if patience.whole.is_zero() || !engine.may_attempt_now(handle.descriptor(), Interest::READ) {
        return First::Not;
    }
    spare.lay_in(&mut handle.buffer);
    let first = Receive::first_parked(backend, handle, pattern);
    if !matches!(first, First::Done(_)) {
        spare.settle(&mut handle.buffer);
    }
    match first {
        First::Begun(attempt) if attempt.would_block() => {
            let again = fibers.take_again();
            let again = again.unwrap_or_else(|| Again::of(backend, patience));
            let place = (cx.coroutine(), object);
            if fibers.await_call(backend, handle, again, place) {
                First::Done(Prompt::Await)
            } else {
                First::Begun(attempt)
            }
        }
        First::Done(range) => {
            fibers.take_again();
            let tell = handle.buffer.is_empty();
            First::Done(Prompt::Lent(Lent { bytes: handle.buffer.lent(range), tell }))
        }
        First::Begun(attempt) => First::Begun(attempt),
        First::Not => First::Not,
    }
}

/// `receive([pattern [, prefix [, maximum]]])`: `data, nil, nil` or `nil, message, partial`.
pub(super) fn receive<'a, T: Stream>(
    this: &'a mut T,
    begun: Option<&'a Attempt>,
    cx: Cx<'a>,
    pattern: Given<'a>,
    prefix: Option<&'a [u8]>,
    maximum: Option<f64>,
) -> Answer<'a> {
    let pattern = pattern_of(pattern)?;
    let prefix = prefix.unwrap_or_default();
    let mut operation = Receive::new(pattern).prefix(prefix);
    if let Some(maximum) = maximum {
        operation = operation.maximum(maximum_of(maximum, pattern, prefix)?);
    }
    let watch = Stopwatch::start();
    let socket = this.socket();
    socket.engine.fibers.set_watch(watch);
    let patience = socket.patience();
    match door::run_after(cx, this, operation, patience, begun, receive_later) {
        Outcome::Now(Ok(received)) => {
            let data = this.socket().lend(cx, received);
            Ok(timed(watch, data, Value::Nil, Value::Nil))
        }
        Outcome::Now(Err(Short { error, partial })) => {
            let error = said(this, error);
            let partial = this.socket().lend(cx, partial);
            Ok(timed(watch, Value::Nil, words(cx, &error), partial))
        }
        Outcome::Later => Ok(Reply::Suspend),
    }
}

fn said<T: Stream>(this: &T, error: Error) -> Error {
    match error.code() {
        Some(errno::ENOTCONN) if this.is_refused() => Error::new(ErrorKind::Closed, "receive"),
        _ => error,
    }
}

/// The results for a fiber that had to wait.
fn receive_later<'a, T: Stream>(
    cx: Cx<'a>,
    this: &mut T,
    out: Result<Received, Short>,
) -> Answer<'a> {
    let Socket { handle, engine, .. } = this.socket();
    let watch = engine.fibers.watch();
    Ok(match out {
        Ok(received) => timed(watch, cx.detached(received.detach(handle)), Value::Nil, Value::Nil),
        Err(Short { error, partial }) => {
            timed(watch, Value::Nil, words(cx, &error), cx.detached(partial.detach(handle)))
        }
    })
}

/// `*l` is the default; a number, or a string that reads as one, counts bytes.
#[inline(always)]
fn pattern_of(pattern: Given<'_>) -> Result<Pattern, Raise<'_>> {
    const INVALID: Raise<'static> = Raise::argument(2, "invalid receive pattern");
    let kind = pattern.kind();
    let word = match kind {
        Kind::None | Kind::Nil => return Ok(Pattern::LINE),
        // Asked first: to see whether a string reads as a number is slow.
        Kind::String => pattern.to_bytes().unwrap_or_default(),
        _ => b"",
    };
    match word {
        // As upstream, only the first two characters of a starred pattern count.
        [b'*', b'l', ..] => return Ok(Pattern::LINE),
        [b'*', b'a', ..] | b"a" => return Ok(Pattern::All),
        b"l" => return Ok(Pattern::TEXT_LINE),
        b"L" | [b'*', b'L', ..] => return Ok(Pattern::RAW_LINE),
        _ => {}
    }
    match pattern.to_number() {
        Some(count) if count >= 0.0 => Ok(Pattern::Exact(count_of(count))),
        None if kind != Kind::String => Err(Raise::Type(2, "string")),
        _ => Err(INVALID),
    }
}

/// A maximum that the pattern and the prefix leave room within.
fn maximum_of(maximum: f64, pattern: Pattern, prefix: &[u8]) -> Result<usize, Raise<'static>> {
    let bytes = count_of(maximum);
    let fits = match pattern {
        Pattern::Exact(count) => count <= bytes,
        _ => prefix.len() <= bytes,
    };
    // NaN is not at least 1 either.
    if maximum >= 1.0 && fits { Ok(bytes) } else { Err(Raise::argument(4, "invalid maximum size")) }
}

/// A count of bytes from a Lua number: its floor, as much as fits.
fn count_of(count: f64) -> usize {
    count as usize
}

/// The shortcut of [`send`] for what the system takes at once.
pub(super) fn send_at_once<T: Stream>(
    this: &mut T,
    [data, first, last]: [Given<'_>; 3],
) -> First<Count<2>> {
    let Some(data) = data.to_bytes().filter(|_| !IS_DEBUG) else { return First::Not };
    let (before, part) = match first.kind() {
        Kind::None => (0, data),
        _ => match (index_of(first), index_of(last)) {
            (Some(first), Some(last)) => {
                let (before, range) = span(data.len(), first, last);
                (before, &data[range])
            }
            _ => return First::Not,
        },
    };
    sending::at_once(this, part, true).map(|count| Count(before + count as i64))
}

/// The number that an argument is, if it is one or nothing.
fn index_of(given: Given<'_>) -> Option<Option<f64>> {
    match given.kind() {
        Kind::None | Kind::Nil => Some(None),
        _ => given.to_number().map(Some),
    }
}

/// `send(data [, i [, j]])`: `last, nil, nil` or `nil, message, last`. Both count from the beginning of the string.
pub(super) fn send<'a, T: Stream>(
    this: &'a mut T,
    begun: Option<&'a Attempt>,
    cx: Cx<'a>,
    data: &'a [u8],
    first: Option<f64>,
    last: Option<f64>,
) -> Answer<'a> {
    let (before, range) = span(data.len(), first, last);
    let watch = Stopwatch::start();
    if range.is_empty() {
        return Ok(timed(watch, Value::Integer(before), Value::Nil, Value::Nil));
    }
    let socket = this.socket();
    socket.engine.fibers.set_watch(watch);
    let patience = socket.patience();
    let part = Part { argument: 2, data, range: 0..range.end };
    let all = sending::AllFrom(range.start);
    match sending::run_after(cx, this, part, all, patience, begun, sent) {
        Outcome::Now(outcome) => sent(cx, this, outcome),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

fn sent<'a, T: Stream>(cx: Cx<'a>, this: &mut T, outcome: Result<usize, SendFailed>) -> Answer<'a> {
    let last = |count: usize| Value::Integer(count as i64);
    let watch = this.socket().engine.fibers.watch();
    Ok(match outcome {
        Ok(count) => timed(watch, last(count), Value::Nil, Value::Nil),
        Err(SendFailed { error, sent }) => timed(watch, Value::Nil, words(cx, &error), last(sent)),
    })
}

/// Lua's `string.sub` on a length: the index before the first byte, and the bytes' range.
fn span(len: usize, first: Option<f64>, last: Option<f64>) -> (i64, std::ops::Range<usize>) {
    let size = i64::try_from(len).unwrap_or(i64::MAX);
    let from_end = |index: i64| if index < 0 { size.saturating_add(index + 1) } else { index };
    let first = from_end(first.map_or(1, |first| first as i64)).max(1);
    let last = from_end(last.map_or(-1, |last| last as i64)).min(size);
    if first > last {
        return (first - 1, 0..0);
    }
    // 1 <= first <= last <= len, so both fit.
    (first - 1, (first - 1) as usize..last as usize)
}

/// The results of a call; the fourth of LuaSocket's debug build is the seconds that it took.
#[inline(always)]
fn timed<'a>(watch: Stopwatch, a: Value<'a>, b: Value<'a>, c: Value<'a>) -> Reply<'a> {
    #[cfg(feature = "debug")]
    return Reply::Four(a, b, c, (moonsocket_core::os::monotonic_s() - watch.start_s).into());
    #[cfg(not(feature = "debug"))]
    {
        let Stopwatch {} = watch;
        Reply::Three(a, b, c)
    }
}
