//! Passes connections on: `cargo run --example port_forwarder -- HERE THERE`, such as `127.0.0.1:7001 127.0.0.1:7000`.
//!
//! Two threads for each connection, one for each direction.
#![allow(clippy::print_stdout)]

use std::thread;
use std::time::Duration;

use moonsocket_blocking::Blocking;
use moonsocket_core::ops::{Receive, Send};
use moonsocket_core::os::Socket;
use moonsocket_core::{Error, Handle, How, Limit, Listener, Net, Pattern, Stream, Transport};

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
    let (mut client, from) = server.accept(Limit::FOREVER)?;
    match net.connect(there, Limit::after(Duration::from_secs(10))) {
        Ok(mut there) => {
            let (there_from, there_to) = (taken(&mut client)?, taken(&mut there)?);
            let (back_from, back_to) = (taken(&mut there)?, taken(&mut client)?);
            thread::spawn(move || copy(there_from, there_to));
            thread::spawn(move || copy(back_from, back_to));
        }
        Err(error) => println!("{from}: {error}"),
    }
    Ok(())
}

/// A second descriptor of a stream's socket, which may go to another thread; the stream may not.
fn taken(stream: &mut Stream<Blocking>) -> Result<Socket, Error> {
    let io = stream.handle().live("dup")?;
    io.duplicate().map_err(|error| Error::from_io(&error, "dup"))
}

/// One direction. The end of the stream is passed on as well; the other direction may go on.
fn copy(from: Socket, to: Socket) {
    let net = Net::from(Blocking::new());
    let mut from = Handle::adopt(net.backend(), from, 0);
    let mut to = Handle::adopt(net.backend(), to, 0);
    while let Ok(data) = net.run(&mut Receive::new(Pattern::Some(65536)), &mut from, Limit::FOREVER)
    {
        let data = data.into_vec(&mut from);
        if net.run(&mut Send::all(data), &mut to, Limit::FOREVER).is_err() {
            let _ = from.shutdown(How::Receive);
            break;
        }
    }
    let _ = to.shutdown(How::Send);
}

#[test]
fn both_directions_are_passed_on() {
    let net = Net::from(Blocking::new());
    let mut target = net.listen("127.0.0.1:0").expect("a free port");
    let mut here = net.listen("127.0.0.1:0").expect("a free port");
    let there = target.address().expect("it has one").to_string();
    let address = here.address().expect("it has one").to_string();
    let mut client = net.connect(&address, Limit::FOREVER).expect("it listens");
    forward(&net, &mut here, &there).expect("it is passed on");
    let (mut peer, _from) = target.accept(Limit::FOREVER).expect("it arrives");
    client.send("question\n").expect("it is read");
    assert_eq!(peer.line().expect("a line").as_deref(), Some("question"));
    peer.send("answer\n").expect("it is read");
    assert_eq!(client.line().expect("a line").as_deref(), Some("answer"));
    client.shutdown(How::Send).expect("it is connected");
    assert_eq!(peer.line().expect("the end"), None);
}
