//! `select` over any objects with `getfd`, without a limit on descriptors or time.

use moonsocket_core::ops::Select;
use moonsocket_core::{Descriptor, Error, Interest, Limit, Watch, drive};

use super::tcp::Tcp;
use super::udp::Udp;
use super::unixdgram::UnixDgram;
use super::unixstream::UnixStream;
use crate::door::{self, HasSocket};
use crate::socket::Engine;
use crate::vm::{Anchor, Answer, Attempt, Given, Kind, Local, Lua, Raise, Word};

/// One element of an input table that has a descriptor.
struct Item {
    /// Its place in the table.
    at: usize,
    descriptor: Descriptor,
    dirty: bool,
}

/// An input table, walked.
#[derive(Default)]
struct Set {
    items: Vec<Item>,
    /// The table, where the results are made in another call's frame: by a fiber's scheduler.
    anchor: Option<Anchor>,
}

/// `select(recvt, sendt [, timeout])`: what is readable, what is writable, and `"timeout"` when nothing is.
pub(super) fn select<'a>(
    lua: Lua<'a>,
    recvt: Given<'a>,
    sendt: Given<'a>,
    timeout: Option<f64>,
) -> Answer<'a> {
    check(recvt)?;
    check(sendt)?;
    let mut receive = walk(lua, recvt, true)?;
    let mut send = walk(lua, sendt, false)?;
    let dirty = receive.items.iter().any(|item| item.dirty);
    let limit = if dirty { Limit::ZERO } else { Limit::from_secs_f64(timeout.unwrap_or(-1.0)) };
    let engine = Engine::of(lua.cx());
    let mut operation = Select::new(watches(&receive, &send));
    if !engine.fibers.may_suspend(lua.cx()) {
        let out = drive(&engine.backend, &mut operation, &mut (), limit.into());
        return finish(lua, (&receive, recvt.local()), (&send, sendt.local()), &out);
    }
    for (set, given) in [(&mut receive, recvt), (&mut send, sendt)] {
        set.anchor = given.anchor(lua.cx());
    }
    door::run_free(lua, &engine, operation, limit.into(), move |lua, out| {
        let table = |set: &Set| match &set.anchor {
            Some(anchor) => Ok(lua.fetch(anchor)),
            None => lua.value(()),
        };
        finish(lua, (&receive, table(&receive)?), (&send, table(&send)?), &out)
    })
}

fn check(given: Given<'_>) -> Result<(), Raise<'_>> {
    match given.kind() {
        Kind::None | Kind::Nil | Kind::Table => Ok(()),
        _ => Err(Raise::Type(given.number(), "table")),
    }
}

/// Goes through `t[1], t[2], …` up to the first nil.
fn walk<'a>(lua: Lua<'a>, given: Given<'a>, buffered: bool) -> Result<Set, Raise<'a>> {
    let mut set = Set::default();
    if given.kind() != Kind::Table {
        return Ok(set);
    }
    let table = given.local();
    let plain = !lua.has_metatable(table);
    for at in 1.. {
        let more = lua.scope(|lua| -> Attempt<'a, bool> {
            let element = if plain { lua.raw_index(table, at) } else { lua.get(table, at as i64)? };
            match look(lua, element, buffered)? {
                Look::End => return Ok(false),
                Look::Skip => {}
                Look::At(descriptor, dirty) => set.items.push(Item { at, descriptor, dirty }),
            }
            Ok(true)
        });
        if !more? {
            break;
        }
    }
    Ok(set)
}

enum Look {
    End,
    Skip,
    At(Descriptor, bool),
}

fn look<'a>(lua: Lua<'a>, element: Local<'a>, buffered: bool) -> Attempt<'a, Look> {
    if let Some((descriptor, dirty)) = ours(lua, element, buffered) {
        return Ok(if descriptor < 0 { Look::Skip } else { Look::At(descriptor, dirty) });
    }
    if lua.kind(element) == Kind::Nil {
        return Ok(Look::End);
    }
    foreign(lua, element, buffered)
}

