//! What a panic said.

use std::any::Any;

/// The text of a caught panic.
pub(crate) fn text(why: &(dyn Any + Send)) -> &str {
    let owned = why.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| why.downcast_ref::<&str>().copied()).unwrap_or("a panic")
}
