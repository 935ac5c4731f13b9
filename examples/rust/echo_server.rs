//! An echo server for many clients in one thread: `cargo run --example echo_server [-- HOST:PORT [CLIENTS]]`.
//!
//! Every client has one parked operation, a receive or a send; `Parking` steps those that the reactor reports. It ends
//! after so many clients, or never. Without arguments it listens on any free port, for two clients of its own.
#![allow(clippy::print_stdout)]

use std::cell::RefCell;
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::rc::Rc;
use std::thread;

use moonsocket_core::ops::{Accept, Receive, Send};
use moonsocket_core::{
    Address, Backend, Bound, Error, Handle, Interest, Kind, Limit, Need, OnShared, Opt, Parking,
    Pattern, Shared, Value,
};
use moonsocket_mio::Mio;

moonsocket_core::tasks! {
    /// What is parked.
    enum Job<B> {
        Accept(OnShared<B, Accept>),
        Receive(OnShared<B, Receive>),
        Send(OnShared<B, Send<Vec<u8>>>),
    }
}

struct Server {
    parking: Parking<Mio, Job<Mio>>,
    listener: Shared<Mio>,
    /// How many clients are still to come.
    clients: usize,
}

impl Server {
    fn accept(&mut self, mio: &Mio) {
        if self.clients > 0 {
            self.clients -= 1;
            let job = Job::Accept(Bound::new(Accept, Rc::clone(&self.listener)));
            self.park(mio, job, Interest::READ);
        }
    }

    fn receive(&mut self, mio: &Mio, peer: Shared<Mio>) {
        let job = Job::Receive(Bound::new(Receive::new(Pattern::Some(16 * 1024)), peer));
        self.park(mio, job, Interest::READ);
    }

    fn park(&mut self, mio: &Mio, job: Job<Mio>, interest: Interest) {
        self.parking.park(mio, job, Need::Io(interest), Limit::FOREVER.into());
    }

    /// Goes on after an operation that is done.
    fn done(&mut self, mio: &Mio, job: Job<Mio>) -> Result<(), Error> {
        match job {
            Job::Accept(mut it) => {
                if let Some(accepted) = it.take() {
                    let (peer, from) = accepted?;
                    println!("{from} is here");
                    self.receive(mio, Rc::new(RefCell::new(peer)));
                    self.accept(mio);
                }
            }
            Job::Receive(mut it) => {
                let peer = Rc::clone(it.access());
                // The end of the stream, or an error: the last reference goes, and closes the socket.
                if let Some(Ok(received)) = it.take() {
                    let bytes = received.into_vec(&mut peer.borrow_mut());
                    let job = Job::Send(Bound::new(Send::all(bytes), peer));
                    self.park(mio, job, Interest::WRITE);
                }
            }
            Job::Send(mut it) => {
                if let Some(Ok(_)) = it.take() {
                    let peer = Rc::clone(it.access());
                    self.receive(mio, peer);
                }
            }
        }
        Ok(())
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next();
    let clients = match arguments.next() {
        Some(count) => count.parse()?,
        None if address.is_some() => usize::MAX,
        None => 2,
    };
    run(address, clients)
}

fn run(address: Option<String>, clients: usize) -> Result<(), Box<dyn std::error::Error>> {
    let mio = Mio::new();
    let on: Address = address.as_deref().unwrap_or("127.0.0.1:0").parse()?;
    let mut listener = Handle::open(&mio, Kind::stream(on.family()))?;
    listener.set_option(Opt::ReuseAddress, Value::Flag(true))?;
    listener.bind(&on)?;
    listener.listen(1024)?;
    let on = listener.local_address()?;
    println!("listening on {on}");
    let own = address.is_none().then(|| (0..2).map(|_| thread::spawn(move || talk(on))));
    let own: Vec<_> = own.into_iter().flatten().collect();

    let listener = Rc::new(RefCell::new(listener));
    let mut server = Server { parking: Parking::default(), listener, clients };
    server.accept(&mio);
    while !server.parking.is_empty() {
        match server.parking.wait(&mio, None) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error.into()),
            // A signal loses nothing.
            _ => {}
        }
        while let Some((_, job)) = server.parking.next(&mio) {
            server.done(&mio, job)?;
        }
    }
    for client in own {
        client.join().expect("a client does not panic")?;
    }
    println!("done on the {} backend", Mio::NAME);
    Ok(())
}

fn talk(to: Address) -> std::io::Result<()> {
    let Address::Inet(to) = to else { unreachable!("the listener is an IP one") };
    let mut stream = TcpStream::connect(to)?;
    stream.write_all(b"to be or not to be")?;
    stream.shutdown(std::net::Shutdown::Write)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    assert_eq!(answer, "to be or not to be");
    Ok(())
}
