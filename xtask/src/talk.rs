//! The words between this program and what it measures. A workload says `ready CONNECTIONS PORT` once it is prepared,
//! is told `go`, and says `done`, with a number if it has measured something itself; the programs at the other end of its connections say the same words.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::process::Group;

/// A process that keeps to the protocol. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Talk {
    group: Group,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

/// What comes with the word `ready`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ready {
    /// The connections that it has made.
    pub(crate) made: usize,
    /// Where it listens, or 0.
    pub(crate) port: u16,
}

impl Talk {
    /// Starts the command, whose stderr is the caller's business.
    pub(crate) fn with(command: &mut Command) -> Result<Self, String> {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut group = Group::spawn(command).map_err(|failure| failure.to_string())?;
        let input = group.child().stdin.take();
        let output = group.child().stdout.take().ok_or("no pipe")?;
        let (sender, lines) = channel();
        // Reads on to the end, wanted or not: the other end shall not meet a closed pipe.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        Ok(Talk { group, input, lines })
    }

    pub(crate) fn group(&mut self) -> &mut Group {
        &mut self.group
    }

    pub(crate) fn pid(&mut self) -> u32 {
        self.group.child().id()
    }

    /// Waits for `ready`.
    pub(crate) fn ready(&self, limit: Duration) -> Result<Ready, String> {
        let line = self.line("ready", limit)?;
        read_ready(&line).ok_or_else(|| format!("it said {line:?} instead of `ready`"))
    }

    /// Waits for `done`, and the number that may come with it.
    pub(crate) fn done(&self, limit: Duration) -> Result<Option<f64>, String> {
        let line = self.line("done", limit)?;
        let mut words = line.split_whitespace();
        if words.next() == Some("done") {
            Ok(words.next().and_then(|number| number.parse().ok()))
        } else {
            Err(format!("it said {line:?} instead of `done`"))
        }
    }

    pub(crate) fn go(&mut self) -> Result<(), String> {
        let input = self.input.as_mut().ok_or("its pipe is closed")?;
        input.write_all(b"go\n").map_err(|error| error.to_string())
    }

    /// Ends its input, which lets it go.
    pub(crate) fn leave(&mut self) {
        self.input = None;
    }

    fn line(&self, word: &str, limit: Duration) -> Result<String, String> {
        self.lines.recv_timeout(limit).map_err(|error| match error {
            RecvTimeoutError::Timeout => format!("no `{word}` in {} s", limit.as_secs()),
            RecvTimeoutError::Disconnected => format!("it ended without `{word}`"),
        })
    }
}

fn read_ready(line: &str) -> Option<Ready> {
    let mut words = line.split_whitespace();
    let (word, made, port) = (words.next()?, words.next()?, words.next()?);
    if word != "ready" {
        return None;
    }
    Some(Ready { made: made.parse().ok()?, port: port.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Talk {
        Talk::with(Command::new("sh").args(["-c", script])).expect("sh starts")
    }

    #[test]
    fn the_words_go_there_and_back() {
        let limit = Duration::from_secs(20);
        let mut talk = shell(
            "echo ready 3 4711; read word; echo done $word; echo done 2.5; read word; exit 7",
        );
        assert_eq!(talk.ready(limit), Ok(Ready { made: 3, port: 4711 }));
        talk.go().unwrap();
        assert_eq!(talk.done(limit), Ok(None));
        assert_eq!(talk.done(limit), Ok(Some(2.5)));
        talk.leave();
        assert_eq!(talk.group().wait(limit).unwrap(), crate::process::End::Code(7));
    }

    #[test]
    fn what_is_not_said_is_an_error() {
        let limit = Duration::from_secs(20);
        assert!(shell("echo hello").ready(limit).unwrap_err().contains("hello"));
        assert!(shell("echo ready 1").ready(limit).is_err());
        assert!(shell("exit 1").done(limit).unwrap_err().contains("ended"));
        let late = shell("sleep 30").done(Duration::from_millis(20));
        assert!(late.unwrap_err().starts_with("no `done`"));
    }
}
