//! Registering and verifying the address.

use std::time::Duration;

use callboard::mail::{any, to};

use crate::client::PASSWORD;
use crate::site::{INSTRUCTOR, Site};

const IDA: &str = "ida@example.test";
const WORN_OUT: &str = "This link was used already, or is too old.";

#[tokio::test]
async fn who_registers_verifies_the_address_and_signs_in() {
    let site = Site::start().await;
    let page = site.register("Ida@Example.test", PASSWORD).await;
    assert_eq!((page.status, &*page.at("resend-lead")), (200, &*sent_to(IDA)));
    let (status, words) = site.sign_in(IDA, PASSWORD).await;
    assert_eq!((status, &*words), (401, "Please verify your e-mail address first."));

    let message = site.message(IDA, "Verify").await;
    assert_eq!(message.header("To"), Some("\"Ida Example\" <ida@example.test>"));
    assert_eq!(message.header("From"), Some("\"Course Records\" <no-reply@localhost>"));
    let link = message.link("Verify my address").expect("a link");
    assert!(link.starts_with(&format!("{}/verify?token=", site.server.url)), "{link}");
    assert!(message.text().contains(&link) && message.html().is_some(), "{}", message.text());

    let mut person = site.server.anonymous();
    // Mail programs look at links before people do.
    assert_eq!(person.open(&link).await.status, 200);
    let page = person.open(&link).await;
    assert_eq!(page.at("verify-lead"), "Is ida@example.test your e-mail address?");
    let page = person.fill(&page, "verify", &[]).await;
    assert_eq!(page.at("login-notice"), "Your address is verified. Please sign in.");
    assert_eq!(site.sign_in(IDA, PASSWORD).await.0, 200);
    let welcome = site.message(IDA, "Welcome").await;
    assert!(welcome.text().contains("Your account at Worker 0 College is ready."), "{}", welcome.text());
    assert_eq!(welcome.link("Sign in").expect("a link"), format!("{}/login", site.server.url));

    let admin = site.institution_admin().await;
    let users = admin.list("/users?search=ida@").await;
    assert_eq!((&users[0]["role"], &users[0]["is_verified"]), (&"instructor".into(), &true.into()));
}

fn sent_to(email: &str) -> String {
    format!("We have sent a message to {email}. Please follow the link in it.")
}

#[tokio::test]
async fn a_link_works_once_and_for_two_days() {
    let site = Site::start().await;
    let link = site.registered(IDA).await;
    let mut person = site.server.anonymous();
    let page = person.open(&link).await;
    site.change("UPDATE tokens SET expires_at = unixepoch()");
    for page in [person.fill(&page, "verify", &[]).await, person.open(&link).await] {
        assert_eq!((page.status, &*page.at("resend-error")), (410, WORN_OUT));
    }
    assert_eq!(site.sign_in(IDA, PASSWORD).await.0, 401);

    // That page offers another message.
    let page = person.open(&link).await;
    assert_eq!(person.fill(&page, "resend", &[("email", IDA)]).await.at("resend-lead"), sent_to(IDA));
    let link = site.message(IDA, "Verify").await.link("verify").expect("a link");
    let seconds = "tokens WHERE purpose = 'verify' AND expires_at - unixepoch() BETWEEN 172790 AND 172800";
    assert_eq!(site.count(seconds), 1);
    let page = person.open(&link).await;
    assert!(person.fill(&page, "verify", &[]).await.has("login-notice"));
    let again = person.fill(&page, "verify", &[]).await;
    assert_eq!((again.status, &*again.at("resend-error")), (410, WORN_OUT));
    assert_eq!(person.open(&link).await.status, 410);
    for token in ["", "0", "%27", "ffffffffffffffffffffffffffffffff"] {
        assert_eq!(person.open(&format!("/verify?token={token}")).await.status, 410, "{token}");
    }
}

#[tokio::test]
async fn the_link_is_a_secret_that_only_its_reader_has() {
    let site = Site::start().await;
    let link = site.registered(IDA).await;
    let token = link.split_once('=').expect("a token").1;
    assert_eq!(token.len(), 32);
    let kept: String =
        site.server.connection().query_row("SELECT hash FROM tokens", [], |row| row.get(0)).expect("a token");
    assert!(kept.len() == 64 && !kept.contains(token), "{kept}");
    let mut person = site.server.anonymous();
    let page = person.open(&link).await;
    person.fill(&page, "verify", &[]).await;
    let log = site.server.log();
    assert!(!log.contains(token) && !log.contains(IDA) && log.contains("POST /verify 303"), "{log}");
    // It verifies an address, and does nothing else.
    site.change(&format!("UPDATE users SET is_verified = 0 WHERE email = '{IDA}'"));
    person.open("/forgot-password").await;
    person.send_form("/forgot-password", "forgot", &[("email", IDA)]).await;
    let reset = site.message(IDA, "Reset").await.link("Choose").expect("a link");
    let crossed = reset.replace("/reset-password", "/verify");
    assert_eq!(person.open(&crossed).await.status, 410);
}

