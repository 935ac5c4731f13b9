//! `socket_select`: shortens three arrays to the sockets that are ready.

use moonsocket_core::ops::Select;
use moonsocket_core::{Error, Interest, Limit, Watch};

use super::error::Last;
use super::socket::Sgs;
use crate::door;
use crate::socket::Engine;
use crate::vm::{Anchor, Answer, Attempt, Given, Kind, Lua, Presence, Raise, Reply};

/// What each array's sockets are watched for. An error or a hang-up is reported in each.
const INTERESTS: [Interest; 3] = [Interest::READ, Interest::WRITE, Interest::PRIORITY];

/// The arrays, walked.
#[derive(Default)]
struct Plan {
    /// The sockets of all arrays.
    watches: Vec<Watch>,
    /// Which of them have bytes in the read buffer, so that nothing need be waited for.
    buffered: Vec<usize>,
    /// How many of them each array has.
    counts: [usize; 3],
}

/// `socket_select(reads, writes, errors [, seconds])`: how many are ready, each in its array; 0 when the time is up, -1
/// when the wait failed.
pub(super) fn select<'a>(
    lua: Lua<'a>,
    reads: Given<'a>,
    writes: Given<'a>,
    errors: Given<'a>,
    seconds: Presence<f64>,
) -> Answer<'a> {
    let mut plan = Plan::default();
    let arrays = [reads, writes, errors];
    for (which, array) in arrays.into_iter().enumerate() {
        plan.walk(lua, which, array)?;
    }
    let limit = match seconds {
        _ if !plan.buffered.is_empty() => Limit::ZERO,
        Presence::Absent | Presence::Nil => Limit::FOREVER,
        Presence::Given(seconds) if seconds >= 0.0 => Limit::from_secs_f64(seconds),
        Presence::Given(_) => return Err(Raise::argument(4, "a time limit is not negative")),
    };
    let engine = Engine::of(lua.cx());
    let operation = Select::new(std::mem::take(&mut plan.watches));
    let arrays = arrays.map(|array| array.anchor(lua.cx()));
    door::run_free(lua, &engine, operation, limit.into(), move |lua, (watches, out)| {
        plan.watches = watches;
        plan.finish(lua, &arrays, &out)
    })
}

impl Plan {
    /// Goes through an array up to its first nil.
    fn walk<'a>(&mut self, lua: Lua<'a>, which: usize, array: Given<'a>) -> Result<(), Raise<'a>> {
        match array.kind() {
            Kind::Table => {}
            Kind::None | Kind::Nil => return Ok(()),
            _ => return Err(Raise::Type(array.number(), "table")),
        }
        let before = self.watches.len();
        let interest = INTERESTS[which];
        let end = lua.each_element(array.local(), 1, |_, element| {
            let known = element.with::<Sgs, _>(|sgs| {
                let handle = &sgs.socket.handle;
                (handle.descriptor(), interest == Interest::READ && !handle.buffer.is_empty())
            });
            let Some((descriptor @ 0.., buffered)) = known else { return false };
            if buffered {
                self.buffered.push(self.watches.len());
            }
            self.watches.push(Watch::new(descriptor, interest));
            true
        })?;
        self.counts[which] = self.watches.len() - before;
        let ended = lua.scope(|lua| -> Attempt<'a, bool> {
            Ok(lua.kind(lua.raw_index(array.local(), end)?) == Kind::Nil)
        });
        if ended? {
            Ok(())
        } else {
            Err(Raise::argument(array.number(), "an array of open sockets expected"))
        }
    }

    /// Shortens the arrays. A socket that stands in one twice counts once.
    fn finish<'a>(
        mut self,
        lua: Lua<'a>,
        arrays: &[Option<Anchor>; 3],
        out: &Result<usize, Error>,
    ) -> Answer<'a> {
        let last = lua.cx().state::<Last>();
        let invalid = self.watches.iter().any(|watch| watch.invalid);
        if let Err(error) = out {
            last.note(error);
            return Ok(Reply::one(-1i64));
        }
        if invalid {
            last.note(&Error::new(moonsocket_core::ErrorKind::Closed, "select"));
            return Ok(Reply::one(-1i64));
        }
        for &place in &self.buffered {
            self.watches[place].ready = Interest::READ;
        }
        let mut first = 0;
        let mut total = 0i64;
        for (array, count) in arrays.iter().zip(self.counts) {
            let watches = &self.watches[first..first + count];
            first += count;
            let ready = (1..).zip(watches).filter(|(_, watch)| !watch.ready.is_none());
            let (places, mut descriptors): (Vec<usize>, Vec<i32>) =
                ready.map(|(place, watch)| (place, watch.descriptor)).unzip();
            descriptors.sort_unstable();
            descriptors.dedup();
            total += descriptors.len() as i64;
            if let Some(array) = array
                && count > 0
            {
                lua.scope(|lua| lua.retain(lua.fetch(array)?, count, &places))?;
            }
        }
        last.clear();
        Ok(Reply::one(total))
    }
}
