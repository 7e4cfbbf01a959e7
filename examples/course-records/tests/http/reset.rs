//! A forgotten password.

use callboard::mail::to;

use crate::client::{PASSWORD, Server};
use crate::forms::Shown;
use crate::site::{INSTRUCTOR, Site};

const NEW: &str = "a new password";

impl Site {
    async fn forget(&self, email: &str) -> Shown {
        self.server.anonymous().send_form("/forgot-password", "forgot", &[("email", email)]).await
    }

    async fn reset_link(&self, email: &str) -> String {
        assert_eq!(self.forget(email).await.status, 200);
        self.message(email, "Reset your password").await.link("Choose a new password").expect("a link")
    }
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_and_ends_all_sessions() {
    let site = Site::start().await;
    let other_device = site.server.sign_in("instructor").await;
    let link = site.reset_link(INSTRUCTOR).await;
    let second = site.reset_link(INSTRUCTOR).await;
    assert_eq!(site.sign_in(INSTRUCTOR, PASSWORD).await.0, 200, "asking changes nothing");

    let mut person = site.server.anonymous();
    let page = person.open(&link).await;
    assert_eq!(page.at("reset-lead"), format!("For {INSTRUCTOR}. You will be signed out everywhere."));
    let weak = person.fill(&page, "reset", &[("password", "short")]).await;
    assert_eq!((weak.status, &*weak.at("reset-password-error")), (422, "Please use at least 8 characters."));
    let page = person.fill(&weak, "reset", &[("password", NEW)]).await;
    assert_eq!(page.at("login-notice"), "Your password was changed. Please sign in.");
    assert_eq!(other_device.status("/api/dashboard").await, 401);
    assert_eq!(site.sign_in(INSTRUCTOR, PASSWORD).await.0, 401);
    assert_eq!(site.sign_in(INSTRUCTOR, NEW).await.0, 200);

    // Both links have done their work.
    for page in [
        person.fill(&weak, "reset", &[("password", "the third password")]).await,
        person.open(&link).await,
        person.open(&second).await,
    ] {
        let words = "This link was used already, or is too old.";
        assert_eq!((page.status, &*page.at("forgot-error")), (410, words));
    }
    assert_eq!(site.sign_in(INSTRUCTOR, NEW).await.0, 200);
}

#[tokio::test]
async fn a_link_works_for_one_hour() {
    let site = Site::start().await;
    let link = site.reset_link(INSTRUCTOR).await;
    let mut person = site.server.anonymous();
    let page = person.open(&link).await;
    assert_eq!(site.count("tokens WHERE expires_at - unixepoch() BETWEEN 3590 AND 3600"), 1);
    site.change("UPDATE tokens SET expires_at = unixepoch()");
    assert_eq!(person.fill(&page, "reset", &[("password", NEW)]).await.status, 410);
    assert_eq!(person.open(&link).await.status, 410);
    assert_eq!(site.sign_in(INSTRUCTOR, PASSWORD).await.0, 200);
}

#[tokio::test]
async fn every_address_gets_the_same_answer_and_a_message_of_its_own() {
    let site = Site::start().await;
    site.change("UPDATE users SET is_active = 0 WHERE email = 'instructor_worker1@example.test'");
    for (email, subject, link) in [
        (INSTRUCTOR, "Reset your password", "/reset-password"),
        ("nobody@example.test", "There is no account with this address", "/register"),
        ("instructor_worker1@example.test", "Your account has been deactivated", ""),
    ] {
        let page = site.forget(email).await;
        let words = format!("We have sent a message to {email}. The link in it works for one hour.");
        assert_eq!((page.status, &*page.at("forgot-lead")), (200, &*words));
        let message = site.message(email, subject).await;
        let links: Vec<_> = message.links().iter().map(|link| link.url().to_owned()).collect();
        assert_eq!(links.len(), usize::from(!link.is_empty()), "{links:?}");
        assert!(links.iter().all(|url| url.contains(link)), "{links:?}");
    }
    let page = site.forget("no address").await;
    assert_eq!((page.status, &*page.at("forgot-email-error")), (422, "Please enter an e-mail address."));
}

#[tokio::test]
async fn a_refused_message_is_reported_and_asking_again_works() {
    let site = Site::start().await;
    site.mailbox.refuse(to(INSTRUCTOR), 452, "mailbox full").await;
    let page = site.forget(INSTRUCTOR).await;
    assert_eq!(page.status, 503);
    assert!(
        page.at("forgot-error").contains("452 4.1.0 mailbox full. Please try again later."),
        "{}",
        page.text
    );
    site.mailbox.reset_delivery().await;
    let link = site.reset_link(INSTRUCTOR).await;
    assert_eq!(site.server.anonymous().open(&link).await.status, 200);
}

#[tokio::test]
async fn the_link_also_verifies_the_address_but_not_of_a_closed_account() {
    let site = Site::start().await;
    let verification = site.registered("ida@example.test").await;
    let link = site.reset_link("ida@example.test").await;
    let mut person = site.server.anonymous();
    assert!(person.send_form(&link, "reset", &[("password", NEW)]).await.has("login-notice"));
    assert_eq!(site.sign_in("ida@example.test", NEW).await.0, 200);
    assert_eq!(person.open(&verification).await.status, 410);

    let link = site.reset_link(INSTRUCTOR).await;
    let page = person.open(&link).await;
    site.change("UPDATE users SET is_active = 0 WHERE email = 'instructor_worker0@example.test'");
    assert_eq!(person.fill(&page, "reset", &[("password", NEW)]).await.status, 410);
    assert_eq!(site.sign_in(INSTRUCTOR, PASSWORD).await.1, "This account has been deactivated.");
}

#[tokio::test]
async fn the_sign_in_page_leads_there() {
    let server = Server::start();
    let page = server.anonymous().open("/login").await;
    assert!(page.has("open-forgot-password") && page.has("open-register"));
    assert!(!server.anonymous().open("/login?notice=nonsense").await.has("login-notice"));
}
