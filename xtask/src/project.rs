//! Where the workspace lies, and how cargo is called in it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::args::Failure;
use crate::json::Json;

/// The workspace on this machine.
#[derive(Debug)]
pub(crate) struct Project {
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder; everything that is built or logged lies below it.
    pub(crate) target: PathBuf,
    /// `cargo metadata` of the workspace's members.
    pub(crate) metadata: Json,
}

impl Project {
    /// Asks cargo.
    pub(crate) fn find() -> Result<Self, Failure> {
        let here = std::env::var_os("CARGO_MANIFEST_DIR")
            .unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let metadata = metadata(Path::new(&here), &["--no-deps"])?;
        let folder = |name: &str| {
            let value = metadata.get(name).and_then(Json::text).map(PathBuf::from);
            value.ok_or_else(|| Failure::Failed(format!("cargo metadata gives no {name}")))
        };
        Ok(Project {
            root: folder("workspace_root")?,
            target: folder("target_directory")?,
            metadata,
        })
    }

    /// `cargo metadata` with all that the members depend on.
    pub(crate) fn full_metadata(&self) -> Result<Json, Failure> {
        metadata(&self.root, &["--locked"])
    }

    /// Cargo, run in the workspace, on the main target folder.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(cargo());
        command.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target).stdin(Stdio::null());
        command
    }

    /// A path as a reader of messages wants it: relative to where they stand, if it is below.
    pub(crate) fn short<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        let here = std::env::current_dir().unwrap_or_else(|_| self.root.clone());
        path.strip_prefix(&here).unwrap_or(path).display()
    }
}

fn metadata(folder: &Path, words: &[&str]) -> Result<Json, Failure> {
    let output = Command::new(cargo())
        .args(["metadata", "--format-version", "1"])
        .args(words)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::io("cargo metadata", &error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    Json::parse(&text).map_err(|error| Failure::Failed(format!("cargo metadata: {error}")))
}

fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
