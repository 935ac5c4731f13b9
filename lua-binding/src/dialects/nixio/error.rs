//! nixio's shape of an error: `nil, number, text`, and `false` in place of nil for what would have blocked.

use std::cell::Cell;

use moonsocket_core::{Error, errno};

use crate::convert;
use crate::vm::{Answer, Cx, Reply, Value};

/// The number of the last error in a Lua state, whatever ran since.
#[derive(Default)]
struct Last(Cell<i32>);

/// `errno()`.
pub(super) fn last(cx: Cx<'_>) -> Answer<'_> {
    Ok(Reply::one(i64::from(cx.state::<Last>().0.get())))
}

/// The results of a call that failed.
pub(super) fn fail<'a>(cx: Cx<'a>, error: &Error) -> Answer<'a> {
    Ok(failure(cx, convert::error_number(error)))
}

/// The same of one that had sent so much before.
pub(super) fn fail_after<'a>(cx: Cx<'a>, error: &Error, sent: usize) -> Reply<'a> {
    let (none, number, text) = results(cx, convert::error_number(error));
    Reply::Four(none, number, text, Value::Integer(sent as i64))
}

/// The same for the number alone.
pub(super) fn failure(cx: Cx<'_>, number: i32) -> Reply<'_> {
    results(cx, number).into()
}

fn results(cx: Cx<'_>, number: i32) -> (Value<'_>, Value<'_>, Value<'_>) {
    // The resolver's numbers are negative, and none of errno's.
    if number > 0 {
        cx.state::<Last>().0.set(number);
    }
    let none = if number == errno::EAGAIN { Value::Boolean(false) } else { Value::Nil };
    (none, Value::Integer(number.into()), cx.bytes(convert::error_text(number)))
}
