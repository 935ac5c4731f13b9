//! What the simulated system does with a socket: one attempt each, and readiness.

use std::io;

use moonsocket_core::{Address, How, Interest};

use super::world::{Item, NodeId, Plan, State, World, os_error};

impl World {
    /// Room for more bytes towards a node's peer.
    fn room(&self, id: NodeId) -> usize {
        let Some(peer) = self.nodes[id].peer.map(|peer| &self.nodes[peer]) else {
            return 0;
        };
        if !peer.open {
            return usize::MAX;
        }
        peer.capacity.saturating_sub(peer.inbox.len() + peer.on_the_way)
    }

    /// What a poll would say.
    pub(crate) fn readiness(&self, id: NodeId) -> Interest {
        let node = &self.nodes[id];
        let all = Interest::READ | Interest::WRITE | Interest::PRIORITY | Interest::HANGUP;
        if node.error.is_some() || node.broken {
            return all;
        }
        let mut ready = Interest::NONE;
        let (read, write) = match node.state {
            // The system says hang-up of a stream that is not connected.
            State::Idle | State::Failed => return all,
            State::Connecting => (false, false),
            State::Connected => (
                !node.inbox.is_empty() || node.ended || node.shut_read,
                node.shut_write || self.room(id) > 0,
            ),
            State::Listening => (!node.queue.is_empty(), false),
            State::Datagram => (!node.mail.is_empty(), true),
        };
        if read {
            ready |= Interest::READ;
        }
        if write {
            ready |= Interest::WRITE;
        }
        ready
    }

    /// Faults that any attempt may meet.
    pub(crate) fn trouble(&mut self) -> io::Result<()> {
        self.tick();
        let faults = self.faults;
        if self.rng.chance(faults.interrupted) {
            return os_error(libc::EINTR);
        }
        if self.rng.chance(faults.blocked) {
            return os_error(libc::EAGAIN);
        }
        Ok(())
    }

    fn shorten(&mut self, count: usize) -> usize {
        let short = self.faults.short;
        if count > 1 && self.rng.chance(short) { self.rng.within(1, count - 1) } else { count }
    }

    pub(crate) fn receive(
        &mut self,
        id: NodeId,
        most: usize,
        peek: bool,
        mut give: impl FnMut(&[u8]),
    ) -> io::Result<usize> {
        if self.nodes[id].state == State::Datagram {
            return self.receive_mail(id, most, give).map(|(count, _)| count);
        }
        if most == 0 {
            return Ok(0);
        }
        let available = self.nodes[id].inbox.len().min(most);
        let count = self.shorten(available);
        let node = &mut self.nodes[id];
        if node.shut_read && count == 0 {
            return Ok(0);
        }
        if count == 0 {
            if let Some(code) = node.error.take() {
                node.ended = true;
                return os_error(code);
            }
            return match node.state {
                _ if node.ended || node.broken => Ok(0),
                State::Connected | State::Connecting => os_error(libc::EAGAIN),
                _ => os_error(libc::ENOTCONN),
            };
        }
        let (head, tail) = node.inbox.as_slices();
        let first = head.len().min(count);
        give(&head[..first]);
        give(&tail[..count - first]);
        if !peek {
            node.inbox.drain(..count);
            node.read += count as u64;
            node.read_at = self.now;
            while node.arrivals.front().is_some_and(|(_, upto)| *upto <= node.read) {
                node.arrivals.pop_front();
            }
        }
        Ok(count)
    }

    pub(crate) fn receive_mail(
        &mut self,
        id: NodeId,
        most: usize,
        mut give: impl FnMut(&[u8]),
    ) -> io::Result<(usize, Address)> {
        match self.nodes[id].mail.pop_front() {
            Some((message, from)) => {
                let count = message.len().min(most);
                give(&message[..count]);
                Ok((count, from))
            }
            None => os_error(libc::EAGAIN),
        }
    }

    pub(crate) fn send(&mut self, id: NodeId, data: &[u8]) -> io::Result<usize> {
        let node = &mut self.nodes[id];
        if let Some(code) = node.error.take() {
            return os_error(code);
        }
        if node.broken || node.shut_write {
            return os_error(libc::EPIPE);
        }
        match node.state {
            State::Connected => {}
            State::Connecting => return os_error(libc::EAGAIN),
            State::Datagram => {
                let Some(to) = node.remote else {
                    return os_error(libc::EDESTADDRREQ);
                };
                return self.send_mail(id, data, &to);
            }
            _ => return os_error(libc::EPIPE),
        }
        if data.is_empty() {
            return Ok(0);
        }
        let room = self.room(id).min(data.len());
        if room == 0 {
            return os_error(libc::EAGAIN);
        }
        let count = self.shorten(room);
        let peer = self.nodes[id].peer.unwrap_or(id);
        self.nodes[id].sent += count as u64;
        if self.nodes[peer].open {
            self.post(peer, Item::Data(data[..count].to_vec()));
        } else {
            // The peer answers data that nobody will read with a reset.
            self.post(id, Item::Reset);
        }
        Ok(count)
    }

