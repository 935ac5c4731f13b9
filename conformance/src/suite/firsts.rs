//! First attempts without an operation: what they finish, and what the driver makes of those that they don't.

use moonsocket_core::ops::{
    Accept, Connect, Ready, Receive, ReceiveFrom, ReceiveMessage, Received, Send, SendTo, Soon,
};
use moonsocket_core::{
    Attempted, Backend, ErrorKind, First, Handle, Interest, Kind, Limit, Patience, Pattern, drive,
    drive_after,
};

use super::datagrams::mailbox;
use super::stage::{
    Got, SOON, about, dial, each, each_ip, listener, loopback, ms, pair, receive, send, timed,
    within,
};
use super::streams::reset;

/// A receive as a call makes it: a first attempt, then what is left of it.
fn receive_first<B: Backend>(
    b: &B,
    handle: &mut Handle<B>,
    pattern: Pattern,
    patience: Patience,
) -> Got {
    let mut operation = Receive::new(pattern);
    let first = Receive::first(b, handle, pattern, |_| patience);
    let first = first.map(|range| Ok(Received::Lent(range)));
    let got = match first.or_drive(b, &mut operation, handle, patience) {
        Ok(received) => Ok(received.into_vec(handle)),
        Err(short) => Err((short.error.kind(), short.partial.into_vec(handle))),
    };
    assert!(handle.buffer.is_empty() != handle.buffer.holds_block(), "it holds no empty block");
    got
}

fn ready<B: Backend>(b: &B, handle: &mut Handle<B>) {
    drive(b, &mut Ready::new(Interest::READ), handle, within(SOON)).expect("something comes");
}

pub(crate) fn what_is_there_needs_no_operation<B: Backend>(b: &B) {
    each(b, |near, far| {
        send(b, near, "one\r\ntwo\nrest");
        ready(b, far);
        for (pattern, want) in
            [(Pattern::LINE, "one"), (Pattern::LINE, "two"), (Pattern::Exact(3), "res")]
        {
            let First::Done(range) = Receive::first(b, far, pattern, |_| Limit::ZERO.into()) else {
                panic!("{want} is there");
            };
            assert_eq!(far.buffer.lent(range), want.as_bytes());
        }
        assert_eq!(far.statistics.received, 12);
        // What goes straight to its destination is no matter of one attempt.
        for pattern in [Pattern::All, Pattern::Some(3), Pattern::Exact(0), Pattern::Exact(1 << 20)]
        {
            let mut empty = pair(b, libc::AF_INET).0;
            let first = Receive::first(b, &mut empty, pattern, |_| Limit::ZERO.into());
            assert!(matches!(first, First::Not), "{pattern:?}");
        }
    });
}

pub(crate) fn without_time_what_there_is_needs_no_operation<B: Backend>(b: &B) {
    each(b, |near, far| {
        let soon = |far: &mut Handle<B>, pattern| match Receive::first_soon(b, far, pattern) {
            First::Done(Soon { range, whole }) => (far.buffer.lent(range).to_vec(), whole),
            other => panic!("{pattern:?}: {other:?}"),
        };
        assert_eq!(soon(far, Pattern::LINE), (vec![], false));
        for (pattern, part) in [
            (Pattern::LINE, "a line"),
            (Pattern::TEXT_LINE, "a line\r"),
            (Pattern::Exact(100), "bytes"),
            (Pattern::All, "all"),
        ] {
            send(b, near, part);
            ready(b, far);
            assert_eq!(soon(far, pattern), (part.as_bytes().to_vec(), false));
            assert_eq!(soon(far, pattern), (vec![], false));
        }
        // Behind what lies in the buffer.
        send(b, near, "one\ntw");
        ready(b, far);
        assert_eq!(soon(far, Pattern::LINE), (b"one".to_vec(), true));
        send(b, near, "o\nthr");
        ready(b, far);
        assert_eq!(soon(far, Pattern::LINE), (b"two".to_vec(), true));
        assert_eq!(soon(far, Pattern::LINE), (b"thr".to_vec(), false));
        assert_eq!(far.statistics.received, 32);
        // What the operation has to tell of: bytes to be dropped, ends.
        let zero: Patience = Limit::ZERO.into();
        for (pattern, sent, want) in [
            (Pattern::LINE, "a\rb", Err((ErrorKind::Timeout, b"ab".to_vec()))),
            (Pattern::Exact(9), "short", Err((ErrorKind::EndOfStream, b"short".to_vec()))),
            (Pattern::All, "", Err((ErrorKind::EndOfStream, vec![]))),
        ] {
            send(b, near, sent);
            if pattern != Pattern::LINE {
                near.close();
            }
            ready(b, far);
            let First::Begun(attempt) = Receive::first_soon(b, far, pattern) else {
                panic!("{pattern:?} is not done")
            };
            let got = match drive_after(b, &mut Receive::new(pattern), far, zero, attempt) {
                Ok(received) => Ok(received.into_vec(far)),
                Err(short) => Err((short.error.kind(), short.partial.into_vec(far))),
            };
            assert_eq!(got, want, "{pattern:?}");
        }
        assert!(!far.buffer.holds_block() || !far.buffer.is_empty());
    });
}

