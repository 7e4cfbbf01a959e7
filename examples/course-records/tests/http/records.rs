//! Making, changing and deleting each kind of record, and what is refused.

use serde_json::{Value, json};

use crate::client::{Person, Server};

/// Creates, reads, changes and deletes a record; returns it as it was created.
async fn lives(person: &Person, plural: &str, new: Value, change: Value) -> Value {
    let (status, created) = person.api("POST", &format!("/{plural}"), new.clone()).await;
    assert_eq!(status, 201, "{plural}: {created}");
    agrees(&created, &new);
    let path = format!("/{plural}/{}", created["id"]);
    assert_eq!(person.api("GET", &path, Value::Null).await, (200, created.clone()));
    assert!(person.list(&format!("/{plural}")).await.contains(&created));

    let mut changed = new;
    for (name, value) in change.as_object().expect("fields") {
        changed[name] = value.clone();
    }
    let (status, updated) = person.api("PUT", &path, changed.clone()).await;
    assert_eq!(status, 200, "{plural}: {updated}");
    agrees(&updated, &changed);
    assert_eq!(updated["id"], created["id"]);

    let (status, answer) = person.api("DELETE", &path, Value::Null).await;
    assert_eq!((status, &answer["deleted"]), (200, &updated));
    assert_eq!(person.api("GET", &path, Value::Null).await.0, 404);
    assert_eq!(person.api("PUT", &path, changed).await.0, 404);
    assert_eq!(person.api("DELETE", &path, Value::Null).await.0, 404);
    created
}

fn agrees(record: &Value, form: &Value) {
    for (name, value) in form.as_object().expect("fields") {
        assert_eq!(&record[name], value, "{name}");
    }
}

#[tokio::test]
async fn institutions() {
    let server = Server::start();
    let person = server.sign_in("site_admin").await;
    lives(
        &person,
        "institutions",
        json!({ "name": "New College", "city": "Oxford" }),
        json!({ "city": "Cambridge" }),
    )
    .await;
}

#[tokio::test]
async fn programs() {
    let server = Server::start();
    let person = server.sign_in("institution_admin").await;
    let program = json!({ "name": "Physics", "description": "" });
    let created = lives(&person, "programs", program, json!({ "name": "Applied Physics" })).await;
    assert_eq!(created["institution_name"], "Worker 0 College");

    let site_admin = server.sign_in("site_admin").await;
    let elsewhere = json!({ "name": "Physics", "description": "Of matter", "institution_id": 1 });
    lives(&site_admin, "programs", elsewhere, json!({ "description": "" })).await;
}

#[tokio::test]
async fn courses() {
    let server = Server::start();
    let person = server.sign_in("program_admin").await;
    let program = person.list("/programs").await[0]["id"].clone();
    let course = json!({ "program_id": program, "code": "CS301", "title": "Compilers", "credits": 5, "description": "Hm" });
    let created =
        lives(&person, "courses", course, json!({ "title": "Compiler \"Construction\" <i>", "credits": 6 }))
            .await;
    assert_eq!(created["label"], "CS301 Compilers");
}

#[tokio::test]
async fn terms() {
    let server = Server::start();
    let person = server.sign_in("institution_admin").await;
    let term = json!({ "name": "Summer 2027", "start_date": "2027-06-01", "end_date": "2027-08-31" });
    lives(&person, "terms", term.clone(), json!({ "end_date": "2027-09-15" })).await;
    let mut backwards = term;
    backwards["end_date"] = "2027-05-31".into();
    let (status, body) = person.api("POST", "/terms", backwards).await;
    assert_eq!((status, &body["fields"]["end_date"]), (422, &json!("The end must be after the start.")));
}

