//! Listening and accepting.

use moonsocket_core::ops::Accept;
use moonsocket_core::{Backend, ErrorKind, Handle, Kind, Pattern, Transport, drive};

use super::stage::{
    about, accept, dial, each_ip, listener, loopback, ms, pair, receive, send, timed, within,
};
use super::system::{adopt, is_nonblocking, release, set_nonblocking};

pub(crate) fn connections_come_in_order<B: Backend>(b: &B) {
    each_ip(b, |family| {
        let (mut listener, at) = listener(b, family);
        let dialled: Vec<_> = (0..5).map(|_| dial(b, at)).collect();
        for mut near in dialled {
            let mut far = accept(b, &mut listener);
            assert_eq!(far.peer_address(), near.local_address());
            assert_eq!(near.peer_address(), far.local_address());
            assert_eq!(far.family(), family);
            send(b, &mut near, "hello\n");
            assert_eq!(receive(b, &mut far, Pattern::LINE), Ok(b"hello".to_vec()));
        }
    });
}

pub(crate) fn an_address_is_taken<B: Backend>(b: &B) {
    each_ip(b, |family| {
        let (_listener, at) = listener(b, family);
        let mut second = Handle::open(b, Kind::stream(family)).expect("a socket");
        let outcome = second.bind(&at).and_then(|()| second.listen(1));
        assert!(outcome.expect_err("taken").is_in_use());
        // It stays usable.
        second.bind(&loopback(family)).expect("another port");
    });
}

pub(crate) fn accepting_on_what_is_no_listener<B: Backend>(b: &B) {
    let (mut near, _far) = pair(b, libc::AF_INET);
    let outcome = drive(b, &mut Accept, &mut near, within(ms(10)));
    assert_eq!(outcome.map(drop).map_err(|e| e.kind()), Err(ErrorKind::Os(libc::EINVAL)));
    near.close();
    let outcome = drive(b, &mut Accept, &mut near, within(ms(10)));
    assert_eq!(outcome.map(drop).map_err(|e| e.kind()), Err(ErrorKind::Closed));
}

pub(crate) fn an_adopted_listener_does_not_block<B: Backend>(b: &B) {
    let (mut first, at) = listener(b, libc::AF_INET);
    let number = release(b, &mut first);
    set_nonblocking(number, false);
    let mut listener = adopt(b, number);
    let (none, took) = timed(b, || drive(b, &mut Accept, &mut listener, within(ms(50))));
    assert_eq!(none.map(drop).map_err(|e| e.kind()), Err(ErrorKind::Timeout));
    about(took, ms(50));
    let _near = dial(b, at);
    accept(b, &mut listener);
}

/// Reading from a listener is a mistake, and must not make it block afterwards.
pub(crate) fn a_listener_stays_a_listener<B: Backend>(b: &B) {
    let (mut listener, _) = listener(b, libc::AF_INET);
    let (kind, _) = receive(b, &mut listener, Pattern::LINE).expect_err("no stream");
    assert_eq!(kind, ErrorKind::Os(libc::ENOTCONN));
    let (none, took) = timed(b, || drive(b, &mut Accept, &mut listener, within(ms(20))));
    assert_eq!(none.map(drop).map_err(|e| e.kind()), Err(ErrorKind::Timeout));
    about(took, ms(20));
    assert!(is_nonblocking(listener.descriptor()));
}

pub(crate) fn descriptors_are_not_inherited<B: Backend>(b: &B) {
    let (near, far) = pair(b, libc::AF_INET);
    for handle in [near, far] {
        let number = handle.live("test").expect("open").descriptor();
        assert!(super::system::closes_on_exec(number));
    }
}
