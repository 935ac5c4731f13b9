//! Child processes: each in a group of its own, its output in a log, ended with all its children when its time is up.
//!
//! Groups of their own mean that an interrupt from the terminal reaches only this program. So a small shell, the
//! warden, keeps the list of groups; when this program ends, however it ends, the warden kills what is left of them.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::args::Failure;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Code(i32),
    Signal(i32),
    /// It was killed after this long.
    TimedOut(Duration),
}

impl End {
    fn of(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => End::Code(code),
            (None, signal) => End::Signal(signal.unwrap_or(0)),
        }
    }

    /// Did it end by itself, with code 0?
    pub(crate) fn is_success(self) -> bool {
        self == End::Code(0)
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            End::Code(code) => write!(f, "exit {code}"),
            End::Signal(signal) => write!(f, "signal {signal}"),
            End::TimedOut(after) => write!(f, "timeout {} s", after.as_secs()),
        }
    }
}

/// A process that ended, and where its output is.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) end: End,
    pub(crate) log: PathBuf,
}

impl Ran {
    /// All that it wrote, invalid UTF-8 replaced.
    pub(crate) fn output(&self) -> String {
        let mut bytes = Vec::new();
        let _ = File::open(&self.log).and_then(|mut file| file.read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The last lines that it wrote.
    pub(crate) fn tail(&self, lines: usize) -> String {
        let output = self.output();
        let all: Vec<&str> = output.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }
}

/// Runs a command with both output streams in `log`, whose first line is the command itself, for at most `limit`.
/// Nothing that it started survives it.
pub(crate) fn logged(command: &mut Command, log: &Path, limit: Duration) -> Result<Ran, Failure> {
    let file = open_log(log).map_err(|error| Failure::io(log.display(), &error))?;
    let _ = writeln!(&file, "$ {}", spelled(command));
    let both = file.try_clone().and_then(|copy| Ok((copy, file.try_clone()?)));
    let (out, err) = both.map_err(|error| Failure::io(log.display(), &error))?;
    command.stdin(Stdio::null()).stdout(out).stderr(err);
    let mut group = Group::spawn(command)?;
    let end = group.wait(limit).map_err(|error| Failure::io(spelled(command), &error))?;
    if let End::TimedOut(after) = end {
        let _ = writeln!(&file, "\n[killed after {} s]", after.as_secs());
    }
    Ok(Ran { end, log: log.to_owned() })
}

/// Opens an empty log at a path whose folders may be missing.
fn open_log(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = File::options().append(true).create(true).open(path)?;
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

/// The command as one would type it, without its environment.
pub(crate) fn spelled(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

fn not_started(command: &Command, error: &io::Error) -> Failure {
    let program = Path::new(command.get_program());
    // With a folder it is a file of ours, or its working directory is what is missing.
    if error.kind() == io::ErrorKind::NotFound && program.components().count() == 1 {
        return Failure::Failed(format!("{} is not installed", program.display()));
    }
    Failure::io(spelled(command), error)
}

/// A process and all that it starts. Dropping it kills whatever still runs.
#[derive(Debug)]
pub(crate) struct Group {
    child: Child,
    started: Instant,
}

impl Group {
    /// Starts the command as the leader of a new process group.
    pub(crate) fn spawn(command: &mut Command) -> Result<Self, Failure> {
        let child =
            command.process_group(0).spawn().map_err(|error| not_started(command, &error))?;
        tell_warden("add", child.id());
        Ok(Group { child, started: Instant::now() })
    }

    /// The leader, for its pipes.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits for the leader until `limit` after its start; then kills the group.
    pub(crate) fn wait(&mut self, limit: Duration) -> io::Result<End> {
        let mut pause = Duration::from_millis(1);
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(End::of(status));
            }
            if self.started.elapsed() >= limit {
                kill(self.child.id());
                self.child.wait()?;
                return Ok(End::TimedOut(limit));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(25));
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // The leader may have left children behind, which keep its group's number from being given away.
        kill(self.child.id());
        let _ = self.child.wait();
        tell_warden("del", self.child.id());
    }
}

/// Kills a process group. The standard library cannot, and a shell always can.
fn kill(group: u32) {
    let _ = Command::new("sh")
        .args(["-c", &format!("kill -s KILL -- -{group}")])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// Reads `add PID` and `del PID` lines; at their end kills the groups that were added and not taken away.
const WARDEN: &str = r#"
groups=
while read -r what pid; do
  if [ "$what" = add ]; then groups="$groups $pid"; continue; fi
  left=
  for group in $groups; do [ "$group" = "$pid" ] || left="$left $group"; done
  groups=$left
done
for group in $groups; do kill -s KILL -- "-$group"; done
"#;

static WARDEN_INPUT: Mutex<Option<ChildStdin>> = Mutex::new(None);

fn tell_warden(what: &str, pid: u32) {
    let mut input: MutexGuard<'_, Option<ChildStdin>> =
        WARDEN_INPUT.lock().unwrap_or_else(PoisonError::into_inner);
    if input.is_none() {
        *input = start_warden();
    }
    // Without a warden everything works, but an interrupt leaves the running process alone: no reason to fail.
    if let Some(pipe) = input.as_mut() {
        let _ = writeln!(pipe, "{what} {pid}");
    }
}

fn start_warden() -> Option<ChildStdin> {
    let mut command = Command::new("sh");
    command.args(["-c", WARDEN]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    command.process_group(0).spawn().ok()?.stdin.take()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("xtask-test-{}-{name}.log", std::process::id()))
    }

    #[test]
    fn output_and_exit_code_arrive() {
        let path = log("arrive");
        let ran = logged(
            Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]),
            &path,
            Duration::from_secs(20),
        );
        let ran = ran.expect("sh starts");
        assert_eq!(ran.end, End::Code(3));
        assert_eq!(ran.tail(2), "out\nerr");
        let _ = std::fs::remove_file(path);
    }

    #[test]
    fn a_signal_is_not_a_code() {
        let path = log("signal");
        let ran = logged(
            Command::new("sh").args(["-c", "kill -s TERM $$"]),
            &path,
            Duration::from_secs(20),
        );
        assert_eq!(ran.expect("sh starts").end, End::Signal(15));
        let _ = std::fs::remove_file(path);
    }

    #[test]
    fn a_limit_ends_grandchildren_too() {
        let path = log("limit");
        let script = "sleep 600 & echo $!; wait";
        let began = Instant::now();
        let ran =
            logged(Command::new("sh").args(["-c", script]), &path, Duration::from_millis(300))
                .expect("sh starts");
        assert!(matches!(ran.end, End::TimedOut(_)));
        assert!(began.elapsed() < Duration::from_secs(20));
        let output = ran.output();
        let grandchild = output.lines().nth(1).expect("the pid");
        // Killed, if perhaps not yet collected by whoever inherited it.
        let mut alive = true;
        for _ in 0..100 {
            let stat =
                std::fs::read_to_string(format!("/proc/{grandchild}/stat")).unwrap_or_default();
            alive = !(stat.is_empty() || stat.contains(") Z "));
            if !alive {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(!alive, "{grandchild} survived");
        let _ = std::fs::remove_file(path);
    }
}
