//! `echo.rs` on the mio backend: `cargo run --example echo_mio`.
#![allow(clippy::print_stdout)]

#[path = "echo.rs"]
mod echo;

type Chosen = moonsocket_mio::Mio;

fn main() -> Result<(), moonsocket_core::Error> {
    echo::run()
}
