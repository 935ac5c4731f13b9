//! `counts`: system calls and instructions per operation, of our module and of the system's LuaSocket.

mod measure;
mod operations;
mod peer;
mod table;

use crate::args::{Args, Failure};
use crate::build::Profile;
use crate::lua::{self, Backend, Lua};
use crate::paint;
use crate::progress::Step;
use crate::project::Project;
use crate::subject::{Subject, subjects};
use crate::tally::Tally;
use measure::Bench;
use operations::{OPERATIONS, Operation};
use table::{Column, Counted};

pub(crate) const HELP: &str = "
Counts system calls (strace) and instructions (valgrind's callgrind) per operation, of our module on
each backend and of the system's LuaSocket. Peers live in this process; only the other is counted.
Each count is the difference between a long and a short run of a workload in xtask/workloads, so that
start-up cancels out. The memory allocator's calls are left out.

Usage: cargo xtask counts [OPTIONS]

  --lua V             5.1, 5.2, 5.3, 5.4 (default), 5.5 or jit; where it is not installed,
                      the standalone interpreter
  --backend B         only blocking or only mio
  --filter S          only operations whose name contains S
  --check             fail when a bar on system calls or instructions is missed
  --calls-only        no instructions
  --rounds N          measure instructions N times and take the median (default 3)
  --luasocket-only    measure the system's LuaSocket and nothing else
  --quick             the profile of the tests instead of what is shipped
";

/// What is to be counted.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    lua: Lua,
    backends: Vec<Backend>,
    filter: Option<String>,
    check: bool,
    instructions: bool,
    rounds: u32,
    profile: Profile,
}

impl Options {
    fn new() -> Self {
        Options {
            lua: Lua::V54,
            backends: Backend::ALL.to_vec(),
            filter: None,
            check: false,
            instructions: true,
            rounds: 3,
            profile: Profile::Release,
        }
    }

    /// What `ci` runs: the bars alone. They hold in either profile.
    pub(crate) fn quick_check() -> Self {
        Options { check: true, rounds: 1, profile: Profile::Quick, ..Options::new() }
    }
}

pub(crate) fn main(mut args: Args) -> Result<(), Failure> {
    let mut options = Options::new();
    while let Some(name) = args.option()? {
        match name.as_str() {
            "--lua" => options.lua = args.one_of(&name, Lua::KNOWN, Lua::parse)?,
            "--backend" => {
                options.backends = vec![args.one_of(&name, Backend::KNOWN, Backend::parse)?]
            }
            "--filter" => options.filter = Some(args.value(&name)?),
            "--check" => options.check = true,
            "--calls-only" => options.instructions = false,
            "--rounds" => {
                options.rounds = args
                    .one_of(&name, "numbers from 1", |text| text.parse().ok().filter(|n| *n > 0))?;
            }
            "--luasocket-only" => options.backends.clear(),
            "--quick" => options.profile = Profile::Quick,
            "--release" => options.profile = Profile::Release,
            _ => return Err(args.unknown(&name)),
        }
    }
    if options.check && options.backends.is_empty() {
        return Err(args.wrong("`--check` has nothing to check with `--luasocket-only`"));
    }
    args.finish()?;
    let tally = run(&Project::find()?, &options)?;
    if tally.failed > 0 { Err(Failure::Reported) } else { Ok(()) }
}

/// Counts, prints the table, and gives the bars kept and missed, with `check` (else nothing).
pub(crate) fn run(project: &Project, options: &Options) -> Result<Tally, Failure> {
    let [strace, valgrind] = ["strace", "valgrind"].map(|tool| lua::on_path(tool).is_some());
    let missing = |tool: &str, what: &str| eprintln!("{tool} is not installed: no {what}");
    if !strace {
        missing("strace", "system calls");
    }
    if !valgrind && options.instructions {
        missing("valgrind", "instructions");
    }
    if !strace && (options.check || !(valgrind && options.instructions)) {
        return Err(Failure::Failed("there is nothing to count with".into()));
    }
    let wanted = |operation: &&Operation| {
        options.filter.as_ref().is_none_or(|filter| operation.name.contains(filter))
    };
    let operations: Vec<&Operation> = OPERATIONS.iter().filter(wanted).collect();
    if operations.is_empty() {
        return Err(Failure::no_such("counts", "no operation matches `--filter`"));
    }
    let (scripts, logs) = (project.root.join("xtask/workloads"), project.target.join("counts"));
    std::fs::create_dir_all(&logs).map_err(|error| Failure::io(logs.display(), &error))?;
    let bench = Bench { scripts: &scripts, logs: &logs };
    let rounds = if valgrind && options.instructions { options.rounds } else { 0 };
    let mut columns: Vec<Column> =
        subjects(project, options.lua, &options.backends, options.profile)?
            .iter()
            .map(|subject| column(bench, &operations, subject, strace, rounds))
            .collect();
    table::compare(&mut columns);
    report(options, &operations, &columns, rounds > 0)
}

fn column(
    bench: Bench<'_>,
    operations: &[&Operation],
    subject: &Subject,
    strace: bool,
    rounds: u32,
) -> Column {
    let mut counted = Vec::new();
    for operation in operations {
        let step = Step::begin(format!("count · {} · {}", subject.name, operation.name));
        let calls = strace.then(|| bench.calls(subject, operation));
        let instructions = (rounds > 0).then(|| bench.instructions(subject, operation, rounds));
        let well = !matches!(calls, Some(Err(_))) && !matches!(instructions, Some(Err(_)));
        step.end(well, "");
        counted.push(Counted { calls, instructions, theirs: None });
    }
    Column { name: subject.name.clone(), backend: subject.backend, counted }
}

fn report(
    options: &Options,
    operations: &[&Operation],
    columns: &[Column],
    instructions: bool,
) -> Result<Tally, Failure> {
    let style = paint::stdout();
    println!("\n{}, per operation\n", options.lua.title());
    println!("{}", table::render("system calls", operations, columns, style, table::calls_cell));
    if instructions {
        println!(
            "{}",
            table::render("instructions", operations, columns, style, table::instructions_cell)
        );
    }
    let problems = table::problems(operations, columns);
    for problem in &problems {
        println!("{} {problem}", style.bad("✗"));
    }
    if options.check {
        let tally = table::verdict(operations, columns);
        println!("bars: {tally}");
        return Ok(tally);
    }
    // Without `--check` a missed bar is only shown, but a measurement that failed is a failure.
    let broken = |counted: &Counted| {
        matches!(counted.calls, Some(Err(_))) || matches!(counted.instructions, Some(Err(_)))
    };
    let failed =
        columns.iter().flat_map(|column| &column.counted).filter(|counted| broken(counted)).count();
    Ok(Tally { failed: failed as u64, ..Tally::default() })
}
