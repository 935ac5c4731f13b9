//! LuaSocket's own test pair, testsrvr.lua and testclnt.lua, on a debug build of ours.

use std::fs::File;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Column, Row, Session};
use crate::args::Failure;
use crate::lua::{self, Backend, Lua};
use crate::process::Group;
use crate::tally::Tally;

const LUAS: [Lua; 3] = [Lua::V51, Lua::V54, Lua::Jit];

/// One of the client's tests opens sockets until none is left.
const WITH_FEW_DESCRIPTORS: &str = "ulimit -n 900; exec \"$0\" \"$@\"";

/// Fills a row per backend from a checkout of LuaSocket (or its folder `test`).
pub(super) fn run(session: &mut Session<'_>, checkout: &Path) -> Result<(), Failure> {
    let inner = checkout.join("test");
    let folder = if inner.is_dir() {
        inner
    } else {
        checkout.to_owned()
    };
    if !folder.join("testclnt.lua").is_file() {
        return Err(Failure::Failed(format!(
            "there is no testclnt.lua in {}",
            folder.display()
        )));
    }
    let folder = folder
        .canonicalize()
        .map_err(|error| Failure::io(folder.display(), &error))?;
    for backend in session.options.backends() {
        for lua in LUAS
            .into_iter()
            .filter(|lua| session.options.wants(Column::Module(*lua)))
        {
            cell(session, &folder, backend, lua);
        }
    }
    Ok(())
}

fn cell(session: &mut Session<'_>, folder: &Path, backend: Backend, lua: Lua) {
    let (row, column) = (
        Row {
            suite: "upstream",
            on: backend.name(),
        },
        Column::Module(lua),
    );
    let interpreter = match lua.installed() {
        Ok(path) => path,
        Err(why) => return session.skip(row, column, why),
    };
    let Some(module) = session.artefacts.module(lua, backend, true) else {
        return session.broken(row, column, "build");
    };
    let server_log = session.logs().join(format!(
        "upstream-server-{}-{}.log",
        backend.name(),
        lua.name()
    ));
    let script = |script: &str, port: u16| {
        let mut command = lua::with_module(Path::new("sh"), &module);
        command.args(["-c", WITH_FEW_DESCRIPTORS]).arg(&interpreter);
        command
            .args(["-e", &format!("port = '{port}'"), script])
            .current_dir(folder);
        command
    };
    match start_server(&server_log, |port| script("testsrvr.lua", port)) {
        Ok((_server, port)) => session.fill(row, column, &mut script("testclnt.lua", port), judge),
        Err(why) => session.broken(row, column, why),
    }
}

/// Starts the server and waits until it answers.
fn start_server(
    log: &PathBuf,
    command: impl FnOnce(u16) -> Command,
) -> Result<(Group, u16), String> {
    let text = |error: std::io::Error| error.to_string();
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map_err(text)?
        .port();
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder).map_err(text)?;
    }
    let out = File::create(log).map_err(text)?;
    let err = out.try_clone().map_err(text)?;
    let mut command = command(port);
    let group = Group::spawn(command.stdin(Stdio::null()).stdout(out).stderr(err));
    let group = group.map_err(|failure| failure.to_string())?;
    let deadline = Instant::now() + Duration::from_secs(10);
    while Instant::now() < deadline {
        // The server takes this for a client that leaves at once, and waits for the next.
        if TcpStream::connect(("localhost", port)).is_ok() {
            return Ok((group, port));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err("the server did not start".to_owned())
}

/// The client's exit code says nothing: it ends with `done in` or at the first `ERROR:`.
fn judge(output: &str) -> Option<Tally> {
    let begun = output.matches("testing: ").count() as u64;
    if output.contains("ERROR:") {
        return Some(Tally {
            passed: begun.saturating_sub(1),
            failed: 1,
            skipped: 0,
        });
    }
    // Its last "test" is the line that it is done.
    output.contains("testing: done in").then(|| Tally {
        passed: begun - 1,
        ..Tally::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_judged_by_its_words() {
        let tally = |passed, failed| Tally {
            passed,
            failed,
            skipped: 0,
        };
        assert_eq!(
            judge("testing: a\ntesting: b\ntesting: done in 3s\n"),
            Some(tally(2, 0))
        );
        assert_eq!(
            judge("testing: a\ntesting: b\nERROR: no!\n"),
            Some(tally(1, 1))
        );
        assert_eq!(judge("testing: a\nlua: attempt to call nil\n"), None);
    }
}
