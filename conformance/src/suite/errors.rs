//! Errors: kinds, predicates, and operations on what is closed or odd.

use moonsocket_core::ops::{Accept, Connect, Ready, Receive, ReceiveFrom, Send, SendTo};
use moonsocket_core::{
    Address, Backend, ErrorKind, Handle, How, Interest, Kind, Opaque, Opt, Pattern, Value, drive,
};

use super::stage::{SOON, loopback, receive_by, within};
use super::system::{adopt, close, file, pipe};

pub(crate) fn everything_on_a_closed_handle_says_so<B: Backend>(b: &B) {
    let mut handle = Handle::unopened(b);
    let soon = within(SOON);
    let to = loopback(libc::AF_INET);
    let closed = ErrorKind::Closed;
    let (kind, _) =
        receive_by(b, &mut handle, Receive::new(Pattern::LINE), soon).expect_err("closed");
    assert_eq!(kind, closed);
    let kinds = [
        drive(b, &mut Send::all("x"), &mut handle, soon).expect_err("closed").error.kind(),
        drive(b, &mut Accept, &mut handle, soon).map(drop).expect_err("closed").kind(),
        drive(b, &mut SendTo::new("x", to), &mut handle, soon).expect_err("closed").kind(),
        drive(b, &mut ReceiveFrom::new(1), &mut handle, soon).map(drop).expect_err("closed").kind(),
        drive(b, &mut Ready::new(Interest::READ), &mut handle, soon).expect_err("closed").kind(),
        handle.bind(&to).expect_err("closed").kind(),
        handle.listen(1).expect_err("closed").kind(),
        handle.shutdown(How::Both).expect_err("closed").kind(),
        handle.local_address().expect_err("closed").kind(),
        handle.peer_address().expect_err("closed").kind(),
        handle.bytes_readable().expect_err("closed").kind(),
        handle.at_mark().expect_err("closed").kind(),
        handle.disconnect().expect_err("closed").kind(),
        handle.option(Opt::KeepAlive).expect_err("closed").kind(),
        handle.set_option(Opt::KeepAlive, Value::Flag(true)).expect_err("closed").kind(),
    ];
    assert_eq!(kinds, [closed; 15]);
    assert_eq!(drive(b, &mut Send::all(""), &mut handle, soon), Ok(0));
    assert_eq!((handle.descriptor(), handle.take(b).is_none()), (-1, true));
    handle.close();
    handle.abandon();
}

/// Numbers come from scripts: whatever they are, calls fail and nothing worse.
pub(crate) fn odd_descriptors_are_survived<B: Backend>(b: &B) {
    let (reader, writer) = pipe();
    let dead = file();
    close(dead);
    for number in [-1, i32::MIN, i32::MAX, 1 << 20, dead, file(), reader, writer] {
        let mut handle = adopt(b, number);
        let soon = within(SOON);
        let (kind, _) =
            receive_by(b, &mut handle, Receive::new(Pattern::LINE), soon).expect_err("odd");
        let expected = [ErrorKind::Os(libc::EBADF), ErrorKind::Os(libc::ENOTSOCK)];
        assert!(expected.contains(&kind), "{number}: {kind:?}");
        let kind = drive(b, &mut Send::all("x"), &mut handle, soon).expect_err("odd").error.kind();
        assert!(expected.contains(&kind), "{number}: {kind:?}");
        let kind = drive(b, &mut Accept, &mut handle, soon).map(drop).expect_err("odd").kind();
        assert!(expected.contains(&kind), "{number}: {kind:?}");
        let mut connect = Connect::new([loopback(libc::AF_INET)], Kind::stream(libc::AF_INET));
        let _ = drive(b, &mut connect, &mut adopt(b, -1), soon);
        // Waiting without I/O is for anything that can be polled.
        let _ = drive(
            b,
            &mut Ready::new(Interest::READ | Interest::WRITE),
            &mut handle,
            within(SOON / 1000),
        );
        handle.abandon();
    }
}

pub(crate) fn families_and_kinds_that_do_not_exist<B: Backend>(b: &B) {
    for kind in [
        Kind { family: 255, socktype: libc::SOCK_STREAM, protocol: 0 },
        Kind { family: libc::AF_INET, socktype: 77, protocol: 0 },
        Kind { family: libc::AF_INET, socktype: libc::SOCK_STREAM, protocol: 9999 },
    ] {
        let error = Handle::open(b, kind).map(drop).expect_err("no such thing");
        assert!(error.code().is_some(), "{error}");
    }
    // An address of a family that nobody looks into.
    let odd = Address::Other(Opaque::new(200, &[1; 20]).expect("short"));
    let mut handle = Handle::open(b, Kind::stream(libc::AF_INET)).expect("a socket");
    assert!(handle.bind(&odd).is_err());
    let mut connect = Connect::new([odd], Kind::stream(200));
    assert!(drive(b, &mut connect, &mut Handle::unopened(b), within(SOON)).is_err());
}

pub(crate) fn an_unconnected_stream<B: Backend>(b: &B) {
    let mut handle = Handle::open(b, Kind::stream(libc::AF_INET)).expect("a socket");
    let soon = within(SOON);
    let (kind, _) = receive_by(b, &mut handle, Receive::new(Pattern::LINE), soon).expect_err("odd");
    assert_eq!(kind, ErrorKind::Os(libc::ENOTCONN));
    let failed = drive(b, &mut Send::all("x"), &mut handle, soon).expect_err("not connected");
    assert!(failed.error.is_closed(), "{}", failed.error);
    let kind = handle.peer_address().expect_err("no peer").kind();
    assert_eq!(kind, ErrorKind::Os(libc::ENOTCONN));
}
