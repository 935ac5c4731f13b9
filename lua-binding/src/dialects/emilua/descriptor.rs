//! `file_descriptor`: a descriptor that no socket object has at the moment.

use moonsocket_core::{Error, Transport, errno};

use super::error::{self, GENERIC, coded, fail};
use crate::backend::OwnedSocket;
use crate::vm::{Answer, AnyClass, Body, Call, Class, Cx, Family, Function, Reply, method};

/// A descriptor, closed with its object; none once it was used up.
pub(super) struct FileDescriptor(pub(super) Option<OwnedSocket>);

impl Body for FileDescriptor {
    const FAMILY: &'static Family = &Family {
        name: "file_descriptor",
        classes: &[Class { name: "file_descriptor", marks: &[] }],
        methods: &[
            method!("close", FileDescriptor, AnyClass, close),
            method!(opens "dup", FileDescriptor, AnyClass, dup, Call),
        ],
        stranger: "file_descriptor expected",
    };

    const METAMETHODS: &'static [Function] =
        &[method!("__tostring", FileDescriptor, AnyClass, text, Call)];

    fn close(&mut self) {
        self.0 = None;
    }

    fn misplaced() -> Option<Reply<'static>> {
        error::misplaced()
    }
}

fn close(this: &mut FileDescriptor) -> Answer<'static> {
    match this.0.take() {
        Some(_) => Ok(Reply::one(true)),
        None => coded(errno::EBUSY, GENERIC),
    }
}

fn dup<'a>(this: &'a mut FileDescriptor, cx: Cx<'a>) -> Answer<'a> {
    let Some(descriptor) = &this.0 else { return coded(errno::EBUSY, GENERIC) };
    match descriptor.duplicate() {
        Ok(copy) => Ok(Reply::One(cx.object(FileDescriptor(Some(copy))))),
        Err(error) => fail(cx, &Error::from_io(&error, "dup")),
    }
}

fn text<'a>(this: &'a mut FileDescriptor, cx: Cx<'a>) -> Answer<'a> {
    let number = this.0.as_ref().map_or(-1, Transport::descriptor);
    Ok(Reply::One(cx.bytes(format!("/dev/fd/{number}"))))
}
