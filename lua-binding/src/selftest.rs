//! A toy dialect that uses every part of [`vm`](crate::vm) once, for `tests/vm.lua`. Never shipped.
#![forbid(unsafe_code)]

use crate::vm::starved::{self, Famine};
use crate::vm::{
    Answer, Any, AnyClass, Body, Boolean, Bytes, Call, Class, Constant, Count, Cx, Family,
    Function, Given, Guard, Integer, Kind, Lua, Machine, Maybe, Module, Number, Obj, Others,
    Presence, Property, Raise, Ref, Reply, Rest, Tree, Truth, Type, Value, Word, function, keyword,
    method,
};
use std::cell::{Cell, RefCell};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// A box that is closed, then open; it counts its likes, so that a test sees them dropped.
pub struct Toy {
    open: bool,
    limit: f64,
    buffer: Vec<u8>,
    returned: u32,
    shared: Rc<Shared>,
}

/// What all toys of a Lua state share.
#[derive(Default)]
pub struct Shared {
    alive: Cell<i64>,
    parked: RefCell<Vec<crate::vm::Thread>>,
    anchors: RefCell<Vec<crate::vm::Anchor>>,
}

impl Drop for Toy {
    fn drop(&mut self) {
        self.shared.alive.set(self.shared.alive.get() - 1);
    }
}

/// Toys that are open.
struct Open;

impl Guard<Toy> for Open {
    const EXPECTED: &'static str = "toy{open}";

    fn admits(toy: &Toy) -> bool {
        toy.open
    }
}

/// A second type of the same family name, to be told apart.
pub struct Other(u8);

impl Body for Other {
    const FAMILY: &'static Family = &Family {
        name: "other",
        classes: &[Class { name: "other", marks: &[] }],
        methods: &[
            method!("twice", Other, AnyClass, Other::number),
            method!(show "half", Other, AnyClass, Other::even_half => Other::half, Option<Number>),
            method!(show "place", Other, AnyClass, Other::place => Other::half, Option<Number>),
        ],
        stranger: "not an other",
    };

    const PROPERTIES: &'static [Property] = &[
        Property {
            name: "number",
            get: Some(method!("number", Other, AnyClass, Other::number)),
            set: Some(method!("number", Other, AnyClass, Other::set_number, Any)),
        },
        Property {
            name: "fixed",
            get: Some(method!("fixed", Other, AnyClass, Other::number)),
            set: None,
        },
        Property {
            name: "secret",
            get: None,
            set: Some(method!("secret", Other, AnyClass, Other::set_number, Any)),
        },
    ];

    const METAMETHODS: &'static [Function] = &[
        function!("__eq", same_number, Obj<Other>, Obj<Other>),
        method!("__tostring", Other, AnyClass, Other::text, Call),
    ];
}

impl Other {
    fn number(&mut self) -> Answer<'_> {
        Ok(Reply::one(i64::from(self.0)))
    }

    fn set_number(&mut self, value: Given<'_>) -> Answer<'static> {
        match value.to_number() {
            Some(number) => self.0 = number as u8,
            None => return Err(Raise::here("number: a number expected")),
        }
        Ok(Reply::Nothing)
    }

    fn text<'a>(&mut self, cx: Cx<'a>) -> Answer<'a> {
        Ok(Reply::One(cx.bytes(format!("number {}", self.0))))
    }

    fn even_half(&mut self) -> Option<Count<0>> {
        assert!(self.0 != 13, "unlucky");
        self.0.is_multiple_of(2).then_some(Count(i64::from(self.0 / 2)))
    }

    fn place(&mut self) -> Option<SocketAddrV4> {
        self.even_half()
            .map(|Count(half)| SocketAddrV4::new([127, 0, 0, self.0].into(), half as u16))
    }

    fn half(&mut self, more: Option<f64>) -> Answer<'static> {
        Ok((f64::from(self.0) / 2.0 + more.unwrap_or(0.0), "odd").into())
    }
}

fn same_number(a: Ref<'_, Other>, b: Ref<'_, Other>) -> Answer<'static> {
    Ok(Reply::one(a.with(|a| a.0) == b.with(|b| b.0)))
}

