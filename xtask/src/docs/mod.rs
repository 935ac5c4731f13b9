//! `docs`: the manual's pages of functions and the definition files for editors, both written from docs/reference.

mod luacats;
mod page;
mod source;

use std::fs;
use std::path::Path;

use crate::args::{Args, Failure};
use crate::project::Project;
use source::Reference;

pub(crate) const HELP: &str = "
Writes what is made from docs/reference/*.txt: the manual's pages of functions (docs/src/reference)
and the LuaCATS definition files, with which editors complete and check (docs/luacats/library).
`tidy` fails when what is checked in is not what this would write.

Usage: cargo xtask docs [--check]

  --check   write nothing, fail if something would change

The format of the sources is described in xtask/src/docs/source.rs.
";

const SOURCES: &str = "docs/reference/";
const PAGES: &str = "docs/src/reference/";
const LIBRARY: &str = "docs/luacats/library/";

/// A file by its path from the workspace's root.
#[derive(Debug, PartialEq)]
pub(crate) struct Written {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// What is wrong, and in which file and line.
#[derive(Debug, PartialEq)]
pub(crate) struct Wrong {
    pub(crate) path: String,
    /// From 1; 0 for the whole file.
    pub(crate) line: usize,
    pub(crate) message: String,
}

pub(crate) fn main(mut args: Args) -> Result<(), Failure> {
    let mut only_check = false;
    while let Some(name) = args.option()? {
        match name.as_str() {
            "--check" => only_check = true,
            _ => return Err(args.unknown(&name)),
        }
    }
    args.finish()?;
    let project = Project::find()?;
    let mut files = Vec::new();
    for folder in [SOURCES, PAGES, LIBRARY] {
        read(&project.root, folder, &mut files)?;
    }
    let texts = || files.iter().map(|file| (file.path.as_str(), file.text.as_str()));
    if only_check {
        return report(&stale(texts()));
    }
    match generated(texts()) {
        Ok(written) => write(&project, &files, &written),
        Err(wrong) => report(&[wrong]),
    }
}

fn report(wrong: &[Wrong]) -> Result<(), Failure> {
    for Wrong { path, line, message } in wrong {
        eprintln!("{path}:{line}: {message}");
    }
    if wrong.is_empty() { Ok(()) } else { Err(Failure::Reported) }
}

/// What is checked in and is not what the sources give: the findings of a rule.
pub(crate) fn stale<'a>(files: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Vec<Wrong> {
    let finding = |path: &str, message: &str| Wrong {
        path: path.to_owned(),
        line: 0,
        message: message.to_owned(),
    };
    let written = match generated(files.clone()) {
        Ok(written) => written,
        Err(wrong) => return vec![wrong],
    };
    let mut findings = Vec::new();
    for file in &written {
        match files.clone().find(|(path, _)| *path == file.path) {
            Some((_, text)) if text == file.text => {}
            Some(_) => findings.push(finding(&file.path, "is stale: run `cargo xtask docs`")),
            None => findings.push(finding(&file.path, "is missing: run `cargo xtask docs`")),
        }
    }
    for (path, _) in files.filter(|(path, _)| is_output(path)) {
        if !written.iter().any(|file| file.path == path) {
            findings.push(finding(path, "comes from no source: run `cargo xtask docs`"));
        }
    }
    findings
}

fn is_output(path: &str) -> bool {
    path.starts_with(PAGES) || path.starts_with(LIBRARY)
}

/// Every file that the sources among these files give.
fn generated<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Vec<Written>, Wrong> {
    let mut written = Vec::new();
    for (path, text) in files.filter(|(path, _)| path.starts_with(SOURCES)) {
        let name = path[SOURCES.len()..].trim_end_matches(".txt");
        let reference = Reference::parse(path, text)?;
        written.push(Written {
            path: format!("{PAGES}{name}.md"),
            text: page::render(&reference, path),
        });
        for (module, text) in luacats::render(&reference, path) {
            written.push(Written { path: format!("{LIBRARY}{module}.lua"), text });
        }
    }
    Ok(written)
}

/// Writes what is not there yet, removes what has no source any more.
fn write(project: &Project, old: &[Written], new: &[Written]) -> Result<(), Failure> {
    let failed = |path: &Path, error: std::io::Error| Failure::io(project.short(path), &error);
    for file in new.iter().filter(|file| !old.contains(file)) {
        let path = project.root.join(&file.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
        }
        fs::write(&path, &file.text).map_err(|error| failed(&path, error))?;
        println!("wrote {}", file.path);
    }
    for file in old.iter().filter(|file| is_output(&file.path)) {
        if !new.iter().any(|other| other.path == file.path) {
            let path = project.root.join(&file.path);
            fs::remove_file(&path).map_err(|error| failed(&path, error))?;
            println!("removed {}", file.path);
        }
    }
    Ok(())
}

/// Reads the files of a folder, sorted; none where there is no folder.
fn read(root: &Path, folder: &str, files: &mut Vec<Written>) -> Result<(), Failure> {
    let Ok(entries) = fs::read_dir(root.join(folder)) else {
        return Ok(());
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.collect();
    names.sort();
    for name in names {
        let path = format!("{folder}{name}");
        let full = root.join(&path);
        let text = fs::read_to_string(&full).map_err(|error| Failure::io(&path, &error))?;
        files.push(Written { path, text });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: (&str, &str) =
        ("docs/reference/a.txt", "@title A\n@module a\n@function f(x)\nDoes.\n");

    #[test]
    fn what_is_not_as_generated_is_found() {
        let written = generated([SOURCE].into_iter()).unwrap();
        let paths: Vec<&str> = written.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["docs/src/reference/a.md", "docs/luacats/library/a.lua"]);
        let all = |page: &'static str| {
            [SOURCE, ("docs/src/reference/a.md", page), ("docs/luacats/library/z.lua", "")]
        };
        let found: Vec<String> =
            stale(all("old").into_iter()).into_iter().map(|wrong| wrong.path).collect();
        assert_eq!(
            found,
            ["docs/src/reference/a.md", "docs/luacats/library/a.lua", "docs/luacats/library/z.lua"]
        );
        let current = written.iter().map(|file| (file.path.as_str(), file.text.as_str()));
        assert_eq!(stale(current.chain([SOURCE])), []);
    }
}
