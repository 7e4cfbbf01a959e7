//! Invitations: who administers asks somebody by e-mail to join.

use callboard::mail::to;
use callboard::{Mailbox, Session, Slot, TestResult, e2e, expect};
use serde_json::json;

use crate::support::{Api, Page, Person, Step};

/// Accepts an invitation with its link, up to the sign-in page.
async fn accept(page: &Page<'_>, link: &str, person: &Person) -> Step {
    page.go(link).await?;
    page.send("accept", &[("display-name", &person.name), ("password", &person.password)]).await?;
    expect(page.at("#login-notice")).to_have_text("Your account is ready. Please sign in.").await?;
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["mail", "smoke"])]
async fn tc_mail_inv_001_invite_a_program_admin(
    session: &Session,
    anonymous: &Session,
    slot: &Slot,
    mailbox: &Mailbox,
) -> TestResult {
    let ola = Person::unknown("Ola Invited");
    let program = format!("Mathematics (W{})", slot.id());
    let office = Page::open(session, "/users").await?;
    let fields = [("email", &*ola.email), ("role", "Program admin"), ("programs", &program)];
    office.create("invitation", &fields).await?;
    office.says(&format!("Invitation {} was sent.", ola.email)).await?;

    let message = mailbox.next(to(&*ola.email).subject_contains("invited")).await?;
    let words = format!("Your role will be: program admin for {program}.");
    assert!(message.text().contains(&words), "{}", message.text());
    let page = Page::open(anonymous, "/login").await?;
    accept(&page, &message.link("Accept the invitation")?, &ola).await?;
    ola.sign_in(anonymous).await?;
    page.go("/programs").await?;
    expect(page.column("name")).to_have_texts([&*program]).await?;
    let user = Api::of(session).await?.only("users", "email", &*ola.email).await?;
    assert_eq!((&user["role"], &user["programs"]), (&json!("program_admin"), &json!(program)));
    office.go("/invitations").await?;
    office.row(&ola.email).shows(&[("status", "Accepted")]).await?;
    Ok(())
}

#[e2e(role = "program_admin", tags = ["mail"])]
async fn tc_mail_inv_002_program_admin_invites_an_instructor(
    session: &Session,
    anonymous: &Session,
    mailbox: &Mailbox,
) -> TestResult {
    let ola = Person::unknown("Ola Lecturer");
    let office = Page::open(session, "/invitations").await?;
    mailbox.refuse(to(&*ola.email), 550, "no such user").await;
    office.create("invitation", &[("email", &ola.email), ("role", "Instructor")]).await?;
    expect(office.dialog()).to_contain_text("no such user").await?;
    let api = Api::of(session).await?;
    assert_eq!(api.matching("invitations", "email", &*ola.email).await?.len(), 0);
    let roles = office.at("#invitation-role option:not([value=''])");
    expect(roles).to_have_texts(["Program admin", "Instructor"]).await?;

    mailbox.reset_delivery().await;
    office.press("dialog[open] [type=submit]").await?;
    office.says(&format!("Invitation {} was sent.", ola.email)).await?;
    let message = mailbox.next(to(&*ola.email)).await?;
    let page = Page::open(anonymous, "/login").await?;
    accept(&page, &message.link("Accept the invitation")?, &ola).await?;
    ola.sign_in(anonymous).await?;
    expect(page.at("#viewer-role")).to_have_text("Instructor").await?;
    let offered = api.list("instructors").await?;
    assert!(offered.iter().any(|item| item["email"] == *ola.email), "she cannot be given a section");
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["mail"])]
async fn tc_mail_inv_003_send_again_and_withdraw(
    session: &Session,
    anonymous: &Session,
    mailbox: &Mailbox,
) -> TestResult {
    let ola = Person::unknown("Ola Undecided");
    let office = Page::open(session, "/invitations").await?;
    office.create("invitation", &[("email", &ola.email), ("role", "Institution admin")]).await?;
    office.says(&format!("Invitation {} was sent.", ola.email)).await?;
    let first = mailbox.next(to(&*ola.email)).await?.link("Accept the invitation")?;
    office.press("#close-toast").await?;
    office.press_in_row(&ola.email, "send").await?;
    office.says(&format!("Invitation {} was sent.", ola.email)).await?;
    let second = mailbox.next(to(&*ola.email)).await?.link("Accept the invitation")?;
    assert_ne!(first, second);
    let page = Page::open(anonymous, &first).await?;
    expect(page.at("#accept-lead")).to_contain_text(&ola.email).await?;

    office.delete(&ola.email).await?;
    office.says(&format!("Invitation {} was deleted.", ola.email)).await?;
    for link in [first, second] {
        page.go(&link).await?;
        let words = "This invitation was accepted or withdrawn, or is too old. Please ask for another one.";
        expect(page.at("#error-message")).to_have_text(words).await?;
    }
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["mail"])]
async fn tc_mail_wel_001_welcome_after_accepting(
    session: &Session,
    anonymous: &Session,
    slot: &Slot,
    mailbox: &Mailbox,
) -> TestResult {
    let ola = Person::unknown("Ola Welcome");
    let fields = json!({ "email": ola.email, "role": "instructor" });
    Api::of(session).await?.create("invitations", fields).await?;
    let invitation = mailbox.next(to(&*ola.email)).await?;
    let page = Page::open(anonymous, "/login").await?;
    accept(&page, &invitation.link("Accept the invitation")?, &ola).await?;

    let welcome = mailbox.next(to(&*ola.email).subject_contains("Welcome")).await?;
    let words =
        format!("Your account at Worker {} College is ready. You sign in with {}.", slot.id(), ola.email);
    assert!(welcome.text().contains(&words), "{}", welcome.text());
    page.go(&welcome.link("Sign in")?).await?;
    page.sign_in(&ola.email, &ola.password).await?;
    page.arrives("/dashboard").await?;
    expect(page.at(".lead")).to_have_text(format!("Welcome, {}.", ola.name)).await?;
    Ok(())
}
