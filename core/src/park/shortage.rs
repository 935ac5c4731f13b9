//! Going on without a reactor where there is no descriptor, or no room in the kernel, for it.

use std::io;
use std::time::Instant;

use super::{Parking, Task};
use crate::{Backend, Token, Watch};

/// Does it say that the system has no descriptor or no memory left, or no such call? Then what cannot be in the reactor is
/// polled for.
pub(super) fn is_shortage(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::ENOSPC | libc::ENOSYS)
    )
}

impl<B: Backend, T: Task<B>> Parking<B, T> {
    /// A turn of the reactor, or in its place a poll of all that is waited for.
    #[inline]
    pub(super) fn turn(
        &mut self,
        backend: &B,
        until: Option<Instant>,
        tokens: &mut Vec<Token>,
    ) -> io::Result<()> {
        if !self.unarmed.is_empty() && !self.arm_the_rest(backend) {
            return self.poll(backend, until, tokens);
        }
        match backend.turn(until, tokens) {
            Err(error) if is_shortage(&error) => self.poll(backend, until, tokens),
            turned => turned,
        }
    }

    /// Is everybody in the reactor by now?
    #[cold]
    fn arm_the_rest(&mut self, backend: &B) -> bool {
        while let Some(ticket) = self.unarmed.first().copied() {
            let mut ready = false;
            let armed = self.entry(ticket).map_or(&[][..], |entry| entry.armed.as_slice());
            for watch in armed.iter().filter(|watch| watch.descriptor >= 0) {
                match backend.arm(watch.descriptor, watch.interest, ticket.place()) {
                    Err(error) if is_shortage(&error) => return false,
                    armed => ready |= armed.is_err(),
                }
            }
            self.unarmed.remove(&ticket);
            if ready {
                self.make_ready(ticket);
            }
        }
        true
    }

    #[cold]
    fn poll(
        &mut self,
        backend: &B,
        until: Option<Instant>,
        tokens: &mut Vec<Token>,
    ) -> io::Result<()> {
        let mut watches: Vec<Watch> = Vec::new();
        let mut whose = Vec::new();
        for (token, entry) in self.entries.iter().enumerate() {
            for watch in entry.iter().flat_map(|entry| entry.armed.as_slice()) {
                watches.push(Watch::new(watch.descriptor, watch.interest));
                whose.push(token);
            }
        }
        backend.wait_many(&mut watches, until, !self.woken.is_empty())?;
        for (watch, token) in watches.iter().zip(whose) {
            if !watch.ready.is_none() || watch.invalid {
                backend.disarm(watch.descriptor, token);
                tokens.push(token);
            }
        }
        Ok(())
    }
}
