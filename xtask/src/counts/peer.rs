//! The other end of the measured connections: threads of this process, so that only the other one is counted.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::operations::Service;

/// A listener and what it accepted.
pub(super) struct Peer {
    port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    stopping: AtomicBool,
    served: AtomicUsize,
}

impl Peer {
    /// Listens on a port of its own.
    pub(super) fn start(service: Service) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::spawn(move || serve(&listener, service, &of_thread));
        Ok(Peer { port, shared, thread: Some(thread) })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Waits until this many connections have been served with what they get at once.
    pub(super) fn has_served(&self, count: usize) -> bool {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.shared.served.load(Ordering::Acquire) < count {
            if Instant::now() > deadline {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        true
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::Release);
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(listener: &TcpListener, service: Service, shared: &Shared) {
    let mut held = Vec::new();
    for stream in listener.incoming() {
        if shared.stopping.load(Ordering::Acquire) {
            return;
        }
        let Ok(mut stream) = stream else { continue };
        let _ = stream.set_nodelay(true);
        match service {
            Service::Hold => held.push(stream),
            Service::Feed(text, times) => {
                let _ = stream.write_all(text.repeat(times).as_bytes());
                held.push(stream);
            }
            Service::Echo | Service::Sink => {
                drop(std::thread::spawn(move || answer(stream, service == Service::Echo)))
            }
        }
        shared.served.fetch_add(1, Ordering::Release);
    }
}

/// Longer than the measured process needs, under its tool, from sending to receiving: an answer that is there already
/// would spare it the waiting that is to be counted.
const ECHO_AFTER: Duration = Duration::from_millis(2);

/// Until the other end leaves.
fn answer(mut stream: TcpStream, echo: bool) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        if echo {
            std::thread::sleep(ECHO_AFTER);
        }
        if echo && stream.write_all(&buffer[..count]).is_err() {
            return;
        }
    }
}
