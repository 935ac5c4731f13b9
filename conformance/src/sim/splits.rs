//! Receives under every split of their input: what comes out must not depend on the pieces in which it came in.

use moonsocket_core::ops::{Receive, Received, Short};
use moonsocket_core::{
    Cr, ErrorKind, Flags, Handle, Mode, Operation, Pattern, Step, Stop, Transport,
};

use super::backend::Sim;
use super::model::{Asked, Ending, check};
use super::transport::SimSocket;
use super::world::{Item, NodeId};

/// One stream in its pieces, and how it is received.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) asked: Vec<Asked>,
    pub(crate) pieces: Vec<&'a [u8]>,
    /// The receive that waits for this piece is stopped, and another one goes on.
    pub(crate) stopped_at: Option<usize>,
    /// Attempts that would block are not made.
    pub(crate) skips: bool,
}

/// A socket whose peer sends a piece whenever somebody waits for it.
struct Stage<'a> {
    sim: Sim,
    handle: Handle<Sim>,
    node: NodeId,
    plan: &'a Plan<'a>,
    stream: Vec<u8>,
    /// The next piece; one more than there are stands for the end.
    next: usize,
    consumed: usize,
}

/// What one receive came to.
type Outcome = Result<Vec<u8>, (ErrorKind, Vec<u8>)>;

impl<'a> Stage<'a> {
    fn new(plan: &'a Plan<'a>) -> Self {
        let sim = Sim::new();
        let mut world = sim.world.borrow_mut();
        let (node, _) = world.pair(libc::AF_INET);
        let descriptor = world.install(node);
        drop(world);
        let socket = SimSocket::new(&sim.world, descriptor);
        let handle = Handle::adopt(&sim, socket, libc::AF_INET);
        Self { sim, handle, node, plan, stream: plan.pieces.concat(), next: 0, consumed: 0 }
    }

    /// Receives until the stream is over: the plan's wishes in turn.
    fn play(&mut self) {
        // Each receive takes a byte or ends the stream, but for those that ask for none or are stopped.
        let most = 4 * (self.stream.len() + self.plan.asked.len() + 2);
        for asked in self.plan.asked.iter().cycle().take(most) {
            let outcome = self.receive(asked);
            let reached =
                self.sim.world.borrow().nodes[self.node].read as usize - self.handle.buffer.len();
            let used = reached - self.consumed;
            check(asked, &outcome, &self.stream[self.consumed..], used, Ending::Finished);
            self.consumed = reached;
            assert_eq!(self.handle.statistics.received, reached as u64, "{:?}", self.plan);
            if matches!(outcome, Err((ErrorKind::EndOfStream, _))) {
                assert_eq!(reached, self.stream.len(), "{:?}", self.plan);
                return;
            }
        }
    }

    fn receive(&mut self, asked: &Asked) -> Outcome {
        let mut flags = Flags::NONE;
        if asked.peek {
            flags = Flags::PEEK;
        }
        let mut receive =
            Receive::new(asked.pattern).prefix(&asked.prefix).maximum(asked.maximum).flags(flags);
        let mut mode = Mode::Now;
        loop {
            match receive.step(&self.sim, &mut self.handle, mode) {
                Step::Done(out) => return self.told(out),
                Step::Again => mode = Mode::Now,
                Step::Interrupted => unreachable!("a world without signals"),
                Step::Wait(_) if mode != Mode::Skip && self.plan.skips => mode = Mode::Skip,
                Step::Wait(_) => {
                    mode = Mode::Now;
                    let stopped = self.plan.stopped_at == Some(self.next);
                    assert!(self.send(), "it waits after the end: {:?}", self.plan);
                    if stopped {
                        let out = receive.stop(&mut self.handle, Stop::Timeout);
                        return self.told(out);
                    }
                }
            }
        }
    }

    fn told(&mut self, out: Result<Received, Short>) -> Outcome {
        match out {
            Ok(received) => Ok(received.into_vec(&mut self.handle)),
            Err(Short { error, partial }) => {
                Err((error.kind(), partial.into_vec(&mut self.handle)))
            }
        }
    }

    /// Lets the next piece, or the end, arrive. False: there is no more.
    fn send(&mut self) -> bool {
        let item = match self.plan.pieces.get(self.next) {
            Some(piece) => Item::Data(piece.to_vec()),
            None if self.next == self.plan.pieces.len() => Item::End,
            None => return false,
        };
        self.next += 1;
        self.sim.world.borrow_mut().post(self.node, item);
        true
    }
}

/// Receives as planned and checks what comes.
///
/// # Panics
/// When anything else comes out than the naive model says.
pub(crate) fn receive(plan: &Plan<'_>) {
    let mut stage = Stage::new(plan);
    stage.play();
    assert!(stage.handle.io().is_some_and(|io| io.descriptor() >= 0));
}

fn asked(pattern: Pattern) -> Asked {
    Asked {
        pattern,
        prefix: Vec::new(),
        maximum: usize::MAX,
        peek: false,
        dont_wait: false,
        tell_signals: false,
        // What is stopped has run out of time.
        whole: Some(std::time::Duration::ZERO),
        each: None,
    }
}

