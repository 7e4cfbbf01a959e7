//! The dashboards and what they count.

use callboard::{Session, TestResult, e2e, exact, expect};
use serde_json::json;

use crate::support::{Api, Page, unique};

#[e2e(role = "institution_admin", tags = ["smoke"])]
async fn tc_dash_001_counts_are_those_of_the_records(session: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let page = Page::open(session, "/dashboard").await?;
    let kinds = ["programs", "courses", "terms", "offerings", "sections", "assessments", "users"];
    expect(page.at("#counts .card > span")).to_have_texts(kinds.map(|kind| exact(kind).any_case())).await?;
    for kind in kinds {
        let count = api.list(kind).await?.len().to_string();
        expect(session.by_test_id(format!("count-{kind}"))).to_have_text(count).await?;
    }

    let before = api.list("programs").await?.len();
    api.create("programs", json!({ "name": unique("Cartography") })).await?;
    page.go("/dashboard").await?;
    expect(session.by_test_id("count-programs")).to_have_text((before + 1).to_string()).await?;
    page.press("#card-programs").await?;
    page.arrives("/programs").await?;
    expect(page.at("#total")).to_have_text(format!("{} programs", before + 1)).await?;
    Ok(())
}
