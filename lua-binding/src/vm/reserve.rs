//! Memory for when there is none left.
//!
//! Where an allocation of a few bytes fails, Rust's collections end the process, and with it a program that Lua would have
//! told of an error. So a block is set aside. When memory is short the block is given up for the allocation at hand, and
//! from then on calls raise Lua's own error before they begin anything, until the block could be set aside again.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicPtr, Ordering};

/// What a call allocates in small pieces, many times over; too little for the C library to map it by itself.
const RESERVE: Layout = match Layout::from_size_align(96 * 1024, 16) {
    Ok(layout) => layout,
    Err(_) => panic!("a power of two"),
};

/// Allocations of more than this are made by those who ask first whether there is room.
const SMALL: usize = 16 * 1024;

/// What is raised then: Lua's own words.
pub(super) const NONE: &str = "not enough memory";

/// None: it was given up and is not back yet, or nobody has asked for it.
static BLOCK: AtomicPtr<u8> = AtomicPtr::new(null_mut());

/// The system's allocator, with a reserve for small allocations.
#[derive(Debug, Clone, Copy, Default)]
pub struct Allocator;

// SAFETY: it hands out what the system's allocator does, for the same layouts; the block is that allocator's too.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        let first = unsafe { System.alloc(layout) };
        if first.is_null() && spend(layout.size()) {
            // SAFETY: as before.
            return unsafe { System.alloc(layout) };
        }
        first
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(block, layout) }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        let first = unsafe { System.alloc_zeroed(layout) };
        if first.is_null() && spend(layout.size()) {
            // SAFETY: as before.
            return unsafe { System.alloc_zeroed(layout) };
        }
        first
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        let first = unsafe { System.realloc(block, layout, size) };
        if first.is_null() && spend(size) {
            // SAFETY: as before; what could not grow is still there.
            return unsafe { System.realloc(block, layout, size) };
        }
        first
    }
}

/// Gives the block up; false: there is none, or it is not meant for so many bytes.
#[cold]
fn spend(bytes: usize) -> bool {
    if bytes > SMALL {
        return false;
    }
    let block = BLOCK.swap(null_mut(), Ordering::AcqRel);
    if block.is_null() {
        return false;
    }
    // SAFETY: the block came from this allocator with this layout, and the swap made it ours alone.
    unsafe { System.dealloc(block, RESERVE) };
    true
}

/// Is memory so short that nothing new should begin? Sets the block aside again if it can.
#[inline]
pub fn is_short() -> bool {
    BLOCK.load(Ordering::Acquire).is_null() && !set_aside()
}

/// Sets a block aside; false: there is no memory for it.
#[cold]
fn set_aside() -> bool {
    // SAFETY: the layout has a size.
    let block = unsafe { System.alloc(RESERVE) };
    if block.is_null() {
        return false;
    }
    let old = BLOCK.swap(block, Ordering::AcqRel);
    if !old.is_null() {
        // SAFETY: as in `spend`; another thread was first.
        unsafe { System.dealloc(old, RESERVE) };
    }
    true
}
