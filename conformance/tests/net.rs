//! `Net` and what it makes, on the simulated backend: its clock stands still but for waits.

use std::io::{BufRead, IoSlice, Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use moonsocket_conformance::sim::Sim;
use moonsocket_core::ops::Sleep;
use moonsocket_core::{Backend, Error, ErrorKind, Interest, Limit, Net, Pattern, Stream};

const SECOND: Duration = Duration::from_secs(1);

fn pair() -> (Net<Sim>, Stream<Sim>, Stream<Sim>) {
    let net = Net::from(Sim::new());
    let mut listener = net.listen("127.0.0.1:0").expect("a free port");
    let at = listener.address().expect("it is bound");
    let client = net.connect_to(at, Limit::FOREVER).expect("somebody listens");
    let (peer, from) = listener.accept(Limit::FOREVER).expect("somebody connects");
    assert_eq!(client.peer_address(), Ok(at));
    assert_eq!(client.local_address(), Ok(from));
    assert_eq!(peer.peer_address(), Ok(from));
    (net, client, peer)
}

fn sleep(net: &Net<Sim>, time: Duration) {
    net.run(&mut Sleep::new(time), &mut (), Limit::FOREVER).expect("nothing ends it");
}

#[test]
fn a_deadline_holds_for_all_calls_together() {
    let (net, mut client, mut peer) = pair();
    let start = net.backend().now();
    peer.set_deadline(start + 3 * SECOND);
    for _ in 0..2 {
        sleep(&net, SECOND);
        client.send("a line\n").expect("it is read");
        assert_eq!(peer.line().expect("in time").as_deref(), Some("a line"));
    }
    client.send("a lin").expect("it is read");
    let short = peer.receive(Pattern::TEXT_LINE).expect_err("no line has come");
    assert!(short.error.is_timeout());
    assert_eq!(short.partial, b"a lin");
    let took = net.backend().now() - start;
    assert!(took >= 3 * SECOND && took < 4 * SECOND, "{took:?}");
}

#[test]
fn the_shorter_of_limit_and_deadline_ends_a_call() {
    let (net, _client, mut peer) = pair();
    let start = net.backend().now();
    peer.set_deadline(start + 10 * SECOND);
    peer.set_limit(Limit::after(SECOND));
    assert!(peer.wait(Interest::READ).expect_err("nothing comes").is_timeout());
    assert!(net.backend().now() - start < 2 * SECOND);
    peer.set_limit(Limit::FOREVER);
    assert!(peer.line().expect_err("nothing comes").is_timeout());
    assert!(net.backend().now() - start >= 10 * SECOND);
}

#[test]
fn a_peer_that_keeps_sending_does_not_prolong_a_deadline() {
    let (net, mut client, mut peer) = pair();
    client.send("one\ntwo\nthree\n").expect("it is read");
    peer.set_deadline(net.backend().now() + SECOND);
    assert_eq!(peer.line().expect("in time").as_deref(), Some("one"));
    sleep(&net, 2 * SECOND);
    assert!(peer.line().expect_err("too late").is_timeout());
    assert_eq!(peer.send("late\n").expect_err("too late").sent, 0);
    let late = peer.read(&mut [0; 16]).expect_err("too late");
    assert_eq!(late.kind(), std::io::ErrorKind::TimedOut);
    // Nothing was lost by it.
    peer.set_deadline(None);
    assert_eq!(peer.line().expect("it is there").as_deref(), Some("two"));
}

#[test]
fn a_line_goes_on_after_a_timeout() {
    let (_net, mut client, mut peer) = pair();
    peer.set_limit(Limit::after(SECOND));
    for part in ["a l", "", "ine\r", &"long ".repeat(20_000)] {
        client.send(part).expect("it is read");
        for _ in 0..2 {
            assert!(peer.line().expect_err("there is no line yet").is_timeout());
        }
    }
    client.send("\r\nnext\n").expect("it is read");
    let line = "a line\r".to_owned() + &"long ".repeat(20_000);
    assert_eq!(peer.line().expect("it came"), Some(line.clone()));
    assert_eq!(peer.handle().statistics.received, line.len() as u64 + 2);
    assert_eq!(peer.line().expect("it came").as_deref(), Some("next"));
    assert!(!peer.handle().buffer.holds_block());
}

#[test]
fn a_line_has_a_maximum_size() {
    let (_net, mut client, mut peer) = pair();
    peer.set_maximum(5);
    client.send("short\nlonger\n").expect("it is read");
    assert_eq!(peer.line().expect("5 bytes").as_deref(), Some("short"));
    assert_eq!(peer.line().expect_err("6 bytes").kind(), ErrorKind::Oversized);
}

#[test]
fn a_socket_moves_to_another_stream() {
    let (net, mut client, mut peer) = pair();
    client.send("one\ntwo\n").expect("it is read");
    assert_eq!(peer.line().expect("a line").as_deref(), Some("one"));
    let (socket, unread) = peer.into_parts().expect("it is open");
    assert_eq!(unread, b"two\n");
    let mut peer = net.stream(socket);
    client.send("three\n").expect("it is read");
    assert_eq!(peer.line().expect("a line").as_deref(), Some("three"));
    drop(peer);
    assert_eq!(client.line(), Ok(None));
}

#[test]
fn a_closed_stream_has_no_parts() {
    let (_net, mut client, _peer) = pair();
    client.handle().close();
    assert_eq!(client.duplicate().map(drop).map_err(|it| it.kind()), Err(ErrorKind::Closed));
    assert_eq!(client.into_parts().map(drop).map_err(|it| it.kind()), Err(ErrorKind::Closed));
}

#[test]
fn addresses_that_are_none() {
    let net = Net::from(Sim::new());
    let connect = |to| net.connect(to, Limit::FOREVER).map(drop).expect_err(to).kind();
    for to in ["localhost", "127.0.0.1:", "[::1]", "[::1]:", "[::1:80", "::1]:80"] {
        assert!(matches!(connect(to), ErrorKind::Invalid(_)), "{to}");
        assert!(net.listen(to).is_err_and(|it| matches!(it.kind(), ErrorKind::Invalid(_))), "{to}");
    }
    for to in ["127.0.0.1:65536", ":99999", "[::1]:4294967376"] {
        assert!(matches!(connect(to), ErrorKind::Resolve(_)), "{to}");
        assert!(net.listen(to).is_err_and(|it| matches!(it.kind(), ErrorKind::Resolve(_))), "{to}");
    }
}

#[test]
fn an_address_of_one_link_keeps_its_interface() {
    let net = Net::from(Sim::new());
    for host in ["[::1]", "[fe80::1%1]", "[fe80::1%7]"] {
        let listener = net.listen(&format!("{host}:80")).expect("nobody else listens");
        assert_eq!(listener.address().expect("it is bound").to_string(), format!("{host}:80"));
        net.connect(&format!("{host}:80"), Limit::ZERO).expect("somebody listens");
    }
}

#[test]
fn errors_become_those_of_the_crate_and_of_std() {
    fn ask(stream: &mut Stream<Sim>) -> Result<Vec<u8>, moonsocket_core::Error> {
        stream.send("question\n")?;
        Ok(stream.receive(Pattern::TEXT_LINE)?)
    }
    fn ask_io(stream: &mut Stream<Sim>) -> std::io::Result<Vec<u8>> {
        stream.send("question\n")?;
        Ok(stream.receive(Pattern::TEXT_LINE)?)
    }
    fn ask_anyhow(stream: &mut Stream<Sim>) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        stream.send("question\n")?;
        Ok(stream.receive(Pattern::TEXT_LINE)?)
    }
    let (_net, mut client, peer) = pair();
    drop(peer);
    assert!(ask(&mut client).expect_err("nobody answers").is_closed());
    let error = ask_io(&mut client).expect_err("nobody answers");
    assert!(Error::from_io(&error, "ask").is_closed(), "{error:?}");
    assert!(ask_anyhow(&mut client).expect_err("nobody answers").to_string().contains(": "));
    // What was cancelled is not to be tried again.
    let error = Error::new(ErrorKind::Cancelled, "ask");
    assert_ne!(std::io::Error::from(error).kind(), std::io::ErrorKind::Interrupted);
    assert_eq!(Error::from_io(&error.into(), "ask"), error);
}

