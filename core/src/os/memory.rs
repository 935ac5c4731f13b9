//! Memory for long results.

use std::mem::MaybeUninit;

/// From here on every `malloc` that we know maps memory of its own: what is said of it ends with it.
const LONG: usize = 32 << 20;

/// Has the kernel back long memory, all of which is going to be written, by large pages, where it has some and leaves the
/// choice to programs. A page fault for every 4 KiB takes longer than a fast decoder takes to fill them.
pub fn expect_all(memory: &mut [MaybeUninit<u8>]) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if memory.len() >= LONG {
        let range = whole_pages(memory);
        // SAFETY: the range lies within `memory`, and the advice changes nothing that is in it. If it fails, nothing has
        // happened.
        unsafe {
            libc::madvise(range.as_mut_ptr().cast(), range.len(), libc::MADV_HUGEPAGE);
        }
    }
}

/// Linux calls them huge.
const LARGE_PAGE: usize = 2 << 20;

/// The large pages that lie within it.
fn whole_pages(memory: &mut [MaybeUninit<u8>]) -> &mut [MaybeUninit<u8>] {
    let before = memory.as_ptr().align_offset(LARGE_PAGE).min(memory.len());
    let len = (memory.len() - before) / LARGE_PAGE * LARGE_PAGE;
    &mut memory[before..before + len]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_pages_are_meant() {
        let mut memory = Vec::<u8>::with_capacity(3 * LARGE_PAGE + 5);
        let all = memory.spare_capacity_mut().as_ptr_range();
        let pages = whole_pages(memory.spare_capacity_mut());
        assert!(pages.len() == 2 * LARGE_PAGE || pages.len() == 3 * LARGE_PAGE);
        let range = pages.as_ptr_range();
        assert!(range.start.addr().is_multiple_of(LARGE_PAGE));
        assert!(all.start <= range.start && range.end <= all.end);
        assert!(whole_pages(&mut memory.spare_capacity_mut()[..1]).is_empty());
    }

    #[test]
    fn what_is_written_stays() {
        let mut memory = Vec::<u8>::with_capacity(LONG + 1);
        memory.extend_from_slice(b"first");
        expect_all(memory.spare_capacity_mut());
        memory.resize(LONG, 7);
        assert!(memory.starts_with(b"first\x07") && memory[LONG - 1] == 7);
    }
}
