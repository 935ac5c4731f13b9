//! `bench`: time and memory, of our module and of others, side by side in one run.

mod data;
mod entrants;
mod machine;
mod measure;
mod plot;
mod report;
mod results;
mod stats;
mod table;
mod tools;
mod usage;
mod workloads;

use std::path::PathBuf;

use crate::args::{Args, Failure};
use crate::build::Profile;
use crate::lua::{Backend, Lua};
use crate::progress::Step;
use crate::project::Project;
use crate::subject::{Subject, subjects};
use entrants::{Entrant, entrants};
use report::Report;
use results::{Figure, Outcome, Row};
use tools::Tools;
use workloads::{WORKLOADS, Workload};

pub(crate) const HELP: &str = "
Measures our module on each backend against the system's LuaSocket, and its servers also against
Copas, luv, cqueues and an epoll server in C. Everyone does the same work in turn, again and again;
what is compared are the two of one repetition, and what is shown are the medians of those ratios
with their quartiles. Read the processor time first: the wall clock also sees the other end.

The measured process and its other end share one core, the other end under SCHED_BATCH: waking
another core costs more than any library. The column `LuaSocket again` is the noise; `C` does the
same in the fewest system calls, the limit that the kernel sets.

Usage: cargo xtask bench [OPTIONS]

  --lua V             5.1, 5.2, 5.3, 5.4, 5.5 or jit; may be repeated (default: 5.4 and jit)
  --backend B         only blocking or only mio
  --only S            only workloads whose name contains S
  --reps N            repetitions (default 9)
  --quick             the profile of the tests, three repetitions, a tenth of the operations: shows
                      that it works, measures little
  --out DIR           where data, plots and a page go (default: docs/src/bench for a whole run, else
                      target/bench)

Wants a C compiler, and taskset, chrt and prlimit (util-linux). What is not installed is named.
";

/// What is to be measured.
#[derive(Clone, Debug)]
struct Options {
    luas: Vec<Lua>,
    backends: Vec<Backend>,
    only: Option<String>,
    reps: u32,
    quick: bool,
    out: Option<PathBuf>,
}

pub(crate) fn main(mut args: Args) -> Result<(), Failure> {
    let mut options = Options {
        luas: Vec::new(),
        backends: Backend::ALL.to_vec(),
        only: None,
        reps: 9,
        quick: false,
        out: None,
    };
    let mut reps = None;
    while let Some(name) = args.option()? {
        match name.as_str() {
            "--lua" => options.luas.push(args.one_of(&name, Lua::KNOWN, Lua::parse)?),
            "--backend" => {
                options.backends = vec![args.one_of(&name, Backend::KNOWN, Backend::parse)?];
            }
            "--only" => options.only = Some(args.value(&name)?),
            "--reps" => {
                let read = |text: &str| text.parse().ok().filter(|count| *count > 0);
                reps = Some(args.one_of(&name, "numbers from 1", read)?);
            }
            "--quick" => options.quick = true,
            "--out" => options.out = Some(PathBuf::from(args.value(&name)?)),
            _ => return Err(args.unknown(&name)),
        }
    }
    args.finish()?;
    options.reps = reps.unwrap_or(if options.quick { 3 } else { options.reps });
    if options.luas.is_empty() {
        options.luas = vec![Lua::V54, Lua::Jit];
    }
    run(&Project::find()?, &options)
}

fn run(project: &Project, options: &Options) -> Result<(), Failure> {
    let wanted = |workload: &&Workload| {
        options.only.as_ref().is_none_or(|only| workload.name.contains(only))
    };
    let workloads: Vec<&Workload> = WORKLOADS.iter().filter(wanted).collect();
    if workloads.is_empty() {
        return Err(Failure::no_such("bench", "no workload matches `--only`"));
    }
    if !usage::is_known() {
        let why = "this kernel does not say what a process uses (/proc/PID/schedstat)";
        return Err(Failure::Failed(why.into()));
    }
    let tools = Tools::find(project)?;
    let is_whole = options.only.is_none() && !options.quick && options.backends == Backend::ALL;
    let folder = options.out.clone().unwrap_or_else(|| {
        if is_whole { project.root.join("docs/src/bench") } else { project.target.join("bench") }
    });
    std::fs::create_dir_all(&folder).map_err(|error| Failure::io(folder.display(), &error))?;
    let mut page = PAGE_HEAD.to_owned();
    let mut failed = 0;
    for lua in &options.luas {
        let profile = if options.quick { Profile::Quick } else { Profile::Release };
        let subjects = subjects(project, *lua, &options.backends, profile)?;
        let rows = workloads.iter().map(|workload| row(&tools, workload, &subjects, options));
        let report = Report { lua: *lua, reps: options.reps, rows: rows.collect() };
        report.print();
        page += &report.write(project, &folder)?;
        failed +=
            report.rows.iter().flat_map(|r| &r.outcomes).filter(|o| o.samples.is_err()).count();
    }
    let path = folder.join("figures.md");
    std::fs::write(&path, page).map_err(|error| Failure::io(path.display(), &error))?;
    eprintln!("\nWritten to {}", project.short(&folder));
    if failed > 0 { Err(Failure::Reported) } else { Ok(()) }
}

const PAGE_HEAD: &str = "# Figures

Written by `cargo xtask bench`; `cargo xtask help bench` says how it measures. Ratios are medians of
paired ratios, with their quartiles: above 1, moonsocket needs less than LuaSocket.
";

/// Measures a workload: everyone in turn, as often as there are repetitions, each time beginning with another one.
fn row(tools: &Tools, workload: &Workload, subjects: &[Subject], options: &Options) -> Row {
    let workload = Workload {
        times: if options.quick { workload.times.div_ceil(10) } else { workload.times },
        ..*workload
    };
    let step = Step::begin(format!("measure · {}", workload.name));
    let entrants = entrants(&workload, subjects, tools);
    let mut outcomes: Vec<Outcome> =
        entrants.into_iter().map(|entrant| Outcome { entrant, samples: Ok(Vec::new()) }).collect();
    for rep in 0..options.reps as usize {
        for turn in 0..outcomes.len() {
            let index = (turn + rep) % outcomes.len();
            sample(tools, &workload, &mut outcomes[index]);
        }
    }
    let row = Row { workload, outcomes };
    let well = row.outcomes.iter().all(|outcome| outcome.samples.is_ok());
    step.end(well, &remark(&row));
    row
}

/// Adds a sample. Who has failed once is left out from then on.
fn sample(tools: &Tools, workload: &Workload, outcome: &mut Outcome) {
    let Ok(samples) = &mut outcome.samples else {
        return;
    };
    let measured = |entrant: &Entrant| tools.measure(workload, entrant, workload.times);
    match measured(&outcome.entrant) {
        Ok(sample) => samples.push(sample),
        Err(why) => {
            let more = tools.complaint().map(|line| format!(": {line}")).unwrap_or_default();
            outcome.samples = Err(format!("{why}{more}"));
        }
    }
}

fn remark(row: &Row) -> String {
    let ratio = |index: usize| {
        let ratio = row.ratio(index, Figure::Cpu)?;
        Some(format!("{} {:.2}", row.outcomes[index].entrant.name, ratio.median))
    };
    let all: Vec<String> = (0..row.outcomes.len()).filter_map(ratio).take(4).collect();
    all.join(", ")
}
