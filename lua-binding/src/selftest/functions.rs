//! The functions of the toy dialect that are no methods.

use super::objects::{Other, Shared, Toy};
use crate::vm::starved::{self, Famine};
use crate::vm::{
    Answer, Cx, Given, Kind, Lua, Number, Others, Presence, Raise, Reply, Tree, Value, Word,
    function, keyword,
};

pub(super) fn toy(cx: Cx<'_>, open: bool) -> Answer<'_> {
    let shared = cx.state::<Shared>();
    shared.alive.set(shared.alive.get() + 1);
    let toy = Toy { open, limit: -1.0, buffer: Vec::new(), returned: 0, shared };
    Ok((cx.object(toy), cx.bytes(*b"made")).into())
}

/// An object without the call: it is numbered by the toys that there are.
pub(super) fn born(shared: &Shared) -> Other {
    Other(shared.alive.get().try_into().expect("few toys"))
}

/// Makes a toy and throws it away, raising.
pub(super) fn waste(cx: Cx<'_>) -> Answer<'_> {
    let made = toy(cx, true)?;
    let _ = made;
    let text = cx.bytes(format!("wasted {}", 1 + 1));
    Err(Raise::Value(text))
}

pub(super) fn other(cx: Cx<'_>) -> Answer<'_> {
    let other = Other(7);
    debug_assert_eq!(other.0, 7);
    Ok(Reply::one(cx.object(other)))
}

pub(super) fn alive(cx: Cx<'_>) -> Answer<'static> {
    Ok(Reply::one(cx.state::<Shared>().alive.get()))
}

pub(super) fn number(n: f64) -> Answer<'static> {
    Ok((n, n as i64).into())
}

pub(super) fn integer(n: i64) -> Answer<'static> {
    Ok(Reply::one(n))
}

pub(super) fn bytes(it: &[u8]) -> Answer<'_> {
    Ok((it, Value::Argument(1)).into())
}

pub(super) fn boolean(it: bool) -> Answer<'static> {
    Ok(Reply::one(it))
}

pub(super) fn presence(it: Presence<f64>) -> Answer<'static> {
    Ok(match it {
        Presence::Absent => Reply::one("absent"),
        Presence::Nil => Reply::one("nil"),
        Presence::Given(n) => Reply::one(n),
    })
}

pub(super) fn kind(it: Given<'_>) -> Answer<'_> {
    let kind = match it.kind() {
        Kind::None => "none",
        Kind::Nil => "nil",
        Kind::Boolean => "boolean",
        Kind::LightUserdata => "light",
        Kind::Number => "number",
        Kind::String => "string",
        Kind::Table => "table",
        Kind::Function => "function",
        Kind::Userdata => "userdata",
        Kind::Thread => "thread",
        Kind::Foreign => "foreign",
    };
    Ok((kind, it.to_number(), it.to_bytes(), it.truth()).into())
}

pub(super) fn mode(word: &[u8]) -> Answer<'_> {
    Ok(Reply::one(keyword(1, word, &["read", "write"])? as i64))
}

pub(super) fn raise<'a>(how: &'a [u8], what: Given<'a>) -> Answer<'a> {
    Err(match how {
        b"argument" => Raise::argument(2, "not this"),
        b"quoting" => {
            Raise::quoting(2, "unsupported option `", what.to_bytes().unwrap_or(b""), "'")
        }
        b"type" => Raise::Type(2, "toy"),
        b"here" => Raise::here("from here"),
        _ => Raise::Value(Value::Argument(2)),
    })
}

