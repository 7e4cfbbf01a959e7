//! What one person does and another one sees.

use callboard::{Session, TestResult, e2e, exact, expect};
use serde_json::{Value, json};

use crate::support::{Api, Page, Step, unique};

/// A new course of the program admin, offered in the fall: its code and the label of the offering.
async fn new_offering(api: &Api<'_>) -> Step<(String, Value)> {
    let code = unique("CS");
    let course = api.only("courses", "code", "CS101").await?;
    let course =
        json!({ "program_id": course["program_id"], "code": code, "title": "Parsing", "credits": 2 });
    let course = api.create("courses", course).await?;
    let term = api.only("terms", "name", "Fall 2026").await?;
    let offering = json!({ "course_id": course["id"], "term_id": term["id"], "capacity": 20 });
    Ok((code, api.create("offerings", offering).await?))
}

#[e2e(roles = ["program_admin", "instructor"], tags = ["smoke"])]
async fn tc_multi_001_assign_a_section(program_admin: &Session, instructor: &Session) -> TestResult {
    let api = Api::of(program_admin).await?;
    let (code, offering) = new_offering(&api).await?;
    let profile = Api::of(instructor).await?.get("/profile").await?;
    let name = profile["display_name"].as_str().unwrap_or_default();
    let office = Page::open(program_admin, "/sections").await?;
    let offered = offering["label"].as_str().unwrap_or_default();
    office.create("section", &[("offering", offered), ("number", "001"), ("instructor", name)]).await?;
    let label = format!("{code}-001 · Fall 2026");
    office.says(&format!("Section {label} was created.")).await?;

    let desk = Page::open(instructor, "/sections").await?;
    let id = api.only("sections", "label", &*label).await?["id"].clone();
    desk.press(&format!("tr[data-id='{id}'] a")).await?;
    desk.arrives(&format!("/sections/{id}")).await?;
    let exam = [
        ("name", "Final"),
        ("kind", "Exam"),
        ("weight", "100"),
        ("students-took", "7"),
        ("students-passed", "6"),
    ];
    desk.create("assessment", &exam).await?;
    desk.says("Assessment Final was created.").await?;

    office.go("/sections").await?;
    office.row(&label).shows(&[("assessments", "1"), ("instructor_name", name)]).await?;
    let assessments = api.get(&format!("/assessments?section_id={id}")).await?;
    assert_eq!(assessments["items"][0]["students_passed"], 6);
    Ok(())
}

#[e2e(roles = ["institution_admin", "program_admin"])]
async fn tc_multi_002_assign_a_program(institution_admin: &Session, program_admin: &Session) -> TestResult {
    let program = unique("Astronomy");
    let admin = Api::of(institution_admin).await?;
    admin.create("programs", json!({ "name": program })).await?;
    let theirs = Page::open(program_admin, "/programs").await?;
    expect(theirs.column("name").filter_text(exact(&program))).to_have_count(0).await?;

    let profile = Api::of(program_admin).await?.get("/profile").await?;
    let name = profile["display_name"].as_str().unwrap_or_default();
    let users = Page::open(institution_admin, "/users").await?;
    users.edit("user", name, &[("programs", &program)]).await?;
    users.says(&format!("User {name} was saved.")).await?;

    theirs.go("/programs").await?;
    theirs.row(&program).shows(&[("admins", name)]).await?;
    let program = Api::of(program_admin).await?.only("programs", "name", program).await?;
    let user = admin.get(&format!("/users/{}", profile["id"])).await?;
    let programs = user["program_ids"].as_array().cloned().unwrap_or_default();
    assert!(programs.contains(&program["id"]) && programs.len() > 1, "the server holds {programs:?}");
    Ok(())
}

#[e2e(roles = ["program_admin", "instructor"])]
async fn tc_multi_003_take_a_section_away(program_admin: &Session, instructor: &Session) -> TestResult {
    let api = Api::of(program_admin).await?;
    let (code, offering) = new_offering(&api).await?;
    let teacher = Api::of(instructor).await?.get("/profile").await?["id"].clone();
    let section = json!({ "offering_id": offering["id"], "number": "001", "instructor_id": teacher });
    let section = api.create("sections", section).await?;
    let path = format!("/sections/{}", section["id"]);
    let desk = Page::open(instructor, &path).await?;
    expect(desk.at("h1")).to_have_text(format!("{code}-001 Parsing")).await?;

    let office = Page::open(program_admin, "/sections").await?;
    let label = format!("{code}-001 · Fall 2026");
    office.edit("section", &label, &[("instructor", "Nobody yet")]).await?;
    office.says(&format!("Section {label} was saved.")).await?;
    office.row(&label).shows(&[("instructor_name", "")]).await?;
    assert_eq!(api.get(&path).await?["instructor_id"], Value::Null);

    desk.go(&path).await?;
    expect(desk.at("h1")).to_have_text("No access").await?;
    assert_eq!(Api::of(instructor).await?.status(&path).await?, 403);
    Ok(())
}
