//! Registering, verifying the address, a forgotten password: what people do who have no account or cannot use it.

use callboard::mail::to;
use callboard::{Mailbox, Session, Slot, TestResult, e2e, expect, matching};

use crate::support::{Api, Page, Person, Step};

const USED: &str = "This link was used already, or is too old.";

/// Fills in the form for registering at the slot's institution and sends it.
async fn register<'s>(anonymous: &'s Session, slot: &Slot, person: &Person) -> Step<Page<'s>> {
    let page = Page::open(anonymous, "/login").await?;
    page.press("#open-register").await?;
    page.arrives("/register").await?;
    let institution = format!("Worker {} College", slot.id());
    let fields = [
        ("display-name", &*person.name),
        ("email", &person.email),
        ("institution", &institution),
        ("password", &person.password),
    ];
    page.send("register", &fields).await?;
    Ok(page)
}

/// Waits for the page that says where the message went.
async fn sent(page: &Page<'_>, person: &Person) -> Step {
    let lead = format!("We have sent a message to {}. Please follow the link in it.", person.email);
    Ok(expect(page.at("#resend-lead")).to_have_text(lead).await?)
}

/// Opens the link in a message and presses the button there.
async fn verify(page: &Page<'_>, link: &str) -> Step {
    page.go(link).await?;
    page.send("verify", &[]).await?;
    Ok(expect(page.at("#login-notice")).to_have_text("Your address is verified. Please sign in.").await?)
}

/// Asks for a link to reset the password.
async fn forget(page: &Page<'_>, person: &Person) -> Step {
    page.go("/login").await?;
    page.press("#open-forgot-password").await?;
    page.arrives("/forgot-password").await?;
    page.send("forgot", &[("email", &person.email)]).await?;
    Ok(expect(page.at("#forgot-lead")).to_contain_text(&person.email).await?)
}

/// Chooses a new password with the link of a message.
async fn reset(page: &Page<'_>, link: &str, password: &str) -> Step {
    page.go(link).await?;
    page.send("reset", &[("password", password)]).await?;
    Ok(expect(page.at("#login-notice")).to_have_text("Your password was changed. Please sign in.").await?)
}

#[e2e(tags = ["mail", "smoke"])]
async fn tc_mail_reg_001_register_and_verify(
    anonymous: &Session,
    slot: &Slot,
    mailbox: &Mailbox,
) -> TestResult {
    let ida = Person::unknown("Ida Newcomer");
    let page = register(anonymous, slot, &ida).await?;
    sent(&page, &ida).await?;
    let message = mailbox.next(to(&*ida.email).subject_contains("Verify")).await?;
    let link = message.link("Verify my address")?;
    assert!(link.starts_with(&format!("{}/verify?token=", anonymous.base_url())), "the link is {link}");
    verify(&page, &link).await?;
    ida.sign_in(anonymous).await?;
    expect(page.at("#viewer-role")).to_have_text("Instructor").await?;
    let profile = Api::of(anonymous).await?.get("/profile").await?;
    assert_eq!(profile["institution_name"], format!("Worker {} College", slot.id()));
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["mail"])]
async fn tc_mail_reg_002_not_before_the_address_is_verified(
    session: &Session,
    anonymous: &Session,
    slot: &Slot,
    mailbox: &Mailbox,
) -> TestResult {
    let ida = Person::unknown("Ida Hasty");
    let page = register(anonymous, slot, &ida).await?;
    sent(&page, &ida).await?;
    mailbox.next(to(&*ida.email)).await?;
    page.go("/login").await?;
    page.sign_in(&ida.email, &ida.password).await?;
    page.refuses_sign_in(&ida.email, "Please verify your e-mail address first.").await?;
    assert_eq!(Api::of(anonymous).await?.status("/profile").await?, 401);
    let office = Page::open(session, "/users").await?;
    office.row(&ida.name).shows(&[("is_active", "Not verified")]).await?;

    page.press("#resend-submit").await?;
    sent(&page, &ida).await?;
    let again = mailbox.next(to(&*ida.email).subject_contains("Verify")).await?;
    verify(&page, &again.link("verify")?).await?;
    ida.sign_in(anonymous).await?;
    office.go("/users").await?;
    office.row(&ida.name).shows(&[("is_active", "Active")]).await?;
    Ok(())
}

