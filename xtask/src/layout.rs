//! How a built module lies in its folders, so that `require` finds every name of it. Replaces files atomically.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// Where a module goes.
#[derive(Clone, Debug)]
pub(crate) struct Folders {
    /// For `LUA_CPATH`.
    pub(crate) libraries: PathBuf,
    /// For `LUA_PATH`.
    pub(crate) scripts: PathBuf,
    /// How the library has its other names.
    pub(crate) names: Names,
}

/// How a library is found by its other names. A copy would be another library, which refuses the first one's objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// Links that lead to it: it is all that `LUA_CPATH` needs.
    Links,
    /// Files of Lua that open it: whoever installs packages may copy or move each file by itself.
    Openers,
}

impl Folders {
    /// Both in one.
    pub(crate) fn both(folder: &Path) -> Self {
        let (libraries, scripts) = (folder.to_owned(), folder.to_owned());
        Folders { libraries, scripts, names: Names::Links }
    }
}

/// Puts the library, a link for each name that it opens, and the binding's Lua files where they belong. `toy` is one more
/// name.
pub(crate) fn lay_out(
    binding: &Path,
    library: &Path,
    toy: Option<&str>,
    folders: &Folders,
) -> io::Result<()> {
    let out = folders.libraries.as_path();
    let list = fs::read_to_string(binding.join(LIST))?;
    let names: Vec<&str> = modules(&list).chain(toy).collect();
    check_openers(&fs::read(library)?, &names)?;
    fs::create_dir_all(out)?;
    copy(library, &out.join("moonsocket.so"))?;
    for name in names.into_iter().filter(|name| *name != "moonsocket") {
        match folders.names {
            Names::Links => link(out, name)?,
            Names::Openers => write_opener(&folders.scripts, name)?,
        }
    }
    let scripts = binding.join("lua");
    if scripts.is_dir() { copy_scripts(&scripts, &folders.scripts) } else { Ok(()) }
}

/// The one list of dialects, below the binding's folder.
const LIST: &str = "src/dialects/mod.rs";

/// The modules that the library opens: `moonsocket`, and the quoted names before an arrow in the list of dialects.
fn modules(list: &str) -> impl Iterator<Item = &str> {
    let named = |line| {
        let (name, rest) = str::trim(line).strip_prefix('"')?.split_once('"')?;
        rest.trim_start().starts_with("=>").then_some(name)
    };
    std::iter::once("moonsocket").chain(list.lines().filter_map(named))
}

/// Each name needs a function `luaopen_…` in the library: without it `require` would fail on somebody's machine.
fn check_openers(library: &[u8], names: &[&str]) -> io::Result<()> {
    let symbols: Vec<&[u8]> = library.split(|byte| *byte == 0).collect();
    for name in names {
        let opener = format!("luaopen_{}", name.replace('.', "_"));
        if !symbols.iter().any(|symbol| symbol.ends_with(opener.as_bytes())) {
            let message = format!("the library lacks {opener}, but the dialects list {name}");
            return Err(io::Error::other(message));
        }
    }
    Ok(())
}

/// `socket.core` becomes the link `socket/core.so` to `../moonsocket.so`.
fn link(out: &Path, name: &str) -> io::Result<()> {
    let file = file_of(out, name, "so")?;
    let up = "../".repeat(name.matches('.').count());
    replace(&file, |new| std::os::unix::fs::symlink(format!("{up}moonsocket.so"), new))
}

/// `socket.core` becomes a file `socket/core.lua` that finds the library as `require` does.
fn write_opener(out: &Path, name: &str) -> io::Result<()> {
    let file = file_of(out, name, "lua")?;
    let text = OPENER.replace("NAME", name).replace("SYMBOL", &name.replace('.', "_"));
    replace(&file, |new| fs::write(new, text))
}

const OPENER: &str = r#"-- NAME lies in moonsocket's library.
for template in package.cpath:gmatch("[^;]+") do
  local file = template:gsub("%?", "moonsocket")
  local open = package.loadlib(file, "luaopen_SYMBOL")
  if open then return open(...) end
