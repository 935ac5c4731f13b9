//! An echo server and its client. The backend is whatever the file that includes this one calls `Chosen`.

use std::thread;
use std::time::Duration;

use moonsocket_core::{Address, Error, Limit, Net};

use super::Chosen;

pub(super) fn run() -> Result<(), Error> {
    let net = Net::from(Chosen::default());
    let mut listener = net.listen("127.0.0.1:0")?;
    let address = listener.address()?;
    println!("server: listens on {address}");
    let client = thread::spawn(move || talk(address));

    let (mut peer, from) = listener.accept(Limit::after(Duration::from_secs(5)))?;
    println!("server: {from} is here");
    while let Some(line) = peer.line()? {
        peer.send(line + "\n")?;
    }
    println!("server: {from} has gone");
    client.join().expect("the client does not panic")
}

/// Another thread, so another backend value: sockets stay on the thread that made them.
fn talk(to: Address) -> Result<(), Error> {
    let net = Net::from(Chosen::default());
    let mut stream = net.connect_to(to, Limit::after(Duration::from_secs(5)))?;
    stream.set_limit(Limit::after(Duration::from_secs(2)));
    for word in ["to be", "or not to be"] {
        stream.send(format!("{word}\n"))?;
        let answer = stream.line()?;
        println!("client: sent {word:?}, got {answer:?}");
        assert_eq!(answer.as_deref(), Some(word));
    }
    Ok(())
}
