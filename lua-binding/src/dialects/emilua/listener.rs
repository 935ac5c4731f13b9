//! `ip.tcp.acceptor`.

use std::rc::Rc;

use moonsocket_core::ops::Accept;
use moonsocket_core::{Address, Error, Handle};

use super::error::{fail, invalid};
use super::inet::{Inet, Role, done};
use super::wait;
use crate::backend::Chosen;
use crate::socket::Socket;
use crate::vm::{Answer, Cx, Given, Kind, Reply};

pub(super) fn new(cx: Cx<'_>) -> Answer<'_> {
    Ok(Reply::One(cx.object(Inet::unopened(cx, Role::Listener))))
}

/// As many as the system lets wait.
const BACKLOG: i32 = 4096;

pub(super) fn listen<'a>(this: &'a mut Inet, cx: Cx<'a>, backlog: Given<'a>) -> Answer<'a> {
    let backlog = match (backlog.kind(), backlog.to_number()) {
        (Kind::None | Kind::Nil, _) => BACKLOG,
        (Kind::Number, Some(backlog)) => backlog as i32,
        _ => return invalid(2),
    };
    done(cx, this.socket.handle.listen(backlog))
}

pub(super) fn accept<'a>(this: &'a mut Inet, cx: Cx<'a>) -> Answer<'a> {
    wait::run(cx, this, Accept, accepted)
}

fn accepted<'a>(
    cx: Cx<'a>,
    this: &mut Inet,
    out: Result<(Handle<Chosen>, Address), Error>,
) -> Answer<'a> {
    match out {
        Ok((handle, _)) => {
            let socket = Socket::new(Rc::clone(&this.socket.engine), handle);
            Ok(Reply::One(cx.object(Inet::new(socket, Role::Stream))))
        }
        Err(error) => fail(cx, &error),
    }
}
