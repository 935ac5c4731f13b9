//! Fibers: coroutines whose blocking calls, in every dialect, suspend them alone.
//!
//! A method makes one attempt; what would block is parked here, and the coroutine yields. The scheduler steps parked
//! operations when the backend's reactor says so, and passes each one's results to the resume: they become the results
//! of the call that waited, on every Lua version. [`crossing`] lets such a yield pass through coroutines and protected
//! calls of the fiber's own. What fibers are called in Lua, and what their handles look like, dialects say.

pub mod crossing;
mod fiber;
mod scheduler;
mod spawn;
mod turns;

pub use fiber::{Ending, Fiber};
pub use scheduler::{Again, Answering, Fibers, Standing};
pub use spawn::{run, spawn};
pub use turns::Halt;
