//! Signing in and out. What ends a session or changes a password is done by people who exist for the test only.

use callboard::{Account, Session, TestResult, e2e};
use serde_json::Value;

use crate::support::{Api, Page, Person};

const COOKIE: &str = "course_records_session";

#[e2e(role = "instructor", tags = ["smoke"])]
async fn tc_auth_001_sign_in(anonymous: &Session, account: &Account) -> TestResult {
    let page = Page::open(anonymous, "/login").await?;
    page.sign_in(account.username(), account.password()).await?;
    page.arrives("/dashboard").await?;
    assert_eq!(page.text("#viewer-role").await?, "Instructor");

    let profile = Api::of(anonymous).await?.get("/profile").await?;
    assert_eq!(profile["email"], account.username());
    let cookie = anonymous.get_named_cookie(COOKIE).await?;
    assert_eq!(cookie.http_only, Some(true), "scripts can read the cookie of the session");
    page.go("/login").await?;
    assert_eq!(page.address().await?, "/dashboard", "who is signed in is asked to sign in");
    Ok(())
}

#[e2e(role = "instructor", tags = ["smoke"])]
async fn tc_auth_002_wrong_password(anonymous: &Session, account: &Account) -> TestResult {
    let page = Page::open(anonymous, "/login").await?;
    for (email, password) in
        [(account.username(), "not the password"), ("nobody@example.test", account.password())]
    {
        page.sign_in(email, password).await?;
        // The same words for both, so that nobody learns who has an account.
        assert_eq!(page.sign_in_refusal(email).await?, "E-mail or password is wrong.");
        assert_eq!(Api::of(anonymous).await?.status("/profile").await?, 401, "{email} is signed in");
    }
    page.sign_in(account.username(), account.password()).await?;
    page.arrives("/dashboard").await?;
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["smoke"])]
async fn tc_auth_003_sign_out(session: &Session, anonymous: &Session) -> TestResult {
    let person = Person::instructor(session).await?;
    let page = person.sign_in(anonymous).await?;
    let cookie = anonymous.get_named_cookie(COOKIE).await?;
    page.press("#sign-out").await?;
    page.arrives("/login").await?;
    assert_eq!(Api::of(anonymous).await?.status("/profile").await?, 401);

    // The session itself is over, not only forgotten by this browser.
    anonymous.add_cookie(cookie).await?;
    assert_eq!(Api::of(anonymous).await?.status("/profile").await?, 401, "the old cookie still works");
    page.go("/dashboard").await?;
    assert_eq!(page.address().await?, "/login?next=/dashboard");
    Ok(())
}

#[e2e(role = "program_admin")]
async fn tc_auth_004_back_to_the_page_that_was_wanted(anonymous: &Session, account: &Account) -> TestResult {
    let page = Page::open(anonymous, "/courses?of=mine").await?;
    assert_eq!(page.address().await?, "/login?next=/courses%3Fof%3Dmine");
    assert_eq!(Api::of(anonymous).await?.status("/courses").await?, 401);
    page.sign_in(account.username(), account.password()).await?;
    page.arrives("/courses").await?;
    assert_eq!(page.address().await?, "/courses?of=mine");
    assert_eq!(page.text("h1").await?, "Courses");
    assert_eq!(Api::of(anonymous).await?.status("/courses").await?, 200);
    Ok(())
}

#[e2e(role = "program_admin")]
async fn tc_auth_005_never_on_to_another_site(anonymous: &Session, account: &Account) -> TestResult {
    let page = Page::open(anonymous, "/login?next=//elsewhere.test/courses").await?;
    page.sign_in(account.username(), account.password()).await?;
    page.arrives("/dashboard").await?;
    let address = anonymous.current_url().await?;
    assert!(address.as_str().starts_with(anonymous.base_url()), "it went on to {address}");
    assert_eq!(Api::of(anonymous).await?.get("/profile").await?["email"], account.username());
    Ok(())
}

