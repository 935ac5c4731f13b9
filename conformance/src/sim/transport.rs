//! A simulated socket: the [`Transport`] of the simulated backend.

use std::cell::{Cell, RefCell};
use std::io::{self, IoSlice};
use std::rc::Rc;
use std::time::Duration;

use moonsocket_core::{
    Address, Descriptor, Flags, How, Interest, Mode, Opt, OptionKind, Transport, Value,
};

use super::world::{NodeId, State, World, os_error};

pub(crate) type Shared = Rc<RefCell<World>>;

thread_local! {
    /// The world that descriptors of this thread belong to, for `from_descriptor`.
    static WORLD: RefCell<Option<Shared>> = const { RefCell::new(None) };
}

pub(crate) fn enter(world: &Shared) {
    WORLD.with(|cell| *cell.borrow_mut() = Some(Rc::clone(world)));
}

/// A socket of the simulated world; closed on drop.
pub struct SimSocket {
    pub(crate) world: Shared,
    descriptor: Descriptor,
    /// The kernel's limits of receives and sends.
    pub(crate) receive_limit: Cell<Option<Duration>>,
    pub(crate) send_limit: Cell<Option<Duration>>,
}

impl SimSocket {
    pub(crate) fn new(world: &Shared, descriptor: Descriptor) -> Self {
        Self {
            world: Rc::clone(world),
            descriptor,
            receive_limit: Cell::new(None),
            send_limit: Cell::new(None),
        }
    }

    pub(crate) fn node(&self) -> io::Result<NodeId> {
        let found = self.world.borrow().find(self.descriptor);
        found.ok_or_else(|| io::Error::from_raw_os_error(libc::EBADF))
    }

    /// Repeats an attempt in the "kernel" until it need not wait, its limit ends, or a signal comes.
    fn attempt<T>(
        &self,
        interest: Interest,
        mode: Mode,
        mut call: impl FnMut(&mut World, NodeId) -> io::Result<T>,
    ) -> io::Result<T> {
        assert_ne!(mode, Mode::Skip, "a skipped attempt was made");
        let id = self.node()?;
        let mut world = self.world.borrow_mut();
        world.trouble()?;
        let limit = if interest == Interest::READ { &self.receive_limit } else { &self.send_limit };
        let until = limit.get().map(|time| world.now + time);
        loop {
            match call(&mut world, id) {
                Err(error) if error.raw_os_error() == Some(libc::EAGAIN) && mode == Mode::Wait => {
                    if until.is_some_and(|until| world.now >= until) {
                        return Err(error);
                    }
                    world.sleep(until)?;
                }
                other => return other,
            }
        }
    }
}

impl Drop for SimSocket {
    fn drop(&mut self) {
        // A world that is being taken down closes nothing any more.
        let Ok(mut world) = self.world.try_borrow_mut() else { return };
        if let Some(id) = world.remove(self.descriptor) {
            let linger = world.nodes[id].options.iter().any(|(option, value)| {
                *option == Opt::Linger && *value == Value::Linger(Some(Duration::ZERO))
            });
            world.close(id, linger);
        }
    }
}

impl Transport for SimSocket {
    fn descriptor(&self) -> Descriptor {
        self.descriptor
    }

    fn duplicate(&self) -> io::Result<Self> {
        let node = self.node()?;
        let descriptor = self.world.borrow_mut().install(node);
        Ok(Self::new(&self.world, descriptor))
    }

    fn recv(&self, into: &mut [u8], flags: Flags, mode: Mode) -> io::Result<usize> {
        let mut got = Vec::with_capacity(into.len());
        let count = self.recv_append(&mut got, into.len(), flags, mode)?;
        into[..count].copy_from_slice(&got);
        Ok(count)
    }

