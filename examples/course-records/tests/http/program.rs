//! The program itself: seeding, starting, stopping, and what it says when it cannot.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::client::{PASSWORD, Server, program, seed};

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn health_answers_and_pages_have_their_files() {
    let server = Server::start();
    let person = server.anonymous();
    let answer = person.get("/health").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json::<Value>().await.expect("JSON")["status"], "ok");
    for path in [
        "/favicon.ico",
        "/static/favicon.svg",
        "/static/app.css",
        "/static/api.js",
        "/static/table.js",
        "/static/fields.js",
        "/static/dialog.js",
        "/static/dashboard.js",
        "/static/invite.js",
        "/static/profile.js",
        "/static/remind.js",
        "/static/transfer.js",
    ] {
        let answer = person.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert!(answer.headers().contains_key("etag"), "{path}");
    }
    assert_eq!(person.status("/static/nothing.js").await, 404);
    assert_eq!(person.status("/").await, 303);
}

#[tokio::test]
async fn the_signals_end_the_server() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut server = Server::start();
        // A connection that stays open must not keep the server.
        let person = server.sign_in("instructor").await;
        kill_process(Pid::from_child(&server.child), signal).expect("a signal");
        let status = server.child.wait().expect("an end");
        assert_eq!((status.code(), status.signal()), (Some(0), None), "{signal:?}");
        let log = server.database().with_extension("db-wal");
        assert!(!log.exists(), "everything is in the database file");
        drop(person);
    }
}

#[test]
fn a_port_in_use_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its number").port().to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let output = program()
        .args(["serve", "--port", &port, "--database"])
        .arg(folder.path().join("app.db"))
        .output()
        .expect("the program starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains(&format!("error: port {port} on 127.0.0.1 is already in use")),
        "{}",
        stderr(&output)
    );
}

#[test]
fn databases_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = folder.path().join("notes.txt");
    fs::write(&text, "these are no records, and longer than a header of one hundred bytes. ".repeat(20))
        .expect("a file");
    let nowhere = folder.path().join("nowhere/app.db");
    for path in [&text, &nowhere] {
        let output =
            program().args(["serve", "--port", "0", "--database"]).arg(path).output().expect("it starts");
        assert_eq!(output.status.code(), Some(1));
        let message = stderr(&output);
        assert!(
            message.contains("error: cannot open the database")
                && message.contains("notes.txt") == (path == &text),
            "{message}"
        );
    }
    let output = program()
        .args(["serve", "--port", "0"])
        .env("DATABASE_URL", "postgres://x")
        .output()
        .expect("it starts");
    assert!(stderr(&output).contains("must be sqlite://PATH"), "{}", stderr(&output));
}

#[tokio::test]
async fn seeding_gives_every_worker_accounts_of_their_own() {
    let server = Server::start();
    for role in ["site_admin", "institution_admin", "program_admin", "instructor"] {
        for worker in 0..2 {
            let person = server.sign_in_as(&format!("{role}_worker{worker}@example.test")).await;
            let (_, profile) = person.api("GET", "/profile", Value::Null).await;
            assert_eq!(profile["role"], role);
            let expected =
                if role == "site_admin" { Value::Null } else { json!(format!("Worker {worker} College")) };
            assert_eq!(profile["institution_name"], expected);
        }
    }
}

#[test]
fn seeding_is_repeatable_to_the_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (folder.path().join("one.db"), folder.path().join("two.db"));
    seed(&one, 16);
    let first = fs::read(&one).expect("a database");
    seed(&two, 16);
    assert!(first == fs::read(&two).expect("a database"), "another file");
    seed(&one, 16);
    assert!(first == fs::read(&one).expect("a database"), "the same file again");
    let names: Vec<_> =
        fs::read_dir(folder.path()).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names.len(), 2, "nothing else is left: {names:?}");
}

#[test]
fn seeding_does_not_replace_what_is_not_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("real.db");
    let mut admin = program()
        .args(["create-admin", "--email", "boss@example.test", "--database"])
        .arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    writeln!(admin.stdin.take().expect("its input"), "{PASSWORD}").expect("a password");
    assert!(admin.wait().expect("an end").success());
    let before = fs::read(&path).expect("a database");
    let run = |reset: &[&str]| {
        program()
            .args(["seed", "--workers", "1"])
            .args(reset)
            .env("DATABASE_URL", format!("sqlite://{}", path.display()))
            .output()
            .expect("it starts")
    };
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("pass --reset to replace it"), "{}", stderr(&output));
    assert!(before == fs::read(&path).expect("a database"));
    assert!(run(&["--reset"]).status.success());
    assert!(before != fs::read(&path).expect("a database"));
}

#[tokio::test]
async fn seeding_does_not_pull_the_database_away_from_a_server() {
    let server = Server::start();
    let person = server.sign_in("instructor").await;
    let output = program()
        .args(["seed", "--workers", "1", "--database"])
        .arg(server.database())
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("is a server still running on it?"), "{}", stderr(&output));
    assert_eq!(person.status("/api/dashboard").await, 200);
}

#[tokio::test]
async fn sessions_end_after_their_time() {
    let server = Server::start_with(&["--session-hours", "1"]);
    let person = server.sign_in("instructor").await;
    let database = rusqlite::Connection::open(server.database()).expect("the database");
    let seconds: i64 = database
        .query_row("SELECT max(expires_at) - unixepoch() FROM sessions", [], |row| row.get(0))
        .expect("a session");
    assert!((3590..=3600).contains(&seconds), "{seconds}");
    database.execute("UPDATE sessions SET expires_at = unixepoch()", []).expect("a change");
    assert_eq!(person.status("/api/dashboard").await, 401);
}
