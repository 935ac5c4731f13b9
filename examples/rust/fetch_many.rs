//! Fetches pages over HTTP, each in a thread: `cargo run --example fetch_many [-- HOST:PORT/PATH...]`.
//!
//! Without any: five from a server of its own that takes 0.1 s for each.
#![allow(clippy::print_stdout)]

use std::thread;
use std::time::{Duration, Instant};

use moonsocket_blocking::Blocking;
use moonsocket_core::{Error, ErrorKind, Limit, Net, Pattern};

fn main() -> Result<(), Error> {
    let mut pages: Vec<String> = std::env::args().skip(1).collect();
    if pages.is_empty() {
        pages = slow_server(5)?;
    }
    let start = Instant::now();
    let fetching: Vec<_> = pages
        .into_iter()
        .map(|page| thread::spawn(move || (fetch(&page).map(|it| it.len()), page)))
        .collect();
    for page in fetching {
        match page.join() {
            Ok((Ok(size), page)) => println!("{page}: {size} bytes"),
            Ok((Err(error), page)) => println!("{page}: {error}"),
            Err(_panic) => println!("a thread failed"),
        }
    }
    println!("all of them in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// The answer, head and all.
fn fetch(page: &str) -> Result<Vec<u8>, Error> {
    let (host, path) = page.split_once('/').unwrap_or((page, ""));
    let net = Net::from(Blocking::new());
    let limit = Limit::after(Duration::from_secs(10));
    let mut stream = net.connect(host, limit)?;
    stream.set_limit(limit);
    stream.send(format!("GET /{path} HTTP/1.0\r\nHost: {host}\r\n\r\n"))?;
    Ok(stream.receive(Pattern::All)?)
}

/// Answers so many requests.
fn slow_server(count: usize) -> Result<Vec<String>, Error> {
    // Its own thread listens: a backend belongs to one.
    let (said, address) = std::sync::mpsc::channel();
    thread::spawn(move || -> Result<(), Error> {
        let net = Net::from(Blocking::new());
        let mut server = net.listen("127.0.0.1:0")?;
        let _ = said.send(server.address()?);
        let mut clients = Vec::new();
        for _ in 0..count {
            clients.push(server.accept(Limit::FOREVER)?.0);
        }
        thread::sleep(Duration::from_millis(100));
        for mut client in clients {
            while client.line()?.is_some_and(|line| !line.is_empty()) {}
            client.send("HTTP/1.0 200 OK\r\n\r\nthe page\n")?;
        }
        Ok(())
    });
    let address = address.recv().map_err(|_| Error::new(ErrorKind::Closed, "listen"))?;
    Ok((0..count).map(|number| format!("{address}/{number}")).collect())
}
