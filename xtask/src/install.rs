//! `install`: the module in the folders where an installed Lua, or a package, wants it.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::args::{Args, Failure};
use crate::build::{self, Extra, Profile, Spec};
use crate::layout::{Folders, Names};
use crate::lua::{Backend, Lua};
use crate::project::Project;

pub(crate) const HELP: &str = "
Builds the module and puts it where an installed Lua looks for it.

Usage: cargo xtask install (--lua V | --interpreter PATH) --prefix DIR [OPTIONS]

  --lua V              5.1, 5.2, 5.3, 5.4, 5.5 or jit
  --interpreter PATH   the Lua that this program runs
  --prefix DIR         libraries to DIR/lib/lua/V, files of Lua to DIR/share/lua/V
  --libdir DIR         libraries here instead
  --luadir DIR         files of Lua here instead
  --backend B          blocking (default) or mio
  --quick              the profile of the tests: builds in seconds, runs a little slower

With both --libdir and --luadir no prefix is needed. For a package the prefix may lie below another
folder; Debian's LuaJIT looks for libraries only in the machine's own one:
  --prefix debian/tmp/usr --libdir debian/tmp/usr/lib/$DEB_HOST_MULTIARCH/lua/5.1
A LuaSocket in the same folders is replaced: its names are ours.
";

#[derive(Default)]
struct Wanted {
    lua: Option<Lua>,
    prefix: Option<PathBuf>,
    libraries: Option<PathBuf>,
    scripts: Option<PathBuf>,
}

impl Wanted {
    fn folders(&self, lua: Lua) -> Option<Folders> {
        let below = |part: &str| {
            self.prefix.as_ref().map(|it| it.join(part).join("lua").join(lua.folder()))
        };
        Some(Folders {
            libraries: self.libraries.clone().or_else(|| below("lib"))?,
            scripts: self.scripts.clone().or_else(|| below("share"))?,
            names: Names::Openers,
        })
    }
}

pub(crate) fn main(mut args: Args) -> Result<(), Failure> {
    let mut wanted = Wanted::default();
    let (mut backend, mut profile) = (Backend::Blocking, Profile::Release);
    while let Some(name) = args.option()? {
        let folder = |args: &mut Args| args.value(&name).map(PathBuf::from);
        match name.as_str() {
            "--lua" => wanted.lua = Some(args.one_of(&name, Lua::KNOWN, Lua::parse)?),
            "--interpreter" => {
                let path = folder(&mut args)?;
                let unknown = || args.wrong(format!("{} is no Lua that we know", path.display()));
                wanted.lua = Some(Lua::of(&path).ok_or_else(unknown)?);
            }
            "--prefix" => wanted.prefix = Some(folder(&mut args)?),
            "--libdir" => wanted.libraries = Some(folder(&mut args)?),
            "--luadir" => wanted.scripts = Some(folder(&mut args)?),
            "--backend" => backend = args.one_of(&name, Backend::KNOWN, Backend::parse)?,
            "--quick" => profile = Profile::Quick,
            _ => return Err(args.unknown(&name)),
        }
    }
    let lua = wanted.lua.ok_or_else(|| args.wrong("`--lua` or `--interpreter` is missing"))?;
    let folders = wanted.folders(lua).ok_or_else(|| args.wrong("`--prefix` is missing"))?;
    args.finish()?;
    let project = Project::find()?;
    // The build takes longer than finding out.
    for folder in [&folders.libraries, &folders.scripts] {
        fs::create_dir_all(folder).map_err(|error| refused(folder, &error))?;
    }
    build::module_in(
        &project,
        &Spec { lua, backend, profile, extra: Extra::None },
        &folders,
        None,
    )?;
    eprintln!(
        "Installed the {} module for {} in {} and {}",
        backend.name(),
        lua.title(),
        project.short(&folders.libraries),
        project.short(&folders.scripts)
    );
    Ok(())
}

/// What to do about a folder that is not ours to write in.
fn refused(folder: &Path, error: &io::Error) -> Failure {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "\nTake a prefix of your own, and copy what is in it as root."
        }
        _ => "",
    };
    Failure::Failed(format!("{}: {error}{advice}", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_has_the_folders_of_its_lua() {
        let prefix = Some(PathBuf::from("/usr"));
        let mut wanted = Wanted { prefix, ..Wanted::default() };
        let folders = wanted.folders(Lua::Jit).unwrap();
        assert_eq!(folders.libraries, PathBuf::from("/usr/lib/lua/5.1"));
        assert_eq!(folders.scripts, PathBuf::from("/usr/share/lua/5.1"));
        wanted.libraries = Some("/rock/lib".into());
        assert_eq!(wanted.folders(Lua::V54).unwrap().libraries, PathBuf::from("/rock/lib"));
        wanted.prefix = None;
        assert!(wanted.folders(Lua::V54).is_none());
    }
}
