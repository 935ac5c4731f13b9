//! The options of a socket, and those that wait for one.

use crate::{Backend, Error, Handle, Opt, OptionKind, Transport, Value};

impl<B: Backend> Handle<B> {
    /// Reads an option. Without a descriptor: what was remembered.
    ///
    /// # Errors
    /// Closed and not remembered, or what the system says.
    pub fn option(&self, option: Opt) -> Result<Value, Error> {
        if self.io.is_none() {
            let known = self.remembered().iter().rev().find(|(known, _)| *known == option);
            if let Some((_, value)) = known {
                return Ok(*value);
            }
        }
        self.call("getoption", |io| io.option(option))
    }

    /// Sets an option.
    ///
    /// # Errors
    /// Closed, or what the system says.
    pub fn set_option(&mut self, option: Opt, value: Value) -> Result<(), Error> {
        self.call("setoption", |io| io.set_option(option, value))
    }

    /// Sets an option now and on every descriptor that this handle makes later.
    ///
    /// # Errors
    /// What the system says of the present descriptor.
    pub fn remember_option(&mut self, option: Opt, value: Value) -> Result<(), Error> {
        if self.is_open() {
            self.set_option(option, value)?;
        }
        let remembered = self.remembered.get_or_insert_default();
        // Each of several groups is joined.
        if option.kind() != OptionKind::Join {
            remembered.retain(|(known, _)| *known != option);
        }
        remembered.push((option, value));
        Ok(())
    }

    pub(super) fn remembered(&self) -> &[(Opt, Value)] {
        self.remembered.as_deref().map_or(&[], Vec::as_slice)
    }
}
