//! Who may do what: every role on every page, and what must not be reached around the pages.

use callboard::{Session, TestResult, e2e};
use serde_json::{Value, json};

use crate::support::{Api, Page, Person, unique};

const KINDS: [&str; 7] = ["institution", "program", "course", "term", "offering", "section", "user"];

/// What a role may do with each of `KINDS`: write, read, or nothing.
type Rights = [Right; 7];

#[derive(Clone, Copy, PartialEq)]
enum Right {
    Write,
    Read,
    Nothing,
}
use Right::{Nothing, Read, Write};

/// Opens every page and asks the API for the same: both must know the same rights.
async fn check_rights(session: &Session, rights: Rights) -> TestResult {
    let api = Api::of(session).await?;
    let page = Page::open(session, "/dashboard").await?;
    let navigation = page.texts("nav[aria-label='Main'] a").await?;
    for (kind, right) in KINDS.into_iter().zip(rights) {
        let plural = format!("{kind}s");
        let linked = navigation.iter().any(|title| title.to_lowercase() == plural);
        assert_eq!(linked, right != Nothing, "{plural} in the navigation, which is {navigation:?}");

        page.go(&format!("/{plural}")).await?;
        let title = page.text("h1").await?;
        let expected = if right == Nothing { "No access".to_owned() } else { title_of(&plural) };
        assert_eq!(title, expected, "on the page of {plural}");
        let offered = page.shows(&format!("#open-create-{kind}")).await?;
        assert_eq!(offered, right == Write, "whether the page offers to make a new {kind}");

        let status = api.status(&format!("/{plural}")).await?;
        assert_eq!(status, if right == Nothing { 403 } else { 200 }, "the list of {plural} in the API");
        if right != Nothing {
            let created = api.send("POST", &format!("/{plural}"), json!({})).await?.status;
            assert_eq!(created, if right == Write { 422 } else { 403 }, "a new {kind} in the API");
        }
    }
    Ok(())
}

fn title_of(plural: &str) -> String {
    plural[..1].to_uppercase() + &plural[1..]
}

#[e2e(role = "site_admin", timeout = "2m")]
async fn tc_perm_001_pages_of_a_site_admin(session: &Session) -> TestResult {
    check_rights(session, [Write; 7]).await
}

#[e2e(role = "institution_admin", timeout = "2m")]
async fn tc_perm_002_pages_of_an_institution_admin(session: &Session) -> TestResult {
    check_rights(session, [Nothing, Write, Write, Write, Write, Write, Write]).await
}

#[e2e(role = "program_admin", timeout = "2m")]
async fn tc_perm_003_pages_of_a_program_admin(session: &Session) -> TestResult {
    check_rights(session, [Nothing, Read, Write, Read, Write, Write, Nothing]).await
}

#[e2e(role = "instructor", timeout = "2m")]
async fn tc_perm_004_pages_of_an_instructor(session: &Session) -> TestResult {
    check_rights(session, [Nothing, Nothing, Read, Nothing, Nothing, Read, Nothing]).await?;
    let page = Page::open(session, "/import-export").await?;
    assert_eq!(page.text("h1").await?, "No access");
    assert_eq!(Api::of(session).await?.status("/export/courses.csv").await?, 403);
    Ok(())
}

#[e2e(role = "institution_admin")]
async fn tc_perm_005_no_change_without_csrf_token(session: &Session) -> TestResult {
    let page = Page::open(session, "/programs").await?;
    let api = Api::of(session).await?;
    let name = unique("Forgery");
    let answer = api.without_token().send("POST", "/programs", json!({ "name": name })).await?;
    assert_eq!(answer.status, 403, "it was answered with {}", answer.text);
    assert_eq!(answer.error(), "The CSRF token is missing or wrong. Please reload the page.");
    assert_eq!(api.matching("programs", "name", &*name).await?, Vec::<Value>::new());

    // What a page left open too long does: its token is not the session's any more.
    page.until(
        "a wrong token",
        "document.querySelector('meta[name=csrf-token]').content = it; return true",
        json!("x"),
    )
    .await?;
    let answer = api.send("POST", "/programs", json!({ "name": name })).await?;
    assert_eq!(answer.status, 403, "with a wrong token it was answered with {}", answer.text);
    page.go("/programs").await?;
    let names = page.column("name").await?;
    assert!(!names.contains(&name), "the table shows {names:?}");
    Ok(())
}

