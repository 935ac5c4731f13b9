//! What `conformance` is asked to run, and how.

use std::path::PathBuf;
use std::time::Duration;

use super::Column;
use crate::args::{Args, Failure};
use crate::build::Profile;
use crate::lua::{Backend, Lua};

pub(crate) const HELP: &str = "
Runs every suite on every backend and every Lua, and prints one matrix of the results.

Usage: cargo xtask conformance [OPTIONS]

What to run (everything, unless narrowed; `--lua` and `--dialect` leave out the Rust suite):
  --backend B      only blocking or only mio
  --lua V          only 5.1, 5.2, 5.3, 5.4, 5.5 or jit; `5.4s` is the standalone interpreter alone
  --dialect D      only this folder of conformance/lua
  --filter S       only cases whose name contains S
  --rust-only      only the Rust suite
  --lua-only       only what runs in a Lua interpreter
What to run besides:
  --oracle         the LuaSocket scripts on the system's LuaSocket as well, and nixio's on the
                   built checkout of it that MOONSOCKET_NIXIO names, if it is set
  --apps           conformance/apps: real programs and servers, on Lua 5.1, 5.4 and jit
  --upstream DIR   LuaSocket's own test programs, from a checkout of it, on debug builds of ours
How:
  --release        what is shipped; --quick (default) builds in seconds
  --valgrind       the Lua suites below valgrind: an error or a definite leak fails the cell
  --require-all    an interpreter that is missing is a failure
  --jobs N         that many Lua suites at a time (default: one more than processors, 4 at most)
  --limit S        seconds that one cell may take (default 300; 1800 with --valgrind)

Columns: `rust` needs no Lua; `5.4` is the module in an installed interpreter; `5.4s` is the
standalone interpreter, which needs none. Where no Lua 5.5 is installed, its module is loaded
into the standalone one.
Cells: `212` passed; `210 ✗2` two failed; `209 –3` three skipped; `–` not run, and why below.
Logs are kept in target/conformance/.
";

/// What is to be run, and how.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    backends: Vec<Backend>,
    columns: Vec<String>,
    pub(super) dialect: Option<String>,
    pub(super) filter: Option<String>,
    pub(super) rust: bool,
    pub(super) lua: bool,
    pub(super) oracle: bool,
    pub(super) apps: bool,
    pub(super) upstream: Option<PathBuf>,
    pub(super) profile: Profile,
    pub(super) valgrind: bool,
    pub(super) require_all: bool,
    pub(super) limit: Duration,
    /// How many suites run at a time.
    pub(super) jobs: usize,
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
            valgrind: false,
            require_all: false,
            limit: Duration::from_secs(300),
            // Half of their time they wait.
            jobs: std::thread::available_parallelism().map_or(1, |n| (n.get() + 1).min(4)),
        }
    }

    /// What `ci` runs.
    pub(crate) fn everything() -> Self {
        Options { oracle: true, apps: true, require_all: true, ..Options::new() }
    }

    /// Reads the command line.
    pub(super) fn read(args: &mut Args) -> Result<Options, Failure> {
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
                "--valgrind" => {
                    options.valgrind = true;
                    options.limit = Duration::from_secs(1800);
                }
                "--require-all" => options.require_all = true,
                "--limit" => {
                    let seconds = args.one_of(&name, "whole seconds from 1", |text| {
                        text.parse().ok().filter(|s| *s > 0)
                    })?;
                    options.limit = Duration::from_secs(seconds);
                }
                "--jobs" => {
                    options.jobs = args.one_of(&name, "numbers from 1", |text| {
                        text.parse().ok().filter(|jobs| *jobs > 0)
                    })?;
                }
                _ => return Err(args.unknown(&name)),
            }
        }
        let is_narrowed = options.dialect.is_some() || !options.columns.is_empty();
        if !options.lua && (is_narrowed || !options.rust) {
            return Err(args.wrong("`--rust-only` leaves nothing of what else is asked for"));
        }
        options.rust &= !is_narrowed;
        Ok(options)
    }

    /// The backends to run on.
    pub(super) fn backends(&self) -> Vec<Backend> {
        if self.backends.is_empty() { Backend::ALL.to_vec() } else { self.backends.clone() }
    }

    /// Was no backend asked for? Then the simulated one runs too, where it can.
    pub(super) fn takes_any_backend(&self) -> bool {
        self.backends.is_empty()
    }

    /// Is this column to be filled?
    pub(super) fn wants(&self, column: Column) -> bool {
        self.columns.is_empty() || self.columns.iter().any(|name| column.is_called(name))
    }
}

fn column_name(text: &str) -> Option<String> {
    let lua = Lua::parse(text.strip_suffix('s').unwrap_or(text))?;
    (lua != Lua::Jit || text == "jit").then(|| text.to_owned())
}