#[tokio::test]
async fn nobody_learns_which_addresses_have_an_account() {
    let site = Site::start().await;
    let (users, known) = (site.count("users"), site.register(INSTRUCTOR, PASSWORD).await);
    assert_eq!((known.status, &*known.at("resend-lead")), (200, &*sent_to(INSTRUCTOR)));
    assert_eq!(site.count("users"), users);
    let message = site.message(INSTRUCTOR, "You have an account already").await;
    assert_eq!(message.link("Sign in").expect("a link"), format!("{}/login", site.server.url));
    assert_eq!(site.sign_in(INSTRUCTOR, PASSWORD).await.0, 200, "the account is as it was");

    let new = site.register(IDA, PASSWORD).await;
    let without = |page: &str, address: &str| {
        let token = crate::client::between(page, "name=\"csrf_token\" value=\"", "\"").to_owned();
        page.replace(address, "").replace(&token, "")
    };
    assert_eq!(without(&new.text, IDA), without(&known.text, INSTRUCTOR));
    // The same when it is asked for again, and for an address that nobody has.
    let mut person = site.server.anonymous();
    for (email, subject) in
        [(INSTRUCTOR, "You have an account already"), ("nobody@example.test", "There is no account")]
    {
        let page = person.open("/verify").await;
        let page = person.fill(&page, "resend", &[("email", email)]).await;
        assert_eq!((page.status, &*page.at("resend-lead")), (200, &*sent_to(email)));
        site.message(email, subject).await;
    }
}

#[tokio::test]
async fn registering_again_goes_on_with_the_later_password() {
    let site = Site::start().await;
    let first = site.registered(IDA).await;
    assert_eq!(site.register(IDA, "the later password").await.status, 200);
    let second = site.message(IDA, "Verify").await.link("verify").expect("a link");
    let mut person = site.server.anonymous();
    assert_eq!(person.open(&first).await.status, 410, "it would verify somebody else's password");
    person.send_form(&second, "verify", &[]).await;
    assert_eq!(site.sign_in(IDA, PASSWORD).await.0, 401);
    assert_eq!(site.sign_in(IDA, "the later password").await.0, 200);
    assert_eq!(site.count("users WHERE email LIKE 'ida@%'"), 1);
}

#[tokio::test]
async fn who_is_not_verified_has_the_message_sent_again() {
    let site = Site::start().await;
    let first = site.registered(IDA).await;
    let mut person = site.server.anonymous();
    let login = [("email", IDA), ("password", PASSWORD)];
    let page = person.send_form("/login", "login", &login).await;
    let wrong = person.send_form("/login", "login", &[("email", IDA), ("password", "guessed")]).await;
    assert!(page.has("resend-submit") && !wrong.has("resend-submit"));
    assert_eq!(wrong.at("login-error"), "E-mail or password is wrong.");
    assert_eq!(person.fill(&page, "resend", &[]).await.status, 200);
    site.message(IDA, "Verify").await;
    // The earlier message may be the one that arrives.
    assert!(person.send_form(&first, "verify", &[]).await.has("login-notice"));
}

#[tokio::test]
async fn a_refused_message_is_reported_and_registering_again_works() {
    let site = Site::start().await;
    for (code, status, words) in [
        (
            550,
            502,
            "The mail server refused the message to ida@example.test: 550 5.1.0 no such user. Please check the address.",
        ),
        (
            451,
            503,
            "The mail server did not take the message to ida@example.test now: 451 4.1.0 no such user. Please try again later.",
        ),
    ] {
        let rule = site.mailbox.refuse(to(IDA), code, "no such user").await;
        let page = site.register(IDA, PASSWORD).await;
        assert_eq!((page.status, &*page.at("register-error")), (status, words));
        assert!(page.text.contains("value=\"ida@example.test\""), "the form is empty");
        assert_eq!(rule.count().await, 1);
        site.mailbox.reset_delivery().await;
    }
    assert_eq!(site.sign_in(IDA, PASSWORD).await.1, "Please verify your e-mail address first.");
    let link = site.registered(IDA).await;
    assert!(site.server.anonymous().send_form(&link, "verify", &[]).await.has("login-notice"));
}

