//! What pages offer to a role. What each role may do, page by page and record by record, is asked over HTTP.

use callboard::{Session, TestResult, e2e, exact, expect};
use serde_json::json;

use crate::support::{Api, Page};

#[derive(Clone, Copy, PartialEq)]
enum Right {
    Write,
    Read,
    Nothing,
}
use Right::{Nothing, Read, Write};

#[e2e(role = "program_admin", timeout = "2m")]
async fn tc_perm_003_pages_of_a_program_admin(session: &Session) -> TestResult {
    let api = Api::of(session).await?;
    let page = Page::open(session, "/dashboard").await?;
    let navigation = session.by_role("navigation").named("Main").by_role("link").all_texts().await?;
    for (kind, right) in [
        ("institution", Nothing),
        ("program", Read),
        ("course", Write),
        ("term", Read),
        ("offering", Write),
        ("section", Write),
        ("user", Nothing),
        ("invitation", Write),
    ] {
        let plural = format!("{kind}s");
        let linked = navigation.iter().any(|title| title.to_lowercase() == plural);
        assert_eq!(linked, right != Nothing, "{plural} in the navigation, which is {navigation:?}");

        page.go(&format!("/{plural}")).await?;
        let title = if right == Nothing { "no access" } else { &*plural };
        expect(page.at("h1")).to_have_text(exact(title).any_case()).await?;
        let offered = page.at(&format!("#open-create-{kind}")).is_visible().await?;
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
