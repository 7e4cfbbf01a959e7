//! The room with real processes and real ports.

mod plan;
mod ready;
mod resets;
mod room;
mod service;
mod snapshot;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};

use super::error::Subject;
use super::plan::{ResetJob, ServiceJob, SetupJob};
use super::ready::Target;
use crate::config::{Signal, Stop};
use crate::model::SlotId;
use crate::process::Launch;
use crate::slots::Slot;

/// Long enough for anything here on the slowest machine; nothing waits that long when all is well.
const LONG: Duration = Duration::from_mins(1);
/// Enough to see that something does not happen, where seeing less would only make a test weaker.
const SHORT: Duration = Duration::from_millis(500);

fn subject(what: &str) -> Subject {
    let slot = Some((SlotId(3), 3005));
    Subject { what: what.into(), file: "/app/callboard.toml".into(), line: 7, slot }
}

fn shell(dir: &Path, script: &str, log: &str) -> Launch {
    Launch {
        program: "sh".into(),
        args: vec!["-c".into(), script.into()],
        env: BTreeMap::new(),
        dir: dir.to_owned(),
        log: dir.join(log),
    }
}

fn setup(dir: &Path, script: &str) -> SetupJob {
    SetupJob {
        subject: subject("set-up command `it`").into(),
        launch: shell(dir, script, "setup.log"),
        timeout: LONG,
    }
}

fn service(dir: &Path, name: &str, script: &str, target: Target) -> ServiceJob {
    ServiceJob {
        subject: subject(&format!("service `{name}`")).into(),
        name: name.into(),
        launch: Some(shell(dir, script, &format!("{name}.log"))),
        target: Ok(target),
        startup_timeout: LONG,
        stop: Stop { signal: Signal::Term, grace: LONG },
        reset: ResetJob::Restart,
    }
}

fn log(regex: &str) -> Target {
    Target::Log(regex_lite::Regex::new(regex).unwrap())
}

fn slot(dir: &Path, id: u16) -> Slot {
    let ports = [("smtp-in".to_owned(), 4002 + id)].into();
    Slot::new(SlotId(id), 3002 + id, ports, dir.join(format!("slots/{id:02}")))
}

/// Waits until the condition holds.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < LONG, "{what}: not within {LONG:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

/// A port that is ours but that nobody listens on yet.
fn silent_port() -> (TcpSocket, u16) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

async fn listener() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Answers each request with the next of these statuses, the last one over and over, and counts.
fn answer(listener: TcpListener, statuses: &[&'static str]) -> Arc<AtomicUsize> {
    let statuses = statuses.to_owned();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = count.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1024];
            // A look that only connects sends nothing, and is no request.
            if stream.read(&mut request).await.unwrap_or_default() == 0 {
                continue;
            }
            let number = counted.fetch_add(1, Ordering::SeqCst);
            let status = statuses.get(number).or(statuses.last()).unwrap();
            let answer =
                format!("HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    count
}
