//! `connect`, `serve` and `udp_socket`.

use moonsocket_core::ops::{Bind, Connect, Connected, Lookup};
use moonsocket_core::os::path;
use moonsocket_core::{
    Address, Error, ErrorKind, Family, Found, Kind as SocketKind, Limit, Opt, Patience, Query,
    Value as OptValue,
};

use super::error::fail;
use super::socket::{Osn, Role};
use super::spec::{self, OwnPath, Place, Spec};
use crate::door;
use crate::vm::{Answer, Cx, Given, Lua, Raise, Reply};

/// Waiting connections that a listen socket holds.
const BACKLOG: i32 = 128;

/// `connect(table [, own path])`: a connected socket.
pub(super) fn connect<'a>(lua: Lua<'a>, table: Given<'a>, own: Given<'a>) -> Answer<'a> {
    let cx = lua.cx();
    let read = Spec::read(lua, table, false);
    let (spec, own) = match read.and_then(|spec| Ok((spec, spec::own_path(lua, own)?))) {
        Ok(read) => read,
        Err(refused) => return refused.answer(cx),
    };
    let kind = spec.kind();
    let role = if spec.is_stream() { Role::Connected } else { Role::Datagram };
    let made = spec.place(false).and_then(|place| {
        let mut osn = Osn::new(cx, role, spec.tcp_nodelay)?;
        if let Some((path, how)) = own {
            if role != Role::Datagram || !matches!(place, Place::Path(_)) {
                let what = "an own path is for udp and usock alone";
                return Err(Error::new(ErrorKind::Invalid(what), "connect"));
            }
            bind_path(&mut osn, kind, &spec::path_address(&path)?, how)?;
        }
        Ok((osn, place))
    });
    let (osn, place) = match made {
        Ok(made) => made,
        Err(error) => return fail(cx, &error),
    };
    let operation = match place {
        Place::Named(query) => Connect::resolve(loopback(query, role), kind),
        Place::Path(address) => Connect::new([address], kind),
    };
    let patience = osn.told.patience(Limit::from_secs_f64(spec.connect_timeout_s));
    door::run_owned(cx, osn, operation, patience, connected)
}

/// Connections try both loopbacks. To connect datagrams never fails, nor do they go to the other family: without an address
/// it is the one in which `serve` without one takes them.
fn loopback(query: Query, role: Role) -> Query {
    let open = query.host.is_none() && query.family == Family::Any;
    if open && role == Role::Datagram { Query { family: Family::V4, ..query } } else { query }
}

fn connected<'a>(cx: Cx<'a>, mut osn: Osn, out: Result<Connected, Error>) -> Answer<'a> {
    match out.and_then(|_| osn.set_nodelay()) {
        Ok(()) => Ok(Reply::One(cx.object(osn))),
        Err(error) => {
            remove_own_path(&osn);
            fail(cx, &error)
        }
    }
}

/// Removes the path that a socket which nobody gets was bound to, if it has one: it would be taken for good.
fn remove_own_path(osn: &Osn) {
    if let Ok(Address::Unix(name)) = osn.socket.handle.local_address()
        && !name.is_abstract()
    {
        let _ = path::remove_socket(name.as_bytes());
    }
}

/// `serve(table)`: a listen socket, or a bound datagram socket.
pub(super) fn serve<'a>(lua: Lua<'a>, table: Given<'a>) -> Answer<'a> {
    let cx = lua.cx();
    let spec = match Spec::read(lua, table, false) {
        Ok(spec) => spec,
        Err(refused) => return refused.answer(cx),
    };
    let kind = spec.kind();
    let role = if spec.is_stream() { Role::Listener } else { Role::Datagram };
    let made = spec.place(true).and_then(|place| {
        let mut osn = Osn::new(cx, role, spec.tcp_nodelay)?;
        match &place {
            Place::Path(address) => bind_path(&mut osn, kind, address, spec.own)?,
            // Of two servers on one udp port, one would go without.
            Place::Named(_) if role == Role::Listener => {
                osn.socket.handle.remember_option(Opt::ReuseAddress, OptValue::Flag(true))?;
            }
            Place::Named(_) => {}
        }
        Ok((osn, place))
    });
    match made {
        Ok((osn, Place::Named(query))) => {
            let patience = looking_up(&osn, &query);
            door::run_owned(cx, osn, Bind::resolve(query, kind), patience, bound)
        }
        Ok((osn, Place::Path(_))) => bound(cx, osn, Ok(())),
        Err(error) => fail(cx, &error),
    }
}

