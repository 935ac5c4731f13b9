//! The clocks as numbers, for programs that want them.

/// Seconds on the monotonic clock, since some moment in the past (on Linux: the boot).
#[doc(alias = "CLOCK_MONOTONIC")]
pub fn monotonic_s() -> f64 {
    clock_s(libc::CLOCK_MONOTONIC)
}

/// Seconds since 1970, on the clock that somebody may set.
#[doc(alias = "CLOCK_REALTIME")]
#[doc(alias = "gettime")]
pub fn wall_s() -> f64 {
    clock_s(libc::CLOCK_REALTIME)
}

fn clock_s(clock: libc::clockid_t) -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec that lives until the call returns.
    unsafe { libc::clock_gettime(clock, &raw mut now) };
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}
