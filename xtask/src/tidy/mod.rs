//! `tidy`: the project's invariants, each a rule with a name, checked on the manifests and the sources.

mod arrows;
mod crates;
mod lexer;
mod links;
mod sizes;
mod sources;
mod texts;
mod tree;

use crate::args::{Args, Failure};
use crate::paint;
use crate::project::Project;
use crate::tally::Tally;
use tree::{Finding, Tree};

pub(crate) const HELP: &str = "
Checks the project's invariants, from `cargo metadata` and the sources. Each rule has a name and
prints ok, or FAIL with the places. Exceptions stand in tables beside the rules, each with its
reason; one that is no longer needed is a failure too.

Usage: cargo xtask tidy
";

/// An invariant.
struct Rule {
    name: &'static str,
    says: &'static str,
    check: fn(&Tree) -> Vec<Finding>,
}

const RULES: &[Rule] = &[
    Rule {
        name: "arrows",
        says: "crates of ours depend on each other only as designed",
        check: arrows::arrows,
    },
    Rule {
        name: "engines",
        says: "mlua, mio and polling are each named by one crate",
        check: arrows::engines,
    },
    Rule {
        name: "licences",
        says: "what we depend on stands under licences that are listed",
        check: crates::licences,
    },
    Rule {
        name: "versions",
        says: "no crate is there in two versions, but for those listed",
        check: crates::versions,
    },
    Rule {
        name: "hidden",
        says: "core and binding never name a backend's engine",
        check: sources::hidden,
    },
    Rule {
        name: "kernel",
        says: "system calls are made in core's os module and the backends",
        check: sources::kernel,
    },
    Rule {
        name: "features",
        says: "one file of the binding reads the backend features",
        check: sources::features,
    },
    Rule { name: "unsafe", says: "unsafe stays in named places", check: sources::unsafe_code },
    Rule {
        name: "forbid",
        says: "every crate root forbids unsafe, or denies it where it has some",
        check: sources::forbid,
    },
    Rule { name: "dialects", says: "no dialect names another", check: sources::dialects },
    Rule { name: "header", says: "every Rust file says what it is for", check: texts::header },
    Rule { name: "file size", says: "files have at most 400 lines", check: sizes::files },
    Rule { name: "fn size", says: "functions have at most 100 lines", check: sizes::functions },
    Rule { name: "words", says: "nothing is left for later or for debugging", check: texts::words },
    Rule {
        name: "links",
        says: "links and anchors in the documents lead somewhere",
        check: links::links,
    },
    Rule { name: "book", says: "every page of the manual is in its contents", check: links::book },
    Rule { name: "docs", says: "the reference is what its sources give", check: texts::reference },
    Rule { name: "paths", says: "no path of somebody's machine", check: texts::paths },
];

pub(crate) fn main(args: Args) -> Result<(), Failure> {
    args.finish()?;
    let tally = run(&Project::find()?)?;
    println!("{tally}");
    if tally.failed > 0 { Err(Failure::Reported) } else { Ok(()) }
}

/// Checks every rule and prints what it found.
pub(crate) fn run(project: &Project) -> Result<Tally, Failure> {
    let tree = Tree::read(project)?;
    let mut tally = Tally::default();
    for rule in RULES {
        report(rule.name, rule.says, &(rule.check)(&tree), &mut tally);
    }
    report("fmt", "rustfmt has nothing to change", &unformatted(project)?, &mut tally);
    Ok(tally)
}

fn report(name: &str, says: &str, findings: &[Finding], tally: &mut Tally) {
    let style = paint::stdout();
    if findings.is_empty() {
        tally.passed += 1;
        println!("{}    {name:<10} {}", style.good("ok"), style.dim(says));
        return;
    }
    tally.failed += 1;
    println!("{}  {name:<10} {says}", style.bad("FAIL"));
    for finding in findings {
        println!("      {finding}");
    }
}

/// One finding for each file that rustfmt would change.
fn unformatted(project: &Project) -> Result<Vec<Finding>, Failure> {
    let mut cargo = project.cargo();
    let output = cargo.args(["fmt", "--all", "--", "--check", "-l"]).output();
    let output = output.map_err(|error| Failure::io("cargo fmt", &error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let root = project.root.to_string_lossy();
    let mut findings: Vec<Finding> = text
        .lines()
        .map(|line| {
            Finding::new(
                line.strip_prefix(&*root).unwrap_or(line).trim_start_matches('/'),
                0,
                "run `cargo fmt`",
            )
        })
        .collect();
    if findings.is_empty() && !output.status.success() {
        findings.push(Finding::new(
            "Cargo.toml",
            0,
            String::from_utf8_lossy(&output.stderr).trim(),
        ));
    }
    Ok(findings)
}
