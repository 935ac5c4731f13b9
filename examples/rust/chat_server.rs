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
use moonsocket_core::{Error, Handle, How, Limit, Listener, Net, Pattern, Stream, Transport};

/// Lines that may wait for a guest; one with more of them is shown the door.
const WAITING: usize = 100;

type Guests = Arc<Mutex<BTreeMap<String, SyncSender<String>>>>;

fn main() -> Result<(), Error> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7000".to_owned());
    let net = Net::from(Blocking::new());
    let mut server = net.listen(&address)?;
    println!("listening on {}", server.address()?);
    serve(&mut server, usize::MAX)
}

fn serve(server: &mut Listener<Blocking>, guests: usize) -> Result<(), Error> {
    let table = Guests::default();
    for _ in 0..guests {
        let (mut stream, _from) = server.accept(Limit::FOREVER)?;
        // A backend belongs to one thread: what goes to another is the plain socket.
        let Some(socket) = taken(&mut stream) else { continue };
        let table = Arc::clone(&table);
        thread::spawn(move || {
            if let Err(error) = talk(socket, &table) {
                println!("a guest has gone: {error}");
            }
        });
    }
    Ok(())
}

/// A second descriptor of a stream's socket.
fn taken(stream: &mut Stream<Blocking>) -> Option<Socket> {
    stream.handle().live("dup").ok()?.duplicate().ok()
}

/// A handle on a socket, in this thread.
fn adopted(net: &Net<Blocking>, socket: Socket) -> Handle<Blocking> {
    Handle::adopt(net.backend(), socket, 0)
}

fn line(net: &Net<Blocking>, from: &mut Handle<Blocking>) -> Result<String, Error> {
    let mut receive = moonsocket_core::ops::Receive::new(Pattern::TEXT_LINE).maximum(1000);
    let limit = Limit::after(Duration::from_secs(600));
    let got = net.run(&mut receive, from, limit).map_err(|short| short.error)?;
    Ok(String::from_utf8_lossy(&got.into_vec(from)).into_owned())
}

fn send(net: &Net<Blocking>, to: &mut Handle<Blocking>, text: &str) -> Result<usize, Error> {
    let mut send = moonsocket_core::ops::Send::all(text);
    net.run(&mut send, to, Limit::after(Duration::from_secs(10))).map_err(|failed| failed.error)
}

fn tell(guests: &Guests, text: &str, but: &str) {
    let mut guests = guests.lock().unwrap_or_else(PoisonError::into_inner);
    guests.retain(|name, queue| name == but || queue.try_send(text.to_owned()).is_ok());
}

fn talk(socket: Socket, guests: &Guests) -> Result<(), Error> {
    let net = Net::from(Blocking::new());
    let out = socket.duplicate().map_err(|error| Error::from_io(&error, "dup"))?;
    let mut guest = adopted(&net, socket);
    send(&net, &mut guest, "Your name? ")?;
    let name = line(&net, &mut guest)?;

    let (queue, lines) = sync_channel(WAITING);
    tell(guests, &format!("* {name} is here\n"), "");
    let _ = queue.try_send(format!("* welcome, {name}\n"));
    guests.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), queue);
    thread::spawn(move || deliver(out, &lines));

    let ended = loop {
        match line(&net, &mut guest) {
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
    let net = Net::from(Blocking::new());
    let mut out = adopted(&net, out);
    while let Ok(text) = lines.recv() {
        if send(&net, &mut out, &text).is_err() {
            break;
        }
    }
    let _ = out.shutdown(How::Both);
}

#[test]
fn what_one_says_the_other_hears() {
    let net = Net::from(Blocking::new());
    let mut server = net.listen("127.0.0.1:0").expect("a free port");
    let address = server.address().expect("it has one").to_string();
    let serving = thread::spawn(move || {
        let net = Net::from(Blocking::new());
        let guest = |name: &str| {
            let mut guest = net.connect(&address, Limit::FOREVER).expect("the server listens");
            guest.set_limit(Limit::after(Duration::from_secs(20)));
            guest.receive(Pattern::Exact(11)).expect("the question");
            guest.send(format!("{name}\n")).expect("it is read");
            assert_eq!(guest.line().expect("a line"), Some(format!("* welcome, {name}")));
            guest
        };
        let mut ann = guest("ann");
        let mut bob = guest("bob");
        assert_eq!(ann.line().expect("a line").as_deref(), Some("* bob is here"));
        bob.send("hello\n").expect("it is read");
        assert_eq!(ann.line().expect("a line").as_deref(), Some("bob: hello"));
        drop(bob);
        assert_eq!(ann.line().expect("a line").as_deref(), Some("* bob has left"));
    });
    serve(&mut server, 2).expect("two guests come");
    serving.join().expect("they hear each other");
}
