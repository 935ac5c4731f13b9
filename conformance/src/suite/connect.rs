//! Connecting: refusals, several addresses, names, attempts that are still under way.

use moonsocket_core::ops::{Bind, Connect, HappyEyeballs};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use moonsocket_core::{
    Address, Backend, ErrorKind, Family, Handle, Kind, Limit, Opt, Patience, Pattern, Query, Value,
    drive,
};

use super::process::{in_child, limit_descriptors};
use super::stage::{
    SOON, about, accept, each_ip, listener, loopback, ms, receive, send, timed, within,
};

/// An address that nobody listens at.
fn nobody<B: Backend>(b: &B, family: i32) -> Address {
    let mut taken = Handle::open(b, Kind::stream(family)).expect("a socket");
    taken.bind(&loopback(family)).expect("a port");
    taken.local_address().expect("bound")
}

pub(crate) fn a_refusal_is_an_error<B: Backend>(b: &B) {
    each_ip(b, |family| {
        for patience in [within(SOON), Patience::default()] {
            let mut handle = Handle::unopened(b);
            let mut connect = Connect::new([nobody(b, family)], Kind::stream(family));
            let error = drive(b, &mut connect, &mut handle, patience).expect_err("nobody listens");
            assert!(error.is_refused(), "{error}");
        }
    });
}

pub(crate) fn the_next_address_is_tried<B: Backend>(b: &B) {
    each_ip(b, |family| {
        for patience in [within(SOON), Patience::default(), Limit::after(SOON / 20).into()] {
            let (mut listener, at) = listener(b, family);
            for dead in 1..=2 {
                let mut addresses: Vec<_> = (0..dead).map(|_| nobody(b, family)).collect();
                addresses.push(at);
                let mut near = Handle::unopened(b);
                near.remember_option(Opt::KeepAlive, Value::Flag(true)).expect("remembered");
                let mut connect = Connect::new(addresses, Kind::stream(libc::AF_UNSPEC));
                drive(b, &mut connect, &mut near, patience).expect("the last one listens");
                assert_eq!(near.option(Opt::KeepAlive), Ok(Value::Flag(true)));
                let mut far = accept(b, &mut listener);
                send(b, &mut near, "x\n");
                assert_eq!(receive(b, &mut far, Pattern::LINE), Ok(b"x".to_vec()));
            }
        }
    });
}

/// Programs try again and again until a server is there: each try is one of its own.
pub(crate) fn a_refused_connect_can_be_repeated<B: Backend>(b: &B) {
    each_ip(b, |family| {
        for patience in [within(SOON), Patience::default()] {
            let mut handle = Handle::unopened(b);
            for _ in 0..3 {
                let mut connect = Connect::new([nobody(b, family)], Kind::stream(family));
                let error = drive(b, &mut connect, &mut handle, patience).expect_err("refused");
                assert!(error.is_refused(), "{error}");
            }
            let (_listener, at) = listener(b, family);
            let mut connect = Connect::new([at], Kind::stream(family));
            drive(b, &mut connect, &mut handle, patience).expect("now somebody listens");
        }
    });
}

pub(crate) fn families_are_mixed<B: Backend>(b: &B) {
    each_ip(b, |family| {
        let other = if family == libc::AF_INET { libc::AF_INET6 } else { libc::AF_INET };
        for patience in [within(SOON), Patience::default()] {
            let (mut listener, at) = listener(b, family);
            // Where there is no such family, that is one more error to pass over.
            let refusing = match Address::any(other, 9).expect("an IP family") {
                Address::Inet(mut inet) => {
                    inet.set_ip(loopback(other).ip().expect("an IP address"));
                    inet.set_port(1);
                    Address::Inet(inet)
                }
                other => other,
            };
            let mut near = Handle::unopened(b);
            let mut connect = Connect::new([refusing, at], Kind::stream(libc::AF_UNSPEC));
            drive(b, &mut connect, &mut near, patience).expect("the second listens");
            assert_eq!(near.family(), family);
            accept(b, &mut listener);
        }
    });
}

