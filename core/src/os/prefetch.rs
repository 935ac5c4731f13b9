//! Telling the processor what memory will be looked at soon.

/// The bytes of a line of the cache, on most processors.
const LINE: usize = 64;
/// No more lines than that: they would push out what is needed now.
const LINES_MAX: usize = 4;

/// Has a value loaded into the cache, its beginning at least, and waits for nothing.
#[inline(always)]
pub fn prefetch<T: ?Sized>(value: &T) {
    prefetch_at(std::ptr::from_ref(value).cast(), size_of_val(value));
}

/// As [`prefetch`], of so many bytes at an address. Any address will do.
#[inline(always)]
pub fn prefetch_at(address: *const (), bytes: usize) {
    let lines = bytes.div_ceil(LINE).min(LINES_MAX);
    for line in 0..lines {
        one(address.cast::<u8>().wrapping_add(line * LINE));
    }
}

#[inline(always)]
fn one(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch changes nothing that a program can see, and at an address without memory it does nothing.
    unsafe {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: as above; the instruction touches neither memory nor flags nor the stack.
    unsafe {
        core::arch::asm!("prfm pldl1keep, [{0}]", in(reg) address, options(nostack, preserves_flags, readonly));
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = address;
}
