//! `soak`: an hour's worth of mixed traffic in minutes, and all that goes wrong in an hour.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::args::{Args, Failure};
use crate::build::{self, Extra, Profile, Spec};
use crate::lua::{self, Backend, Lua};
use crate::process;
use crate::project::Project;
use crate::tally::Tally;

pub(crate) const HELP: &str = "
Lets all dialects talk to each other, in fibers and not, checks every byte and limit, and that descriptors,
threads and memory are flat at the end. Then connections that are dropped, no descriptors, little memory,
killed peers, a flood of connects, forks; and the traffic once more through a bottleneck that delays and
drops, in a network of its own.

Usage: cargo xtask soak [OPTIONS]

  --seconds N   for the traffic (default 60); the other numbers follow it. `ci` takes 4
  --lua V       5.1, 5.2, 5.3, 5.4 (default) or 5.5, standalone; jit: the module in an installed LuaJIT, which can fork
  --backend B   blocking or mio (default)
  --only P      this phase alone: mixed, dropped, descriptors, memory, killed, flood, fork or bottleneck
  --seed N      the same choices again

The last line is `N passed, N failed, N skipped`.
";

const PROGRAM: &str = "conformance/soak/soak.lua";
const BOTTLENECK: &str = "conformance/soak/bottleneck.sh";

/// Seconds of traffic that `ci` has time for.
const SHORT: u64 = 4;

/// What `--only` knows.
const PHASES: &str = "mixed dropped descriptors memory killed flood fork bottleneck";

fn phase(text: &str) -> Option<String> {
    PHASES.split(' ').any(|known| known == text).then(|| text.to_owned())
}

struct Options {
    seconds: u64,
    lua: Lua,
    backend: Backend,
    only: Option<String>,
    seed: Option<u64>,
}

impl Options {
    fn new(seconds: u64) -> Self {
        Options { seconds, lua: Lua::V54, backend: Backend::Mio, only: None, seed: None }
    }
}

pub(crate) fn main(mut args: Args) -> Result<(), Failure> {
    let mut options = Options::new(60);
    let number = |text: &str| text.parse::<u64>().ok();
    while let Some(name) = args.option()? {
        match name.as_str() {
            "--seconds" => options.seconds = args.one_of(&name, "numbers", number)?,
            "--lua" => options.lua = args.one_of(&name, Lua::KNOWN, Lua::parse)?,
            "--backend" => options.backend = args.one_of(&name, Backend::KNOWN, Backend::parse)?,
            "--only" => options.only = Some(args.one_of(&name, PHASES, phase)?),
            "--seed" => options.seed = Some(args.one_of(&name, "numbers", number)?),
            _ => return Err(args.unknown(&name)),
        }
    }
    args.finish()?;
    let tally = run(&Project::find()?, &options)?;
    println!("{tally}");
    if tally.failed > 0 || tally.passed == 0 { Err(Failure::Reported) } else { Ok(()) }
}

/// What `ci` runs.
pub(crate) fn short(project: &Project) -> Result<Tally, Failure> {
    run(project, &Options::new(SHORT))
}

fn run(project: &Project, options: &Options) -> Result<Tally, Failure> {
    let Options { lua, backend, .. } = *options;
    let spec = Spec { lua, backend, profile: Profile::Quick, extra: Extra::None };
    let (interpreter, module) = host(project, &spec)?;
    let mut tally = Tally::default();
    if options.only.as_deref() != Some("bottleneck") {
        tally +=
            phases(project, options, &[&interpreter], module.as_deref(), options.only.as_deref())?;
    }
    if options.only.as_deref().is_none_or(|only| only == "bottleneck") {
        tally += bottleneck(project, options, &interpreter, module.as_deref())?;
    }
    Ok(tally)
}

/// What runs the program, and where the module lies that it needs.
fn host(project: &Project, spec: &Spec) -> Result<(PathBuf, Option<PathBuf>), Failure> {
    let log = project.target.join("soak").join("build.log");
    if spec.lua != Lua::Jit {
        return Ok((build::standalone(project, spec, Some(&log))?, None));
    }
    let interpreter = spec.lua.installed().map_err(Failure::Failed)?;
    let module = project.target.join("soak").join(spec.label());
    build::module(project, spec, &module, Some(&log))?;
    Ok((interpreter, Some(module)))
}

/// The program below these words, and what it counted.
fn phases(
    project: &Project,
    options: &Options,
    words: &[&Path],
    module: Option<&Path>,
    only: Option<&str>,
) -> Result<Tally, Failure> {
    let mut command = lua::plain(Command::new(words[0]));
    if let Some(module) = module {
        lua::reach(&mut command, module);
    }
    command.args(&words[1..]).arg(project.root.join(PROGRAM));
    command.args(["--seconds", &options.seconds.to_string()]);
    if let Some(seed) = options.seed {
        command.args(["--seed", &seed.to_string()]);
    }
    if let Some(only) = only {
        command.args(["--only", only]);
    }
    let log = project.target.join("soak").join("soak.log");
    let limit = Duration::from_secs(300 + 10 * options.seconds);
    let ran = process::logged(&mut command, &log, limit)?;
    let output = ran.output();
    let said = output.lines().skip(1).filter(|line| Tally::closing_line(line).is_none());
    said.for_each(|line| println!("{line}"));
    let tally =
        Tally::closing_line(&output).filter(|tally| ran.end.is_success() || tally.failed > 0);
    Ok(tally.unwrap_or_else(|| {
        println!("it ended with {}", ran.end);
        Tally { failed: 1, ..Tally::default() }
    }))
}

/// The traffic in a network whose only way is slow and drops what does not fit.
fn bottleneck(
    project: &Project,
    options: &Options,
    interpreter: &Path,
    module: Option<&Path>,
) -> Result<Tally, Failure> {
    let script = project.root.join(BOTTLENECK);
    let output = Command::new("sh").arg(&script).stdin(Stdio::null()).output();
    let output = output.map_err(|error| Failure::io(script.display(), &error))?;
    let said = String::from_utf8_lossy(&output.stdout);
    let said = said.lines().last().unwrap_or("no network of its own");
    if !output.status.success() {
        println!("{:<12} {:<8} {:>10} {said}", "bottleneck", "skipped", "");
        return Ok(Tally { skipped: 1, ..Tally::default() });
    }
    println!("{:<12} {said}:", "bottleneck");
    let words = [Path::new("sh"), &script, interpreter];
    phases(project, options, &words, module, Some("mixed"))
}
