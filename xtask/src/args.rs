//! Command lines in, failures out: a reader of options and the one error type of this program.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::process::ExitCode;

use crate::paint;

/// Why a command did not do its work.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line is wrong: exit code 2.
    Usage { command: Option<&'static str>, message: String },
    /// The work failed, and this says how: exit code 1.
    Failed(String),
    /// The work failed and has already been reported: exit code 1.
    Reported,
}

impl Failure {
    /// Something went wrong with what `what` names.
    pub(crate) fn io(what: impl std::fmt::Display, error: &std::io::Error) -> Self {
        Failure::Failed(format!("{what}: {error}"))
    }

    /// What a command was asked for is nothing that it has.
    pub(crate) fn no_such(command: &'static str, message: impl Into<String>) -> Self {
        Failure::Usage { command: Some(command), message: message.into() }
    }

    /// Says it on stderr and gives the exit code.
    pub(crate) fn report(self) -> ExitCode {
        let style = paint::stderr();
        match self {
            Failure::Usage { command, message } => {
                let page = command.map_or("help".into(), |name| format!("help {name}"));
                eprintln!("{} {message}\nSee `cargo xtask {page}`.", style.bad("error:"));
                ExitCode::from(2)
            }
            Failure::Failed(message) => {
                eprintln!("{} {message}", style.bad("error:"));
                ExitCode::FAILURE
            }
            Failure::Reported => ExitCode::FAILURE,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Usage { message, .. } | Failure::Failed(message) => f.write_str(message),
            Failure::Reported => f.write_str("failed"),
        }
    }
}

/// What is left of the command line.
#[derive(Debug)]
pub(crate) struct Args {
    rest: VecDeque<OsString>,
    command: Option<&'static str>,
}

impl Args {
    /// The words after the program's name.
    pub(crate) fn from_env() -> Self {
        Args { rest: std::env::args_os().skip(1).collect(), command: None }
    }

    #[cfg(test)]
    pub(crate) fn of(words: &[&str]) -> Self {
        Args { rest: words.iter().map(OsString::from).collect(), command: Some("test") }
    }

    /// Errors from here on name this command's help page.
    pub(crate) fn named(mut self, command: &'static str) -> Self {
        self.command = Some(command);
        self
    }

    /// A usage error of this command.
    pub(crate) fn wrong(&self, message: impl Into<String>) -> Failure {
        Failure::Usage { command: self.command, message: message.into() }
    }

    /// The command's name: the first word.
    pub(crate) fn command(&mut self) -> Result<String, Failure> {
        self.optional_word()?.ok_or_else(|| self.wrong("which command?"))
    }

    /// The next word, if there is one.
    pub(crate) fn optional_word(&mut self) -> Result<Option<String>, Failure> {
        self.rest.pop_front().map(|word| self.text(&word)).transpose()
    }

    /// Is the first word `--help` or `-h`?
    pub(crate) fn asks_for_help(&self) -> bool {
        self.rest.front().is_some_and(|word| word == "--help" || word == "-h")
    }

    /// The next option's name. `--name=value` becomes `--name` and, for [`Args::value`], `value`.
    /// Stops, with nothing taken, at the first word that is no option.
    pub(crate) fn option(&mut self) -> Result<Option<String>, Failure> {
        let Some(front) = self.rest.front() else {
            return Ok(None);
        };
        if !front.as_encoded_bytes().starts_with(b"-") {
            return Ok(None);
        }
        let word = self.text(front)?;
        self.rest.pop_front();
        match word.split_once('=') {
            Some((name, value)) => {
                self.rest.push_front(value.into());
                Ok(Some(name.to_owned()))
            }
            None => Ok(Some(word)),
        }
    }

    /// As [`Args::option`], for a command that passes the rest on: it stops at a word with one dash too, which is another
    /// program's, and takes a `--` that ends its own.
    pub(crate) fn own_option(&mut self) -> Result<Option<String>, Failure> {
        match self.rest.front() {
            Some(front) if front == "--" => {
                self.rest.pop_front();
                Ok(None)
            }
            Some(front) if front.as_encoded_bytes().starts_with(b"--") => self.option(),
            _ => Ok(None),
        }
    }

    /// The value that belongs to the option `name`. An empty one is a shell's variable that is not set.
    pub(crate) fn value(&mut self, name: &str) -> Result<String, Failure> {
        self.optional_word()?
            .filter(|word| !word.is_empty())
            .ok_or_else(|| self.wrong(format!("`{name}` wants a value")))
    }

    /// The value of `name` as one of the values that `read` knows; `known` lists them for the error.
    pub(crate) fn one_of<T>(
        &mut self,
        name: &str,
        known: &str,
        read: fn(&str) -> Option<T>,
    ) -> Result<T, Failure> {
        let value = self.value(name)?;
        read(&value).ok_or_else(|| self.wrong(format!("`{name} {value}`: known are {known}")))
    }

    /// The error for an option that this command does not know.
    pub(crate) fn unknown(&self, name: &str) -> Failure {
        self.wrong(format!("unknown option `{name}`"))
    }

    /// Everything left, untouched.
    pub(crate) fn remaining(self) -> VecDeque<OsString> {
        self.rest
    }

    /// Nothing may be left.
    pub(crate) fn finish(self) -> Result<(), Failure> {
        match self.rest.front() {
            Some(word) => Err(self.wrong(format!("unexpected `{}`", word.to_string_lossy()))),
            None => Ok(()),
        }
    }

    fn text(&self, word: &OsStr) -> Result<String, Failure> {
        word.to_str()
            .map(str::to_owned)
            .ok_or_else(|| self.wrong(format!("`{}` is not UTF-8", word.to_string_lossy())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_another_program_are_left() {
        for (words, left) in [
            (&["--lua", "5.4", "-m", "emilua", "x"][..], &["-m", "emilua", "x"][..]),
            (&["--lua=5.4", "-", "--lua"], &["-", "--lua"]),
            (&["--lua", "5.4", "--", "--x"], &["--x"]),
            (&["x", "--lua"], &["x", "--lua"]),
        ] {
            let mut args = Args::of(words);
            while let Some(name) = args.own_option().expect("UTF-8") {
                assert_eq!(name, "--lua");
                assert_eq!(args.value(&name).expect("it has one"), "5.4");
            }
            assert_eq!(args.remaining(), left);
        }
    }

    #[test]
    fn options_come_with_their_values_and_stop_at_words() {
        let mut args = Args::of(&["--lua=5.4", "--out", "x", "script", "--mine"]);
        assert_eq!(args.option().unwrap().as_deref(), Some("--lua"));
        assert_eq!(args.value("--lua").unwrap(), "5.4");
        assert_eq!(args.option().unwrap().as_deref(), Some("--out"));
        assert_eq!(args.value("--out").unwrap(), "x");
        assert_eq!(args.option().unwrap(), None);
        assert_eq!(args.remaining(), ["script", "--mine"]);
    }

    #[test]
    fn what_is_wrong_is_a_usage_error() {
        for words in [&["--out"][..], &["--out", ""], &["--out="]] {
            let mut args = Args::of(words);
            args.option().unwrap();
            let value = args.value("--out");
            assert!(
                matches!(value, Err(Failure::Usage { command: Some("test"), .. })),
                "{words:?}"
            );
        }
        assert!(matches!(Args::of(&["word"]).finish(), Err(Failure::Usage { .. })));
    }
}