#[e2e(role = "institution_admin")]
async fn tc_auth_006_session_gone_meanwhile(session: &Session, account: &Account) -> TestResult {
    let page = Page::open(session, "/programs").await?;
    session.delete_cookie(COOKIE).await?;
    page.fill("search", "Mathematics").await?;
    page.arrives("/login").await?;
    assert_eq!(page.address().await?, "/login?next=%2Fprograms");
    assert_eq!(Api::of(session).await?.status("/programs").await?, 401);

    page.sign_in(account.username(), account.password()).await?;
    page.arrives("/programs").await?;
    assert_eq!(page.text("#viewer-role").await?, "Institution admin");
    assert_eq!(Api::of(session).await?.get("/profile").await?["email"], account.username());
    Ok(())
}

#[e2e(role = "institution_admin")]
async fn tc_auth_007_deactivated_while_at_work(session: &Session, anonymous: &Session) -> TestResult {
    let person = Person::instructor(session).await?;
    let theirs = person.sign_in(anonymous).await?;
    let users = Page::open(session, "/users").await?;
    users.press_in_row(&person.name, "deactivate").await?;
    users.says(&format!("{} was deactivated.", person.name)).await?;
    let user = Api::of(session).await?.get(&format!("/users/{}", person.id)).await?;
    assert_eq!(user["is_active"], false);

    assert_eq!(Api::of(anonymous).await?.status("/profile").await?, 401, "the session goes on");
    theirs.go("/sections").await?;
    assert_eq!(theirs.address().await?, "/login?next=/sections");
    theirs.sign_in(&person.email, &person.password).await?;
    assert_eq!(theirs.sign_in_refusal(&person.email).await?, "This account has been deactivated.");
    Ok(())
}

#[e2e(role = "institution_admin")]
async fn tc_auth_008_change_password(session: &Session, anonymous: &Session) -> TestResult {
    let person = Person::instructor(session).await?;
    person.sign_in(anonymous).await?;
    let page = Page::open(anonymous, "/profile").await?;
    page.press("#open-change-password").await?;
    page.fill("current-password", "not the password").await?;
    page.fill("new-password", "a better password").await?;
    page.press("dialog[open] [type=submit]").await?;
    let refusal = page.refusal().await?;
    assert!(refusal.contains("current-password: This is not your current password."), "{refusal}");
    page.fill("current-password", &person.password).await?;
    page.press("dialog[open] [type=submit]").await?;
    page.says("Your password was changed.").await?;

    page.press("#sign-out").await?;
    page.arrives("/login").await?;
    page.sign_in(&person.email, &person.password).await?;
    assert_eq!(page.sign_in_refusal(&person.email).await?, "E-mail or password is wrong.");
    page.sign_in(&person.email, "a better password").await?;
    page.arrives("/dashboard").await?;
    assert_eq!(Api::of(anonymous).await?.get("/profile").await?["id"], person.id);
    Ok(())
}

#[e2e]
async fn tc_auth_009_nobody_sees_anything(anonymous: &Session) -> TestResult {
    let page = Page::open(anonymous, "/login").await?;
    let api = Api::of(anonymous).await?;
    for kind in ["institutions", "programs", "courses", "terms", "offerings", "sections", "users"] {
        page.go(&format!("/{kind}")).await?;
        assert_eq!(page.address().await?, format!("/login?next=/{kind}"));
        let answer = api.send("GET", &format!("/{kind}"), Value::Null).await?;
        assert_eq!((answer.status, &*answer.error()), (401, "Please sign in."), "for {kind}");
    }
    assert!(!page.shows("nav").await?, "the sign-in page shows the navigation");
    Ok(())
}

#[e2e(role = "institution_admin")]
async fn tc_auth_010_new_password_ends_other_sessions(session: &Session, anonymous: &Session) -> TestResult {
    let person = Person::instructor(session).await?;
    let theirs = person.sign_in(anonymous).await?;
    let users = Page::open(session, "/users").await?;
    users.edit("user", &person.name, &[("password", "set by the admin")]).await?;
    users.says(&format!("User {} was saved.", person.name)).await?;

    assert_eq!(Api::of(anonymous).await?.status("/profile").await?, 401, "the session goes on");
    theirs.go("/dashboard").await?;
    theirs.arrives("/login").await?;
    theirs.sign_in(&person.email, "set by the admin").await?;
    theirs.arrives("/dashboard").await?;
    assert_eq!(Api::of(anonymous).await?.get("/profile").await?["email"], person.email);
    Ok(())
}