/// The patience of a call that waits for nothing but the resolver. Where that need not be asked the call does not wait,
/// and so tells of no signal.
fn looking_up(osn: &Osn, query: &Query) -> Patience {
    let forever = Limit::FOREVER;
    if query.numeric().is_some() { forever.into() } else { osn.told.patience(forever) }
}

fn bound<'a>(cx: Cx<'a>, mut osn: Osn, out: Result<(), Error>) -> Answer<'a> {
    let listens = osn.role == Role::Listener;
    match out.and_then(|()| if listens { osn.socket.handle.listen(BACKLOG) } else { Ok(()) }) {
        Ok(()) => Ok(Reply::One(cx.object(osn))),
        Err(error) => {
            remove_own_path(&osn);
            fail(cx, &error)
        }
    }
}

/// Opens the socket and binds it to a path. At no time may more be done with that than its permissions say.
fn bind_path(
    osn: &mut Osn,
    kind: SocketKind,
    address: &Address,
    how: OwnPath,
) -> Result<(), Error> {
    let Address::Unix(name) = address else { return Ok(()) };
    let failed = |error| Error::from_io(&error, "bind");
    if how.remove && !name.is_abstract() {
        path::remove_socket(name.as_bytes()).map_err(failed)?;
    }
    osn.socket.open(SocketKind { family: address.family(), ..kind })?;
    let handle = &mut osn.socket.handle;
    let mode = how.mode.filter(|_| !name.is_abstract());
    if let Some(mode) = mode {
        path::restrict(handle.descriptor(), mode);
    }
    handle.bind(address)?;
    match mode {
        Some(mode) => path::set_mode(name.as_bytes(), mode).map_err(|error| {
            remove_own_path(osn);
            failed(error)
        }),
        None => Ok(()),
    }
}

/// `udp_socket(table)`: a datagram socket that is not connected. It is not bound either: the table says of which family
/// the addresses are that it will send to.
pub(super) fn udp_socket<'a>(lua: Lua<'a>, table: Given<'a>) -> Answer<'a> {
    let cx = lua.cx();
    let spec = match Spec::read(lua, table, true) {
        Ok(spec) => spec,
        Err(refused) => return refused.answer(cx),
    };
    let made = spec.place(false).and_then(|place| {
        let osn = Osn::new(cx, Role::Datagram, false)?;
        Ok((osn, place))
    });
    match made {
        Ok((osn, Place::Path(address))) => opened(cx, osn, &address),
        Ok((osn, Place::Named(query))) => {
            let query = loopback(query, Role::Datagram);
            let engine = std::rc::Rc::clone(&osn.socket.engine);
            let patience = looking_up(&osn, &query);
            door::run_free(lua, &engine, Lookup::new(query), patience, |lua, out| {
                match out.map(|found: Vec<Found>| found.into_iter().next()) {
                    Ok(Some(found)) => opened(lua.cx(), osn, &found.address),
                    Ok(None) => Err(Raise::here("the resolver found nothing")),
                    Err(error) => fail(lua.cx(), &error),
                }
            })
        }
        Err(error) => fail(cx, &error),
    }
}

fn opened<'a>(cx: Cx<'a>, mut osn: Osn, address: &Address) -> Answer<'a> {
    match osn.socket.open(SocketKind::datagram(address.family())) {
        Ok(()) => Ok(Reply::One(cx.object(osn))),
        Err(error) => fail(cx, &error),
    }
}
