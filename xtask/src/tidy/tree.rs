//! What the rules look at: the workspace's packages and text files.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::lexer;
use crate::args::Failure;
use crate::json::Json;
use crate::project::Project;

/// The workspace, in memory.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Sorted by path.
    pub(super) files: Vec<Source>,
    pub(super) packages: Vec<Package>,
    /// Everything that the members depend on, on any platform, sorted by name.
    pub(super) crates: Vec<Crate>,
    /// The workspace's folder; none for a tree that is only in memory.
    pub(super) root: Option<PathBuf>,
}

/// A text file.
#[derive(Debug)]
pub(super) struct Source {
    /// From the workspace's root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
    /// Rust without comments; empty for other files. Lines and columns stay as they are.
    pub(super) uncommented: String,
    /// Rust without comments and the contents of literals.
    pub(super) code: String,
}

/// A member of the workspace.
#[derive(Debug)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) manifest: String,
    pub(super) dependencies: Vec<Dependency>,
}

/// A crate of others'.
#[derive(Debug)]
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) licence: Option<String>,
}

/// A dependency as its manifest declares it, optional or not.
#[derive(Debug)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// For tests, examples and benches only?
    pub(super) is_dev: bool,
}

/// A place where a rule does not hold.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finding {
    pub(super) path: String,
    /// From 1; 0 for the whole file.
    pub(super) line: usize,
    pub(super) message: String,
}

impl Finding {
    pub(super) fn new(path: &str, line: usize, message: impl Into<String>) -> Self {
        Finding { path: path.to_owned(), line, message: message.into() }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.message),
            line => write!(f, "{}:{line}: {}", self.path, self.message),
        }
    }
}

/// Where a rule does not apply, and why: a file, or a folder with a `/` at its end.
pub(super) type Exceptions = &'static [(&'static str, &'static str)];

/// Takes away what the exceptions cover, and adds a finding for each file's exception that covers nothing any more.
pub(super) fn except(
    mut findings: Vec<Finding>,
    exceptions: Exceptions,
    table: &str,
) -> Vec<Finding> {
    let covers = |exception: &str, path: &str| {
        path == exception || exception.ends_with('/') && path.starts_with(exception)
    };
    let is_stale = |exception: &str| {
        !exception.ends_with('/') && !findings.iter().any(|f| covers(exception, &f.path))
    };
    let stale: Vec<_> =
        exceptions.iter().map(|(path, _)| *path).filter(|path| is_stale(path)).collect();
    findings.retain(|finding| {
        !exceptions.iter().any(|(exception, _)| covers(exception, &finding.path))
    });
    findings.extend(
        stale
            .into_iter()
            .map(|path| Finding::new(path, 0, format!("needs no exception in {table} any more"))),
    );
    findings
}

const KINDS: [&str; 6] = ["rs", "lua", "toml", "md", "sh", "txt"];

impl Tree {
    /// Reads the workspace.
    pub(super) fn read(project: &Project) -> Result<Self, Failure> {
        let packages = packages(&project.metadata, &project.root);
        let crates = crates(&project.full_metadata()?);
        let mut tree =
            Tree { packages, crates, root: Some(project.root.clone()), ..Tree::default() };
        tree.walk(&project.root, "")
            .map_err(|error| Failure::io(project.root.display(), &error))?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let files =
            files.iter().map(|(path, text)| Source::new((*path).to_owned(), (*text).to_owned()));
        Tree { files: files.collect(), ..Tree::default() }
    }

    fn walk(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            let is_ours = !name.starts_with('.') || [".ci", ".cargo"].contains(&name.as_str());
            let is_built = prefix.is_empty() && (name == "target" || name.starts_with("target-"));
            if kind.is_dir() && is_ours && !is_built {
                self.walk(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() && is_text(&path) {
                // Whatever is not UTF-8 is not a source of ours: a test's data perhaps.
                if let Ok(text) = fs::read_to_string(entry.path()) {
                    self.files.push(Source::new(path, text));
                }
            }
        }
        Ok(())
    }

    /// The files below any of these folders (or with exactly these names).
    pub(super) fn below<'a>(&'a self, places: &'a [&str]) -> impl Iterator<Item = &'a Source> {
        self.files.iter().filter(|file| places.iter().any(|place| file.path.starts_with(place)))
    }

    /// Is there such a file or folder, of whatever kind?
    pub(super) fn exists(&self, path: &str) -> bool {
        self.root.as_ref().is_some_and(|root| root.join(path).exists())
    }

    /// Every Rust file.
    pub(super) fn rust(&self) -> impl Iterator<Item = &Source> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }
}

