//! `simulate`: many worlds without a kernel, and proof that they would notice a fault.

mod dialects;
mod mutants;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::args::{Args, Failure};
use crate::paint;
use crate::process::{self, End, Ran};
use crate::progress::Step;
use crate::project::Project;
use crate::tally::Tally;
use mutants::{MUTANTS, Mutant};

pub(crate) const HELP: &str = "
Runs core's operations, through both drivers, in simulated worlds: a virtual clock, and short reads and
writes, would-blocks, signals, resets, refusals, ends and slow peers from a seed. A model decides what
must come out. The same seed is the same world.

Usage: cargo xtask simulate [OPTIONS]

  --seeds N           that many worlds (default 100000)
  --first S           from this seed on (default 0)
  --seed S            this world alone, with a backtrace where it surprises
  --lua               the Lua surface of all dialects instead: a process a world, in which fibers talk to
                      each other (default 300)
  --mutants           puts faults into a copy of the engine, one at a time, and tells how many worlds it
                      takes to notice each; fails when one is not noticed
  --filter S          only mutants whose name contains S
  --list              the mutants' names
";

/// A mutant has to be noticed within so many worlds.
const WITHIN: u64 = 10_000;

/// How many worlds in which the dialects are spoken are enough for a look: each is a process.
const DIALECT_WORLDS: u64 = 300;

/// How long a mutant may take for them: some make a run hang, which is noticed, too.
const LIMIT: Duration = Duration::from_secs(60);

/// What is to be simulated.
#[derive(Clone, Debug, Default)]
struct Options {
    first: u64,
    /// None: the usual number.
    count: Option<u64>,
    lua: bool,
    mutants: bool,
    filter: String,
}

pub(crate) fn main(mut args: Args) -> Result<(), Failure> {
    let mut options = Options::default();
    let number = |text: &str| text.parse::<u64>().ok();
    while let Some(name) = args.option()? {
        match name.as_str() {
            "--seeds" => {
                let some = |text: &str| text.parse().ok().filter(|count| *count > 0);
                options.count = Some(args.one_of(&name, "numbers from 1", some)?);
            }
            "--first" => options.first = args.one_of(&name, "numbers", number)?,
            "--seed" => {
                options.first = args.one_of(&name, "numbers", number)?;
                options.count = Some(1);
            }
            "--lua" => options.lua = true,
            "--mutants" => options.mutants = true,
            "--filter" => options.filter = args.value(&name)?,
            "--list" => {
                MUTANTS.iter().for_each(|mutant| println!("{}", mutant.name));
                return Ok(());
            }
            _ => return Err(args.unknown(&name)),
        }
    }
    args.finish()?;
    let project = Project::find()?;
    if options.mutants {
        breed(&project, &options.filter)
    } else if options.lua {
        let tally =
            dialects::run(&project, options.first, options.count.unwrap_or(DIALECT_WORLDS))?;
        println!("{tally}");
        if tally.failed > 0 { Err(Failure::Reported) } else { Ok(()) }
    } else {
        worlds(&project, options.first, options.count.unwrap_or(100_000))
    }
}

/// The first worlds in which the dialects are spoken: what `ci` runs.
pub(crate) fn dialects(project: &Project) -> Result<Tally, Failure> {
    dialects::run(project, 0, DIALECT_WORLDS)
}

/// The engine as it is.
fn worlds(project: &Project, first: u64, count: u64) -> Result<(), Failure> {
    let built = build(project, &project.root, &project.target)?;
    if !built.end.is_success() {
        return Err(Failure::Failed(format!("the simulator does not build\n{}", built.tail(30))));
    }
    let mut command = Command::new(simulator(&project.target));
    command.args([first.to_string(), count.to_string()]);
    command.env("RUST_BACKTRACE", if count == 1 { "1" } else { "0" });
    let status = command.status().map_err(|error| Failure::io("the simulator", &error))?;
    if status.success() {
        return Ok(());
    }
    if count != 1 {
        eprintln!("Once more: cargo xtask simulate --seed THE_NUMBER_ABOVE");
    }
    Err(Failure::Reported)
}

/// Every mutant in its turn.
fn breed(project: &Project, filter: &str) -> Result<(), Failure> {
    let copy = Copy::make(project)?;
    let mut rows = Vec::new();
    let mut tally = Tally::default();
    for mutant in MUTANTS.iter().filter(|mutant| mutant.name.contains(filter)) {
        let step = Step::begin(format!("mutant · {}", mutant.name));
        let fate = copy.try_out(project, mutant)?;
        step.end(fate.is_noticed(), &fate.to_string());
        if fate.is_noticed() {
            tally.passed += 1
        } else {
            tally.failed += 1
        }
        rows.push((mutant, fate));
    }
    println!("\n{}", table(&rows));
    println!("{tally}");
    if tally.failed > 0 || tally.passed == 0 { Err(Failure::Reported) } else { Ok(()) }
}

