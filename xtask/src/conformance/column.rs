//! The matrix's columns: where a suite runs.

use std::path::PathBuf;

use crate::lua::Lua;

/// Where a suite runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// In cargo's test binaries.
    Rust,
    /// As a module in an installed interpreter (5.5: else in the standalone one).
    Module(Lua),
    /// In the standalone interpreter.
    Standalone(Lua),
}

impl Column {
    /// The columns of a Lua suite: 5.4 and 5.5 also stand alone, as the embedded default and the newest.
    pub(super) fn scripts() -> impl Iterator<Item = Column> {
        let alone = [Lua::V54, Lua::V55].map(Column::Standalone);
        Lua::ALL.map(Column::Module).into_iter().chain(alone)
    }

    /// The heading, and a part of log names.
    pub(super) fn label(self) -> String {
        match self {
            Column::Rust => "rust".to_owned(),
            Column::Module(lua) => lua.name().to_owned(),
            Column::Standalone(lua) => format!("{}s", lua.name()),
        }
    }

    /// The Lua that runs there.
    pub(super) fn lua(self) -> Option<Lua> {
        match self {
            Column::Rust => None,
            Column::Module(lua) | Column::Standalone(lua) => Some(lua),
        }
    }

    /// `5.4` selects the module and the standalone interpreter of that version, `5.4s` only the latter.
    pub(super) fn is_called(self, name: &str) -> bool {
        self.label() == name || matches!(self, Column::Standalone(lua) if lua.name() == name)
    }
}

/// What runs the scripts of a column.
pub(super) enum Host {
    /// This interpreter.
    Installed(PathBuf),
    /// The standalone interpreter, its own dialects hidden, so that it loads the module.
    Hosted,
    /// The standalone interpreter as it is.
    Alone,
}

impl Host {
    /// What runs the column, or why nothing does.
    pub(super) fn of(column: Column) -> Result<Host, String> {
        match column {
            Column::Rust => Err("not a Lua suite".to_owned()),
            Column::Standalone(_) => Ok(Host::Alone),
            Column::Module(lua) => match lua.installed() {
                Ok(path) => Ok(Host::Installed(path)),
                Err(_) if lua == Lua::V55 => Ok(Host::Hosted),
                Err(why) => Err(why),
            },
        }
    }
}