#[e2e(tags = ["mail"])]
async fn tc_mail_reg_003_link_works_once(anonymous: &Session, slot: &Slot, mailbox: &Mailbox) -> TestResult {
    let ida = Person::unknown("Ida Twice");
    let page = register(anonymous, slot, &ida).await?;
    let link = mailbox.next(to(&*ida.email)).await?.link("Verify my address")?;
    page.go(&link).await?;
    expect(page.at("#verify-lead")).to_contain_text(&ida.email).await?;
    // Looking at it does not use it up: mail programs do that.
    verify(&page, &link).await?;
    page.go(&link).await?;
    expect(page.at("#resend-error")).to_have_text(USED).await?;

    // Whoever asks for another one although there is nothing to verify is told so, in the message.
    page.send("resend", &[("email", &ida.email)]).await?;
    let message = mailbox.next(to(&*ida.email).subject_contains("You have an account already")).await?;
    page.go(&message.link("Sign in")?).await?;
    ida.sign_in(anonymous).await?;
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["mail"])]
async fn tc_mail_reg_004_known_address_looks_like_any_other(
    session: &Session,
    anonymous: &Session,
    slot: &Slot,
    mailbox: &Mailbox,
) -> TestResult {
    let known = Person::instructor(session).await?;
    let taker = Person {
        password: "the password of a taker".into(),
        email: known.email.clone(),
        ..Person::unknown("Taker")
    };
    let page = register(anonymous, slot, &taker).await?;
    sent(&page, &known).await?;
    let message = mailbox.next(to(&*known.email)).await?;
    assert_eq!(message.subject(), "You have an account already");
    let users = Api::of(session).await?.matching("users", "email", &*known.email).await?;
    assert_eq!(users.len(), 1);
    assert_eq!(users[0]["display_name"], known.name);
    page.go("/login").await?;
    page.sign_in(&taker.email, &taker.password).await?;
    page.refuses_sign_in(&taker.email, "E-mail or password is wrong.").await?;
    known.sign_in(anonymous).await?;
    Ok(())
}

#[e2e(tags = ["mail"])]
async fn tc_mail_reg_005_refused_message_can_be_tried_again(
    anonymous: &Session,
    slot: &Slot,
    mailbox: &Mailbox,
) -> TestResult {
    let ida = Person::unknown("Ida Full");
    let refused = mailbox.refuse(to(&*ida.email), 552, "mailbox full").await;
    let page = register(anonymous, slot, &ida).await?;
    expect(page.at("#register-error")).to_contain_text("mailbox full").await?;
    expect(page.at("#register-error")).to_contain_text(&ida.email).await?;
    assert_eq!(refused.count().await, 1);

    mailbox.reset_delivery().await;
    // All but the password is still in the form.
    page.send("register", &[("password", &ida.password)]).await?;
    sent(&page, &ida).await?;
    verify(&page, &mailbox.next(to(&*ida.email)).await?.link("verify")?).await?;
    ida.sign_in(anonymous).await?;
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["mail", "smoke"])]
async fn tc_mail_rst_001_reset_a_forgotten_password(
    session: &Session,
    anonymous: &Session,
    mailbox: &Mailbox,
) -> TestResult {
    let person = Person::instructor(session).await?;
    let page = Page::open(anonymous, "/login").await?;
    forget(&page, &person).await?;
    let message = mailbox.next(to(&*person.email).subject_contains("Reset your password")).await?;
    let link = message.link("Choose a new password")?;
    page.go(&link).await?;
    page.send("reset", &[("password", "short")]).await?;
    expect(page.at("#reset-password-error")).to_have_text("Please use at least 8 characters.").await?;
    reset(&page, &link, "a better password").await?;
    page.sign_in(&person.email, &person.password).await?;
    page.refuses_sign_in(&person.email, "E-mail or password is wrong.").await?;
    page.sign_in(&person.email, "a better password").await?;
    page.arrives("/dashboard").await?;
    page.press("#sign-out").await?;
    page.arrives("/login").await?;
    page.go(&link).await?;
    expect(page.at("#forgot-error")).to_have_text(USED).await?;
    Ok(())
}

