//! `poll` over sockets, files and whatever has a descriptor, and its flags.

use std::time::Duration;

use moonsocket_core::ops::Select;
use moonsocket_core::poll::{POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI};
use moonsocket_core::{Error, Interest, Limit, Watch, drive};

use super::error::fail;
use super::socket;
use crate::door;
use crate::socket::Engine;
use crate::vm::{Answer, Attempt, Cx, Given, Kind, Local, Lua, Others, Raise, Reply, Tree};

/// The flags' names. The first three are what can be asked for; the others are told anyway.
const FLAGS: &[(&str, i16)] = &[
    ("in", POLLIN),
    ("out", POLLOUT),
    ("pri", POLLPRI),
    ("err", POLLERR),
    ("hup", POLLHUP),
    ("nval", POLLNVAL),
];

/// `poll_flags("in", …)`: their number; `poll_flags(number)`: a table of those that are set.
pub(super) fn flags<'a>(cx: Cx<'a>, words: Others<'a>) -> Answer<'a> {
    if let Some(number) = words.get(0).to_number() {
        let number = number as i64;
        let set = FLAGS.iter().filter(|(_, flag)| number & i64::from(*flag) != 0);
        let set = set.map(|(name, _)| (*name, Tree::Boolean(true))).collect();
        return Ok(Reply::One(cx.tree(Tree::Fields(set))));
    }
    let mut flags = 0;
    for i in 0..words.count() {
        let word = words.get(i);
        let name = word.to_bytes().ok_or(Raise::Type(word.number(), "string"))?;
        let known = FLAGS.iter().find(|(known, _)| known.as_bytes() == name);
        flags |= known
            .ok_or(Raise::argument(
                word.number(),
                "supported values: in, pri, out, err, hup, nval",
            ))?
            .1;
    }
    Ok(Reply::one(i64::from(flags)))
}

/// Entries that are looked at in one go.
const BATCH: usize = 8;

/// One entry of the list.
#[derive(Clone, Copy)]
struct Entry {
    events: i16,
    /// What it is ready for without the system.
    revents: i16,
}

/// `poll(fds [, ms = 0])`: how many of the entries are ready, which have `revents` then, and the list; `false` when the
/// time is up first. Without entries it sleeps.
pub(super) fn poll<'a>(lua: Lua<'a>, fds: Given<'a>, ms: Option<f64>) -> Answer<'a> {
    let limit = match ms.unwrap_or(0.0) {
        ms if ms.is_nan() => return Err(Raise::argument(2, "number expected, got NaN")),
        ms if ms < 0.0 => Limit::FOREVER,
        ms => Limit::from_secs_f64(ms / 1000.0),
    };
    let list = fds.local();
    let count = match fds.kind() {
        Kind::None | Kind::Nil => 0,
        Kind::Table => lua.raw_len(list),
        _ => return Err(Raise::Type(1, "table")),
    };
    if count == 0 {
        let time = limit.duration().unwrap_or(Duration::MAX);
        return door::sleep(lua, time, |_, _| Ok(Reply::one(0)));
    }
    let (watches, entries) = walk(lua, list, count)?;
    let ready = entries.iter().any(|entry| entry.revents != 0);
    let limit = if ready { Limit::ZERO } else { limit };
    let engine = Engine::of(lua.cx());
    let mut operation = Select::new(watches);
    if !engine.fibers.may_suspend(lua.cx()) {
        let out = drive(&engine.backend, &mut operation, &mut (), limit.into());
        return finish(lua, (list, list), &entries, &out);
    }
    // While this fiber waits, another may change the list: the entries are kept apart.
    let kept = lua.table()?;
    for i in 1..=count {
        lua.scope(|lua| lua.set(kept, i as i64, lua.raw_index(list, i)))?;
    }
    let anchors = (lua.anchor(list)?, lua.anchor(kept)?);
    door::run_free(lua, &engine, operation, limit.into(), move |lua, out| {
        let lists = (lua.fetch(&anchors.0), lua.fetch(&anchors.1));
        finish(lua, lists, &entries, &out)
    })
}

/// What the entries ask for.
fn walk<'a>(
    lua: Lua<'a>,
    list: Local<'a>,
    count: usize,
) -> Result<(Vec<Watch>, Vec<Entry>), Raise<'a>> {
    let mut watches = Vec::with_capacity(count.min(1024));
    let mut entries = Vec::with_capacity(count.min(1024));
    for first in (1..=count).step_by(BATCH) {
        let rows = BATCH.min(count + 1 - first);
        let mut wrong = None;
        lua.scope(|lua| -> Attempt<'a, ()> {
            let values = lua.rows(list, first, rows, ["fd", "events"])?;
            for row in 0..rows {
                let [entry, fd, events] = std::array::from_fn(|i| lua.nth(values, 3 * row + i));
                if lua.kind(entry) != Kind::Table {
                    wrong = Some("invalid datastructure");
                    return Ok(());
                }
                let events = lua.number(events).unwrap_or(0.0) as i64 as i16;
                let Some((descriptor @ 0.., buffered)) = socket::descriptor(lua, fd)? else {
                    wrong = Some("invalid fd in datastructure");
                    return Ok(());
                };
                watches.push(Watch::new(descriptor, interest(events)));
                entries.push(Entry { events, revents: if buffered { events & POLLIN } else { 0 } });
            }
            Ok(())
        })?;
        if let Some(wrong) = wrong {
            return Err(Raise::argument(1, wrong));
        }
    }
    Ok((watches, entries))
}

fn interest(events: i16) -> Interest {
    let mut interest = Interest::HANGUP;
    for (flag, wanted) in
        [(POLLIN, Interest::READ), (POLLOUT, Interest::WRITE), (POLLPRI, Interest::PRIORITY)]
    {
        if events & flag != 0 {
            interest |= wanted;
        }
    }
    interest
}

/// The results. Of the two lists the first is the program's, and the second has the entries as they were.
fn finish<'a>(
    lua: Lua<'a>,
    (list, kept): (Local<'a>, Local<'a>),
    entries: &[Entry],
    (watches, outcome): &(Vec<Watch>, Result<usize, Error>),
) -> Answer<'a> {
    if let Err(error) = outcome {
        return fail(lua.cx(), error);
    }
    let revents = entries.iter().zip(watches).map(|(entry, watch)| {
        entry.revents | watch.raw & (entry.events | POLLERR | POLLHUP | POLLNVAL)
    });
    let count = revents.clone().filter(|&revents| revents != 0).count();
    if count == 0 {
        return Ok(Reply::one(false));
    }
    lua.set_each(kept, "revents", revents.map(i64::from))?;
    Ok((count as i64, list).into())
}
