//! The read buffer: what it holds, what it gives back, and looking without taking.

use std::cell::RefCell;
use std::rc::Rc;

use moonsocket_core::ops::{Receive, ReceiveFrom};
use moonsocket_core::{
    Backend, Bound, ErrorKind, Flags, Interest, Need, Parking, Pattern, Progress, Task, drive,
    recycle,
};

use super::stage::{SOON, each, look, ms, pair, receive, receive_by, send, within};

pub(crate) fn an_idle_connection_holds_no_block<B: Backend>(b: &B) {
    each(b, |near, far| {
        assert!(!far.buffer.holds_block());
        send(b, near, "one\ntwo\n");
        assert_eq!(receive(b, far, Pattern::LINE), Ok(b"one".to_vec()));
        assert!(far.buffer.holds_block() && far.buffer.len() == 4);
        assert_eq!(receive(b, far, Pattern::LINE), Ok(b"two".to_vec()));
        assert!(!far.buffer.holds_block());
        send(b, near, "unfinished");
        let short = receive_by(b, far, Receive::new(Pattern::LINE), within(ms(5)));
        assert_eq!(short, Err((ErrorKind::Timeout, b"unfinished".to_vec())));
        assert!(!far.buffer.holds_block());
        near.close();
        assert!(receive(b, far, Pattern::LINE).is_err());
        assert!(!far.buffer.holds_block());
    });
}

pub(crate) fn a_parked_line_holds_no_block<B: Backend>(b: &B) {
    let (mut near, far) = pair(b, libc::AF_INET);
    let far = Rc::new(RefCell::new(far));
    let mut parking = Parking::default();
    let mut task = Bound::new(Receive::new(Pattern::LINE), Rc::clone(&far));
    let first = Task::<B>::step(&mut task, b);
    assert_eq!(first, Progress::Wait(Need::Io(Interest::READ)));
    parking.park(b, task, Need::Io(Interest::READ), within(SOON));
    for part in ["some ", "more ", "words"] {
        send(b, &mut near, part);
        // Enough turns for the bytes to come and to be taken in.
        for _ in 0..3 {
            parking.wait(b, Some(b.now() + ms(3))).expect("a turn");
            assert!(parking.next(b).is_none());
        }
        assert!(!far.borrow().buffer.holds_block(), "it waits and holds a block");
    }
    send(b, &mut near, "\n");
    let mut task = loop {
        parking.wait(b, None).expect("a turn");
        if let Some((_, task)) = parking.next(b) {
            break task;
        }
    };
    let line = task.take().expect("finished").expect("a line");
    assert_eq!(line.into_vec(&mut far.borrow_mut()), b"some more words");
}

pub(crate) fn buffered_bytes_outlive_the_socket<B: Backend>(b: &B) {
    each(b, |near, far| {
        send(b, near, "one\ntwo\nthr");
        assert_eq!(receive(b, far, Pattern::LINE), Ok(b"one".to_vec()));
        far.close();
        assert_eq!(receive(b, far, Pattern::LINE), Ok(b"two".to_vec()));
        let rest = (ErrorKind::Closed, b"thr".to_vec());
        assert_eq!(receive(b, far, Pattern::LINE), Err(rest));
        assert_eq!(receive(b, far, Pattern::LINE), Err((ErrorKind::Closed, vec![])));
    });
}

pub(crate) fn too_long_leaves_the_rest<B: Backend>(b: &B) {
    each(b, |near, far| {
        let mut most = |pattern, maximum| {
            receive_by(b, far, Receive::new(pattern).maximum(maximum), within(SOON))
        };
        send(b, near, "abcdef\r\nxyz\n");
        let oversized = |bytes: &str| Err((ErrorKind::Oversized, bytes.as_bytes().to_vec()));
        assert_eq!(most(Pattern::LINE, 4), oversized("abcd"));
        assert_eq!(most(Pattern::LINE, 2), Ok(b"ef".to_vec()));
        assert_eq!(most(Pattern::Exact(3), 2), oversized("xy"));
        assert_eq!(most(Pattern::RAW_LINE, 2), Ok(b"z\n".to_vec()));
    });
}

pub(crate) fn a_maximum_whatever_the_chunks<B: Backend>(b: &B) {
    each(b, |near, far| {
        for parts in [&["abc\r\n"][..], &["abc\r", "\n"], &["ab", "c\r\n"]] {
            let mut task = Receive::new(Pattern::TEXT_LINE).maximum(4);
            let mut line = Err((ErrorKind::Timeout, vec![]));
            for part in parts {
                send(b, near, part);
                line = receive_by(b, far, task, within(ms(5)));
                let Err((ErrorKind::Timeout, partial)) = &line else { break };
                task = Receive::new(Pattern::TEXT_LINE).maximum(4).prefix(partial);
            }
            assert_eq!(line, Ok(b"abc".to_vec()), "{parts:?}");
        }
    });
}

