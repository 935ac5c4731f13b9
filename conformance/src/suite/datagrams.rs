//! Messages: whole, empty, cut, and to a receiver whose queue is full.

use moonsocket_core::ops::{ReceiveFrom, Send, SendTo};
use moonsocket_core::{Address, Backend, ErrorKind, Flags, Handle, Kind, Limit, drive};

use super::process::later;
use super::stage::{SOON, about, each_ip, loopback, ms, timed, within};
use super::unix::fresh_abstract;

pub(crate) fn mailbox<B: Backend>(b: &B, at: Address) -> (Handle<B>, Address) {
    let mut handle = Handle::open(b, Kind::datagram(at.family())).expect("a socket");
    handle.bind(&at).expect("a free address");
    let at = handle.local_address().expect("bound");
    (handle, at)
}

fn take<B: Backend>(b: &B, handle: &mut Handle<B>, size: usize) -> (Vec<u8>, Address) {
    let message = drive(b, &mut ReceiveFrom::new(size), handle, within(SOON)).expect("a message");
    (message.data, message.from)
}

pub(crate) fn messages_stay_apart<B: Backend>(b: &B) {
    each_ip(b, |family| {
        let (mut one, here) = mailbox(b, loopback(family));
        let (mut other, there) = mailbox(b, loopback(family));
        for text in ["first", "", "third message"] {
            let sent = drive(b, &mut SendTo::new(text, there), &mut one, within(SOON));
            assert_eq!(sent, Ok(text.len()));
        }
        assert_eq!(take(b, &mut other, 100), (b"first".to_vec(), here));
        assert_eq!(take(b, &mut other, 100), (vec![], here));
        // The rest of a longer one is lost.
        assert_eq!(take(b, &mut other, 5), (b"third".to_vec(), here));
        let none = drive(b, &mut ReceiveFrom::new(5), &mut other, Limit::ZERO.into());
        assert_eq!(none.map(drop).map_err(|error| error.kind()), Err(ErrorKind::Timeout));
        assert_eq!(other.statistics.received, 10);
    });
}

/// Longer than any that goes over IP.
pub(crate) fn a_long_unix_message_comes_whole<B: Backend>(b: &B) {
    let (mut one, _) = mailbox(b, fresh_abstract());
    let (mut other, there) = mailbox(b, fresh_abstract());
    let long: Vec<u8> = (0..150_000u32).map(|at| (at % 251) as u8).collect();
    for size in [200_000, usize::MAX] {
        let sent = drive(b, &mut SendTo::new(&long, there), &mut one, within(SOON));
        assert_eq!(sent, Ok(long.len()));
        assert!(take(b, &mut other, size).0 == long, "{size}");
    }
}

pub(crate) fn a_connected_mailbox_sends_without_address<B: Backend>(b: &B) {
    each_ip(b, |family| {
        let (mut one, here) = mailbox(b, loopback(family));
        let (mut other, there) = mailbox(b, loopback(family));
        let mut connect = moonsocket_core::ops::Connect::new([there], Kind::datagram(family));
        drive(b, &mut connect, &mut one, within(SOON)).expect("datagrams connect at once");
        assert_eq!(drive(b, &mut Send::some("hi"), &mut one, within(SOON)), Ok(2));
        assert_eq!(drive(b, &mut Send::some(""), &mut one, within(SOON)), Ok(0));
        assert_eq!(take(b, &mut other, 10), (b"hi".to_vec(), here));
        assert_eq!(take(b, &mut other, 10), (vec![], here));
        one.disconnect().expect("connected");
        let lost = drive(b, &mut Send::some("hi"), &mut one, within(SOON));
        let kind = lost.map_err(|failed| failed.error.kind());
        assert_eq!(kind, Err(ErrorKind::Os(libc::EDESTADDRREQ)));
    });
}

pub(crate) fn limits_hold_for_messages<B: Backend>(b: &B) {
    let (mut one, _) = mailbox(b, loopback(libc::AF_INET));
    for time in [0, 1, 50, 1000] {
        let mut receive = ReceiveFrom::new(10);
        let (none, took) = timed(b, || drive(b, &mut receive, &mut one, within(ms(time))));
        assert_eq!(none.map(drop).map_err(|error| error.kind()), Err(ErrorKind::Timeout));
        about(took, ms(time));
    }
    let mut now = ReceiveFrom::new(10).flags(Flags::DONT_WAIT);
    let none = drive(b, &mut now, &mut one, within(SOON));
    assert_eq!(none.map(drop).map_err(|e| e.kind()), Err(ErrorKind::Os(libc::EAGAIN)));
}

/// Its own socket stays writable all the while: neither a spin, nor a wait without end.
pub(crate) fn a_full_unix_queue_is_waited_for<B: Backend>(b: &B) {
    let (mut other, there) = mailbox(b, fresh_abstract());
    let (mut one, _) = mailbox(b, fresh_abstract());
    let mut count = 0;
    let kind = loop {
        match drive(b, &mut SendTo::new("x", there), &mut one, Limit::ZERO.into()) {
            Ok(_) => count += 1,
            Err(error) => break error.kind(),
        }
    };
    assert!(kind == ErrorKind::Timeout && count > 0);
    for time in [60, 1050] {
        let calls = super::process::processor_time();
        let mut send = SendTo::new("x", there);
        let (full, took) = timed(b, || drive(b, &mut send, &mut one, within(ms(time))));
        assert_eq!(full.map_err(|error| error.kind()), Err(ErrorKind::Timeout));
        about(took, ms(time));
        let busy = super::process::processor_time() - calls;
        assert!(busy < ms(time) / 2, "it spins: {busy:?}");
    }
    // And room is noticed.
    let number = super::system::duplicate(other.descriptor());
    let reader = later(ms(30), move || {
        let mut byte = [0];
        super::system::read(number, &mut byte);
        super::system::close(number);
    });
    drive(b, &mut SendTo::new("y", there), &mut one, within(SOON)).expect("room");
    reader.join().expect("read");
    for _ in 0..count {
        take(b, &mut other, 1);
    }
}

pub(crate) fn a_message_too_long_is_an_error<B: Backend>(b: &B) {
    let (mut one, here) = mailbox(b, loopback(libc::AF_INET));
    let data = vec![0; 70_000];
    let outcome = drive(b, &mut SendTo::new(data, here), &mut one, within(SOON));
    assert_eq!(outcome.map_err(|e| e.kind()), Err(ErrorKind::Os(libc::EMSGSIZE)));
    // A size that a script chose allocates nothing like it.
    drive(b, &mut SendTo::new("x", here), &mut one, within(SOON)).expect("short");
    assert_eq!(take(b, &mut one, usize::MAX).0, b"x");
}
