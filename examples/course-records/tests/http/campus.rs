//! The campus directory, and what the application does with it.

use std::collections::HashSet;
use std::fs;

use serde_json::{Value, json};

use crate::client::{PASSWORD, Person, Server, program};
use crate::directory::Directory;

pub(crate) async fn create_user(admin: &Person, email: &str) -> (u16, Value) {
    let user =
        json!({ "email": email, "display_name": "A Person", "role": "instructor", "password": PASSWORD });
    admin.api("POST", "/users", user).await
}

/// Sends a change as a page does that shows this revision.
pub(crate) async fn rename_course(person: &Person, code: &str, title: &str, seen: &Value) -> u16 {
    let id = person.id_of("/courses", "code", code).await;
    let course = json!({ "code": code, "title": title, "credits": 4 });
    person.change_seeing(&format!("/courses/{id}"), &course, seen).await
}

pub(crate) async fn revision(person: &Person) -> Value {
    person.api("GET", "/courses", Value::Null).await.1["revision"].clone()
}

/// Makes a course, and offers it in a term.
pub(crate) async fn offer(admin: &Person, code: &str, term: &str) -> (u16, Value) {
    let program = admin.list("/programs").await[0]["id"].clone();
    let course = json!({ "program_id": program, "code": code, "title": "Surveying", "credits": 2 });
    let (status, course) = admin.api("POST", "/courses", course).await;
    assert_eq!(status, 201, "{course}");
    let term = admin.id_of("/terms", "name", term).await;
    admin
        .api("POST", "/offerings", json!({ "course_id": course["id"], "term_id": term, "capacity": 9 }))
        .await
}

pub(crate) async fn create_term(admin: &Person, name: &str) -> (u16, Value) {
    let term = json!({ "name": name, "start_date": "2031-02-03", "end_date": "2031-05-30" });
    admin.api("POST", "/terms", term).await
}

#[tokio::test]
async fn without_a_directory_all_else_works() {
    let server = Server::start();
    let admin = server.sign_in("institution_admin").await;
    let (status, user) = create_user(&admin, "alone@example.test").await;
    assert_eq!((status, &user["campus_number"]), (201, &Value::Null));
    assert_eq!(revision(&admin).await, Value::Null);
    assert_eq!(rename_course(&admin, "CS101", "Programming", &json!(7)).await, 200);
    assert_eq!(offer(&admin, "SUR1", "Fall 2026").await.0, 201);
}

#[tokio::test]
async fn numbers_are_given_once_however_many_ask() {
    let directory = Directory::start();
    let servers = [directory.server(&[]), directory.server(&[])];
    let mut asking = Vec::new();
    for (number, server) in servers.iter().enumerate() {
        for person in 0..15 {
            let admin = server.sign_in("institution_admin").await;
            let email = format!("person{person}.of{number}@example.test");
            asking.push(tokio::spawn(async move { create_user(&admin, &email).await }));
        }
    }
    let mut numbers = HashSet::new();
    for answer in asking {
        let (status, user) = answer.await.expect("an answer");
        assert_eq!(status, 201, "{user}");
        assert!(numbers.insert(user["campus_number"].as_i64().expect("a number")), "{user} has another's");
    }
    assert_eq!(numbers.len(), 30);
}

#[tokio::test]
async fn what_the_directory_cannot_do_is_not_half_done() {
    let mut directory = Directory::start();
    let server = directory.server(&[]);
    let admin = server.sign_in("institution_admin").await;
    let before = admin.list("/users").await.len();
    directory.end();
    let (status, answer) = create_user(&admin, "too.late@example.test").await;
    assert_eq!(status, 503);
    assert_eq!(answer["error"], "The campus directory does not answer. Please try again.");
    assert_eq!(create_term(&admin, "Winter").await.0, 503);
    assert_eq!(admin.list("/users").await.len(), before);
    // What needs no answer is shown.
    assert_eq!(revision(&admin).await, Value::Null);
    assert!(server.log().contains("campus directory: "), "{}", server.log());
}

#[tokio::test]
async fn a_directory_that_was_started_again_is_found() {
    let mut directory = Directory::start();
    let url = fs::read_to_string(directory.url_file()).expect("the address");
    assert_eq!(url.trim(), directory.url);
    let file = directory.url_file();
    let server = Server::start_in(&[("DIRECTORY_URL_FILE", file.to_str().expect("a path"))], &[]);
    let admin = server.sign_in("institution_admin").await;
    assert_eq!(create_user(&admin, "first@example.test").await.1["campus_number"], 100_001);
    directory.restart();
    assert_eq!(create_user(&admin, "second@example.test").await.1["campus_number"], 100_002);
}

#[tokio::test]
async fn who_edits_what_another_one_changed_is_told() {
    let directory = Directory::start();
    let (server, elsewhere) = (directory.server(&[]), directory.server(&[]));
    let (admin, colleague) =
        (server.sign_in("institution_admin").await, server.sign_in("program_admin").await);
    let seen = revision(&admin).await;
    assert_eq!(seen, 0);
    assert_eq!(rename_course(&colleague, "CS101", "Theirs", &seen).await, 200);
    assert_eq!(rename_course(&admin, "CS101", "Mine", &seen).await, 409);
    let titles = admin.list("/courses?search=CS101").await;
    assert_eq!(titles[0]["title"], "Theirs", "the refused change was made");
    assert_eq!(rename_course(&admin, "CS101", "Mine", &revision(&admin).await).await, 200);

    // Another institution has a catalogue of its own, in the same directory.
    let stranger = elsewhere.sign_in_as("institution_admin_worker1@example.test").await;
    assert_eq!(revision(&stranger).await, 0);
    assert_eq!(revision(&server.sign_in("site_admin").await).await, Value::Null);
}

#[tokio::test]
async fn courses_are_offered_in_terms_of_the_campus_calendar() {
    let directory = Directory::start();
    let (server, elsewhere) = (directory.server(&[]), directory.server(&[]));
    let admin = server.sign_in("institution_admin").await;
    assert_eq!(create_term(&admin, "Winter").await.0, 201);
    assert_eq!(offer(&admin, "SUR1", "Winter").await.0, 201);
    assert_eq!(offer(&admin, "SUR2", "Fall 2026").await.0, 201);
    // A copy of the same database, in which the term was made with other dates before there was a directory.
    let other = elsewhere.sign_in("institution_admin").await;
    rusqlite::Connection::open(elsewhere.database())
        .and_then(|database| {
            database.execute(
                "INSERT INTO terms (institution_id, name, start_date, end_date)
                 SELECT institution_id, 'Winter', '2030-01-01', '2030-03-01' FROM terms WHERE name = 'Spring 2026'
                 AND institution_id = (SELECT institution_id FROM users WHERE email LIKE 'institution_admin_worker0@%')",
                [],
            )
        })
        .expect("a term");
    let (status, answer) = offer(&other, "SUR1", "Winter").await;
    assert_eq!(status, 409);
    let words =
        "The campus calendar has another start for this term: 2031-02-03. Please correct the term first.";
    assert_eq!(answer["error"], words);
    assert!(!other.list("/offerings").await.iter().any(|offering| offering["course_code"] == "SUR1"));
}

#[test]
fn a_directory_without_an_address_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = program()
        .args(["serve", "--port", "0", "--directory", "somewhere", "--database"])
        .arg(folder.path().join("app.db"))
        .output()
        .expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("the campus directory is \"somewhere\", but must be http://HOST:PORT"), "{said}");
}
