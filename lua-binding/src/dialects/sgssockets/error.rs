//! The last error of a Lua state, and what failures look like.

use std::cell::Cell;

use moonsocket_core::{Error, ErrorKind};

use crate::convert;
use crate::vm::{Answer, Cx, Reply, Value};

/// What `socket_error` tells: the number of the last call's error, 0 after one that went well. A negative number is the
/// resolver's.
#[derive(Default)]
pub(super) struct Last(Cell<i32>);

impl Last {
    /// The call went well.
    pub(super) fn clear(&self) {
        self.0.set(0);
    }

    /// The call failed.
    pub(super) fn note(&self, error: &Error) {
        self.0.set(convert::error_number(error));
    }

    /// `true`, or `false` for an error.
    pub(super) fn verdict<T>(&self, out: &Result<T, Error>) -> Reply<'static> {
        match out {
            Ok(_) => self.clear(),
            Err(error) => self.note(error),
        }
        Reply::one(out.is_ok())
    }

    /// `false`.
    pub(super) fn fail(&self, error: &Error) -> Reply<'static> {
        self.note(error);
        Reply::one(false)
    }
}

/// `nil, message`, where a call would have given an object.
pub(super) fn nothing<'a>(cx: Cx<'a>, error: &Error) -> Answer<'a> {
    cx.state::<Last>().note(error);
    let words = match error.kind() {
        ErrorKind::Invalid(what) => what.into(),
        _ => cx.bytes(convert::error_text(convert::error_number(error))),
    };
    Ok((Value::Nil, words).into())
}

/// `socket_error([as_text])`.
pub(super) fn socket_error(cx: Cx<'_>, as_text: bool) -> Answer<'_> {
    let last = cx.state::<Last>().0.get();
    Ok(Reply::One(if as_text {
        cx.bytes(convert::error_text(last))
    } else {
        Value::Integer(last.into())
    }))
}
