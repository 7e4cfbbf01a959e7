//! The dashboards and what they count.

use callboard::{Session, TestResult, e2e};
use serde_json::json;

use crate::support::{Api, Page, unique};

#[e2e(role = "institution_admin", tags = ["smoke"])]
async fn tc_dash_001_counts_are_those_of_the_records(session: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let page = Page::open(session, "/dashboard").await?;
    let titles = page.texts("#counts .card > span").await?;
    let kinds = ["programs", "courses", "terms", "offerings", "sections", "assessments", "users"];
    assert_eq!(titles.iter().map(|title| title.to_lowercase()).collect::<Vec<_>>(), kinds);
    for kind in kinds {
        let shown = page.text(&format!("[data-testid='count-{kind}']")).await?;
        assert_eq!(shown, api.list(kind).await?.len().to_string(), "the card of {kind}");
    }

    let before = api.list("programs").await?.len();
    api.create("programs", json!({ "name": unique("Cartography") })).await?;
    page.go("/dashboard").await?;
    assert_eq!(page.text("[data-testid='count-programs']").await?, (before + 1).to_string());
    page.press("#card-programs").await?;
    page.arrives("/programs").await?;
    assert_eq!(page.text("#total").await?, format!("{} programs", before + 1));
    Ok(())
}
