//! Objects that are not the dialect's own, as something to be polled.

use moonsocket_core::Descriptor;

use crate::vm::{Attempt, Local, Lua};

/// An object's descriptor, asked by its methods: LuaSec's objects, sinks, other dialects' sockets, tables with a `getfd`;
/// and, where `buffered` asks, whether it has bytes to be read already. `None`: it has no descriptor.
pub(crate) fn descriptor<'a>(
    lua: Lua<'a>,
    element: Local<'a>,
    buffered: bool,
) -> Attempt<'a, Option<(Descriptor, bool)>> {
    let Some(given) = lua.ask(element, "getfd")? else { return Ok(None) };
    let descriptor = lua.number(given).unwrap_or(-1.0);
    if !(0.0..=f64::from(i32::MAX)).contains(&descriptor) {
        return Ok(None);
    }
    let dirty = if buffered { lua.ask(element, "dirty")? } else { None };
    Ok(Some((descriptor as Descriptor, dirty.is_some_and(|dirty| lua.truth(dirty)))))
}
