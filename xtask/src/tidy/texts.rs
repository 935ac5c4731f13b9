//! Rules on any text: headers, forgotten words, what is generated, somebody's paths.

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
    fn somebodys_path_is_found() {
        let mine = concat!("cd /ho", "me/me/x\nsee net/wo", "rk/x\n\"/wo", "rk/x\"");
        assert_eq!(places(&paths(&Tree::of(&[("a.sh", mine)]))), ["a.sh:1", "a.sh:3"]);
    }
}
