//! Peers: the other ends of connections, each following a script.

use std::collections::VecDeque;
use std::time::Duration;

use moonsocket_core::{Address, How};

use super::world::{NodeId, World};

/// What a peer does.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Sends all of this, waiting for room as long as it takes.
    Send(Vec<u8>),
    /// Ends its direction.
    Finish,
    Close,
    Reset,
    /// Takes up to this many bytes.
    Read(usize),
    /// Sends a message.
    Mail(Vec<u8>, Address),
    /// Takes a message.
    TakeMail,
    /// Connects to an address, which makes one more waiting connection there.
    Dial(Address),
}

/// The other end of something.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) node: NodeId,
    /// What to do, each so much later than the one before.
    pub(crate) script: VecDeque<(Duration, Act)>,
    /// What it has read.
    pub(crate) got: Vec<u8>,
    pub(crate) messages: Vec<Vec<u8>>,
}

impl World {
    /// Lets a peer follow a script from now on.
    pub(crate) fn perform(&mut self, node: NodeId, script: Vec<(Duration, Act)>) -> usize {
        let first = script.first().map(|(gap, _)| *gap);
        self.peers.push(Peer {
            node,
            script: script.into(),
            got: Vec::new(),
            messages: Vec::new(),
        });
        let index = self.peers.len() - 1;
        if let Some(gap) = first {
            self.act_at(self.now + gap, index);
        }
        index
    }

    pub(crate) fn act(&mut self, index: usize) {
        let node = self.peers[index].node;
        let Some((_, act)) = self.peers[index].script.pop_front() else {
            return;
        };
        match act {
            Act::Send(mut data) => {
                if let Ok(count) = self.send(node, &data) {
                    data.drain(..count);
                }
                if !data.is_empty() && self.nodes[node].error.is_none() && !self.nodes[node].broken
                {
                    let pause = Duration::from_micros(self.rng.within(100, 3000) as u64);
                    self.peers[index].script.push_front((pause, Act::Send(data)));
                }
            }
            Act::Finish => drop(self.shut(node, How::Send)),
            Act::Close => self.close(node, false),
            Act::Reset => self.close(node, true),
            Act::Read(most) => {
                let mut got = std::mem::take(&mut self.peers[index].got);
                let _ = self.receive(node, most, false, |bytes| got.extend_from_slice(bytes));
                self.peers[index].got = got;
            }
            Act::Mail(data, to) => drop(self.send_mail(node, &data, &to)),
            Act::TakeMail => {
                let mut got = Vec::new();
                if self.receive_mail(node, usize::MAX, |bytes| got.extend_from_slice(bytes)).is_ok()
                {
                    self.peers[index].messages.push(got);
                }
            }
            Act::Dial(to) => drop(self.connect(node, &to)),
        }
        if let Some((gap, _)) = self.peers[index].script.front() {
            self.act_at(self.now + *gap, index);
        }
    }
}
