//! The simulated backend: waiting by moving a virtual clock.

use std::io;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moonsocket_core::{
    Backend, Descriptor, Interest, Kind, Limit, Mode, Token, Transport, Wake, WakeCell, Watch,
};

use super::transport::{Shared, SimSocket, enter};
use super::world::{State, World, os_error};

/// A way of waiting without a kernel and without time: a virtual clock, and faults from a seed.
pub struct Sim {
    pub(crate) world: Shared,
    wake: WakeCell,
}

impl Sim {
    /// A world of its own, without faults. It becomes the world of the thread's descriptors.
    pub fn new() -> Self {
        Self::with_seed(0)
    }

    pub(crate) fn with_seed(seed: u64) -> Self {
        let world = Rc::new(std::cell::RefCell::new(World::new(seed, Instant::now())));
        enter(&world);
        Self { world, wake: WakeCell::default() }
    }
}

/// A world for a whole program: with faults, and all else, from the seed in `MOONSOCKET_SEED`; without one, without.
impl Default for Sim {
    fn default() -> Self {
        let seed = std::env::var("MOONSOCKET_SEED").ok().and_then(|seed| seed.parse().ok());
        let Some(seed) = seed else {
            return Self::new();
        };
        let sim = Self::with_seed(seed);
        sim.world.borrow_mut().go_wrong();
        sim
    }
}

/// A simulated socket in the simulated backend's care.
pub struct SimIo(SimSocket);

impl Deref for SimIo {
    type Target = SimSocket;
    fn deref(&self) -> &SimSocket {
        &self.0
    }
}

/// How a wait ended.
enum Ended<T> {
    Ready(T),
    TimeUp,
}

impl World {
    /// Sleeps until something happens or `until`, perhaps less: then with `EINTR`.
    pub(crate) fn sleep(&mut self, until: Option<Duration>) -> io::Result<()> {
        self.tick();
        let next = match (self.next_event(), until) {
            (Some(a), Some(b)) => a.min(b),
            (Some(a), None) | (None, Some(a)) => a,
            (None, None) => {
                panic!("nothing will ever happen: a wait without end at {:?}", self.now)
            }
        };
        let faults = self.faults;
        if next > self.now && self.rng.chance(faults.interrupted) {
            let gap = (next - self.now).as_nanos().min(1 << 40) as usize;
            let part = Duration::from_nanos(self.rng.below(gap) as u64);
            self.advance(self.now + part);
            return os_error(libc::EINTR);
        }
        self.advance(next.max(self.now));
        Ok(())
    }

    /// Waits until `look` finds something, `until`, or a signal.
    fn wait_for<T>(
        &mut self,
        until: Option<Duration>,
        mut look: impl FnMut(&mut Self) -> Option<T>,
    ) -> io::Result<Ended<T>> {
        self.advance(self.now);
        loop {
            self.tick();
            if let Some(found) = look(self) {
                let delayed = self.faults.delayed;
                if self.rng.chance(delayed) {
                    // Late, but never later than asked: then more may have come together.
                    let late = self.now + Duration::from_micros(self.rng.below(2000) as u64);
                    self.advance(until.map_or(late, |until| late.min(until.max(self.now))));
                    return Ok(Ended::Ready(look(self).unwrap_or(found)));
                }
                return Ok(Ended::Ready(found));
            }
            if until.is_some_and(|until| self.now >= until) {
                return Ok(Ended::TimeUp);
            }
            self.sleep(until)?;
        }
    }

    fn is_known(&self, descriptor: Descriptor) -> bool {
        descriptor == SIGNALS || self.find(descriptor).is_some()
    }

    fn is_ready(&self, descriptor: Descriptor, interest: Interest) -> Interest {
        if descriptor == SIGNALS {
            return if self.signalled { interest } else { Interest::NONE };
        }
        self.find(descriptor).map_or(interest, |id| self.readiness(id).and(interest))
    }
}

/// What signals make readable; no socket has this number.
const SIGNALS: Descriptor = 0;

impl Backend for Sim {
    const NAME: &'static str = "simulated";
    type Socket = SimSocket;
    type Io = SimIo;

    fn open(&self, kind: Kind, _mode: Mode) -> io::Result<SimIo> {
        let mut world = self.world.borrow_mut();
        if !matches!(kind.family, libc::AF_INET | libc::AF_INET6 | libc::AF_UNIX) {
            return os_error(libc::EAFNOSUPPORT);
        }
        let state = if kind.socktype == libc::SOCK_DGRAM { State::Datagram } else { State::Idle };
        let node = world.make(kind.family, state);
        if state == State::Datagram {
            world.nodes[node].backlog = 16;
        }
        let descriptor = world.install(node);
        Ok(SimIo(SimSocket::new(&self.world, descriptor)))
    }

    fn adopt(&self, socket: SimSocket) -> SimIo {
        SimIo(socket)
    }

