//! A backend of one's own, on `poll(2)` alone: `cargo run --example poll_backend`.
//!
//! It is complete: the suite that every backend has to pass runs on it, too.
#![allow(clippy::print_stdout)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use moonsocket_core::os::{Socket, poll};
use moonsocket_core::{
    Armed, Backend, Descriptor, Interest, Kind, Limit, Mode, Net, Token, Transport, Wake, WakeCell,
    Watch,
};

/// Asks the system about all descriptors at every wait. It registers nothing, and so nothing can be stale.
#[derive(Debug, Default)]
pub struct Polled {
    armed: RefCell<BTreeMap<Descriptor, Armed>>,
    wake: WakeCell,
}

impl Backend for Polled {
    const NAME: &'static str = "polled";
    type Socket = Socket;
    /// A socket needs no more of us than its place in memory.
    type Io = Box<Socket>;

    fn open(&self, kind: Kind, mode: Mode) -> io::Result<Self::Io> {
        Socket::open(kind, mode).map(Box::new)
    }

    fn adopt(&self, socket: Socket) -> Self::Io {
        Box::new(socket)
    }

    fn release(&self, io: Self::Io) -> Socket {
        self.armed.borrow_mut().remove(&io.descriptor());
        *io
    }

    /// No attempt ever waits in the kernel: then there is no limit to arm.
    fn mode(&self, _: Option<&Self::Io>, _: Interest, _: Limit, _: bool) -> Mode {
        Mode::Now
    }

    fn wait(
        &self,
        io: &Self::Io,
        interest: Interest,
        until: Option<Instant>,
    ) -> io::Result<Interest> {
        poll::wait_one(io.descriptor(), interest, until)
    }

    fn waker(&self) -> io::Result<Arc<Wake>> {
        self.wake.get()
    }

    fn arm(&self, descriptor: Descriptor, interest: Interest, token: Token) -> io::Result<()> {
        self.armed.borrow_mut().entry(descriptor).or_default().add(token, interest);
        Ok(())
    }

    fn disarm(&self, descriptor: Descriptor, token: Token) {
        let mut armed = self.armed.borrow_mut();
        if let Some(tokens) = armed.get_mut(&descriptor) {
            tokens.remove(token);
            if tokens.is_empty() {
                armed.remove(&descriptor);
            }
        }
    }

    fn turn(&self, until: Option<Instant>, ready: &mut Vec<Token>) -> io::Result<()> {
        let watches = |armed: &BTreeMap<Descriptor, Armed>| -> Vec<Watch> {
            armed.iter().map(|(descriptor, it)| Watch::new(*descriptor, it.interest())).collect()
        };
        let mut watch = watches(&self.armed.borrow());
        poll::wait(&mut watch, until, self.wake.in_use().as_deref())?;
        let mut armed = self.armed.borrow_mut();
        for found in watch {
            let Some(tokens) = armed.get_mut(&found.descriptor) else { continue };
            // A descriptor that is closed ends every wait for it.
            tokens.fire(if found.invalid { found.interest } else { found.ready }, ready);
            if tokens.is_empty() {
                armed.remove(&found.descriptor);
            }
        }
        Ok(())
    }
}

fn main() -> Result<(), moonsocket_core::Error> {
    let net = Net::from(Polled::default());
    let mut server = net.listen("127.0.0.1:0")?;
    let mut client = net.connect(&server.address()?.to_string(), Limit::FOREVER)?;
    let (mut peer, _from) = server.accept(Limit::FOREVER)?;
    client.send("hello\n")?;
    println!("{:?} on the {} backend", peer.line()?, Polled::NAME);
    Ok(())
}

#[cfg(test)]
moonsocket_conformance::suite!(Polled::default);
