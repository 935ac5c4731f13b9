//! The monotonic clock as a number, for programs that want one.

/// Seconds on the monotonic clock, since some moment in the past (on Linux: the boot).
#[doc(alias = "CLOCK_MONOTONIC")]
pub fn monotonic_s() -> f64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a timespec that lives until the call returns.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    now.tv_sec as f64 + now.tv_nsec as f64 * 1e-9
}
