//! What is measured: an interpreter with the system's LuaSocket, or with our module on either backend.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::args::Failure;
use crate::build::{self, Extra, Profile, Spec};
use crate::layout;
use crate::lua::{self, Backend, Lua};
use crate::progress::Step;
use crate::project::Project;

/// What runs a workload, and with which library.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) name: String,
    /// None for LuaSocket.
    pub(crate) backend: Option<Backend>,
    interpreter: PathBuf,
    /// Our module's folder; without one the interpreter finds what is installed, or inside it.
    pub(crate) module: Option<PathBuf>,
}

impl Subject {
    /// Lets `tool` run the script in the interpreter.
    pub(crate) fn below(&self, mut tool: Command, script: &Path) -> Command {
        tool.arg(&self.interpreter).arg(script);
        self.equipped(tool)
    }

    /// Its interpreter, finding only what is installed.
    pub(crate) fn without_library(&self) -> Self {
        Subject { module: None, ..self.clone() }
    }

    /// The command, finding the subject's library and no other.
    fn equipped(&self, command: Command) -> Command {
        let mut command = lua::plain(command);
        if let Some(module) = &self.module {
            lua::reach(&mut command, module);
        }
        command
    }
}

/// LuaSocket where it is installed, then our backends, built.
pub(crate) fn subjects(
    project: &Project,
    lua: Lua,
    backends: &[Backend],
    profile: Profile,
) -> Result<Vec<Subject>, Failure> {
    let installed = lua.installed();
    let mut subjects = Vec::new();
    match &installed {
        Ok(path) if lua::has_luasocket(path) => subjects.push(Subject {
            name: "LuaSocket".into(),
            backend: None,
            interpreter: path.clone(),
            module: None,
        }),
        Ok(_) => {
            eprintln!("LuaSocket is not installed for {}: nothing to compare with", lua.title())
        }
        Err(why) => {
            eprintln!("{}: {why}; the standalone interpreter is measured", lua.title())
        }
    }
    for backend in backends {
        let extra = Extra::None;
        let spec = Spec { lua, backend: *backend, profile, extra };
        subjects.push(ours(project, &spec, installed.as_ref().ok())?);
    }
    if subjects.is_empty() {
        return Err(Failure::Failed("there is nothing to measure".into()));
    }
    Ok(subjects)
}

fn ours(project: &Project, spec: &Spec, installed: Option<&PathBuf>) -> Result<Subject, Failure> {
    let name = spec.backend.name().to_owned();
    let folder = format!("{}-{}", spec.label(), spec.profile.name());
    let out = project.target.join("measured").join(folder);
    let log = out.with_extension("log");
    let step = Step::begin(format!("build · {name} · {}", spec.lua.feature()));
    let built = match installed {
        Some(_) => build::module(project, spec, &out, Some(&log)),
        None => build::standalone(project, spec, Some(&log)).and_then(|binary| {
            layout::copy(&binary, &out).map_err(|error| Failure::io(out.display(), &error))
        }),
    };
    step.end(built.is_ok(), "");
    built?;
    let backend = Some(spec.backend);
    Ok(match installed {
        Some(path) => Subject { name, backend, interpreter: path.clone(), module: Some(out) },
        None => Subject { name, backend, interpreter: out, module: None },
    })
}