impl Body for Toy {
    const FAMILY: &'static Family = &Family {
        name: "toy{any}",
        classes: &[
            Class { name: "toy{shut}", marks: &["toy{any}"] },
            Class { name: "toy{open}", marks: &["toy{any}", "open{able}"] },
        ],
        methods: TOY,
        stranger: "invalid object passed to 'toy:__tostring'",
    };

    fn class(&self) -> usize {
        usize::from(self.open)
    }

    fn close(&mut self) {
        self.open = false;
        self.limit = -2.0;
    }

    fn returned(&mut self) {
        self.returned += 1;
    }
}

const TOY: &[Function] = &[
    method!("getfd", Toy, AnyClass, Toy::getfd),
    method!("settimeout", Toy, AnyClass, Toy::settimeout, Option<Number>, Option<Bytes>),
    method!("receive", Toy, AnyClass, Toy::receive),
    method!("send", Toy, Open, Toy::send, Bytes, Option<Number>, Option<Number>),
    method!("open", Toy, AnyClass, Toy::open, Boolean),
    method!("fill", Toy, AnyClass, Toy::fill, Bytes),
    method!("lend", Toy, AnyClass, Toy::lend, Option<Integer>),
    method!("lendlate", Toy, AnyClass, Toy::lend_late),
    method!("lendbehindquad", Toy, AnyClass, Toy::lend_behind_quad),
    method!("lendtwice", Toy, AnyClass, Toy::lend_twice),
    method!("returned", Toy, AnyClass, Toy::returned_count),
    method!("panic", Toy, AnyClass, Toy::panic, Bytes),
    method!("same", Toy, AnyClass, Toy::same, Obj<Toy>, Obj<Toy>),
    method!("wait", Toy, AnyClass, Toy::wait, Call, Any),
    function!("poke", poke, Obj<Toy, Open>, Machine, Any),
];

impl Toy {
    fn getfd(&mut self) -> Answer<'_> {
        Ok(Reply::one(self.limit))
    }

    fn settimeout(&mut self, limit: Option<f64>, mode: Option<&[u8]>) -> Answer<'static> {
        match mode {
            None | Some(b"b" | b"t") => self.limit = limit.unwrap_or(-1.0),
            Some(_) => return Err(Raise::argument(3, "invalid timeout mode")),
        }
        Ok(Reply::one(1.0))
    }

    fn receive(&mut self) -> Answer<'_> {
        Ok((Value::Nil, Word::Timeout, "").into())
    }

    fn send(&mut self, data: &[u8], first: Option<f64>, last: Option<f64>) -> Answer<'static> {
        let _ = first.unwrap_or(1.0);
        let last = last.unwrap_or(-1.0);
        let end = if last < 0.0 { data.len() as f64 + last + 1.0 } else { last };
        self.limit = end;
        Ok(Reply::one(end))
    }

    fn open(&mut self, open: bool) -> Answer<'static> {
        self.open = open;
        Ok(Reply::Nothing)
    }

    fn fill(&mut self, data: &[u8]) -> Answer<'static> {
        self.buffer.clear();
        self.buffer.extend_from_slice(data);
        self.buffer.shrink_to_fit();
        Ok(Reply::one(self.buffer.len() as i64))
    }

    fn lend(&mut self, length: Option<i64>) -> Answer<'_> {
        let length = length.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(0));
        let lent = &self.buffer[..length.min(self.buffer.len())];
        Ok((Value::Lent(lent), Value::Boolean(true)).into())
    }

    fn lend_late(&mut self) -> Answer<'_> {
        Ok(("late", Value::Lent(&self.buffer)).into())
    }

    fn lend_behind_quad(&mut self) -> Answer<'_> {
        let quad = Value::DottedQuad(Ipv4Addr::new(10, 0, 255, 1));
        Ok((quad, Value::Lent(&self.buffer)).into())
    }

    fn lend_twice(&mut self) -> Answer<'_> {
        let (a, b) = self.buffer.split_at(self.buffer.len() / 2);
        Ok((Value::Lent(a), Word::Closed, Value::Lent(b), 4i64).into())
    }

    fn returned_count(&mut self) -> Answer<'_> {
        Ok(Reply::one(i64::from(self.returned)))
    }

    fn panic(&mut self, text: &[u8]) -> Answer<'_> {
        let owned = String::from_utf8_lossy(text).into_owned();
        if owned == "bounds" {
            let length = owned.len();
            return Ok(Reply::one(i64::from(self.buffer[length + self.buffer.len()])));
        }
        panic!("it said {owned}");
    }

    fn same(&mut self, a: Ref<'_, Self>, b: Ref<'_, Self>) -> Answer<'static> {
        let own = |it: Ref<'_, Self>| it.with(|_| ()).is_none();
        let nested = a.with(|_| b.with(|_| ()).is_some());
        Ok((own(a), own(b), a.id() == b.id(), nested).into())
    }

    fn wait(&mut self, cx: Cx<'_>, what: Given<'_>) -> Answer<'static> {
        if !cx.may_suspend() {
            return Err(Raise::here("not in a fiber"));
        }
        if let Some(anchor) = what.anchor(cx) {
            self.shared.anchors.borrow_mut().push(anchor);
        }
        Ok(Reply::Suspend)
    }
}

