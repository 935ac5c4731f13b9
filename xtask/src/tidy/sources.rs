//! Rules on what Rust sources may name.

use super::tree::{Exceptions, Finding, Source, Tree, except, names};

/// Where system calls are made.
const KERNEL: Exceptions = &[
    ("conformance/src/suite/process.rs", "signals and forks for the suite"),
    ("conformance/src/suite/system.rs", "raw descriptors for the suite"),
    ("core/src/os/", "the one place for sockets, options, addresses and signals"),
    ("backend-blocking/src/", "waiting is what a backend is"),
    ("backend-mio/src/", "waiting is what a backend is"),
];

/// Where `unsafe` is written.
const UNSAFE: Exceptions = &[
    ("backend-blocking/src/reactor.rs", "polling wants a promise that sources outlive their stay"),
    ("conformance/src/suite/process.rs", "signals and forks for the suite"),
    ("conformance/src/suite/system.rs", "raw descriptors for the suite"),
    ("conformance/src/sim/transport.rs", "a socket of a number, as the trait has it"),
    ("core/src/filter.rs", "instructions that only some processors have"),
    ("core/src/os/", "system calls that socket2 does not have"),
    ("core/src/transport.rs", "a socket of a number, which is the caller's promise"),
    ("lua-binding/src/vm/", "the safe layer over Lua's C functions"),
];

const DIALECTS: &str = "lua-binding/src/dialects/";

pub(super) fn hidden(tree: &Tree) -> Vec<Finding> {
    let places = ["core/src/", "lua-binding/src/"];
    let engine = |line: &str| names(line, "mio::") || names(line, "polling::");
    let found = |file: &Source| file.lines_where(&file.code, "names a backend's engine", engine);
    rust_below(tree, &places).flat_map(found).collect()
}

const PLACES: &[&str] = &["core/src/", "backend-", "lua-binding/src/", "conformance/src/"];

pub(super) fn kernel(tree: &Tree) -> Vec<Finding> {
    let calls = |line: &str| {
        let crates = ["socket2::", "rustix::", "nix::", "use socket2"];
        crates.iter().any(|name| names(line, name)) || calls_libc(line)
    };
    let std_sockets = |line: &str| {
        let types =
            ["TcpStream", "TcpListener", "UdpSocket", "UnixStream", "UnixListener", "UnixDatagram"];
        // A type of our own may have such a name; the standard library's are imported or spelled out.
        line.contains("std::") && types.iter().any(|name| names(line, name))
    };
    let mut findings: Vec<Finding> = rust_below(tree, PLACES)
        .flat_map(|file| file.lines_where(&file.code, "reaches for the kernel", calls))
        .collect();
    findings.extend(rust_below(tree, PLACES).flat_map(imports_from_libc));
    // The suite's opponents are the standard library's sockets on purpose.
    let std_sockets = rust_below(tree, &["core/src/", "lua-binding/src/"]).flat_map(|file| {
        file.lines_where(&file.code, "uses the standard library's sockets", std_sockets)
    });
    findings.extend(std_sockets);
    except(findings, KERNEL, "KERNEL")
}

/// Functions of libc that are imported; constants may be, and types called `c_…`.
fn imports_from_libc(file: &Source) -> Vec<Finding> {
    let imports = file.code.match_indices("use libc::").filter(|(at, start)| {
        let items = file.code[at + start.len()..].split(';').next().unwrap_or_default();
        let mut words = items.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        words.any(|word| word.starts_with(|c: char| c.is_lowercase()) && !word.starts_with("c_"))
    });
    let line = |at: usize| file.code[..at].matches('\n').count() + 1;
    imports.map(|(at, _)| Finding::new(&file.path, line(at), "imports from libc")).collect()
}

/// Constants and types of libc are no system calls; functions are, and are written in full.
fn calls_libc(line: &str) -> bool {
    line.split("libc::").skip(1).any(|rest| {
        let end = rest.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
        end.is_some_and(|end| end > 0 && rest[end..].starts_with('('))
    })
}

pub(super) fn features(tree: &Tree) -> Vec<Finding> {
    let reads = |line: &str| {
        let line: String = line.split_whitespace().collect();
        line.contains("feature=\"blocking\"") || line.contains("feature=\"mio\"")
    };
    let files = rust_below(tree, &["lua-binding/"]);
    let found: Vec<Finding> = files
        .filter_map(|file| {
            file.lines_where(&file.uncommented, "reads a backend feature", reads).into_iter().next()
        })
        .collect();
    match found.len() {
        0 => vec![Finding::new("lua-binding/src", 0, "no file reads the backend features")],
        1 => Vec::new(),
        _ => found,
    }
}

pub(super) fn unsafe_code(tree: &Tree) -> Vec<Finding> {
    except(all_unsafe(tree), UNSAFE, "UNSAFE")
}

fn all_unsafe(tree: &Tree) -> Vec<Finding> {
    let is_unsafe = |line: &str| names(line, "unsafe");
    tree.rust().flat_map(|file| file.lines_where(&file.code, "unsafe", is_unsafe)).collect()
}

pub(super) fn forbid(tree: &Tree) -> Vec<Finding> {
    let places = all_unsafe(tree);
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| is_root(&file.path)) {
        let has_unsafe = places.iter().any(|place| is_in_crate_of(&file.path, &place.path));
        let wanted = if has_unsafe { "#![deny(unsafe_code)]" } else { "#![forbid(unsafe_code)]" };
        if !file.code.contains(wanted) {
            findings.push(Finding::new(&file.path, 1, format!("lacks {wanted}")));
        }
    }
    findings
}

/// The root of a library, a program or one of several programs.
fn is_root(path: &str) -> bool {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    path.ends_with("/src/lib.rs") || path.ends_with("/src/main.rs") || folder.ends_with("/src/bin")
}

