//! What of a socket is read and written like fields.

use moonsocket_core::{Limit, Opt, Value as OptValue};

use super::socket::{Sgs, flag};
use crate::convert;
use crate::vm::{Answer, Any, AnyClass, Given, Property, Raise, Reply, method};

/// The list. `blocking` is documented as write-only; reading gives what was written.
pub(super) const PROPERTIES: &[Property] = &[
    Property {
        name: "blocking",
        get: Some(method!("blocking", Sgs, AnyClass, blocking)),
        set: Some(method!("blocking", Sgs, AnyClass, set_blocking, Any)),
    },
    Property {
        name: "broadcast",
        get: Some(method!("broadcast", Sgs, AnyClass, broadcast)),
        set: Some(method!("broadcast", Sgs, AnyClass, set_broadcast, Any)),
    },
    Property { name: "error", get: Some(method!("error", Sgs, AnyClass, error)), set: None },
    Property {
        name: "recv_timeout",
        get: Some(method!("recv_timeout", Sgs, AnyClass, recv_timeout)),
        set: Some(method!("recv_timeout", Sgs, AnyClass, set_recv_timeout, Any)),
    },
    Property {
        name: "reuse_addr",
        get: Some(method!("reuse_addr", Sgs, AnyClass, reuse_addr)),
        set: Some(method!("reuse_addr", Sgs, AnyClass, set_reuse_addr, Any)),
    },
    Property {
        name: "send_timeout",
        get: Some(method!("send_timeout", Sgs, AnyClass, send_timeout)),
        set: Some(method!("send_timeout", Sgs, AnyClass, set_send_timeout, Any)),
    },
];

/// The socket's own pending error, which reading clears; 0 when it is fine.
fn error(this: &mut Sgs) -> Answer<'_> {
    Ok(Reply::one(i64::from(match this.socket.handle.option(Opt::Error) {
        Ok(OptValue::Error(code)) => code.unwrap_or(0),
        Ok(_) => 0,
        Err(error) => convert::error_number(&error),
    })))
}

fn blocking(this: &mut Sgs) -> Answer<'_> {
    Ok(Reply::one(this.limits.blocking))
}

fn set_blocking<'a>(this: &'a mut Sgs, value: Given<'a>) -> Answer<'a> {
    this.limits.blocking = value.truth();
    Ok(Reply::Nothing)
}

fn broadcast(this: &mut Sgs) -> Answer<'_> {
    Ok(Reply::one(flag(this, Opt::Broadcast)))
}

fn set_broadcast<'a>(this: &'a mut Sgs, value: Given<'a>) -> Answer<'a> {
    set_flag(this, Opt::Broadcast, value)
}

fn reuse_addr(this: &mut Sgs) -> Answer<'_> {
    Ok(Reply::one(flag(this, Opt::ReuseAddress)))
}

fn set_reuse_addr<'a>(this: &'a mut Sgs, value: Given<'a>) -> Answer<'a> {
    set_flag(this, Opt::ReuseAddress, value)
}

fn set_flag<'a>(this: &'a mut Sgs, option: Opt, value: Given<'a>) -> Answer<'a> {
    let out = this.socket.handle.set_option(option, OptValue::Flag(value.truth()));
    let _ = this.last.verdict(&out);
    Ok(Reply::Nothing)
}

fn recv_timeout(this: &mut Sgs) -> Answer<'_> {
    Ok(seconds(this.limits.receive))
}

fn set_recv_timeout<'a>(this: &'a mut Sgs, value: Given<'a>) -> Answer<'a> {
    this.limits.receive = limit(value, "recv_timeout: seconds expected")?;
    Ok(Reply::Nothing)
}

fn send_timeout(this: &mut Sgs) -> Answer<'_> {
    Ok(seconds(this.limits.send))
}

fn set_send_timeout<'a>(this: &'a mut Sgs, value: Given<'a>) -> Answer<'a> {
    this.limits.send = limit(value, "send_timeout: seconds expected")?;
    Ok(Reply::Nothing)
}

/// A limit in seconds; 0 for none, as the system has it.
fn seconds(limit: Limit) -> Reply<'static> {
    Reply::one(limit.duration().map_or(0.0, |time| time.as_secs_f64()))
}

fn limit<'a>(value: Given<'a>, problem: &'static str) -> Result<Limit, Raise<'a>> {
    match value.to_number() {
        Some(seconds) if seconds > 0.0 => Ok(Limit::from_secs_f64(seconds)),
        Some(0.0) => Ok(Limit::FOREVER),
        _ => Err(Raise::here(problem)),
    }
}
