//! The objects of the toy dialect, and their methods.

use crate::vm::{
    Answer, Any, AnyClass, Body, Boolean, Bytes, Call, Class, Count, Cx, Family, Function, Given,
    Guard, Integer, Lua, Machine, Number, Obj, Property, Raise, Ref, Reply, Value, Word, function,
    method,
};
use std::cell::{Cell, RefCell};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

/// A box that is closed, then open; it counts its likes, so that a test sees them dropped.
pub(super) struct Toy {
    pub(super) open: bool,
    pub(super) limit: f64,
    pub(super) buffer: Vec<u8>,
    pub(super) returned: u32,
    pub(super) shared: Rc<Shared>,
}

/// What all toys of a Lua state share.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) alive: Cell<i64>,
    pub(super) parked: RefCell<Vec<crate::vm::Thread>>,
    pub(super) anchors: RefCell<Vec<crate::vm::Anchor>>,
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
pub(super) struct Other(pub(super) u8);

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
