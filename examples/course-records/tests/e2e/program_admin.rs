//! What program admins do: the courses and sections of the programs that they look after.

use callboard::{Session, Slot, TestResult, e2e, exact, expect};
use serde_json::{Value, json};

use crate::support::{Api, Page, Step, unique};

/// The program that the slot's program admin looks after.
fn own_program(slot: &Slot) -> String {
    format!("Computer Science (W{})", slot.id())
}

/// A new course in that program.
async fn new_course(api: &Api<'_>, slot: &Slot, code: &str) -> Step<Value> {
    let program = api.only("programs", "name", own_program(slot)).await?;
    let course = json!({ "program_id": program["id"], "code": code, "title": "Compilers", "credits": 4 });
    api.create("courses", course).await
}

#[e2e(role = "program_admin", tags = ["crud", "smoke"])]
async fn tc_crud_pa_001_create_course(session: &Session, slot: &Slot) -> TestResult {
    let code = unique("CS");
    let page = Page::open(session, "/courses").await?;
    page.create("course", &[("code", &code), ("title", "Databases"), ("credits", "61")]).await?;
    page.finds_fault("course-program", "Please choose one.").await?;
    page.finds_fault("course-credits", "Please enter a whole number from 0 to 60.").await?;

    page.submit("course", &[("program", &own_program(slot)), ("credits", "6")]).await?;
    page.says(&format!("Course {code} Databases was created.")).await?;
    page.row(&code).shows(&[("title", "Databases"), ("credits", "6")]).await?;
    let course = Api::of(session).await?.only("courses", "code", code).await?;
    assert_eq!((&course["program_name"], &course["credits"]), (&json!(own_program(slot)), &json!(6)));
    Ok(())
}

#[e2e(role = "program_admin", tags = ["crud"])]
async fn tc_crud_pa_002_update_course(session: &Session, slot: &Slot) -> TestResult {
    let api = Api::of(session).await?;
    let (before, after) = (unique("CS"), unique("SE"));
    let course = new_course(&api, slot, &before).await?;
    let page = Page::open(session, "/courses").await?;
    page.edit("course", &before, &[("code", &after), ("title", "Software Engineering")]).await?;
    page.says(&format!("Course {after} Software Engineering was saved.")).await?;
    page.row(&after).shows(&[("code", &after)]).await?;
    expect(page.column("code").filter_text(exact(&before))).to_have_count(0).await?;

    let held = api.get(&format!("/courses/{}", course["id"])).await?;
    assert_eq!((&held["code"], &held["title"]), (&json!(after), &json!("Software Engineering")));
    assert_eq!((&held["program_id"], &held["credits"]), (&course["program_id"], &json!(4)));
    Ok(())
}

#[e2e(role = "program_admin", tags = ["crud"])]
async fn tc_crud_pa_003_create_section(session: &Session, slot: &Slot) -> TestResult {
    let api = Api::of(session).await?;
    let code = unique("CS");
    let course = new_course(&api, slot, &code).await?;
    let term = api.only("terms", "name", "Spring 2026").await?;
    let offering = json!({ "course_id": course["id"], "term_id": term["id"], "capacity": 30 });
    api.create("offerings", offering).await?;

    let page = Page::open(session, "/sections").await?;
    let offering = format!("{code} · Spring 2026");
    page.create("section", &[("offering", &offering), ("number", "007")]).await?;
    let label = format!("{code}-007 · Spring 2026");
    page.says(&format!("Section {label} was created.")).await?;
    page.row(&label).shows(&[("course_title", "Compilers"), ("instructor_name", "")]).await?;

    let section = api.only("sections", "label", label).await?;
    assert_eq!((&section["number"], &section["instructor_id"]), (&json!("007"), &Value::Null));
    assert_eq!(api.only("offerings", "label", offering).await?["sections"], 1);
    Ok(())
}

