//! Courses, programs and users as files: what is exported is what the API holds, and an import is all or nothing.

use std::collections::BTreeMap;

use callboard::{Session, Slot, TestResult, e2e};
use serde_json::{Value, json};

use crate::support::{Api, Page, Step, StepError, unique};

type Rows = Vec<BTreeMap<String, String>>;

/// The file that a link of the page leads to, as rows by column.
async fn exported(session: &Session, plural: &str) -> Step<Rows> {
    let page = Page::open(session, "/import-export").await?;
    assert!(page.shows(&format!("#export-{plural}")).await?, "the page offers no export of {plural}");
    let answer = Api::of(session).await?.send("GET", &format!("/export/{plural}.csv"), Value::Null).await?;
    assert_eq!((answer.status, &*answer.content_type), (200, "text/csv; charset=utf-8"));
    let rows = csv::Reader::from_reader(answer.text.as_bytes()).deserialize().collect::<Result<Rows, _>>();
    rows.map_err(|error| StepError::new(format_args!("the file is no CSV: {error}\n{}", answer.text)))
}

/// The same rows as the API has them, in the columns of the file.
async fn held(session: &Session, plural: &str, columns: &[&str]) -> Step<Rows> {
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let items = Api::of(session).await?.list(plural).await?;
    let row = |item: &Value| columns.iter().map(|&name| (name.to_owned(), cell(&item[name]))).collect();
    Ok(items.iter().map(row).collect())
}

/// An empty program, and the page to import courses into it.
async fn new_program<'s>(session: &'s Session, name: &str) -> Step<(Page<'s>, Value)> {
    let program = Api::of(session).await?.create("programs", json!({ "name": name })).await?;
    let page = Page::open(session, "/import-export").await?;
    page.fill("import-program", name).await?;
    Ok((page, program["id"].clone()))
}

/// Waits until the page sums up what it did.
async fn summary(page: &Page<'_>, text: &str) -> Step {
    let condition = "const result = document.getElementById('import-result');
        return !result.hidden && document.getElementById('import-summary').textContent === it";
    page.until(&format!("the summary “{text}”"), condition, json!(text)).await?;
    Ok(())
}

/// The courses of a program as code, title and credits.
async fn courses_of(session: &Session, program: &Value) -> Step<Value> {
    let courses = Api::of(session).await?.get(&format!("/courses?program_id={program}")).await?;
    let courses = courses["items"].as_array().into_iter().flatten();
    Ok(courses.map(|course| json!([course["code"], course["title"], course["credits"]])).collect())
}

#[e2e(role = "institution_admin", tags = ["smoke"])]
async fn tc_ie_001_export_courses(session: &Session) -> TestResult {
    let (page, program) = new_program(session, &unique("Rhetoric")).await?;
    let title = "Logic, \"Sets\"; and so on";
    let course = json!({ "program_id": program, "code": unique("LOG"), "title": title, "credits": 3,
        "description": "Two\nlines" });
    Api::of(session).await?.create("courses", course).await?;

    let rows = exported(session, "courses").await?;
    assert!(rows.iter().any(|row| row["title"] == title && row["description"] == "Two\nlines"));
    let columns = ["code", "title", "credits", "description", "program_name", "institution_name"];
    assert_eq!(rows, held(session, "courses", &columns).await?);
    let link = page.text("#export-courses[download][href='/api/export/courses.csv']").await?;
    assert_eq!(link, "Courses");
    Ok(())
}

#[e2e(roles = ["institution_admin", "site_admin"])]
async fn tc_ie_002_export_users_within_reach(
    institution_admin: &Session,
    site_admin: &Session,
) -> TestResult {
    let columns =
        ["email", "display_name", "role", "institution_name", "is_active", "programs", "created_at"];
    let own = exported(institution_admin, "users").await?;
    let all = exported(site_admin, "users").await?;
    assert_eq!(own, held(institution_admin, "users", &columns).await?);
    assert_eq!(all, held(site_admin, "users", &columns).await?);

    let institution = &own[0]["institution_name"];
    let of_institution: Rows =
        all.iter().filter(|row| row["institution_name"] == *institution).cloned().collect();
    assert_eq!(own, of_institution);
    assert!(own.len() < all.len(), "the institution's export has all {} users", all.len());
    Ok(())
}

