//! Objects that are not the dialect's own, as something to be polled.

use moonsocket_core::Descriptor;

use crate::vm::{Attempt, Kind, Local, Lua};

/// An object's descriptor, asked by its methods: LuaSec's objects, sinks, other dialects' sockets, tables with a `getfd`;
/// and, where `buffered` asks, whether it has bytes to be read already. `None`: it has no descriptor.
pub(crate) fn descriptor<'a>(
    lua: Lua<'a>,
    element: Local<'a>,
    buffered: bool,
) -> Attempt<'a, Option<(Descriptor, bool)>> {
    let getfd = lua.get(element, "getfd")?;
    if lua.kind(getfd) == Kind::Nil {
        return Ok(None);
    }
    let first = lua.call(getfd, &[element])?;
    let descriptor = lua.number(first).unwrap_or(-1.0);
    if !(0.0..=f64::from(i32::MAX)).contains(&descriptor) {
        return Ok(None);
    }
    let mut dirty = false;
    if buffered {
        let method = lua.get(element, "dirty")?;
        if lua.kind(method) != Kind::Nil {
            let first = lua.call(method, &[element])?;
            dirty = lua.count(first) > 0 && lua.truth(first);
        }
    }
    Ok(Some((descriptor as Descriptor, dirty)))
}
