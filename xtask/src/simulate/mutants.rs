//! Faults that the simulated worlds have to notice: each is a small change of the engine's source.

/// A fault.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mutant {
    /// What goes wrong.
    pub(super) name: &'static str,
    pub(super) file: &'static str,
    /// Stands there once.
    sound: &'static str,
    faulty: &'static str,
}

impl Mutant {
    /// The file's text with the fault in it.
    ///
    /// # Errors
    /// The text does not have it, or more than once: the list is stale.
    pub(super) fn applied_to(&self, text: &str) -> Result<String, String> {
        match text.matches(self.sound).count() {
            1 => Ok(text.replacen(self.sound, self.faulty, 1)),
            count => Err(format!("mutant `{}`: {count} places in {}", self.name, self.file)),
        }
    }
}

const DRIVER: &str = "core/src/driver.rs";
const PLACES: &str = "core/src/park/places.rs";
const PARKING: &str = "core/src/park/mod.rs";
const QUEUE: &str = "core/src/park/queue.rs";
const TASK: &str = "core/src/park/task.rs";
const TIMERS: &str = "core/src/park/timers.rs";
const RECEIVE: &str = "core/src/ops/receive/mod.rs";
const FIRST: &str = "core/src/ops/receive/first.rs";
const BUFFERED: &str = "core/src/ops/receive/buffered.rs";
const SHORTAGE: &str = "core/src/park/shortage.rs";
const SEND: &str = "core/src/ops/send.rs";
const PARTS: &str = "core/src/ops/parts.rs";
const CONNECT: &str = "core/src/ops/connect.rs";
const EYEBALLS: &str = "core/src/ops/happy_eyeballs.rs";
const BUFFER: &str = "core/src/buffer.rs";
const PATTERN: &str = "core/src/pattern.rs";