end
error("moonsocket's library is not in package.cpath", 0)
"#;

/// A module's file, in a folder that is there.
fn file_of(out: &Path, name: &str, extension: &str) -> io::Result<PathBuf> {
    let file = out.join(format!("{}.{extension}", name.replace('.', "/")));
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(file)
}

fn copy_scripts(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let source = entry?.path();
        let Some(name) = source.file_name() else {
            continue;
        };
        if source.is_dir() {
            copy_scripts(&source, &to.join(name))?;
        } else if source.extension().is_some_and(|extension| extension == "lua") {
            copy(&source, &to.join(name))?;
        }
    }
    Ok(())
}

/// Copies a file; a program that runs from the old one is not disturbed.
pub(crate) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    replace(to, |new| fs::copy(from, new).map(drop))
}

/// Makes a file beside `path` and renames it: a program that has the old one mapped keeps the old one.
fn replace(path: &Path, make: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<()> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let new = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let _ = fs::remove_file(&new);
    let outcome = make(&new).and_then(|()| fs::rename(&new, path));
    if outcome.is_err() {
        let _ = fs::remove_file(&new);
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn a_layout_has_every_name_and_replaces_atomically() {
        let top = std::env::temp_dir().join(format!("xtask-test-{}-layout", std::process::id()));
        let (binding, out) = (top.join("binding"), top.join("out"));
        fs::create_dir_all(binding.join("lua/socket")).unwrap();
        fs::create_dir_all(binding.join("src/dialects")).unwrap();
        let list = "a, \"s\" {\n  \"socket.core\" => x;\n  lua \"y\" => z;\n}\n \"osn\" => y;\n";
        fs::write(binding.join(LIST), list).unwrap();
        fs::write(binding.join("lua/socket.lua"), "return 1").unwrap();
        fs::write(binding.join("lua/socket/http.lua"), "return 2").unwrap();
        fs::write(binding.join("lua/readme.txt"), "").unwrap();
        let library = top.join("library");
        let openers = "luaopen_moonsocket\0luaopen_socket_core\0luaopen_osn\0";
        fs::write(&library, format!("{openers}old")).unwrap();
        lay_out(&binding, &library, None, &Folders::both(&out)).unwrap();
        let first = fs::metadata(out.join("moonsocket.so")).unwrap().ino();
        fs::write(&library, format!("{openers}new")).unwrap();
        lay_out(&binding, &library, None, &Folders::both(&out)).unwrap();
        fs::write(&library, "luaopen_moonsocket\0luaopen_osn").unwrap();
        let error =
            lay_out(&binding, &library, None, &Folders::both(&out)).unwrap_err().to_string();
        assert!(error.contains("luaopen_socket_core"), "{error}");

        assert_ne!(
            fs::metadata(out.join("moonsocket.so")).unwrap().ino(),
            first,
            "the file was written in place"
        );
        assert!(fs::read_to_string(out.join("socket/core.so")).unwrap().ends_with("new"));
        assert_eq!(
            fs::read_link(out.join("socket/core.so")).unwrap(),
            Path::new("../moonsocket.so")
        );
        assert_eq!(fs::read_link(out.join("osn.so")).unwrap(), Path::new("moonsocket.so"));
        assert_eq!(fs::read_to_string(out.join("socket/http.lua")).unwrap(), "return 2");
        let names: Vec<_> =
            fs::read_dir(&out).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 4, "{names:?}");
        let installed = Folders {
            libraries: top.join("lib"),
            scripts: top.join("share"),
            names: Names::Openers,
        };
        fs::write(&library, format!("{openers}new")).unwrap();
        lay_out(&binding, &library, None, &installed).unwrap();
        assert_eq!(fs::read_dir(top.join("lib")).unwrap().count(), 1);
        let opener = fs::read_to_string(top.join("share/socket/core.lua")).unwrap();
        assert!(opener.contains("\"luaopen_socket_core\""), "{opener}");
        assert!(top.join("share/osn.lua").is_file() && top.join("share/socket.lua").is_file());
        fs::remove_dir_all(top).unwrap();
    }
}
