//! Further pages, and downloads.

use callboard::thirtyfour::By;
use callboard::{Session, TestResult, e2e, expect};
use conformance::{SHORT, message};

const OPENS: &str = "document.body.innerHTML = \
    `<a id=link target=_blank href=/other>Link</a><button onclick=\"window.open('/other')\">Script</button>`";

#[e2e]
async fn a_page_that_opens_has_a_session_of_its_own(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.execute(OPENS, Vec::new()).await?;
    session.execute("document.cookie = 'a=b'", Vec::new()).await?;
    for opener in ["#link", "button"] {
        session.locator(opener).click().await?;
        let page = session.wait_for_page().await?;
        assert_eq!(page.url(), session.url_of("/other"));
        expect(page.locator("h1")).to_have_text("Other").await?;
        assert_eq!(page.execute("return document.cookie", Vec::new()).await?.json(), "a=b");
        assert_eq!(page.find(By::Css("h1")).await?.text().await?, "Other");
        page.goto("/").await?;
        expect(page.locator("h1")).to_have_text("Home").await?;
        expect(session.locator("h1")).to_have_count(0).await?;

        let pages = session.pages().await?;
        assert_eq!(pages.iter().map(Session::url).collect::<Vec<_>>(), [session.url_of("/"), page.url()]);
        page.close_page().await?;
        assert_eq!(session.pages().await?.len(), 1);
        insta::assert_snapshot!("closed", message(page.locator("h1").click().await));
    }
    Ok(())
}

#[e2e]
async fn each_page_is_given_once(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.execute("open('/other'); open('about:blank')", Vec::new()).await?;
    let (one, other) = (session.wait_for_page().await?, session.wait_for_page().await?);
    assert_eq!((&*one.url(), &*other.url()), (&*session.url_of("/other"), "about:blank"));
    insta::assert_snapshot!("no_page", message(session.wait_for_page().within(SHORT).await));
    // A page of a page is one of the session, too.
    other.execute("open('/missing')", Vec::new()).await?;
    assert_eq!(session.wait_for_page().await?.url(), session.url_of("/missing"));
    Ok(())
}

#[e2e]
async fn says_that_a_page_has_not_loaded(session: &Session) -> TestResult {
    session.goto("/").await?;
    let last = session.wait_for_request("/never");
    session.execute("open('/slow-part')", Vec::new()).await?;
    // It is as far as it gets.
    last.await?;
    insta::assert_snapshot!("page_not_loaded", message(session.wait_for_page().within(SHORT).await));
    Ok(())
}

#[e2e]
async fn a_download_is_kept(session: &Session) -> TestResult {
    session.goto("/files").await?;
    for name in ["courses.csv", "courses-2.csv"] {
        let download = session.wait_for_download();
        session.locator("#file").click().await?;
        let download = download.await?;
        assert_eq!((download.suggested_name(), download.url()), ("courses.csv", &*session.url_of("/file")));
        let path = download.path().await?;
        assert_eq!(path.file_name().and_then(|name| name.to_str()), Some(name));
        assert_eq!(std::fs::read_to_string(&path)?, "title,slots\nAlgebra,3\n");
        assert_eq!(download.failure().await?, None);
        let copy = path.with_file_name("folder").join("copy.csv");
        download.save_as(&copy).await?;
        assert_eq!(std::fs::read_to_string(copy)?, "title,slots\nAlgebra,3\n");
    }
    // Also one for which a page opens, only to close again.
    let download = session.wait_for_download();
    session.locator("#page").click().await?;
    assert_eq!(download.await?.suggested_name(), "courses.csv");
    Ok(())
}

#[e2e(skip_if = (conformance::in_firefox(), "BiDi tells nothing of a download before its end"))]
async fn says_what_became_of_a_download(session: &Session) -> TestResult {
    session.goto("/files").await?;
    insta::assert_snapshot!("no_download", message(session.wait_for_download().within(SHORT).await));
    let stalled = session.wait_for_download();
    session.locator("#stalled").click().await?;
    let stalled = stalled.await?;
    insta::assert_snapshot!("stalled", message(stalled.path().within(SHORT).await));
    stalled.cancel();
    assert!(stalled.failure().await?.is_some());
    insta::assert_snapshot!("cancelled", message(stalled.path().await));
    let broken = session.wait_for_download();
    session.locator("#broken").click().await?;
    assert!(broken.await?.path().await.is_err());
    Ok(())
}
