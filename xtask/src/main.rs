//! The project's chores. This file only dispatches: one file or folder per command.
#![forbid(unsafe_code)]

mod args;
mod bench;
mod build;
mod ci;
mod conformance;
mod counts;
mod docs;
mod env;
mod install;
mod json;
mod layout;
mod libtest;
mod lua;
mod paint;
mod pipe;
mod process;
mod progress;
mod project;
mod run;
mod sabotage;
mod simulate;
mod soak;
mod subject;
mod talk;
mod tally;
mod tidy;
mod workers;

use std::process::ExitCode;

use args::{Args, Failure};

/// A command: its name, a line about it, its full help, and what it does.
struct Command {
    name: &'static str,
    about: &'static str,
    help: &'static str,
    run: fn(Args) -> Result<(), Failure>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "run",
        about: "run a Lua script in the standalone interpreter",
        help: run::HELP,
        run: run::main,
    },
    Command {
        name: "build",
        about: "build the module for an installed Lua",
        help: build::HELP,
        run: build::main,
    },
    Command {
        name: "env",
        about: "build the module, print the shell exports for it",
        help: env::HELP,
        run: env::main,
    },
    Command {
        name: "install",
        about: "build the module, put it where Lua looks for it",
        help: install::HELP,
        run: install::main,
    },
    Command {
        name: "conformance",
        about: "run every suite on every backend and Lua",
        help: conformance::HELP,
        run: conformance::main,
    },
    Command {
        name: "counts",
        about: "system calls and instructions per operation",
        help: counts::HELP,
        run: counts::main,
    },
    Command {
        name: "bench",
        about: "time and memory, side by side with others",
        help: bench::HELP,
        run: bench::main,
    },
    Command {
        name: "simulate",
        about: "the engine in many worlds without a kernel",
        help: simulate::HELP,
        run: simulate::main,
    },
    Command {
        name: "sabotage",
        about: "break the dialects, see their suites notice",
        help: sabotage::HELP,
        run: sabotage::main,
    },
    Command {
        name: "soak",
        about: "an hour's worth of traffic and trouble",
        help: soak::HELP,
        run: soak::main,
    },
    Command {
        name: "docs",
        about: "write the reference pages and definition files",
        help: docs::HELP,
        run: docs::main,
    },
    Command {
        name: "tidy",
        about: "check the project's invariants",
        help: tidy::HELP,
        run: tidy::main,
    },
    Command {
        name: "ci",
        about: "everything that must hold before a merge",
        help: ci::HELP,
        run: ci::main,
    },
];

fn main() -> ExitCode {
    pipe::end_with_the_reader();
    let mut args = Args::from_env();
    let outcome = match args.command() {
        Ok(name) => dispatch(&name, args),
        Err(failure) => Err(failure),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn dispatch(name: &str, mut args: Args) -> Result<(), Failure> {
    if matches!(name, "help" | "-h" | "--help") {
        let topic = args.optional_word()?;
        return help(topic.as_deref());
    }
    let command = find(name)?;
    if args.asks_for_help() {
        return help(Some(name));
    }
    (command.run)(args.named(command.name))
}

fn find(name: &str) -> Result<&'static Command, Failure> {
    COMMANDS.iter().find(|command| command.name == name).ok_or_else(|| Failure::Usage {
        command: None,
        message: format!("there is no command `{name}`"),
    })
}

fn help(topic: Option<&str>) -> Result<(), Failure> {
    if let Some(topic) = topic {
        println!("{}", find(topic)?.help.trim());
        return Ok(());
    }
    println!("The project's chores.\n\nUsage: cargo xtask COMMAND [OPTIONS]\n\nCommands:");
    for command in COMMANDS {
        println!("  {:<12} {}", command.name, command.about);
    }
    println!("  {:<12} show this page, or a command's own", "help");
    println!(
        "\n`cargo xtask help COMMAND` says more. Exit codes: 0 all well, 1 something failed, 2 wrong usage."
    );
    Ok(())
}
