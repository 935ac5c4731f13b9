//! Runs conversations through either driver, and watches over them.

use std::collections::HashMap;
use std::io;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use moonsocket_core::{Backend, Need, Parking, Progress, Stop, Task, Ticket};

use crate::panicked;

use super::backend::Sim;
use super::talk::Talk;
use super::work::{Outcome, Parked};
use super::{connector, messages, queue, racer, reader, server, waiter, writer};

fn talk(sim: &Sim, kind: usize) -> Vec<Box<dyn Talk>> {
    match kind {
        0..=3 => vec![Box::new(reader::Reader::new(sim))],
        4 | 5 => vec![Box::new(writer::Writer::new(sim))],
        6 | 7 => vec![Box::new(connector::Connector::new(sim))],
        8 => vec![Box::new(server::Server::new(sim))],
        9 => vec![Box::new(messages::Messages::new(sim))],
        10 => vec![Box::new(waiter::Waiter::new(sim))],
        11 => vec![Box::new(racer::Racer::new(sim))],
        _ => queue::line(sim),
    }
}

/// What a run was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Worlds that were simulated.
    pub runs: u64,
    /// Operations that were checked.
    pub operations: u64,
    /// Virtual time that passed in them.
    pub virtual_time: Duration,
}

/// A world in which something came out that must not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surprise {
    /// Repeats the run.
    pub seed: u64,
    /// What came out.
    pub what: String,
}

/// Simulates a world for each seed, through both drivers by turns, and checks every result against a model.
///
/// # Panics
/// When something came out that must not have. The message names the seed, which repeats the run.
pub fn run(seeds: Range<u64>) -> Report {
    match explore(seeds) {
        Ok(report) => report,
        Err(Surprise { seed, what }) => panic!("MOONSOCKET_SEED={seed} repeats this: {what}"),
    }
}

/// As [`run`], up to the first surprise, which is returned.
///
/// # Errors
/// The surprise.
pub fn explore(seeds: Range<u64>) -> Result<Report, Surprise> {
    let mut report = Report::default();
    for seed in seeds {
        match catch_unwind(AssertUnwindSafe(|| run_seed(seed))) {
            Ok((operations, time)) => report.add(1, operations, time),
            Err(why) => return Err(Surprise { seed, what: panicked::text(&*why).to_owned() }),
        }
    }
    Ok(report)
}

impl Report {
    fn add(&mut self, runs: u64, operations: u64, time: Duration) {
        self.runs += runs;
        self.operations += operations;
        self.virtual_time += time;
    }
}

impl std::ops::AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.add(other.runs, other.operations, other.virtual_time);
    }
}

fn run_seed(seed: u64) -> (u64, Duration) {
    let sim = Sim::with_seed(seed);
    let parks = {
        let mut world = sim.world.borrow_mut();
        world.go_wrong();
        world.parks = world.rng.chance(500);
        world.parks
    };
    let operations = if parks {
        let count = sim.world.borrow_mut().rng.within(1, 5);
        let mut talks = Vec::new();
        for _ in 0..count {
            let kind = sim.world.borrow_mut().rng.below(13);
            talks.append(&mut talk(&sim, kind));
        }
        park_all(&sim, talks)
    } else {
        let kind = sim.world.borrow_mut().rng.below(12);
        talk(&sim, kind).into_iter().map(|talk| drive_one(&sim, talk)).sum()
    };
    let time = sim.world.borrow().now;
    (operations, time)
}

fn drive_one(sim: &Sim, mut talk: Box<dyn Talk>) -> u64 {
    let mut count = 0;
    while let Some(next) = talk.next(sim) {
        let start = sim.now();
        let outcome = next.work.drive(sim, next.patience);
        talk.finished(sim, outcome, sim.now() - start);
        count += 1;
    }
    count
}

struct Fibers {
    talks: Vec<Box<dyn Talk>>,
    parking: Parking<Sim, Box<dyn Parked>>,
    /// Who waits since when, and whether it may be cancelled.
    waiting: HashMap<Ticket, (usize, std::time::Instant, bool)>,
    count: u64,
}

fn park_all(sim: &Sim, talks: Vec<Box<dyn Talk>>) -> u64 {
    let mut fibers =
        Fibers { parking: Parking::default(), waiting: HashMap::new(), count: 0, talks };
    for index in 0..fibers.talks.len() {
        fibers.resume(sim, index);
    }
    loop {
        // All that are finished hear of it before any goes on: one that was stopped has left its queue, and a
        // newcomer could overtake the news.
        let mut finished = Vec::new();
        while let Some((ticket, mut task)) = fibers.parking.next(sim) {
            let (index, start, _) = fibers.waiting.remove(&ticket).expect("a ticket of ours");
            fibers.finish(sim, index, task.outcome(), sim.now() - start);
            finished.push(index);
        }
        let went_on = !finished.is_empty();
        for index in finished {
            fibers.resume(sim, index);
        }
        if went_on {
            continue;
        }
        assert_eq!(fibers.waiting.len(), fibers.parking.len(), "a task got lost");
        if fibers.parking.is_empty() {
            return fibers.count;
        }
        fibers.perhaps_cancel(sim);
        match fibers.parking.wait(sim, None) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => panic!("{error}"),
            _ => {}
        }
    }
}

impl Fibers {
    fn finish(&mut self, sim: &Sim, index: usize, outcome: Outcome, spent: Duration) {
        self.count += 1;
        self.talks[index].finished(sim, outcome, spent);
    }

    /// Lets a conversation go on until it has to wait, as a fiber would.
    fn resume(&mut self, sim: &Sim, index: usize) {
        while let Some(next) = self.talks[index].next(sim) {
            let start = sim.now();
            let mut task = next.work.park();
            let behind = next.place.filter(|(at, what)| self.parking.is_contended(*at, *what));
            let progress = match behind {
                Some((_, interest)) => Progress::Wait(Need::Io(interest)),
                None => task.step(sim),
            };
            let need = match progress {
                Progress::Done => {
                    self.finish(sim, index, task.outcome(), Duration::ZERO);
                    continue;
                }
                Progress::Again => Need::Pause(Duration::ZERO),
                Progress::Wait(need) => need,
            };
            if next.patience.whole.is_zero() && progress != Progress::Again {
                task.stop(Stop::Timeout);
                self.finish(sim, index, task.outcome(), Duration::ZERO);
                continue;
            }
            let ticket = self.parking.park(sim, task, need, next.patience);
            self.waiting.insert(ticket, (index, start, next.cancellable));
            return;
        }
    }

    fn perhaps_cancel(&mut self, sim: &Sim) {
        if !sim.world.borrow_mut().rng.chance(20) {
            return;
        }
        let may = self.waiting.iter().filter(|(_, (.., may))| *may).map(|(ticket, _)| *ticket);
        // Not the map's order, which differs from run to run.
        if let Some(ticket) = may.min() {
            self.parking.stop(ticket, Stop::Cancelled);
        }
    }
}
