//! A daemon on a Unix socket that counts: `cargo run --example unix_daemon -- serve PATH`, then `… -- ask PATH WORDS`.
//!
//! What may be said: `add N`, `get`, `quit`. It serves one client after the other.
#![allow(clippy::print_stdout)]

use std::time::Duration;

use moonsocket_blocking::Blocking;
use moonsocket_core::{Address, Error, Limit, Net};

const PATIENCE: Limit = Limit::after(Duration::from_secs(5));

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [what, path] if what == "serve" => serve(path),
        [what, path, words @ ..] if what == "ask" => {
            println!("{}", ask(path, &words.join(" "))?);
            Ok(())
        }
        _ => {
            println!("usage: unix_daemon serve PATH | ask PATH WORDS");
            Ok(())
        }
    }
}

fn serve(path: &str) -> Result<(), Error> {
    let net = Net::from(Blocking::new());
    let address = Address::unix(path)?;
    // A daemon that has ended without removing its name leaves it to us; one that lives does not.
    if net.connect_to(address, PATIENCE).is_err_and(|error| error.is_refused()) {
        let _ = std::fs::remove_file(path);
    }
    let mut server = net.listen_on(address)?;
    println!("listening on {path}");
    let mut total = 0i64;
    loop {
        let (mut client, _from) = server.accept(Limit::FOREVER)?;
        client.set_limit(PATIENCE);
        while let Ok(Some(line)) = client.line() {
            let answer = match line.split_once(' ').unwrap_or((&line, "")) {
                ("add", number) => {
                    total = total.saturating_add(number.trim().parse().unwrap_or(0));
                    total.to_string()
                }
                ("get", _) => total.to_string(),
                ("quit", _) => {
                    let _ = client.send("bye\n");
                    let _ = std::fs::remove_file(path);
                    return Ok(());
                }
                _ => "what?".to_owned(),
            };
            if client.send(answer + "\n").is_err() {
                break;
            }
        }
    }
}

fn ask(path: &str, words: &str) -> Result<String, Error> {
    let net = Net::from(Blocking::new());
    let mut stream = net.connect_to(Address::unix(path)?, PATIENCE)?;
    stream.set_limit(PATIENCE);
    stream.send(format!("{words}\n"))?;
    Ok(stream.line()?.unwrap_or_default())
}
