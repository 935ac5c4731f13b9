//! Streams: patterns, ends, resets, and transfers of every size.

use std::io::{Read, Write};

use moonsocket_core::ops::{Receive, Send};
use moonsocket_core::{Backend, ErrorKind, Handle, How, Interest, Opt, Pattern, Value, drive};

use super::process::{in_child, later, let_broken_pipes_kill};
use super::stage::{SOON, each, ms, pair, receive, receive_by, send, timed, within};
use super::system::{stream, unix_pair};

pub(crate) fn lines_lose_their_ends<B: Backend>(b: &B) {
    each(b, |near, far| {
        send(b, near, "one\r\ntwo\n\nth\rree\r\r\nrest");
        for line in ["one", "two", "", "three"] {
            assert_eq!(receive(b, far, Pattern::LINE), Ok(line.into()));
        }
        near.close();
        let rest = (ErrorKind::EndOfStream, b"rest".to_vec());
        assert_eq!(receive(b, far, Pattern::LINE), Err(rest));
    });
}

pub(crate) fn every_rule_for_carriage_returns<B: Backend>(b: &B) {
    each(b, |near, far| {
        for (pattern, want) in
            [(Pattern::LINE, "ab"), (Pattern::TEXT_LINE, "a\rb"), (Pattern::RAW_LINE, "a\rb\r\n")]
        {
            send(b, near, "a\rb\r\n");
            assert_eq!(receive(b, far, pattern), Ok(want.into()));
        }
        send(b, near, "a\r\0b\0");
        assert_eq!(receive(b, far, Pattern::until(0)), Ok(b"a\r".to_vec()));
        assert_eq!(receive(b, far, Pattern::until(0)), Ok(b"b".to_vec()));
    });
}

pub(crate) fn a_line_end_split_between_arrivals<B: Backend>(b: &B) {
    each(b, |near, far| {
        for pattern in [Pattern::LINE, Pattern::TEXT_LINE] {
            send(b, near, "ab\r");
            let short = receive_by(b, far, Receive::new(pattern), within(ms(5)));
            let (kind, partial) = short.expect_err("no end yet");
            assert_eq!(kind, ErrorKind::Timeout);
            send(b, near, "\ncd");
            let receive = Receive::new(pattern).prefix(&partial);
            assert_eq!(receive_by(b, far, receive, within(SOON)), Ok(b"ab".to_vec()));
            assert_eq!(
                receive_by(b, far, Receive::new(Pattern::Exact(2)), within(SOON)),
                Ok(b"cd".to_vec())
            );
        }
    });
}

pub(crate) fn counts_and_whatever_comes<B: Backend>(b: &B) {
    each(b, |near, far| {
        send(b, near, "abcdefgh");
        assert_eq!(receive(b, far, Pattern::Exact(3)), Ok(b"abc".to_vec()));
        assert_eq!(receive(b, far, Pattern::Some(2)), Ok(b"de".to_vec()));
        assert_eq!(receive(b, far, Pattern::Some(100)), Ok(b"fgh".to_vec()));
        let more = Receive::new(Pattern::Exact(5)).prefix(b"abc");
        send(b, near, "dexyz");
        assert_eq!(receive_by(b, far, more, within(SOON)), Ok(b"abcde".to_vec()));
        near.close();
        assert_eq!(receive(b, far, Pattern::All), Ok(b"xyz".to_vec()));
        assert_eq!(receive(b, far, Pattern::All), Err((ErrorKind::EndOfStream, vec![])));
    });
}

pub(crate) fn nothing_takes_no_time<B: Backend>(b: &B) {
    each(b, |near, far| {
        send(b, near, "");
        assert_eq!(receive(b, far, Pattern::Exact(0)), Ok(vec![]));
        assert_eq!(receive(b, far, Pattern::Some(0)), Ok(vec![]));
        let full = Receive::new(Pattern::Exact(2)).prefix(b"abc");
        assert_eq!(receive_by(b, far, full, within(SOON)), Ok(b"abc".to_vec()));
    });
}