pub(crate) fn only_the_first_where_asked<B: Backend>(b: &B) {
    let (_listener, at) = listener(b, libc::AF_INET);
    let mut handle = Handle::unopened(b);
    let addresses = [nobody(b, libc::AF_INET), at];
    let mut connect = Connect::new(addresses, Kind::stream(libc::AF_INET)).first_only(true);
    let error = drive(b, &mut connect, &mut handle, within(SOON)).expect_err("refused");
    assert!(error.is_refused());
    let mut none = Connect::new([], Kind::stream(libc::AF_INET));
    let error = drive(b, &mut none, &mut handle, within(SOON)).expect_err("no address");
    assert!(matches!(error.kind(), ErrorKind::Invalid(_)));
}

/// Addresses that never answer are passed over after the delay; those that refuse, at once.
pub(crate) fn the_first_that_answers_wins<B: Backend>(b: &B) {
    let (silent, _full) = full_listener(b);
    let (mut listener, at) = listener(b, libc::AF_INET);
    let kind = Kind::stream(libc::AF_UNSPEC);
    let delay = ms(60);
    let mut race = |addresses: &[Address]| {
        let mut near = Handle::unopened(b);
        near.remember_option(Opt::KeepAlive, Value::Flag(true)).expect("remembered");
        let mut race = HappyEyeballs::new(addresses.to_vec(), kind).delay(delay);
        let (out, took) = timed(b, || drive(b, &mut race, &mut near, within(SOON)));
        out.expect("the last one listens");
        assert_eq!(near.option(Opt::KeepAlive), Ok(Value::Flag(true)));
        let mut far = accept(b, &mut listener);
        send(b, &mut near, "x\n");
        assert_eq!(receive(b, &mut far, Pattern::LINE), Ok(b"x".to_vec()));
        took
    };
    about(race(&[silent, at]), delay);
    about(race(&[silent, nobody(b, libc::AF_INET), silent, at]), delay * 2);
    assert!(race(&[nobody(b, libc::AF_INET), at]) < delay);
}

/// And where nobody answers, the limit holds, or the error is the last one's.
pub(crate) fn a_race_that_nobody_wins<B: Backend>(b: &B) {
    let (silent, _full) = full_listener(b);
    let run = |addresses: &[Address], limit| {
        let kind = Kind::stream(libc::AF_UNSPEC);
        let mut near = Handle::unopened(b);
        let mut race = HappyEyeballs::new(addresses.to_vec(), kind).delay(ms(20));
        let (out, took) = timed(b, || drive(b, &mut race, &mut near, limit));
        assert!(!near.is_open());
        (out.expect_err("nobody answers"), took)
    };
    let (error, took) = run(&[silent, silent, silent], within(ms(150)));
    assert_eq!(error.kind(), ErrorKind::Timeout);
    about(took, ms(150));
    let refusing = [nobody(b, libc::AF_INET), nobody(b, libc::AF_INET)];
    let (error, _) = run(&refusing, Patience::default());
    assert!(error.is_refused(), "{error}");
    let (error, _) = run(&[], within(SOON));
    assert!(matches!(error.kind(), ErrorKind::Invalid(_)));
}

/// In the second driver, beside others; and it leaves no descriptor behind.
pub(crate) fn a_parked_race<B: Backend>(b: &B) {
    use moonsocket_core::{Bound, Need, Parking};
    let (silent, _full) = full_listener(b);
    let (mut listener, at) = listener(b, libc::AF_INET);
    let mut parking = Parking::default();
    for _ in 0..4 {
        let race = HappyEyeballs::new([silent, at], Kind::stream(libc::AF_UNSPEC)).delay(ms(40));
        let near = Rc::new(RefCell::new(Handle::unopened(b)));
        parking.park(b, Bound::new(race, near), Need::Pause(Duration::ZERO), within(SOON));
    }
    let start = b.now();
    while !parking.is_empty() {
        parking.wait(b, None).expect("a wait");
        while let Some((_, mut race)) = parking.next(b) {
            race.take().expect("finished").expect("the second listens");
            let far = accept(b, &mut listener);
            let near = race.access().borrow();
            assert_eq!(far.peer_address(), near.local_address());
        }
    }
    about(b.now() - start, ms(40));
}

