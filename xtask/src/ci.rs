//! `ci`: everything that must hold before a merge. `.ci/run` calls this and nothing else.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use std::{env, fs, io};

use crate::args::{Args, Failure};
use crate::build::Profile;
use crate::json::Json;
use crate::lua::{Backend, Lua};
use crate::paint;
use crate::process;
use crate::progress::Step;
use crate::project::Project;
use crate::tally::Tally;
use crate::{conformance, counts, libtest, sabotage, simulate, soak, tidy};

pub(crate) const HELP: &str = "
Runs everything that must hold before a merge: formatting, lints for every Lua version, checks by
the oldest Rust and for 32 bits, all tests, the docs, the packages, `tidy`, `conformance --oracle
--apps --require-all`, `simulate --lua`, `sabotage --every 60`, `soak` and `counts --check`. Goes on
after a failure.

Usage: cargo xtask ci

Wants every Lua, LuaSocket and the servers installed, as `.ci/run` does it. Logs are kept in
target/ci/.
The last line is `N passed, N failed, N skipped`.
";

/// Each Lua version once, 5.4 with either backend, and once with all that is optional. LuaJIT loads the module for 5.1.
const LINTED: [(Lua, Backend, &str); 6] = [
    (Lua::V51, Backend::Blocking, ""),
    (Lua::V52, Backend::Mio, ""),
    (Lua::V53, Backend::Blocking, ""),
    (Lua::V54, Backend::Blocking, ""),
    (Lua::V54, Backend::Mio, ",debug,selftest"),
    (Lua::V55, Backend::Mio, ""),
];

/// Longer than any step takes on two cores with nothing built, so that it only ends what hangs.
const LIMIT: Duration = Duration::from_secs(900);

pub(crate) fn main(args: Args) -> Result<(), Failure> {
    args.finish()?;
    let project = Project::find()?;
    let mut ci = Ci { project: &project, done: Vec::new() };
    ci.formatting();
    ci.lints();
    ci.oldest();
    ci.small();
    let tests = ci.tests();
    ci.docs();
    ci.packages();
    ci.part("tidy", || tidy::run(&project));
    ci.part("conformance", || {
        let report = conformance::run(&project, &conformance::Options::everything())?;
        // The Rust suite's tests are among those of the workspace, if they got that far.
        Ok(if tests { report.all_but_rust() } else { report.all })
    });
    ci.part("simulate", || simulate::dialects(&project));
    ci.part("sabotage", || sabotage::sample(&project));
    ci.part("soak", || soak::short(&project));
    ci.part("counts", || counts::run(&project, &counts::Options::quick_check()));
    ci.summary()
}

struct Ci<'a> {
    project: &'a Project,
    done: Vec<Done>,
}

/// Empties the folder and makes a home for cargo in it, with the crates that are in the usual one. Cargo takes packages
/// for unchanged as long as their version is: it would build ours on what it unpacked and built of the others before.
fn fresh_home(folder: &Path) -> io::Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let home = folder.join("home");
    fs::create_dir_all(home.join("registry"))?;
    let usual = env::var_os("CARGO_HOME").map(PathBuf::from);
    let Some(usual) = usual.or_else(|| Some(env::home_dir()?.join(".cargo"))) else {
        return Ok(home);
    };
    for part in ["config.toml", "registry/index", "registry/cache"] {
        if usual.join(part).exists() {
            std::os::unix::fs::symlink(usual.join(part), home.join(part))?;
        }
    }
    Ok(home)
}

/// A step that is over. One without tests counts only if it failed.
struct Done {
    name: String,
    seconds: f64,
    tally: Tally,
    /// The tests that failed, where they have names.
    failed: Vec<String>,
}

