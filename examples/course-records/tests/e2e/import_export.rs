//! Importing courses from a file, as a browser sends it.

use callboard::{Session, Slot, TestResult, e2e};
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
    let summary = "const result = document.getElementById('import-result');
        return !result.hidden && document.getElementById('import-summary').textContent";
    let summary = page.until("the summary of the import", summary, Value::Null).await?;
    assert_eq!(summary, "Imported: 2 new, 0 updated, 0 unchanged");
    page.says("2 courses were imported.").await?;

    let courses = api.get(&format!("/courses?program_id={program}")).await?;
    let courses = courses["items"].as_array().into_iter().flatten();
    let courses: Value =
        courses.map(|course| json!([course["code"], course["title"], course["credits"]])).collect();
    assert_eq!(courses, json!([["DRA1", "Tragedy", 3], ["DRA2", "Comedy, light", 4]]));
    page.go("/courses").await?;
    page.search(&name).await?;
    assert_eq!(page.column("title").await?, ["Tragedy", "Comedy, light"]);
    assert_eq!(page.text("#total").await?, "2 courses");
    Ok(())
}