pub(super) fn count(rest: Others<'_>) -> Answer<'static> {
    let numbers = (0..rest.count()).filter_map(|i| rest.get(i).to_number());
    Ok((rest.count() as i64, numbers.sum::<f64>(), rest.get(99).kind() == Kind::None).into())
}

pub(super) fn tree(cx: Cx<'_>) -> Answer<'_> {
    let list = Tree::List(vec![Tree::Integer(1), Tree::Number(2.5), Tree::Boolean(true)]);
    Ok(Reply::one(cx.tree(Tree::Fields(vec![
        ("list", list),
        ("name", "moon".into()),
        ("map", Tree::Table(vec![(Tree::Integer(7), "seven".into())])),
    ]))))
}

/// `many(n)`: a string of `n` bytes that the call owns, and a borrowed one of the same length.
pub(super) fn large(cx: Cx<'_>, length: f64) -> Answer<'_> {
    let length = length as usize;
    Ok((cx.bytes(vec![b'x'; length]), "end").into())
}

/// `protect(f, ...)`: `true` and the results, or `false`, the error and its text.
pub(super) fn protect<'a>(lua: Lua<'a>, f: Given<'a>, rest: Others<'a>) -> Answer<'a> {
    let guard = vec![0u8; lua.cx().coroutine() % 2 + 100];
    let args: Vec<_> = (0..rest.count()).map(|i| rest.get(i).local()).collect();
    let flag = lua.value(true)?;
    match lua.call(f.local(), &args) {
        Ok(_) => Ok(Reply::From(flag)),
        Err(fault) => {
            let text = lua.text(fault.0);
            debug_assert!(guard.len() >= 100);
            Ok((false, fault.0, lua.cx().bytes(text)).into())
        }
    }
}

/// Builds a table by hand, runs a chunk with it, reads a global.
pub(super) fn build(lua: Lua<'_>) -> Answer<'_> {
    let table = lua.table()?;
    lua.set(table, "answer", 42i64)?;
    lua.set(table, 1i64, Word::Closed)?;
    let function = lua.function(function!("number", number, Number))?;
    lua.set(table, "number", function)?;
    let chunk =
        lua.load("local t = ... ; t.more = t.answer + 1; return t, 'chunk'", "=embedded")?;
    let first = lua.call(chunk, &[table])?;
    let insert = lua.get(lua.global("table")?, "insert")?;
    lua.call(insert, &[table, lua.value("inserted")?])?;
    Ok((first, lua.nth(first, 1), lua.raw_len(table) as i64).into())
}

/// `fibers(f, ...)`: runs each function as a fiber, answering every wait with a count.
pub(super) fn fibers<'a>(lua: Lua<'a>, functions: Others<'a>) -> Answer<'a> {
    let shared = lua.cx().state::<Shared>();
    let mut log = Vec::new();
    for i in 0..functions.count() {
        let thread = lua.thread(functions.get(i).local(), &[lua.value(i as i64)?])?;
        shared.parked.borrow_mut().push(thread);
    }
    let mut answer = 0i64;
    loop {
        let Some(thread) = shared.parked.borrow_mut().pop() else {
            break;
        };
        let text = format!("answer {answer}");
        let with = Reply::Three(
            Value::Integer(answer),
            Word::Timeout.into(),
            Value::Bytes(text.as_bytes()),
        );
        let keep = lua.scope(|lua| {
            let stopped = lua.resume_fiber(&thread, &with)?;
            answer += 1;
            match stopped {
                crate::vm::Stopped::Suspended | crate::vm::Stopped::Yielded(_) => return Ok(true),
                crate::vm::Stopped::Returned(0) => log.push(Tree::Boolean(true)),
                crate::vm::Stopped::Returned(_) => {
                    let first = lua.take(&thread, stopped)?;
                    log.push(Tree::Bytes(lua.text(first).into()));
                }
                crate::vm::Stopped::Failed => {
                    let error = lua.take(&thread, stopped)?;
                    let traced = lua.traceback(&thread, error)?;
                    log.push(Tree::Bytes(lua.text(traced).into()));
                    lua.close(&thread);
                }
            }
            Ok(false)
        })?;
        if keep {
            shared.parked.borrow_mut().insert(0, thread);
        }
    }
    shared.anchors.borrow_mut().clear();
    Ok(Reply::one(lua.cx().tree(Tree::List(log))))
}

/// Many strings at once, more than any fixed count.
pub(super) fn many(_: Cx<'_>) -> Answer<'static> {
    const LIST: [Value<'static>; 60] = [Value::Str("many"); 60];
    Ok(Reply::Many(&LIST))
}

/// `starve(source, first, length, fatal)`: see [`starved`]. How often memory was asked for, the error, that of the call
/// afterwards, whether a finalizer was lost.
pub(super) fn starve<'a>(
    cx: Cx<'a>,
    source: &[u8],
    first: f64,
    length: f64,
    fatal: bool,
) -> Answer<'a> {
    let famine = Famine { first: first as u64, length: length as u64, fatal };
    let outcome = starved::starve(&String::from_utf8_lossy(source), famine);
    let text = |text: Option<String>| text.map_or(Value::Nil, |text| cx.bytes(text));
    let (asked, error, after) = (outcome.asked as i64, outcome.error, outcome.afterwards);
    Ok((asked, text(error), text(after), outcome.lost).into())
}

/// `held(bytes, descriptors)`: how many bytes Rust has, and the process's descriptors. Waits a moment if they are more than
/// these: threads that look names up may still be at it.
pub(super) fn held(bytes: Option<f64>, descriptors: Option<f64>) -> Answer<'static> {
    let (bytes, descriptors) = (bytes.unwrap_or(f64::MAX), descriptors.unwrap_or(f64::MAX));
    let now = || {
        let descriptors = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
        (starved::held() as i64, descriptors as i64)
    };
    let mut held = now();
    for _ in 0..1000 {
        if held.0 as f64 <= bytes && held.1 as f64 <= descriptors {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
        held = now();
    }
    Ok(held.into())
}

pub(super) fn setup<'a>(lua: Lua<'a>, module: Given<'a>) -> Answer<'a> {
    lua.set(module.local(), "setup", "was run")?;
    Ok(Reply::Nothing)
}
