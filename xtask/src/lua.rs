//! Which Luas and backends there are, and where this machine keeps its interpreters.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A Lua that the binding is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Lua {
    V51,
    V52,
    V53,
    V54,
    V55,
    Jit,
}

impl Lua {
    pub(crate) const ALL: [Lua; 6] = [Lua::V51, Lua::V52, Lua::V53, Lua::V54, Lua::V55, Lua::Jit];
    pub(crate) const KNOWN: &str = "5.1 5.2 5.3 5.4 5.5 jit";

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lua| lua.name() == name)
    }

    /// As the command line and the matrix write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Lua::V51 => "5.1",
            Lua::V52 => "5.2",
            Lua::V53 => "5.3",
            Lua::V54 => "5.4",
            Lua::V55 => "5.5",
            Lua::Jit => "jit",
        }
    }

    /// As a sentence names it.
    pub(crate) fn title(self) -> String {
        if self == Lua::Jit { "LuaJIT".to_owned() } else { format!("Lua {}", self.name()) }
    }

    /// The binding's feature, and the target folder's name. LuaJIT loads the module that is built for 5.1.
    pub(crate) fn feature(self) -> &'static str {
        match self {
            Lua::V51 | Lua::Jit => "lua51",
            Lua::V52 => "lua52",
            Lua::V53 => "lua53",
            Lua::V54 => "lua54",
            Lua::V55 => "lua55",
        }
    }

    /// The names under which distributions install the interpreter.
    fn commands(self) -> &'static [&'static str] {
        match self {
            Lua::V51 => &["lua5.1", "lua51", "lua-5.1", "lua"],
            Lua::V52 => &["lua5.2", "lua52", "lua-5.2", "lua"],
            Lua::V53 => &["lua5.3", "lua53", "lua-5.3", "lua"],
            Lua::V54 => &["lua5.4", "lua54", "lua-5.4", "lua"],
            Lua::V55 => &["lua5.5", "lua55", "lua-5.5", "lua"],
            Lua::Jit => &["luajit"],
        }
    }

    /// What the interpreter must answer to [`PROBE`].
    fn answer(self) -> String {
        if self == Lua::Jit { "jit".to_owned() } else { self.title() }
    }

    /// What this interpreter runs; `None` if it is none that the binding is built for.
    pub(crate) fn of(interpreter: &Path) -> Option<Self> {
        let answer = probe(interpreter)?;
        Self::ALL.into_iter().find(|lua| lua.answer() == answer)
    }

    /// The part of a folder's name that says for which Lua it is: LuaJIT's modules lie beside those of 5.1.
    pub(crate) fn folder(self) -> &'static str {
        if self == Lua::Jit { Lua::V51.name() } else { self.name() }
    }

    /// The installed interpreter, or why there is none.
    pub(crate) fn installed(self) -> Result<PathBuf, String> {
        let found = self.commands().iter().filter_map(|name| on_path(name));
        found
            .into_iter()
            .find(|path| probe(path).is_some_and(|answer| answer == self.answer()))
            .ok_or_else(|| format!("no interpreter ({})", self.commands()[0]))
    }
}

/// Says which Lua runs it.
const PROBE: &str = "io.write(jit and 'jit' or _VERSION)";

fn probe(interpreter: &Path) -> Option<String> {
    let output =
        plain(Command::new(interpreter)).args(["-e", PROBE]).stdin(Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok()
}

/// The first executable of that name on `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// The command without any setting of the user's that changes which modules Lua finds.
pub(crate) fn plain(mut command: Command) -> Command {
    for name in ["LUA_INIT", "LUA_PATH", "LUA_CPATH"] {
        command.env_remove(name);
        for version in ["5_2", "5_3", "5_4", "5_5"] {
            command.env_remove(format!("{name}_{version}"));
        }
    }
    command
}

/// The interpreter, finding our module in this folder.
pub(crate) fn with_module(interpreter: &Path, module: &Path) -> Command {
    let mut command = plain(Command::new(interpreter));
    reach(&mut command, module);
    command
}

/// Lets a Lua find our module in this folder.
pub(crate) fn reach(command: &mut Command, module: &Path) {
    let path = |file: &str| format!("{}/{file};;", module.display());
    command.env("LUA_PATH", path("?.lua")).env("LUA_CPATH", path("?.so"));
}

/// Does `require "socket"` find the system's LuaSocket there?
pub(crate) fn has_luasocket(interpreter: &Path) -> bool {
    let mut command = plain(Command::new(interpreter));
    command.args(["-e", "assert(require('socket')._VERSION:find('LuaSocket'))"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// A way of waiting, as the binding's features name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Backend {
    Blocking,
    Mio,
}

impl Backend {
    pub(crate) const ALL: [Backend; 2] = [Backend::Blocking, Backend::Mio];
    pub(crate) const KNOWN: &str = "blocking mio";

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|backend| backend.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Backend::Blocking => "blocking",
            Backend::Mio => "mio",
        }
    }
}
