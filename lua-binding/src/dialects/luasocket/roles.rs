//! Masters, servers and clients: what the stream classes that listen and connect have in common.

use moonsocket_core::ops::Accept;
use moonsocket_core::{Address, Error, Handle, How};

use super::control::DONE;
use super::error::{fail, fail_system};
use super::stream::Stream;
use crate::backend::Chosen;
use crate::door::{self, Outcome};
use crate::socket::Socket;
use crate::vm::{Answer, Body, Cx, Guard, Maker, Reply, Value, keyword};

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

/// `accept()`.
pub(super) fn accept<'a, T: Endpoint>(
    this: &'a mut T,
    cx: Cx<'a>,
    maker: Maker<'a, T>,
) -> Answer<'a> {
    let patience = this.socket().patience();
    match door::run(cx, this, Accept, patience, accepted) {
        Outcome::Now(out) => answer(cx, this, out, |client| maker.make(client)),
        Outcome::Later => Ok(Reply::Suspend),
    }
}

/// The results for a fiber that had to wait.
fn accepted<'a, T: Endpoint>(cx: Cx<'a>, this: &mut T, out: Accepted) -> Answer<'a> {
    answer(cx, this, out, |client| cx.object(client))
}

type Accepted = Result<(Handle<Chosen>, Address), Error>;

fn answer<'a, T: Endpoint>(
    cx: Cx<'a>,
    this: &mut T,
    out: Accepted,
    make: impl FnOnce(T) -> Value<'a>,
) -> Answer<'a> {
    match out {
        Ok((handle, _)) => {
            let socket = Socket::new(std::rc::Rc::clone(&this.socket().engine), handle);
            let mut client = this.twin(socket);
            client.set_role(Role::Client);
            Ok(Reply::One(make(client)))
        }
        Err(error) => fail(cx, &error),
    }
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
