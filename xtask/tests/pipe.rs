//! The program below a pipe.

use std::process::Command;

#[test]
fn a_reader_who_has_gone_is_no_panic() {
    let (reader, writer) = std::io::pipe().expect("two descriptors");
    drop(reader);
    let mut help = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let output = help.arg("help").stdout(writer).output().expect("it starts");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(141));
}