    fn recv_append(
        &self,
        into: &mut Vec<u8>,
        most: usize,
        flags: Flags,
        mode: Mode,
    ) -> io::Result<usize> {
        if flags.contains(Flags::OUT_OF_BAND) {
            return os_error(libc::EINVAL);
        }
        let most = most.min(into.capacity() - into.len());
        let before = into.capacity();
        let peek = flags.contains(Flags::PEEK);
        let count = self.attempt(Interest::READ, mode, |world, id| {
            world.receive(id, most, peek, |bytes| into.extend_from_slice(bytes))
        })?;
        assert_eq!(into.capacity(), before, "a transport never grows the vector");
        Ok(count)
    }

    fn recv_from(
        &self,
        into: &mut Vec<u8>,
        most: usize,
        _flags: Flags,
        mode: Mode,
    ) -> io::Result<(usize, Address)> {
        let most = most.min(into.capacity() - into.len());
        self.attempt(Interest::READ, mode, |world, id| {
            world.receive_mail(id, most, |bytes| into.extend_from_slice(bytes))
        })
    }

    fn send(&self, data: &[u8], _flags: Flags, mode: Mode) -> io::Result<usize> {
        let mut sent = 0;
        let outcome = self.attempt(Interest::WRITE, mode, |world, id| {
            loop {
                sent += world.send(id, &data[sent..])?;
                // A send that may wait goes on until all is taken, unless it is cut short.
                let short = world.faults.short;
                if mode != Mode::Wait || sent == data.len() || world.rng.chance(short) {
                    return Ok(());
                }
            }
        });
        // What was taken before the trouble counts.
        if sent > 0 { Ok(sent) } else { outcome.map(|()| 0) }
    }

