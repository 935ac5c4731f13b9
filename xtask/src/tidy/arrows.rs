//! Rules on dependencies.

use super::tree::{Finding, Package, Tree};

/// A package of ours, and which others of ours it may depend on: always, and for tests, examples and benches.
struct Arrows {
    from: &'static str,
    to: &'static [&'static str],
    dev: &'static [&'static str],
}

const ARROWS: &[Arrows] = &[
    Arrows { from: "moonsocket-core", to: &[], dev: &[] },
    Arrows {
        from: "moonsocket-blocking",
        to: &["moonsocket-core"],
        dev: &["moonsocket-conformance", "moonsocket-mio"],
    },
    Arrows {
        from: "moonsocket-mio",
        to: &["moonsocket-core"],
        dev: &["moonsocket-conformance", "moonsocket-blocking"],
    },
    Arrows { from: "moonsocket-conformance", to: &["moonsocket-core"], dev: &[] },
    Arrows {
        from: "moonsocket-lua",
        // The last one is for tests: its feature is never released.
        to: &["moonsocket-core", "moonsocket-blocking", "moonsocket-mio", "moonsocket-conformance"],
        dev: &[],
    },
    Arrows { from: "xtask", to: &[], dev: &[] },
];

/// Crates from outside that only one of ours may name.
const ENGINES: &[(&str, &str)] =
    &[("mlua", "moonsocket-lua"), ("mio", "moonsocket-mio"), ("polling", "moonsocket-blocking")];

pub(super) fn arrows(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in &tree.packages {
        let Some(arrows) = ARROWS.iter().find(|arrows| arrows.from == package.name) else {
            findings.push(found(package, "is not in the table of arrows"));
            continue;
        };
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            let is_ours = tree.packages.iter().any(|other| other.name == name);
            let is_meant =
                arrows.to.contains(&name) || dependency.is_dev && arrows.dev.contains(&name);
            if is_ours && !is_meant {
                findings.push(found(package, &format!("must not depend on {name}")));
            }
        }
    }
    findings
}

pub(super) fn engines(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (engine, owner) in ENGINES {
        for package in &tree.packages {
            let names = package.dependencies.iter().any(|dependency| dependency.name == *engine);
            if names && package.name != *owner {
                findings.push(found(package, &format!("names {engine}, which only {owner} may")));
            } else if !names && package.name == *owner {
                findings.push(found(package, &format!("does not name {engine}")));
            }
        }
    }
    findings
}

fn found(package: &Package, what: &str) -> Finding {
    Finding::new(&package.manifest, 0, format!("{} {what}", package.name))
}

#[cfg(test)]
mod tests {
    use super::super::tree::Dependency;
    use super::*;

    fn tree(packages: &[(&str, &[&str])]) -> Tree {
        let package = |(name, dependencies): &(&str, &[&str])| Package {
            name: (*name).to_owned(),
            manifest: format!("{name}/Cargo.toml"),
            dependencies: dependencies
                .iter()
                .map(|name| Dependency {
                    name: name.trim_start_matches('+').to_owned(),
                    is_dev: name.starts_with('+'),
                })
                .collect(),
        };
        Tree { packages: packages.iter().map(package).collect(), ..Tree::default() }
    }

    #[test]
    fn arrows_may_not_be_added() {
        let good = tree(&[
            ("moonsocket-core", &["libc"]),
            ("moonsocket-conformance", &["moonsocket-core"]),
            ("moonsocket-mio", &["moonsocket-core", "+moonsocket-conformance"]),
            ("xtask", &[]),
        ]);
        assert_eq!(arrows(&good), []);
        let bad = tree(&[
            ("moonsocket-core", &["+moonsocket-mio"]),
            ("moonsocket-mio", &["moonsocket-conformance"]),
            ("moonsocket-conformance", &["xtask"]),
            ("xtask", &["moonsocket-core"]),
            ("newcomer", &[]),
        ]);
        assert_eq!(arrows(&bad).len(), 5, "{:?}", arrows(&bad));
    }

    #[test]
    fn engines_have_one_owner_each() {
        let good = tree(&[
            ("moonsocket-lua", &["mlua"]),
            ("moonsocket-mio", &["mio"]),
            ("moonsocket-core", &["libc"]),
        ]);
        assert_eq!(engines(&good), []);
        let bad =
            tree(&[("moonsocket-lua", &[]), ("moonsocket-core", &["+mio"]), ("xtask", &["mlua"])]);
        assert_eq!(engines(&bad).len(), 3, "{:?}", engines(&bad));
    }
}
