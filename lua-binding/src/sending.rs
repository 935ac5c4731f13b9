//! Sending a string of Lua's, or a part of it: in a fiber that has to wait the string is held.

use std::ops::Range;

use moonsocket_core::ops::{Send, SendFailed, SendTo};
use moonsocket_core::{
    Address, Attempt, Attempted, Error, First, Flags, Handle, Interest, Operation, Patience, Query,
};

use crate::backend::Chosen;
use crate::door::{self, Awaited, Begun, Finish, HasSocket, Outcome};
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
    /// Goes on with the same bytes in other memory.
    fn onto<D: AsRef<[u8]>, E: AsRef<[u8]>>(begun: Self::Of<D>, data: E) -> Self::Of<E>;
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

    fn onto<D: AsRef<[u8]>, E: AsRef<[u8]>>(begun: Send<D>, data: E) -> Send<E> {
        begun.onto(data)
    }
}

/// As [`All`], from this place on; what lies before counts as sent.
#[derive(Clone, Copy, Debug)]
pub struct AllFrom(pub usize);

impl Sending for AllFrom {
    type Out = Result<usize, SendFailed>;
    type Of<D: AsRef<[u8]>> = Send<D>;

    fn of<D: AsRef<[u8]>>(self, data: D) -> Send<D> {
        Send::all(data).starting_at(self.0)
    }

    fn onto<D: AsRef<[u8]>, E: AsRef<[u8]>>(begun: Send<D>, data: E) -> Send<E> {
        begun.onto(data)
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

    fn onto<D: AsRef<[u8]>, E: AsRef<[u8]>>(begun: Send<D>, data: E) -> Send<E> {
        begun.onto(data)
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

    fn onto<D: AsRef<[u8]>, E: AsRef<[u8]>>(begun: SendTo<D>, data: E) -> SendTo<E> {
        begun.onto(data)
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

    fn onto<D: AsRef<[u8]>, E: AsRef<[u8]>>(begun: SendTo<D>, data: E) -> SendTo<E> {
        begun.onto(data)
    }
}

/// The shortcut of a method that sends: what the system takes at once. `whole`: as [`All`], else as [`Once`].
#[inline(always)]
pub fn at_once<T: HasSocket>(this: &mut T, data: &[u8], whole: bool) -> First<usize> {
    attempt(this, |backend, handle, patience, parks| {
        Send::first(backend, handle, data, whole, patience, parks)
    })
}

/// As [`at_once`], for a method that sends a message [to](To) an address.
#[inline(always)]
pub fn to_at_once<T: HasSocket>(this: &mut T, data: &[u8], to: &Address) -> First<usize> {
    attempt(this, |backend, handle, patience, parks| {
        SendTo::first(backend, handle, data, to, patience, parks)
    })
}

#[inline(always)]
fn attempt<T: HasSocket>(
    this: &mut T,
    first: impl FnOnce(&Chosen, &mut Handle<Chosen>, &Patience, bool) -> First<usize>,
) -> First<usize> {
    let Socket { handle, engine, .. } = this.socket();
    if !engine.may_attempt_now(handle.descriptor(), Interest::WRITE) {
        return First::Not;
    }
    let (patience, parks) = (handle.patience(), engine.fibers.are_running());
    first(&engine.backend, handle, &patience, parks)
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
    let mut operation = how.of(&part.data[part.range.clone()]);
    // Most sends are done at once: the string is only held for those that are not.
    match door::begin(cx, this, &mut operation, patience) {
        Begun::Done(out) => Outcome::Now(out),
        Begun::Waits(begun) => hold::<T, S>(cx, this, part, operation, patience, begun, finish),
    }
}

/// As [`run`], where a shortcut may have made the first attempt.
pub fn run_after<'p, T: HasSocket, S: Sending>(
    cx: Cx<'_>,
    this: &mut T,
    part: Part<'p>,
    how: S,
    patience: Patience,
    attempt: Option<&Attempt>,
    finish: Finish<T, S::Out>,
) -> Outcome<S::Out>
where
    S::Of<HeldPart>: 'static,
    S::Of<&'p [u8]>: Attempted<Chosen>,
{
    let mut operation = how.of(&part.data[part.range.clone()]);
    match door::begin_after(cx, this, &mut operation, patience, attempt) {
        Begun::Done(out) => Outcome::Now(out),
        Begun::Waits(begun) => hold::<T, S>(cx, this, part, operation, patience, begun, finish),
    }
}

/// Parks a send that has begun, with the string held.
fn hold<'p, T: HasSocket, S: Sending>(
    cx: Cx<'_>,
    this: &mut T,
    part: Part<'p>,
    operation: S::Of<&'p [u8]>,
    patience: Patience,
    begun: Awaited,
    finish: Finish<T, S::Out>,
) -> Outcome<S::Out>
where
    S::Of<HeldPart>: 'static,
{
    match cx.hold_bytes(part.argument) {
        Some(held) => {
            let operation = S::onto(operation, HeldPart { held, range: part.range });
            door::go_on(cx, this, operation, patience, begun, finish)
        }
        None => Outcome::Now(door::block(this, operation, patience)),
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
