//! Who may see and do what.

use serde_json::{Value, json};

use crate::client::Server;

const ROLES: [&str; 4] = ["site_admin", "institution_admin", "program_admin", "instructor"];

/// A page or list, and the statuses for the four roles.
type Row = (&'static str, [u16; 4]);

#[tokio::test]
async fn pages_by_role() {
    let rows: [Row; 12] = [
        ("/dashboard", [200, 200, 200, 200]),
        ("/institutions", [200, 403, 403, 403]),
        ("/programs", [200, 200, 200, 403]),
        ("/courses", [200, 200, 200, 200]),
        ("/terms", [200, 200, 200, 403]),
        ("/offerings", [200, 200, 200, 403]),
        ("/sections", [200, 200, 200, 200]),
        ("/users", [200, 200, 403, 403]),
        ("/invitations", [200, 200, 200, 403]),
        ("/profile", [200, 200, 200, 200]),
        ("/import-export", [200, 200, 200, 403]),
        ("/nowhere", [404, 404, 404, 404]),
    ];
    check(&rows).await;
}

#[tokio::test]
async fn lists_and_exports_by_role() {
    let rows: [Row; 15] = [
        ("/api/dashboard", [200, 200, 200, 200]),
        ("/api/institutions", [200, 403, 403, 403]),
        ("/api/programs", [200, 200, 200, 403]),
        ("/api/courses", [200, 200, 200, 200]),
        ("/api/terms", [200, 200, 200, 403]),
        ("/api/offerings", [200, 200, 200, 403]),
        ("/api/sections", [200, 200, 200, 200]),
        ("/api/assessments", [200, 200, 200, 200]),
        ("/api/users", [200, 200, 403, 403]),
        ("/api/invitations", [200, 200, 200, 403]),
        ("/api/instructors", [200, 200, 200, 403]),
        ("/api/export/courses.csv", [200, 200, 200, 403]),
        ("/api/export/sections.csv", [200, 200, 200, 403]),
        ("/api/export/programs.csv", [200, 200, 200, 403]),
        ("/api/export/users.csv", [200, 200, 403, 403]),
    ];
    check(&rows).await;
}

async fn check(rows: &[Row]) {
    let server = Server::start();
    for (index, role) in ROLES.into_iter().enumerate() {
        let person = server.sign_in(role).await;
        for (path, expected) in rows {
            assert_eq!(person.status(path).await, expected[index], "{role} {path}");
        }
    }
}

#[tokio::test]
async fn changes_by_role() {
    let server = Server::start();
    // An empty form: who may create gets its errors, who may not does not get that far.
    let rows: [Row; 8] = [
        ("/institutions", [422, 403, 403, 403]),
        ("/programs", [422, 422, 403, 403]),
        ("/courses", [422, 422, 422, 403]),
        ("/terms", [422, 422, 403, 403]),
        ("/offerings", [422, 422, 422, 403]),
        ("/sections", [422, 422, 422, 403]),
        ("/assessments", [422, 422, 422, 422]),
        ("/users", [422, 422, 403, 403]),
    ];
    for (index, role) in ROLES.into_iter().enumerate() {
        let person = server.sign_in(role).await;
        for (path, expected) in rows {
            assert_eq!(person.api("POST", path, json!({})).await.0, expected[index], "{role} {path}");
        }
    }
}

#[tokio::test]
async fn pages_offer_what_a_role_may() {
    let server = Server::start();
    // Whether the navigation leads there, and whether the page has the button for a new one.
    let (nothing, read, write) = ((false, false), (true, false), (true, true));
    let rows = [
        ("institution", [write, nothing, nothing, nothing]),
        ("program", [write, write, read, nothing]),
        ("course", [write, write, write, read]),
        ("term", [write, write, read, nothing]),
        ("offering", [write, write, write, nothing]),
        ("section", [write, write, write, read]),
        ("user", [write, write, nothing, nothing]),
        ("invitation", [write, write, write, nothing]),
    ];
    for (index, role) in ROLES.into_iter().enumerate() {
        let person = server.sign_in(role).await;
        let dashboard = person.get("/dashboard").await.text().await.expect("a page");
        for (kind, expected) in rows {
            let page = person.get(&format!("/{kind}s")).await.text().await.expect("a page");
            let linked = dashboard.contains(&format!("<a href=\"/{kind}s\""));
            let offered = page.contains(&format!("id=\"open-create-{kind}\""));
            assert_eq!((linked, offered), expected[index], "{role} {kind}");
        }
        let sections = person.get("/sections").await.text().await.expect("a page");
        assert_eq!(sections.contains("id=\"open-create-reminder\""), role != "instructor", "{role}");
    }
}

#[tokio::test]
async fn dashboards_show_the_latest() {
    let server = Server::start();
    let instructor = server.sign_in("instructor").await;
    let (_, dashboard) = instructor.api("GET", "/dashboard", Value::Null).await;
    assert_eq!(dashboard["recent"]["title"], "Your sections");
    let shown: Vec<_> = dashboard["recent"]["items"].as_array().expect("items").iter().collect();
    let labels: Vec<_> = shown.iter().map(|item| &item["label"]).collect();
    assert_eq!(labels, ["CS102-001 · Fall 2026", "CS101-002 · Fall 2026", "CS101-001 · Fall 2026"]);
    for item in shown {
        assert_eq!(item["href"], format!("/sections/{}", item["id"]));
    }
    let admin = server.sign_in("program_admin").await;
    let program = admin.list("/programs").await[0]["id"].clone();
    let course = json!({ "program_id": program, "code": "CS999", "title": "Latest", "credits": 1 });
    assert_eq!(admin.api("POST", "/courses", course).await.0, 201);
    let (_, dashboard) = admin.api("GET", "/dashboard", Value::Null).await;
    assert_eq!(dashboard["recent"]["title"], "Recently added courses");
    assert_eq!(dashboard["recent"]["items"][0]["label"], "CS999 Latest");
}

#[tokio::test]
async fn everybody_sees_their_own_part() {
    let server = Server::start();
    let expected = [
        (
            "site_admin",
            json!({ "institutions": 5, "programs": 7, "courses": 13, "terms": 7, "offerings": 6,
                               "sections": 8, "assessments": 8, "users": 8 }),
        ),
        (
            "institution_admin",
            json!({ "programs": 2, "courses": 5, "terms": 2, "offerings": 3, "sections": 4,
                                      "assessments": 4, "users": 3 }),
        ),
        (
            "program_admin",
            json!({ "programs": 1, "courses": 3, "terms": 2, "offerings": 2, "sections": 3,
                                  "assessments": 4 }),
        ),
        ("instructor", json!({ "courses": 2, "sections": 3, "assessments": 4 })),
    ];
    for (role, counts) in expected {
        let person = server.sign_in(role).await;
        let (_, dashboard) = person.api("GET", "/dashboard", Value::Null).await;
        assert_eq!(dashboard["counts"], counts, "{role}");
        for (plural, count) in counts.as_object().expect("counts") {
            assert_eq!(person.list(&format!("/{plural}")).await.len(), *count, "{role} {plural}");
        }
        assert!(!dashboard["recent"]["items"].as_array().expect("items").is_empty());
    }
}

#[tokio::test]
async fn a_program_admin_does_not_reach_other_programs() {
    let server = Server::start();
    let admin = server.sign_in("institution_admin").await;
    let other = admin.id_of("/programs", "name", "Mathematics (W0)").await;
    let course = admin.id_of("/courses", "code", "MATH101").await;
    let section = admin.list("/sections?search=MATH101").await[0]["id"].clone();
    let person = server.sign_in("program_admin").await;
    for path in [format!("/programs/{other}"), format!("/courses/{course}"), format!("/sections/{section}")] {
        assert_eq!(person.api("GET", &path, Value::Null).await.0, 403, "{path}");
        assert_eq!(person.api("DELETE", &path, Value::Null).await.0, 403, "{path}");
    }
    assert_eq!(person.status(&format!("/sections/{section}")).await, 403);
    let new = json!({ "program_id": other, "code": "X1", "title": "X", "credits": 1 });
    assert_eq!(person.api("POST", "/courses", new).await.0, 403);
    let path = format!("/import/courses?program_id={other}");
    assert_eq!(person.send("POST", &path, "text/csv", "code,title,credits\nX1,X,1\n".into()).await.0, 403);
}

#[tokio::test]
async fn an_institution_admin_does_not_reach_other_institutions() {
    let server = Server::start();
    let person = server.sign_in("institution_admin").await;
    let neighbour = server.sign_in_as("institution_admin_worker1@example.test").await;
    for plural in ["programs", "courses", "terms", "offerings", "sections", "assessments", "users"] {
        let theirs = &neighbour.list(&format!("/{plural}")).await[0];
        let path = format!("/{plural}/{}", theirs["id"]);
        assert_eq!(person.api("GET", &path, Value::Null).await.0, 403, "{path}");
        assert_eq!(person.api("PUT", &path, theirs.clone()).await.0, 403, "{path}");
        assert_eq!(person.api("DELETE", &path, Value::Null).await.0, 403, "{path}");
    }
    // The institution that a form names is ignored: it is always the own one.
    let theirs = neighbour.list("/programs").await[0]["institution_id"].clone();
    let (status, program) =
        person.api("POST", "/programs", json!({ "name": "Physics", "institution_id": theirs })).await;
    assert_eq!(status, 201);
    assert_ne!(program["institution_id"], theirs);
}

#[tokio::test]
async fn an_instructor_reaches_own_sections_only() {
    let server = Server::start();
    let admin = server.sign_in("institution_admin").await;
    let other = admin.list("/sections?search=MATH101").await[0]["id"].clone();
    let person = server.sign_in("instructor").await;
    assert_eq!(person.status(&format!("/sections/{other}")).await, 403);
    let new = json!({ "section_id": other, "name": "Quiz", "kind": "exam", "weight": 5,
                      "students_took": 0, "students_passed": 0 });
    assert_eq!(person.api("POST", "/assessments", new.clone()).await.0, 403);
    let own = person.list("/sections").await[0]["id"].clone();
    assert_eq!(person.status(&format!("/sections/{own}")).await, 200);
    let mut new = new;
    new["section_id"] = own;
    assert_eq!(person.api("POST", "/assessments", new).await.0, 201);
}
