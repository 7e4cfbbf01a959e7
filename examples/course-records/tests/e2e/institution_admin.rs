//! What institution admins do: programs, courses, terms, offerings and users of their institution.

use callboard::{Session, Slot, TestResult, e2e, exact, expect};
use serde_json::json;

use crate::support::{Api, Page, Person, unique};

#[e2e(role = "institution_admin", tags = ["crud", "smoke"])]
async fn tc_crud_ia_001_create_program(session: &Session) -> TestResult {
    let name = unique("Philosophy");
    let page = Page::open(session, "/programs").await?;
    page.create("program", &[("name", &name), ("description", "Thinking about thinking")]).await?;
    page.says(&format!("Program {name} was created.")).await?;
    page.row(&name).shows(&[("courses", "0")]).await?;

    let program = Api::of(session).await?.only("programs", "name", name).await?;
    assert_eq!(program["description"], "Thinking about thinking");
    assert_eq!(program["courses"], 0);
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["crud"])]
async fn tc_crud_ia_002_update_program(session: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let (before, after) = (unique("Alchemy"), unique("Chemistry"));
    let program = api.create("programs", json!({ "name": before })).await?;

    let page = Page::open(session, "/programs").await?;
    page.edit("program", &before, &[("name", &after), ("description", "Now with method")]).await?;
    page.says(&format!("Program {after} was saved.")).await?;
    page.row(&after).shows(&[("name", &after)]).await?;
    expect(page.column("name").filter_text(exact(&before))).to_have_count(0).await?;

    let program = api.get(&format!("/programs/{}", program["id"])).await?;
    assert_eq!((&program["name"], &program["description"]), (&json!(after), &json!("Now with method")));
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["crud"])]
async fn tc_crud_ia_003_delete_program(session: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let name = unique("Phrenology");
    let program = api.create("programs", json!({ "name": name })).await?;

    let page = Page::open(session, "/programs").await?;
    page.delete(&name).await?;
    page.says(&format!("Program {name} was deleted.")).await?;
    expect(page.column("name").filter_text(exact(&name))).to_have_count(0).await?;
    assert_eq!(api.status(&format!("/programs/{}", program["id"])).await?, 404);
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["crud"])]
async fn tc_crud_ia_004_cannot_delete_program_with_courses(session: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let name = unique("Botany");
    let program = api.create("programs", json!({ "name": name })).await?;
    let course = json!({ "program_id": program["id"], "code": "BOT1", "title": "Mosses", "credits": 2 });
    api.create("courses", course).await?;

    let page = Page::open(session, "/programs").await?;
    page.delete(&name).await?;
    page.refuses("This program has 1 course. Delete or reassign it first.").await?;
    page.cancel().await?;
    page.row(&name).shows(&[("courses", "1")]).await?;
    assert_eq!(api.get(&format!("/programs/{}", program["id"])).await?["courses"], 1);
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["crud"])]
async fn tc_crud_ia_005_create_course(session: &Session, slot: &Slot) -> TestResult {
    let (code, program) = (unique("PHYS"), format!("Mathematics (W{})", slot.id()));
    let page = Page::open(session, "/courses").await?;
    let course = [("program", &*program), ("code", &code), ("title", "Mechanics"), ("credits", "5")];
    page.create("course", &course).await?;
    page.says(&format!("Course {code} Mechanics was created.")).await?;
    page.row(&code).shows(&[("program_name", &*program), ("credits", "5")]).await?;

    let course = Api::of(session).await?.only("courses", "code", code).await?;
    assert_eq!((&course["program_name"], &course["credits"]), (&json!(program), &json!(5)));
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["crud", "smoke"])]
async fn tc_crud_ia_006_create_program_admin(session: &Session, slot: &Slot) -> TestResult {
    let (name, program) = (unique("Ada Newcomer"), format!("Mathematics (W{})", slot.id()));
    let email = format!("{}@example.test", name.replace(' ', ".").to_lowercase());
    let page = Page::open(session, "/users").await?;
    let fields = [
        ("display-name", &*name),
        ("email", &email),
        ("role", "Program admin"),
        ("programs", &program),
        ("password", "long enough a secret"),
    ];
    page.create("user", &fields).await?;
    page.says(&format!("User {name} was created.")).await?;
    page.row(&name).shows(&[("programs", &*program), ("is_active", "Active")]).await?;

    let user = Api::of(session).await?.only("users", "email", email).await?;
    assert_eq!((&user["role"], &user["programs"]), (&json!("program_admin"), &json!(program)));
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["crud", "smoke"])]
async fn tc_crud_ia_007_create_term(session: &Session) -> TestResult {
    let name = unique("Summer School");
    let page = Page::open(session, "/dashboard").await?;
    page.press("#card-terms").await?;
    page.arrives("/terms").await?;
    page.create("term", &[("name", &name), ("start-date", "2027-08-02"), ("end-date", "2027-07-05")]).await?;
    page.finds_fault("term-end-date", "The end must be after the start.").await?;

    page.submit("term", &[("start-date", "2027-07-05"), ("end-date", "2027-08-02")]).await?;
    page.says(&format!("Term {name} was created.")).await?;
    page.row(&name).shows(&[("start_date", "2027-07-05"), ("end_date", "2027-08-02")]).await?;
    let term = Api::of(session).await?.only("terms", "name", name).await?;
    assert_eq!((&term["start_date"], &term["end_date"]), (&json!("2027-07-05"), &json!("2027-08-02")));
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["crud"])]
async fn tc_crud_ia_008_update_user(session: &Session) -> TestResult {
    let person = Person::instructor(session).await?;
    let name = unique("Professor");
    let page = Page::open(session, "/users").await?;
    page.edit("user", &person.name, &[("display-name", &name), ("role", "Institution admin")]).await?;
    page.says(&format!("User {name} was saved.")).await?;
    page.row(&name).shows(&[("email", &*person.email), ("role", "Institution admin")]).await?;

    let user = Api::of(session).await?.get(&format!("/users/{}", person.id)).await?;
    assert_eq!((&user["display_name"], &user["role"]), (&json!(name), &json!("institution_admin")));
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["crud"])]
async fn tc_crud_ia_009_deactivate_and_activate_user(session: &Session) -> TestResult {
    let person = Person::instructor(session).await?;
    let api = Api::of(session).await?;
    let page = Page::open(session, "/users").await?;
    for (action, status, active) in [("deactivate", "Deactivated", false), ("activate", "Active", true)] {
        page.press_in_row(&person.name, action).await?;
        page.says(&format!("{} was {action}d.", person.name)).await?;
        page.row(&person.name).shows(&[("is_active", status)]).await?;
        let user = api.get(&format!("/users/{}", person.id)).await?;
        assert_eq!(user["is_active"], active, "after {action} the server holds {user}");
    }
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["crud"])]
async fn tc_crud_ia_010_create_offering(session: &Session, slot: &Slot) -> TestResult {
    let api = Api::of(session).await?;
    let (code, program) = (unique("STAT"), format!("Mathematics (W{})", slot.id()));
    let program = api.only("programs", "name", program).await?["id"].take();
    let course = json!({ "program_id": program, "code": code, "title": "Statistics", "credits": 3 });
    api.create("courses", course).await?;

    let page = Page::open(session, "/offerings").await?;
    let fields = [("course", &*format!("{code} Statistics")), ("term", "Spring 2026"), ("capacity", "45")];
    page.create("offering", &fields).await?;
    page.says(&format!("Offering {code} · Spring 2026 was created.")).await?;
    page.row(&code).shows(&[("term_name", "Spring 2026"), ("capacity", "45")]).await?;

    page.create("offering", &fields).await?;
    page.refuses("This course is already offered in this term.").await?;
    let offering = api.only("offerings", "course_code", code).await?;
    assert_eq!((&offering["term_name"], &offering["capacity"]), (&json!("Spring 2026"), &json!(45)));
    Ok(())
}
