//! What new connections and waits for many sockets cost on a backend, against the standard library and `poll(2)`. Part of
//! the same programs as `streams.rs`, and like there both ends are in one thread.

use std::cell::RefCell;
use std::hint::black_box;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::rc::Rc;

use criterion::{BenchmarkId, Criterion};
use moonsocket_core::ops::{Accept, ReceiveFrom};
use moonsocket_core::os::{Socket, poll};
use moonsocket_core::{Backend, Bound, Handle, Interest, Limit, Need, Parking, Watch, drive};

/// Everything, on one backend.
pub(crate) fn all<B: Backend<Socket = Socket>>(criterion: &mut Criterion, backend: &B) {
    accept(criterion, backend);
    wake_ups(criterion, backend);
}

/// A Unix listener: connections to it leave nothing behind that would use up ports.
fn accept<B: Backend<Socket = Socket>>(criterion: &mut Criterion, backend: &B) {
    let mut group = criterion.benchmark_group("connect, accept, close");
    let folder = std::env::temp_dir().join(format!("moonsocket-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (ours, theirs) = (folder.join("ours"), folder.join("theirs"));
    let listener = UnixListener::bind(&ours).expect("a path");
    let mut handle = Handle::adopt(backend, Socket::from(OwnedFd::from(listener)), 0);
    group.bench_function(B::NAME, |bench| {
        bench.iter(|| {
            let client = UnixStream::connect(&ours).expect("it listens");
            let accepted = drive(backend, &mut Accept, &mut handle, Limit::FOREVER.into());
            drop((client, accepted.expect("a connection")));
        });
    });
    let listener = UnixListener::bind(&theirs).expect("a path");
    group.bench_function("std", |bench| {
        bench.iter(|| {
            let client = UnixStream::connect(&theirs).expect("it listens");
            drop((client, listener.accept().expect("a connection")));
        });
    });
    group.finish();
    let _ = std::fs::remove_dir_all(folder);
}

/// One of many sockets gets something: what it takes to find out and receive it, and to wait again. On a reactor that
/// must not depend on how many there are.
fn wake_ups<B: Backend<Socket = Socket>>(criterion: &mut Criterion, backend: &B) {
    let mut group = criterion.benchmark_group("a wake-up among");
    for count in [10, 100, 1_000, 10_000] {
        // Not everyone may have so many descriptors.
        if let Some(sockets) = bound(count) {
            reactor(&mut group, backend, sockets);
        }
        if let Some(sockets) = bound(count) {
            polled(&mut group, &sockets);
        }
    }
    group.finish();
}

fn bound(count: usize) -> Option<Vec<UdpSocket>> {
    (0..count).map(|_| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok()).collect()
}

type Group<'c> = criterion::BenchmarkGroup<'c, criterion::measurement::WallTime>;

fn reactor<B: Backend<Socket = Socket>>(
    group: &mut Group<'_>,
    backend: &B,
    sockets: Vec<UdpSocket>,
) {
    let sender = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    let mut parking = Parking::default();
    let park = |parking: &mut Parking<_, _>, handle: &Rc<RefCell<Handle<B>>>| {
        let receive = Bound::new(ReceiveFrom::new(64), Rc::clone(handle));
        parking.park(backend, receive, Need::Io(Interest::READ), Limit::FOREVER.into());
    };
    let mut addresses: Vec<SocketAddr> = Vec::new();
    let mut handles = Vec::new();
    for socket in sockets {
        addresses.push(socket.local_addr().expect("bound"));
        let socket = Socket::from(OwnedFd::from(socket));
        let handle = Rc::new(RefCell::new(Handle::adopt(backend, socket, 0)));
        park(&mut parking, &handle);
        handles.push(handle);
    }
    let mut turn = 0;
    group.bench_function(BenchmarkId::new(B::NAME, handles.len()), |bench| {
        bench.iter(|| {
            // A prime step visits all of them.
            turn = (turn + 7919) % addresses.len();
            sender.send_to(b"x", addresses[turn]).expect("loopback");
            loop {
                parking.wait(backend, None).expect("a turn");
                let Some((_ticket, mut receive)) = parking.next(backend) else { continue };
                assert!(receive.take().is_some_and(|message| message.is_ok()));
                break;
            }
            park(&mut parking, &handles[turn]);
        });
    });
}

fn polled(group: &mut Group<'_>, sockets: &[UdpSocket]) {
    let sender = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    let addresses: Vec<SocketAddr> =
        sockets.iter().map(|socket| socket.local_addr().expect("bound")).collect();
    let mut watches: Vec<Watch> =
        sockets.iter().map(|socket| Watch::new(socket.as_raw_fd(), Interest::READ)).collect();
    let mut turn = 0;
    group.bench_function(BenchmarkId::new("poll(2)", sockets.len()), |bench| {
        bench.iter(|| {
            turn = (turn + 7919) % addresses.len();
            sender.send_to(b"x", addresses[turn]).expect("loopback");
            poll::wait(&mut watches, None, None).expect("a socket is ready");
            let at = watches.iter().position(|watch| !watch.ready.is_none()).expect("which one");
            let mut bytes = [0; 64];
            black_box(sockets[at].recv_from(&mut bytes).expect("what was sent"));
        });
    });
}
