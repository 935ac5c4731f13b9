//! `select` over any objects with `getfd`, without a limit on descriptors or time.

use std::cell::Cell;
use std::cmp::Reverse;
use std::ops::Range;

use moonsocket_core::ops::Select;
use moonsocket_core::{Descriptor, Error, ErrorKind, Interest, Limit, Watch, drive};

use super::error::words;
use super::tcp::Tcp;
use super::udp::Udp;
use super::unixdgram::Unixdgram;
use super::unixstream::Unixstream;
use crate::door::{self, HasSocket};
use crate::foreign;
use crate::socket::Engine;
use crate::vm::{Anchor, Answer, Attempt, Element, Given, Kind, Local, Lua, Raise, Word};

/// Where in its input table an element with a descriptor stands.
#[derive(Clone, Copy)]
struct Place {
    at: usize,
    dirty: bool,
}

/// Both input tables, walked. The vectors are kept for the next call, because event loops make many.
#[derive(Default)]
struct Plan {
    /// The descriptors of the first table, then those of the second.
    watches: Vec<Watch>,
    /// Where each of them stands.
    places: Vec<Place>,
    /// How many are of the first table.
    reads: usize,
    /// Descriptors that are ready, and where they stand, while a result is made.
    ready: Vec<(Descriptor, Reverse<usize>)>,
    /// What the result tables list: the dirty ones and the ready ones.
    listed: [Vec<usize>; 2],
}

thread_local! {
    static SPARE: Cell<Option<Box<Plan>>> = const { Cell::new(None) };
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
    let mut plan = SPARE.take().unwrap_or_default();
    plan.watches.clear();
    plan.places.clear();
    plan.walk(lua, recvt, Interest::READ)?;
    plan.reads = plan.places.len();
    plan.walk(lua, sendt, Interest::WRITE)?;
    let dirty = plan.places.iter().any(|place| place.dirty);
    let limit = if dirty { Limit::ZERO } else { Limit::from_secs_f64(timeout.unwrap_or(-1.0)) };
    let engine = Engine::of(lua.cx());
    let mut operation = Select::new(std::mem::take(&mut plan.watches));
    if !engine.fibers.may_suspend(lua.cx()) {
        let out = drive(&engine.backend, &mut operation, &mut (), limit.into());
        return plan.finish(lua, [recvt.local(), sendt.local()], out);
    }
    // The results are made in another call's frame: by the fibers' scheduler.
    let tables = [recvt, sendt].map(|given| given.anchor(lua.cx()));
    door::run_free(lua, &engine, operation, limit.into(), move |lua, out| {
        let fetch = |table: &Option<Anchor>| match table {
            Some(anchor) => lua.fetch(anchor),
            None => lua.value(()),
        };
        let inputs = [fetch(&tables[0])?, fetch(&tables[1])?];
        plan.finish(lua, inputs, out)
    })
}

