//! Colours, on terminals only and never under `NO_COLOR`.

use std::io::IsTerminal;

/// Paints text for one stream, or leaves it alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    on: bool,
}

/// The style of stdout.
pub(crate) fn stdout() -> Style {
    Style { on: wanted() && std::io::stdout().is_terminal() }
}

/// The style of stderr.
pub(crate) fn stderr() -> Style {
    Style { on: wanted() && std::io::stderr().is_terminal() }
}

fn wanted() -> bool {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !no_color && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

impl Style {
    /// Is anything painted, so that a line may also be rewritten in place?
    pub(crate) fn is_on(self) -> bool {
        self.on
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.wrap("32", text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.wrap("1;31", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}