fn is_text(path: &str) -> bool {
    path == ".ci/run" || path.rsplit_once('.').is_some_and(|(_, kind)| KINDS.contains(&kind))
}

impl Source {
    fn new(path: String, text: String) -> Self {
        let is_rust = path.ends_with(".rs");
        let strip = |literals| {
            if is_rust { lexer::strip(&text, literals) } else { String::new() }
        };
        Source { uncommented: strip(false), code: strip(true), path, text }
    }

    /// A finding for each line of `text` (one of this file's) in which `is_wrong`.
    pub(super) fn lines_where(
        &self,
        text: &str,
        message: &str,
        is_wrong: impl Fn(&str) -> bool,
    ) -> Vec<Finding> {
        let lines = text.lines().enumerate().filter(|(_, line)| is_wrong(line));
        lines.map(|(index, _)| Finding::new(&self.path, index + 1, message)).collect()
    }
}

/// Does the code name this identifier, or path of identifiers?
pub(super) fn names(code: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + name.len()..]);
        let ends_open = name.ends_with(is_part);
        !(before.ends_with(is_part) || ends_open && after.starts_with(is_part))
    })
}

fn crates(metadata: &Json) -> Vec<Crate> {
    let text = |json: &Json, name: &str| json.get(name).and_then(Json::text).map(str::to_owned);
    let packages = metadata.get("packages").map(Json::items).unwrap_or_default();
    // Ours have no source.
    let others = packages.iter().filter(|json| text(json, "source").is_some());
    let mut crates: Vec<Crate> = others
        .map(|json| Crate {
            name: text(json, "name").unwrap_or_default(),
            version: text(json, "version").unwrap_or_default(),
            licence: text(json, "license"),
        })
        .collect();
    crates.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    crates
}

fn packages(metadata: &Json, root: &Path) -> Vec<Package> {
    let text = |json: &Json, name: &str| {
        json.get(name).and_then(Json::text).unwrap_or_default().to_owned()
    };
    let dependency =
        |json: &Json| Dependency { name: text(json, "name"), is_dev: text(json, "kind") == "dev" };
    let package = |json: &Json| {
        let manifest = text(json, "manifest_path");
        let short = Path::new(&manifest).strip_prefix(root).map(|path| path.display().to_string());
        let dependencies = json.get("dependencies").map(Json::items).unwrap_or_default();
        Package {
            name: text(json, "name"),
            manifest: short.unwrap_or(manifest),
            dependencies: dependencies.iter().map(dependency).collect(),
        }
    };
    metadata.get("packages").map(Json::items).unwrap_or_default().iter().map(package).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_cover_and_grow_stale() {
        const TABLE: Exceptions = &[
            ("a/", "folder"),
            ("b.rs", "file"),
            ("c.rs", "stale"),
            ("d/", "folders may be empty"),
        ];
        let findings =
            ["a/x.rs", "b.rs", "e.rs"].map(|path| Finding::new(path, 1, "wrong")).to_vec();
        let left: Vec<String> =
            except(findings, TABLE, "TABLE").into_iter().map(|finding| finding.path).collect();
        assert_eq!(left, ["e.rs", "c.rs"]);
    }

    #[test]
    fn names_are_whole_words() {
        assert!(names("use mio::Poll;", "mio::") && names("x = osn;", "osn"));
        assert!(!names("use moonsocket_mio::Poll;", "mio::") && !names("osname", "osn"));
    }

    #[test]
    fn metadata_becomes_packages() {
        let json = r#"{"packages":[{"name":"a","manifest_path":"/top/a/Cargo.toml","dependencies":
            [{"name":"b","kind":null},{"name":"c","kind":"dev"}]}]}"#;
        let packages = packages(&Json::parse(json).unwrap(), Path::new("/top"));
        assert_eq!(
            (packages[0].name.as_str(), packages[0].manifest.as_str()),
            ("a", "a/Cargo.toml")
        );
        assert_eq!(
            packages[0].dependencies.iter().map(|d| d.is_dev).collect::<Vec<_>>(),
            [false, true]
        );
    }
}
