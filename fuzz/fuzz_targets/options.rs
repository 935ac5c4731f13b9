//! Options and their values, on sockets of all kinds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use moonsocket_blocking::Blocking;

fuzz_target!(|input: &[u8]| moonsocket_conformance::fuzz::options(&Blocking::new(), input));
