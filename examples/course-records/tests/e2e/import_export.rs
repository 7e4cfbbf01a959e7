//! Importing courses from a file, as a browser sends it.

use callboard::{Session, Slot, TestResult, e2e, expect};
use serde_json::{Value, json};

use crate::support::{Api, Page, unique};

#[e2e(role = "institution_admin", tags = ["smoke"])]
async fn tc_ie_004_import_a_file(session: &Session, slot: &Slot) -> TestResult {
    let api = Api::of(session).await?;
    let name = unique("Drama");
    let program = api.create("programs", json!({ "name": name })).await?["id"].take();
    let file = slot.dir().join(format!("{name}.csv"));
    std::fs::write(&file, "code,title,credits\nDRA1,Tragedy,3\nDRA2,\"Comedy, light\",4\n")?;

    let page = Page::open(session, "/import-export").await?;
    page.fill("import-program", &name).await?;
    page.attach("import-file", &file).await?;
    page.press("#import-commit").await?;
    expect(page.at("#import-result")).to_be_visible().await?;
    expect(page.at("#import-summary")).to_have_text("Imported: 2 new, 0 updated, 0 unchanged").await?;
    page.says("2 courses were imported.").await?;

    let courses = api.get(&format!("/courses?program_id={program}")).await?;
    let courses = courses["items"].as_array().into_iter().flatten();
    let courses: Value =
        courses.map(|course| json!([course["code"], course["title"], course["credits"]])).collect();
    assert_eq!(courses, json!([["DRA1", "Tragedy", 3], ["DRA2", "Comedy, light", 4]]));
    page.go("/courses").await?;
    page.search(&name).await?;
    expect(page.column("title")).to_have_texts(["Tragedy", "Comedy, light"]).await?;
    expect(page.at("#total")).to_have_text("2 courses").await?;
    Ok(())
}
