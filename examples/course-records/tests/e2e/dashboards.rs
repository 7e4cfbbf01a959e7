//! The dashboards: what they count, and what they show as the latest.

use callboard::{Session, TestResult, e2e};
use serde_json::json;

use crate::support::{Api, Page, texts, unique};

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

#[e2e(role = "instructor", tags = ["smoke"])]
async fn tc_dash_002_instructor_finds_the_latest_sections(session: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let mut sections = api.list("sections").await?;
    sections.sort_by_key(|section| std::cmp::Reverse(section["id"].as_u64()));
    let latest: Vec<_> = texts(&sections, "label").into_iter().take(6).collect();

    let page = Page::open(session, "/dashboard").await?;
    assert_eq!(page.text("h1").await?, "Dashboard");
    assert_eq!(page.text("#recent-title").await?, "Your sections");
    assert_eq!(page.column("label").await?, latest);
    assert_eq!(page.text("[data-testid='count-sections']").await?, sections.len().to_string());
    assert!(!page.shows("#card-users").await?, "an instructor sees how many users there are");

    let first = &sections[0];
    page.press("#recent tbody tr:first-child a").await?;
    page.arrives(&format!("/sections/{}", first["id"])).await?;
    assert_eq!(page.text("#section [data-key='term_name']").await?, first["term_name"]);
    Ok(())
}