fn check(given: Given<'_>) -> Result<(), Raise<'_>> {
    match given.kind() {
        Kind::None | Kind::Nil | Kind::Table => Ok(()),
        _ => Err(Raise::Type(given.number(), "table")),
    }
}

impl Plan {
    /// Goes through `t[1], t[2], …` up to the first nil.
    fn walk<'a>(
        &mut self,
        lua: Lua<'a>,
        given: Given<'a>,
        interest: Interest,
    ) -> Result<(), Raise<'a>> {
        if given.kind() != Kind::Table {
            return Ok(());
        }
        let table = given.local();
        let buffered = interest == Interest::READ;
        let plain = !lua.has_metatable(table);
        let mut at = 1;
        loop {
            let mut ended = false;
            // What is there is there with a metatable too, such as that of Copas's sets.
            at = lua.each_element(table, at, |at, element| match ours(element, buffered) {
                Some((descriptor, dirty)) => {
                    self.add(Watch::new(descriptor, interest), Place { at, dirty });
                    true
                }
                None => {
                    ended = plain && element.is_nil();
                    false
                }
            })?;
            if ended {
                return Ok(());
            }
            // Where the quick look ends: somebody else's object, or what a metatable may answer for.
            let more = lua.scope(|lua| -> Attempt<'a, bool> {
                let element =
                    if plain { lua.raw_index(table, at)? } else { lua.get(table, at as i64)? };
                if lua.kind(element) == Kind::Nil {
                    return Ok(false);
                }
                if let Some((descriptor, dirty)) = foreign::descriptor(lua, element, buffered)? {
                    self.add(Watch::new(descriptor, interest), Place { at, dirty });
                }
                Ok(true)
            });
            if !more? {
                return Ok(());
            }
            at += 1;
        }
    }

    #[inline]
    fn add(&mut self, watch: Watch, place: Place) {
        if watch.descriptor >= 0 {
            self.watches.push(watch);
            self.places.push(place);
        }
    }

    /// The results, from what the wait found.
    fn finish<'a>(
        mut self: Box<Self>,
        lua: Lua<'a>,
        inputs: [Local<'a>; 2],
        (watches, outcome): (Vec<Watch>, Result<usize, Error>),
    ) -> Answer<'a> {
        self.watches = watches;
        let (reads, all) = (self.reads, self.places.len());
        if outcome.is_err() || !self.list(0, 0..reads) || !self.list(1, reads..all) {
            return self.fail(lua, inputs, outcome.err());
        }
        let [readable, writable] = lua.listings(inputs, &self.listed)?;
        let some = self.listed.iter().any(|list| !list.is_empty());
        SPARE.set(Some(self));
        Ok(if some {
            (readable, writable).into()
        } else {
            (readable, writable, Word::Timeout).into()
        })
    }

    /// Raises, as it always did. A call that has waited in a fiber cannot: it answers with empty tables and the reason,
    /// which is that the fiber was interrupted, or that somebody has closed one of the sockets.
    fn fail<'a>(
        &mut self,
        lua: Lua<'a>,
        inputs: [Local<'a>; 2],
        error: Option<Error>,
    ) -> Answer<'a> {
        if !Engine::of(lua.cx()).fibers.is_answering() {
            return Err(Raise::here("select failed"));
        }
        self.listed.iter_mut().for_each(Vec::clear);
        let [readable, writable] = lua.listings(inputs, &self.listed)?;
        let error = error.unwrap_or(Error::new(ErrorKind::Closed, "select"));
        Ok((readable, writable, words(lua.cx(), &error)).into())
    }

    /// What of a table is listed: dirty ones first, in their order, then the ready ones by descriptor. Of several
    /// objects with one descriptor the last counts. False: one is not open.
    fn list(&mut self, which: usize, range: Range<usize>) -> bool {
        self.ready.clear();
        let listed = &mut self.listed[which];
        listed.clear();
        for (place, watch) in self.places[range.clone()].iter().zip(&self.watches[range]) {
            if watch.invalid {
                return false;
            }
            if place.dirty {
                listed.push(place.at);
            } else if !watch.ready.is_none() {
                self.ready.push((watch.descriptor, Reverse(place.at)));
            }
        }
        self.ready.sort_unstable();
        self.ready.dedup_by_key(|(descriptor, _)| *descriptor);
        listed.extend(self.ready.iter().map(|(_, Reverse(at))| at));
        true
    }
}

/// An object of our own: descriptor, and whether bytes are buffered that are asked for.
fn ours(element: Element<'_>, buffered: bool) -> Option<(Descriptor, bool)> {
    one_of::<Tcp>(element, buffered)
        .or_else(|| one_of::<Udp>(element, buffered))
        .or_else(|| one_of::<Unixstream>(element, buffered))
        .or_else(|| one_of::<Unixdgram>(element, buffered))
}

fn one_of<T: HasSocket>(element: Element<'_>, buffered: bool) -> Option<(Descriptor, bool)> {
    element.with::<T, _>(|object| {
        let handle = &object.socket().handle;
        (handle.descriptor(), buffered && !handle.buffer.is_empty())
    })
}
