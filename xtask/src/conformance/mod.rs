//! `conformance`: every suite on every backend and Lua, as one matrix.

mod apps;
mod artefacts;
mod column;
mod matrix;
mod oracle;
mod rust;
mod scripts;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::args::{Args, Failure};
use crate::build::Profile;
use crate::lua::{Backend, Lua};
use crate::process::{self, Ran};
use crate::progress::Step;
use crate::project::Project;
use crate::tally::Tally;
use artefacts::Artefacts;
use column::Column;
use matrix::{Cell, Matrix};

pub(crate) const HELP: &str = "
Runs every suite on every backend and every Lua, and prints one matrix of the results.

Usage: cargo xtask conformance [OPTIONS]

What to run (everything, unless narrowed):
  --backend B      only blocking or only mio
  --lua V          only 5.1, 5.2, 5.3, 5.4, 5.5 or jit; `5.4s`, `5.5s`… is the standalone interpreter
  --dialect D      only this folder of conformance/lua
  --filter S       only cases whose name contains S
  --rust-only      only the Rust suite
  --lua-only       only what runs in a Lua interpreter
What to run besides:
  --oracle         the LuaSocket scripts on the system's LuaSocket as well
  --apps           conformance/apps: real programs and servers, on Lua 5.1, 5.4 and jit
  --upstream DIR   LuaSocket's own test programs, from a checkout of it, on debug builds of ours
How:
  --release        what is shipped; --quick (default) builds in seconds
  --require-all    an interpreter that is missing is a failure
  --limit S        seconds that one cell may take (default 300)

Columns: `rust` needs no Lua; `5.4` is the module in an installed interpreter; `5.4s` is the standalone
interpreter, which needs none. Where no Lua 5.5 is installed, its module is loaded into the standalone one.
Cells: `212` passed; `210 ✗2` two failed; `209 –3` three skipped; `–` not run, with the reason below.
Logs are kept in target/conformance/.
";

/// What is to be run, and how.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    backends: Vec<Backend>,
    columns: Vec<String>,
    dialect: Option<String>,
    filter: Option<String>,
    rust: bool,
    lua: bool,
    oracle: bool,
    apps: bool,
    upstream: Option<PathBuf>,
    profile: Profile,
    require_all: bool,
    limit: Duration,
}

impl Options {
    fn new() -> Self {
        Options {
            backends: Vec::new(),
            columns: Vec::new(),
            dialect: None,
            filter: None,
            rust: true,
            lua: true,
            oracle: false,
            apps: false,
            upstream: None,
            profile: Profile::Quick,
            require_all: false,
            limit: Duration::from_secs(300),
        }
    }

    /// What `ci` runs.
    pub(crate) fn everything() -> Self {
        Options { oracle: true, apps: true, require_all: true, ..Options::new() }
    }

    fn backends(&self) -> Vec<Backend> {
        if self.backends.is_empty() { Backend::ALL.to_vec() } else { self.backends.clone() }
    }

    fn wants(&self, column: Column) -> bool {
        self.columns.is_empty() || self.columns.iter().any(|name| column.is_called(name))
    }
}

/// Results: all of them, and those of the Rust suite alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    pub(crate) all: Tally,
    rust: Tally,
}

impl Report {
    /// For callers that have already counted the Rust suite.
    pub(crate) fn all_but_rust(self) -> Tally {
        let Report { all, rust } = self;
        Tally {
            passed: all.passed - rust.passed,
            failed: all.failed - rust.failed,
            skipped: all.skipped - rust.skipped,
        }
    }
}

pub(crate) fn main(mut args: Args) -> Result<(), Failure> {
    let options = read(&mut args)?;
    args.finish()?;
    let report = run(&Project::find()?, &options)?;
    if report.all.failed > 0 { Err(Failure::Reported) } else { Ok(()) }
}

fn read(args: &mut Args) -> Result<Options, Failure> {
    let mut options = Options::new();
    while let Some(name) = args.option()? {
        match name.as_str() {
            "--backend" => {
                options.backends.push(args.one_of(&name, Backend::KNOWN, Backend::parse)?)
            }
            "--lua" => options.columns.push(args.one_of(
                &name,
                &format!("{}, 5.4s, 5.5s …", Lua::KNOWN),
                column_name,
            )?),
            "--dialect" => options.dialect = Some(args.value(&name)?),
            "--filter" => options.filter = Some(args.value(&name)?),
            "--rust-only" => options.lua = false,
            "--lua-only" => options.rust = false,
            "--oracle" => options.oracle = true,
            "--apps" => options.apps = true,
            "--upstream" => options.upstream = Some(PathBuf::from(args.value(&name)?)),
            "--release" => options.profile = Profile::Release,
            "--quick" => options.profile = Profile::Quick,
            "--require-all" => options.require_all = true,
            "--limit" => {
                let seconds = args.one_of(&name, "whole seconds from 1", |text| {
                    text.parse().ok().filter(|s| *s > 0)
                })?;
                options.limit = Duration::from_secs(seconds);
            }
            _ => return Err(args.unknown(&name)),
        }
    }
    if !options.rust && !options.lua {
        return Err(args.wrong("`--rust-only` and `--lua-only` leave nothing"));
    }
    if options.dialect.is_some() || !options.columns.is_empty() {
        options.rust = false;
    }
    Ok(options)
}