/// An object of our own, looked at without calling Lua.
fn ours<'a>(lua: Lua<'a>, element: Local<'a>, buffered: bool) -> Option<(Descriptor, bool)> {
    one_of::<Tcp>(lua, element, buffered)
        .or_else(|| one_of::<Udp>(lua, element, buffered))
        .or_else(|| one_of::<UnixStream>(lua, element, buffered))
        .or_else(|| one_of::<UnixDgram>(lua, element, buffered))
}

fn one_of<'a, T: HasSocket>(
    lua: Lua<'a>,
    element: Local<'a>,
    buffered: bool,
) -> Option<(Descriptor, bool)> {
    lua.with_object::<T, _>(element, |object| {
        let handle = &object.socket().handle;
        (handle.descriptor(), buffered && !handle.buffer.is_empty())
    })
}

/// Somebody else's object: LuaSec's, a sink, a table with a method.
fn foreign<'a>(lua: Lua<'a>, element: Local<'a>, buffered: bool) -> Attempt<'a, Look> {
    let getfd = lua.get(element, "getfd")?;
    if lua.kind(getfd) == Kind::Nil {
        return Ok(Look::Skip);
    }
    let first = lua.call(getfd, &[element])?;
    let descriptor = lua.number(first).unwrap_or(-1.0);
    if !(0.0..=f64::from(i32::MAX)).contains(&descriptor) {
        return Ok(Look::Skip);
    }
    let mut dirty = false;
    if buffered {
        let method = lua.get(element, "dirty")?;
        if lua.kind(method) != Kind::Nil {
            let first = lua.call(method, &[element])?;
            dirty = lua.count(first) > 0 && lua.truth(first);
        }
    }
    Ok(Look::At(descriptor as Descriptor, dirty))
}

fn watches(receive: &Set, send: &Set) -> Vec<Watch> {
    let reads = receive.items.iter().map(|item| Watch::new(item.descriptor, Interest::READ));
    let writes = send.items.iter().map(|item| Watch::new(item.descriptor, Interest::WRITE));
    reads.chain(writes).collect()
}

fn finish<'a>(
    lua: Lua<'a>,
    (receive, recvt): (&Set, Local<'a>),
    (send, sendt): (&Set, Local<'a>),
    (watches, outcome): &(Vec<Watch>, Result<usize, Error>),
) -> Answer<'a> {
    if outcome.is_err() || watches.iter().any(|watch| watch.invalid) {
        return Err(Raise::here("select failed"));
    }
    let (reads, writes) = watches.split_at(receive.items.len().min(watches.len()));
    let (readable, some) = listed(lua, receive, recvt, reads)?;
    let (writable, more) = listed(lua, send, sendt, writes)?;
    Ok(if some || more {
        (readable, writable).into()
    } else {
        (readable, writable, Word::Timeout).into()
    })
}

/// A result table: dirty ones first, in their order, then the ready ones by descriptor; and under each object its
/// position. Of several objects with one descriptor the last counts.
fn listed<'a>(
    lua: Lua<'a>,
    set: &Set,
    input: Local<'a>,
    watches: &[Watch],
) -> Result<(Local<'a>, bool), Raise<'a>> {
    let table = lua.table()?;
    let mut places: Vec<usize> =
        set.items.iter().filter(|item| item.dirty).map(|item| item.at).collect();
    let mut ready: Vec<&Item> = set
        .items
        .iter()
        .zip(watches)
        .filter(|(item, watch)| !item.dirty && !watch.ready.is_none())
        .map(|(item, _)| item)
        .collect();
    ready.sort_by_key(|item| (item.descriptor, std::cmp::Reverse(item.at)));
    ready.dedup_by_key(|item| item.descriptor);
    places.extend(ready.iter().map(|item| item.at));
    for (position, &at) in places.iter().enumerate() {
        let done = lua.scope(|lua| {
            let object = lua.get(input, at as i64)?;
            lua.set(table, position as i64 + 1, object)?;
            lua.set(table, object, position as i64 + 1)
        });
        done?;
    }
    Ok((table, !places.is_empty()))
}
