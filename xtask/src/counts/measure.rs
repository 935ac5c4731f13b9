//! One operation, counted: the difference between a short and a long run of its workload under strace or callgrind.

use std::collections::BTreeMap;
use std::fs::File;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::operations::Operation;
use super::peer::Peer;
use crate::subject::Subject;
use crate::talk::Talk;

/// Where the workloads are and the logs go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bench<'a> {
    pub(super) scripts: &'a Path,
    pub(super) logs: &'a Path,
}

/// System calls per operation, by name.
pub(super) type Calls = BTreeMap<String, f64>;

/// One run may take this long, also under valgrind.
const LIMIT: Duration = Duration::from_secs(120);

/// The memory allocator's: they follow the collector's pace, not the operations.
const NOT_COUNTED: [&str; 6] = ["brk", "madvise", "mmap", "mprotect", "mremap", "munmap"];

impl Bench<'_> {
    /// Counts system calls with strace.
    pub(super) fn calls(&self, subject: &Subject, operation: &Operation) -> Result<Calls, String> {
        let trace = self.logs.join(format!("{}-{}.strace", subject.name, operation.script));
        let count = |n| {
            let mut tool = Command::new("strace");
            tool.args(["-f", "-qq", "-s", "8", "-e", "signal=none", "-o"]);
            tool.arg(&trace);
            self.run(tool, subject, operation, n)?;
            let text = std::fs::read_to_string(&trace);
            let text = text.map_err(|error| format!("{}: {error}", trace.display()))?;
            Ok::<_, String>(parse_strace(&text))
        };
        let [few, many] = operation.runs;
        let (first, second) = (count(few)?, count(many)?);
        let per = |calls: u64, name| {
            (calls as f64 - first.get(name).copied().unwrap_or(0) as f64) / f64::from(many - few)
        };
        let calls = second.iter().map(|(name, calls)| (name.clone(), per(*calls, name)));
        Ok(calls.filter(|(_, calls)| calls.abs() >= 0.005).collect())
    }

    /// Counts user-space instructions with callgrind: the median of some rounds, since hashes differ between them.
    pub(super) fn instructions(
        &self,
        subject: &Subject,
        operation: &Operation,
        rounds: u32,
    ) -> Result<f64, String> {
        let count = |n| {
            let mut tool = Command::new("valgrind");
            tool.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
            let log = self.run(tool, subject, operation, n)?;
            parse_callgrind(&log)
                .ok_or_else(|| format!("callgrind counted nothing: {}", complaint(&log)))
        };
        let [few, many] = operation.runs;
        let mut results = Vec::new();
        for _ in 0..rounds {
            let (first, second) = (count(few)?, count(many)?);
            results.push((second as f64 - first as f64) / f64::from(many - few));
        }
        results.sort_by(f64::total_cmp);
        Ok(results[results.len() / 2])
    }

    /// Runs a workload of `n` operations below a tool and gives what both wrote to stderr.
    fn run(
        &self,
        tool: Command,
        subject: &Subject,
        operation: &Operation,
        n: u32,
    ) -> Result<String, String> {
        let text = |error: std::io::Error| error.to_string();
        let log = self.logs.join(format!("{}-{}.log", subject.name, operation.script));
        let peer = Peer::start(operation.service).map_err(text)?;
        let script = self.scripts.join(format!("{}.lua", operation.script));
        let mut command = subject.below(tool, &script);
        command.args([n, operation.runs[1], peer.port().into()].map(|number| number.to_string()));
        command.args(operation.settings.split_whitespace());
        let mut talk = Talk::with(command.stderr(File::create(&log).map_err(text)?))?;
        let met = meet(&mut talk, &peer, operation);
        talk.leave();
        let limit = if met.is_ok() { LIMIT } else { Duration::from_secs(1) };
        let end = talk.group().wait(limit).map_err(text)?;
        let log = String::from_utf8_lossy(&std::fs::read(&log).map_err(text)?).into_owned();
        if !end.is_success() {
            return Err(format!("{end}: {}", complaint(&log)));
        }
        met.map(|_connections| log)
    }
}

/// Does what the workload asks for when it is ready, then lets it go. Gives the connections made to it.
fn meet(talk: &mut Talk, peer: &Peer, operation: &Operation) -> Result<Vec<TcpStream>, String> {
    let ready = talk.ready(LIMIT)?;
    if !peer.has_served(ready.made) {
        return Err(format!("{} connections did not arrive", ready.made));
    }
    let wanted = if ready.port == 0 { 0 } else { operation.runs[1] };
    let connections: Result<Vec<_>, _> =
        (0..wanted).map(|_| TcpStream::connect((Ipv4Addr::LOCALHOST, ready.port))).collect();
    let connections = connections.map_err(|error| format!("connecting to it: {error}"))?;
    talk.go()?;
    talk.done(LIMIT)?;
    Ok(connections)
}

/// The first line that is not the tool's own.
fn complaint(log: &str) -> &str {
    let is_said = |line: &&str| !line.trim().is_empty() && !line.starts_with("==");
    log.lines().find(is_said).unwrap_or("no message")
}

/// Counts the calls in a trace from where the workload was let go: making connections takes a varying number.
fn parse_strace(trace: &str) -> BTreeMap<String, u64> {
    let mut calls = BTreeMap::new();
    for line in trace.lines().skip_while(|line| !line.contains(r#""go\n""#)).skip(1) {
        // `PID name(…`; what follows an interruption, `PID <... name resumed>`, was counted when it began.
        let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let Some((name, _)) = call.split_once('(') else {
            continue;
        };
        let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if is_name && !NOT_COUNTED.contains(&name) {
            *calls.entry(name.to_owned()).or_default() += 1;
        }
    }
    calls
}

/// callgrind's line `==PID== Collected : N`.
fn parse_callgrind(log: &str) -> Option<u64> {
    let line = log.lines().find(|line| line.contains("Collected :"))?;
    line.split(':').nth(1)?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_counted_from_the_start_signal() {
        let trace = r#"7 socket(AF_INET, SOCK_STREAM, 0) = 3
7 read(0,  <unfinished ...>
8 recvfrom(9, "x", 1, 0, NULL, NULL) = 1
7 <... read resumed>"go\n", 4096) = 3
7 recvfrom(3, "x"..., 64, 0, NULL, NULL) = 64
7 brk(0x1000) = 0x1000
7 poll([{fd=3, events=POLLIN}], 1, 5 <unfinished ...>
7 <... poll resumed>) = 1
7 recvfrom(3, "go\n", 64, 0, NULL, NULL) = 3
7 +++ exited with 0 +++
"#;
        let calls: Vec<(String, u64)> = parse_strace(trace).into_iter().collect();
        assert_eq!(calls, [("poll".to_owned(), 1), ("recvfrom".to_owned(), 2)]);
    }

    #[test]
    fn callgrind_says_what_it_collected() {
        assert_eq!(parse_callgrind("==7== \n==7== Collected : 123456\n==7== \n"), Some(123_456));
        assert_eq!(parse_callgrind("Killed"), None);
    }
}
