//! The fuzz targets on a stable toolchain: every small input, and random ones from a seed. `MOONSOCKET_FUZZ=n` makes n
//! times as many. What needs a backend is among the suite's cases.

use moonsocket_conformance::fuzz;

#[test]
fn no_split_of_a_stream_changes_what_is_received() {
    let runs = (0..=5).map(fuzz::every_split).sum::<u64>();
    assert!(runs > 100_000, "{runs}");
}

#[test]
fn random_streams_in_random_pieces() {
    fuzz::smoke(fuzz::split, &[], 1, fuzz::times(10_000));
}

#[test]
fn texts_that_may_be_addresses() {
    let words = [
        "0",
        "1",
        "00",
        "255",
        "256",
        "4294967295",
        "4294967296",
        "18446744073709551616",
        "0x",
        "0X1f",
        "08",
        "017",
        ".",
        ".",
        ".",
        ":",
        ":",
        "::",
        "%",
        "%lo",
        "%1",
        "fe80",
        "ffff",
        "127.0.0.1",
        "::1",
        "[",
        "]",
        "-",
        "+",
        " ",
        "65535",
        "65536",
        "localhost",
        "\0",
        "/tmp/x",
        "é",
    ];
    fuzz::smoke(fuzz::addresses, &words, 1, fuzz::times(200_000));
}