pub(crate) fn the_rest_comes_by_the_driver<B: Backend>(b: &B) {
    each(b, |near, far| {
        send(b, near, "begun");
        assert_eq!(
            receive_first(b, far, Pattern::LINE, Limit::ZERO.into()),
            Err((ErrorKind::Timeout, b"begun".to_vec()))
        );
        assert_eq!(
            receive_first(b, far, Pattern::LINE, Limit::ZERO.into()),
            Err((ErrorKind::Timeout, vec![]))
        );
        send(b, near, "a\nb");
        assert_eq!(receive_first(b, far, Pattern::LINE, within(SOON)), Ok(b"a".to_vec()));
        send(b, near, "c\n");
        assert_eq!(receive_first(b, far, Pattern::LINE, within(SOON)), Ok(b"bc".to_vec()));
        send(b, near, "12");
        assert_eq!(
            receive_first(b, far, Pattern::Exact(3), within(ms(20))),
            Err((ErrorKind::Timeout, b"12".to_vec()))
        );
    });
}

pub(crate) fn the_time_of_the_attempt_counts<B: Backend>(b: &B) {
    let (mut near, mut far) = pair(b, libc::AF_INET);
    for time in [0, 30, 1200] {
        let (got, took) = timed(b, || receive_first(b, &mut far, Pattern::LINE, within(ms(time))));
        assert_eq!(got, Err((ErrorKind::Timeout, vec![])));
        about(took, ms(time));
    }
    send(b, &mut near, "x");
    let patience = Patience { each: Limit::after(ms(50)), ..within(SOON) };
    let (got, took) = timed(b, || receive_first(b, &mut far, Pattern::LINE, patience));
    assert_eq!(got, Err((ErrorKind::Timeout, b"x".to_vec())));
    about(took, ms(50));
}

pub(crate) fn an_end_and_a_reset_are_told_once<B: Backend>(b: &B) {
    each(b, |near, far| {
        send(b, near, "last");
        near.close();
        let want = Err((ErrorKind::EndOfStream, b"last".to_vec()));
        assert_eq!(receive_first(b, far, Pattern::LINE, within(SOON)), want);
        let want = Err((ErrorKind::EndOfStream, vec![]));
        assert_eq!(receive_first(b, far, Pattern::LINE, within(SOON)), want);
        far.close();
        let want = Err((ErrorKind::Closed, vec![]));
        assert_eq!(receive_first(b, far, Pattern::LINE, within(SOON)), want);
    });
    each(b, |near, far| {
        reset(near);
        let (kind, _) = receive_first(b, far, Pattern::LINE, within(SOON)).expect_err("reset");
        assert_eq!(kind, ErrorKind::Os(libc::ECONNRESET));
    });
}

pub(crate) fn a_part_is_sent_once<B: Backend>(b: &B) {
    each(b, |near, far| {
        // More than the kernel's buffers take: the first attempt sends a part, and the driver no byte of that again.
        let data: Vec<u8> = (0..8_000_000_u32).map(|i| (i % 251) as u8).collect();
        let patience = within(ms(20));
        let attempt = match Send::first(b, near, &data, true, &Limit::ZERO.into(), false) {
            First::Begun(attempt) => attempt,
            other => panic!("all of it, or nothing tried: {other:?}"),
        };
        let part = attempt.outcome().expect("a part");
        let mut operation = Send::all(&data[..]);
        let failed = drive_after(b, &mut operation, near, patience, attempt).expect_err("too much");
        assert_eq!(failed.error.kind(), ErrorKind::Timeout);
        assert!(failed.sent >= part && failed.sent < data.len());
        assert_eq!(near.statistics.sent, failed.sent as u64);
        let got = receive(b, far, Pattern::Exact(failed.sent)).expect("all that was sent");
        assert!(got == data[..failed.sent], "other bytes than were sent");
    });
}

