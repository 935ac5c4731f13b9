//! Rules on the documents: every link leads somewhere, as plain Markdown and in the manual as a site.

use super::tree::{Finding, Source, Tree};
use crate::docs::slug;

/// The manual's pages. Only they are in the site.
const BOOK: &str = "docs/src/";
const CONTENTS: &str = "docs/src/SUMMARY.md";

/// How pages of the manual name a file that is not in it: the repository's default branch.
const FORGE: &str = "https://github.com/moonsocket/moonsocket/blob/HEAD/";

pub(super) fn links(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in ["README.md", "ARCHITECTURE.md"] {
        if !tree.files.iter().any(|file| file.path == name) {
            findings.push(Finding::new(name, 0, "is missing"));
        }
    }
    for file in documents(tree) {
        for (line, text) in prose(&file.text) {
            let wrong = targets(&text).filter_map(|target| check(tree, file, target));
            findings.extend(wrong.map(|message| Finding::new(&file.path, line, message)));
        }
    }
    findings
}

pub(super) fn book(tree: &Tree) -> Vec<Finding> {
    let Some(contents) = tree.files.iter().find(|file| file.path == CONTENTS) else {
        return vec![Finding::new(CONTENTS, 0, "is missing")];
    };
    let listed: Vec<String> = prose(&contents.text)
        .flat_map(|(_, text)| targets(&text).map(str::to_owned).collect::<Vec<_>>())
        .filter_map(|target| resolve(CONTENTS, &target))
        .collect();
    let is_unlisted =
        |path: &String| path.starts_with(BOOK) && path != CONTENTS && !listed.contains(path);
    let pages = documents(tree).map(|file| &file.path).filter(|path| is_unlisted(path));
    pages.map(|path| Finding::new(path, 0, format!("is not in {CONTENTS}"))).collect()
}

fn documents(tree: &Tree) -> impl Iterator<Item = &Source> {
    tree.files.iter().filter(|file| file.path.ends_with(".md"))
}

/// The numbered lines outside of blocks of code.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_code = false;
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    lines.filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        in_code ^= is_fence;
        !in_code && !is_fence
    })
}

/// The same, without what stands between backquotes.
fn prose(text: &str) -> impl Iterator<Item = (usize, String)> {
    let without_code = |line: &str| line.split('`').step_by(2).collect::<Vec<_>>().join("`");
    lines(text).map(move |(number, line)| (number, without_code(line)))
}

/// Where the links `[…](…)` of a line lead.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next())
}

/// What is wrong with a link.
fn check(tree: &Tree, from: &Source, target: &str) -> Option<String> {
    let dead = || Some(format!("there is no {target}"));
    let is_forge = target.starts_with(FORGE);
    if !is_forge && (target.contains("://") || target.starts_with("mailto:")) {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(p, a)| (p, Some(a)));
    let path = match path.strip_prefix(FORGE) {
        Some(path) => Some(path.to_owned()),
        None if path.is_empty() => Some(from.path.clone()),
        None => resolve(&from.path, path),
    };
    let Some(path) = path else { return dead() };
    if from.path.starts_with(BOOK) && !is_forge && !path.starts_with(BOOK) {
        return Some(format!("{target} is not in the book: link to {FORGE}{path}"));
    }
    if from.path.starts_with(BOOK)
        && from.path != CONTENTS
        && !is_forge
        && path.ends_with("README.md")
    {
        return Some(format!("{target} is called index.html in the book"));
    }
    // Not every file is in the tree: what it does not hold may still lie on the disk.
    let folder = format!("{path}/");
    let is_there = tree.files.iter().any(|file| file.path == path)
        || tree.files.iter().any(|file| file.path.starts_with(&folder))
        || tree.exists(&path);
    let has_anchor = |anchor: &str| {
        let page = documents(tree).find(|file| file.path == path);
        page.is_some_and(|page| anchors(&page.text).iter().any(|known| known == anchor))
    };
    if is_there && anchor.is_none_or(has_anchor) { None } else { dead() }
}

/// A link's target from the root of the tree, unless it leads out of it.
fn resolve(from: &str, target: &str) -> Option<String> {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                path.pop()?;
            }
            part => path.push(part),
        }
    }
    Some(path.join("/"))
}

/// The anchors of a page's headings: the second of the same name has `-1` at its end, and so on.
fn anchors(text: &str) -> Vec<String> {
    let headings = lines(text).filter_map(|(_, line)| {
        let heading = line.trim_start_matches('#');
        (heading.len() < line.len()).then(|| heading.strip_prefix(' ')).flatten()
    });
    let plain: Vec<String> = headings.map(|heading| slug(heading.trim())).collect();
    let number = |(index, name): (usize, &String)| match plain[..index]
        .iter()
        .filter(|it| *it == name)
        .count()
    {
        0 => name.clone(),
        count => format!("{name}-{count}"),
    };
    plain.iter().enumerate().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(findings: &[Finding]) -> Vec<String> {
        findings.iter().map(|finding| format!("{}:{}", finding.path, finding.line)).collect()
    }

    #[test]
    fn a_dead_link_is_found() {
        let readme =
            "[a](docs/a.md) [b](docs/b.md#x)\n[c](https://example.org) [e](docs) [f](../up.md)";
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
    fn a_dead_anchor_is_found() {
        let page = "# Its `name`, so\n## So\n## So\n```sh\n# no\n```\n";
        let readme =
            "[1](#up) [2](a.md#its-name-so)\n[3](a.md#so-1)\n[4](a.md#so-2)\n[5](a.md#no)\n# Up";
        let tree = Tree::of(&[("README.md", readme), ("a.md", page), ("ARCHITECTURE.md", "")]);
        assert_eq!(places(&links(&tree)), ["README.md:3", "README.md:4"]);
    }

    #[test]
    fn what_the_book_lacks_is_found() {
        let here = format!(
            "[a](../../x.md)\n[b]({FORGE}x.md)\n[c]({FORGE}y.md)\n[d](b.md)\n[e](README.md)"
        );
        let tree = Tree::of(&[
            ("README.md", ""),
            ("ARCHITECTURE.md", ""),
            ("x.md", ""),
            (CONTENTS, "- [a](README.md)\n- [a](a.md)"),
            ("docs/src/README.md", ""),
            ("docs/src/a.md", &here),
            ("docs/src/b.md", ""),
        ]);
        assert_eq!(
            places(&links(&tree)),
            ["docs/src/a.md:1", "docs/src/a.md:3", "docs/src/a.md:5"]
        );
        assert_eq!(places(&book(&tree)), ["docs/src/b.md:0"]);
        assert_eq!(places(&book(&Tree::of(&[]))), ["docs/src/SUMMARY.md:0"]);
    }
}
