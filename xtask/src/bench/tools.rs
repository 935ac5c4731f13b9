//! What a measurement needs besides its subjects: the peer and the limit in C, cores of its own, scheduling classes.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::args::Failure;
use crate::lua::on_path;
use crate::project::Project;

/// Everything found and built.
#[derive(Debug)]
pub(super) struct Tools {
    /// The other end of connections.
    pub(super) peer: PathBuf,
    /// What the kernel alone costs.
    pub(super) limit: PathBuf,
    scripts: PathBuf,
    pub(super) logs: PathBuf,
    /// The core of the measured, and another one if there is one.
    cores: Option<(u32, u32)>,
    has_chrt: bool,
    /// The most descriptors that a process may have.
    descriptors: Option<u64>,
}

/// Where a process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The measured core.
    Here,
    /// The same core; who wakes it goes on until it waits itself.
    HereInBatches,
    Elsewhere,
}

impl Tools {
    pub(super) fn find(project: &Project) -> Result<Self, Failure> {
        let logs = project.target.join("bench");
        std::fs::create_dir_all(&logs).map_err(|error| Failure::io(logs.display(), &error))?;
        let sources = project.root.join("xtask/bench");
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
        let cores = allowed_cores(&status).filter(|_| on_path("taskset").is_some());
        if cores.is_none() {
            eprintln!("no taskset: processes wander between cores, expect noise");
        }
        let has_chrt = on_path("chrt").is_some();
        if !has_chrt {
            eprintln!("no chrt: the peers preempt what is measured");
        }
        let descriptors = hard_limit(&limits).filter(|_| on_path("prlimit").is_some());
        Ok(Tools {
            peer: compile(&sources.join("peer.c"), &logs)?,
            limit: compile(&sources.join("limit.c"), &logs)?,
            scripts: project.root.join("xtask/workloads"),
            logs,
            cores,
            has_chrt,
            descriptors,
        })
    }

    pub(super) fn script(&self, name: &str) -> PathBuf {
        self.scripts.join(format!("{name}.lua"))
    }

    /// What starts a program there. Each of these tools becomes the next one: the process stays the same.
    pub(super) fn at(&self, place: Place) -> Command {
        let mut words: Vec<String> = Vec::new();
        if let Some((here, other)) = self.cores {
            let core = if place == Place::Elsewhere { other } else { here };
            words.extend(["taskset".to_owned(), "-c".to_owned(), core.to_string()]);
        }
        if self.has_chrt && place == Place::HereInBatches {
            words.extend(["chrt", "--batch", "0"].map(str::to_owned));
        }
        if let Some(most) = self.descriptors {
            words.extend(["prlimit".to_owned(), format!("--nofile={most}")]);
        }
        // `env` only passes on: so there is always a tool.
        let mut words = words.into_iter();
        let mut command = Command::new(words.next().unwrap_or_else(|| "env".to_owned()));
        command.args(words);
        command
    }
}

fn compile(source: &Path, out: &Path) -> Result<PathBuf, Failure> {
    let binary = out.join(source.file_stem().unwrap_or_default());
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let mut command = Command::new(&compiler);
    command.args(["-O2", "-Wall", "-o"]).arg(&binary).arg(source);
    let status = command.status();
    let name = compiler.to_string_lossy();
    let status = status.map_err(|error| Failure::io(format!("the C compiler {name}"), &error))?;
    if status.success() { Ok(binary) } else { Err(Failure::Reported) }
}

/// The last core that this process may use, and the first one: interrupts tend to go to the first.
fn allowed_cores(status: &str) -> Option<(u32, u32)> {
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?.trim();
    let first = list.split(['-', ',']).next()?.parse().ok()?;
    let last = list.rsplit(['-', ',']).next()?.parse().ok()?;
    Some((last, first))
}

fn hard_limit(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_lists_are_read() {
        assert_eq!(allowed_cores("Name: x\nCpus_allowed_list:\t0-3\n"), Some((3, 0)));
        assert_eq!(allowed_cores("Cpus_allowed_list:\t1,4-6,9\n"), Some((9, 1)));
        assert_eq!(allowed_cores("Cpus_allowed_list:\t5\n"), Some((5, 5)));
        assert_eq!(allowed_cores("Name: x\n"), None);
        let line = "Max open files            1024                 524288               files\n";
        assert_eq!(hard_limit(line), Some(524_288));
        assert_eq!(hard_limit("Max open files  unlimited unlimited files"), None);
    }
}
