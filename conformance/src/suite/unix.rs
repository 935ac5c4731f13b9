//! Unix sockets: paths, abstract names, full backlogs.

use std::sync::atomic::{AtomicU32, Ordering};

use moonsocket_core::ops::Connect;
use moonsocket_core::{
    Address, Backend, ErrorKind, Handle, Kind, Limit, Opt, Pattern, UnixName, Value, drive,
};

use super::process::{Signals, later, processor_time};
use super::stage::{SOON, about, accept, dial, ms, receive, send, timed, within};
use super::system::{pass, unix_pair};

/// An abstract name that nobody uses yet.
pub(crate) fn fresh_abstract() -> Address {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("\0moonsocket conformance {} {number}", std::process::id());
    Address::Unix(UnixName::new(name.as_bytes()).expect("short"))
}

fn listen<B: Backend>(b: &B, at: Address, backlog: i32) -> Handle<B> {
    let mut listener = Handle::open(b, Kind::stream(libc::AF_UNIX)).expect("a socket");
    listener.bind(&at).expect("a free name");
    listener.listen(backlog).expect("listening");
    listener
}

/// A listener that takes no more connections, and those that wait at it.
pub(crate) fn full_listener<B: Backend>(b: &B, at: &Address) -> (Handle<B>, Vec<Handle<B>>) {
    let listener = listen(b, *at, 0);
    let mut waiting = Vec::new();
    loop {
        let mut handle = Handle::unopened(b);
        let mut connect = Connect::new([*at], Kind::stream(libc::AF_UNIX));
        match drive(b, &mut connect, &mut handle, Limit::ZERO.into()) {
            Ok(_) => waiting.push(handle),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Timeout);
                return (listener, waiting);
            }
        }
        assert!(waiting.len() < 1000, "it is never full");
    }
}

pub(crate) fn abstract_names<B: Backend>(b: &B) {
    let at = fresh_abstract();
    let mut listener = listen(b, at, 4);
    assert_eq!(listener.local_address(), Ok(at));
    let mut near = dial(b, at);
    let mut far = accept(b, &mut listener);
    assert_eq!(near.peer_address(), Ok(at));
    assert_eq!(far.family(), libc::AF_UNIX);
    send(b, &mut far, "hello\n");
    assert_eq!(receive(b, &mut near, Pattern::LINE), Ok(b"hello".to_vec()));
}

pub(crate) fn paths<B: Backend>(b: &B) {
    let path = std::env::temp_dir().join(format!("moonsocket-{}", std::process::id()));
    let _ = std::fs::remove_file(&path);
    let name = UnixName::new(path.as_os_str().as_encoded_bytes()).expect("short");
    let at = Address::Unix(name);
    let mut listener = listen(b, at, 4);
    let mut near = dial(b, at);
    let mut far = accept(b, &mut listener);
    send(b, &mut near, "hello\n");
    assert_eq!(receive(b, &mut far, Pattern::LINE), Ok(b"hello".to_vec()));
    drop(listener);
    let mut late = Handle::unopened(b);
    let mut connect = Connect::new([at], Kind::stream(libc::AF_UNIX));
    let error = drive(b, &mut connect, &mut late, within(SOON)).expect_err("nobody listens");
    assert!(error.is_refused());
    std::fs::remove_file(&path).expect("the path was made");
    let error =
        drive(b, &mut Connect::new([at], Kind::stream(libc::AF_UNIX)), &mut late, within(SOON));
    assert_eq!(error.map_err(|e| e.kind()).err(), Some(ErrorKind::Os(libc::ENOENT)));
}

