//! Lua states whose memory ends at a chosen allocation, for `conformance/starved`. Never shipped.

use super::reserve::Allocator;
use super::sys::{self, lua_State};
use mlua::ffi;
use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::ffi::{CStr, CString, c_int, c_void};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicIsize, Ordering};

/// Which of a function's allocations fail.
#[derive(Clone, Copy, Debug)]
pub struct Famine {
    /// The first of them, counted from 1.
    pub first: u64,
    /// How many in a row.
    pub length: u64,
    /// Is the state closed before there is memory again?
    pub fatal: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How often the function asked for memory.
    pub asked: u64,
    /// What it raised.
    pub error: Option<String>,
    /// What the function raised that was called afterwards.
    pub afterwards: Option<String>,
    /// Did Lua lose a finalizer, for want of memory to call it? It says so since 5.4; before, an object that outlives its
    /// state tells. What that object held is held for ever.
    pub lost: bool,
}

/// The memory of a state: its own allocator, and who is refused.
struct Larder {
    function: ffi::lua_Alloc,
    data: *mut c_void,
    famine: Famine,
    begun: Cell<bool>,
    asked: Cell<u64>,
    closing: Cell<bool>,
    lost: Cell<bool>,
}

/// More than Lua needs for a call, its stack included. It runs no finalizers where it has not even that.
const CALL: usize = 4096;

impl Larder {
    /// Counts a request; false: it is refused.
    fn grants(&self, size: usize) -> bool {
        if !self.begun.get() || self.closing.get() && size <= CALL {
            return true;
        }
        let number = self.asked.get() + 1;
        self.asked.set(number);
        number < self.famine.first || number - self.famine.first >= self.famine.length
    }
}

/// Runs a chunk in a state of its own, which returns two functions. While the first one runs, memory ends; the second is
/// called afterwards.
pub fn starve(source: &str, famine: Famine) -> Outcome {
    let mut outcome = Outcome::default();
    let objects = OBJECTS.load(Ordering::Relaxed);
    // SAFETY: the state is ours alone and is closed before its larder goes; what may raise is called protected, and
    // nothing here needs dropping in that.
    unsafe {
        let l = ffi::luaL_newstate();
        if l.is_null() {
            outcome.error = Some("no state".to_owned());
            return outcome;
        }
        ffi::lua_atpanic(l, panic);
        let mut data = null_mut();
        let function = ffi::lua_getallocf(l, &mut data);
        let larder = Larder {
            function,
            data,
            famine,
            begun: Cell::new(false),
            asked: Cell::new(0),
            closing: Cell::new(false),
            lost: Cell::new(false),
        };
        let own = (&raw const larder).cast_mut().cast();
        ffi::lua_setallocf(l, allocate, own);
        #[cfg(any(feature = "lua54", feature = "lua55"))]
        ffi::lua_setwarnf(l, Some(warn), own);
        begin(l, source, &larder, &mut outcome);
        outcome.asked = larder.asked.get();
        larder.begun.set(famine.fatal);
        larder.closing.set(true);
        if cfg!(any(feature = "lua51", feature = "luajit")) && sys::is_yieldable(l).is_some() {
            // LuaJIT only frees its arena if it finds its own allocator.
            ffi::lua_setallocf(l, function, data);
        }
        ffi::lua_close(l);
        let outlived = OBJECTS.load(Ordering::Relaxed) > objects;
        outcome.lost = larder.lost.get() || !WARNS && outlived;
    }
    outcome
}

