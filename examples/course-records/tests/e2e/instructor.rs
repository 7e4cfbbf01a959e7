//! What instructors do: their profile, and the assessments of the sections that they teach.

use callboard::{Session, TestResult, e2e, exact, expect};
use serde_json::{Value, json};

use crate::support::{Api, Page, Step, texts, unique};

/// The path of the page of a section that the instructor teaches, and the section's id.
async fn own_section(api: &Api<'_>) -> Step<(String, Value)> {
    let section = api.only("sections", "label", "CS102-001 · Fall 2026").await?;
    Ok((format!("/sections/{}", section["id"]), section["id"].clone()))
}

#[e2e(role = "instructor", tags = ["crud", "smoke"])]
async fn tc_crud_inst_001_update_own_profile(session: &Session) -> TestResult {
    let name = unique("Doctor Who");
    let page = Page::open(session, "/profile").await?;
    page.press("#open-edit-profile").await?;
    page.fill("display-name", &name).await?;
    page.press("dialog[open] [type=submit]").await?;
    page.says("Your profile was saved.").await?;
    expect(page.at("#profile-display-name")).to_have_text(&name).await?;
    expect(page.at("#viewer-name")).to_have_text(&name).await?;

    assert_eq!(Api::of(session).await?.get("/profile").await?["display_name"], name);
    page.go("/dashboard").await?;
    expect(page.at(".lead")).to_have_text(format!("Welcome, {name}.")).await?;
    Ok(())
}

#[e2e(role = "instructor", tags = ["crud", "smoke"])]
async fn tc_crud_inst_002_update_section_assessment(session: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let (path, section) = own_section(&api).await?;
    let name = unique("Oral exam");
    let fields = json!({ "section_id": section, "name": name, "kind": "presentation", "weight": 0,
        "students_took": 20, "students_passed": 11 });
    let assessment = api.create("assessments", fields).await?;

    let page = Page::open(session, "/sections").await?;
    page.press(&format!("a[href='{path}']")).await?;
    page.arrives(&path).await?;
    let changes = [("students-passed", "17"), ("narrative", "Better after the review")];
    page.edit("assessment", &name, &changes).await?;
    page.says(&format!("Assessment {name} was saved.")).await?;
    page.row(&name).shows(&[("students_passed", "17"), ("narrative", "Better after the review")]).await?;

    let held = api.get(&format!("/assessments/{}", assessment["id"])).await?;
    assert_eq!((&held["students_passed"], &held["students_took"]), (&json!(17), &json!(20)));
    assert_eq!(held["narrative"], "Better after the review");
    Ok(())
}

#[e2e(role = "instructor", tags = ["crud"])]
async fn tc_crud_inst_003_record_assessment(session: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let (path, section) = own_section(&api).await?;
    let name = unique("Homework");
    let page = Page::open(session, &path).await?;
    let fields = [
        ("name", &*name),
        ("kind", "Assignment"),
        ("weight", "0"),
        ("students-took", "9"),
        ("students-passed", "10"),
    ];
    page.create("assessment", &fields).await?;
    expect(page.dialog()).to_contain_text("More students passed than took it.").await?;
    page.submit("assessment", &[("students-passed", "8"), ("weight", "90")]).await?;
    page.finds_fault("assessment-weight", "The weights of this section would add up to").await?;
    assert_eq!(api.matching("assessments", "name", &*name).await?, Vec::<Value>::new());

    page.submit("assessment", &[("weight", "0")]).await?;
    page.says(&format!("Assessment {name} was created.")).await?;
    page.row(&name).shows(&[("kind", "Assignment")]).await?;
    let held = api.only("assessments", "name", name).await?;
    assert_eq!((&held["section_id"], &held["students_passed"]), (&section, &json!(8)));
    Ok(())
}

#[e2e(role = "instructor", tags = ["crud"])]
async fn tc_crud_inst_004_reads_own_courses_only(session: &Session) -> TestResult {
    let page = Page::open(session, "/courses").await?;
    let codes = page.column("code");
    expect(codes.filter_text(exact("CS101"))).to_be_visible().await?;
    expect(codes.filter_text(exact("MATH101"))).to_have_count(0).await?;
    expect(page.at("#open-create-course")).to_be_hidden().await?;
    expect(page.at("[data-action]")).to_have_count(0).await?;

    let api = Api::of(session).await?;
    expect(codes).to_have_texts(texts(&api.list("courses").await?, "code")).await?;
    let course = api.only("courses", "code", "CS101").await?;
    let change = json!({ "code": "CS101", "title": "Mine now", "credits": 4 });
    let answer = api.send("PUT", &format!("/courses/{}", course["id"]), change).await?;
    assert_eq!((answer.status, &*answer.error()), (403, "You do not have permission to do this."));
    assert_eq!(api.only("courses", "code", "CS101").await?["title"], course["title"]);
    Ok(())
}