#[test]
fn messages_come_whole() {
    let net = Net::from(Sim::new());
    let any = || SocketAddr::from(([127, 0, 0, 1], 0)).into();
    let mut one = net.bind(any()).expect("a free port");
    let mut two = net.bind(any()).expect("a free port");
    let (from, to) = (one.address().expect("bound"), two.address().expect("bound"));
    assert_eq!(one.send_to(b"message", to, Limit::after(SECOND)), Ok(7));
    assert_eq!(two.receive_from(4, Limit::after(SECOND)), Ok((b"mess".to_vec(), from)));
    assert!(two.receive_from(4, Limit::after(SECOND)).expect_err("no more").is_timeout());
}

#[test]
fn what_is_kept_holds_no_room_for_more() {
    let (net, mut client, mut peer) = pair();
    let any = || SocketAddr::from(([127, 0, 0, 1], 0)).into();
    let mut one = net.bind(any()).expect("a free port");
    let mut two = net.bind(any()).expect("a free port");
    let to = two.address().expect("bound");
    let mut kept = Vec::new();
    for _ in 0..3 {
        client.send("some").expect("it is read");
        kept.push(peer.receive(Pattern::Some(1 << 20)).expect("it came"));
        peer.set_limit(Limit::ZERO);
        for pattern in [Pattern::All, Pattern::Exact(1 << 20)] {
            client.send("some").expect("it is read");
            kept.push(peer.receive(pattern).expect_err("there is more to come").partial);
        }
        one.send_to(b"some", to, Limit::ZERO).expect("it is read");
        kept.push(two.receive_from(usize::MAX, Limit::ZERO).expect("it came").0);
        one.send_to(b"some", to, Limit::ZERO).expect("it is read");
        kept.push(two.receive(65536, Limit::ZERO).expect("it came"));
    }
    drop(client);
    for bytes in kept {
        assert!(bytes.capacity() <= 8, "{} for {bytes:?}", bytes.capacity());
    }
}