#[tokio::test]
async fn a_mail_server_that_does_not_answer_keeps_nobody_waiting() {
    let site = Site::start_with(&["--mail-timeout", "1"]).await;
    site.mailbox.delay(any(), Duration::from_mins(10)).await;
    let page = site.register(IDA, PASSWORD).await;
    let words = "The mail server cannot be reached. Please try again later.";
    assert_eq!((page.status, &*page.at("register-error")), (503, words));
    assert_eq!(site.server.anonymous().status("/login").await, 200);
}

#[tokio::test]
async fn forms_say_what_is_wrong_and_come_from_our_pages_only() {
    let site = Site::start().await;
    let mut person = site.server.anonymous();
    let fields =
        [("display_name", ""), ("email", "ida <x@y.test>"), ("institution_id", "999"), ("password", "short")];
    let page = person.send_form("/register", "register", &fields).await;
    assert_eq!((page.status, &*page.at("register-error")), (422, "Please correct the marked fields."));
    for (field, words) in [
        ("display-name", "This field is required."),
        ("email", "Please enter an e-mail address."),
        ("institution", "Please choose one."),
        ("password", "Please use at least 8 characters."),
    ] {
        assert_eq!(page.at(&format!("register-{field}-error")), words);
    }
    assert!(!page.text.contains("short"), "the password comes back");
    for path in ["/register", "/verify", "/verify/again", "/forgot-password", "/reset-password"] {
        let body = "email=ida%40example.test&csrf_token=x";
        let answer = site
            .server
            .anonymous()
            .request(reqwest::Method::POST, path, Some(crate::client::FORM), body)
            .await;
        assert_eq!(answer.status(), 403, "{path}");
    }
    assert_eq!(site.mailbox.messages().await.len(), 0);
}

#[tokio::test]
async fn nobody_fills_a_strangers_mailbox() {
    let site = Site::start().await;
    for email in [INSTRUCTOR, "nobody@example.test"] {
        for path_and_form in [("/verify", "resend"), ("/forgot-password", "forgot")].iter().cycle().take(5) {
            let mut person = site.server.anonymous();
            let page = person.open(path_and_form.0).await;
            let page = person.fill(&page, path_and_form.1, &[("email", email)]).await;
            assert_eq!(page.status, 200, "{}", page.text);
        }
        let page = site.register(email, PASSWORD).await;
        let words = "Too many messages were requested for this address. Please try again in 15 minutes.";
        assert_eq!((page.status, &*page.at("register-error")), (429, words), "{email}");
    }
    assert_eq!(site.mailbox.messages().await.len(), 10);
    site.change("UPDATE mail_requests SET requested_at = requested_at - 900");
    assert_eq!(site.register(INSTRUCTOR, PASSWORD).await.status, 200);
}

#[tokio::test]
async fn two_at_once_get_one_account() {
    let site = Site::start().await;
    let (a, b, c, d) = tokio::join!(
        site.register(IDA, PASSWORD),
        site.register("IDA@example.test", PASSWORD),
        site.register(IDA, PASSWORD),
        site.register("Ida@Example.test", PASSWORD),
    );
    assert_eq!([a.status, b.status, c.status, d.status], [200; 4]);
    assert_eq!(site.count("users WHERE email LIKE 'ida@%'"), 1);
    // The links of all but the last are worn out.
    let mut good = 0;
    for _ in 0..4 {
        let link = site.message(IDA, "Verify").await.link("verify").expect("a link");
        good += u32::from(site.server.anonymous().open(&link).await.status == 200);
    }
    assert_eq!(good, 1);
}

#[tokio::test]
async fn links_begin_with_the_public_url() {
    let site = Site::start_with(&[
        "--public-url",
        "https://records.example.test/app/",
        "--mail-from",
        "Registry <registry@example.test>",
    ])
    .await;
    assert_eq!(site.register(IDA, PASSWORD).await.status, 200);
    let message = site.message(IDA, "Verify").await;
    assert_eq!(message.from(), "registry@example.test");
    let link = message.link("verify").expect("a link");
    assert!(link.starts_with("https://records.example.test/app/verify?token="), "{link}");
}
