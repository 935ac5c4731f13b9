//! What the cells run on, each built once per run of the command.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::args::Failure;
use crate::build::{self, Extra, Profile, Spec};
use crate::layout;
use crate::lua::{Backend, Lua};
use crate::progress::Step;
use crate::project::Project;

/// Modules and standalone interpreters.
pub(super) struct Artefacts<'a> {
    project: &'a Project,
    profile: Profile,
    /// By label; a failed build is remembered and not tried again.
    built: HashMap<String, Option<PathBuf>>,
}

impl<'a> Artefacts<'a> {
    pub(super) fn new(project: &'a Project, profile: Profile) -> Self {
        Artefacts { project, profile, built: HashMap::new() }
    }

    /// The folder with the module for this Lua; `None` if it does not build, which has then been reported.
    pub(super) fn module(&mut self, lua: Lua, backend: Backend, extra: Extra) -> Option<PathBuf> {
        let spec = Spec { lua, backend, profile: self.profile, extra };
        self.once("module", &spec, |project, spec, out, log| {
            build::module(project, spec, out, Some(log))
        })
    }

    /// The standalone interpreter.
    pub(super) fn standalone(&mut self, lua: Lua, backend: Backend) -> Option<PathBuf> {
        let spec = Spec { lua, backend, profile: self.profile, extra: Extra::None };
        self.once("standalone", &spec, |project, spec, out, log| {
            // Its own copy: cargo keeps only the one of the last backend.
            let binary = build::standalone(project, spec, Some(log))?;
            layout::copy(&binary, out).map_err(|error| Failure::io(out.display(), &error))
        })
    }

    fn once(
        &mut self,
        kind: &str,
        spec: &Spec,
        make: impl FnOnce(&Project, &Spec, &Path, &Path) -> Result<(), Failure>,
    ) -> Option<PathBuf> {
        let name = format!("{kind}-{}-{}", spec.label(), self.profile.name());
        if let Some(known) = self.built.get(&name) {
            return known.clone();
        }
        let top = self.project.target.join("conformance");
        let (out, log) = (top.join(&name), top.join("logs").join(format!("build-{name}.log")));
        let step =
            Step::begin(format!("build {kind} · {} · {}", spec.backend.name(), spec.lua.feature()));
        let outcome = make(self.project, spec, &out, &log);
        step.end(outcome.is_ok(), "");
        let result = match outcome {
            Ok(()) => Some(out),
            Err(failure) => {
                failure.report();
                None
            }
        };
        self.built.insert(name, result.clone());
        result
    }
}
