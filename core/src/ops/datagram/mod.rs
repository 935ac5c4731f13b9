//! Messages with addresses.

mod first;
mod receive;
mod send;

pub use receive::{Message, ReceiveFrom, ReceiveMessage};
pub use send::SendTo;
