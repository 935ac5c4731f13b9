//! Who takes part in a workload, and with whom each is compared.

use std::path::PathBuf;
use std::process::Command;

use super::tools::Tools;
use super::workloads::{Shape, Who, Workload};
use crate::lua::Backend;
use crate::subject::Subject;

/// One program in a workload.
#[derive(Clone, Debug)]
pub(super) struct Entrant {
    pub(super) name: String,
    pub(super) role: Role,
    /// The entrant whose cost is divided by this one's.
    pub(super) base: Option<usize>,
    pub(super) program: Program,
}

/// What an entrant is in the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// LuaSocket.
    Original,
    /// LuaSocket once more: the noise.
    Again,
    Ours(Backend),
    /// Another library.
    Other,
    /// A program in C.
    Limit,
}

/// What is run.
#[derive(Clone, Debug)]
pub(super) enum Program {
    /// A script in xtask/workloads.
    Lua {
        subject: Subject,
        script: PathBuf,
    },
    Native(Vec<String>),
}

impl Entrant {
    /// The program below `tool`, without what the workload tells it.
    pub(super) fn below(&self, mut tool: Command) -> Command {
        match &self.program {
            Program::Lua { subject, script } => subject.below(tool, script),
            Program::Native(words) => {
                tool.args(words);
                tool
            }
        }
    }

    /// Our module's folder, if this is about it.
    pub(super) fn module(&self) -> Option<&PathBuf> {
        match &self.program {
            Program::Lua { subject, .. } => subject.module.as_ref(),
            Program::Native(_) => None,
        }
    }
}

/// The servers: what they are called, their script, and whether a subject's library is part of it.
const SERVERS: [(&str, &str, Library); 5] = [
    ("select", "server-select", Library::Any),
    ("Copas", "server-copas", Library::Any),
    ("fibers", "server-fibers", Library::Ours),
    ("luv", "server-luv", Library::None),
    ("cqueues", "server-cqueues", Library::None),
];

/// What a server runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Library {
    Any,
    Ours,
    None,
}

/// LuaSocket's `select` knows descriptors below 1,024 only, ours any number; but both look at each every time.
const MOST_SELECTED: u32 = 1_000;

/// Everyone in this workload, whoever others are compared with before them.
pub(super) fn entrants(workload: &Workload, subjects: &[Subject], tools: &Tools) -> Vec<Entrant> {
    match workload.shape {
        Shape::Client { script, who, has_limit, .. } => {
            let mut list = with_noise(script, subjects, tools);
            if who == Who::OursAlone {
                list.retain(|entrant| matches!(entrant.role, Role::Ours(_)));
                list.iter_mut().for_each(|entrant| entrant.base = None);
            }
            if has_limit {
                let words = vec![tools.limit.display().to_string(), script.to_owned()];
                list.push(native("C", words, first_base(&list)));
            }
            list
        }
        Shape::Start { .. } => with_noise("start", subjects, tools),
        Shape::Server { connections, .. } => servers(connections, subjects, tools),
    }
}

fn first_base(list: &[Entrant]) -> Option<usize> {
    list.iter().position(|entrant| entrant.role == Role::Original)
}

fn native(name: &str, words: Vec<String>, base: Option<usize>) -> Entrant {
    Entrant { name: name.into(), role: Role::Limit, base, program: Program::Native(words) }
}

/// A script on each subject, then on LuaSocket once more. Whoever comes after LuaSocket is compared with it.
fn with_noise(script: &str, subjects: &[Subject], tools: &Tools) -> Vec<Entrant> {
    let script = tools.script(script);
    let lua = |subject: &Subject, name: String, role| {
        let program = Program::Lua { subject: subject.clone(), script: script.clone() };
        Entrant { name, role, base: None, program }
    };
    let role = |subject: &Subject| subject.backend.map_or(Role::Original, Role::Ours);
    let mut list: Vec<Entrant> =
        subjects.iter().map(|subject| lua(subject, subject.name.clone(), role(subject))).collect();
    if let Some(original) = subjects.iter().find(|subject| subject.backend.is_none()) {
        list.push(lua(original, format!("{} again", original.name), Role::Again));
    }
    let base = first_base(&list);
    for entrant in list.iter_mut().filter(|entrant| entrant.role != Role::Original) {
        entrant.base = base;
    }
    list
}

/// Each server with select is compared with that over LuaSocket; all others with Copas over LuaSocket.
fn servers(connections: u32, subjects: &[Subject], tools: &Tools) -> Vec<Entrant> {
    let mut list: Vec<Entrant> = Vec::new();
    let mut base = None;
    for (server, script, library) in SERVERS {
        let over_many = connections > MOST_SELECTED;
        if over_many && library == Library::Any {
            continue;
        }
        let before = list.len();
        match library {
            Library::Any => list.extend(with_noise(script, subjects, tools)),
            Library::Ours => {
                let list_of_all = with_noise(script, subjects, tools);
                let ours = |entrant: &Entrant| matches!(entrant.role, Role::Ours(_));
                list.extend(list_of_all.into_iter().filter(ours));
            }
            Library::None => {
                let subject = subjects[0].without_library();
                let script = tools.script(script);
                let program = Program::Lua { subject, script };
                list.push(Entrant { name: String::new(), role: Role::Other, base: None, program });
            }
        }
        let first = list[before..].iter().position(|entrant| entrant.role == Role::Original);
        base = first.map(|first| first + before).or(base);
        for entrant in &mut list[before..] {
            let on = if entrant.name.is_empty() {
                String::new()
            } else {
                format!(" on {}", entrant.name)
            };
            entrant.name = format!("{server}{on}");
            entrant.base = base.filter(|_| entrant.role != Role::Original);
        }
    }
    let words = vec![tools.peer.display().to_string(), "echo".to_owned()];
    list.push(native("epoll in C", words, base));
    list
}