    fn release(&self, io: SimIo) -> SimSocket {
        io.0.receive_limit.set(None);
        io.0.send_limit.set(None);
        self.world.borrow_mut().armed.retain(|(armed, ..)| *armed != io.0.descriptor());
        io.0
    }

    fn now(&self) -> Instant {
        self.world.borrow().instant()
    }

    fn mode(&self, io: Option<&SimIo>, interest: Interest, limit: Limit, first: bool) -> Mode {
        let mut world = self.world.borrow_mut();
        let faults = world.faults;
        let time = limit.duration();
        let may_wait = time.is_none_or(|time| first && time >= Duration::from_millis(2));
        let Some(io) = io else {
            return if faults.kernel_waits && may_wait { Mode::Wait } else { Mode::Now };
        };
        if faults.skips
            && interest == Interest::READ
            && world.is_ready(io.descriptor(), interest).is_none()
            && world.rng.chance(700)
        {
            return Mode::Skip;
        }
        if !faults.kernel_waits || !may_wait {
            return Mode::Now;
        }
        let armed = if interest == Interest::READ { &io.receive_limit } else { &io.send_limit };
        armed.set(time.map(|time| time - time / 8));
        Mode::Wait
    }

    fn wait(&self, io: &SimIo, interest: Interest, until: Option<Instant>) -> io::Result<Interest> {
        let descriptor = io.descriptor();
        let mut world = self.world.borrow_mut();
        let spurious = world.faults.spurious;
        if world.rng.chance(spurious) {
            world.tick();
            return Ok(interest);
        }
        let until = until.map(|until| world.since_start(until));
        let ended = world.wait_for(until, |world| {
            let ready = world.is_ready(descriptor, interest);
            (!ready.is_none()).then_some(ready)
        })?;
        Ok(match ended {
            Ended::Ready(ready) => ready,
            Ended::TimeUp => Interest::NONE,
        })
    }

    fn wait_many(
        &self,
        watch: &mut [Watch],
        until: Option<Instant>,
        _wake: bool,
    ) -> io::Result<usize> {
        let mut world = self.world.borrow_mut();
        let until = until.map(|until| world.since_start(until));
        let ended = world.wait_for(until, |world| {
            let mut count = 0;
            for watch in watch.iter_mut() {
                watch.invalid = watch.descriptor >= 0 && !world.is_known(watch.descriptor);
                watch.ready = if watch.descriptor < 0 || watch.interest.is_none() {
                    Interest::NONE
                } else {
                    world.is_ready(watch.descriptor, watch.interest)
                };
                count += usize::from(watch.invalid || !watch.ready.is_none());
            }
            (count > 0).then_some(count)
        })?;
        Ok(match ended {
            Ended::Ready(count) => count,
            Ended::TimeUp => 0,
        })
    }

    fn take_signal(&self) -> Option<i32> {
        std::mem::take(&mut self.world.borrow_mut().signalled).then_some(libc::SIGUSR1)
    }

    fn signal_descriptor(&self) -> Descriptor {
        SIGNALS
    }

    fn look(&self, watch: &mut [Watch]) -> io::Result<usize> {
        self.wait_many(watch, Some(self.now()), false)
    }

    fn waker(&self) -> io::Result<Arc<Wake>> {
        self.wake.get()
    }

    fn arm(&self, descriptor: Descriptor, interest: Interest, token: Token) -> io::Result<()> {
        let mut world = self.world.borrow_mut();
        world.tick();
        if !world.is_known(descriptor) {
            return os_error(libc::EBADF);
        }
        let crowded = world.faults.crowded;
        if world.rng.chance(crowded) {
            return os_error(libc::ENOSPC);
        }
        let known = world.armed.iter_mut().find(|(d, _, t)| (*d, *t) == (descriptor, token));
        match known {
            Some((_, armed, _)) => *armed |= interest,
            None => world.armed.push((descriptor, interest, token)),
        }
        Ok(())
    }

    fn disarm(&self, descriptor: Descriptor, token: Token) {
        self.world.borrow_mut().armed.retain(|(d, _, t)| (*d, *t) != (descriptor, token));
    }

    fn turn(&self, until: Option<Instant>, ready: &mut Vec<Token>) -> io::Result<()> {
        let mut world = self.world.borrow_mut();
        let crowded = world.faults.crowded;
        if world.rng.chance(crowded) {
            return os_error(libc::EMFILE);
        }
        let until = until.map(|until| world.since_start(until));
        world.wait_for(until, |world| {
            let before = ready.len();
            let spurious = world.faults.spurious;
            let mut armed = std::mem::take(&mut world.armed);
            armed.retain(|(descriptor, interest, token)| {
                let fires =
                    !world.is_ready(*descriptor, *interest).is_none() || world.rng.chance(spurious);
                if fires {
                    ready.push(*token);
                }
                !fires
            });
            world.armed = armed;
            (ready.len() > before).then_some(())
        })?;
        Ok(())
    }
}
