//! Rules on any text: headers, forgotten words, links, somebody's paths.

use super::tree::{Finding, Source, Tree};

pub(super) fn header(tree: &Tree) -> Vec<Finding> {
    let lacking = tree.rust().filter(|file| !file.text.starts_with("//!"));
    lacking.map(|file| Finding::new(&file.path, 1, "does not start with `//!`")).collect()
}

/// Notes to oneself; in two parts, so that this file has none.
const NOTES: [(&str, &str); 3] = [("TO", "DO"), ("FIX", "ME"), ("XX", "X")];
const MACROS: [(&str, &str); 3] = [("db", "g!"), ("unimple", "mented!"), ("to", "do!")];

pub(super) fn words(tree: &Tree) -> Vec<Finding> {
    let whole = |(a, b): &(&str, &str)| format!("{a}{b}");
    let (notes, macros) = (NOTES.map(|parts| whole(&parts)), MACROS.map(|parts| whole(&parts)));
    let has =
        |line: &str, words: &[String]| words.iter().any(|word| super::tree::names(line, word));
    let mut findings = Vec::new();
    for file in &tree.files {
        findings
            .extend(file.lines_where(&file.text, "a note to oneself", |line| has(line, &notes)));
        findings.extend(
            file.lines_where(&file.code, "a macro for debugging", |line| has(line, &macros)),
        );
    }
    findings
}

pub(super) fn links(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in ["README.md", "ARCHITECTURE.md"] {
        if !tree.files.iter().any(|file| file.path == name) {
            findings.push(Finding::new(name, 0, "is missing"));
        }
    }
    for file in tree.files.iter().filter(|file| file.path.ends_with(".md")) {
        let mut in_code = false;
        for (index, line) in file.text.lines().enumerate() {
            in_code ^= line.starts_with("```");
            let line = if in_code { String::new() } else { without_code(line) };
            for target in targets(&line).filter(|target| !leads_somewhere(tree, file, target)) {
                findings.push(Finding::new(&file.path, index + 1, format!("there is no {target}")));
            }
        }
    }
    findings
}

/// A line without what stands between backquotes.
fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// Where the links `[…](…)` of a line lead.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next())
}

fn leads_somewhere(tree: &Tree, from: &Source, target: &str) -> bool {
    let target = target.split('#').next().unwrap_or_default();
    if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let folder = from.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if path.pop().is_none() => return false,
            ".." => {}
            part => path.push(part),
        }
    }
    let path = path.join("/");
    // Not every file is in the tree: what it does not hold may still lie on the disk.
    let folder = format!("{path}/");
    tree.files.iter().any(|file| file.path == path || file.path.starts_with(&folder))
        || tree.exists(&path)
}

/// What `cargo xtask docs` would change.
pub(super) fn reference(tree: &Tree) -> Vec<Finding> {
    let files = tree.files.iter().map(|file| (file.path.as_str(), file.text.as_str()));
    let stale = crate::docs::stale(files);
    stale.into_iter().map(|wrong| Finding::new(&wrong.path, wrong.line, wrong.message)).collect()
}

/// Where people keep their work; in two parts, so that this file has none.
const HOMES: [(&str, &str); 4] = [("/ho", "me/"), ("/ro", "ot/"), ("/wo", "rk/"), ("/Us", "ers/")];

pub(super) fn paths(tree: &Tree) -> Vec<Finding> {
    let homes = HOMES.map(|(a, b)| format!("{a}{b}"));
    let is_absolute = |line: &str, home: &str| {
        let is_part = |c: char| c.is_alphanumeric() || "._-*}$".contains(c);
        line.match_indices(home).any(|(at, _)| !line[..at].ends_with(is_part))
    };
    let is_wrong = |line: &str| homes.iter().any(|home| is_absolute(line, home));
    let found =
        |file: &Source| file.lines_where(&file.text, "a path of somebody's machine", is_wrong);
    tree.files.iter().flat_map(found).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(findings: &[Finding]) -> Vec<String> {
        findings.iter().map(|finding| format!("{}:{}", finding.path, finding.line)).collect()
    }

    #[test]
    fn a_missing_header_is_found() {
        let tree = Tree::of(&[
            ("a.rs", "//! It is.\n"),
            ("b.rs", "// no\n"),
            ("c.rs", ""),
            ("d.lua", "x"),
        ]);
        assert_eq!(places(&header(&tree)), ["b.rs:1", "c.rs:1"]);
    }

    #[test]
    fn forgotten_words_are_found() {
        let note = concat!("x()\n-- TO", "DO later");
        let macros = concat!("//! db", "g!(1)\n\"to", "do!()\";\ndb", "g!(1);");
        let tree = Tree::of(&[("a.lua", note), ("b.rs", macros), ("c.rs", "let todos = 1;")]);
        assert_eq!(places(&words(&tree)), ["a.lua:2", "b.rs:3"]);
    }

    #[test]
    fn a_dead_link_is_found() {
        let readme = "[a](docs/a.md) [b](docs/b.md#x)\n[c](https://example.org) [d](#d) [e](docs) [f](../up.md)";
        let tree = Tree::of(&[
            ("README.md", readme),
            ("docs/a.md", "[top](../README.md)"),
            ("ARCHITECTURE.md", ""),
        ]);
        assert_eq!(places(&links(&tree)), ["README.md:1", "README.md:2"]);
        let code = "```lua\nt[1](a)\n```\nand `t[1](a)`";
        let tree = Tree::of(&[("README.md", code), ("ARCHITECTURE.md", "[x](y)")]);
        assert_eq!(places(&links(&tree)), ["ARCHITECTURE.md:1"]);
        assert_eq!(places(&links(&Tree::of(&[]))), ["README.md:0", "ARCHITECTURE.md:0"]);
    }

    #[test]
    fn somebodys_path_is_found() {
        let mine = concat!("cd /ho", "me/me/x\nsee net/wo", "rk/x\n\"/wo", "rk/x\"");
        assert_eq!(places(&paths(&Tree::of(&[("a.sh", mine)]))), ["a.sh:1", "a.sh:3"]);
    }
}
