//! `docs`: the manual's pages of functions and the definition files for editors, both written from docs/reference; and
//! programs that pages show whole.

mod complete;
mod luacats;
mod page;
mod source;

use std::fs;
use std::path::Path;

use crate::args::{Args, Failure};
use crate::project::Project;
pub(crate) use page::slug;
use source::Reference;

pub(crate) const HELP: &str = "
Writes what is made from docs/reference/*.txt: the manual's pages of functions (docs/src/reference)
and the LuaCATS definition files, with which editors complete and check (docs/luacats/library).
Fills the block below `<!-- from PATH -->` in the other pages with that file.
`tidy` fails when what is checked in is not what this would write.

Usage: cargo xtask docs [--check]

  --check   write nothing, fail if something would change

The format of the sources is described in xtask/src/docs/source.rs.
";

const SOURCES: &str = "docs/reference/";
const PAGES: &str = "docs/src/reference/";
const LIBRARY: &str = "docs/luacats/library/";

/// Pages written by hand, and what they may show.
const BY_HAND: &str = "docs/src/";
const SHOWN: &str = "examples/rust/";

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
    for folder in [SOURCES, PAGES, LIBRARY, BY_HAND, SHOWN] {
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
fn generated<'a>(
    files: impl Iterator<Item = (&'a str, &'a str)> + Clone,
) -> Result<Vec<Written>, Wrong> {
    let mut written = filled(files.clone())?;
    for (path, text) in files.filter(|(path, _)| path.starts_with(SOURCES)) {
        let name = path[SOURCES.len()..].trim_end_matches(".txt");
        let reference = Reference::parse(path, text)?;
        if let Some(message) = complete::lacks(&reference) {
            return Err(Wrong { path: path.to_owned(), line: 0, message });
        }
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

/// Pages with what they show.
fn filled<'a>(
    files: impl Iterator<Item = (&'a str, &'a str)> + Clone,
) -> Result<Vec<Written>, Wrong> {
    let is_page = |path: &str| path.starts_with(BY_HAND) && !is_output(path);
    let pages = files.clone().filter(|(path, text)| is_page(path) && text.contains(MARK));
    pages.map(|(path, text)| fill(path, text, files.clone())).collect()
}

const MARK: &str = "<!-- from ";

fn fill<'a>(
    path: &str,
    text: &str,
    mut files: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Written, Wrong> {
    let mut filled = String::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        filled.push_str(line);
        filled.push('\n');
        let shown = line.strip_prefix(MARK).and_then(|rest| rest.strip_suffix(" -->"));
        let Some(shown) = shown else { continue };
        let wrong = |message: String| Wrong { path: path.to_owned(), line: number + 1, message };
        let fence = lines.next().map(|(_, line)| line).filter(|line| line.starts_with("```"));
        let fence = fence.ok_or_else(|| wrong("no block below".to_owned()))?;
        let (_, code) = files
            .find(|(path, _)| *path == shown)
            .ok_or_else(|| wrong(format!("there is no {shown}")))?;
        lines.by_ref().find(|(_, line)| *line == "```");
        filled.push_str(&format!("{fence}\n{code}```\n"));
    }
    Ok(Written { path: path.to_owned(), text: filled })
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
    let files_only = |entry: &fs::DirEntry| entry.path().is_file();
    let names = entries.filter_map(|entry| entry.ok().filter(files_only));
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
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
        ("docs/reference/a.txt", "@title A\n@module a\n@constant C integer its text\n");

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

    #[test]
    fn pages_show_files() {
        let shown = ("examples/rust/x.rs", "x\n");
        let page = |text| ("docs/src/p.md", text);
        let after = "a\n<!-- from examples/rust/x.rs -->\n```rust\nx\n```\nb\n";
        let before = page("a\n<!-- from examples/rust/x.rs -->\n```rust\nold\n```\nb\n");
        let written = generated([shown, before].into_iter()).unwrap();
        assert_eq!(written, [Written { path: "docs/src/p.md".to_owned(), text: after.to_owned() }]);
        assert_eq!(stale([shown, page(after)].into_iter()), []);
        assert_eq!(stale([page(after)].into_iter())[0].line, 2);
    }
}
