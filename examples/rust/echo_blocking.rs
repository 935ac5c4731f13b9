//! `echo.rs` on the blocking backend: `cargo run --example echo_blocking`.
#![allow(clippy::print_stdout)]

#[path = "echo.rs"]
mod echo;

type Chosen = moonsocket_blocking::Blocking;

fn main() -> Result<(), moonsocket_core::Error> {
    echo::run()
}