#[e2e(role = "institution_admin")]
async fn tc_ie_003_preview_changes_nothing(session: &Session) -> TestResult {
    let (page, program) = new_program(session, &unique("Music")).await?;
    page.fill("import-text", "code,title,credits\nMUS1,Harmony,3\nMUS2,Counterpoint,4").await?;
    page.press("#import-preview").await?;
    summary(&page, "Preview: 2 new, 0 updated, 0 unchanged").await?;
    let row = page.row("MUS2").await?;
    assert_eq!((&row["0"], &row["2"], &row["3"]), ("3", "Counterpoint", "New"), "the preview shows {row:?}");
    assert_eq!(courses_of(session, &program).await?, json!([]));
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["smoke"])]
async fn tc_ie_004_import_a_file(session: &Session, slot: &Slot) -> TestResult {
    let name = unique("Drama");
    let file = slot.dir().join(format!("{name}.csv"));
    std::fs::write(&file, "code,title,credits\nDRA1,Tragedy,3\nDRA2,\"Comedy, light\",4\n")?;
    let (page, program) = new_program(session, &name).await?;
    page.attach("import-file", &file).await?;
    page.press("#import-commit").await?;
    summary(&page, "Imported: 2 new, 0 updated, 0 unchanged").await?;
    page.says("2 courses were imported.").await?;

    let expected = json!([["DRA1", "Tragedy", 3], ["DRA2", "Comedy, light", 4]]);
    assert_eq!(courses_of(session, &program).await?, expected);
    page.go("/courses").await?;
    page.search(&name).await?;
    assert_eq!(page.column("title").await?, ["Tragedy", "Comedy, light"]);
    Ok(())
}

#[e2e(role = "institution_admin")]
async fn tc_ie_005_import_with_errors_leaves_nothing(session: &Session) -> TestResult {
    let (page, program) = new_program(session, &unique("Dance")).await?;
    let text = "code,title,credits\nDAN1,Ballet,3\nDAN2,,4\nDAN1,Tango,many";
    page.fill("import-text", text).await?;
    page.press("#import-commit").await?;
    summary(&page, "Nothing was imported: 3 errors").await?;
    assert_eq!(page.text("#import-error").await?, "Nothing was imported: please correct the rows below.");
    let errors = page.texts("#import-errors tbody tr td:not(:nth-child(3))").await?;
    assert_eq!(errors, ["3", "title", "4", "code", "4", "credits"]);
    assert_eq!(courses_of(session, &program).await?, json!([]), "a part of the file was imported");
    Ok(())
}

#[e2e(role = "institution_admin")]
async fn tc_ie_006_import_again_updates(session: &Session) -> TestResult {
    let (page, program) = new_program(session, &unique("Film")).await?;
    let api = Api::of(session).await?;
    for (code, title) in [("FIL1", "Silent Film"), ("FIL2", "Talkies")] {
        let course = json!({ "program_id": program, "code": code, "title": title, "credits": 3 });
        api.create("courses", course).await?;
    }
    let text = "code,title,credits\nFIL1,Silent Film,3\nfil2,Sound Film,5\nFIL3,Colour,2";
    page.fill("import-text", text).await?;
    page.press("#import-commit").await?;
    summary(&page, "Imported: 1 new, 1 updated, 1 unchanged").await?;
    page.says("2 courses were imported.").await?;
    let shown = page.texts("#import-rows tbody td:nth-child(4)").await?;
    assert_eq!(shown, ["Unchanged", "Updated", "New"]);

    let courses = courses_of(session, &program).await?;
    assert_eq!(courses[0], json!(["FIL1", "Silent Film", 3]), "of {courses}");
    assert_eq!(courses.as_array().map(Vec::len), Some(3), "{courses}");
    let updated = api.matching("courses", "title", "Sound Film").await?;
    assert!(updated.iter().any(|course| course["program_id"] == program && course["credits"] == 5));
    Ok(())
}
