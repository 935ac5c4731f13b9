//! The examples in Rust, run as their users run them: each ends well and says what it should.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// Longer than any of them takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Those that a test below runs. `echo` is the common part of `echo_blocking` and `echo_mio`.
const RUN: [&str; 12] = [
    "chat_server",
    "echo",
    "echo_blocking",
    "echo_mio",
    "echo_server",
    "embed",
    "fetch_many",
    "line_client",
    "poll_backend",
    "port_forwarder",
    "udp_discovery",
    "unix_daemon",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn cargo(words: &[&str]) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(words).current_dir(root());
    cargo
}

/// A running example, and the lines that it prints.
struct Example {
    name: &'static str,
    process: Child,
    lines: Receiver<String>,
}

impl Example {
    /// `cargo run --example NAME -- ARGUMENTS`
    fn start(name: &'static str, arguments: &[&str]) -> Self {
        // Before the clock runs.
        static BUILT: OnceLock<bool> = OnceLock::new();
        let built =
            || cargo(&["build", "--quiet", "--examples"]).status().is_ok_and(|it| it.success());
        assert!(BUILT.get_or_init(built), "the examples cannot be built");
        let words = [&["run", "--quiet", "--example", name, "--"], arguments].concat();
        let mut process = cargo(&words).stdout(Stdio::piped()).spawn().expect("cargo starts");
        let out = BufReader::new(process.stdout.take().expect("it is piped"));
        let (said, lines) = channel();
        thread::spawn(move || {
            out.lines().map_while(Result::ok).try_for_each(|line| said.send(line))
        });
        Self { name, process, lines }
    }

    /// What it prints next; `None` at its end.
    fn line(&mut self) -> Option<String> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("{} says nothing", self.name),
        }
    }

    /// The address that it says it listens on.
    fn address(&mut self) -> String {
        let line = self.line().expect("it says where it listens");
        line.strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}")).to_owned()
    }

    /// The rest of what it prints, once it has ended well.
    fn rest(mut self) -> Vec<String> {
        let rest = std::iter::from_fn(|| self.line()).collect();
        let end = self.process.wait().expect("it ends");
        assert!(end.success(), "{}: {end}, {rest:?}", self.name);
        rest
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// All that an example prints which needs no arguments.
fn output(name: &'static str) -> Vec<String> {
    Example::start(name, &[]).rest()
}

/// The lines that begin so, without that.
fn those(lines: &[String], beginning: &str) -> Vec<String> {
    lines.iter().filter_map(|line| line.strip_prefix(beginning)).map(str::to_owned).collect()
}

/// A peer of an example, which waits for no answer longer than it takes.
fn connect(address: &str) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).expect("the example listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("it is longer than nothing");
    BufReader::new(stream)
}

fn say(to: &mut BufReader<TcpStream>, text: &str) {
    to.get_mut().write_all(text.as_bytes()).expect("it is read");
}

fn hear(from: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    from.read_line(&mut line).expect("a line, or the end");
    line
}

#[test]
fn each_example_is_run_by_a_test() {
    let files = std::fs::read_dir(root().join("examples/rust")).expect("it is there");
    let names = files.map(|file| {
        let path = file.expect("an entry").path();
        path.file_stem().expect("a name").to_string_lossy().into_owned()
    });
    assert_eq!(names.collect::<BTreeSet<_>>(), RUN.map(str::to_owned).into());
}

#[test]
fn echo_on_both_backends() {
    for name in ["echo_blocking", "echo_mio"] {
        let lines = output(name);
        let server = those(&lines, "server: ");
        assert_eq!(server.len(), 3, "{lines:?}");
        assert!(server[0].starts_with("listens on 127.0.0.1:"), "{lines:?}");
        let here = server[1].strip_suffix(" is here").unwrap_or_else(|| panic!("{lines:?}"));
        assert_eq!(server[2], format!("{here} has gone"));
        let answers =
            ["to be", "or not to be"].map(|it| format!("sent {it:?}, got {:?}", Some(it)));
        assert_eq!(those(&lines, "client: "), answers);
    }
}

#[test]
fn echo_server_without_arguments() {
    let lines = output("echo_server");
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert!(lines[0].starts_with("listening on 127.0.0.1:"), "{lines:?}");
    assert!(lines[1].ends_with(" is here") && lines[2].ends_with(" is here"), "{lines:?}");
    assert_eq!(lines[3], "done on the mio backend");
}

#[test]
fn echo_server_with_clients() {
    let mut server = Example::start("echo_server", &["127.0.0.1:0", "3"]);
    let address = server.address();
    let mut clients = [(); 3].map(|()| connect(&address));
    for (number, client) in clients.iter_mut().enumerate().rev() {
        say(client, &format!("client {number}\n"));
        assert_eq!(hear(client), format!("client {number}\n"));
    }
    drop(clients);
    assert_eq!(server.rest().len(), 4);
}

