//! Receives, whatever the pieces in which a stream comes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| moonsocket_conformance::fuzz::split(input));
