//! What a conversation is, and what each of them draws by lot.

use std::time::Duration;

use moonsocket_core::{Descriptor, Interest, Limit, Patience};

use super::backend::Sim;
use super::rng::Rng;
use super::work::{Outcome, Work};

/// The next operation of a conversation.
pub(crate) struct Next {
    pub(crate) work: Box<dyn Work>,
    pub(crate) patience: Patience,
    /// What it will wait for first, so that it can queue behind others.
    pub(crate) place: Option<(Descriptor, Interest)>,
    pub(crate) cancellable: bool,
}

/// A conversation: operations one after another, each with a check of what must come out.
pub(crate) trait Talk {
    fn next(&mut self, sim: &Sim) -> Option<Next>;
    fn finished(&mut self, sim: &Sim, outcome: Outcome, spent: Duration);
}

/// The time between two acts of a peer.
pub(crate) fn gap(rng: &mut Rng) -> Duration {
    if rng.chance(400) { Duration::ZERO } else { Duration::from_micros(rng.below(8000) as u64) }
}

/// None, none at all, or some.
pub(crate) fn limit(rng: &mut Rng) -> Option<Duration> {
    match rng.below(4) {
        0 => None,
        1 => Some(Duration::ZERO),
        _ => Some(Duration::from_micros(rng.within(1, 20_000) as u64)),
    }
}

pub(crate) fn patience(whole: Option<Duration>, each: Option<Duration>) -> Patience {
    Patience { whole: Limit::from(whole), each: Limit::from(each), tell_signals: false }
}