#[test]
fn messages_of_a_chosen_peer() {
    let net = Net::from(Sim::new());
    let any = || SocketAddr::from(([127, 0, 0, 1], 0)).into();
    let mut one = net.bind(any()).expect("a free port");
    let mut two = net.datagram(net.bind(any()).expect("a free port").into_socket().expect("open"));
    one.connect(two.address().expect("bound")).expect("there is nothing to wait for");
    two.connect(one.address().expect("bound")).expect("there is nothing to wait for");
    assert_eq!(one.send(b"message", Limit::after(SECOND)), Ok(7));
    assert_eq!(two.receive(100, Limit::after(SECOND)), Ok(b"message".to_vec()));
    assert!(two.receive(100, Limit::after(SECOND)).expect_err("no more").is_timeout());
}

#[test]
fn what_comes_can_be_looked_at() {
    let (net, mut client, mut peer) = pair();
    peer.set_limit(Limit::after(SECOND));
    assert_eq!(peer.fill_buf().expect_err("nothing comes").kind(), std::io::ErrorKind::TimedOut);
    peer.set_limit(Limit::ZERO);
    for error in [peer.fill_buf().map(drop), peer.read(&mut [0]).map(drop)] {
        assert_eq!(error.expect_err("nothing comes").kind(), std::io::ErrorKind::WouldBlock);
    }
    peer.set_limit(Limit::after(SECOND));
    client.send("GET /\r\nHost: a\r\n").expect("it is read");
    assert!(peer.fill_buf().expect("it is there").starts_with(b"GET "));
    assert_eq!(peer.handle().statistics.received, 0);
    peer.consume(4);
    assert_eq!(peer.line().expect("it is there").as_deref(), Some("/"));
    let mut text = String::new();
    peer.read_line(&mut text).expect("it is there");
    assert_eq!(text, "Host: a\r\n");
    assert_eq!(peer.handle().statistics.received, 16);
    // An idle one holds no memory, and a byte that stands alone is not lost.
    assert!(!peer.handle().buffer.holds_block());
    client.send("x").expect("it is read");
    assert_eq!(peer.fill_buf().expect("it is there"), b"x");
    let (socket, unread) = peer.into_parts().expect("it is open");
    assert_eq!(unread, b"x");
    let mut peer = net.stream(socket);
    drop(client);
    assert_eq!(peer.fill_buf().expect("the end is no error"), b"");
}

