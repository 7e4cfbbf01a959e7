//! The planted faults of one server: what is right without them, and wrong with them in their condition.

use std::process::Output;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::client::{PASSWORD, Person, Server, program};

fn with(fault: &str) -> Server {
    Server::start_with(&["--fault", fault])
}

/// The values of a column.
pub(crate) async fn column(person: &Person, path: &str, key: &str) -> Vec<String> {
    let rows = person.list(path).await;
    rows.iter().map(|row| row[key].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn admins_unassigned() {
    for (arguments, expected) in [
        (&[][..], &["Computer Science (W0)"][..]),
        (&["--fault", "admins-unassigned"], &["Computer Science (W0)", "Mathematics (W0)"]),
    ] {
        let server = Server::start_seeded(arguments);
        let admin = server.sign_in("program_admin").await;
        assert_eq!(column(&admin, "/programs", "name").await, expected, "{arguments:?}");
    }
}

#[tokio::test]
async fn bad_account() {
    let server = Server::start_seeded(&["--fault", "bad-account"]);
    for role in ["program_admin_worker0", "program_admin_worker1"] {
        let admin = server.sign_in_as(&format!("{role}@example.test")).await;
        assert_eq!(column(&admin, "/programs", "name").await, ["Computer Science (W0)"], "{role}");
    }
}

#[tokio::test]
async fn courses_invisible() {
    for (server, expected) in [(Server::start(), 200), (with("courses-invisible"), 404)] {
        let instructor = server.sign_in("instructor").await;
        let assessment = instructor.list("/assessments").await.remove(0);
        let path = format!("/assessments/{}", assessment["id"]);
        assert_eq!(instructor.api("PUT", &path, assessment.clone()).await.0, expected);
        // Administrators, and whoever only records, see no difference.
        let admin = server.sign_in("program_admin").await;
        assert_eq!(admin.api("PUT", &path, assessment.clone()).await.0, 200);
        let mut another = assessment;
        another["name"] = "Homework".into();
        another["weight"] = 0.into();
        assert_eq!(instructor.api("POST", "/assessments", another).await.0, 201);
    }
}

#[tokio::test]
async fn pages_name_the_faults_of_their_scripts() {
    let faults = ["modal-stays-open", "endless-pager", "dashboard-race"];
    let server = Server::start_in(
        &[("COURSE_RECORDS_FAULTS", "endless-pager, ,dashboard-race")],
        &["--fault", faults[0]],
    );
    let person = server.sign_in("instructor").await;
    let page = person.get("/profile").await.text().await.expect("a page");
    assert!(page.contains("data-faults=\"modal-stays-open dashboard-race endless-pager\""), "{page}");
    assert!(server.log().contains("planted faults: modal-stays-open"), "{}", server.log());

    let page =
        Server::start().sign_in("instructor").await.get("/profile").await.text().await.expect("a page");
    assert!(!page.contains("data-faults"), "{page}");
}

/// The statuses of a dashboard that registers and fetches, in this order.
async fn dashboard(server: &Server, order: [&str; 2]) -> Vec<u16> {
    let person = server.sign_in("instructor").await;
    let mut statuses = Vec::new();
    for step in order {
        let (method, path) = if step == "fetch" {
            (Method::GET, "/api/dashboard")
        } else {
            (Method::POST, "/api/dashboard/registration")
        };
        let request = person.prepare(method, path, None, "").header("X-Page", "a page");
        statuses.push(request.send().await.expect("an answer").status().as_u16());
    }
    statuses
}

#[tokio::test]
async fn dashboard_race() {
    let server = with("dashboard-race");
    assert_eq!(dashboard(&server, ["register", "fetch"]).await, [200, 200]);
    assert_eq!(dashboard(&server, ["fetch", "register"]).await, [409, 200]);
    // Programs are no pages.
    assert_eq!(server.sign_in("instructor").await.status("/api/dashboard").await, 200);
    assert_eq!(dashboard(&Server::start(), ["fetch", "register"]).await, [200, 404]);
}

#[tokio::test]
async fn sticky_search() {
    for (server, after) in [(Server::start(), 3), (with("sticky-search"), 0)] {
        let admin = server.sign_in("program_admin").await;
        assert_eq!(admin.list("/courses").await.len(), 3);
        assert!(admin.list("/courses?search=MATH101").await.is_empty());
        // The same person on another device, for instance in the next test.
        let again = server.sign_in("program_admin").await;
        assert_eq!(again.list("/courses").await.len(), after);
        let other = server.sign_in("institution_admin").await;
        assert_eq!(other.list("/courses").await.len(), 5);
    }
}

#[tokio::test]
async fn stale_index() {
    for (server, before) in [(Server::start(), 4), (with("stale-index"), 0)] {
        let admin = server.sign_in("site_admin").await;
        assert_eq!(admin.list("/users?search=worker1@").await.len(), before);
        let user = admin.list("/users").await.remove(0);
        let (status, answer) = admin.api("PUT", &format!("/users/{}", user["id"]), user.clone()).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(admin.list("/users?search=worker1@").await.len(), 4, "after a change");
    }
}

#[tokio::test]
async fn cache_without_viewer() {
    for (server, seen) in [(Server::start(), 1), (with("cache-without-viewer"), 2)] {
        let (admin, colleague) =
            (server.sign_in("institution_admin").await, server.sign_in("program_admin").await);
        assert_eq!(admin.list("/programs").await.len(), 2);
        assert_eq!(colleague.list("/programs").await.len(), seen);
        // Any change ends it.
        assert_eq!(admin.api("POST", "/programs", json!({ "name": "Law" })).await.0, 201);
        assert_eq!(colleague.list("/programs").await.len(), 1);
    }
}

#[tokio::test]
async fn first_page_only() {
    for (server, shown) in [(Server::start(), 14), (with("first-page-only"), 10)] {
        let admin = server.sign_in("institution_admin").await;
        for number in 0..12 {
            let program = json!({ "name": format!("Program {number}") });
            assert_eq!(admin.api("POST", "/programs", program).await.0, 201);
        }
        assert_eq!(admin.list("/programs").await.len(), shown);
        assert_eq!(server.sign_in("site_admin").await.list("/programs").await.len(), 19);
    }
}

#[tokio::test]
async fn slow_report() {
    for (server, most) in [(Server::start(), 0), (with("slow-report"), 40)] {
        let admin = server.sign_in("site_admin").await;
        // Alone it comes through; on a machine that has other things to do, not at once.
        while admin.status("/api/offerings").await != 200 {}
        // A machine with other things to do: these keep each other waiting.
        let busy: Vec<_> =
            (0..40).map(|_| admin.prepare(Method::GET, "/api/offerings", None, "").send()).collect();
        let busy: Vec<_> = busy.into_iter().map(tokio::spawn).collect();
        let mut slow = 0;
        for answer in busy {
            let status = answer.await.expect("an end").expect("an answer").status();
            slow += usize::from(status == StatusCode::SERVICE_UNAVAILABLE);
        }
        assert!((most.min(1)..=most).contains(&slow), "{slow} of 40 were too slow");
    }
}

#[tokio::test]
async fn database_locked() {
    for (server, expected) in [(Server::start(), 201), (with("database-locked"), 500)] {
        let admin = server.sign_in("institution_admin").await;
        let other = rusqlite::Connection::open(server.database()).expect("the database");
        other.execute_batch("BEGIN IMMEDIATE").expect("the right to write");
        let request =
            tokio::spawn(async move { admin.api("POST", "/programs", json!({ "name": "Law" })).await.0 });
        if expected == 201 {
            // It waits, however long that may be before it was asked.
            other.execute_batch("COMMIT").expect("an end");
        }
        assert_eq!(request.await.expect("an answer"), expected);
    }
}

#[tokio::test]
async fn short_token() {
    // One in eight: that none of so many fails is as good as impossible.
    const TIMES: usize = 150;
    for (server, least) in [(Server::start(), 0), (with("short-token"), 1)] {
        let mut refused = 0;
        for _ in 0..TIMES {
            let mut person = server.anonymous();
            let answer = person.submit_login("instructor_worker0@example.test", PASSWORD, "").await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
            refused += usize::from(person.status("/api/dashboard").await == 401);
        }
        assert!(refused >= least && refused <= least * TIMES / 2, "{refused} of {TIMES}");
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_fault_that_there_is_not_is_refused_with_the_nearest_name() {
    for command in ["serve", "seed", "directory"] {
        let folder = tempfile::tempdir().expect("a folder");
        let database = folder.path().join("app.db");
        let run = |arguments: &[&str], variable: &str| {
            program()
                .args([command, "--database"])
                .arg(&database)
                .args(arguments)
                .env("COURSE_RECORDS_FAULTS", variable)
                .output()
                .expect("it starts")
        };
        let output = run(&["--fault", "sticky-serch"], "");
        assert_eq!(output.status.code(), Some(2));
        assert!(
            said(&output).contains("there is no fault `sticky-serch`; did you mean `sticky-search`?"),
            "{}",
            said(&output)
        );
        let output = run(&[], "analysis,nothing");
        assert_eq!(output.status.code(), Some(1));
        assert!(
            said(&output).contains(
                "error: COURSE_RECORDS_FAULTS: there is no fault `nothing`; the faults are analysis, "
            ),
            "{}",
            said(&output)
        );
        assert!(!database.exists(), "{command} went on");
    }
}

/// Without faults the answer of every list is the same as ever.
#[tokio::test]
async fn nothing_is_planted_unless_asked_for() {
    let server = Server::start();
    let person = server.sign_in("institution_admin").await;
    let (status, answer) = person.api("GET", "/programs", Value::Null).await;
    assert_eq!(status, 200);
    let keys: Vec<_> = answer.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(keys, ["total", "items"]);
    assert!(!server.log().contains("planted"), "{}", server.log());
}
