//! `get_address_info`: names to addresses.

use moonsocket_core::ops::Lookup;
use moonsocket_core::{Address as SocketAddress, Error, Family, Found, Query, errno};

use super::address::Address;
use super::error::{fail, invalid};
use super::wait;
use crate::vm::{
    Answer, Any, Bytes, Function, Given, Kind, Lua, Machine, Number, Reply, Value, function,
};

/// The functions.
pub(super) const FUNCTIONS: &[Function] = &[
    function!("host_name", host_name, Machine),
    function!("lookup", lookup, Machine, Any, Any, Option<Bytes>, Option<Number>, Any),
];

/// Bits of the flags argument: the resolver's own.
const PASSIVE: i64 = 1;
const CANONICAL_NAME: i64 = 2;
const NUMERIC_HOST: i64 = 4;
const NUMERIC_SERVICE: i64 = 1024;
const V4_MAPPED: i64 = 8;
const ALL_MATCHING: i64 = 16;
const ADDRESS_CONFIGURED: i64 = 32;

/// `lookup(host, service, family, socktype, flags)`: a list of `{address, port[, canonical_name]}`.
fn lookup<'a>(
    lua: Lua<'a>,
    host: Given<'a>,
    service: Given<'a>,
    family: Option<&'a [u8]>,
    socktype: Option<f64>,
    flags: Given<'a>,
) -> Answer<'a> {
    let text = |given: Given<'a>, number: i32| match (given.kind(), Address::read(given)) {
        (Kind::Userdata, Some(address)) => Ok(Some(crate::convert::ip_text(&address.with_port(0)))),
        (Kind::String, _) => {
            let text = given.to_bytes().and_then(|text| std::str::from_utf8(text).ok());
            match text.filter(|text| !text.contains('\0')) {
                Some("") => Ok(None),
                Some(text) => Ok(Some(text.to_owned())),
                None => Err(number),
            }
        }
        _ => Err(number),
    };
    let service = match given_port(service) {
        Some(port) => Ok(Some(port.to_string())),
        None => text(service, 2),
    };
    let (host, service) = match (text(host, 1), service) {
        (Ok(host), Ok(service)) => (host, service),
        (Err(number), _) | (_, Err(number)) => return invalid(number),
    };
    let flags = match (flags.kind(), flags.to_number()) {
        (Kind::None | Kind::Nil, _) => 0,
        (Kind::Number, Some(flags)) => flags as i64,
        _ => return invalid(3),
    };
    let query = Query {
        host,
        service,
        family: match family {
            Some(b"v4") => Family::V4,
            Some(b"v6") => Family::V6,
            _ => Family::Any,
        },
        socktype: socktype.unwrap_or(0.0) as i32,
        passive: flags & PASSIVE != 0,
        canonical: flags & CANONICAL_NAME != 0,
        numeric_host: flags & NUMERIC_HOST != 0,
        numeric_service: flags & NUMERIC_SERVICE != 0,
        v4_mapped: flags & V4_MAPPED != 0,
        all_matching: flags & ALL_MATCHING != 0,
        address_configured: flags & ADDRESS_CONFIGURED != 0,
    };
    wait::run_free(lua, Lookup::new(query), found)
}

fn given_port(service: Given<'_>) -> Option<u16> {
    let number = (service.kind() == Kind::Number).then(|| service.to_number()).flatten()?;
    (number.fract() == 0.0).then(|| u16::try_from(number as i64).ok()).flatten()
}

fn found<'a>(lua: Lua<'a>, out: Result<Vec<Found>, Error>) -> Answer<'a> {
    let found = match out {
        Ok(found) => found,
        Err(error) => return fail(lua.cx(), &error),
    };
    let list = lua.table()?;
    let mut count = 0;
    for Found { address, canonical, .. } in found {
        let (Some(ip), Some(port)) = (Address::of(&address), address.port()) else { continue };
        count += 1;
        lua.scope(|lua| {
            let entry = lua.table()?;
            lua.set(entry, "address", lua.cx().object(ip))?;
            lua.set(entry, "port", i64::from(port))?;
            if let Some(name) = canonical {
                lua.set(entry, "canonical_name", lua.cx().bytes(name))?;
            }
            lua.set(list, Value::Integer(count), entry)
        })?;
    }
    Ok(Reply::one(list))
}

fn host_name(lua: Lua<'_>) -> Answer<'_> {
    match moonsocket_core::os::host_name() {
        Ok(name) => Ok(Reply::One(lua.cx().bytes(name))),
        Err(error) => fail(lua.cx(), &Error::from_io(&error, "host_name")),
    }
}

/// The address that an address and a port argument name.
pub(super) fn endpoint<'a>(
    address: Option<Address>,
    port: Given<'_>,
    first: i32,
) -> Result<SocketAddress, Answer<'a>> {
    let Some(address) = address else { return Err(invalid(first)) };
    port_of(port, first + 1).map(|port| address.with_port(port).into())
}

/// The port that the argument of this number names.
pub(super) fn port_of<'a>(port: Given<'_>, number: i32) -> Result<u16, Answer<'a>> {
    match given_port(port) {
        Some(port) => Ok(port),
        None if port.kind() == Kind::Number => Err(super::error::blame(errno::ERANGE, number)),
        None => Err(invalid(number)),
    }
}