#[e2e(roles = ["institution_admin"], tags = ["mail"])]
async fn tc_mail_rst_002_reset_ends_sessions(
    institution_admin: &Session,
    anonymous: &Session,
    mailbox: &Mailbox,
) -> TestResult {
    // The same person at two places: signed in here, and with the message somewhere else.
    let person = Person::instructor(institution_admin).await?;
    let page = person.sign_in(anonymous).await?;
    forget_elsewhere(institution_admin, &person).await?;
    let link = mailbox.next(to(&*person.email)).await?.link("Choose a new password")?;
    assert_eq!(
        Api::of(anonymous).await?.status("/profile").await?,
        200,
        "asking for a link ends the session"
    );
    let elsewhere = Page::open(institution_admin, &link).await?;
    elsewhere.send("reset", &[("password", "a better password")]).await?;
    expect(institution_admin).not().to_have_url(matching("/reset-password")).await?;

    assert_eq!(Api::of(anonymous).await?.status("/profile").await?, 401, "the session goes on");
    page.go("/sections").await?;
    page.arrives("/login").await?;
    page.sign_in(&person.email, "a better password").await?;
    page.arrives("/sections").await?;
    Ok(())
}

/// The form for a forgotten password can be used in any browser, also in one where somebody is signed in.
async fn forget_elsewhere(session: &Session, person: &Person) -> Step {
    let page = Page::open(session, "/forgot-password").await?;
    page.send("forgot", &[("email", &person.email)]).await?;
    Ok(expect(page.at("#forgot-lead")).to_contain_text(&person.email).await?)
}

#[e2e(tags = ["mail", "smoke"])]
async fn complete_registration_and_password_workflow(
    anonymous: &Session,
    slot: &Slot,
    mailbox: &Mailbox,
) -> TestResult {
    let mut ida = Person::unknown("Ida Complete");
    let page = register(anonymous, slot, &ida).await?;
    sent(&page, &ida).await?;
    let message = mailbox.next(to(&*ida.email).subject_contains("Verify")).await?;
    verify(&page, &message.link("Verify my address")?).await?;
    let welcome = mailbox.next(to(&*ida.email).subject_contains("Welcome")).await?;
    page.go(&welcome.link("Sign in")?).await?;
    page.sign_in(&ida.email, &ida.password).await?;
    page.arrives("/dashboard").await?;
    expect(page.at(".lead")).to_have_text(format!("Welcome, {}.", ida.name)).await?;

    // Change it while it is known.
    page.go("/profile").await?;
    page.press("#open-change-password").await?;
    page.fill("current-password", &ida.password).await?;
    page.fill("new-password", "the second password").await?;
    page.press("dialog[open] [type=submit]").await?;
    page.says("Your password was changed.").await?;
    page.press("#sign-out").await?;
    page.arrives("/login").await?;
    page.sign_in(&ida.email, &ida.password).await?;
    page.refuses_sign_in(&ida.email, "E-mail or password is wrong.").await?;

    // Forget it, and choose a third one.
    forget(&page, &ida).await?;
    let message = mailbox.next(to(&*ida.email).subject_contains("Reset")).await?;
    ida.password = "the third password".into();
    reset(&page, &message.link("Choose a new password")?, &ida.password).await?;
    ida.sign_in(anonymous).await?;
    let profile = Api::of(anonymous).await?.get("/profile").await?;
    assert_eq!((&profile["display_name"], &profile["email"]), (&ida.name.into(), &ida.email.into()));
    Ok(())
}
