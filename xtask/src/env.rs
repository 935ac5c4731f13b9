//! `env`: the module, and the shell exports that let an installed Lua find it.

use std::path::{Path, PathBuf};

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
    check(&out).map_err(Failure::Failed)?;
    build::module(&project, &spec, &out, None)?;
    print!("{}", exports(&out));
    Ok(())
}

/// What tells a shell where a module lies.
pub(crate) fn exports(out: &Path) -> String {
    let out = absolute(out);
    let quoted = |file: &str| quote(&format!("{}/{file};;", out.display()));
    format!("export LUA_PATH={}\nexport LUA_CPATH={}\n", quoted("?.lua"), quoted("?.so"))
}

/// Why Lua cannot find a module there: in its paths `;` ends a template and `?` is the module's name, always.
pub(crate) fn check(out: &Path) -> Result<(), String> {
    let out = absolute(out);
    match out.to_string_lossy().contains([';', '?']) {
        true => Err(format!("{}: Lua's paths cannot name a folder with `;` or `?`", out.display())),
        false => Ok(()),
    }
}

fn absolute(out: &Path) -> PathBuf {
    std::path::absolute(out).unwrap_or_else(|_| out.to_owned())
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

    #[test]
    fn some_folders_have_no_place_in_a_path() {
        for (folder, can) in [("/a b/it's", true), ("x;y", false), ("/what?/x", false)] {
            assert_eq!(check(Path::new(folder)).is_ok(), can, "{folder}");
        }
    }
}