/// Every stream of `length` bytes (of which CR, LF and another are enough), in every split, received in every way, and
/// stopped at every piece. How many runs that were.
///
/// # Panics
/// When something else comes out than the naive model says.
pub fn every_split(length: u32) -> u64 {
    const ALPHABET: [u8; 3] = *b"\r\nx";
    let wishes = wishes();
    let mut runs = 0;
    for number in 0..3usize.pow(length) {
        let digit = |at| ALPHABET[number / 3usize.pow(at) % 3];
        let stream: Vec<u8> = (0..length).map(digit).collect();
        for cuts in 0..1usize << length.saturating_sub(1) {
            let pieces = cut(&stream, |at| cuts >> (at - 1) & 1 == 1);
            for wish in &wishes {
                // Without a stop, then at each piece and at the end.
                for stop in 0..pieces.len() + 2 {
                    receive(&Plan {
                        asked: vec![wish.clone()],
                        pieces: pieces.clone(),
                        stopped_at: stop.checked_sub(1),
                        skips: (runs & 1) == 1,
                    });
                    runs += 1;
                }
            }
        }
    }
    runs
}

/// Every way to ask that short streams can tell apart.
fn wishes() -> Vec<Asked> {
    let patterns = [
        Pattern::LINE,
        Pattern::TEXT_LINE,
        Pattern::RAW_LINE,
        Pattern::until(b'x'),
        Pattern::Until { end: b'x', cr: Cr::DropAll },
        Pattern::Exact(2),
        Pattern::Some(2),
        Pattern::All,
    ];
    let mut wishes: Vec<Asked> = patterns.map(asked).to_vec();
    for pattern in [Pattern::LINE, Pattern::TEXT_LINE, Pattern::RAW_LINE, Pattern::All] {
        wishes.push(Asked { maximum: 1, ..asked(pattern) });
        wishes.push(Asked { prefix: b"p\r".to_vec(), ..asked(pattern) });
    }
    wishes.push(Asked { prefix: b"p".to_vec(), maximum: 2, ..asked(Pattern::Exact(3)) });
    wishes
}

fn cut(stream: &[u8], is_cut: impl Fn(usize) -> bool) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for at in 1..stream.len() {
        if is_cut(at) {
            pieces.push(&stream[from..at]);
            from = at;
        }
    }
    if from < stream.len() {
        pieces.push(&stream[from..]);
    }
    pieces
}

/// Receives as `input` says: what is asked for, where the stream is cut, and, to its end, the stream.
///
/// # Panics
/// When something else comes out than the naive model says.
pub fn split(input: &[u8]) {
    let mut input = Input(input);
    let asked: Vec<Asked> = (0..1 + input.byte() % 4).map(|_| input.asked()).collect();
    // A pure look makes no progress.
    if asked.iter().all(|asked| asked.peek) {
        return;
    }
    let lengths: Vec<usize> = (0..input.byte() % 16).map(|_| input.length()).collect();
    let stopped_at = usize::from(input.byte()).checked_sub(200);
    let skips = input.byte() & 1 == 1;
    // Long streams pass the buffer's end; fuzzers prefer short inputs.
    let times = if input.byte() >= 250 { 300 } else { 1 };
    let stream = input.0.repeat(times);
    let mut pieces = Vec::new();
    let mut rest = &stream[..];
    for length in lengths.iter().cycle() {
        if rest.is_empty() || pieces.len() > 500 {
            break;
        }
        let (piece, left) = rest.split_at((*length).clamp(1, rest.len()));
        pieces.push(piece);
        rest = left;
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    receive(&Plan { asked, pieces, stopped_at, skips });
}

/// Choices, read from the bytes of a fuzzer.
struct Input<'a>(&'a [u8]);

impl Input<'_> {
    /// 0 where there is no more.
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    /// Mostly short.
    fn length(&mut self) -> usize {
        match self.byte() {
            low @ 0..200 => usize::from(low),
            high => usize::from(high - 199) * 1021,
        }
    }

    fn asked(&mut self) -> Asked {
        let count = self.length();
        let pattern = match self.byte() % 9 {
            0 => Pattern::LINE,
            1 => Pattern::TEXT_LINE,
            2 => Pattern::RAW_LINE,
            3 => Pattern::until(self.byte()),
            4 => Pattern::Until { end: self.byte(), cr: Cr::DropAll },
            5 => Pattern::Until { end: self.byte(), cr: Cr::DropLast },
            // At least one, or nothing would end.
            6 => Pattern::Exact(count + 1),
            7 => Pattern::Some(count + 1),
            _ => Pattern::All,
        };
        let mut asked = asked(pattern);
        let more = self.byte();
        if more & 3 == 3 {
            asked.maximum = 1 + self.length();
        }
        if more & 12 == 12 {
            let (prefix, rest) = self.0.split_at(self.0.len().min(usize::from(more >> 6)));
            asked.prefix = prefix.to_vec();
            self.0 = rest;
        }
        asked.peek = more & 48 == 48;
        asked
    }
}
