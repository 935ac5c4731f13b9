//! One run of one entrant: starts both ends, lets the operations go, and reads what they cost.

use std::fs::File;
use std::process::Command;
use std::time::{Duration, Instant};

use super::entrants::Entrant;
use super::stats::Spread;
use super::tools::{Place, Tools};
use super::usage::Usage;
use super::workloads::{Peer, Shape, Workload};
use crate::talk::{Ready, Talk};

/// What an operation cost in one run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sample {
    pub(super) cpu_us: f64,
    pub(super) wall_us: f64,
    /// By how much the process grew for each operation.
    pub(super) grown_bytes: f64,
    /// By how much Lua's own heap did, where the script says so.
    pub(super) lua_bytes: f64,
    /// The most memory that the process had.
    pub(super) peak_kb: f64,
}

/// One run takes at most this long.
const LIMIT: Duration = Duration::from_secs(60);

/// The size of a request to the servers.
const REQUEST: u32 = 64;

impl Tools {
    /// Runs `times` operations of a workload in a program.
    pub(super) fn measure(
        &self,
        workload: &Workload,
        entrant: &Entrant,
        times: u32,
    ) -> Result<Sample, String> {
        match workload.shape {
            Shape::Client { settings, peer, .. } => self.client(entrant, settings, peer, times),
            Shape::Server { connections, busy } => self.server(entrant, connections, busy, times),
            Shape::Start { module } => self.start(entrant, module, times),
        }
    }

    fn client(
        &self,
        entrant: &Entrant,
        settings: &str,
        peer: Peer,
        times: u32,
    ) -> Result<Sample, String> {
        let (service, place) = match peer {
            Peer::Near(service) | Peer::Bursts(service) => (Some(service), Place::HereInBatches),
            Peer::Far(service) => (Some(service), Place::Elsewhere),
            Peer::None | Peer::Joins => (None, Place::HereInBatches),
        };
        let other = service.map(|service| self.peer(place, service)).transpose()?;
        let port = other.as_ref().map_or(0, |(_, ready)| ready.port);
        let bursts = matches!(peer, Peer::Bursts(_));
        let own = if bursts { Place::HereInBatches } else { Place::Here };
        let mut command = entrant.below(self.at(own));
        command.args([times, times, port.into()].map(|number| number.to_string()));
        command.args(settings.split_whitespace());
        let mut talk = self.talk(&mut command, "measured")?;
        let ready = talk.ready(LIMIT)?;
        let joined = (peer == Peer::Joins)
            .then(|| self.peer(Place::HereInBatches, &format!("join {} {times}", ready.port)))
            .transpose()?;
        let span = Span::begin(talk.pid())?;
        talk.go()?;
        let in_lua = talk.done(LIMIT)?.unwrap_or(0.0);
        let sample = span.end(talk.pid(), times)?;
        drop(joined);
        Ok(Sample { lua_bytes: in_lua / f64::from(times), ..sample })
    }

    fn server(
        &self,
        entrant: &Entrant,
        connections: u32,
        busy: u32,
        times: u32,
    ) -> Result<Sample, String> {
        let mut command = entrant.below(self.at(Place::HereInBatches));
        let mut server = self.talk(command.args(["0", "0", "0"]), "measured")?;
        let ready = server.ready(LIMIT)?;
        let load = format!("load {} {connections} {busy} {times} {REQUEST}", ready.port);
        let (mut load, _) = self.peer(Place::HereInBatches, &load)?;
        let span = Span::begin(server.pid())?;
        load.go()?;
        load.done(LIMIT)?;
        span.end(server.pid(), times)
    }

    /// Processes that load a module, one after another: the median of each figure.
    fn start(&self, entrant: &Entrant, module: &str, times: u32) -> Result<Sample, String> {
        let mut samples = Vec::new();
        for _ in 0..times {
            let began = Instant::now();
            let mut command = entrant.below(self.at(Place::Here));
            let mut talk = self.talk(command.args(["0", "0", "0", module]), "measured")?;
            talk.done(LIMIT)?;
            let wall = began.elapsed();
            let usage = Usage::of(talk.pid())?;
            samples.push(Sample {
                cpu_us: micros(usage.cpu),
                wall_us: micros(wall),
                grown_bytes: usage.own_kb as f64 * 1024.0,
                peak_kb: usage.peak_kb as f64,
                ..Sample::default()
            });
        }
        let median = |figure: fn(&Sample) -> f64| {
            let values: Vec<f64> = samples.iter().map(figure).collect();
            Spread::of(&values).map_or(0.0, |spread| spread.median)
        };
        Ok(Sample {
            cpu_us: median(|sample| sample.cpu_us),
            wall_us: median(|sample| sample.wall_us),
            grown_bytes: median(|sample| sample.grown_bytes),
            peak_kb: median(|sample| sample.peak_kb),
            ..Sample::default()
        })
    }

    /// Starts a service of the peer.
    fn peer(&self, place: Place, service: &str) -> Result<(Talk, Ready), String> {
        let mut command = self.at(place);
        command.arg(&self.peer).args(service.split_whitespace());
        let talk = self.talk(&mut command, "peer")?;
        let ready = talk.ready(LIMIT)?;
        Ok((talk, ready))
    }

    /// Starts a process whose complaints go to a log, from which an error quotes them.
    fn talk(&self, command: &mut Command, name: &str) -> Result<Talk, String> {
        let log = self.logs.join(format!("{name}.log"));
        let log = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        Talk::with(command.stderr(log))
    }

    /// The last line of what the measured program complained about.
    pub(super) fn complaint(&self) -> Option<String> {
        let log = std::fs::read_to_string(self.logs.join("measured.log")).ok()?;
        log.lines().find(|line| !line.trim().is_empty()).map(str::to_owned)
    }
}

/// From when the operations go until they are done.
struct Span {
    before: Usage,
    began: Instant,
}

impl Span {
    fn begin(pid: u32) -> Result<Self, String> {
        Ok(Span { before: Usage::of(pid)?, began: Instant::now() })
    }

    fn end(self, pid: u32, times: u32) -> Result<Sample, String> {
        let wall = self.began.elapsed();
        let after = Usage::of(pid)?;
        let times = f64::from(times);
        Ok(Sample {
            cpu_us: micros(after.cpu.saturating_sub(self.before.cpu)) / times,
            wall_us: micros(wall) / times,
            grown_bytes: (after.own_kb as f64 - self.before.own_kb as f64) * 1024.0 / times,
            peak_kb: after.peak_kb as f64,
            ..Sample::default()
        })
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