pub(crate) fn half_closed_streams_go_on_the_other_way<B: Backend>(b: &B) {
    each(b, |near, far| {
        send(b, near, "question");
        near.shutdown(How::Send).expect("connected");
        assert_eq!(receive(b, far, Pattern::All), Ok(b"question".to_vec()));
        send(b, far, "answer\n");
        assert_eq!(receive(b, near, Pattern::LINE), Ok(b"answer".to_vec()));
        let refused = drive(b, &mut Send::all("more"), near, within(SOON)).expect_err("shut down");
        assert!(refused.error.is_closed() && refused.sent == 0, "{refused:?}");
    });
}

pub(crate) fn a_shut_receiver_sees_the_end<B: Backend>(b: &B) {
    each(b, |near, _far| {
        near.shutdown(How::Receive).expect("connected");
        assert_eq!(receive(b, near, Pattern::LINE), Err((ErrorKind::EndOfStream, vec![])));
    });
}

/// Closes so that the peer hears of a reset.
pub(crate) fn reset<B: Backend>(handle: &mut Handle<B>) {
    let at_once = Value::Linger(Some(std::time::Duration::ZERO));
    handle.set_option(Opt::Linger, at_once).expect("open");
    handle.close();
}

pub(crate) fn a_reset_is_an_error<B: Backend>(b: &B) {
    each(b, |near, far| {
        reset(near);
        let (kind, partial) = receive(b, far, Pattern::LINE).expect_err("reset");
        assert_eq!((kind, partial), (ErrorKind::Os(libc::ECONNRESET), vec![]));
        // Once reported, it is an end.
        assert_eq!(receive(b, far, Pattern::LINE), Err((ErrorKind::EndOfStream, vec![])));
    });
}

pub(crate) fn writing_to_a_closed_peer_is_survived<B: Backend>(b: &B) {
    each(b, |near, far| {
        far.close();
        let failed =
            (0..1000).find_map(|_| drive(b, &mut Send::all("x"), near, within(SOON)).err());
        assert!(failed.expect("nobody reads").error.is_closed());
    });
}

/// As a Lua interpreter meets it: with the signal as it is by default.
pub(crate) fn a_broken_pipe_raises_no_signal<B: Backend>(b: &B) {
    assert!(in_child(|| {
        let_broken_pipes_kill();
        writing_to_a_closed_peer_is_survived(b);
        let (mut near, far) = unix_pair(b, libc::SOCK_STREAM);
        drop(far);
        drive(b, &mut Send::all("x"), &mut near, within(SOON)).is_err()
    }));
}

pub(crate) fn data_and_end_in_one_edge<B: Backend>(b: &B) {
    each(b, |near, far| {
        // Registered, if the backend registers: it has waited before.
        let none = receive_by(b, far, Receive::new(Pattern::LINE), within(ms(5)));
        assert_eq!(none, Err((ErrorKind::Timeout, vec![])));
        send(b, near, "abc");
        near.shutdown(How::Send).expect("connected");
        let (short, took) = timed(b, || receive(b, far, Pattern::Exact(10)));
        assert_eq!(short, Err((ErrorKind::EndOfStream, b"abc".to_vec())));
        assert!(took < SOON / 2, "it slept over the end: {took:?}");
    });
}

pub(crate) fn an_end_in_the_edge_of_another_wait<B: Backend>(b: &B) {
    each(b, |near, far| {
        let (mut other, _peer) = pair(b, libc::AF_INET);
        for handle in [&mut *far, &mut other] {
            let none = receive_by(b, handle, Receive::new(Pattern::LINE), within(ms(5)));
            assert_eq!(none, Err((ErrorKind::Timeout, vec![])));
        }
        send(b, near, "abc");
        near.shutdown(How::Send).expect("connected");
        // This wait picks up the edge of the first.
        let none = receive_by(b, &mut other, Receive::new(Pattern::LINE), within(ms(20)));
        assert_eq!(none, Err((ErrorKind::Timeout, vec![])));
        assert_eq!(receive(b, far, Pattern::All), Ok(b"abc".to_vec()));
    });
}