impl Ci<'_> {
    fn formatting(&mut self) {
        let mut cargo = self.project.cargo();
        self.step("fmt", cargo.args(["fmt", "--all", "--check", "--", "--color", "never"]), |_| {
            None
        });
    }

    fn lints(&mut self) {
        let mut cargo = self.project.cargo();
        cargo.args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
        self.step("clippy", &mut cargo, |_| None);
        for (lua, backend, more) in LINTED {
            let mut cargo = self.project.cargo();
            // The modules' own profile and folder: what their build scripts need is then built once.
            cargo.args(["clippy", "--package", "moonsocket-lua", "--lib", "--no-default-features"]);
            cargo.args([
                "--features",
                &format!("module,{},{}{more}", lua.feature(), backend.name()),
            ]);
            cargo.args(["--profile", Profile::Quick.name(), "--target-dir"]);
            cargo.arg(self.project.target.join(lua.feature())).args(["--", "-D", "warnings"]);
            self.step(&format!("clippy {} {}", lua.feature(), backend.name()), &mut cargo, |_| {
                None
            });
        }
    }

    /// Does it build by the oldest Rust that the manifests promise, where rustup has that? `.ci/run` sees to it.
    fn oldest(&mut self) {
        let packages = self.project.metadata.get("packages").map(Json::items).unwrap_or_default();
        let version = packages.iter().find_map(|package| package.get("rust_version")?.text());
        let Some(version) = version.map(str::to_owned) else {
            return;
        };
        let name = format!("check by Rust {version}");
        let in_it = |words: &[&str]| {
            let mut rustup = Command::new("rustup");
            rustup.args(["run", &version]).args(words).current_dir(&self.project.root);
            rustup.env("CARGO_TARGET_DIR", self.project.target.join("oldest"));
            rustup
        };
        if in_it(&["rustc", "--version"]).output().is_ok_and(|output| output.status.success()) {
            let mut check = in_it(&["cargo", "check", "--workspace"]);
            self.step(&name, &mut check, |_| None);
        } else {
            self.skip(name);
        }
    }

    /// Does what needs no C compiler build where a word has 32 bits? Routers have such processors, and nixio is theirs.
    fn small(&mut self) {
        const TARGET: &str = "i686-unknown-linux-gnu";
        let name = "check for 32 bits".to_owned();
        let mut rustc = Command::new("rustc");
        let folder = rustc.args(["--print", "target-libdir", "--target", TARGET]).output();
        let is_there =
            |output: Output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir();
        if !folder.is_ok_and(is_there) {
            return self.skip(name);
        }
        let mut cargo = self.project.cargo();
        cargo.args(["check", "--lib", "--target", TARGET, "--no-default-features"]);
        for package in ["moonsocket-conformance", "moonsocket-mio", "moonsocket-lua"] {
            cargo.args(["--package", package]);
        }
        let features = ["module", "lua51", "blocking"].map(|it| format!("moonsocket-lua/{it}"));
        self.step(&name, cargo.args(["--features", &features.join(",")]), |_| None);
    }

    /// Notes a step for which rustup lacks what `.ci/run` gets where it can.
    fn skip(&mut self, name: String) {
        let seconds = Step::begin(&name).end(true, "rustup does not have it");
        let tally = Tally { skipped: 1, ..Tally::default() };
        self.done.push(Done { name, seconds, tally, failed: Vec::new() });
    }

    /// Did they run at all?
    fn tests(&mut self) -> bool {
        let mut cargo = self.project.cargo();
        cargo.args(["test", "--workspace", "--no-fail-fast"]);
        self.step("test", &mut cargo, libtest::tally);
        self.done.last().is_some_and(|done| done.tally.passed > 0)
    }

    fn docs(&mut self) {
        let mut cargo = self.project.cargo();
        cargo.args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings");
        self.step("doc", &mut cargo, |_| None);
    }

    /// What would be published is whole: each package is built from what is packed, on the others as they are packed.
    fn packages(&mut self) {
        let folder = self.project.target.join("packages");
        let mut cargo = self.project.cargo();
        cargo.args(["package", "--workspace", "--exclude", "xtask", "--allow-dirty", "--offline"]);
        match fresh_home(&folder) {
            Ok(home) => _ = cargo.env("CARGO_HOME", home).env("CARGO_TARGET_DIR", &folder),
            Err(error) => eprintln!("{}: {error}", folder.display()),
        }
        self.step("package", &mut cargo, |_| None);
    }

    /// A step that is a process: well if it exits with 0, whatever it counted.
    fn step(&mut self, name: &str, command: &mut Command, count: fn(&str) -> Option<Tally>) {
        let log = self.project.target.join("ci").join(format!("{}.log", name.replace(' ', "-")));
        let step = Step::begin(name);
        let ran = process::logged(command, &log, LIMIT);
        let (well, mut tally) = match &ran {
            Ok(ran) => (ran.end.is_success(), count(&ran.output()).unwrap_or_default()),
            Err(_) => (false, Tally::default()),
        };
        if !well {
            tally.failed = tally.failed.max(1);
        }
        let seconds =
            step.end(well, &if tally.is_empty() { String::new() } else { tally.to_string() });
        let mut failed = Vec::new();
        match &ran {
            Ok(ran) if !well => {
                // Other tests, which went well, may have run since.
                let (names, said) = libtest::failures(&ran.output());
                eprintln!("{}\n({})", if names.is_empty() { ran.tail(60) } else { said }, ran.end);
                failed = names;
            }
            Err(failure) => eprintln!("{failure}"),
            Ok(_) => {}
        }
        self.done.push(Done { name: name.to_owned(), seconds, tally, failed });
    }

    /// A step that is another command of this program.
    fn part(&mut self, name: &str, run: impl FnOnce() -> Result<Tally, Failure>) {
        eprintln!("\n{}", paint::stderr().bold(name));
        let started = Instant::now();
        let tally = run().unwrap_or_else(|failure| {
            failure.report();
            Tally { failed: 1, ..Tally::default() }
        });
        self.done.push(Done {
            name: name.to_owned(),
            seconds: started.elapsed().as_secs_f64(),
            tally,
            failed: Vec::new(),
        });
    }

    fn summary(&self) -> Result<(), Failure> {
        let style = paint::stdout();
        let mut total = Tally::default();
        println!();
        for done in &self.done {
            total += done.tally;
            let mark = if done.tally.failed == 0 { style.good("✓") } else { style.bad("✗") };
            let remark = if done.tally.is_empty() { String::new() } else { done.tally.to_string() };
            println!(
                "{}",
                format!("{mark} {:<22} {:7.1} s  {remark}", done.name, done.seconds).trim_end()
            );
            for name in &done.failed {
                println!("    {name}");
            }
        }
        println!(
            "  {:<22} {:7.1} s",
            "all",
            self.done.iter().map(|done| done.seconds).sum::<f64>()
        );
        println!("\n{total}");
        if total.failed > 0 { Err(Failure::Reported) } else { Ok(()) }
    }
}
