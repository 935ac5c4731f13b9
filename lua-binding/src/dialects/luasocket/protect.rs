//! `newtry` and `protect`, in Lua: only there can a call be yielded across on every version that allows it.

/// Run with the module's table when it is opened.
pub(super) const SOURCE: &str = include_str!("protect.lua");