#[tokio::test]
async fn offerings_and_sections() {
    let server = Server::start();
    let person = server.sign_in("program_admin").await;
    let course = person.id_of("/courses", "code", "CS201").await;
    let term = person.id_of("/terms", "name", "Spring 2026").await;
    let new = json!({ "course_id": course, "term_id": term, "capacity": 25 });
    let offering = lives(&person, "offerings", new.clone(), json!({ "capacity": 30 })).await;
    assert_eq!(offering["label"], "CS201 · Spring 2026");

    let (_, offering) = person.api("POST", "/offerings", new.clone()).await;
    let (status, body) = person.api("POST", "/offerings", new).await;
    assert_eq!((status, &body["error"]), (409, &json!("This course is already offered in this term.")));
    let instructor = person.list("/instructors").await[0]["id"].clone();
    let section = json!({ "offering_id": offering["id"], "number": "001", "instructor_id": instructor });
    let created =
        lives(&person, "sections", section, json!({ "number": "002", "instructor_id": null })).await;
    assert_eq!(created["instructor_name"], "Instructor 0");
    assert_eq!(created["label"], "CS201-001 · Spring 2026");
}

#[tokio::test]
async fn records_of_two_institutions_do_not_mix() {
    let server = Server::start();
    let person = server.sign_in("site_admin").await;
    let mine = person.list("/sections").await[0].clone();
    let elsewhere = |row: &&Value| row["institution_id"] != mine["institution_id"];
    let terms = person.list("/terms").await;
    let other_term = terms.iter().find(elsewhere).expect("another institution's term");
    let offering = json!({ "course_id": mine["course_id"], "term_id": other_term["id"], "capacity": 5 });
    let (status, body) = person.api("POST", "/offerings", offering).await;
    assert_eq!((status, body["fields"]["term_id"].is_string()), (422, true));

    let instructors = person.list("/instructors").await;
    let other = instructors.iter().find(elsewhere).expect("another institution's instructor");
    let section = json!({ "offering_id": mine["offering_id"], "number": "9", "instructor_id": other["id"] });
    let (status, body) = person.api("POST", "/sections", section).await;
    assert_eq!((status, body["fields"]["instructor_id"].is_string()), (422, true));
}

#[tokio::test]
async fn assessments() {
    let server = Server::start();
    let person = server.sign_in("instructor").await;
    let section = person.list("/sections?search=CS102").await[0]["id"].clone();
    let quiz = json!({ "section_id": section, "name": "Quiz", "kind": "exam", "weight": 50,
                       "students_took": 30, "students_passed": 20, "narrative": "Went\nwell" });
    lives(&person, "assessments", quiz.clone(), json!({ "students_passed": 30, "kind": "project" })).await;

    let mut heavy = quiz.clone();
    heavy["weight"] = 51.into();
    let (status, body) = person.api("POST", "/assessments", heavy).await;
    let message = "The weights of this section would add up to 101 %.";
    assert_eq!((status, &body["fields"]["weight"]), (422, &json!(message)));
    assert_eq!(person.list(&format!("/assessments?section_id={section}")).await.len(), 1, "undone");

    let mut many = quiz;
    many["students_passed"] = 31.into();
    let (status, body) = person.api("POST", "/assessments", many).await;
    assert_eq!(
        (status, &body["fields"]["students_passed"]),
        (422, &json!("More students passed than took it."))
    );
}

#[tokio::test]
async fn what_others_depend_on_is_not_deleted() {
    let server = Server::start();
    let person = server.sign_in("site_admin").await;
    let section = person.list("/sections?search=Instructor 0").await[0].clone();
    for (plural, id, message) in [
        (
            "institutions",
            &section["institution_id"],
            "This institution has 2 programs. Delete or reassign them first.",
        ),
        ("programs", &section["program_id"], "This program has 3 courses. Delete or reassign them first."),
        ("courses", &section["course_id"], "This course has 1 offering. Delete or reassign it first."),
        ("terms", &section["term_id"], "This term has 3 offerings. Delete or reassign them first."),
        (
            "offerings",
            &section["offering_id"],
            "This offering has 2 sections. Delete or reassign them first.",
        ),
        ("sections", &section["id"], "This section has 2 assessments. Delete or reassign them first."),
        ("users", &section["instructor_id"], "This user has 3 sections. Delete or reassign them first."),
    ] {
        let path = format!("/{plural}/{id}");
        let (status, body) = person.api("DELETE", &path, Value::Null).await;
        assert_eq!((status, &body["error"]), (409, &json!(message)), "{path}");
        assert_eq!(person.api("GET", &path, Value::Null).await.0, 200);
    }
}

