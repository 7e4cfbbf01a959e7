//! The built consumer, from outside, with nothing that not every system has: so these tests can also be run where the others
//! cannot.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Long enough for anything here on the slowest machine; nothing waits that long when all is well.
const LONG: Duration = Duration::from_mins(2);

/// A folder with a configuration, and with all that runs leave.
struct Stage {
    dir: TempDir,
    port: u16,
}

impl Stage {
    /// `port` and the 9 after it are nobody else's.
    fn new(port: u16) -> Self {
        let dir = TempDir::new().expect("a folder");
        let config = format!(
            "[slots]\ncount = 2\nbase_port = {port}\nlease_timeout = \"1s\"\n\
             [ports]\nfurther = {}\nsmtp = {}\n[mail]\nport = \"smtp\"\n\
             [[service]]\nname = \"app\"\ncommand = [\"{{bin_dir}}/portable-server\", \"{{port}}\"]\nready = \"port\"\n",
            port + 3,
            port + 6
        );
        fs::write(dir.path().join("callboard.toml"), config).expect("the configuration");
        Self { dir, port }
    }

    fn run(&self, arguments: &str) -> Command {
        let consumer = format!("portable-consumer{}", std::env::consts::EXE_SUFFIX);
        let mut command = Command::new(bin_dir().join(consumer));
        command
            .args(arguments.split_whitespace())
            .current_dir(self.dir.path())
            // What failed would be tried once more there.
            .env_remove("CI")
            .env("CALLBOARD_CONFIG", self.dir.path().join("callboard.toml"))
            .env("CALLBOARD_OUTPUT", self.dir.path().join("output"))
            .env("CALLBOARD_LEASE_DIR", self.dir.path().join("leases"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn ran(&self, arguments: &str) -> Ran {
        Ran(self.run(arguments).output().expect("the consumer"))
    }

    /// A run in the middle of a test that stays, with a program of its own.
    fn staying(&self) -> Child {
        let mut run = self.run("stays --exact --slot 0");
        let run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the consumer");
        until("the test stays", || self.listens(0) && self.listens(3));
        run
    }

    fn listens(&self, offset: u16) -> bool {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port + offset));
        TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok()
    }
}

struct Ran(Output);

impl Ran {
    fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.0.status.code(), Some(code), "{}", self.text());
        self
    }

    fn says(&self, words: &[&str]) {
        let text = self.text();
        for word in words {
            assert!(text.contains(word), "`{word}` is not in:\n{text}");
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned() + &String::from_utf8_lossy(&self.0.stderr)
    }
}

fn bin_dir() -> PathBuf {
    let executable = std::env::current_exe().expect("this executable");
    executable.ancestors().nth(2).expect("it is in `deps`").to_owned()
}

/// Waits until the condition holds.
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < LONG, "{what}: not within {LONG:?}");
        // The pause between two looks at another process, which tells nobody; only the condition decides.
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_test_is_executed_in_a_worker_process() {
    let stage = Stage::new(19900);
    stage.ran("asks_its_application fails --show-output --workers 2!").exits(101).says(&[
        "test asks_its_application ... ok",
        "test fails                ... FAILED",
        "no reason",
        "a word of a test",
        "a word before it failed",
        "2 tests in ",
    ]);
    assert!(!stage.listens(0) && !stage.listens(1));
}

#[test]
fn a_test_is_executed_inline() {
    let stage = Stage::new(19910);
    stage.ran("asks_its_application --exact --nocapture").exits(0).says(&["a word of a test", "1 passed"]);
}

#[test]
fn a_worker_that_ends_costs_one_attempt() {
    let stage = Stage::new(19920);
    stage.ran("aborts asks_its_application --slot 0").exits(101).says(&[
        "test asks_its_application ... ok",
        "test aborts               ... FAILED",
        "the worker process of the slot ",
        "1 crashed",
    ]);
}

#[test]
fn a_test_that_blocks_is_ended_with_its_process() {
    let stage = Stage::new(19930);
    stage.ran("blocks_its_thread asks_its_application --slot 0").exits(101).says(&[
        "it blocks its thread",
        "Its worker process was ended",
        "1 timed out",
    ]);
}

#[test]
fn each_worker_finds_the_socket_for_mail() {
    let stage = Stage::new(19940);
    // The first worker takes the socket with it.
    stage.ran("aborts gets_mail --slot 0").exits(101).says(&["test gets_mail ... ok"]);
}

#[test]
fn a_slot_is_nobody_elses() {
    let stage = Stage::new(19950);
    let mut run = stage.staying();
    stage.ran("asks_its_application --slot 0").exits(3).says(&["is leased by"]);
    run.kill().expect("the run");
    run.wait().expect("the run");
}

#[test]
fn a_killed_run_leaves_nothing() {
    let stage = Stage::new(19960);
    let mut run = stage.staying();
    run.kill().expect("the run");
    run.wait().expect("the run");
    until("the service is gone, and what the test has started", || !stage.listens(0) && !stage.listens(3));
    // The next run has it all again.
    stage.ran("asks_its_application --slot 0").exits(0);
}
