//! Sends of several pieces that lie in different places.

use std::cell::RefCell;
use std::rc::Rc;

use moonsocket_core::ops::{ReceiveFrom, ReceiveInto, SendFrom, SendParts};
use moonsocket_core::{
    Backend, Bound, ErrorKind, Flags, Handle, Interest, Limit, Need, Parking, Pattern, drive,
};

use super::stage::{SOON, each, ms, pair, receive, within};
use super::system::unix_pair;

/// So many pieces of growing length, some of them empty, with bytes that tell where they belong.
fn pieces(count: usize) -> Vec<Vec<u8>> {
    let mut next = 0_u8;
    let mut piece = |len| {
        let bytes = (0..len).map(|_| {
            next = next.wrapping_add(1);
            next
        });
        bytes.collect()
    };
    (0..count).map(|at| if at % 3 == 0 { Vec::new() } else { piece(at % 11) }).collect()
}

pub(crate) fn they_arrive_in_their_order<B: Backend>(b: &B) {
    each(b, |near, far| {
        for count in [1, 2, 16, 17, 1024, 1025, 5000] {
            let (parts, before) = (pieces(count), near.statistics.sent);
            let whole = parts.concat();
            let sent = drive(b, &mut SendParts::all(&parts[..]), near, within(SOON));
            assert_eq!(sent, Ok(whole.len()));
            assert_eq!(near.statistics.sent - before, whole.len() as u64);
            assert_eq!(receive(b, far, Pattern::Exact(whole.len())), Ok(whole), "{count} pieces");
        }
        // As many without a byte as one attempt takes, and then some.
        let mut parts = vec![""; 3000];
        parts.push("late");
        assert_eq!(drive(b, &mut SendParts::all(parts), near, within(SOON)), Ok(4));
        assert_eq!(receive(b, far, Pattern::Exact(4)), Ok(b"late".to_vec()));
    });
}

pub(crate) fn nothing_to_send_needs_no_socket<B: Backend>(b: &B) {
    let mut closed = Handle::unopened(b);
    for parts in [&[][..], &["", ""]] {
        assert_eq!(drive(b, &mut SendParts::all(parts), &mut closed, within(SOON)), Ok(0));
    }
    let failed = drive(b, &mut SendParts::all(["", "x"]), &mut closed, within(SOON));
    assert_eq!(failed.map_err(|it| (it.error.kind(), it.sent)), Err((ErrorKind::Closed, 0)));
}

pub(crate) fn what_was_sent_is_told<B: Backend>(b: &B) {
    each(b, |near, far| {
        let parts: Vec<Vec<u8>> = (0..2000_u32).map(|at| vec![at as u8; 5000]).collect();
        let whole = parts.concat();
        let failed = drive(b, &mut SendParts::all(parts), near, within(ms(20)));
        let failed = failed.expect_err("more than the buffers take");
        assert_eq!(failed.error.kind(), ErrorKind::Timeout);
        assert!(failed.sent > 0 && failed.sent < whole.len());
        let got = receive(b, far, Pattern::Exact(failed.sent)).expect("all that was sent");
        assert!(got == whole[..failed.sent], "other bytes than were sent");
    });
}

pub(crate) fn parked_they_go_on_where_they_were<B: Backend>(b: &B) {
    let (near, mut far) = pair(b, libc::AF_INET);
    let parts: Vec<Vec<u8>> = (0..3000_u32).map(|at| vec![(at % 251) as u8; 2000]).collect();
    let whole = parts.concat();
    let near = Rc::new(RefCell::new(near));
    let mut parking = Parking::default();
    let send = Bound::new(SendParts::all(parts), Rc::clone(&near));
    parking.park(b, send, Need::Io(Interest::WRITE), Limit::FOREVER.into());
    let mut got = Vec::new();
    let mut sent = None;
    while got.len() < whole.len() {
        if sent.is_none() {
            parking.wait(b, Some(b.now())).expect("a turn");
            sent = parking.next(b).and_then(|(_, mut task)| task.take());
        }
        let there = far.bytes_readable().expect("open");
        got.extend(receive(b, &mut far, Pattern::Exact(there)).expect("it is there"));
    }
    assert_eq!(sent, Some(Ok(whole.len())));
    assert!(got == whole);
}

/// So it is one system call.
pub(crate) fn they_are_one_message<B: Backend>(b: &B) {
    let (mut near, mut far) = unix_pair(b, libc::SOCK_DGRAM);
    for parts in [vec!["one ", "", "message"], vec![], vec!["x"; 1024]] {
        let whole = parts.concat();
        let sent = drive(b, &mut SendParts::some(parts), &mut near, within(SOON));
        assert_eq!(sent, Ok(whole.len()));
        let got = drive(b, &mut ReceiveFrom::new(5000), &mut far, within(SOON));
        assert_eq!(got.expect("a message").data, whole.as_bytes());
    }
    let failed = drive(b, &mut SendParts::some(["x"; 1025]), &mut near, within(SOON));
    let kind = failed.map_err(|it| it.error.kind());
    assert_eq!(kind, Err(ErrorKind::Os(libc::EMSGSIZE)));
}

/// Wherever the bytes lie, a call that must not wait does not.
pub(crate) fn none_waits_that_must_not<B: Backend>(b: &B) {
    let (mut near, _far) = pair(b, libc::AF_INET);
    let mut into = ReceiveInto::new(vec![0; 10]).flags(Flags::DONT_WAIT);
    let nothing = drive(b, &mut into, &mut near, within(SOON));
    assert_eq!(nothing.map_err(|error| error.kind()), Err(ErrorKind::Os(libc::EAGAIN)));
    let much = vec![b'x'; 16 << 20];
    let mut send = SendParts::all([&much[..], b"y"]).flags(Flags::DONT_WAIT);
    let failed = drive(b, &mut send, &mut near, within(SOON)).expect_err("too much");
    assert!(failed.error.kind() == ErrorKind::Os(libc::EAGAIN) && failed.sent > 0, "{failed:?}");
    let mut send = SendFrom::all(much).flags(Flags::DONT_WAIT);
    let failed = drive(b, &mut send, &mut near, within(SOON)).expect_err("full already");
    assert_eq!((failed.error.kind(), failed.sent), (ErrorKind::Os(libc::EAGAIN), 0));
}