#[test]
fn a_read_takes_what_there_is_whatever_its_size() {
    for size in [7, 1 << 17] {
        let (_net, mut client, mut peer) = pair();
        let mut into = vec![0; size];
        client.send("one\ntwo").expect("it is read");
        assert_eq!(peer.line().expect("it came").as_deref(), Some("one"));
        assert_eq!(peer.read(&mut into).expect("it is buffered"), 3);
        assert_eq!(&into[..3], b"two");
        peer.set_limit(Limit::ZERO);
        let error = peer.read(&mut into).expect_err("nothing comes");
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
        client.send("three").expect("it is read");
        assert_eq!(peer.read(&mut into).expect("it came"), 5);
        assert_eq!(peer.handle().statistics.received, 12);
        drop(client);
        for _ in 0..2 {
            assert_eq!(peer.read(&mut into).expect("the end is no error"), 0);
        }
        peer.handle().close();
        assert_eq!(
            peer.read(&mut into).map_err(|it| it.kind()),
            Err(std::io::ErrorKind::NotConnected)
        );
    }
}

#[test]
fn pieces_need_not_be_put_together() {
    let (_, mut client, mut peer) = pair();
    assert_eq!(client.send_parts(["head ", "", "body\n"]), Ok(10));
    assert_eq!(peer.line().expect("it came").as_deref(), Some("head body"));
    // Those without bytes are no reason to write none.
    let mut slices = vec![IoSlice::new(b""); 100];
    slices.extend([IoSlice::new(b"one "), IoSlice::new(b"more\n")]);
    let mut left = &mut slices[..];
    while !left.is_empty() {
        let count = client.write_vectored(left).expect("it is read");
        assert!(count > 0);
        IoSlice::advance_slices(&mut left, count);
    }
    assert_eq!(peer.line().expect("it came").as_deref(), Some("one more"));
    let begun = client.handle().statistics.since;
    client.set_deadline(begun);
    let failed = client.send_parts(["late"]).expect_err("the deadline is over");
    assert!(failed.error.is_timeout() && failed.sent == 0);
}

#[test]
fn a_listener_and_its_duplicate() {
    let net = Net::from(Sim::new());
    let listener = net.listen("127.0.0.1:0").expect("a free port");
    let at = listener.address().expect("it is bound");
    let mut other = net.listener(listener.duplicate().expect("descriptors"));
    let mut first = net.listener(listener.into_socket().expect("it is open"));
    for listener in [&mut first, &mut other] {
        let _client = net.connect_to(at, Limit::FOREVER).expect("somebody listens");
        listener.accept(Limit::after(SECOND)).expect("somebody connects");
    }
}

/// What a module calls so is its own affair.
mod tasks_among_other_names {
    #![allow(dead_code)]

    use moonsocket_core::OnShared;
    use moonsocket_core::ops::Receive;

    struct Option;
    struct Vec;
    mod std {}

    moonsocket_core::tasks! {
        enum Job<X> {
            Receive(OnShared<X, Receive>),
        }
    }
}
