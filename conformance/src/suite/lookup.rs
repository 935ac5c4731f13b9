//! Names: off the thread, within the limit, with the resolver's own error codes.

use moonsocket_core::ops::Lookup;
use moonsocket_core::{Backend, ErrorKind, Family, Limit, Need, Patience, Query, Stop, drive};

use super::process::{forbid_threads, in_child};
use super::stage::{Hopeless, SOON, ms, timed, within};

fn stream(host: &str, service: &str) -> Query {
    Query::new(host, service, libc::SOCK_STREAM)
}

pub(crate) fn a_name_and_its_addresses<B: Backend>(b: &B) {
    for limit in [Limit::FOREVER, Limit::after(SOON)] {
        let found = drive(b, &mut Lookup::new(stream("localhost", "80")), &mut (), limit.into());
        let found = found.expect("the loopback has a name");
        assert!(found.iter().all(|found| found.address.port() == Some(80)));
        assert!(found.iter().all(|found| found.address.ip().is_some_and(|ip| ip.is_loopback())));
    }
}

pub(crate) fn numbers_ask_nobody<B: Backend>(b: &B) {
    for host in ["127.0.0.1", "::1", "127.1"] {
        // Answered at once, so that even no time is enough.
        let found = drive(b, &mut Lookup::new(stream(host, "7")), &mut (), Limit::ZERO.into());
        assert_eq!(found.expect("a number").len(), 1);
    }
}

/// The resolver takes them modulo 65536.
pub(crate) fn ports_past_65535_do_not_wrap<B: Backend>(b: &B) {
    for (host, service) in [
        ("127.0.0.1", "65536"),
        ("127.0.0.1", " 65616"),
        ("127.0.0.1", "+65616"),
        ("localhost", "99999"),
        ("::1", "4294967376"),
    ] {
        let any_type = Query { socktype: 0, ..stream(host, service) };
        for query in [stream(host, service), any_type] {
            let found = drive(b, &mut Lookup::new(query), &mut (), within(SOON)).map(drop);
            let error = found.expect_err(service);
            assert_eq!(error.kind(), ErrorKind::Resolve(libc::EAI_SERVICE), "{host}:{service}");
        }
    }
}

/// Names that glibc refuses without asking anyone.
pub(crate) fn names_that_cannot_be<B: Backend>(b: &B) {
    for host in ["no such host", "a..b", "nul\0inside", ""] {
        let (found, took) =
            timed(b, || drive(b, &mut Lookup::new(stream(host, "80")), &mut (), within(SOON)));
        let kind = found.map(drop).expect_err(host).kind();
        assert!(matches!(kind, ErrorKind::Resolve(_)), "{host}: {kind:?}");
        assert!(took < SOON / 2, "{host}: {took:?}");
    }
    let query = Query { family: Family::V6, ..stream("127.0.0.1", "80") };
    let kind = drive(b, &mut Lookup::new(query), &mut (), within(SOON)).map(drop);
    assert!(matches!(kind.expect_err("another family").kind(), ErrorKind::Resolve(_)));
}

pub(crate) fn a_question_can_be_asked_again<B: Backend>(b: &B) {
    let mut lookup = Lookup::new(stream("no such host", "80"));
    for _ in 0..2 {
        let kind = drive(b, &mut lookup, &mut (), within(SOON)).map(drop).expect_err("none").kind();
        assert!(matches!(kind, ErrorKind::Resolve(_)), "{kind:?}");
    }
}

pub(crate) fn no_time_for_a_name<B: Backend>(b: &B) {
    for _ in 0..50 {
        let lookup = &mut Lookup::new(stream("localhost", "80"));
        let (found, took) = timed(b, || drive(b, lookup, &mut (), Limit::ZERO.into()));
        // The helper may have been faster than the question whether it was.
        assert!(found.is_ok() || found.is_err_and(|e| e.kind() == ErrorKind::Timeout));
        assert!(took < SOON / 2);
    }
    // The late answers disturb nothing that comes after.
    let sleep = &mut moonsocket_core::ops::Sleep::new(ms(30));
    let (slept, took) = timed(b, || drive(b, sleep, &mut (), Limit::FOREVER.into()));
    assert_eq!(slept, Ok(()));
    super::stage::about(took, ms(30));
    let found = drive(b, &mut Lookup::new(stream("localhost", "80")), &mut (), within(SOON));
    assert!(found.is_ok());
}

/// As a lookup of a name that no resolver ever answers for.
pub(crate) fn one_wait_for_an_answer_has_its_limit<B: Backend>(b: &B) {
    let patience = Patience { each: Limit::after(ms(20)), ..within(SOON) };
    let mut unanswered = Hopeless { need: Need::Wake, watches: vec![] };
    let (why, took) = timed(b, || drive(b, &mut unanswered, &mut (), patience));
    assert_eq!(why, Stop::Timeout);
    assert!(took >= ms(20) && took < SOON / 2, "{took:?}");
}

/// As in a container that admits no more of them.
pub(crate) fn a_name_without_threads<B: Backend>(b: &B) {
    assert!(in_child(|| {
        forbid_threads();
        let mut lookup = Lookup::new(stream("localhost", "80"));
        drive(b, &mut lookup, &mut (), within(SOON)).is_ok()
    }));
}
