//! What site admins do: institutions, and everything in all of them.

use callboard::{Session, Slot, TestResult, e2e, exact, expect};
use serde_json::{Value, json};

use crate::support::{Api, Page, texts, unique};

#[e2e(role = "site_admin", tags = ["crud", "smoke"])]
async fn tc_crud_sa_001_create_institution(session: &Session) -> TestResult {
    let name = unique("Hilltop Academy");
    let page = Page::open(session, "/institutions").await?;
    page.create("institution", &[("city", "Hilltop")]).await?;
    page.finds_fault("institution-name", "This field is required.").await?;

    page.submit("institution", &[("name", &name)]).await?;
    page.says(&format!("Institution {name} was created.")).await?;
    page.row(&name).shows(&[("city", "Hilltop"), ("programs", "0"), ("users", "0")]).await?;
    let institution = Api::of(session).await?.only("institutions", "name", name).await?;
    assert_eq!(institution["city"], "Hilltop");
    Ok(())
}

#[e2e(role = "site_admin", tags = ["crud"])]
async fn tc_crud_sa_002_update_institution(session: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let (before, after) = (unique("Polytechnic"), unique("University"));
    let institution = api.create("institutions", json!({ "name": before, "city": "Oldtown" })).await?;
    let page = Page::open(session, "/institutions").await?;
    page.edit("institution", &before, &[("name", &after), ("city", "Newtown")]).await?;
    page.says(&format!("Institution {after} was saved.")).await?;
    page.row(&after).shows(&[("city", "Newtown")]).await?;

    let held = api.get(&format!("/institutions/{}", institution["id"])).await?;
    assert_eq!((&held["name"], &held["city"]), (&json!(after), &json!("Newtown")));
    assert_eq!(held["created_at"], institution["created_at"]);
    Ok(())
}

#[e2e(role = "site_admin", tags = ["crud"])]
async fn tc_crud_sa_003_delete_institution(session: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let name = unique("Closing College");
    let institution = api.create("institutions", json!({ "name": name })).await?;
    let path = format!("/institutions/{}", institution["id"]);
    let page = Page::open(session, "/institutions").await?;
    page.press_in_row(&name, "delete").await?;
    page.cancel().await?;
    assert_eq!(api.status(&path).await?, 200, "it was deleted although the dialog was cancelled");

    page.delete(&name).await?;
    page.says(&format!("Institution {name} was deleted.")).await?;
    expect(page.column("name").filter_text(exact(&name))).to_have_count(0).await?;
    assert_eq!(api.status(&path).await?, 404);
    Ok(())
}

#[e2e(role = "site_admin", tags = ["crud"])]
async fn tc_crud_sa_004_cannot_delete_institution_in_use(session: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let name = unique("Busy College");
    let institution = api.create("institutions", json!({ "name": name })).await?;
    for program in ["Law", "Medicine"] {
        api.create("programs", json!({ "name": program, "institution_id": institution["id"] })).await?;
    }
    let page = Page::open(session, "/institutions").await?;
    page.delete(&name).await?;
    page.refuses("This institution has 2 programs. Delete or reassign them first.").await?;
    page.cancel().await?;
    page.row(&name).shows(&[("programs", "2")]).await?;
    assert_eq!(api.get(&format!("/institutions/{}", institution["id"])).await?["programs"], 2);
    Ok(())
}

#[e2e(role = "site_admin", tags = ["crud", "smoke"])]
async fn tc_crud_sa_005_create_institution_admin(session: &Session, anonymous: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let (institution, name) = (unique("Seaside College"), unique("Grace Principal"));
    let email = format!("{}@example.test", name.replace(' ', ".").to_lowercase());
    api.create("institutions", json!({ "name": institution })).await?;
    let page = Page::open(session, "/users").await?;
    let fields = [
        ("display-name", &*name),
        ("email", &email),
        ("role", "Institution admin"),
        ("institution", &institution),
        ("password", "a password for one test"),
    ];
    page.create("user", &fields).await?;
    page.says(&format!("User {name} was created.")).await?;
    page.row(&name).shows(&[("institution_name", &institution)]).await?;
    assert_eq!(api.only("users", "email", &*email).await?["institution_name"], institution);

    let theirs = Page::open(anonymous, "/login").await?;
    theirs.sign_in(&email, "a password for one test").await?;
    theirs.arrives("/dashboard").await?;
    expect(theirs.at("#viewer-role")).to_have_text("Institution admin").await?;
    assert_eq!(Api::of(anonymous).await?.list("programs").await?, Vec::<Value>::new());
    Ok(())
}

#[e2e(role = "site_admin", tags = ["crud"])]
async fn tc_crud_sa_006_users_of_all_institutions(session: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let users = api.list("users").await?;
    let page = Page::open(session, "/users").await?;
    expect(page.at("#total")).to_have_text(format!("{} users", users.len())).await?;
    expect(page.column("email")).to_have_texts(texts(&users, "email")).await?;

    page.search("worker1@").await?;
    let mut found = page.column("email").all_texts().await?;
    // They come in the order of the names, which people change.
    found.sort();
    let expected = ["institution_admin", "instructor", "program_admin", "site_admin"];
    assert_eq!(found, expected.map(|role| format!("{role}_worker1@example.test")));
    assert_eq!(json!(found.len()), api.get("/users?search=worker1@").await?["total"]);
    Ok(())
}

#[e2e(role = "site_admin", tags = ["crud"])]
async fn tc_crud_sa_007_create_program_in_any_institution(session: &Session, slot: &Slot) -> TestResult {
    let name = unique("Oceanography");
    let page = Page::open(session, "/programs").await?;
    page.create("program", &[("name", &name)]).await?;
    page.finds_fault("program-institution", "Please choose one.").await?;
    let institution = format!("Worker {} College", slot.id());
    page.submit("program", &[("institution", &institution)]).await?;
    page.says(&format!("Program {name} was created.")).await?;
    page.row(&name).shows(&[("institution_name", &institution)]).await?;

    let api = Api::of(session).await?;
    let program = api.only("programs", "name", &*name).await?;
    assert_eq!(program["institution_name"], institution);
    page.delete(&name).await?;
    page.says(&format!("Program {name} was deleted.")).await?;
    assert_eq!(api.matching("programs", "name", name).await?, Vec::<Value>::new());
    Ok(())
}

#[e2e(role = "site_admin", tags = ["crud"])]
async fn tc_crud_sa_008_terms_offered_follow_the_course(session: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let code = unique("ROB");
    let robotics = api.only("programs", "name", "Robotics").await?;
    let course = json!({ "program_id": robotics["id"], "code": code, "title": "Grippers", "credits": 2 });
    api.create("courses", course).await?;
    let institution = &robotics["institution_id"];

    let page = Page::open(session, "/offerings").await?;
    page.press("#open-create-offering").await?;
    page.fill("offering-course", &format!("{code} Grippers")).await?;
    let offered = page.at("#offering-term option:not([value=''])");
    let terms = api.matching("terms", "institution_id", institution.clone()).await?;
    expect(offered).to_have_texts(texts(&terms, "label")).await?;

    page.submit("offering", &[("term", "Fall 2026"), ("capacity", "12")]).await?;
    page.says(&format!("Offering {code} · Fall 2026 was created.")).await?;
    let offering = api.only("offerings", "course_code", code).await?;
    assert_eq!((&offering["institution_id"], &offering["capacity"]), (institution, &json!(12)));
    Ok(())
}
