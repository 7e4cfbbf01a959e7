//! One set-up command, one service.

use tempfile::TempDir;

use super::super::error::ServiceError;
use super::*;
use crate::model::chain;

fn http(port: u16) -> Target {
    Target::http(Some(&format!("http://127.0.0.1:{port}")), "/health").unwrap()
}

#[tokio::test]
async fn a_service_that_answers_is_ready() {
    let dir = TempDir::new().unwrap();
    let (socket, port) = silent_port();
    let job = service(dir.path(), "app", "echo > spawned; exec sleep 1000", http(port));
    let boot = tokio::spawn(job.start(None));
    until("the program runs", || dir.path().join("spawned").exists()).await;
    answer(socket.listen(8).unwrap(), &["500 Internal Server Error", "200 OK"]);
    let running = boot.await.unwrap().unwrap().unwrap();
    running.check().unwrap();
    running.stop().await;
    assert_eq!(
        running.check().unwrap_err().to_string(),
        format!(
            "service `app` of slot 3, port 3005 (/app/callboard.toml:7) was ended by SIGTERM while it was \
             needed\n  it wrote nothing to {}",
            dir.path().join("app.log").display()
        )
    );
}

#[tokio::test]
async fn a_service_that_ends_before_it_is_ready_fails_at_once() {
    let dir = TempDir::new().unwrap();
    let (_socket, port) = silent_port();
    let script = "for i in $(seq 30); do echo line $i; done; echo no database >&2; exit 4";
    let error = service(dir.path(), "app", script, http(port)).start(None).await.unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with(&format!(
        "service `app` of slot 3, port 3005 (/app/callboard.toml:7) exited with status 4 before it was ready\n  \
         the last it wrote to {}:\n    | line 12\n",
        dir.path().join("app.log").display()
    )), "{text}");
    assert!(text.ends_with("\n    | line 30\n    | no database"), "{text}");
}

#[tokio::test]
async fn a_service_that_never_gets_ready_says_what_was_seen() {
    let dir = TempDir::new().unwrap();
    let (_socket, port) = silent_port();
    let mut job = service(dir.path(), "app", "echo booting; exec sleep 1000", http(port));
    job.startup_timeout = SHORT;
    let text = job.start(None).await.unwrap_err().to_string();
    let first = text.lines().next().unwrap();
    assert!(
        first.ends_with(&format!(
            "was not ready within its `startup_timeout` of 500ms: GET http://127.0.0.1:{port}/health: \
             connection refused"
        )),
        "{text}"
    );
    assert!(
        text.contains(&format!("nobody listens on port {port}: does its command pass `{{port}}`")),
        "{text}"
    );
}

#[tokio::test]
async fn a_port_that_somebody_has_is_not_taken_for_ready() {
    let dir = TempDir::new().unwrap();
    let (listener, port) = listener().await;
    answer(listener, &["200 OK"]);
    let error = service(dir.path(), "app", "echo > spawned", http(port)).start(None).await.unwrap_err();
    assert!(matches!(error, ServiceError::PortTaken { .. }), "{error}");
    assert!(error.to_string().contains(&format!("another program listens on 127.0.0.1:{port} already")));
    assert!(!dir.path().join("spawned").exists());
}

#[tokio::test]
async fn a_log_of_an_earlier_start_does_not_count() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("app.log"), "ready\n").unwrap();
    let mut job = service(dir.path(), "app", "exec sleep 1000", log("ready"));
    job.startup_timeout = SHORT;
    assert!(matches!(job.start(None).await, Err(ServiceError::NotReady { .. })));

    let job = service(dir.path(), "app", "echo now ready; exec sleep 1000", log("ready"));
    assert!(job.start(None).await.unwrap().is_some());
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let dir = TempDir::new().unwrap();
    let mut job = service(dir.path(), "app", "", log("ready"));
    job.launch.as_mut().unwrap().program = "target/debug/app".into();
    let error = job.start(None).await.unwrap_err();
    assert_eq!(
        chain(&error),
        format!(
            "cannot start service `app` of slot 3, port 3005 (/app/callboard.toml:7)\n  \
             caused by: no such file: `{}`: did you build it?",
            dir.path().join("target/debug/app").display()
        )
    );
}

#[tokio::test]
async fn an_application_elsewhere_is_only_looked_at() {
    let dir = TempDir::new().unwrap();
    let (listener, port) = listener().await;
    let count = answer(listener, &["200 OK"]);
    let mut job = service(dir.path(), "app", "", http(port));
    job.launch = None;
    assert!(job.start(None).await.unwrap().is_none());
    assert_eq!(count.load(Ordering::SeqCst), 1);

    let (_socket, port) = silent_port();
    let mut job = service(dir.path(), "app", "", http(port));
    job.launch = None;
    job.startup_timeout = SHORT;
    let text = job.start(None).await.unwrap_err().to_string();
    assert!(text.contains("is not there: for 500ms, GET http://127.0.0.1:"), "{text}");
    assert!(text.contains("connection refused"), "{text}");
}

#[tokio::test]
async fn a_set_up_command_ends_well_or_is_an_error() {
    let dir = TempDir::new().unwrap();
    setup(dir.path(), "echo seeded").run(None).await.unwrap();

    let text = setup(dir.path(), "printf 'caf\\351\\n'; exit 2").run(None).await.unwrap_err().to_string();
    assert!(
        text.contains(
            "set-up command `it` of slot 3, port 3005 (/app/callboard.toml:7) exited with status 2"
        )
    );
    assert!(text.ends_with("setup.log:\n    | caf\u{fffd}"), "{text}");

    let mut job = setup(dir.path(), "exec sleep 1000");
    job.timeout = SHORT;
    let text = job.run(None).await.unwrap_err().to_string();
    assert!(text.contains("was not done within its `timeout` of 500ms, and was ended"), "{text}");
}
