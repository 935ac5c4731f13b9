//! A line client with a limit: `cargo run --example line_client [-- HOST:PORT]`.
//!
//! Without an address it talks to a server of its own that answers too late, and shows what a timeout leaves behind:
//! the part of the line that had come, and a connection that is as good as before.
#![allow(clippy::print_stdout)]

use std::io::Write as _;
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use moonsocket_blocking::Blocking;
use moonsocket_core::ops::Receive;
use moonsocket_core::{Error, Limit, Net, Pattern};

fn main() -> Result<(), Error> {
    match std::env::args().nth(1) {
        Some(address) => ask(&address),
        None => ask(&slow_server()?),
    }
}

fn ask(address: &str) -> Result<(), Error> {
    let net = Net::from(Blocking::new());
    let mut stream = net.connect(address, Limit::after(Duration::from_secs(5)))?;
    stream.set_limit(Limit::after(Duration::from_millis(200)));
    stream.send("what time is it?\n")?;

    let part = match stream.receive(Pattern::TEXT_LINE) {
        Ok(line) => {
            println!("at once: {:?}", String::from_utf8_lossy(&line));
            return Ok(());
        }
        Err(short) if short.error.is_timeout() => short.partial,
        Err(short) => return Err(short.error),
    };
    println!("not in time; so far: {:?}", String::from_utf8_lossy(&part));

    // What had come goes in front of what is still to come. `Net::run` runs any operation on a stream's handle.
    let mut rest = Receive::new(Pattern::TEXT_LINE).prefix(&part);
    let received = net.run(&mut rest, stream.handle(), Limit::after(Duration::from_secs(2)))?;
    let line = received.into_vec(stream.handle());
    println!("the whole answer: {:?}", String::from_utf8_lossy(&line));
    Ok(())
}

/// Answers one client in two pieces, with a pause that is longer than the client likes.
fn slow_server() -> Result<String, Error> {
    let broken = |error: std::io::Error| Error::from_io(&error, "listen");
    let listener = TcpListener::bind("127.0.0.1:0").map_err(broken)?;
    let address = listener.local_addr().map_err(broken)?;
    thread::spawn(move || -> std::io::Result<()> {
        let (mut peer, _) = listener.accept()?;
        peer.write_all(b"it is ")?;
        thread::sleep(Duration::from_millis(400));
        peer.write_all(b"late\n")
    });
    Ok(address.to_string())
}