#[e2e(role = "program_admin", tags = ["crud", "smoke"])]
async fn tc_crud_pa_004_manage_program_courses(session: &Session, slot: &Slot) -> TestResult {
    let api = Api::of(session).await?;
    let (program, code) = (own_program(slot), unique("CS"));
    let before = api.matching("courses", "program_name", &*program).await?.len();

    let page = Page::open(session, "/dashboard").await?;
    let count = api.list("courses").await?.len().to_string();
    expect(session.by_test_id("count-courses")).to_have_text(count).await?;
    page.press("#card-courses").await?;
    page.arrives("/courses").await?;
    page.create("course", &[("program", &program), ("code", &code), ("title", "Graphics"), ("credits", "4")])
        .await?;
    page.says(&format!("Course {code} Graphics was created.")).await?;
    page.go("/programs").await?;
    page.row(&program).shows(&[("courses", &(before + 1).to_string())]).await?;

    page.go("/courses").await?;
    page.delete(&code).await?;
    page.says(&format!("Course {code} Graphics was deleted.")).await?;
    page.go("/programs").await?;
    page.row(&program).shows(&[("courses", &before.to_string())]).await?;
    assert_eq!(api.matching("courses", "code", code).await?, Vec::<Value>::new());
    Ok(())
}

#[e2e(role = "program_admin", tags = ["crud"])]
async fn tc_crud_pa_005_delete_course_without_offerings(session: &Session, slot: &Slot) -> TestResult {
    let api = Api::of(session).await?;
    let code = unique("CS");
    let course = new_course(&api, slot, &code).await?;
    let term = api.only("terms", "name", "Fall 2026").await?;
    let offering = json!({ "course_id": course["id"], "term_id": term["id"], "capacity": 30 });
    let offering = api.create("offerings", offering).await?;

    let page = Page::open(session, "/courses").await?;
    page.delete(&code).await?;
    page.refuses("This course has 1 offering. Delete or reassign it first.").await?;
    assert_eq!(api.status(&format!("/courses/{}", course["id"])).await?, 200);

    api.send("DELETE", &format!("/offerings/{}", offering["id"]), Value::Null).await?;
    page.press("dialog[open] [type=submit]").await?;
    page.says(&format!("Course {code} Compilers was deleted.")).await?;
    expect(page.column("code").filter_text(exact(&code))).to_have_count(0).await?;
    assert_eq!(api.status(&format!("/courses/{}", course["id"])).await?, 404);
    Ok(())
}

#[e2e(roles = ["program_admin", "institution_admin"], tags = ["crud"])]
async fn tc_crud_pa_006_cannot_access_other_programs(
    program_admin: &Session,
    institution_admin: &Session,
    slot: &Slot,
) -> TestResult {
    let other = format!("Mathematics (W{})", slot.id());
    let all = Api::of(institution_admin).await?;
    let program = all.only("programs", "name", &*other).await?;
    let course = all.only("courses", "code", "MATH101").await?;

    let page = Page::open(program_admin, "/dashboard").await?;
    page.press("#card-programs").await?;
    page.arrives("/programs").await?;
    expect(page.column("name").filter_text(exact(own_program(slot)))).to_be_visible().await?;
    expect(page.column("name").filter_text(exact(&other))).to_have_count(0).await?;
    page.go("/courses").await?;
    page.search("MATH101").await?;
    expect(page.at("#empty")).to_have_text("Nothing fits your search.").await?;

    let api = Api::of(program_admin).await?;
    for path in [format!("/programs/{}", program["id"]), format!("/courses/{}", course["id"])] {
        assert_eq!(api.status(&path).await?, 403, "GET {path}");
    }
    let change = json!({ "code": "MATH101", "title": "Taken over", "credits": 1 });
    let answer = api.send("PUT", &format!("/courses/{}", course["id"]), change).await?;
    assert_eq!(answer.status, 403, "changing another's course was answered with {}", answer.text);
    assert_eq!(all.only("courses", "code", "MATH101").await?, course);
    Ok(())
}
