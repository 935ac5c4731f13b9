//! What most cases need: connected pairs, short calls, and a watch on the time.

use std::time::Duration;

use moonsocket_core::ops::{Accept, Connect, Receive, Send};
use moonsocket_core::{
    Address, Backend, ErrorKind, Flags, Handle, Interest, Kind, Limit, Mode, Need, Operation,
    Patience, Pattern, Step, Stop, Watch, drive,
};

/// Long enough for anything that is not to be waited for.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// A receive's or send's outcome in plain values.
pub(crate) type Got = Result<Vec<u8>, (ErrorKind, Vec<u8>)>;

pub(crate) const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

pub(crate) fn within(time: Duration) -> Patience {
    Limit::after(time).into()
}

/// The loopback of a family, any port.
pub(crate) fn loopback(family: i32) -> Address {
    let text = if family == libc::AF_INET6 { "[::1]:0" } else { "127.0.0.1:0" };
    Address::Inet(text.parse().expect("a literal"))
}

/// Both IP families; IPv6 only where the machine has it.
pub(crate) fn each_ip<B: Backend>(b: &B, f: impl Fn(i32)) {
    f(libc::AF_INET);
    if has_v6(b) {
        f(libc::AF_INET6);
    }
}

/// Is there IPv6? In many containers there is none.
pub(crate) fn has_v6<B: Backend>(b: &B) -> bool {
    let socket = Handle::open(b, Kind::stream(libc::AF_INET6));
    socket.is_ok_and(|mut socket| socket.bind(&loopback(libc::AF_INET6)).is_ok())
}

pub(crate) fn listener<B: Backend>(b: &B, family: i32) -> (Handle<B>, Address) {
    let mut listener = Handle::open(b, Kind::stream(family)).expect("a socket");
    listener.bind(&loopback(family)).expect("a free port");
    listener.listen(16).expect("listening");
    let at = listener.local_address().expect("bound");
    (listener, at)
}

pub(crate) fn dial<B: Backend>(b: &B, to: Address) -> Handle<B> {
    let mut handle = Handle::unopened(b);
    let mut connect = Connect::new([to], Kind::stream(to.family()));
    drive(b, &mut connect, &mut handle, within(SOON)).expect("somebody listens");
    handle
}

pub(crate) fn accept<B: Backend>(b: &B, listener: &mut Handle<B>) -> Handle<B> {
    drive(b, &mut Accept, listener, within(SOON)).expect("somebody connects").0
}

/// A connection: the side that connected, and the one that accepted.
pub(crate) fn pair<B: Backend>(b: &B, family: i32) -> (Handle<B>, Handle<B>) {
    let (mut listener, at) = listener(b, family);
    let near = dial(b, at);
    let far = accept(b, &mut listener);
    (near, far)
}

/// Both families, and both roles: what is true of one end is true of the other.
pub(crate) fn each<B: Backend>(b: &B, f: impl Fn(&mut Handle<B>, &mut Handle<B>)) {
    each_ip(b, |family| {
        let (mut near, mut far) = pair(b, family);
        f(&mut near, &mut far);
        let (mut near, mut far) = pair(b, family);
        f(&mut far, &mut near);
    });
}

pub(crate) fn receive_by<B: Backend>(
    b: &B,
    handle: &mut Handle<B>,
    mut receive: Receive,
    patience: Patience,
) -> Got {
    match drive(b, &mut receive, handle, patience) {
        Ok(received) => Ok(received.into_vec(handle)),
        Err(short) => Err((short.error.kind(), short.partial.into_vec(handle))),
    }
}

/// Receives within a generous limit.
pub(crate) fn receive<B: Backend>(b: &B, handle: &mut Handle<B>, pattern: Pattern) -> Got {
    receive_by(b, handle, Receive::new(pattern), within(SOON))
}

pub(crate) fn look<B: Backend>(b: &B, handle: &mut Handle<B>, pattern: Pattern) -> Got {
    receive_by(b, handle, Receive::new(pattern).flags(Flags::PEEK), within(SOON))
}

/// Sends all of it within a generous limit.
pub(crate) fn send<B: Backend>(b: &B, handle: &mut Handle<B>, data: impl AsRef<[u8]>) {
    let len = data.as_ref().len();
    let sent = drive(b, &mut Send::all(data), handle, within(SOON));
    assert_eq!(sent, Ok(len));
}

/// What `f` gives, and how long it takes on the backend's clock.
pub(crate) fn timed<B: Backend, T>(b: &B, f: impl FnOnce() -> T) -> (T, Duration) {
    let start = b.now();
    let out = f();
    (out, b.now() - start)
}

/// Never early; late only as a busy machine makes it.
#[track_caller]
pub(crate) fn about(took: Duration, wanted: Duration) {
    assert!(took >= wanted, "early: {took:?} of {wanted:?}");
    let latest = wanted + wanted / 4 + Duration::from_millis(300);
    assert!(took <= latest, "late: {took:?} of {wanted:?}");
}

/// An operation that gets nowhere, whatever its waits find.
pub(crate) struct Hopeless {
    pub(crate) need: Need,
    pub(crate) watches: Vec<Watch>,
}

impl<B: Backend> Operation<B> for Hopeless {
    type On = ();
    type Out = Stop;

    fn interest(&self) -> Interest {
        Interest::NONE
    }

    fn step(&mut self, _: &B, (): &mut (), _: Mode) -> Step<Stop> {
        Step::Wait(self.need)
    }

    fn stop(&mut self, (): &mut (), why: Stop) -> Stop {
        why
    }

    fn watches(&mut self) -> &mut [Watch] {
        &mut self.watches
    }
}