unsafe fn begin(l: *mut lua_State, source: &str, larder: &Larder, outcome: &mut Outcome) {
    let name = CString::new("=starved").unwrap_or_default();
    // SAFETY: as in `starve`.
    unsafe {
        sys::lua_pushcclosure(l, open, 0);
        let (text, length) = (source.as_ptr().cast(), source.len());
        if sys::lua_pcall(l, 0, 0, 0) != 0
            || sys::luaL_loadbuffer(l, text, length, name.as_ptr()) != 0
            || sys::lua_pcall(l, 0, 2, 0) != 0
        {
            outcome.afterwards = Some(format!("before: {}", taken(l)));
            return;
        }
        sys::lua_pushvalue(l, 1);
        larder.begun.set(true);
        if sys::lua_pcall(l, 0, 0, 0) != 0 {
            outcome.error = Some(taken(l));
        }
        if larder.famine.fatal {
            return;
        }
        larder.begun.set(false);
        sys::lua_settop(l, 2);
        if sys::lua_pcall(l, 0, 0, 0) != 0 {
            outcome.afterwards = Some(taken(l));
        }
    }
}

unsafe extern "C-unwind" fn open(l: *mut lua_State) -> c_int {
    // SAFETY: runs protected in a new state.
    unsafe { ffi::luaL_openlibs(l) };
    0
}

/// The error on top, as text.
unsafe fn taken(l: *mut lua_State) -> String {
    // SAFETY: there is a value on top; of a string its text neither raises nor allocates.
    unsafe {
        if sys::lua_type(l, -1) != sys::LUA_TSTRING {
            return format!("an error of type {}", sys::lua_type(l, -1));
        }
        let text = sys::lua_tolstring(l, -1, null_mut());
        CStr::from_ptr(text).to_string_lossy().into_owned()
    }
}

/// What must never be called.
unsafe extern "C-unwind" fn panic(l: *mut lua_State) -> c_int {
    // SAFETY: the error is on top.
    let text = unsafe { taken(l) };
    eprintln!("starved: Lua's panic function was called: {text}");
    std::process::abort();
}

/// The only warnings are those of finalizers.
#[cfg(any(feature = "lua54", feature = "lua55"))]
unsafe extern "C-unwind" fn warn(larder: *mut c_void, _: *const std::ffi::c_char, _: c_int) {
    // SAFETY: the larder outlives the state.
    unsafe { (*larder.cast_const().cast::<Larder>()).lost.set(true) }
}

unsafe extern "C" fn allocate(
    larder: *mut c_void,
    old: *mut c_void,
    old_size: usize,
    size: usize,
) -> *mut c_void {
    // SAFETY: the larder outlives the state; the request is passed on as it is.
    unsafe {
        let larder = &*larder.cast_const().cast::<Larder>();
        // Lua takes for granted that a block can be made smaller.
        let more = size > 0 && (old.is_null() || size > old_size);
        if more && !larder.grants(size) {
            return null_mut();
        }
        (larder.function)(larder.data, old, old_size, size)
    }
}

/// Does this Lua warn of finalizers that fail?
const WARNS: bool = cfg!(any(feature = "lua54", feature = "lua55"));

/// How many objects wait for their finalizer, in all states.
static OBJECTS: AtomicIsize = AtomicIsize::new(0);

/// Counts objects that were made, or finalized.
pub(super) fn count_objects(by: isize) {
    OBJECTS.fetch_add(by, Ordering::Relaxed);
}

/// How many bytes Rust has.
static HELD: AtomicIsize = AtomicIsize::new(0);

/// How many bytes Rust has.
pub fn held() -> isize {
    HELD.load(Ordering::Relaxed)
}

/// The [`Allocator`], counted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counted;

fn count(block: *mut u8, by: isize) -> *mut u8 {
    if !block.is_null() {
        HELD.fetch_add(by, Ordering::Relaxed);
    }
    block
}

// SAFETY: it does what the other one does.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        count(unsafe { Allocator.alloc(layout) }, layout.size() as isize)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(block, -(layout.size() as isize));
        // SAFETY: as the caller promises.
        unsafe { Allocator.dealloc(block, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        count(unsafe { Allocator.alloc_zeroed(layout) }, layout.size() as isize)
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        let new = unsafe { Allocator.realloc(block, layout, size) };
        count(new, size as isize - layout.size() as isize)
    }
}
