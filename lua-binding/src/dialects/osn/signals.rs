//! Signals: caught from the first socket on, and told by the next call that may wait.

use std::cell::{Cell, RefCell};

use moonsocket_core::os::signals::Catching;
use moonsocket_core::{Error, Limit, Patience, signal};

use super::error::fail;
use crate::vm::{Answer, Given, Kind, Lua, Reply, Value};

/// Whether this Lua state's sockets tell of signals.
#[derive(Default)]
pub(super) struct Told {
    catching: RefCell<Option<Catching>>,
    off: Cell<bool>,
}

impl Told {
    /// A socket is about to be made: signals are caught from here on, unless the program does not want it.
    pub(super) fn catch(&self) -> Result<(), Error> {
        let mut catching = self.catching.borrow_mut();
        if catching.is_none() && !self.off.get() {
            *catching = Some(Catching::start().map_err(|e| Error::from_io(&e, "signals"))?);
        }
        Ok(())
    }

    /// The patience of a call.
    pub(super) fn patience(&self, whole: Limit) -> Patience {
        Patience { whole, tell_signals: !self.off.get(), ..Patience::default() }
    }
}

/// `signals([on])`: whether sockets tell of signals; `false` gives them back, `true` catches them again.
pub(super) fn signals<'a>(lua: Lua<'a>, on: Given<'a>) -> Answer<'a> {
    let told = lua.cx().state::<Told>();
    if !matches!(on.kind(), Kind::None | Kind::Nil) {
        told.off.set(!on.truth());
        if on.truth() {
            if let Err(error) = told.catch() {
                return fail(lua.cx(), &error);
            }
        } else {
            // Out of the cell first: a signal that was missed may be raised by this.
            let catching = told.catching.take();
            if let Some(catching) = catching {
                catching.stop();
            }
        }
    }
    Ok(Reply::one(!told.off.get()))
}

/// `nil, "signal", name, message, number`.
pub(super) fn told(number: i32) -> Reply<'static> {
    macro_rules! reply {
        ($name:literal, $text:literal, $number:expr) => {
            Reply::Many(
                const {
                    &[
                        Value::Nil,
                        Value::Str("signal"),
                        Value::Str($name),
                        Value::Str($text),
                        Value::Integer($number as i64),
                    ]
                },
            )
        };
    }
    match number {
        signal::SIGINT => reply!("int", "Interrupt", signal::SIGINT),
        signal::SIGTERM => reply!("term", "Terminated", signal::SIGTERM),
        signal::SIGUSR1 => reply!("usr1", "User defined signal 1", signal::SIGUSR1),
        signal::SIGUSR2 => reply!("usr2", "User defined signal 2", signal::SIGUSR2),
        _ => reply!("pipe", "Broken pipe", signal::SIGPIPE),
    }
}
