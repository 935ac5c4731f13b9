//! Sending a string of Lua's, or a part of it: in a fiber that has to wait the string is held.

use std::ops::Range;

use moonsocket_core::ops::{Send, SendFailed, SendTo};
use moonsocket_core::{Address, Error, Flags, Handle, Operation, Patience, Query, drive};

use crate::backend::Chosen;
use crate::door::{self, Finish, HasSocket, Outcome};
use crate::socket::Socket;
use crate::vm::{Cx, HeldBytes};

/// The string that is a method's argument, and what of it is to be sent.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// The argument's number; the object of a method is number 1.
    pub argument: i32,
    /// Its bytes.
    pub data: &'a [u8],
    /// Those that are meant.
    pub range: Range<usize>,
}

impl<'a> Part<'a> {
    /// All of it.
    pub fn whole(argument: i32, data: &'a [u8]) -> Self {
        Self { argument, data, range: 0..data.len() }
    }
}

/// Makes an operation of data that it borrows or holds.
pub trait Sending {
    /// What it comes to.
    type Out: 'static;
    /// The operation.
    type Of<D: AsRef<[u8]>>: Operation<Chosen, On = Handle<Chosen>, Out = Self::Out>;
    /// Makes it.
    fn of<D: AsRef<[u8]>>(self, data: D) -> Self::Of<D>;
}

/// All of it, in as many pieces as the system takes.
#[derive(Clone, Copy, Debug)]
pub struct All(pub Flags);

impl Sending for All {
    type Out = Result<usize, SendFailed>;
    type Of<D: AsRef<[u8]>> = Send<D>;

    fn of<D: AsRef<[u8]>>(self, data: D) -> Send<D> {
        Send::all(data).flags(self.0)
    }
}

/// What the system takes at once: one message on datagram sockets.
#[derive(Clone, Copy, Debug)]
pub struct Once(pub Flags);

impl Sending for Once {
    type Out = Result<usize, SendFailed>;
    type Of<D: AsRef<[u8]>> = Send<D>;

    fn of<D: AsRef<[u8]>>(self, data: D) -> Send<D> {
        Send::some(data).flags(self.0)
    }
}

/// One message to an address.
#[derive(Clone, Copy, Debug)]
pub struct To(pub Address, pub Flags);

impl Sending for To {
    type Out = Result<usize, Error>;
    type Of<D: AsRef<[u8]>> = SendTo<D>;

    fn of<D: AsRef<[u8]>>(self, data: D) -> SendTo<D> {
        SendTo::new(data, self.0).flags(self.1)
    }
}

/// One message to the first address of a name.
#[derive(Clone, Debug)]
pub struct ToName(pub Query);

impl Sending for ToName {
    type Out = Result<usize, Error>;
    type Of<D: AsRef<[u8]>> = SendTo<D>;

    fn of<D: AsRef<[u8]>>(self, data: D) -> SendTo<D> {
        SendTo::resolve(data, self.0)
    }
}

/// Sends on the running method's object; as [`door::run`].
pub fn run<T: HasSocket, S: Sending>(
    cx: Cx<'_>,
    this: &mut T,
    part: Part<'_>,
    how: S,
    patience: Patience,
    finish: Finish<T, S::Out>,
) -> Outcome<S::Out>
where
    S::Of<HeldPart>: 'static,
{
    let Socket { handle, engine, .. } = this.socket();
    let Part { argument, data, range } = part;
    let suspends = engine.fibers.may_suspend(cx);
    match suspends.then(|| cx.hold_bytes(argument)).flatten() {
        Some(held) => door::run(cx, this, how.of(HeldPart { held, range }), patience, finish),
        None => Outcome::Now(drive(&engine.backend, &mut how.of(&data[range]), handle, patience)),
    }
}

/// What a parked send works on.
#[derive(Debug)]
pub struct HeldPart {
    held: HeldBytes,
    range: Range<usize>,
}

impl AsRef<[u8]> for HeldPart {
    fn as_ref(&self) -> &[u8] {
        &self.held.as_ref()[self.range.clone()]
    }
}
