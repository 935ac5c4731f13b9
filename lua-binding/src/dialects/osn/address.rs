//! Addresses of datagrams: tables, of one kind whether they were received or made by hand.

use std::cell::OnceCell;
use std::rc::Rc;

use moonsocket_core::{Address, Error, ErrorKind, Family, Query, number};

use super::spec::path_address;
use crate::convert;
use crate::vm::{
    Anchor, Answer, Any, Cx, Digits, Given, Kind, Lua, Machine, Raise, Reply, Tree, Value, function,
};

/// The metatable of the addresses that `receive` gives.
#[derive(Default)]
struct Metatable(OnceCell<Rc<Anchor>>);

/// Makes the metatable.
pub(super) fn setup(lua: Lua<'_>) -> Answer<'_> {
    let metatable = lua.table()?;
    let to_text = lua.function(function!("__tostring", to_text, Machine, Any))?;
    lua.set(metatable, "__tostring", to_text)?;
    lua.set(metatable, "__name", "osn address")?;
    let anchor = Rc::new(lua.anchor(metatable)?);
    // Where it is opened a second time, the first stays.
    let _ = lua.cx().state::<Metatable>().0.set(anchor);
    Ok(Reply::Nothing)
}

/// An address as a table: `{ ip =, port =, family = }` or `{ usock = }`. Nobody's is nil.
pub(super) fn table<'a>(cx: Cx<'a>, address: &Address) -> Value<'a> {
    let fields = match address {
        Address::Inet(address) => {
            let family = if address.is_ipv4() { "inet" } else { "inet6" };
            let ip = Tree::Bytes(convert::ip_text(address).into_bytes());
            let port = Tree::Bytes(address.port().to_string().into_bytes());
            vec![("ip", ip), ("port", port), ("family", family.into())]
        }
        Address::Unix(name) if !name.as_bytes().is_empty() => {
            vec![("usock", Tree::Bytes(name.as_bytes().to_vec()))]
        }
        Address::Unix(_) | Address::Other(_) => return Value::Nil,
    };
    let fields = Tree::Fields(fields);
    match cx.state::<Metatable>().0.get() {
        Some(metatable) => cx.tree(Tree::Classed(Box::new(fields), Rc::clone(metatable))),
        None => cx.tree(fields),
    }
}

/// `tostring(address)`.
fn to_text<'a>(lua: Lua<'a>, table: Given<'a>) -> Answer<'a> {
    let text = match target(lua, table)? {
        Ok(Target::Known(address)) => address.to_string(),
        Ok(Target::Named { host, port }) => format!("{host}:{port}"),
        Ok(Target::None) | Err(_) => "no address".to_owned(),
    };
    Ok(Reply::One(lua.cx().bytes(text)))
}

/// Where a datagram is to go.
pub(super) enum Target {
    /// To the connected peer.
    None,
    /// An address.
    Known(Address),
    /// A host and service that have to be looked up.
    Named { host: String, port: String },
}

impl Target {
    /// The address, or what is to be asked for one of the socket's family; none for the connected peer.
    pub(super) fn for_family(self, family: i32) -> Option<Result<Address, Query>> {
        match self {
            Self::None => None,
            Self::Known(address) => Some(Ok(address)),
            Self::Named { host, port } => {
                let query = Query::new(&host, &port, number::SOCK_DGRAM);
                Some(Err(Query { family: convert::family_of(family), ..query }))
            }
        }
    }
}

/// Reads an address table, whose fields count as they are now.
pub(super) fn target<'a>(
    lua: Lua<'a>,
    given: Given<'a>,
) -> Result<Result<Target, Error>, Raise<'a>> {
    match given.kind() {
        Kind::None | Kind::Nil => return Ok(Ok(Target::None)),
        Kind::Table => {}
        _ => return Err(Raise::Type(given.number(), "table")),
    }
    let field = |name: &'static str| -> Result<Option<Vec<u8>>, Raise<'a>> {
        let field = lua.get(given.local(), name)?;
        match lua.kind(field) {
            Kind::String => Ok(lua.with_bytes(field, <[u8]>::to_vec)),
            Kind::Number => Ok(Some(lua.text(field).into_bytes())),
            _ => Ok(None),
        }
    };
    if let Some(path) = field("usock")? {
        return Ok(path_address(&path).map(Target::Known));
    }
    let (Some(host), Some(port)) = (field("ip")?, field("port")?) else {
        let what = "an address has ip and port, or usock";
        return Ok(Err(Error::new(ErrorKind::Invalid(what), "send")));
    };
    if let Some(address) = convert::numeric_address(&host, Digits::Text(&port), Family::Any) {
        return Ok(Ok(Target::Known(address)));
    }
    let asked = convert::query(&host, &port, Family::Any, number::SOCK_DGRAM, false);
    Ok(asked.map(|query| Target::Named {
        host: query.host.unwrap_or_default(),
        port: query.service.unwrap_or_default(),
    }))
}
