//! Where figures are from: the machine, the versions, the commit.

use std::process::Command;

use crate::lua::Lua;
use crate::project::Project;

/// A line for each thing worth knowing. What cannot be found out is left out.
pub(super) fn about(project: &Project, lua: Lua, reps: u32) -> Vec<String> {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let os = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let cores = cpuinfo.lines().filter(|line| line.starts_with("processor")).count();
    let mut lines = Vec::new();
    if let Some(model) = after(&cpuinfo, "model name", ':') {
        lines.push(format!("machine: {model}, {cores} cores"));
    }
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let system = after(&os, "PRETTY_NAME", '=').unwrap_or("Linux").trim_matches('"').to_owned();
    lines.push(format!("system: {system}, kernel {}", kernel.trim()));
    if let Ok(interpreter) = lua.installed() {
        lines.extend(said(Command::new(interpreter).arg("-v")).map(|line| format!("Lua: {line}")));
    }
    lines.extend(packages());
    lines.extend(said(Command::new("rustc").arg("--version")).map(|line| format!("rustc: {line}")));
    let git = |args: &[&str]| said(Command::new("git").current_dir(&project.root).args(args));
    if let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) {
        // What is written by a run itself is no change.
        let changed = git(&["status", "--porcelain", "--", ".", ":!docs/src/bench", ":!README.md"]);
        let mark = if changed.is_some() { " with changes" } else { "" };
        lines.push(format!("commit: {commit}{mark}"));
    }
    lines.push(format!("repetitions: {reps}"));
    lines
}

/// The versions of the Debian packages that are compared.
fn packages() -> Option<String> {
    let mut query = Command::new("dpkg-query");
    query.args(["-W", "-f", "${Package} ${Version}, "]);
    let names = ["lua-socket", "lua-copas", "lua-luv", "lua-cqueues"];
    let output = query.args(names).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim_end_matches([',', ' ']);
    (!text.is_empty()).then(|| format!("peers: {text}"))
}

/// The first line that a program prints, wherever.
fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    let line = String::from_utf8_lossy(&text).lines().next()?.trim().to_owned();
    (!line.is_empty() && output.status.success()).then_some(line)
}

/// The value in a line `NAME  :  VALUE`.
fn after<'a>(text: &'a str, name: &str, mark: char) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(mark)?.1.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_name() {
        let text = "processor : 0\nmodel name\t: A fast one\n";
        assert_eq!(after(text, "model name", ':'), Some("A fast one"));
        assert_eq!(after("PRETTY_NAME=\"x=y\"\n", "PRETTY_NAME", '='), Some("\"x=y\""));
        assert_eq!(after(text, "stepping", ':'), None);
    }
}