#[test]
fn embed_runs_fibers_in_its_host() {
    let lines = ["got line 1", "got line 2", "got line 3", "no more"];
    assert_eq!(output("embed"), lines.map(|line| format!("host: {line}")));
}

#[test]
fn line_client_by_itself() {
    let lines = output("line_client");
    // A machine that is busy enough has the whole answer come in time.
    let late = ["not in time; so far: \"it is \"", "the whole answer: \"it is late\""];
    assert!(lines == late || lines == ["at once: \"it is late\""], "{lines:?}");
}

#[test]
fn line_client_whose_server_gives_up() {
    let server = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = server.local_addr().expect("it has one").to_string();
    let mut client = Example::start("line_client", &[&address]);
    let mut peer = BufReader::new(server.accept().expect("it comes").0);
    assert_eq!(hear(&mut peer), "what time is it?\n");
    say(&mut peer, "half");
    assert_eq!(client.line().as_deref(), Some("not in time; so far: \"half\""));
    drop(peer);
    assert_eq!(client.line(), None);
    assert!(!client.process.wait().expect("it ends").success());
}

#[test]
fn chat_server_passes_lines_on() {
    let mut server = Example::start("chat_server", &["127.0.0.1:0"]);
    let address = server.address();
    let guest = |name: &str| {
        let mut guest = connect(&address);
        say(&mut guest, &format!("{name}\n"));
        assert_eq!(hear(&mut guest), format!("Your name? * welcome, {name}\n"));
        guest
    };
    let mut ann = guest("ann");
    let mut bob = guest("bob");
    assert_eq!(hear(&mut ann), "* bob is here\n");
    say(&mut bob, "hello\n");
    assert_eq!(hear(&mut ann), "bob: hello\n");
    say(&mut bob, &"x".repeat(2000));
    assert_eq!(hear(&mut ann), "* bob has left\n");
}

#[test]
fn fetch_many_from_its_own_server() {
    let lines = output("fetch_many");
    assert_eq!(lines.len(), 6, "{lines:?}");
    for (number, line) in lines[..5].iter().enumerate() {
        assert!(line.ends_with(&format!("/{number}: 28 bytes")), "{lines:?}");
    }
    assert!(lines[5].starts_with("all of them in "), "{lines:?}");
}

#[test]
fn fetch_many_from_where_there_is_nothing() {
    let lines = Example::start("fetch_many", &["127.0.0.1:99999/page"]).rest();
    assert!(lines[0].starts_with("127.0.0.1:99999/page: lookup: "), "{lines:?}");
}

#[test]
fn poll_backend_works() {
    assert_eq!(output("poll_backend"), ["Some(\"hello\") on the polled backend"]);
}

#[test]
fn port_forwarder_passes_both_directions_on() {
    let target = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let there = target.local_addr().expect("it has one").to_string();
    let mut forwarder = Example::start("port_forwarder", &["127.0.0.1:0", &there]);
    let mut client = connect(&forwarder.address());
    let mut peer = BufReader::new(target.accept().expect("it arrives").0);
    say(&mut client, "question\n");
    assert_eq!(hear(&mut peer), "question\n");
    say(&mut peer, "answer\n");
    assert_eq!(hear(&mut client), "answer\n");
    client.get_ref().shutdown(std::net::Shutdown::Write).expect("it is connected");
    assert_eq!(hear(&mut peer), "");
    say(&mut peer, "afterword\n");
    assert_eq!(hear(&mut client), "afterword\n");
}

#[test]
fn udp_discovery_finds_itself() {
    let lines = output("udp_discovery");
    assert!(
        lines.len() == 1 && lines[0].starts_with("found an example at 127.0.0.1:"),
        "{lines:?}"
    );
}

#[test]
fn unix_daemon_counts() {
    let path = std::env::temp_dir().join(format!("moonsocket-example-{}", std::process::id()));
    let path = path.to_str().expect("UTF-8");
    let mut daemon = Example::start("unix_daemon", &["serve", path]);
    assert_eq!(daemon.address(), path);
    let ask = |words: &[&str]| {
        let words = [&["ask", path], words].concat();
        Example::start("unix_daemon", &words).rest().join("\n")
    };
    assert_eq!(ask(&["add", "3"]), "3");
    assert_eq!(ask(&["add", "4"]), "7");
    assert_eq!(ask(&["dance"]), "what?");
    assert_eq!(ask(&["quit"]), "bye");
    assert!(daemon.rest().is_empty());
    assert!(!Path::new(path).exists());
}