/// Nothing reports that there is room again: not a spin, not a wait without end, and the limit holds.
pub(crate) fn a_full_backlog_is_waited_for<B: Backend>(b: &B) {
    let at = fresh_abstract();
    let (mut listener, waiting) = full_listener(b, &at);
    for time in [50, 1050] {
        let mut near = Handle::unopened(b);
        let mut connect = Connect::new([at], Kind::stream(libc::AF_UNIX));
        let used = processor_time();
        let limit = within(ms(time));
        let (outcome, took) = timed(b, || drive(b, &mut connect, &mut near, limit));
        assert_eq!(outcome.map(drop).map_err(|e| e.kind()), Err(ErrorKind::Timeout));
        about(took, ms(time));
        let busy = processor_time() - used;
        assert!(busy < ms(time) / 2, "it spins: {busy:?}");
    }
    let mut held = Vec::new();
    for limit in [Limit::after(SOON), Limit::FOREVER] {
        // Room comes while it waits, and only then has it connected.
        let number = super::system::duplicate(listener.descriptor());
        let room = later(ms(40), move || super::system::accept_and_close(number));
        let mut near = Handle::unopened(b);
        let mut connect = Connect::new([at], Kind::stream(libc::AF_UNIX));
        let (outcome, took) = timed(b, || drive(b, &mut connect, &mut near, limit.into()));
        outcome.expect("room");
        assert!(took >= ms(39), "{took:?}");
        assert_eq!(near.peer_address(), Ok(at));
        room.join().expect("accepted");
        held.push(near);
    }
    assert!(!waiting.is_empty());
    listener.close();
}

/// The system's call ends with EINTR and nothing is begun: that is no connection.
pub(crate) fn a_signal_during_a_full_backlog<B: Backend>(b: &B) {
    let at = fresh_abstract();
    let (mut listener, _waiting) = full_listener(b, &at);
    let number = super::system::duplicate(listener.descriptor());
    let signals = Signals::every(ms(5));
    let room = later(ms(80), move || super::system::accept_and_close(number));
    let mut near = Handle::unopened(b);
    let mut connect = Connect::new([at], Kind::stream(libc::AF_UNIX));
    let (outcome, took) = timed(b, || drive(b, &mut connect, &mut near, Limit::FOREVER.into()));
    outcome.expect("room");
    assert!(took >= ms(79), "connected before there was room: {took:?}");
    assert_eq!(near.peer_address(), Ok(at));
    drop(signals);
    room.join().expect("accepted");
    listener.close();
}

pub(crate) fn credentials_of_the_peer<B: Backend>(b: &B) {
    let (near, _far) = unix_pair(b, libc::SOCK_STREAM);
    let Ok(Value::Credentials { pid, .. }) = near.option(Opt::PeerCredentials) else {
        panic!("no credentials");
    };
    assert_eq!(pid, std::process::id() as i32);
}

pub(crate) fn sequenced_packets<B: Backend>(b: &B) {
    use moonsocket_core::ops::{ReceiveFrom, Send};
    let (mut near, mut far) = unix_pair(b, libc::SOCK_SEQPACKET);
    for text in ["one", "two"] {
        assert_eq!(drive(b, &mut Send::some(text), &mut near, within(SOON)), Ok(3));
    }
    for text in ["one", "two"] {
        let got = drive(b, &mut ReceiveFrom::new(10), &mut far, within(SOON)).expect("a packet");
        assert_eq!(got.data, text.as_bytes());
    }
}

/// A read ends behind a descriptor that was passed, whatever is left.
pub(crate) fn bytes_behind_a_passed_descriptor<B: Backend>(b: &B) {
    let (mut near, mut far) = unix_pair(b, libc::SOCK_STREAM);
    let number = near.descriptor();
    // Whatever learns from a wait and the read after it has done so then.
    let sender = later(ms(20), move || pass(number, b"before\n", number));
    assert_eq!(receive(b, &mut far, Pattern::LINE), Ok(b"before".to_vec()));
    sender.join().expect("it sent");
    pass(number, b"with it\n", number);
    for text in ["behind it\n", "and behind that\n"] {
        send(b, &mut near, text);
    }
    for text in ["with it", "behind it", "and behind that"] {
        assert_eq!(receive(b, &mut far, Pattern::LINE), Ok(text.into()));
    }
}