pub(crate) fn a_hang_up_after_it_was_drained<B: Backend>(b: &B) {
    each(b, |near, far| {
        let line =
            |handle: &mut _| receive_by(b, handle, Receive::new(Pattern::LINE), within(ms(5)));
        assert!(line(far).is_err());
        send(b, near, "abc");
        // Short, so that a backend may take it for drained.
        assert_eq!(line(far), Err((ErrorKind::Timeout, b"abc".to_vec())));
        let peer = stream(near);
        near.close();
        let closing = later(ms(20), move || drop(peer));
        let (end, took) = timed(b, || receive(b, far, Pattern::LINE));
        assert_eq!(end, Err((ErrorKind::EndOfStream, vec![])));
        assert!(took < SOON / 2, "{took:?}");
        closing.join().expect("closed");
    });
}

const BLOCK: usize = 1 << 20;
const BLOCKS: usize = 100;

fn block() -> Vec<u8> {
    (0..BLOCK).map(|at| (at * 31 + at / 251) as u8).collect()
}

pub(crate) fn a_hundred_megabytes_in<B: Backend>(b: &B) {
    let (near, mut far) = pair(b, libc::AF_INET);
    let mut peer = stream(&near);
    drop(near);
    let sender = later(ms(0), move || {
        let block = block();
        for _ in 0..BLOCKS {
            peer.write_all(&block).expect("the other side reads");
        }
    });
    let half = receive(b, &mut far, Pattern::Exact(BLOCKS / 2 * BLOCK)).expect("sent");
    let rest = receive(b, &mut far, Pattern::All).expect("sent");
    let block = block();
    for part in [half, rest] {
        assert_eq!(part.len(), BLOCKS / 2 * BLOCK);
        assert!(part.chunks(BLOCK).all(|chunk| chunk == block));
    }
    assert_eq!(far.statistics.received, (BLOCKS * BLOCK) as u64);
    sender.join().expect("sent");
}

pub(crate) fn a_hundred_megabytes_out<B: Backend>(b: &B) {
    let (mut near, far) = pair(b, libc::AF_INET);
    let mut peer = stream(&far);
    drop(far);
    let reader = std::thread::spawn(move || {
        let block = block();
        let mut got = vec![0; BLOCK];
        for _ in 0..BLOCKS {
            peer.read_exact(&mut got).expect("it is sent");
            assert!(got == block);
        }
        assert_eq!(peer.read(&mut got).expect("the end"), 0);
    });
    let data = block().repeat(BLOCKS);
    send(b, &mut near, &data);
    assert_eq!(near.statistics.sent, data.len() as u64);
    near.close();
    reader.join().expect("the same bytes");
}

pub(crate) fn a_send_into_a_full_peer_tells_how_much<B: Backend>(b: &B) {
    each(b, |near, far| {
        let data = vec![b'x'; 64 << 20];
        let short = drive(b, &mut Send::all(&data), near, within(ms(30))).expect_err("no room");
        assert_eq!(short.error.kind(), ErrorKind::Timeout);
        assert!(short.sent > 0 && short.sent < data.len());
        near.close();
        let got = receive(b, far, Pattern::All).expect("what was sent");
        assert_eq!(got.len(), short.sent);
    });
}

pub(crate) fn readiness_without_io<B: Backend>(b: &B) {
    use moonsocket_core::ops::Ready;
    each(b, |near, far| {
        let ready = |handle: &mut _, interest| {
            drive(b, &mut Ready::new(interest), handle, within(ms(10))).map_err(|e| e.kind())
        };
        assert_eq!(ready(far, Interest::WRITE), Ok(()));
        assert_eq!(ready(far, Interest::READ), Err(ErrorKind::Timeout));
        send(b, near, "x\ny");
        assert_eq!(ready(far, Interest::READ), Ok(()));
        assert_eq!(receive(b, far, Pattern::LINE), Ok(b"x".to_vec()));
        // Buffered counts, and read bytes don't.
        assert_eq!(ready(far, Interest::READ), Ok(()));
        assert_eq!(receive(b, far, Pattern::Exact(1)), Ok(b"y".to_vec()));
        assert_eq!(ready(far, Interest::READ), Err(ErrorKind::Timeout));
    });
}