/// All of them, from the drivers down to the bytes.
pub(super) const MUTANTS: &[Mutant] = &[
    // The blocking driver.
    mutant(
        "a signal ends the call",
        DRIVER,
        "            Step::Interrupted => {
                clock.spent = true;
                if clock.is_over(backend) {",
        "            Step::Interrupted => {
                clock.spent = true;
                if clock.spent {",
    ),
    mutant(
        "a signal begins the limit anew",
        DRIVER,
        "                clock.spent = true;
                if clock.is_over(backend) {",
        "                clock.deadline = clock.patience.whole.deadline(backend.now());
                clock.spent = true;
                if clock.is_over(backend) {",
    ),
    mutant(
        "the kernel's limit is armed again after a part of it",
        DRIVER,
        "backend.mode(io, interest, limit, !self.spent)",
        "backend.mode(io, interest, limit, true)",
    ),
    mutant(
        "a wait's limit begins anew after a false alarm",
        DRIVER,
        "        self.spent = true;
        if self.each.is_none() && self.patience.each != Limit::FOREVER {",
        "        self.spent = true;
        if self.patience.each != Limit::FOREVER {",
    ),
    mutant(
        "a wait's limit is not renewed by progress",
        DRIVER,
        "                clock.each = None;
",
        "",
    ),
    mutant(
        "an early timeout",
        DRIVER,
        "let until = earlier(limit, pause_over);",
        "let until = earlier(limit, pause_over)
            .map(|until| until - std::time::Duration::from_micros(500));",
    ),
    mutant(
        "the longer of two limits",
        DRIVER,
        "(Some(a), Some(b)) => Some(a.min(b)),",
        "(Some(a), Some(b)) => Some(a.max(b)),",
    ),
    mutant(
        "a pause is taken for the end",
        DRIVER,
        "Ok(0) if pause_over.is_some_and(|over| backend.now() >= over) => Ok(()),",
        "Ok(0) if false && pause_over.is_some_and(|over| backend.now() >= over) => Ok(()),",
    ),
    // First attempts.
    mutant(
        "the time of a first attempt is not counted",
        DRIVER,
        "let clock = Clock::since(backend, attempt.began, patience);",
        "let clock = Clock::since(backend, None, patience);",
    ),
    mutant(
        "a first receive that failed is made again",
        FIRST,
        "self.follow(handle, outcome.map_err(|code| Failure::of_code(code, \"receive\")))",
        "if outcome.is_err() { return Step::Again }
        self.follow(handle, outcome.map_err(|code| Failure::of_code(code, \"receive\")))",
    ),
    mutant(
        "a first send's part is sent again",
        SEND,
        "self.course.follow(handle, self.data.as_ref().len(), outcome)",
        "let _: (_, Result<usize, Failure>) = (handle, outcome);
        Step::Again",
    ),
    mutant(
        "what a first receive took is not counted",
        FIRST,
        "handle.count_received(before - handle.buffer.len());",
        "let _ = before;",
    ),
    // The driver of parked operations.
    mutant(
        "what the reactor has no room for is forgotten",
        PLACES,
        "Err(error) if is_shortage(&error) => _ = self.unarmed.insert(ticket),",
        "Err(error) if is_shortage(&error) => {}",
    ),
    mutant(
        "what was polled for is not told",
        SHORTAGE,
        "                tokens.push(token);",
        "                _ = token;",
    ),
    mutant(
        "what was armed late is not polled for",
        SHORTAGE,
        "                    Err(error) if is_shortage(&error) => return false,",
        "                    Err(error) if is_shortage(&error) => {}",
    ),
    mutant(
        "a parked task is armed for nothing",
        PLACES,
        "match backend.arm(watch.descriptor, watch.interest, ticket.place()) {",
        "match Ok::<(), std::io::Error>(()) {",
    ),
    mutant(
        "who comes last is served first",
        QUEUE,
        ".push_back(ticket);",
        ".push_back(std::mem::replace(&mut self.first, ticket));",
    ),
    mutant(
        "the next in the queue is forgotten",
        PLACES,
        "            self.make_ready(next);",
        "            let _ = next;",
    ),
    mutant(
        "a cancelled task keeps its place",
        PARKING,
        "            if entry.waits == Waits::No {
                return self.finish(backend, ticket).map(|task| (ticket, task));",
        "            if entry.waits == Waits::No {
                return self.remove(ticket).map(|entry| (ticket, entry.task));",
    ),
    mutant(
        "a parked operation waits for what came while it was filed",
        TASK,
        "if std::mem::take(look) && !operation.watches().is_empty() {",
        "if std::mem::take(look) && operation.watches().is_empty() {",
    ),
    mutant(
        "a stop loses the partial result",
        TASK,
        "self.stage = out.map_or(Stage::Gone, Stage::Over);",
        "self.stage = out.map_or(Stage::Gone, |_| Stage::Gone);",
    ),
    mutant(
        "a parked limit ends before its time",
        TIMERS,
        "let now = backend.now();
        while",
        "let now = backend.now() + std::time::Duration::from_millis(2);
        while",
    ),
    mutant(
        "a parked pause is the end",
        TIMERS,
        "            if pause {
                self.make_ready(ticket);",
        "            if pause && clock.over {
                self.make_ready(ticket);",
    ),
    // Receiving.
    mutant(
        "the partial result of a timeout is lost",
        RECEIVE,
        "            let _ = self.gather(handle);
        }
        Err(self.short(why",
        "            let _ = self.assembled();
        }
        Err(self.short(why",
    ),
    mutant(
        "the end of the stream throws the rest away",
        RECEIVE,
        "Ok(0) => Step::Done(self.ended(Error::new(ErrorKind::EndOfStream, \"receive\"))),",
        "Ok(0) => {
                drop(self.assembled());
                Step::Done(self.ended(Error::new(ErrorKind::EndOfStream, \"receive\")))
            }",
    ),
    mutant(
        "a signal is taken for the end",
        RECEIVE,
        "Err(Failure::Interrupted) => Step::Interrupted,",
        "Err(Failure::Interrupted) => {
                Step::Done(self.ended(Error::new(ErrorKind::EndOfStream, \"receive\")))
            }",
    ),
    mutant(
        "too much is read into the result",
        RECEIVE,
        "Pattern::Exact(count) => count.saturating_sub(self.got.len()),",
        "Pattern::Exact(count) => count,",
    ),
    mutant(
        "nothing at all is a whole stream",
        RECEIVE,
        "self.pattern == Pattern::All && self.got.len() > self.prefix",
        "self.pattern == Pattern::All",
    ),
    mutant(
        "a carriage return across two arrivals stays",
        BUFFERED,
        "        if cr == Cr::DropLast && self.got.last() == Some(&b'\\r') {
            self.got.pop();
        }",
        "",
    ),
    mutant(
        "a line's end is not taken",
        BUFFERED,
        "let take = ended.map_or(data.len(), |at| at + 1);",
        "let take = ended.map_or(data.len(), |at| at.max(1));",
    ),
    mutant(
        "what passes the maximum is dropped",
        BUFFERED,
        "let _ = handle.consume(used);",
        "let _ = handle.consume(most);",
    ),
    mutant(
        "unread bytes are overwritten",
        BUFFER,
        "        self.block.drain(..self.start);
        self.start = 0;
        Ok(&mut self.block)",
        "        self.block.clear();
        self.start = 0;
        Ok(&mut self.block)",
    ),
    mutant(
        "a carriage return before the end is kept",
        PATTERN,
        "Found::Whole { take: at + 1, give: at - 1 }",
        "Found::Whole { take: at + 1, give: at }",
    ),
    mutant(
        "a line is a byte short",
        PATTERN,
        "Some(at) if data[at] == end => Found::Whole { take: at + 1, give: at },",
        "Some(at) if data[at] == end => Found::Whole { take: at + 1, give: at.saturating_sub(1) },",
    ),
    // Sending and connecting.
    mutant(
        "a part is sent twice",
        SEND,
        "io.send(&data[self.course.sent..], ",
        "io.send(&data[self.course.sent.saturating_sub(1)..], ",
    ),
    mutant(
        "what was sent of a piece is sent again with the rest",
        PARTS,
        "self.next = (at, left);",
        "self.next = (at, 0);",
    ),
    mutant("a short write is the end", SEND, "if self.is_done(len) || !self.whole {", "if true {"),
    mutant(
        "a failed send says that nothing was sent",
        SEND,
        "SendFailed { error, sent: self.sent }",
        "SendFailed { error, sent: self.sent & 1 }",
    ),
    mutant(
        "a connect under way is taken for one that is done",
        CONNECT,
        "_ => State::Idle,
        };",
        "_ => self.state,
        };",
    ),
    mutant(
        "only the first address is tried",
        CONNECT,
        "let more = self.next < self.addresses.len() && !self.first_only;",
        "let more = self.next > self.addresses.len() && !self.first_only;",
    ),
    mutant(
        "a refusal leaves something behind for the next connect",
        CONNECT,
        "let _ = io.disconnect();",
        "",
    ),
    mutant(
        "a full backlog is an error",
        CONNECT,
        "Some(libc::EAGAIN) => {",
        "Some(libc::ENOENT) => {",
    ),
    mutant(
        "a race goes on only when its delay is over",
        EYEBALLS,
        "        self.last = error;
        self.next = None;",
        "        self.last = error;",
    ),
    mutant(
        "a race forgets the silent ones' successors",
        EYEBALLS,
        "(false, Some(next)) if !self.addresses.is_empty() => {",
        "(false, Some(next)) if self.addresses.len() > 9 => {",
    ),
    mutant(
        "the winner of a race is another",
        EYEBALLS,
        "handle.take_over(self.attempts.swap_remove(at).handle);",
        "handle.take_over(self.attempts.swap_remove(0 * at).handle);",
    ),
];

const fn mutant(
    name: &'static str,
    file: &'static str,
    sound: &'static str,
    faulty: &'static str,
) -> Mutant {
    Mutant { name, file, sound, faulty }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_fault_has_its_place() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        for mutant in MUTANTS {
            let text = std::fs::read_to_string(root.join(mutant.file)).expect("a source");
            let faulty = mutant.applied_to(&text).expect("one place");
            assert_ne!(faulty, text, "{} changes nothing", mutant.name);
        }
    }

    #[test]
    fn names_differ() {
        let mut names: Vec<_> = MUTANTS.iter().map(|mutant| mutant.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), MUTANTS.len());
    }
}