/// Calls a Lua function while the toy is borrowed, which therefore cannot use it.
fn poke<'a>(toy: Ref<'a, Toy>, lua: Lua<'a>, callback: Given<'a>) -> Answer<'a> {
    let owned = Vec::from([1, 2, 3]);
    let result = toy.with(|toy| {
        toy.limit += owned.len() as f64;
        lua.call(callback.local(), &[])
    });
    match result {
        None => Ok(Reply::one("busy")),
        Some(Ok(first)) => Ok(Reply::From(first)),
        Some(Err(fault)) => Err(fault.into()),
    }
}

fn toy(cx: Cx<'_>, open: bool) -> Answer<'_> {
    let shared = cx.state::<Shared>();
    shared.alive.set(shared.alive.get() + 1);
    let toy = Toy { open, limit: -1.0, buffer: Vec::new(), returned: 0, shared };
    Ok((cx.object(toy), cx.bytes(*b"made")).into())
}

/// An object without the call: it is numbered by the toys that there are.
fn born(shared: &Shared) -> Other {
    Other(shared.alive.get().try_into().expect("few toys"))
}

/// Makes a toy and throws it away, raising.
fn waste(cx: Cx<'_>) -> Answer<'_> {
    let made = toy(cx, true)?;
    let _ = made;
    let text = cx.bytes(format!("wasted {}", 1 + 1));
    Err(Raise::Value(text))
}

fn other(cx: Cx<'_>) -> Answer<'_> {
    let other = Other(7);
    debug_assert_eq!(other.0, 7);
    Ok(Reply::one(cx.object(other)))
}

fn alive(cx: Cx<'_>) -> Answer<'static> {
    Ok(Reply::one(cx.state::<Shared>().alive.get()))
}

fn number(n: f64) -> Answer<'static> {
    Ok((n, n as i64).into())
}

fn integer(n: i64) -> Answer<'static> {
    Ok(Reply::one(n))
}

fn bytes(it: &[u8]) -> Answer<'_> {
    Ok((it, Value::Argument(1)).into())
}

fn boolean(it: bool) -> Answer<'static> {
    Ok(Reply::one(it))
}

fn presence(it: Presence<f64>) -> Answer<'static> {
    Ok(match it {
        Presence::Absent => Reply::one("absent"),
        Presence::Nil => Reply::one("nil"),
        Presence::Given(n) => Reply::one(n),
    })
}

