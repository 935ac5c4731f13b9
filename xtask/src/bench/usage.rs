//! What a process has used so far, as the kernel tells it: time to the nanosecond, memory.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// Processor time and memory of a process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    /// Of all its threads, in user space and in the kernel.
    pub(super) cpu: Duration,
    /// The most that it ever had in memory.
    pub(super) peak_kb: u64,
    /// What it has in memory now that is backed by no file.
    pub(super) own_kb: u64,
}

/// Can this machine tell?
pub(super) fn is_known() -> bool {
    Path::new("/proc/self/schedstat").exists() && Path::new("/proc/self/smaps_rollup").exists()
}

impl Usage {
    /// Of a process that waits; one that runs is waited for, since its time is only counted when it stops.
    pub(super) fn of(pid: u32) -> Result<Self, String> {
        let folder = format!("/proc/{pid}");
        let read = |name: &str| {
            let path = format!("{folder}/{name}");
            fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))
        };
        for _ in 0..200 {
            if !is_running(&read("stat")?) {
                break;
            }
            std::thread::sleep(Duration::from_micros(250));
        }
        let mut cpu = Duration::ZERO;
        let tasks = fs::read_dir(format!("{folder}/task")).map_err(|error| error.to_string())?;
        for task in tasks.flatten() {
            // A thread may end at any moment.
            let stat = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            cpu += run_time(&stat).unwrap_or_default();
        }
        Ok(Usage {
            cpu,
            peak_kb: field(&read("status")?, "VmHWM:").unwrap_or(0),
            own_kb: field(&read("smaps_rollup")?, "Anonymous:").unwrap_or(0),
        })
    }
}

/// The state comes after the name, which may hold anything, in brackets.
fn is_running(stat: &str) -> bool {
    stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('R'))
}

fn run_time(schedstat: &str) -> Option<Duration> {
    schedstat.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// The number of a line `NAME   NUMBER kB`.
fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_texts_are_read() {
        assert!(is_running("7 (a) S (b) R 1 2") && !is_running("7 (lua R) S 1 2"));
        assert_eq!(run_time("12345 8 1\n"), Some(Duration::from_nanos(12_345)));
        assert_eq!(field("VmPeak:\t 9 kB\nVmHWM:\t  42 kB\n", "VmHWM:"), Some(42));
        assert_eq!(field("VmPeak:\t 9 kB\n", "VmHWM:"), None);
    }

    #[test]
    fn this_process_has_used_something() {
        if is_known() {
            let usage = Usage::of(std::process::id()).unwrap();
            assert!(usage.peak_kb > 0 && usage.own_kb > 0);
        }
    }
}