#[tokio::test]
async fn forms_say_what_is_wrong() {
    let server = Server::start();
    let person = server.sign_in("institution_admin").await;
    let (status, body) =
        person.api("POST", "/courses", json!({ "credits": "many", "code": "x".repeat(21) })).await;
    assert_eq!(status, 422);
    assert_eq!(body["error"], "Please correct the marked fields.");
    assert_eq!(
        body["fields"],
        json!({
            "code": "Please use at most 20 characters.",
            "credits": "Please enter a whole number from 0 to 60.",
            "program_id": "Please choose one.",
            "title": "This field is required.",
        })
    );
    let program = person.list("/programs").await[0]["id"].clone();
    let twice = json!({ "program_id": program, "code": "cs101", "title": "Again", "credits": 1 });
    let (status, body) = person.api("POST", "/courses", twice).await;
    assert_eq!((status, &body["error"]), (409, &json!("Another course already has this code.")));
    let gone = json!({ "program_id": 999_999, "code": "X", "title": "X", "credits": 1 });
    let (status, body) = person.api("POST", "/courses", gone).await;
    assert_eq!((status, body["fields"]["program_id"].is_string()), (422, true));
}

#[tokio::test]
async fn malformed_requests_are_errors_of_the_api() {
    let server = Server::start();
    let person = server.sign_in("site_admin").await;
    for body in ["", "[]", "{", "null"] {
        assert_eq!(person.send("POST", "/terms", "application/json", body.into()).await.0, 400, "{body}");
    }
    assert_eq!(person.send("POST", "/terms", "text/plain", "{}".into()).await.0, 400);
    for (path, status) in [
        ("/courses/abc", 404),
        ("/courses/99999999999999999999", 404),
        ("/courses/0", 404),
        ("/nothing", 404),
        ("/courses?colour=red", 400),
        ("/courses?program_id=red", 400),
    ] {
        let (actual, body) = person.api("GET", path, Value::Null).await;
        assert_eq!((actual, body["error"].is_string()), (status, true), "{path}");
    }
    assert_eq!(person.api("PATCH", "/courses/1", Value::Null).await.0, 405);
}

#[tokio::test]
async fn lists_are_searched_and_filtered() {
    let server = Server::start();
    let person = server.sign_in("institution_admin").await;
    assert_eq!(person.list("/courses?search=LINEAR").await.len(), 1);
    assert_eq!(person.list("/courses?search=%25").await.len(), 0, "no wildcard");
    assert_eq!(person.list("/courses?search=' OR 1=1 --").await.len(), 0);
    let program = person.id_of("/programs", "name", "Mathematics (W0)").await;
    let codes: Vec<_> = person
        .list(&format!("/courses?program_id={program}"))
        .await
        .iter()
        .map(|row| row["code"].clone())
        .collect();
    assert_eq!(codes, ["MATH101", "MATH102"]);
}

#[tokio::test]
async fn many_people_at_once_neither_fail_nor_double() {
    let server = Server::start();
    let person = server.sign_in("institution_admin").await;
    let programs = (0..20).map(|number| json!({ "name": format!("Program {}", number % 10) }));
    let requests = programs.map(|program| person.api("POST", "/programs", program));
    let statuses: Vec<_> = futures(requests).await.into_iter().map(|(status, _)| status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 10, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 10, "{statuses:?}");
    assert_eq!(person.list("/programs?search=Program").await.len(), 10);
}

/// All of them at the same time, on this task.
async fn futures<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = all.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut open = false;
        for (future, output) in &mut running {
            if output.is_none() {
                match future.as_mut().poll(context) {
                    std::task::Poll::Ready(value) => *output = Some(value),
                    std::task::Poll::Pending => open = true,
                }
            }
        }
        if open { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    })
    .await;
    running.into_iter().filter_map(|(_, output)| output).collect()
}