/// Does `path` belong to the crate with this root? A program of several is its file alone.
fn is_in_crate_of(root: &str, path: &str) -> bool {
    let (folder, _) = root.rsplit_once('/').unwrap_or_default();
    if folder.ends_with("/bin") {
        return root == path;
    }
    let rest = path.strip_prefix(folder).unwrap_or_default();
    rest.starts_with('/') && !rest.starts_with("/bin/")
}

pub(super) fn dialects(tree: &Tree) -> Vec<Finding> {
    let own = |path: &str| {
        let first = path.strip_prefix(DIALECTS)?.split('/').next()?;
        let name = first.strip_suffix(".rs").unwrap_or(first);
        (name != "mod").then(|| name.to_owned())
    };
    let mut all: Vec<String> = tree.rust().filter_map(|file| own(&file.path)).collect();
    all.dedup();
    let mut findings = Vec::new();
    for file in rust_below(tree, &[DIALECTS]) {
        let Some(mine) = own(&file.path) else {
            continue;
        };
        for other in all.iter().filter(|other| **other != mine) {
            findings.extend(file.lines_where(
                &file.code,
                &format!("names the dialect {other}"),
                |line| names(line, other),
            ));
        }
    }
    findings
}

fn rust_below<'a>(tree: &'a Tree, places: &'a [&str]) -> impl Iterator<Item = &'a Source> {
    tree.below(places).filter(|file| file.path.ends_with(".rs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The findings as `path:line`, without the real tables' exceptions, which the small trees do not need.
    fn places(findings: &[Finding]) -> Vec<String> {
        let findings =
            findings.iter().filter(|finding| !finding.message.contains("needs no exception"));
        findings.map(|finding| format!("{}:{}", finding.path, finding.line)).collect()
    }

    #[test]
    fn a_named_engine_is_found() {
        let tree = Tree::of(&[
            (
                "lua-binding/src/a.rs",
                "// mio::Poll\nuse moonsocket_mio::Mio;\nlet p = mio::Poll::new();",
            ),
            ("core/src/b.rs", "use polling::Poller;"),
            ("backend-mio/src/lib.rs", "use mio::Poll;"),
        ]);
        assert_eq!(places(&hidden(&tree)), ["lua-binding/src/a.rs:3", "core/src/b.rs:1"]);
    }

    #[test]
    fn a_system_call_elsewhere_is_found() {
        let tree = Tree::of(&[
            ("core/src/os/socket.rs", "libc::poll()"),
            ("backend-mio/src/lib.rs", "libc::poll()"),
            ("core/src/driver.rs", "/* libc::poll() */ libc::EINTR;\nlibc::poll()"),
            (
                "conformance/src/x.rs",
                "use libc::{EINTR, c_int};\nuse libc::{\n  EINTR, poll};\nstd::net::TcpStream::connect(a)",
            ),
            ("lua-binding/src/y.rs", "std::net::TcpStream::connect(a)"),
        ]);
        let found = ["core/src/driver.rs:2", "conformance/src/x.rs:2", "lua-binding/src/y.rs:1"];
        assert_eq!(places(&kernel(&tree)), found);
    }

    #[test]
    fn a_second_reader_of_the_features_is_found() {
        let one = (
            "lua-binding/src/backend.rs",
            "#[cfg(feature = \"mio\")]\n#[cfg(not(feature = \"mio\"))]",
        );
        let two =
            ("lua-binding/src/lib.rs", "//! feature = \"mio\"\nif cfg!(feature=\"blocking\") {}");
        assert_eq!(places(&features(&Tree::of(&[one]))), [""; 0]);
        assert_eq!(
            places(&features(&Tree::of(&[one, two]))),
            ["lua-binding/src/backend.rs:1", "lua-binding/src/lib.rs:2"]
        );
        assert_eq!(features(&Tree::of(&[])).len(), 1);
    }

    #[test]
    fn unsafe_elsewhere_is_found() {
        let tree = Tree::of(&[
            ("core/src/os/socket.rs", "unsafe { }"),
            ("core/src/driver.rs", "#![deny(unsafe_code)]\n// unsafe\n\"unsafe\";\nunsafe { }"),
        ]);
        assert_eq!(places(&unsafe_code(&tree)), ["core/src/driver.rs:4"]);
    }

    #[test]
    fn a_crate_that_does_not_forbid_unsafe_is_found() {
        let tree = Tree::of(&[
            ("core/src/lib.rs", "#![deny(unsafe_code)]"),
            ("core/src/os/socket.rs", "unsafe { }"),
            ("conformance/src/lib.rs", "#![deny(unsafe_code)]"),
            ("lua-binding/src/lib.rs", "#![forbid(unsafe_code)]"),
            ("lua-binding/src/bin/moonsocket.rs", "unsafe { }"),
            ("xtask/src/main.rs", "// #![forbid(unsafe_code)]"),
        ]);
        let found = [
            "conformance/src/lib.rs:1",
            "lua-binding/src/bin/moonsocket.rs:1",
            "xtask/src/main.rs:1",
        ];
        assert_eq!(places(&forbid(&tree)), found);
    }

    #[test]
    fn a_dialect_that_names_another_is_found() {
        let tree = Tree::of(&[
            ("lua-binding/src/dialects/luasocket/mod.rs", "use super::osn::names;"),
            ("lua-binding/src/dialects/mod.rs", "mod osn; mod luasocket;"),
            (
                "lua-binding/src/dialects/osn.rs",
                "// luasocket\n\"luasocket\";\nosn::x(); luasocketish();",
            ),
        ]);
        assert_eq!(places(&dialects(&tree)), ["lua-binding/src/dialects/luasocket/mod.rs:1"]);
    }
}
