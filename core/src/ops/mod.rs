//! The operations. Each is a value that makes one attempt per step, and can be driven or parked.

mod accept;
mod bind;
mod connect;
mod datagram;
mod happy_eyeballs;
mod lookup;
mod memory;
mod parts;
mod receive;
mod send;
mod wait;

pub use accept::Accept;
pub use bind::Bind;
pub use connect::{Connect, Connected};
pub use datagram::{Message, ReceiveFrom, ReceiveMessage, SendTo};
pub use happy_eyeballs::HappyEyeballs;
pub use lookup::{Lookup, NameLookup};
pub use memory::{Memory, ReceiveInto, SendFrom};
pub use parts::{Parts, SendParts};
pub use receive::{Receive, Received, Short, Soon};
pub use send::{Send, SendFailed};
pub use wait::{Ready, Select, Sleep};