/// What became of a mutant.
#[derive(Clone, Debug)]
enum Fate {
    /// In the world of this seed, counted from 0, something came out that must not have.
    Noticed {
        seed: u64,
        what: String,
    },
    /// The run did not end, or ended in another way than a run does.
    Stuck(End),
    Unnoticed,
}

impl Fate {
    fn is_noticed(&self) -> bool {
        !matches!(self, Fate::Unnoticed)
    }
}

impl std::fmt::Display for Fate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fate::Noticed { seed, .. } => write!(f, "{}", seed + 1),
            Fate::Stuck(end) => write!(f, "{end}"),
            Fate::Unnoticed => write!(f, "not within {WITHIN}"),
        }
    }
}

fn table(rows: &[(&Mutant, Fate)]) -> String {
    let style = paint::stdout();
    let width = rows.iter().map(|(mutant, _)| mutant.name.chars().count()).max().unwrap_or(0);
    let mut out = format!("{:width$}  worlds until it is noticed, and how\n", "fault");
    for (mutant, fate) in rows {
        let what = match fate {
            Fate::Noticed { what, .. } => what.chars().take(70).collect(),
            Fate::Stuck(_) => String::new(),
            Fate::Unnoticed => style.bad("✗").to_string(),
        };
        out += &format!("{:width$}  {:>6}  {what}\n", mutant.name, fate.to_string());
    }
    out
}

/// A copy of what the simulator is made of.
struct Copy {
    root: PathBuf,
    target: PathBuf,
}

impl Copy {
    fn make(project: &Project) -> Result<Self, Failure> {
        let root = project.target.join("mutants").join("workspace");
        let _ = std::fs::remove_dir_all(&root);
        for folder in ["core", "conformance"] {
            copy_sources(&project.root.join(folder), &root.join(folder))?;
        }
        let file = |name: &str| {
            let path = project.root.join(name);
            std::fs::read_to_string(&path).map_err(|error| Failure::io(path.display(), &error))
        };
        let manifest = file("Cargo.toml")?;
        let members = manifest.lines().map(|line| {
            if line.starts_with("members") { "members = [\"core\", \"conformance\"]" } else { line }
        });
        write(&root.join("Cargo.toml"), &members.collect::<Vec<_>>().join("\n"))?;
        write(&root.join("Cargo.lock"), &file("Cargo.lock")?)?;
        Ok(Copy { root, target: project.target.join("mutants").join("target") })
    }

    /// Builds the engine with the fault in it, lets the worlds run, and takes the fault out again.
    fn try_out(&self, project: &Project, mutant: &Mutant) -> Result<Fate, Failure> {
        let path = self.root.join(mutant.file);
        let sound =
            std::fs::read_to_string(&path).map_err(|error| Failure::io(path.display(), &error))?;
        write(&path, &mutant.applied_to(&sound).map_err(Failure::Failed)?)?;
        let built = build(project, &self.root, &self.target)?;
        write(&path, &sound)?;
        if !built.end.is_success() {
            let why = built.tail(30);
            return Err(Failure::Failed(format!("`{}` does not build\n{why}", mutant.name)));
        }
        let log = project.target.join("mutants").join("simulate.log");
        let mut command = Command::new(simulator(&self.target));
        let ran = process::logged(command.args(["0", &WITHIN.to_string()]), &log, LIMIT)?;
        Ok(match ran.end {
            End::Code(0) => Fate::Unnoticed,
            End::Code(1) => surprise(&ran.tail(1)).unwrap_or(Fate::Stuck(ran.end)),
            end => Fate::Stuck(end),
        })
    }
}

fn surprise(line: &str) -> Option<Fate> {
    let (seed, what) = line.split_once(' ')?;
    Some(Fate::Noticed { seed: seed.parse().ok()?, what: what.to_owned() })
}

fn build(project: &Project, root: &Path, target: &Path) -> Result<Ran, Failure> {
    let log = project.target.join("mutants").join("build.log");
    let mut cargo = project.cargo();
    cargo.current_dir(root).env("CARGO_TARGET_DIR", target);
    cargo.args(["build", "--quiet", "--profile", "quick", "--bin", "simulate"]);
    cargo.args(["--package", "moonsocket-conformance"]);
    process::logged(&mut cargo, &log, Duration::from_secs(600))
}

fn simulator(target: &Path) -> PathBuf {
    target.join("quick").join("simulate")
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| Failure::io(path.display(), &error))
}

/// A folder with all that is in it, but for what cargo puts there.
fn copy_sources(from: &Path, to: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::io(from.display(), &error);
    std::fs::create_dir_all(to).map_err(failed)?;
    for entry in std::fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            if entry.file_name() != "target" {
                copy_sources(&path, &copy)?;
            }
        } else {
            std::fs::copy(&path, &copy).map_err(failed)?;
        }
    }
    Ok(())
}