#[e2e(roles = ["instructor", "institution_admin"])]
async fn tc_perm_006_section_of_somebody_else(
    instructor: &Session,
    institution_admin: &Session,
) -> TestResult {
    let all = Api::of(institution_admin).await?;
    let section = all.only("sections", "label", "MATH101-001 · Fall 2026").await?;
    let path = format!("/sections/{}", section["id"]);
    let page = Page::open(instructor, &path).await?;
    assert_eq!(page.text("h1").await?, "No access");
    assert_eq!(page.text("#error-message").await?, "You do not have permission to do this.");

    let api = Api::of(instructor).await?;
    assert_eq!(api.status(&path).await?, 403);
    let assessment = json!({ "section_id": section["id"], "name": unique("Prank"), "kind": "exam",
        "weight": 0, "students_took": 1, "students_passed": 1 });
    let answer = api.send("POST", "/assessments", assessment).await?;
    assert_eq!(answer.status, 403, "an assessment there was answered with {}", answer.text);
    assert_eq!(all.get(&path).await?["assessments"], section["assessments"]);
    Ok(())
}

#[e2e(roles = ["institution_admin", "site_admin"])]
async fn tc_perm_007_other_institutions_stay_hidden(
    institution_admin: &Session,
    site_admin: &Session,
) -> TestResult {
    let all = Api::of(site_admin).await?;
    let history = all.only("courses", "code", "HIST110").await?;
    let page = Page::open(institution_admin, "/courses").await?;
    page.search("World History").await?;
    assert_eq!(page.text("#empty").await?, "Nothing fits your search.");
    assert_eq!(page.text("#total").await?, "0 courses");

    let api = Api::of(institution_admin).await?;
    let path = format!("/courses/{}", history["id"]);
    let change = json!({ "code": "HIST110", "title": "Our History", "credits": 3 });
    for (method, body) in [("GET", Value::Null), ("PUT", change), ("DELETE", Value::Null)] {
        let answer = api.send(method, &path, body).await?;
        assert_eq!(answer.status, 403, "{method} was answered with {}", answer.text);
    }
    let course =
        json!({ "program_id": history["program_id"], "code": unique("H"), "title": "X", "credits": 1 });
    assert_eq!(api.send("POST", "/courses", course).await?.status, 403, "a course in another's program");
    assert_eq!(all.get(&path).await?, history);
    Ok(())
}

#[e2e(role = "institution_admin")]
async fn tc_perm_008_only_site_admins_make_site_admins(session: &Session) -> TestResult {
    let person = Person::instructor(session).await?;
    let page = Page::open(session, "/users").await?;
    page.press_in_row(&person.name, "edit").await?;
    let roles = page.texts("#user-role option:not([value=''])").await?;
    assert_eq!(roles, ["Institution admin", "Program admin", "Instructor"]);

    let api = Api::of(session).await?;
    let path = format!("/users/{}", person.id);
    let change = json!({ "display_name": person.name, "email": person.email, "role": "site_admin" });
    let answer = api.send("PUT", &path, change).await?;
    assert_eq!((answer.status, &*answer.error()), (403, "Only site admins can make site admins."));
    assert_eq!(api.get(&path).await?["role"], "instructor");
    Ok(())
}

#[e2e(role = "institution_admin")]
async fn tc_perm_009_nobody_locks_themselves_out(session: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let profile = api.get("/profile").await?;
    let name = profile["display_name"].as_str().unwrap_or_default();
    let page = Page::open(session, "/users").await?;
    page.press_in_row(name, "deactivate").await?;
    let alert = "return document.getElementById('page-error')?.textContent";
    let words = page.until("an alert above the table", alert, Value::Null).await?;
    assert_eq!(words, "You cannot deactivate your own account.");
    page.delete(name).await?;
    assert_eq!(page.refusal().await?, "You cannot delete your own account.");

    let user = api.get(&format!("/users/{}", profile["id"])).await?;
    assert_eq!((&user["is_active"], &user["display_name"]), (&json!(true), &profile["display_name"]));
    Ok(())
}