/// A listener that has no room for anybody: who connects waits.
fn full_listener<B: Backend>(b: &B) -> (Address, (Handle<B>, Vec<Handle<B>>)) {
    let mut full = Handle::open(b, Kind::stream(libc::AF_INET)).expect("a socket");
    full.bind(&loopback(libc::AF_INET)).expect("a free port");
    full.listen(0).expect("listening");
    let at = full.local_address().expect("bound");
    let mut waiting = Vec::new();
    loop {
        assert!(waiting.len() < 8, "the queue is never full");
        let mut handle = Handle::unopened(b);
        let mut connect = Connect::new([at], Kind::stream(libc::AF_INET));
        if drive(b, &mut connect, &mut handle, within(ms(30))).is_err() {
            return (at, (full, waiting));
        }
        waiting.push(handle);
    }
}

pub(crate) fn a_limit_of_zero_goes_on_later<B: Backend>(b: &B) {
    each_ip(b, |family| {
        let (mut listener, at) = listener(b, family);
        let mut near = Handle::unopened(b);
        let kind = Kind::stream(family);
        let first = drive(b, &mut Connect::new([at], kind), &mut near, Limit::ZERO.into());
        assert!(first.is_ok() || first.is_err_and(|error| error.kind() == ErrorKind::Timeout));
        let second = drive(b, &mut Connect::new([at], kind), &mut near, within(SOON));
        let known = Err(ErrorKind::Os(libc::EISCONN));
        assert!([Ok(()), known].contains(&second.map(drop).map_err(|error| error.kind())));
        let mut far = accept(b, &mut listener);
        send(b, &mut near, "x\n");
        assert_eq!(receive(b, &mut far, Pattern::LINE), Ok(b"x".to_vec()));
    });
}

pub(crate) fn a_name_is_connected_to<B: Backend>(b: &B) {
    let (mut listener, at) = listener(b, libc::AF_INET);
    let port = at.port().expect("an IP address").to_string();
    for limit in [Limit::FOREVER, Limit::after(SOON)] {
        let mut near = Handle::unopened(b);
        let query =
            Query { family: Family::V4, ..Query::new("localhost", &port, libc::SOCK_STREAM) };
        let mut connect = Connect::resolve(query, Kind::stream(libc::AF_UNSPEC));
        drive(b, &mut connect, &mut near, limit.into()).expect("the loopback has a name");
        let far = accept(b, &mut listener);
        assert_eq!(far.peer_address(), near.local_address());
    }
}

pub(crate) fn a_local_address_comes_first<B: Backend>(b: &B) {
    let (mut listener, at) = listener(b, libc::AF_INET);
    let kind = Kind::stream(libc::AF_INET);
    let to_there = || Connect::new([at], kind);

    let own = nobody(b, libc::AF_INET);
    let mut near = Handle::unopened(b);
    let mut connect = to_there().bound_to(Bind::new([own], kind));
    drive(b, &mut connect, &mut near, within(SOON)).expect("a free address");
    assert_eq!(near.local_address(), Ok(own));
    assert_eq!(accept(b, &mut listener).peer_address(), Ok(own));

    // An address of another family would be reached from elsewhere.
    let other = super::unix::fresh_abstract();
    let own = nobody(b, libc::AF_INET);
    let mut third = Handle::unopened(b);
    let mut connect = Connect::new([other, at], kind).bound_to(Bind::new([own], kind));
    drive(b, &mut connect, &mut third, within(SOON)).expect("the other one is passed over");
    assert_eq!((third.local_address(), third.peer_address()), (Ok(own), Ok(at)));
    let own = nobody(b, libc::AF_INET);
    let mut connect = Connect::new([other], kind).bound_to(Bind::new([own], kind));
    let error =
        drive(b, &mut connect, &mut Handle::unopened(b), within(SOON)).expect_err("no other");
    assert_eq!(error.code(), Some(libc::EAFNOSUPPORT));

    // One that is in use: nothing is connected.
    let mut second = Handle::unopened(b);
    let mut connect = to_there().bound_to(Bind::new([at], kind));
    let error = drive(b, &mut connect, &mut second, within(SOON)).expect_err("it is in use");
    assert_eq!(error.code(), Some(libc::EADDRINUSE));
}

