//! How long an operation may take: one limit, or LuaSocket's two timeouts.

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limit(Option<Duration>);

impl Limit {
    /// Waits as long as it takes.
    pub const FOREVER: Self = Self(None);
    /// Never waits: what can be done at once is done.
    pub const ZERO: Self = Self(Some(Duration::ZERO));

    /// At most this long.
    pub const fn after(time: Duration) -> Self {
        Self(Some(time))
    }

    /// From seconds; negative, infinite, NaN and unrepresentably large values mean no limit.
    pub fn from_secs_f64(seconds: f64) -> Self {
        // Most are negative, and to hear why that is no duration takes long.
        if seconds < 0.0 { Self::FOREVER } else { Self(Duration::try_from_secs_f64(seconds).ok()) }
    }

    /// The time, `None` for no limit.
    pub const fn duration(self) -> Option<Duration> {
        self.0
    }

    /// Must the operation never wait?
    pub fn is_zero(self) -> bool {
        self.0 == Some(Duration::ZERO)
    }

    /// When the limit ends for an operation that starts now; `None`: never.
    pub fn deadline(self, now: Instant) -> Option<Instant> {
        self.0.and_then(|time| now.checked_add(time))
    }

    /// The shorter of both.
    pub fn min(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(a), Some(b)) => Self(Some(a.min(b))),
            (a, b) => Self(a.or(b)),
        }
    }
}

impl From<Duration> for Limit {
    fn from(time: Duration) -> Self {
        Self(Some(time))
    }
}

impl From<Option<Duration>> for Limit {
    fn from(time: Option<Duration>) -> Self {
        Self(time)
    }
}

/// LuaSocket's pair of timeouts in seconds, kept as the user gave them (negative: none).
///
/// One alone, whichever it is, bounds the whole call. Only when both are set, `block` bounds every single
/// wait and `total` the whole call. (Source: LuaSocket's `timeout.c` as it behaves, not as its manual says.)
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Timeouts {
    /// The "b" timeout.
    pub block_s: f64,
    /// The "t" timeout.
    pub total_s: f64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { block_s: -1.0, total_s: -1.0 }
    }
}

impl Timeouts {
    /// The limit of a whole call.
    pub fn whole(&self) -> Limit {
        let block = Limit::from_secs_f64(self.block_s);
        let total = Limit::from_secs_f64(self.total_s);
        match (block.is_zero(), total.duration()) {
            (true, _) => Limit::ZERO,
            (false, Some(_)) => total,
            (false, None) => block,
        }
    }

    /// The limit of each single wait within a call.
    pub fn each(&self) -> Limit {
        if self.block_s >= 0.0 && self.total_s >= 0.0 {
            Limit::from_secs_f64(self.block_s)
        } else {
            Limit::FOREVER
        }
    }

    /// Is there no limit at all? Cheaper than asking [`whole`](Self::whole).
    pub fn is_unlimited(&self) -> bool {
        // NaN compares false, and counts as no limit like upstream.
        !(self.block_s >= 0.0 || self.total_s >= 0.0)
    }
}

/// A limit for each direction, as `SO_RCVTIMEO` and `SO_SNDTIMEO` are, and whether a call may wait at all. Kept by the
/// handle, because the system rounds its own.
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

    const fn timeouts(block_s: f64, total_s: f64) -> Timeouts {
        Timeouts { block_s, total_s }
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
    fn odd_numbers_are_no_limit() {
        for odd in [-1.0, -0.001, f64::INFINITY, f64::NAN, 1e300] {
            assert_eq!(Limit::from_secs_f64(odd), Limit::FOREVER, "{odd}");
        }
        assert!(timeouts(f64::NAN, -1.0).is_unlimited());
    }
}