    pub(crate) fn send_mail(&mut self, id: NodeId, data: &[u8], to: &Address) -> io::Result<usize> {
        if data.len() > 65_507 {
            return os_error(libc::EMSGSIZE);
        }
        let bound = |node: &super::world::Node| {
            node.open && node.state == State::Datagram && node.local.as_ref() == Some(to)
        };
        let unix = to.family() == libc::AF_UNIX;
        let Some(target) = self.nodes.iter().position(bound) else {
            return if unix { os_error(libc::ECONNREFUSED) } else { Ok(data.len()) };
        };
        if self.nodes[target].mail.len() >= self.nodes[target].backlog {
            return if unix { os_error(libc::EAGAIN) } else { Ok(data.len()) };
        }
        let from = self.local(id);
        self.nodes[target].mail.push_back((data.to_vec(), from));
        Ok(data.len())
    }

    pub(crate) fn local(&self, id: NodeId) -> Address {
        let node = &self.nodes[id];
        node.local.unwrap_or_else(|| {
            let unnamed = moonsocket_core::UnixName::new(b"").expect("empty is short");
            Address::any(node.family, 0).unwrap_or(Address::Unix(unnamed))
        })
    }

    pub(crate) fn connect(&mut self, id: NodeId, to: &Address) -> io::Result<()> {
        if to.family() != self.nodes[id].family {
            return os_error(libc::EAFNOSUPPORT);
        }
        match self.nodes[id].state {
            State::Datagram => {
                self.nodes[id].remote = Some(*to);
                return Ok(());
            }
            State::Connected => return os_error(libc::EISCONN),
            State::Connecting => return os_error(libc::EALREADY),
            State::Listening => return os_error(libc::EINVAL),
            State::Failed => {
                self.nodes[id].state = State::Idle;
                let code = self.nodes[id].error.take();
                return os_error(code.unwrap_or(libc::ECONNABORTED));
            }
            State::Idle => {}
        }
        if let Some(code) = self.nodes[id].error.take() {
            return os_error(code);
        }
        self.nodes[id].remote = Some(*to);
        let listener = self.nodes.iter().position(|node| node.listens_at(to));
        let plan = self.plans.iter().find(|(address, _)| address == to).map(|(_, plan)| *plan);
        let now = self.now;
        let (error, delay) = match (listener, plan) {
            (Some(at), _) if to.family() == libc::AF_UNIX => {
                if self.nodes[at].queue.len() > self.nodes[at].backlog {
                    return os_error(libc::EAGAIN);
                }
                (None, std::time::Duration::ZERO)
            }
            (Some(_), _) => (None, self.latency()),
            (None, Some(Plan::Full(until))) if now < until => return os_error(libc::EAGAIN),
            (None, Some(Plan::Full(_))) => (None, std::time::Duration::ZERO),
            (None, Some(Plan::Accept(delay))) => (None, delay),
            (None, Some(Plan::Refuse(delay))) => (Some(libc::ECONNREFUSED), delay),
            (None, Some(Plan::Silent)) => {
                self.nodes[id].state = State::Connecting;
                return os_error(libc::EINPROGRESS);
            }
            (None, None) => (Some(libc::ECONNREFUSED), std::time::Duration::ZERO),
        };
        if delay.is_zero() {
            self.finish_connect(id, error);
            return match self.nodes[id].error.take() {
                Some(code) => {
                    self.nodes[id].state = State::Idle;
                    os_error(code)
                }
                None => Ok(()),
            };
        }
        self.nodes[id].state = State::Connecting;
        self.connected_at(now + delay, id, error);
        os_error(libc::EINPROGRESS)
    }

    pub(crate) fn finish_connect(&mut self, id: NodeId, error: Option<i32>) {
        if !self.nodes[id].open {
            return;
        }
        if let Some(code) = error {
            self.nodes[id].error = Some(code);
            self.nodes[id].state = State::Failed;
            return;
        }
        let family = self.nodes[id].family;
        let peer = self.make(family, State::Connected);
        let to = self.nodes[id].remote;
        if self.nodes[id].local.is_none() && family != libc::AF_UNIX {
            let port = self.free_port();
            self.nodes[id].local = Address::any(family, port);
        }
        self.nodes[peer].peer = Some(id);
        self.nodes[peer].local = to;
        self.nodes[peer].remote = Some(self.local(id));
        self.nodes[id].peer = Some(peer);
        self.nodes[id].state = State::Connected;
        let listens = |to| self.nodes.iter().position(|node| node.listens_at(to));
        if let Some(listener) = to.as_ref().and_then(listens) {
            self.nodes[listener].queue.push_back(peer);
        }
    }

    pub(crate) fn shut(&mut self, id: NodeId, how: How) -> io::Result<()> {
        if self.nodes[id].state != State::Connected {
            return os_error(libc::ENOTCONN);
        }
        if how != How::Send {
            self.nodes[id].shut_read = true;
        }
        if how != How::Receive && !self.nodes[id].shut_write {
            self.nodes[id].shut_write = true;
            if let Some(peer) = self.nodes[id].peer {
                self.post(peer, Item::End);
            }
        }
        Ok(())
    }

    /// The last descriptor went away.
    pub(crate) fn close(&mut self, id: NodeId, reset: bool) {
        let node = &mut self.nodes[id];
        node.open = false;
        let waiting = std::mem::take(&mut node.queue);
        for peer in waiting {
            self.close(peer, true);
        }
        let node = &self.nodes[id];
        let Some(peer) = node.peer else {
            return;
        };
        if reset || !node.inbox.is_empty() {
            self.post(peer, Item::Reset);
        } else if !node.shut_write {
            self.post(peer, Item::End);
        }
    }
}