    fn send_vectored(&self, data: &[IoSlice<'_>], flags: Flags, mode: Mode) -> io::Result<usize> {
        let whole: Vec<u8> = data.iter().flat_map(|part| part.iter().copied()).collect();
        self.send(&whole, flags, mode)
    }

    fn send_to(&self, data: &[u8], to: &Address, _flags: Flags, mode: Mode) -> io::Result<usize> {
        self.attempt(Interest::WRITE, mode, |world, id| world.send_mail(id, data, to))
    }

    fn accept(&self) -> io::Result<(Self, Address)> {
        let id = self.node()?;
        let mut world = self.world.borrow_mut();
        world.trouble()?;
        if world.nodes[id].state != State::Listening {
            return os_error(libc::EINVAL);
        }
        let Some(connection) = world.nodes[id].queue.pop_front() else {
            return os_error(libc::EAGAIN);
        };
        let descriptor = world.install(connection);
        let from = world.nodes[connection].remote;
        let from = from.unwrap_or_else(|| world.local(connection));
        drop(world);
        Ok((Self::new(&self.world, descriptor), from))
    }

    fn connect(&self, to: &Address, mode: Mode) -> io::Result<()> {
        let id = self.node()?;
        let mut world = self.world.borrow_mut();
        world.tick();
        let interrupted = world.faults.interrupted;
        let unix = to.family() == libc::AF_UNIX;
        if unix && mode == Mode::Wait && world.rng.chance(interrupted) {
            return os_error(libc::EINTR);
        }
        let until = self.send_limit.get().map(|time| world.now + time);
        loop {
            let error = match world.connect(id, to) {
                Err(error) if mode == Mode::Wait => error,
                other => return other,
            };
            let code = error.raw_os_error();
            let waits = matches!(code, Some(libc::EAGAIN | libc::EINPROGRESS | libc::EALREADY));
            if !waits {
                // The attempt before was what connected.
                return if code == Some(libc::EISCONN) { Ok(()) } else { Err(error) };
            }
            let over = if unix { libc::EAGAIN } else { libc::EINPROGRESS };
            if until.is_some_and(|until| world.now >= until) {
                return os_error(over);
            }
            world.sleep(until)?;
        }
    }

    fn disconnect(&self) -> io::Result<()> {
        let id = self.node()?;
        let node = &mut self.world.borrow_mut().nodes[id];
        node.remote = None;
        if node.state == State::Failed {
            node.state = State::Idle;
        }
        Ok(())
    }

    fn bind(&self, to: &Address) -> io::Result<()> {
        let id = self.node()?;
        let mut world = self.world.borrow_mut();
        if to.family() != world.nodes[id].family {
            return os_error(libc::EINVAL);
        }
        let taken =
            world.nodes.iter().any(|n| n.open && n.peer.is_none() && n.local.as_ref() == Some(to));
        if taken {
            return os_error(libc::EADDRINUSE);
        }
        let mut to = *to;
        if let Address::Inet(inet) = &mut to
            && inet.port() == 0
        {
            inet.set_port(world.free_port());
        }
        world.nodes[id].local = Some(to);
        Ok(())
    }

    fn listen(&self, backlog: i32) -> io::Result<()> {
        let id = self.node()?;
        let mut world = self.world.borrow_mut();
        world.nodes[id].state = State::Listening;
        world.nodes[id].backlog = usize::try_from(backlog).unwrap_or(0);
        Ok(())
    }

    fn shutdown(&self, how: How) -> io::Result<()> {
        let id = self.node()?;
        self.world.borrow_mut().shut(id, how)
    }

    fn local_address(&self) -> io::Result<Address> {
        let id = self.node()?;
        Ok(self.world.borrow().local(id))
    }

    fn peer_address(&self) -> io::Result<Address> {
        let id = self.node()?;
        let world = self.world.borrow();
        let node = &world.nodes[id];
        match (node.state, node.remote) {
            (State::Connected | State::Datagram, Some(remote)) if !node.broken => Ok(remote),
            _ => os_error(libc::ENOTCONN),
        }
    }

    fn option(&self, option: Opt) -> io::Result<Value> {
        let id = self.node()?;
        let mut world = self.world.borrow_mut();
        if option == Opt::Error {
            return Ok(Value::Error(world.nodes[id].error.take()));
        }
        let found = world.nodes[id].options.iter().find(|(known, _)| *known == option);
        match (found, option.kind()) {
            (Some((_, value)), _) => Ok(*value),
            (None, OptionKind::Flag) => Ok(Value::Flag(false)),
            (None, OptionKind::Int) => Ok(Value::Int(0)),
            (None, OptionKind::Linger) => Ok(Value::Linger(None)),
            (None, OptionKind::Time) => Ok(Value::Time(None)),
            _ => os_error(libc::ENOPROTOOPT),
        }
    }

    fn set_option(&self, option: Opt, value: Value) -> io::Result<()> {
        let id = self.node()?;
        let fits = matches!(
            (option.kind(), value),
            (OptionKind::Flag, Value::Flag(_))
                | (OptionKind::Int, Value::Int(_))
                | (OptionKind::Linger, Value::Linger(_))
                | (OptionKind::Time, Value::Time(_))
        );
        if !fits {
            return os_error(libc::EINVAL);
        }
        let mut world = self.world.borrow_mut();
        let options = &mut world.nodes[id].options;
        options.retain(|(known, _)| *known != option);
        options.push((option, value));
        Ok(())
    }

    fn bytes_readable(&self) -> io::Result<usize> {
        let id = self.node()?;
        Ok(self.world.borrow().nodes[id].inbox.len())
    }

    fn at_mark(&self) -> io::Result<bool> {
        self.node().map(|_| false)
    }

    fn into_descriptor(mut self) -> Descriptor {
        // Dropping a socket without a descriptor closes nothing.
        std::mem::replace(&mut self.descriptor, -1)
    }

    #[allow(unsafe_code, reason = "the trait has it so; here every number is safe")]
    unsafe fn from_descriptor(descriptor: Descriptor) -> Self {
        let world = WORLD.with(|cell| cell.borrow().clone());
        Self::new(&world.expect("a simulated backend was made on this thread"), descriptor)
    }
}
