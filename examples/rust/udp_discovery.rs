//! Finds services in the local network by multicast: `cargo run --example udp_discovery [-- offer NAME | -- find]`.
//!
//! Without arguments it does both, on this machine.
#![allow(clippy::print_stdout)]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

use moonsocket_blocking::Blocking;
use moonsocket_core::{Address, Datagram, Error, ErrorKind, Limit, Net, Opt, Value};

const GROUP: Ipv4Addr = Ipv4Addr::new(239, 255, 70, 70);
const QUESTION: &[u8] = b"who is there?";

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["offer", name] => offer(&mut listener(7070, Ipv4Addr::UNSPECIFIED)?.0, name, usize::MAX),
        ["find"] => show(&find(7070, Ipv4Addr::UNSPECIFIED, Duration::from_secs(1))?),
        _ => show(&both()?),
    }
}

fn show(found: &[(String, Address)]) -> Result<(), Error> {
    for (name, at) in found {
        println!("found {name} at {at}");
    }
    Ok(())
}

fn inet(ip: Ipv4Addr, port: u16) -> Address {
    SocketAddr::from((ip, port)).into()
}

/// A socket that hears what is sent to the group, and its port. Others may listen on the same one.
fn listener(port: u16, interface: Ipv4Addr) -> Result<(Datagram<Blocking>, u16), Error> {
    let net = Net::from(Blocking::new());
    let mut socket = net.bind(inet(Ipv4Addr::UNSPECIFIED, port))?;
    let join = Value::Join { group: IpAddr::V4(GROUP), interface, index: 0 };
    socket.handle().set_option(Opt::Ip4Join, join)?;
    let port = socket.address()?.port().unwrap_or(port);
    Ok((socket, port))
}

fn offer(socket: &mut Datagram<Blocking>, name: &str, answers: usize) -> Result<(), Error> {
    let mut left = answers;
    while left > 0 {
        let (question, from) = socket.receive_from(1024, Limit::FOREVER)?;
        if question == QUESTION {
            socket.send_to(name.as_bytes(), from, Limit::FOREVER)?;
            left -= 1;
        }
    }
    Ok(())
}

fn find(port: u16, interface: Ipv4Addr, time: Duration) -> Result<Vec<(String, Address)>, Error> {
    let net = Net::from(Blocking::new());
    let mut socket = net.bind(inet(Ipv4Addr::UNSPECIFIED, 0))?;
    if !interface.is_unspecified() {
        socket.handle().set_option(Opt::Ip4MulticastInterface, Value::Ip(interface.into()))?;
    }
    socket.send_to(QUESTION, inet(GROUP, port), Limit::after(time))?;
    let (over, mut found) = (Instant::now() + time, Vec::new());
    loop {
        let left = over.saturating_duration_since(Instant::now());
        match socket.receive_from(1024, Limit::after(left)) {
            Ok((name, from)) => found.push((String::from_utf8_lossy(&name).into_owned(), from)),
            Err(error) if error.kind() == ErrorKind::Timeout => return Ok(found),
            Err(error) => return Err(error),
        }
    }
}

/// Both, by the loopback, so that it works without a network.
fn both() -> Result<Vec<(String, Address)>, Error> {
    let (said, port) = std::sync::mpsc::channel();
    thread::spawn(move || -> Result<(), Error> {
        let (mut socket, port) = listener(0, Ipv4Addr::LOCALHOST)?;
        let _ = said.send(port);
        offer(&mut socket, "an example", 1)
    });
    let port = port.recv().map_err(|_| Error::new(ErrorKind::Closed, "listen"))?;
    find(port, Ipv4Addr::LOCALHOST, Duration::from_secs(1))
}
