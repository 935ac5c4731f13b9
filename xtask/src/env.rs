//! `env`: the module, and the shell exports that let an installed Lua find it.

use std::path::Path;

use crate::args::{Args, Failure};
use crate::build::{self, Extra, Profile, Spec};
use crate::lua::{Backend, Lua};
use crate::project::Project;

pub(crate) const HELP: &str = "
Builds the module and prints the exports that let an installed Lua find it, and nothing else on
stdout.

Usage: eval \"$(cargo xtask env --lua V [--backend B] [--quick])\"

  --lua V       5.1, 5.2, 5.3, 5.4, 5.5 or jit
  --backend B   blocking (default) or mio
  --quick       the profile of the tests: builds in seconds, runs a little slower

The module lies below cargo's target folder; `build --out` puts it where you want it.
";

pub(crate) fn main(mut args: Args) -> Result<(), Failure> {
    let (mut lua, mut backend, mut profile) = (None, Backend::Blocking, Profile::Release);
    while let Some(name) = args.option()? {
        match name.as_str() {
            "--lua" => lua = Some(args.one_of(&name, Lua::KNOWN, Lua::parse)?),
            "--backend" => backend = args.one_of(&name, Backend::KNOWN, Backend::parse)?,
            "--quick" => profile = Profile::Quick,
            _ => return Err(args.unknown(&name)),
        }
    }
    let lua = lua.ok_or_else(|| args.wrong("`--lua` is missing"))?;
    args.finish()?;
    let project = Project::find()?;
    let spec = Spec { lua, backend, profile, extra: Extra::None };
    let out = project.target.join("env").join(format!("{}-{}", spec.label(), profile.name()));
    build::module(&project, &spec, &out, None)?;
    print!("{}", exports(&out));
    Ok(())
}

/// What tells a shell where a module lies.
pub(crate) fn exports(out: &Path) -> String {
    let absolute = std::path::absolute(out);
    let out = absolute.as_deref().unwrap_or(out);
    let quoted = |file: &str| quote(&format!("{}/{file};;", out.display()));
    format!("export LUA_PATH={}\nexport LUA_CPATH={}\n", quoted("?.lua"), quoted("?.so"))
}

/// For a POSIX shell.
fn quote(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_the_exports_back() {
        let text = exports(Path::new("/a b/it's"));
        let script = format!("{text}printf %s \"$LUA_CPATH\"");
        let output = std::process::Command::new("sh").args(["-c", &script]).output().expect("sh");
        assert_eq!(String::from_utf8_lossy(&output.stdout), "/a b/it's/?.so;;");
    }
}
