//! CSV export and import.

use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::client::{Person, Server};

async fn import(person: &Person, program: i64, dry_run: bool, file: &str) -> (u16, Value) {
    let path = format!("/import/courses?program_id={program}&dry_run={dry_run}");
    person.send("POST", &path, "text/csv", file.to_owned()).await
}

#[tokio::test]
async fn exports_are_quoted_files_of_what_one_sees() {
    let server = Server::start();
    let person = server.sign_in("program_admin").await;
    let program = person.list("/programs").await[0]["id"].clone();
    let course = json!({ "program_id": program, "code": "CS 1", "title": "Says \"hello\", twice\nor so", "credits": 1 });
    assert_eq!(person.api("POST", "/courses", course).await.0, 201);

    let answer = person.get("/api/export/courses.csv").await;
    assert_eq!(answer.headers()[CONTENT_TYPE], "text/csv; charset=utf-8");
    assert_eq!(answer.headers()[CONTENT_DISPOSITION], "attachment; filename=\"courses.csv\"");
    let file = answer.text().await.expect("a file");
    assert_eq!(
        file,
        "code,title,credits,description,program_name,institution_name\n\
         CS 1,\"Says \"\"hello\"\", twice\nor so\",1,,Computer Science (W0),Worker 0 College\n\
         CS101,Introduction to Programming,4,,Computer Science (W0),Worker 0 College\n\
         CS102,Data Structures,4,,Computer Science (W0),Worker 0 College\n\
         CS201,Operating Systems,3,,Computer Science (W0),Worker 0 College\n"
    );
    // What was exported can be imported, and changes nothing.
    let (status, report) = import(&person, program.as_i64().expect("an id"), false, &file).await;
    assert_eq!((status, &report["unchanged"], &report["updated"]), (200, &json!(4), &json!(0)));

    let sections = person.get("/api/export/sections.csv").await.text().await.expect("a file");
    assert_eq!(sections.lines().count(), 4);
    assert!(sections.contains("instructor_worker0@example.test"));
    let admin = server.sign_in("institution_admin").await;
    let users = admin.get("/api/export/users.csv").await.text().await.expect("a file");
    assert_eq!(users.lines().count(), 4);
    assert!(
        users.contains(
            "program_admin_worker0@example.test,Program admin 0,program_admin,Worker 0 College,true"
        )
    );
    assert!(!users.contains("argon2"));
    let site_admin = server.sign_in("site_admin").await;
    let all = site_admin.get("/api/export/users.csv").await.text().await.expect("a file");
    assert_eq!(all.lines().count(), 9);
    assert!(users.lines().all(|line| all.lines().any(|other| other == line)));
    assert_eq!(admin.status("/api/export/passwords.csv").await, 404);
}

#[tokio::test]
async fn a_preview_changes_nothing_and_the_import_does_what_it_showed() {
    let server = Server::start();
    let person = server.sign_in("program_admin").await;
    let program = person.list("/programs").await[0]["id"].as_i64().expect("an id");
    let file = "\u{feff}code,title,credits\r\ncs101,Programming,5\r\nCS900,\"Logic, again\",3\r\nCS102,Data Structures,4\r\n";
    let before = person.list("/courses").await;
    let (status, preview) = import(&person, program, true, file).await;
    assert_eq!(status, 200);
    assert_eq!(preview["committed"], false);
    assert_eq!(
        preview["rows"],
        json!([
            { "row": 2, "code": "cs101", "title": "Programming", "action": "update" },
            { "row": 3, "code": "CS900", "title": "Logic, again", "action": "create" },
            { "row": 4, "code": "CS102", "title": "Data Structures", "action": "unchanged" },
        ])
    );
    assert_eq!(person.list("/courses").await, before);

    let (status, report) = import(&person, program, false, file).await;
    assert_eq!((status, &report["committed"], &report["rows"]), (200, &json!(true), &preview["rows"]));
    assert_eq!([&report["created"], &report["updated"], &report["unchanged"]], [1, 1, 1]);
    let after = person.list("/courses").await;
    assert_eq!(after.len(), before.len() + 1);
    assert_eq!(person.id_of("/courses", "title", "Programming").await, before[0]["id"]);
}

#[tokio::test]
async fn one_bad_row_keeps_all_out() {
    let server = Server::start();
    let person = server.sign_in("program_admin").await;
    let program = person.list("/programs").await[0]["id"].as_i64().expect("an id");
    let file = "code,title,credits\nCS900,Logic,3\nCS901,,many\n\nCS900,Logic,3\nCS902,Sets\nCS903,Rings,3\n";
    let before = person.list("/courses").await;
    let (status, report) = import(&person, program, false, file).await;
    assert_eq!(status, 422);
    assert_eq!(report["error"], "Nothing was imported: please correct the rows below.");
    let errors: Vec<_> = report["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| (error["row"].as_u64().unwrap_or_default(), error["field"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(errors, [(3, "credits"), (3, "title"), (5, "code"), (6, "")]);
    assert_eq!(person.list("/courses").await, before);
    let (status, preview) = import(&person, program, true, file).await;
    assert_eq!((status, &preview["errors"]), (200, &report["errors"]));
}

#[tokio::test]
async fn files_of_the_wrong_kind_are_refused() {
    let server = Server::start();
    let person = server.sign_in("program_admin").await;
    let program = person.list("/programs").await[0]["id"].as_i64().expect("an id");
    for (file, message) in [
        ("", "Please choose a file with at least one course."),
        ("code,title,credits\n", "The file has a header but no courses."),
        (
            "code,title\nX,Y\n",
            "The column “credits” is missing. The first line must name the columns code, title, credits.",
        ),
        (
            "code,title,credits,colour\nX,Y,1,red\n",
            "The column “colour” is unknown. The first line must name the columns code, title, credits.",
        ),
        ("code,title,credits,code\nX,Y,1,Z\n", "The column “code” stands there twice."),
    ] {
        let (status, body) = import(&person, program, true, file).await;
        assert_eq!((status, &body["fields"]["file"]), (422, &json!(message)), "{file:?}");
    }
    let (status, body) = person.send("POST", "/import/courses?program_id=x", "text/csv", String::new()).await;
    assert_eq!((status, body["error"].is_string()), (400, true));
    let (status, body) = person.send("POST", "/import/courses", "text/csv", "code".into()).await;
    assert_eq!((status, &body["fields"]["program_id"]), (422, &json!("Please choose a program.")));
    let (status, body) = import(&person, 999_999, true, "code,title,credits\nX,Y,1\n").await;
    assert_eq!((status, body["fields"]["program_id"].is_string()), (422, true));
}
