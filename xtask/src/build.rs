//! `build`: the module for one Lua and backend, laid out so that `require` finds every name of it.
//! Also what the other commands build: modules into logs, and the standalone interpreter.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::args::{Args, Failure};
use crate::env;
use crate::layout::{self, Folders};
use crate::lua::{Backend, Lua};
use crate::process;
use crate::project::Project;

pub(crate) const HELP: &str = "
Builds the module for one Lua and one backend, and lays it out in a folder.

Usage: cargo xtask build --lua V --backend B --out DIR [OPTIONS]

  --lua V          5.1, 5.2, 5.3, 5.4, 5.5 or jit (LuaJIT loads the module for 5.1)
  --backend B      blocking or mio
  --out DIR        where to put it; files that are there are replaced atomically
  --quick          the profile of the tests: builds in seconds, runs a little slower
  --debug-socket   LuaSocket's debug build: `_DEBUG`, and times as a fourth result

Afterwards these two settings are all that a Lua program needs:
  LUA_PATH=\"DIR/?.lua;;\" LUA_CPATH=\"DIR/?.so;;\"
and LUA_CPATH alone puts the engine under LuaSocket's own Lua files. No Lua headers are needed.
";

/// How cargo optimises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    Quick,
    Release,
}

impl Profile {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Profile::Quick => "quick",
            Profile::Release => "release",
        }
    }
}

/// What a build has that others have not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extra {
    None,
    /// LuaSocket's debug build.
    Debug,
    /// The toy dialect that proves the layer over Lua's C functions.
    Selftest,
    /// The simulated backend instead of the one that the build names.
    Simulated,
}

impl Extra {
    /// The module with which a build for tests opens besides the listed ones.
    const TOY: &str = "moonsocket_selftest";

    /// `,feature` or `-feature`, if there is one.
    fn after(self, mark: char) -> String {
        match self {
            Extra::None => String::new(),
            Extra::Debug => format!("{mark}debug"),
            Extra::Selftest => format!("{mark}selftest"),
            Extra::Simulated => format!("{mark}simulated"),
        }
    }
}

/// What to build.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spec {
    pub(crate) lua: Lua,
    pub(crate) backend: Backend,
    pub(crate) profile: Profile,
    pub(crate) extra: Extra,
}

impl Spec {
    fn features(&self, kind: &str) -> String {
        format!("{kind},{},{}{}", self.lua.feature(), self.backend.name(), self.extra.after(','))
    }

    /// One target folder per Lua version: their features exclude each other, and a change of backend rebuilds little.
    fn target(&self, project: &Project) -> PathBuf {
        project.target.join(self.lua.feature())
    }

    /// A name for folders and logs.
    pub(crate) fn label(&self) -> String {
        format!("{}-{}{}", self.lua.feature(), self.backend.name(), self.extra.after('-'))
    }
}

pub(crate) fn main(mut args: Args) -> Result<(), Failure> {
    let (mut lua, mut backend, mut out) = (None, None, None);
    let (mut profile, mut extra) = (Profile::Release, Extra::None);
    while let Some(name) = args.option()? {
        match name.as_str() {
            "--lua" => lua = Some(args.one_of(&name, Lua::KNOWN, Lua::parse)?),
            "--backend" => backend = Some(args.one_of(&name, Backend::KNOWN, Backend::parse)?),
            "--out" => out = Some(PathBuf::from(args.value(&name)?)),
            "--quick" => profile = Profile::Quick,
            "--debug-socket" => extra = Extra::Debug,
            _ => return Err(args.unknown(&name)),
        }
    }
    let missing = |name| args.wrong(format!("`{name}` is missing"));
    let lua = lua.ok_or_else(|| missing("--lua"))?;
    let backend = backend.ok_or_else(|| missing("--backend"))?;
    let out = out.ok_or_else(|| missing("--out"))?;
    env::check(&out).map_err(|why| args.wrong(why))?;
    args.finish()?;
    let project = Project::find()?;
    module(&project, &Spec { lua, backend, profile, extra }, &out, None)?;
    eprintln!(
        "Built the {} module for {} in {}. To use it in this shell:\n{}",
        backend.name(),
        lua.title(),
        project.short(&out),
        env::exports(&out).trim_end()
    );
    Ok(())
}

/// Builds the module and lays it out in `out`. Cargo's output goes to `log` where one is given.
pub(crate) fn module(
    project: &Project,
    spec: &Spec,
    out: &Path,
    log: Option<&Path>,
) -> Result<(), Failure> {
    module_in(project, spec, &Folders::both(out), log)
}

/// The same with a folder for the libraries and one for the files of Lua.
pub(crate) fn module_in(
    project: &Project,
    spec: &Spec,
    folders: &Folders,
    log: Option<&Path>,
) -> Result<(), Failure> {
    let mut cargo = cargo(project, spec, "rustc");
    cargo.args(["--lib", "--crate-type", "cdylib", "--features", &spec.features("module")]);
    compile(&mut cargo, log)?;
    let file =
        format!("{}moonsocket{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let toy = (spec.extra == Extra::Selftest).then_some(Extra::TOY);
    let library = spec.target(project).join(spec.profile.name()).join(file);
    layout::lay_out(&project.root.join("lua-binding"), &library, toy, folders)
        .map_err(|error| Failure::io(folders.libraries.display(), &error))
}

/// Builds the standalone interpreter and gives its path, which the next build of another backend re-uses.
pub(crate) fn standalone(
    project: &Project,
    spec: &Spec,
    log: Option<&Path>,
) -> Result<PathBuf, Failure> {
    let mut cargo = cargo(project, spec, "build");
    cargo.args(["--bin", "moonsocket", "--features", &spec.features("standalone")]);
    compile(&mut cargo, log)?;
    Ok(spec.target(project).join(spec.profile.name()).join("moonsocket"))
}

fn cargo(project: &Project, spec: &Spec, verb: &str) -> Command {
    let mut cargo = project.cargo();
    cargo.args([
        verb,
        "--package",
        "moonsocket-lua",
        "--no-default-features",
        "--profile",
        spec.profile.name(),
    ]);
    cargo.arg("--target-dir").arg(spec.target(project));
    cargo
}

/// Of a build that failed, and has said why: the one reason whose cure cargo does not name.
fn no_compiler() -> Failure {
    let missing = Command::new("cc")
        .arg("--version")
        .output()
        .is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
    if !missing {
        return Failure::Reported;
    }
    Failure::Failed("there is no C compiler `cc`; on Debian: sudo apt install gcc libc6-dev".into())
}

/// Runs cargo; its output goes to `log` where one is given, and into the error if it fails.
pub(crate) fn compile(cargo: &mut Command, log: Option<&Path>) -> Result<(), Failure> {
    let Some(log) = log else {
        // Stdout is the command's own: `env` prints nothing else there, and a script's output may be piped.
        let status =
            cargo.stdout(Stdio::null()).status().map_err(|error| Failure::io("cargo", &error))?;
        return if status.success() { Ok(()) } else { Err(no_compiler()) };
    };
    let ran = process::logged(cargo, log, Duration::from_secs(1200))?;
    if ran.end.is_success() {
        return Ok(());
    }
    let output = ran.output();
    let said: Vec<&str> = output.lines().filter(|line| !line.starts_with("   Compiling")).collect();
    let said = said[said.len().saturating_sub(30)..].join("\n");
    Err(Failure::Failed(format!("the build failed ({}), see {}\n{said}", ran.end, log.display())))
}
