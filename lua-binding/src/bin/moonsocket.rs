//! `moonsocket [options] SCRIPT [ARGS]`: Lua with every dialect at hand. Options are those of
//! `lua`, without `-i`: there is no prompt, and without a script it reads one from its input.
#![forbid(unsafe_code)]

use mlua::{Lua, MultiValue, Table, Value};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::process::ExitCode;

#[global_allocator]
static MEMORY: moonsocket::vm::Allocator = moonsocket::vm::Allocator;

/// Runs the plan below in Lua: errors keep their identity and tracebacks their frames.
const DRIVER: &str = include_str!("moonsocket.lua");

const USAGE: &str = "usage: moonsocket [options] [script [args]]
  -e stat  execute string 'stat'
  -l mod   require library 'mod'
  -m mod   let library 'mod' run the script: 'emilua' makes it the main fiber
  -v       show version information
  --       stop handling options
  -        execute stdin";

/// What the options ask for, in their order.
enum Step {
    Execute(OsString),
    Require(OsString),
    /// The library whose `main` runs the script.
    Main(OsString),
    Version,
}

fn main() -> ExitCode {
    moonsocket::vm::restore_signals();
    let args: Vec<OsString> = std::env::args_os().collect();
    let (steps, script) = match options(&args) {
        Ok(it) => it,
        Err(culprit) => {
            eprintln!("moonsocket: unrecognized option '{culprit}'\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    let lua = moonsocket::vm::Interpreter::new();
    match run(&lua, &args, &steps, script) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("moonsocket: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The steps, and the position of the script among the arguments.
fn options(args: &[OsString]) -> Result<(Vec<Step>, usize), String> {
    let mut steps = Vec::new();
    let mut at = 1;
    while let Some(arg) = args.get(at).and_then(|arg| arg.to_str()) {
        let wrong = || arg.to_owned();
        match arg {
            "--" => return Ok((steps, at + 1)),
            "-v" => steps.push(Step::Version),
            "-" => break,
            _ if !arg.starts_with('-') => break,
            _ => {
                let (option, rest) =
                    arg.split_at(arg.char_indices().nth(2).map_or(arg.len(), |it| it.0));
                let operand = if rest.is_empty() {
                    at += 1;
                    args.get(at).cloned().ok_or_else(wrong)?
                } else {
                    rest.into()
                };
                steps.push(match option {
                    "-e" => Step::Execute(operand),
                    "-l" => Step::Require(operand),
                    "-m" => Step::Main(operand),
                    _ => return Err(wrong()),
                });
            }
        }
        at += 1;
    }
    Ok((steps, at))
}

fn run(lua: &Lua, args: &[OsString], steps: &[Step], script: usize) -> mlua::Result<bool> {
    moonsocket::preload(lua)?;
    let arg = lua.create_table()?;
    // As `lua` does it: the script is number 0, or the program where there is no script.
    let zero = if script < args.len() { script as i64 } else { 0 };
    for (i, value) in args.iter().enumerate() {
        arg.raw_set(i as i64 - zero, text(lua, value)?)?;
    }
    lua.globals().set("arg", &arg)?;
    let plan = lua.create_table()?;
    for step in steps {
        let (kind, operand) = match step {
            Step::Execute(code) => ("execute", code.clone()),
            Step::Require(name) => ("require", name.clone()),
            Step::Main(name) => ("main", name.clone()),
            Step::Version => ("version", OsString::new()),
        };
        let step: Table = lua.create_sequence_from([kind])?;
        step.push(text(lua, &operand)?)?;
        plan.push(step)?;
    }
    let script = match args.get(script) {
        Some(name) => text(lua, name)?,
        None => Value::Nil,
    };
    let version = concat!("moonsocket ", env!("CARGO_PKG_VERSION"));
    let driver = lua.load(DRIVER).set_name("=moonsocket").into_function()?;
    let mut given: MultiValue = [Value::Table(plan), script].into_iter().collect();
    given.push_back(Value::String(lua.create_string(version)?));
    driver.call(given)
}

fn text(lua: &Lua, value: &OsString) -> mlua::Result<Value> {
    Ok(Value::String(lua.create_string(value.clone().into_vec())?))
}
