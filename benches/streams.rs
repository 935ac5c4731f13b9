//! What a stream costs on a backend, against the standard library: for `cargo bench -p moonsocket-blocking` and
//! `-p moonsocket-mio`. Both ends are in one thread, so nothing ever has to wait and the scheduler has no say.

use std::hint::black_box;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use criterion::{Criterion, Throughput};
use moonsocket_core::ops::{Receive, Send};
use moonsocket_core::os::Socket;
use moonsocket_core::{Backend, Flags, Handle, Limit, Mode, Pattern, Transport, drive};

/// Lines that fit into a socket's buffer together.
const LINES: usize = 64;

/// Everything, on one backend.
pub(crate) fn all<B: Backend<Socket = Socket>>(criterion: &mut Criterion, backend: &B) {
    lines(criterion, backend, 20);
    lines(criterion, backend, 80);
    lines(criterion, backend, 1000);
    counted(criterion, backend);
    send(criterion, backend, 64);
    send(criterion, backend, 64 * 1024);
    ping(criterion, backend);
    block(criterion, backend);
}

fn pair<B: Backend<Socket = Socket>>(backend: &B) -> (Handle<B>, UnixStream) {
    let (ours, theirs) = UnixStream::pair().expect("descriptors");
    let socket = Socket::from(OwnedFd::from(ours));
    (Handle::adopt(backend, socket, 0), theirs)
}

fn receive<B: Backend<Socket = Socket>>(
    backend: &B,
    handle: &mut Handle<B>,
    pattern: Pattern,
) -> usize {
    let received = drive(backend, &mut Receive::new(pattern), handle, Limit::FOREVER.into());
    let received = received.expect("what was sent");
    let len = received.bytes(handle).len();
    handle.buffer.settle();
    len
}

fn lines<B: Backend<Socket = Socket>>(criterion: &mut Criterion, backend: &B, len: usize) {
    let mut group = criterion.benchmark_group(format!("lines of {len}"));
    group.throughput(Throughput::Elements(LINES as u64));
    let text = [vec![b'x'; len - 2], b"\r\n".to_vec()].concat().repeat(LINES);
    let (mut handle, mut peer) = pair(backend);
    group.bench_function(B::NAME, |bench| {
        bench.iter(|| {
            peer.write_all(&text).expect("room");
            (0..LINES).map(|_| receive(backend, &mut handle, Pattern::TEXT_LINE)).sum::<usize>()
        });
    });
    let (ours, mut peer) = UnixStream::pair().expect("descriptors");
    let mut reader = BufReader::with_capacity(64 * 1024, ours);
    let mut line = Vec::new();
    group.bench_function("std BufReader", |bench| {
        bench.iter(|| {
            peer.write_all(&text).expect("room");
            for _ in 0..LINES {
                line.clear();
                reader.read_until(b'\n', &mut line).expect("a line");
                black_box(&line);
            }
        });
    });
    group.finish();
}

/// Blocks of 16 bytes, of which many fit into a buffer.
fn counted<B: Backend<Socket = Socket>>(criterion: &mut Criterion, backend: &B) {
    const SIZE: usize = 16;
    let mut group = criterion.benchmark_group("blocks of 16 bytes");
    group.throughput(Throughput::Elements(LINES as u64));
    let text = [b'x'; SIZE * LINES];
    let (mut handle, mut peer) = pair(backend);
    group.bench_function(B::NAME, |bench| {
        bench.iter(|| {
            peer.write_all(&text).expect("room");
            (0..LINES).map(|_| receive(backend, &mut handle, Pattern::Exact(SIZE))).sum::<usize>()
        });
    });
    let (ours, mut peer) = UnixStream::pair().expect("descriptors");
    let mut reader = BufReader::with_capacity(64 * 1024, ours);
    group.bench_function("std BufReader", |bench| {
        bench.iter(|| {
            peer.write_all(&text).expect("room");
            for _ in 0..LINES {
                let mut block = [0; SIZE];
                reader.read_exact(&mut block).expect("what was sent");
                black_box(block);
            }
        });
    });
    group.finish();
}

/// What is sent is taken out again, by the same calls for all.
fn send<B: Backend<Socket = Socket>>(criterion: &mut Criterion, backend: &B, size: usize) {
    let mut group = criterion.benchmark_group(format!("send {size} bytes"));
    group.throughput(Throughput::Bytes(size as u64));
    let bytes = vec![b'x'; size];
    let mut into = vec![0; size];
    let (mut handle, mut peer) = pair(backend);
    group.bench_function(B::NAME, |bench| {
        bench.iter(|| {
            let limit = Limit::FOREVER.into();
            let sent = drive(backend, &mut Send::all(&bytes[..]), &mut handle, limit);
            sent.expect("room");
            peer.read_exact(&mut into).expect("what was sent");
        });
    });
    let (mut ours, mut peer) = UnixStream::pair().expect("descriptors");
    group.bench_function("std", |bench| {
        bench.iter(|| {
            ours.write_all(&bytes).expect("room");
            peer.read_exact(&mut into).expect("what was sent");
        });
    });
    let (ours, mut peer) = UnixStream::pair().expect("descriptors");
    let raw = Socket::from(OwnedFd::from(ours));
    group.bench_function("send(2)", |bench| {
        bench.iter(|| {
            let sent = raw.send(&bytes, Flags::NONE, Mode::Wait);
            assert!(sent.is_ok_and(|sent| sent == size));
            peer.read_exact(&mut into).expect("what was sent");
        });
    });
    group.finish();
}

fn ping<B: Backend<Socket = Socket>>(criterion: &mut Criterion, backend: &B) {
    let mut group = criterion.benchmark_group("send and receive 64 bytes");
    let (mut handle, mut peer) = pair(backend);
    let mut bytes = [b'x'; 64];
    group.bench_function(B::NAME, |bench| {
        bench.iter(|| {
            let sent =
                drive(backend, &mut Send::all(&bytes[..]), &mut handle, Limit::FOREVER.into());
            sent.expect("room");
            let mut echo = [0; 64];
            peer.read_exact(&mut echo).expect("what was sent");
            peer.write_all(&echo).expect("room");
            receive(backend, &mut handle, Pattern::Exact(64))
        });
    });
    let (mut ours, mut peer) = UnixStream::pair().expect("descriptors");
    group.bench_function("std", |bench| {
        bench.iter(|| {
            ours.write_all(&bytes).expect("room");
            let mut echo = [0; 64];
            peer.read_exact(&mut echo).expect("what was sent");
            peer.write_all(&echo).expect("room");
            ours.read_exact(&mut bytes).expect("what was sent");
        });
    });
    group.finish();
}

fn block<B: Backend<Socket = Socket>>(criterion: &mut Criterion, backend: &B) {
    const SIZE: usize = 64 * 1024;
    let mut group = criterion.benchmark_group("a block of 64 KiB");
    group.throughput(Throughput::Bytes(SIZE as u64));
    let (mut handle, mut peer) = pair(backend);
    let bytes = vec![b'x'; SIZE];
    group.bench_function(B::NAME, |bench| {
        bench.iter(|| {
            peer.write_all(&bytes).expect("room");
            receive(backend, &mut handle, Pattern::Exact(SIZE))
        });
    });
    let (mut ours, mut peer) = UnixStream::pair().expect("descriptors");
    let mut into = vec![0; SIZE];
    group.bench_function("std", |bench| {
        bench.iter(|| {
            peer.write_all(&bytes).expect("room");
            ours.read_exact(&mut into).expect("what was sent");
        });
    });
    group.finish();
}
