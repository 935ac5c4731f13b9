//! A chat: `cargo run --example chat_server [-- HOST:PORT]`, 127.0.0.1:7000 without it; then `nc 127.0.0.1 7000`.
//!
//! Whoever connects says a name, and then every line goes to all others. A thread receives from each guest, another
//! sends to it, so that a guest who does not read holds up nobody.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use moonsocket_blocking::Blocking;
use moonsocket_core::os::Socket;
use moonsocket_core::{Error, ErrorKind, How, Limit, Net, Stream};

/// Lines that may wait for a guest; one with more of them is shown the door.
const WAITING: usize = 100;

type Guests = Arc<Mutex<BTreeMap<String, SyncSender<String>>>>;

fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7000".to_owned());
    let net = Net::from(Blocking::new());
    let mut server = net.listen(&address)?;
    println!("listening on {}", server.address()?);
    let table = Guests::default();
    loop {
        let (stream, _from) = server.accept(Limit::FOREVER)?;
        // A backend belongs to one thread: what goes to another is the plain socket.
        let (socket, _nothing_yet) = stream.into_parts()?;
        let table = Arc::clone(&table);
        thread::spawn(move || {
            if let Err(error) = talk(socket, &table) {
                println!("a guest has gone: {error}");
            }
        });
    }
}

/// The next line of a guest.
fn line(guest: &mut Stream<Blocking>) -> Result<String, Error> {
    guest.line()?.ok_or(Error::new(ErrorKind::EndOfStream, "receive"))
}

fn tell(guests: &Guests, text: &str, but: &str) {
    let mut guests = guests.lock().unwrap_or_else(PoisonError::into_inner);
    guests.retain(|name, queue| name == but || queue.try_send(text.to_owned()).is_ok());
}

fn talk(socket: Socket, guests: &Guests) -> Result<(), Error> {
    let mut guest = Net::from(Blocking::new()).stream(socket);
    guest.set_limit(Limit::after(Duration::from_secs(600)));
    guest.set_maximum(1000);
    guest.send("Your name? ")?;
    let name = line(&mut guest)?;
    let out = guest.duplicate()?;

    let (queue, lines) = sync_channel(WAITING);
    tell(guests, &format!("* {name} is here\n"), "");
    let _ = queue.try_send(format!("* welcome, {name}\n"));
    guests.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), queue);
    thread::spawn(move || deliver(out, &lines));

    let ended = loop {
        match line(&mut guest) {
            Ok(line) => tell(guests, &format!("{name}: {line}\n"), &name),
            Err(error) => break error,
        }
    };
    guests.lock().unwrap_or_else(PoisonError::into_inner).remove(&name);
    tell(guests, &format!("* {name} has left\n"), "");
    Err(ended)
}

/// Sends what comes for a guest, until the guest is gone or shown the door.
fn deliver(out: Socket, lines: &Receiver<String>) {
    let mut out = Net::from(Blocking::new()).stream(out);
    out.set_limit(Limit::after(Duration::from_secs(10)));
    while let Ok(text) = lines.recv() {
        if out.send(text).is_err() {
            break;
        }
    }
    let _ = out.shutdown(How::Both);
}