pub(crate) fn a_look_takes_nothing<B: Backend>(b: &B) {
    each(b, |near, far| {
        send(b, near, "abc\ndef");
        // From the socket, then from the buffer.
        assert_eq!(look(b, far, Pattern::Exact(2)), Ok(b"ab".to_vec()));
        assert_eq!(receive(b, far, Pattern::LINE), Ok(b"abc".to_vec()));
        assert_eq!(look(b, far, Pattern::Some(100)), Ok(b"def".to_vec()));
        assert_eq!(look(b, far, Pattern::Exact(2)), Ok(b"de".to_vec()));
        let most = Receive::new(Pattern::Some(100)).flags(Flags::PEEK).maximum(1);
        assert_eq!(receive_by(b, far, most, within(SOON)), Ok(b"d".to_vec()));
        assert_eq!(receive(b, far, Pattern::Exact(3)), Ok(b"def".to_vec()));
        assert!(!far.buffer.holds_block());
        near.close();
        assert_eq!(look(b, far, Pattern::Exact(1)), Err((ErrorKind::EndOfStream, vec![])));
    });
}

pub(crate) fn a_look_without_room_is_no_end<B: Backend>(b: &B) {
    each(b, |near, far| {
        send(b, near, "abc");
        let full = || Receive::new(Pattern::Exact(9)).prefix(b"12").flags(Flags::PEEK).maximum(2);
        let oversized = Err((ErrorKind::Oversized, b"12".to_vec()));
        assert_eq!(receive_by(b, far, full(), within(SOON)), oversized);
        assert_eq!(receive(b, far, Pattern::Exact(1)), Ok(b"a".to_vec()));
        assert_eq!(receive_by(b, far, full(), within(SOON)), oversized);
        assert_eq!(receive(b, far, Pattern::Exact(2)), Ok(b"bc".to_vec()));
    });
}

pub(crate) fn a_call_that_must_not_wait<B: Backend>(b: &B) {
    each(b, |near, far| {
        let now = || Receive::new(Pattern::Exact(3)).flags(Flags::DONT_WAIT);
        let blocked = ErrorKind::Os(libc::EAGAIN);
        assert_eq!(receive_by(b, far, now(), within(SOON)), Err((blocked, vec![])));
        send(b, near, "ab");
        assert_eq!(receive(b, far, Pattern::Exact(1)), Ok(b"a".to_vec()));
        assert_eq!(receive_by(b, far, now(), within(SOON)), Err((blocked, b"b".to_vec())));
    });
}

pub(crate) fn bytes_that_can_be_read<B: Backend>(b: &B) {
    each(b, |near, far| {
        assert_eq!(far.bytes_readable(), Ok(0));
        send(b, near, "a\nbcd");
        assert_eq!(look(b, far, Pattern::Exact(1)), Ok(b"a".to_vec()));
        assert_eq!(receive(b, far, Pattern::LINE), Ok(b"a".to_vec()));
        assert_eq!(far.bytes_readable(), Ok(3));
        assert_eq!(receive(b, far, Pattern::Exact(3)), Ok(b"bcd".to_vec()));
        assert_eq!(far.bytes_readable(), Ok(0));
    });
}

pub(crate) fn statistics_count_what_was_handed_over<B: Backend>(b: &B) {
    each(b, |near, far| {
        send(b, near, "abc\r\ndef");
        assert_eq!(near.statistics.sent, 8);
        let with = Receive::new(Pattern::LINE).prefix(b"...");
        assert_eq!(receive_by(b, far, with, within(SOON)), Ok(b"...abc".to_vec()));
        // All that the pattern used up, the line's end too.
        assert_eq!(far.statistics.received, 5);
        assert_eq!(look(b, far, Pattern::Exact(2)), Ok(b"de".to_vec()));
        assert_eq!(far.statistics.received, 5);
        assert!(far.statistics.since <= b.now());
    });
}

pub(crate) fn waiting_for_all_waits_for_no_more<B: Backend>(b: &B) {
    each(b, |near, far| {
        send(b, near, "abcdef");
        let all = Receive::new(Pattern::Exact(3)).flags(Flags(libc::MSG_WAITALL));
        assert_eq!(receive_by(b, far, all, within(SOON)), Ok(b"abc".to_vec()));
        let all = Receive::new(Pattern::Exact(3)).flags(Flags(libc::MSG_WAITALL));
        let forever = moonsocket_core::Patience::default();
        assert_eq!(receive_by(b, far, all, forever), Ok(b"def".to_vec()));
    });
}

/// By this flag TCP drops bytes, and counts them as received. Where they were to go may lie what others left.
pub(crate) fn dropped_bytes_are_nobody_elses<B: Backend>(b: &B) {
    let flags = Flags(libc::MSG_TRUNC);
    each(b, |near, far| {
        send(b, near, "secret");
        assert_eq!(receive(b, far, Pattern::Exact(6)), Ok(b"secret".to_vec()));
        send(b, near, "public");
        let dropped = Receive::new(Pattern::Exact(6)).flags(flags);
        assert_eq!(receive_by(b, far, dropped, within(SOON)), Ok(vec![0; 6]));
        recycle(b"secret".to_vec());
        send(b, near, "public");
        let mut dropped = ReceiveFrom::new(6).flags(flags);
        let message = drive(b, &mut dropped, far, within(SOON)).expect("six bytes");
        assert_eq!(message.data, [0; 6]);
    });
}
