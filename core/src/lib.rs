//! Sockets with limits, reads up to a pattern, and results that keep what had arrived: what a socket *means*, whatever
//! way a program waits.
//!
//! A program begins with [`Net`], which makes [`Stream`]s, [`Listener`]s and [`Datagram`]s, on a [`Backend`], which says how
//! to wait: `moonsocket_blocking::Blocking` by the kernel's blocking calls, `moonsocket_mio::Mio` by an epoll reactor.
//! Those crates' pages have whole programs. A function that is given a `Net` need not name its backend:
//!
//! ```
//! use moonsocket_core::{Backend, Error, Limit, Net};
//! use std::time::{Duration, Instant};
//!
//! /// Asks some questions: each is answered within 2 s, all of them within 10 s.
//! fn ask<B: Backend>(net: &Net<B>, to: &str, questions: &[&str]) -> Result<Vec<String>, Error> {
//!     let mut stream = net.connect(to, Limit::after(Duration::from_secs(5)))?;
//!     stream.set_limit(Limit::after(Duration::from_secs(2)));
//!     stream.set_deadline(Instant::now() + Duration::from_secs(10));
//!     let mut answers = Vec::new();
//!     for question in questions {
//!         stream.send(format!("{question}\n"))?;
//!         answers.extend(stream.line()?);
//!     }
//!     Ok(answers)
//! }
//! ```
//!
//! is called as `ask(&Net::from(Blocking::new()), "localhost:7007", &["who?", "what?"])`.
//!
//! The crate has three layers:
//!
//! 1. **Semantics**, without I/O: [`Address`], [`Limit`], [`Pattern`], [`ReadBuffer`], [`Opt`], [`Error`].
//! 2. **Operations** ([`ops`]): values that make one attempt per [`step`](Operation::step) on a [`Transport`], so that
//!    whoever drives them decides how to wait. [`drive`] is the blocking driver, [`Parking`] the one that holds many
//!    operations at once.
//! 3. **[`Net`]** and what it makes: the face for Rust programs, made of the two below.
//!
//! System calls are made in [`os`] and in the backends' waiting, nowhere else.
#![deny(unsafe_code)]
#![warn(missing_debug_implementations)]

mod addr;
mod armed;
mod attempt;
mod backend;
mod buffer;
mod codes;
mod dotted_quad;
mod driver;
mod error;
mod filter;
mod handle;
mod limit;
mod net;
mod numbers;
mod operation;
pub mod ops;
mod options;
pub mod os;
pub mod park;
mod pattern;
mod query;
mod resolve;
mod transport;

pub use addr::{Address, Opaque, UnixName};
pub use armed::Armed;
pub use attempt::{Attempt, Attempted, First};
pub use backend::{Backend, EVENTS_AT_ONCE, Interest, Token, Watch};
pub use buffer::{Detached, ReadBuffer, Spare, recycle, take_scratch};
pub use codes::{eai, errno, number, poll, signal};
pub use dotted_quad::{dotted_quad, parse_dotted_quad};
pub use driver::{Patience, drive, drive_after};
pub use error::{Error, ErrorKind};
pub use handle::{Handle, Statistics};
pub use limit::{Limit, Limits, Timeouts};
pub use net::{Datagram, Listener, Net, Stream};
pub use numbers::{NumberHasher, NumberMap};
pub use operation::{Need, Operation, Step, Stop, Target, advance};
pub use options::{Opt, OptionKind, Value};
pub use os::wake::{Wake, WakeCell};
pub use park::{Access, Bound, OnShared, Parking, Progress, Shared, Task, Ticket};
pub use pattern::{Cr, Pattern};
pub use query::{Family, Found, Query, is_of_one_link, parse_ipv4, parse_ipv6};
pub use transport::{Descriptor, Flags, How, Kind, Mode, Transport};