pub(crate) fn a_message_by_one_attempt<B: Backend>(b: &B) {
    let (mut near, _) = mailbox(b, loopback(libc::AF_INET));
    let (mut far, there) = mailbox(b, loopback(libc::AF_INET));
    let mut connect = Connect::new([there], Kind::datagram(libc::AF_INET));
    drive(b, &mut connect, &mut near, within(SOON)).expect("no handshake");
    let zero: Patience = Limit::ZERO.into();
    let nothing = ReceiveMessage::first(b, &mut far, 100, &zero);
    let First::Begun(attempt) = nothing else { panic!("nothing was sent") };
    assert!(attempt.would_block());
    let out = drive_after(b, &mut ReceiveMessage::new(100), &mut far, zero, attempt);
    assert_eq!(out.map_err(|error| error.kind()), Err(ErrorKind::Timeout));
    for message in ["message", "", "longer than there is room"] {
        let sent = Send::first(b, &mut near, message.as_bytes(), false, &zero, false);
        assert!(matches!(sent, First::Done(count) if count == message.len()));
        ready(b, &mut far);
        let First::Done(range) = ReceiveMessage::first(b, &mut far, 10, &zero) else {
            panic!("it is there");
        };
        assert_eq!(far.buffer.lent(range), &message.as_bytes()[..message.len().min(10)]);
        far.buffer.settle();
        assert!(!far.buffer.holds_block());
    }
    // An outcome that is bytes already goes through the operation as they are.
    let mut taken = ReceiveMessage::new(10);
    far.buffer.push(b"taken").expect("memory");
    let step = Attempted::<B>::after(&mut taken, &mut far, Ok(5));
    assert_eq!(step.done::<()>().expect("done").expect("bytes"), b"taken");
}

pub(crate) fn a_message_with_its_sender_by_one_attempt<B: Backend>(b: &B) {
    each_ip(b, |family| {
        let (mut near, here) = mailbox(b, loopback(family));
        let (mut far, there) = mailbox(b, loopback(family));
        let zero: Patience = Limit::ZERO.into();
        let First::Begun(attempt) = ReceiveFrom::first(b, &mut far, 100, &zero) else {
            panic!("nothing was sent")
        };
        let out = drive_after(b, &mut ReceiveFrom::new(100), &mut far, zero, attempt);
        assert_eq!(out.map(drop).map_err(|error| error.kind()), Err(ErrorKind::Timeout));
        for message in ["message", "", "longer than there is room"] {
            let sent = SendTo::first(b, &mut near, message.as_bytes(), &there, &zero, false);
            assert!(matches!(sent, First::Done(count) if count == message.len()));
            ready(b, &mut far);
            let First::Done((range, from)) = ReceiveFrom::first(b, &mut far, 10, &zero) else {
                panic!("it is there");
            };
            assert_eq!(from, here);
            assert_eq!(far.buffer.lent(range), &message.as_bytes()[..message.len().min(10)]);
            far.buffer.settle();
        }
        assert_eq!((near.statistics.sent, far.statistics.received), (32, 17));
        // What an attempt has failed with is the operation's error.
        let First::Begun(attempt) = SendTo::first(b, &mut near, &[0; 70_000], &there, &zero, false)
        else {
            panic!("it is too long for a message")
        };
        let mut operation = SendTo::new(&[0; 70_000][..], there);
        let error = drive_after(b, &mut operation, &mut near, zero, attempt).expect_err("too long");
        assert_eq!(error.kind(), ErrorKind::Os(libc::EMSGSIZE));
        near.close();
        let sent = SendTo::first(b, &mut near, b"x", &there, &zero, false);
        assert!(matches!(sent, First::Not), "a closed socket is the operation's to speak of");
    });
}

pub(crate) fn a_connection_by_one_attempt<B: Backend>(b: &B) {
    each_ip(b, |family| {
        let (mut server, at) = listener(b, family);
        let zero: Patience = Limit::ZERO.into();
        let First::Begun(attempt) = Accept::first(b, &server, &zero) else {
            panic!("nobody connects")
        };
        assert!(attempt.would_block());
        let out = drive_after(b, &mut Accept, &mut server, zero, attempt);
        assert_eq!(out.map(drop).map_err(|error| error.kind()), Err(ErrorKind::Timeout));
        let First::Begun(attempt) = Accept::first(b, &server, &within(SOON)) else {
            panic!("nobody connects")
        };
        let mut near = dial(b, at);
        let out = drive_after(b, &mut Accept, &mut server, within(SOON), attempt);
        let (mut far, peer) = out.expect("the attempt was before");
        assert_eq!(near.local_address().expect("bound"), peer);
        let mut second = dial(b, at);
        ready(b, &mut server);
        let First::Done((mut other, _)) = Accept::first(b, &server, &zero) else {
            panic!("one is there")
        };
        for (near, far) in [(&mut near, &mut far), (&mut second, &mut other)] {
            send(b, near, "x\n");
            assert_eq!(receive(b, far, Pattern::LINE), Ok(b"x".to_vec()));
        }
        server.close();
        assert!(matches!(Accept::first(b, &server, &zero), First::Not));
    });
}
