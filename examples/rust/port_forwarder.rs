//! Passes connections on: `cargo run --example port_forwarder -- HERE THERE`, such as `127.0.0.1:7001 127.0.0.1:7000`.
//!
//! Two threads for each connection, one for each direction.
#![allow(clippy::print_stdout)]

use std::thread;
use std::time::Duration;

use moonsocket_blocking::Blocking;
use moonsocket_core::os::Socket;
use moonsocket_core::{Error, How, Limit, Listener, Net, Pattern};

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [here, there] = arguments.as_slice() else {
        println!("usage: port_forwarder HERE THERE");
        return Ok(());
    };
    let net = Net::from(Blocking::new());
    let mut server = net.listen(here)?;
    println!("listening on {}", server.address()?);
    loop {
        forward(&net, &mut server, there)?;
    }
}

/// Takes one connection, and passes it on beside this thread.
fn forward(net: &Net<Blocking>, server: &mut Listener<Blocking>, there: &str) -> Result<(), Error> {
    let (client, from) = server.accept(Limit::FOREVER)?;
    match net.connect(there, Limit::after(Duration::from_secs(10))) {
        Ok(there) => {
            // A stream belongs to its thread: what goes to others are second sockets on the same connections.
            let ends = (client.duplicate()?, there.duplicate()?);
            let back = (there.duplicate()?, client.duplicate()?);
            thread::spawn(move || copy(ends.0, ends.1));
            thread::spawn(move || copy(back.0, back.1));
        }
        Err(error) => println!("{from}: {error}"),
    }
    Ok(())
}

/// One direction. The end of the stream is passed on as well; the other direction may go on.
fn copy(from: Socket, to: Socket) {
    let net = Net::from(Blocking::new());
    let (mut from, mut to) = (net.stream(from), net.stream(to));
    while let Ok(data) = from.receive(Pattern::Some(65536)) {
        if to.send(data).is_err() {
            let _ = from.shutdown(How::Receive);
            break;
        }
    }
    let _ = to.shutdown(How::Send);
}
