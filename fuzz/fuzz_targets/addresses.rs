//! Texts that may be addresses.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| moonsocket_conformance::fuzz::addresses(input));
