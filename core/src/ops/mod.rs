//! The operations. Each is a value that makes one attempt per step, and can be driven or parked.

mod accept;
mod connect;
mod datagram;
mod lookup;
mod receive;
mod send;
mod wait;

pub use accept::Accept;
pub use connect::Connect;
pub use datagram::{Message, ReceiveFrom, SendTo};
pub use lookup::Lookup;
pub use receive::{Receive, Received, Short};
pub use send::{Send, SendFailed};
pub use wait::{Ready, Select, Sleep};
