//! `run`: a Lua script in the standalone interpreter, which needs no installed Lua.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::args::{Args, Failure};
use crate::build::{self, Extra, Profile, Spec};
use crate::lua::{Backend, Lua};
use crate::project::Project;

pub(crate) const HELP: &str = "
Builds the standalone interpreter (Lua inside, every dialect inside) and runs a script in it.
A Rust toolchain and a C compiler are all it needs.

Usage: cargo xtask run [OPTIONS] [INTERPRETER'S OPTIONS] SCRIPT [ARGS]

  --lua V       5.1, 5.2, 5.3, 5.4 (default) or 5.5
  --backend B   blocking (default) or mio
  --release     the profile that is shipped and measured, which builds for minutes;
                without it the tests' one: half a minute the first time, nearly as fast

The interpreter's own have one dash: -e STATEMENT, -l MODULE, -m emilua (the script becomes Emilua's
main fiber), -v, and - for a script from standard input.
The script gets ARGS, standard input and signals as they are, and its exit code is this command's.
";

pub(crate) fn main(mut args: Args) -> Result<(), Failure> {
    let mut spec = Spec {
        lua: Lua::V54,
        backend: Backend::Blocking,
        profile: Profile::Quick,
        extra: Extra::None,
    };
    while let Some(name) = args.own_option()? {
        match name.as_str() {
            "--lua" => spec.lua = args.one_of(&name, Lua::KNOWN, Lua::parse)?,
            "--backend" => spec.backend = args.one_of(&name, Backend::KNOWN, Backend::parse)?,
            "--release" => spec.profile = Profile::Release,
            "--quick" => spec.profile = Profile::Quick,
            _ => return Err(args.unknown(&name)),
        }
    }
    if spec.lua == Lua::Jit {
        return Err(args.wrong("the standalone interpreter has no LuaJIT inside; use 5.1, or `build` for an installed one"));
    }
    let no_script = args.wrong("which script?");
    let words = args.remaining();
    if words.is_empty() {
        return Err(no_script);
    }
    let project = Project::find()?;
    let interpreter = build::standalone(&project, &spec, None)?;
    // Becomes the interpreter, so that exit codes and signals need no passing on.
    let error = Command::new(&interpreter).args(words).exec();
    Err(Failure::io(interpreter.display(), &error))
}