fn column_name(text: &str) -> Option<String> {
    let lua = Lua::parse(text.strip_suffix('s').unwrap_or(text))?;
    (lua != Lua::Jit || text == "jit").then(|| text.to_owned())
}

/// Runs the suites, prints the matrix, and gives the sums.
pub(crate) fn run(project: &Project, options: &Options) -> Result<Report, Failure> {
    let mut session = Session::new(project, options);
    if options.rust {
        rust::run(&mut session);
    }
    if options.lua {
        scripts::run(&mut session)?;
        if options.oracle {
            oracle::run(&mut session)?;
        }
        if options.apps {
            apps::run(&mut session)?;
        }
        if let Some(checkout) = &options.upstream {
            apps::upstream(&mut session, checkout)?;
        }
    }
    let rust = session.matrix.tally_of(Column::Rust, options.require_all);
    let all = session.matrix.print(options.require_all);
    eprintln!("Logs: {}", project.short(&session.logs()));
    Ok(Report { all, rust })
}

/// One run of this command.
struct Session<'a> {
    project: &'a Project,
    options: &'a Options,
    artefacts: Artefacts<'a>,
    matrix: Matrix,
}

impl<'a> Session<'a> {
    fn new(project: &'a Project, options: &'a Options) -> Self {
        let artefacts = Artefacts::new(project, options.profile);
        Session { project, options, artefacts, matrix: Matrix::default() }
    }

    fn logs(&self) -> PathBuf {
        self.project.target.join("conformance").join("logs")
    }

    /// Runs a command to fill one cell. `judge` reads the counts; without counts the cell is broken.
    fn fill(
        &mut self,
        row: Row<'_>,
        column: Column,
        command: &mut Command,
        judge: fn(&str) -> Option<Tally>,
    ) {
        let name = format!("{}-{}-{}", row.suite, row.on, column.label());
        let log = self.logs().join(format!("{}.log", name.replace(['/', ' '], "-")));
        let step = Step::begin(format!("{} · {} · {}", row.suite, row.on, column.label()));
        let ran = process::logged(command, &log, self.options.limit);
        let cell = match &ran {
            Ok(ran) => self.judged(ran, judge(&ran.output())),
            Err(failure) => Cell::broken(failure.to_string()),
        };
        step.end(!cell.is_failure(), &cell.text());
        if let (true, Ok(ran)) = (cell.is_failure(), &ran) {
            eprintln!(
                "{}\n    full log: {}",
                indented(&ran.tail(30)),
                self.project.short(&ran.log)
            );
        }
        self.matrix.set(row, column, cell);
    }

    fn judged(&self, ran: &Ran, tally: Option<Tally>) -> Cell {
        let nothing_matches = self.options.filter.is_some()
            && tally
                .is_some_and(|tally| tally.is_empty() || ran.output().contains(scripts::EMPTY_RUN));
        match tally {
            _ if nothing_matches => Cell::Skipped("no case matches the filter".into()),
            None => Cell::broken(if ran.end.is_success() {
                "no closing line".into()
            } else {
                ran.end.to_string()
            }),
            Some(tally) if tally.passed + tally.failed == 0 => {
                Cell::Broken { tally, why: "nothing ran".into() }
            }
            Some(tally) if tally.failed == 0 && !ran.end.is_success() => {
                Cell::Broken { tally, why: ran.end.to_string() }
            }
            Some(tally) => Cell::Counts(tally),
        }
    }

    fn skip(&mut self, row: Row<'_>, column: Column, why: impl Into<String>) {
        self.matrix.set(row, column, Cell::Skipped(why.into()));
    }

    fn broken(&mut self, row: Row<'_>, column: Column, why: impl Into<String>) {
        self.matrix.set(row, column, Cell::broken(why.into()));
    }
}

/// A row's key: the suite, and what it runs on.
#[derive(Clone, Copy, Debug)]
struct Row<'a> {
    suite: &'a str,
    on: &'a str,
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