fn kind(it: Given<'_>) -> Answer<'_> {
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

fn mode(word: &[u8]) -> Answer<'_> {
    Ok(Reply::one(keyword(1, word, &["read", "write"])? as i64))
}

fn raise<'a>(how: &'a [u8], what: Given<'a>) -> Answer<'a> {
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

fn count(rest: Others<'_>) -> Answer<'static> {
    let numbers = (0..rest.count()).filter_map(|i| rest.get(i).to_number());
    Ok((rest.count() as i64, numbers.sum::<f64>(), rest.get(99).kind() == Kind::None).into())
}

fn tree(cx: Cx<'_>) -> Answer<'_> {
    let list = Tree::List(vec![Tree::Integer(1), Tree::Number(2.5), Tree::Boolean(true)]);
    Ok(Reply::one(cx.tree(Tree::Fields(vec![
        ("list", list),
        ("name", "moon".into()),
        ("map", Tree::Table(vec![(Tree::Integer(7), "seven".into())])),
    ]))))
}

/// `many(n)`: a string of `n` bytes that the call owns, and a borrowed one of the same length.
fn large(cx: Cx<'_>, length: f64) -> Answer<'_> {
    let length = length as usize;
    Ok((cx.bytes(vec![b'x'; length]), "end").into())
}

/// `protect(f, ...)`: `true` and the results, or `false`, the error and its text.
fn protect<'a>(lua: Lua<'a>, f: Given<'a>, rest: Others<'a>) -> Answer<'a> {
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
fn build(lua: Lua<'_>) -> Answer<'_> {
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
fn fibers<'a>(lua: Lua<'a>, functions: Others<'a>) -> Answer<'a> {
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
fn many(_: Cx<'_>) -> Answer<'static> {
    const LIST: [Value<'static>; 60] = [Value::Str("many"); 60];
    Ok(Reply::Many(&LIST))
}

/// `starve(source, first, length, fatal)`: see [`starved`]. How often memory was asked for, the error, that of the call
/// afterwards, whether a finalizer was lost.
fn starve<'a>(cx: Cx<'a>, source: &[u8], first: f64, length: f64, fatal: bool) -> Answer<'a> {
    let famine = Famine { first: first as u64, length: length as u64, fatal };
    let outcome = starved::starve(&String::from_utf8_lossy(source), famine);
    let text = |text: Option<String>| text.map_or(Value::Nil, |text| cx.bytes(text));
    let (asked, error, after) = (outcome.asked as i64, outcome.error, outcome.afterwards);
    Ok((asked, text(error), text(after), outcome.lost).into())
}

/// `held(bytes, descriptors)`: how many bytes Rust has, and the process's descriptors. Waits a moment if they are more than
/// these: threads that look names up may still be at it.
fn held(bytes: Option<f64>, descriptors: Option<f64>) -> Answer<'static> {
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

fn setup<'a>(lua: Lua<'a>, module: Given<'a>) -> Answer<'a> {
    lua.set(module.local(), "setup", "was run")?;
    Ok(Reply::Nothing)
}

/// `require "moonsocket_selftest"`.
pub const MODULE: Module = Module {
    functions: &[
        function!("toy", toy, Call, Truth),
        function!("other", other, Call),
        function!(new "born", Other, Shared, born),
        function!("waste", waste, Call),
        function!("alive", alive, Call),
        function!("number", number, Number),
        function!("integer", integer, Integer),
        function!("bytes", bytes, Bytes),
        function!("boolean", boolean, Boolean),
        function!("truth", boolean, Truth),
        function!("presence", presence, Maybe<Number>),
        function!("kind", kind, Any),
        function!("mode", mode, Bytes),
        function!("raise", raise, Bytes, Any),
        function!("count", count, Rest),
        function!("tree", tree, Call),
        function!("large", large, Call, Number),
        function!("protect", protect, Machine, Any, Rest),
        function!("build", build, Machine),
        function!("fibers", fibers, Machine, Rest),
        function!("many", many, Call),
        function!("starve", starve, Call, Bytes, Number, Number, Truth),
        function!("held", held, Option<Number>, Option<Number>),
    ],
    constants: &[("ANSWER", Constant::Integer(42)), ("NAME", Constant::Str("toy"))],
    tables: &[(
        "inner",
        Module { functions: &[function!("truth", boolean, Truth)], ..Module::EMPTY },
    )],
    types: &[Type::of::<Toy>(), Type::of::<Other>()],
    chunks: &[crate::vm::Chunk { name: "=toy.lua", source: "local m = ... ; m.half = 'Lua half'" }],
    setup: &[function!("setup", setup, Machine, Any)],
    ..Module::EMPTY
};
