//! What program admins do: the courses and sections of the programs that they look after.

use callboard::{Session, Slot, TestResult, e2e};
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
    let refusal = page.refusal().await?;
    assert!(refusal.contains("course-program: Please choose one."), "the dialog says {refusal}");
    assert!(refusal.contains("course-credits: Please enter a whole number from 0 to 60."), "{refusal}");

    page.submit("course", &[("program", &own_program(slot)), ("credits", "6")]).await?;
    page.says(&format!("Course {code} Databases was created.")).await?;
    let row = page.row(&code).await?;
    assert_eq!((&row["title"], &row["credits"]), ("Databases", "6"), "the row shows {row:?}");
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
    let codes = page.column("code").await?;
    assert!(codes.contains(&after) && !codes.contains(&before), "the table shows {codes:?}");

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
    let row = page.row(&label).await?;
    assert_eq!((&row["course_title"], &row["instructor_name"]), ("Compilers", ""), "the row shows {row:?}");

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
    assert_eq!(
        page.text("[data-testid='count-courses']").await?,
        api.list("courses").await?.len().to_string()
    );
    page.press("#card-courses").await?;
    page.arrives("/courses").await?;
    page.create("course", &[("program", &program), ("code", &code), ("title", "Graphics"), ("credits", "4")])
        .await?;
    page.says(&format!("Course {code} Graphics was created.")).await?;
    page.go("/programs").await?;
    assert_eq!(page.row(&program).await?["courses"], (before + 1).to_string(), "after a course was made");

    page.go("/courses").await?;
    page.delete(&code).await?;
    page.says(&format!("Course {code} Graphics was deleted.")).await?;
    page.go("/programs").await?;
    assert_eq!(page.row(&program).await?["courses"], before.to_string(), "after it was deleted");
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
    assert_eq!(page.refusal().await?, "This course has 1 offering. Delete or reassign it first.");
    assert_eq!(api.status(&format!("/courses/{}", course["id"])).await?, 200);

    api.send("DELETE", &format!("/offerings/{}", offering["id"]), Value::Null).await?;
    page.press("dialog[open] [type=submit]").await?;
    page.says(&format!("Course {code} Compilers was deleted.")).await?;
    let codes = page.column("code").await?;
    assert!(!codes.contains(&code), "the table still shows {codes:?}");
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
    let programs = page.column("name").await?;
    assert!(programs.contains(&own_program(slot)), "the own program is missing in {programs:?}");
    assert!(!programs.contains(&other), "another's program is among {programs:?}");
    page.go("/courses").await?;
    page.search("MATH101").await?;
    assert_eq!(page.text("#empty").await?, "Nothing fits your search.");

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