/// An attempt that waits as long as it likes is not for an operation that has a limit and a name to look up.
pub(crate) fn a_local_name_is_looked_up_within_the_limit<B: Backend>(b: &B) {
    use moonsocket_core::{Interest, Operation};
    let (mut listener, at) = listener(b, libc::AF_INET);
    let kind = Kind::stream(libc::AF_INET);
    let own = Query { family: Family::V4, ..Query::new("localhost", "0", libc::SOCK_STREAM) };
    let mut connect = Connect::new([at], kind).bound_to(Bind::resolve(own, kind));
    assert_eq!(Operation::<B>::interest(&connect), Interest::NONE);
    drive(b, &mut connect, &mut Handle::unopened(b), within(SOON)).expect("it has a loopback");
    accept(b, &mut listener);
}

/// Nothing reports that there is room, and polls for it end at once.
pub(crate) fn a_race_does_not_spin_at_a_full_listener<B: Backend>(b: &B) {
    let at = super::unix::fresh_abstract();
    let (_listener, _waiting) = super::unix::full_listener(b, &at);
    let mut race = HappyEyeballs::new([at], Kind::stream(libc::AF_UNIX));
    let raced = drive(b, &mut race, &mut Handle::unopened(b), within(SOON));
    assert_eq!(raced.map_err(|error| error.code()), Err(Some(libc::EAGAIN)));
}

/// A handle that somebody closed gets no new descriptor behind their back.
pub(crate) fn a_closed_handle_stays_closed<B: Backend>(b: &B) {
    use moonsocket_core::{Mode, Operation, Step};
    let name = super::unix::fresh_abstract();
    let mut listener = super::unix::full_listener(b, &name);
    let mut near = Handle::unopened(b);
    let mut connect = Connect::new([name], Kind::stream(libc::AF_UNIX));
    let paused = loop {
        match connect.step(b, &mut near, Mode::Now) {
            Step::Again => {}
            other => break other,
        }
    };
    assert!(matches!(paused, Step::Wait(_)), "{paused:?}");
    near.close();
    let after = drive(b, &mut connect, &mut near, within(SOON)).expect_err("closed");
    assert_eq!(after.kind(), ErrorKind::Closed);
    assert!(!near.is_open());
    listener.0.close();
}

/// Nor does a race revive one that was closed while it ran.
pub(crate) fn a_race_for_a_closed_handle<B: Backend>(b: &B) {
    use moonsocket_core::{Mode, Operation, Step};
    let (silent, _full) = full_listener(b);
    let (mut listener, at) = listener(b, libc::AF_INET);
    let mut near = Handle::open(b, Kind::stream(libc::AF_INET)).expect("a socket");
    let mut race = HappyEyeballs::new([silent, at], Kind::stream(libc::AF_UNSPEC)).delay(ms(10));
    assert!(matches!(race.step(b, &mut near, Mode::Now), Step::Wait(_)), "the first is silent");
    near.close();
    let after = drive(b, &mut race, &mut near, within(SOON)).expect_err("closed");
    assert_eq!(after.kind(), ErrorKind::Closed);
    assert!(!near.is_open());
    listener.close();
}

pub(crate) fn no_descriptors_left<B: Backend>(b: &B) {
    let (mut listener, at) = listener(b, libc::AF_INET);
    let waiting = super::stage::dial(b, at);
    let fine = in_child(|| {
        limit_descriptors(1);
        let full = [ErrorKind::Os(libc::EMFILE), ErrorKind::Os(libc::ENFILE)];
        let mut handle = Handle::unopened(b);
        let mut connect = Connect::new([at], Kind::stream(libc::AF_INET));
        let error = drive(b, &mut connect, &mut handle, within(SOON)).expect_err("no descriptors");
        let accepted = drive(b, &mut moonsocket_core::ops::Accept, &mut listener, within(SOON));
        let other = accepted.map(drop).expect_err("no descriptors");
        full.contains(&error.kind()) && full.contains(&other.kind()) && !handle.is_open()
    });
    assert!(fine);
    // The parent is as it was.
    accept(b, &mut listener);
    drop(waiting);
}
