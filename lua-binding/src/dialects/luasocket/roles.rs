//! Masters, servers and clients: what the stream classes that listen and connect have in common.

use moonsocket_core::ops::Accept;
use moonsocket_core::{Address, Attempt, Error, First, Handle, How};

use super::control::DONE;
use super::error::{fail, fail_system};
use super::stream::Stream;
use crate::backend::Chosen;
use crate::door::{self, Outcome};
use crate::socket::Socket;
use crate::vm::{Answer, Body, Cx, Given, Guard, InTime, Maker, Never, Reply, keyword};

/// What an object can do at the moment, in the order of its family's classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Master,
    Client,
    Server,
}

/// A family of stream classes.
pub(super) trait Endpoint: Stream + Body {
    /// What it is at the moment.
    fn role(&self) -> Role;
    /// Makes it something else.
    fn set_role(&mut self, role: Role);
    /// An object of this one's class on another socket.
    fn twin(&self, socket: Socket) -> Self;
}

/// The guards.
pub(super) struct Client;
pub(super) struct Master;
pub(super) struct Server;

macro_rules! guard {
    ($($guard:ident),*) => {$(
        impl<T: Endpoint> Guard<T> for $guard {
            const EXPECTED: &'static str = T::FAMILY.classes[Role::$guard as usize].name;
            #[inline]
            fn admits(object: &T) -> bool {
                object.role() == Role::$guard
            }
        }
    )*};
}
guard!(Client, Master, Server);

/// The shortcut of [`accept`], outside of fibers: says that there is nothing, before memory for an object is asked for;
/// what there is it keeps for the call.
pub(super) fn accept_at_once<T: Endpoint>(
    this: &mut T,
    []: [Given<'_>; 0],
) -> First<InTime<Never>> {
    let Socket { handle, engine, .. } = this.socket();
    let mut kept = engine.accepted.borrow_mut();
    if !engine.may_attempt() || kept.is_some() {
        return First::Not;
    }
    let patience = handle.patience();
    match Accept::first(&engine.backend, handle, &patience) {
        First::Done((connection, _)) => {
            *kept = Some((handle.descriptor(), connection));
            First::Not
        }
        First::Begun(attempt) if attempt.would_block() && patience.whole.is_zero() => {
            First::Done(InTime::Timeout)
        }
        First::Begun(attempt) => First::Begun(attempt),
        First::Not => First::Not,
    }
}

/// `accept()`.
pub(super) fn accept<'a, T: Endpoint>(
    this: &'a mut T,
    begun: Option<&'a Attempt>,
    cx: Cx<'a>,
    maker: Maker<'a, T>,
) -> Answer<'a> {
    if let Some(connection) = this.socket().take_accepted() {
        return Ok(Reply::One(maker.make(client(this, connection))));
    }
    let patience = this.socket().patience();
    match door::run_after(cx, this, Accept, patience, begun, accepted) {
        Outcome::Now(Ok((connection, _))) => Ok(Reply::One(maker.make(client(this, connection)))),
        Outcome::Now(Err(error)) => fail(cx, &error),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

/// The results for a fiber that had to wait.
fn accepted<'a, T: Endpoint>(
    cx: Cx<'a>,
    this: &mut T,
    out: Result<(Handle<Chosen>, Address), Error>,
) -> Answer<'a> {
    match out {
        Ok((connection, _)) => Ok(Reply::One(cx.object(client(this, connection)))),
        Err(error) => fail(cx, &error),
    }
}

/// The object of an accepted connection.
fn client<T: Endpoint>(server: &mut T, connection: Handle<Chosen>) -> T {
    let socket = Socket::new(std::rc::Rc::clone(&server.socket().engine), connection);
    let mut client = server.twin(socket);
    client.set_role(Role::Client);
    client
}

/// `listen([backlog = 32])`: makes it a server.
pub(super) fn listen<'a, T: Endpoint>(
    this: &'a mut T,
    cx: Cx<'a>,
    backlog: Option<f64>,
) -> Answer<'a> {
    match this.socket().handle.listen(backlog.unwrap_or(32.0) as i32) {
        Ok(()) => {
            this.set_role(Role::Server);
            Ok(DONE)
        }
        Err(error) => fail_system(cx, &error),
    }
}

/// `shutdown([how = "both"])`: 1, whatever the system says.
pub(super) fn shutdown<'a, T: Endpoint>(this: &'a mut T, how: Option<&'a [u8]>) -> Answer<'a> {
    let how = match keyword(2, how.unwrap_or(b"both"), &["both", "receive", "send"])? {
        0 => How::Both,
        1 => How::Receive,
        _ => How::Send,
    };
    // A peer that is gone already is shut down.
    let _ = this.socket().handle.shutdown(how);
    Ok(DONE)
}
