//! `sabotage`: proof that a dialect's suite notices whatever of the dialect is broken.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::args::{Args, Failure};
use crate::build::{self, Extra, Profile, Spec};
use crate::lua::{self, Backend, Lua};
use crate::paint;
use crate::process::{self, End};
use crate::progress::Step;
use crate::project::Project;
use crate::tally::Tally;
use crate::workers;

pub(crate) const HELP: &str = "
Breaks a dialect at the level of Lua, one thing at a time, and fails when its suite does not notice: an
argument that is ignored, a result that is another, an effect that does not happen, an error that is not
raised, a constant or property that reads otherwise. What there is to break is what the suite itself was
seen to use, and what it never uses; conformance/lua/sabotage/init.lua says how.

Usage: cargo xtask sabotage [OPTIONS]

  --dialect D   this one alone (default: every folder of conformance/lua that has a sabotage.lua)
  --lua V       5.2, 5.3, 5.4 (default) or 5.5, standalone
  --backend B   blocking (default) or mio
  --filter S    only what contains S
  --every N     only each Nth, for a look
  --list        all that can be broken, without breaking it

The last line is `N passed, N failed, N skipped`: noticed, unnoticed, excused with a reason.
";

const RUNNER: &str = "conformance/lua/run.lua";

/// How long the suite may take with something broken: some waits never end then, which is noticed, too.
const LIMIT: Duration = Duration::from_secs(12);

struct Options {
    dialect: Option<String>,
    spec: Spec,
    filter: String,
    every: usize,
    list: bool,
}

impl Options {
    fn new(every: usize) -> Self {
        let spec = Spec {
            lua: Lua::V54,
            backend: Backend::Blocking,
            profile: Profile::Quick,
            extra: Extra::None,
        };
        Options { dialect: None, spec, filter: String::new(), every, list: false }
    }
}

/// What `ci` runs.
pub(crate) fn sample(project: &Project) -> Result<Tally, Failure> {
    run(project, &Options::new(60))
}

pub(crate) fn main(mut args: Args) -> Result<(), Failure> {
    let mut options = Options::new(1);
    let number = |text: &str| text.parse::<usize>().ok().filter(|&every| every > 0);
    while let Some(name) = args.option()? {
        match name.as_str() {
            "--dialect" => options.dialect = Some(args.value(&name)?),
            "--lua" => options.spec.lua = args.one_of(&name, Lua::KNOWN, Lua::parse)?,
            "--backend" => {
                options.spec.backend = args.one_of(&name, Backend::KNOWN, Backend::parse)?;
            }
            "--filter" => options.filter = args.value(&name)?,
            "--every" => options.every = args.one_of(&name, "numbers from 1 up", number)?,
            "--list" => options.list = true,
            _ => return Err(args.unknown(&name)),
        }
    }
    if matches!(options.spec.lua, Lua::V51 | Lua::Jit) {
        return Err(args.wrong("Lua 5.1 does not show what a function of C holds"));
    }
    args.finish()?;
    let tally = run(&Project::find()?, &options)?;
    println!("{tally}");
    if tally.failed > 0 || (tally.passed == 0 && !options.list) {
        return Err(Failure::Reported);
    }
    Ok(())
}

fn run(project: &Project, options: &Options) -> Result<Tally, Failure> {
    let dialects = dialects(project, options)?;
    let logs = project.target.join("sabotage");
    let interpreter = build::standalone(project, &options.spec, Some(&logs.join("build.log")))?;
    let mut tally = Tally::default();
    for dialect in dialects {
        let saboteur =
            Saboteur { project, interpreter: &interpreter, dialect: &dialect, logs: &logs };
        let faults = saboteur.observe()?;
        let wanted = |fault: &Fault| fault.name.contains(&options.filter);
        let faults = faults.into_iter().filter(wanted).step_by(options.every).collect::<Vec<_>>();
        if options.list {
            faults.iter().for_each(|fault| println!("{}", fault.name));
        } else {
            tally += saboteur.break_each(&faults);
        }
    }
    Ok(tally)
}

/// The folders of conformance/lua that say what of them can be broken.
fn dialects(project: &Project, options: &Options) -> Result<Vec<String>, Failure> {
    let top = project.root.join("conformance/lua");
    let entries = std::fs::read_dir(&top).map_err(|error| Failure::io(top.display(), &error))?;
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().join("sabotage.lua").is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| options.dialect.as_ref().is_none_or(|wanted| wanted == name))
        .collect();
    names.sort();
    match &options.dialect {
        Some(wanted) if names.is_empty() => {
            Err(Failure::no_such("sabotage", format!("{wanted} has no sabotage.lua")))
        }
        _ => Ok(names),
    }
}

/// A thing that can be broken.
#[derive(Clone, Debug, PartialEq)]
struct Fault {
    /// Its place in the runner's list.
    number: usize,
    name: String,
    /// Why it may go unnoticed.
    excuse: Option<String>,
}

