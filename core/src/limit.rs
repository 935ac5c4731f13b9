//! How long an operation may take: one limit, or LuaSocket's two timeouts.

use std::fmt;
use std::time::{Duration, Instant};

/// How long an operation may wait, counted from when it starts. Relative until then, so that repeating
/// an operation with the same limit costs no system call.
///
/// ```
/// use moonsocket_core::Limit;
/// use std::time::Duration;
///
/// let limit = Limit::after(Duration::from_secs(5));
/// assert_eq!(limit.min(Limit::FOREVER), limit);
/// assert_eq!(Limit::from_secs_f64(-1.0), Limit::FOREVER);
/// assert!(Limit::from_secs_f64(0.0).is_zero());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
// Nanoseconds, all ones for no limit: half as long as a duration, and compared by one instruction.
pub struct Limit(u64);

impl Limit {
    /// Waits as long as it takes.
    pub const FOREVER: Self = Self(u64::MAX);
    /// Never waits: what can be done at once is done.
    pub const ZERO: Self = Self(0);

    /// At most this long. Five hundred years and more are no limit.
    pub const fn after(time: Duration) -> Self {
        let ns = time.as_nanos();
        if ns < u64::MAX as u128 { Self(ns as u64) } else { Self::FOREVER }
    }

    /// From seconds; negative, infinite, NaN and unrepresentably large values mean no limit.
    #[inline]
    pub fn from_secs_f64(seconds: f64) -> Self {
        // The nearest nanosecond; the cast keeps what is too large at all ones.
        if seconds >= 0.0 { Self((seconds * 1e9 + 0.5) as u64) } else { Self::FOREVER }
    }

    /// The time, `None` for no limit.
    pub const fn duration(self) -> Option<Duration> {
        if self.0 == u64::MAX { None } else { Some(Duration::from_nanos(self.0)) }
    }

    /// Must the operation never wait?
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// When the limit ends for an operation that starts now; `None`: never.
    pub fn deadline(self, now: Instant) -> Option<Instant> {
        self.duration().and_then(|time| now.checked_add(time))
    }

    /// The shorter of both.
    #[must_use]
    pub const fn min(self, other: Self) -> Self {
        if self.0 < other.0 { self } else { other }
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self::FOREVER
    }
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Limit").field(&self.duration()).finish()
    }
}

impl From<Duration> for Limit {
    fn from(time: Duration) -> Self {
        Self::after(time)
    }
}

impl From<Option<Duration>> for Limit {
    fn from(time: Option<Duration>) -> Self {
        time.map_or(Self::FOREVER, Self::after)
    }
}

/// LuaSocket's pair of timeouts in seconds, kept as the user gave them (negative: none).
///
/// One alone, whichever it is, bounds the whole call. Only when both are set, `block` bounds every single
/// wait and `total` the whole call. (Source: LuaSocket's `timeout.c` as it behaves, not as its manual says.)
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timeouts {
    block_s: f64,
    total_s: f64,
    /// What they come to, found when they are set: that is rarer than a call.
    whole: Limit,
    each: Limit,
}

impl Default for Timeouts {
    fn default() -> Self {
        let (whole, each) = (Limit::FOREVER, Limit::FOREVER);
        Self { block_s: -1.0, total_s: -1.0, whole, each }
    }
}

impl Timeouts {
    /// Both, in seconds.
    pub fn new(block_s: f64, total_s: f64) -> Self {
        let (block, total) = (Limit::from_secs_f64(block_s), Limit::from_secs_f64(total_s));
        let whole = match (block.is_zero(), total == Limit::FOREVER) {
            (true, _) => Limit::ZERO,
            (false, false) => total,
            (false, true) => block,
        };
        let both = block_s >= 0.0 && total_s >= 0.0;
        Self { block_s, total_s, whole, each: if both { block } else { Limit::FOREVER } }
    }

    /// The "b" timeout in seconds.
    pub const fn block_s(&self) -> f64 {
        self.block_s
    }

    /// The "t" timeout in seconds.
    pub const fn total_s(&self) -> f64 {
        self.total_s
    }

    /// Sets the "b" timeout.
    pub fn set_block_s(&mut self, seconds: f64) {
        *self = Self::new(seconds, self.total_s);
    }

    /// Sets the "t" timeout.
    pub fn set_total_s(&mut self, seconds: f64) {
        *self = Self::new(self.block_s, seconds);
    }

    /// The limit of a whole call.
    pub const fn whole(&self) -> Limit {
        self.whole
    }

    /// The limit of each single wait within a call.
    pub const fn each(&self) -> Limit {
        self.each
    }
}

/// A limit for each direction, as `SO_RCVTIMEO` and `SO_SNDTIMEO` are, and whether a call may wait at all. Kept by those
/// dialects that have it, because the system rounds its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of receives and accepts.
    pub receive: Limit,
    /// Of sends and connects.
    pub send: Limit,
    /// `false`: nothing waits, whatever the limits.
    pub blocking: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { receive: Limit::FOREVER, send: Limit::FOREVER, blocking: true }
    }
}

impl Limits {
    /// The limit of the next receive or accept.
    pub const fn receiving(&self) -> Limit {
        if self.blocking { self.receive } else { Limit::ZERO }
    }

    /// The limit of the next send or connect.
    pub const fn sending(&self) -> Limit {
        if self.blocking { self.send } else { Limit::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeouts(block_s: f64, total_s: f64) -> Timeouts {
        Timeouts::new(block_s, total_s)
    }

    #[test]
    fn one_timeout_bounds_the_whole_call() {
        let second = Limit::after(Duration::from_secs(1));
        assert_eq!(timeouts(1.0, -1.0).whole(), second);
        assert_eq!(timeouts(-1.0, 1.0).whole(), second);
        assert_eq!(timeouts(1.0, -1.0).each(), Limit::FOREVER);
    }

    #[test]
    fn both_bound_each_wait_and_the_whole() {
        let both = timeouts(0.5, 10.0);
        assert_eq!(both.each(), Limit::after(Duration::from_millis(500)));
        assert_eq!(both.whole(), Limit::after(Duration::from_secs(10)));
        assert!(timeouts(0.0, 10.0).whole().is_zero());
    }

    #[test]
    fn seconds_are_rounded_to_nanoseconds() {
        for seconds in [0.0, 1e-9, 0.1, 1.1, 0.3e-6, 86_400.5, 1e9] {
            assert_eq!(Limit::from_secs_f64(seconds), Duration::from_secs_f64(seconds).into());
        }
        assert!(Limit::from_secs_f64(1e-10).is_zero() && Limit::from_secs_f64(-0.0).is_zero());
    }

    #[test]
    fn odd_numbers_are_no_limit() {
        for odd in [-1.0, -0.001, f64::INFINITY, f64::NAN, 1e300] {
            assert_eq!(Limit::from_secs_f64(odd), Limit::FOREVER, "{odd}");
        }
        assert_eq!(timeouts(f64::NAN, -1.0).whole(), Limit::FOREVER);
        assert_eq!(Limit::after(Duration::MAX), Limit::FOREVER);
    }
}
