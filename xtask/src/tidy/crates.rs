//! Rules on the crates of others: their licences, and how many versions of each there are.

use super::tree::{Crate, Finding, Tree};

const LOCK: &str = "Cargo.lock";

/// Licences under which what we ship, or build with, may stand. A crate may offer a choice.
const LICENCES: &[(&str, &str)] = &[
    ("MIT", "our own"),
    (
        "Apache-2.0",
        "asks for a notice where its code is shipped; so far tests and benches alone need it",
    ),
    ("Unicode-3.0", "tables in unicode-ident, which macros use at build time"),
];

/// Crates of which there may be more than one version, and why.
const VERSIONS: &[(&str, &str)] =
    &[("syn", "macros at build time: some have not moved to the new one yet")];

pub(super) fn licences(tree: &Tree) -> Vec<Finding> {
    let is_allowed = |name: &str| LICENCES.iter().any(|(allowed, _)| *allowed == name);
    let mut findings = Vec::new();
    for it in &tree.crates {
        match &it.licence {
            None => findings.push(found(it, "names no licence")),
            Some(licence) if !is_satisfied(licence, is_allowed) => {
                findings.push(found(it, &format!("is under {licence}, which is not in LICENCES")));
            }
            Some(_) => {}
        }
    }
    findings
}

pub(super) fn versions(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let count = |name: &str| tree.crates.iter().filter(|it| it.name == name).count();
    let mut last = "";
    for it in &tree.crates {
        let is_listed = VERSIONS.iter().any(|(name, _)| *name == it.name);
        if it.name != last && count(&it.name) > 1 && !is_listed {
            let versions = tree.crates.iter().filter(|other| other.name == it.name);
            let versions: Vec<_> = versions.map(|other| other.version.as_str()).collect();
            findings.push(found(it, &format!("is there as {}", versions.join(" and "))));
        }
        last = &it.name;
    }
    for (name, _) in VERSIONS.iter().filter(|(name, _)| count(name) < 2) {
        findings.push(Finding::new(
            LOCK,
            0,
            format!("{name} needs no exception in VERSIONS any more"),
        ));
    }
    findings
}

fn found(it: &Crate, what: &str) -> Finding {
    Finding::new(LOCK, 0, format!("{} {} {what}", it.name, it.version))
}

/// May one use it under such a licence expression (`A OR B`, `A/B`, `(A OR B) AND C`, `A WITH X OR B`)?
fn is_satisfied(expression: &str, is_allowed: impl Fn(&str) -> bool + Copy) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    let fine = any(&mut words, is_allowed);
    fine && words.is_empty()
}

/// `all OR all OR …`, from the end of the reversed words.
fn any(words: &mut Vec<&str>, is_allowed: impl Fn(&str) -> bool + Copy) -> bool {
    let mut fine = all(words, is_allowed);
    while words.pop_if(|word| *word == "OR").is_some() {
        fine |= all(words, is_allowed);
    }
    fine
}

/// `one AND one AND …`.
fn all(words: &mut Vec<&str>, is_allowed: impl Fn(&str) -> bool + Copy) -> bool {
    let mut fine = one(words, is_allowed);
    while words.pop_if(|word| *word == "AND").is_some() {
        fine &= one(words, is_allowed);
    }
    fine
}

fn one(words: &mut Vec<&str>, is_allowed: impl Fn(&str) -> bool + Copy) -> bool {
    match words.pop() {
        Some("(") => {
            let fine = any(words, is_allowed);
            words.pop() == Some(")") && fine
        }
        Some(name) => {
            // With an exception it is another licence, which has to be listed as such.
            let plain = words.pop_if(|word| *word == "WITH").map(|_| words.pop());
            plain.is_none() && is_allowed(name)
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crates(list: &[(&str, &str, Option<&str>)]) -> Tree {
        let make = |(name, version, licence): &(&str, &str, Option<&str>)| Crate {
            name: (*name).to_owned(),
            version: (*version).to_owned(),
            licence: licence.map(str::to_owned),
        };
        Tree { crates: list.iter().map(make).collect(), ..Tree::default() }
    }

    #[test]
    fn expressions_are_read() {
        let fine = |expression| is_satisfied(expression, |name| ["MIT", "U"].contains(&name));
        for expression in [
            "MIT",
            "GPL-3.0 OR MIT",
            "Unlicense/MIT",
            "(GPL OR MIT) AND U",
            "A WITH B OR A OR MIT",
            "MIT OR GPL AND GPL",
        ] {
            assert!(fine(expression), "{expression}");
        }
        for expression in
            ["GPL-3.0", "MIT AND GPL", "MIT WITH B", "(MIT OR U", "", "U AND (GPL OR X)"]
        {
            assert!(!fine(expression), "{expression}");
        }
    }

    #[test]
    fn licences_are_listed() {
        let syn = [("syn", "1.0.0", Some("MIT")), ("syn", "2.0.0", Some("MIT"))];
        assert_eq!(licences(&crates(&syn)), []);
        let bad = crates(&[("a", "1.0.0", Some("GPL-3.0")), ("b", "1.0.0", None)]);
        assert_eq!(licences(&bad).len(), 2);
    }

    #[test]
    fn versions_are_one_each() {
        let one = [("a", "1.0.0", None), ("syn", "1.0.0", None), ("syn", "2.0.0", None)];
        assert_eq!(versions(&crates(&one)), []);
        let two = crates(&[("a", "1.0.0", None), ("a", "2.0.0", None)]);
        // Twice there, and an exception that is stale.
        assert_eq!(versions(&two).len(), 2, "{:?}", versions(&two));
    }
}