/// The runner's list, from what it printed.
fn faults(output: &str) -> Vec<Fault> {
    let lines = output.lines().filter_map(|line| line.strip_prefix("fault\t"));
    let read = |(index, line): (usize, &str)| {
        let (name, excuse) = line.split_once('\t').unwrap_or((line, ""));
        let excuse = (!excuse.is_empty()).then(|| excuse.to_owned());
        Fault { number: index + 1, name: name.to_owned(), excuse }
    };
    lines.enumerate().map(read).collect()
}

/// What came of breaking something.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Noticed,
    Unnoticed,
    /// It may go unnoticed, and does.
    Excused,
    /// It may go unnoticed, but does not.
    StaleExcuse,
}

impl Fate {
    fn of(fault: &Fault, noticed: bool) -> Self {
        match (&fault.excuse, noticed) {
            (None, true) => Fate::Noticed,
            (None, false) => Fate::Unnoticed,
            (Some(_), false) => Fate::Excused,
            (Some(_), true) => Fate::StaleExcuse,
        }
    }

    fn tally(self) -> Tally {
        let [passed, failed, skipped] = match self {
            Fate::Noticed => [1, 0, 0],
            Fate::Unnoticed | Fate::StaleExcuse => [0, 1, 0],
            Fate::Excused => [0, 0, 1],
        };
        Tally { passed, failed, skipped }
    }
}

/// One dialect's suite, and what runs it.
struct Saboteur<'a> {
    project: &'a Project,
    interpreter: &'a Path,
    dialect: &'a str,
    logs: &'a Path,
}

impl Saboteur<'_> {
    fn runner(&self) -> Command {
        let mut command = lua::plain(Command::new(self.interpreter));
        command.current_dir(&self.project.root).args([RUNNER, "--dialect", self.dialect]);
        command
    }

    /// Where the runner keeps its list.
    fn list(&self) -> PathBuf {
        self.logs.join(format!("{}.lua", self.dialect))
    }

    /// Lets the suite run with nothing broken, and be watched.
    fn observe(&self) -> Result<Vec<Fault>, Failure> {
        let log = self.logs.join(format!("{}.log", self.dialect));
        let mut command = self.runner();
        let ran = process::logged(command.arg("--observe").arg(self.list()), &log, LIMIT * 10)?;
        let found = faults(&ran.output());
        if ran.end.is_success() && !found.is_empty() {
            return Ok(found);
        }
        let why = format!("the suite of {} fails when it is watched ({})", self.dialect, ran.end);
        Err(Failure::Failed(format!("{why}\n{}", ran.tail(30))))
    }

    /// Breaks one thing after the other, a few at a time.
    fn break_each(&self, faults: &[Fault]) -> Tally {
        let step = Step::begin(format!("sabotage · {}", self.dialect));
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let mut results = workers::each(faults, workers, |worker, fault| {
            let log = self.logs.join(format!("{}-{worker}.log", self.dialect));
            (fault, self.break_one(fault, &log))
        });
        results.sort_by_key(|(fault, _)| fault.number);
        let mut tally = Tally::default();
        results.iter().for_each(|(_, fate)| tally += fate.tally());
        step.end(tally.failed == 0, &tally.to_string());
        report(self.dialect, &results);
        tally
    }

    fn break_one(&self, fault: &Fault, log: &Path) -> Fate {
        let mut command = self.runner();
        command.arg("--sabotage").arg(self.list());
        command.args(["--fault", &fault.number.to_string()]);
        match process::logged(&mut command, log, LIMIT) {
            // The runner's own failures are none of the suite.
            Ok(ran) if ran.end == End::Code(0) || ran.output().contains(RUNNER_FAILED) => {
                Fate::of(fault, false)
            }
            // A slow machine notices nothing.
            Ok(ran) if matches!(ran.end, End::TimedOut(_)) && fault.excuse.is_some() => {
                Fate::Excused
            }
            Ok(_) => Fate::of(fault, true),
            Err(_) => Fate::Unnoticed,
        }
    }
}

const RUNNER_FAILED: &str = "the runner itself failed";

fn report(dialect: &str, results: &[(&Fault, Fate)]) {
    let style = paint::stdout();
    for (fault, fate) in results {
        let what = match fate {
            Fate::Unnoticed => style.bad("unnoticed"),
            Fate::StaleExcuse => style.bad("noticed, but excused"),
            Fate::Noticed | Fate::Excused => continue,
        };
        println!("{what}  {dialect}: {}", fault.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_what_the_runner_printed() {
        let found = faults("ok    x\nfault\ta: is another\t\nfault\tb: does nothing\twhy not\n");
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].number, found[0].excuse.as_deref()), (1, None));
        assert_eq!(found[1].name, "b: does nothing");
        assert_eq!(found[1].excuse.as_deref(), Some("why not"));
    }

    #[test]
    fn an_excuse_is_good_only_while_it_is_needed() {
        let plain = Fault { number: 1, name: "x".into(), excuse: None };
        let excused = Fault { excuse: Some("y".into()), ..plain.clone() };
        assert_eq!(Fate::of(&plain, true), Fate::Noticed);
        assert_eq!(Fate::of(&plain, false), Fate::Unnoticed);
        assert_eq!(Fate::of(&excused, true), Fate::StaleExcuse);
        assert_eq!(Fate::of(&excused, false), Fate::Excused);
    }
}
