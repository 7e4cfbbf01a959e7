//! Reminding instructors of their assessments: each message of a test goes to somebody who exists for it.

use callboard::mail::{subject_contains, to};
use callboard::{Locator, Mailbox, Session, TestResult, e2e, expect};
use serde_json::{Value, json};

use crate::support::{Api, Lecture, Page, Person, Step, unique};

/// How many messages went to an address.
async fn received(mailbox: &Mailbox, email: &str) -> usize {
    let messages = mailbox.messages().await;
    messages.iter().filter(|message| message.to().iter().any(|to| to == email)).count()
}

/// What the page says above its table.
fn alert(page: Page<'_>) -> Locator {
    page.at("#page-error")
}

/// Opens the dialog and chooses these sections and no others.
async fn choose(page: &Page<'_>, sections: &[(&str, &Person)]) -> Step {
    page.press("#open-create-reminder").await?;
    page.press("dialog[open] [data-role=none]").await?;
    for (label, teacher) in sections {
        page.fill("reminder-sections", &format!("{label}, {}", teacher.name)).await?;
    }
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["mail", "smoke"])]
async fn tc_mail_rem_001_remind_an_instructor(session: &Session, mailbox: &Mailbox) -> TestResult {
    let (section, teacher) = Lecture::new(session).await?.taught(session, "001").await?;
    let page = Page::open(session, "/sections").await?;
    page.row(&section.label).shows(&[("reminded_at", "")]).await?;
    page.press_in_row(&section.label, "remind").await?;
    page.says(&format!("{} was reminded of {}.", teacher.name, section.label)).await?;
    expect(page.row(&section.label).cell("reminded_at")).not().to_be_empty().await?;

    let message = mailbox.next(to(&*teacher.email).subject_contains("Reminder")).await?;
    assert_eq!(message.subject(), format!("Reminder: assessments of {}", section.label));
    assert!(message.text().contains(&format!("Hello {},", teacher.name)), "{}", message.text());
    let held = Api::of(session).await?.get(&section.path()).await?;
    assert!(held["reminded_at"].is_string(), "the server holds {held}");
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["mail"])]
async fn tc_mail_rem_002_link_leads_to_the_section(
    session: &Session,
    anonymous: &Session,
    mailbox: &Mailbox,
) -> TestResult {
    let lecture = Lecture::new(session).await?;
    let (section, teacher) = lecture.taught(session, "001").await?;
    let page = Page::open(session, "/sections").await?;
    page.press_in_row(&section.label, "remind").await?;
    let message = mailbox.next(to(&*teacher.email)).await?;

    let desk = Page::open(anonymous, &message.link("Open the section")?).await?;
    expect(anonymous).to_have_url(format!("/login?next={}", section.path())).await?;
    desk.sign_in(&teacher.email, &teacher.password).await?;
    desk.arrives(&section.path()).await?;
    expect(desk.at("h1")).to_have_text(format!("{}-001 Roman Law", lecture.code)).await?;
    let exam = [
        ("name", "Final"),
        ("kind", "Exam"),
        ("weight", "100"),
        ("students-took", "9"),
        ("students-passed", "8"),
    ];
    desk.create("assessment", &exam).await?;
    desk.says("Assessment Final was created.").await?;
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["mail"])]
async fn tc_mail_rem_003_not_twice_in_a_short_time(session: &Session, mailbox: &Mailbox) -> TestResult {
    let (section, teacher) = Lecture::new(session).await?.taught(session, "001").await?;
    let page = Page::open(session, "/sections").await?;
    page.press_in_row(&section.label, "remind").await?;
    page.says(&format!("{} was reminded of {}.", teacher.name, section.label)).await?;
    page.press_in_row(&section.label, "remind").await?;
    let words =
        "This instructor was reminded of this section a short time ago. Please try again in 10 minutes.";
    expect(alert(page)).to_have_text(words).await?;
    let answer =
        Api::of(session).await?.send("POST", &format!("{}/remind", section.path()), json!({})).await?;
    assert_eq!(answer.status, 429, "it was answered with {}", answer.text);
    assert_eq!(received(mailbox, &teacher.email).await, 1);
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["mail", "smoke"])]
async fn tc_mail_rem_004_remind_the_chosen_ones(session: &Session, mailbox: &Mailbox) -> TestResult {
    let lecture = Lecture::new(session).await?;
    let (first, ada) = lecture.taught(session, "001").await?;
    let (second, bob) = lecture.taught(session, "002").await?;
    let (_, left_out) = lecture.taught(session, "003").await?;
    let page = Page::open(session, "/sections").await?;
    choose(&page, &[(&first.label, &ada), (&second.label, &bob)]).await?;
    page.press("dialog[open] [type=submit]").await?;
    page.says("2 of 2 reminders were sent.").await?;
    expect(page.at("#reminder-report")).to_be_hidden().await?;

    for (section, teacher) in [(&first, &ada), (&second, &bob)] {
        let message = mailbox.next(to(&*teacher.email)).await?;
        assert!(message.subject().ends_with(&section.label), "{message}");
    }
    assert_eq!(received(mailbox, &left_out.email).await, 0);
    Ok(())
}

#[e2e(role = "site_admin", tags = ["mail"])]
async fn tc_mail_rem_005_remind_all_with_a_note(
    session: &Session,
    anonymous: &Session,
    mailbox: &Mailbox,
) -> TestResult {
    // An institution of its own, so that all are those of this test.
    let principal = Person::principal(session).await?;
    principal.sign_in(anonymous).await?;
    let lecture = Lecture::new(anonymous).await?;
    let mut teachers = Vec::new();
    for number in ["001", "002", "003"] {
        teachers.push(lecture.taught(anonymous, number).await?.1);
    }
    let page = Page::open(anonymous, "/sections").await?;
    page.press("#open-create-reminder").await?;
    page.fill("reminder-note", "The committee meets on Friday.").await?;
    page.press("dialog[open] [type=submit]").await?;
    page.says("3 of 3 reminders were sent.").await?;
    for teacher in &teachers {
        let message = mailbox.next(to(&*teacher.email)).await?;
        assert!(message.text().contains("The committee meets on Friday."), "{}", message.text());
        assert!(message.text().contains(&format!("{} asks you", principal.name)), "{}", message.text());
    }
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["mail"])]
async fn tc_mail_rem_006_says_who_was_reminded_before(session: &Session, mailbox: &Mailbox) -> TestResult {
    let lecture = Lecture::new(session).await?;
    let (first, ada) = lecture.taught(session, "001").await?;
    let (second, bob) = lecture.taught(session, "002").await?;
    let page = Page::open(session, "/sections").await?;
    page.press_in_row(&first.label, "remind").await?;
    page.says(&format!("{} was reminded of {}.", ada.name, first.label)).await?;

    choose(&page, &[(&first.label, &ada), (&second.label, &bob)]).await?;
    page.press("dialog[open] [type=submit]").await?;
    page.says("1 of 2 reminders was sent.").await?;
    let words = format!("{}: This instructor was reminded of this section", first.label);
    expect(page.at(&format!("#reminder-report [data-id='{}']", first.id))).to_contain_text(words).await?;
    mailbox.next(to(&*bob.email)).await?;
    assert_eq!(received(mailbox, &ada.email).await, 1);
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["mail"])]
async fn tc_mail_rem_007_refused_message_can_be_sent_again(
    session: &Session,
    mailbox: &Mailbox,
) -> TestResult {
    let (section, teacher) = Lecture::new(session).await?.taught(session, "001").await?;
    let page = Page::open(session, "/sections").await?;
    let refused = mailbox.refuse(to(&*teacher.email), 452, "mailbox full").await;
    page.press_in_row(&section.label, "remind").await?;
    expect(alert(page)).to_contain_text("mailbox full").await?;
    expect(alert(page)).to_contain_text("try again later").await?;
    assert_eq!(refused.count().await, 1);
    page.row(&section.label).shows(&[("reminded_at", "")]).await?;

    mailbox.reset_delivery().await;
    page.press_in_row(&section.label, "remind").await?;
    page.says(&format!("{} was reminded of {}.", teacher.name, section.label)).await?;
    mailbox.next(to(&*teacher.email)).await?;
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["mail"])]
async fn tc_mail_rem_008_one_refusal_stops_no_other(session: &Session, mailbox: &Mailbox) -> TestResult {
    let lecture = Lecture::new(session).await?;
    let (first, ada) = lecture.taught(session, "001").await?;
    let (second, bob) = lecture.taught(session, "002").await?;
    mailbox.refuse(to(&*ada.email), 550, "no such user").await;
    let page = Page::open(session, "/sections").await?;
    choose(&page, &[(&first.label, &ada), (&second.label, &bob)]).await?;
    page.press("dialog[open] [type=submit]").await?;
    page.says("1 of 2 reminders was sent.").await?;
    expect(page.at("#reminder-report li")).to_contain_text(&ada.email).await?;
    expect(page.at("#reminder-report li")).to_contain_text("no such user").await?;
    mailbox.next(to(&*bob.email)).await?;
    assert_eq!(received(mailbox, &ada.email).await, 0);
    assert_eq!(Api::of(session).await?.get(&first.path()).await?["reminded_at"], Value::Null);
    Ok(())
}

#[e2e(role = "institution_admin", tags = ["mail"])]
async fn tc_mail_rem_009_nobody_to_remind(session: &Session, mailbox: &Mailbox) -> TestResult {
    let lecture = Lecture::new(session).await?;
    let free = lecture.section(session, "001", &Value::Null).await?;
    let (taught, teacher) = lecture.taught(session, "002").await?;
    let page = Page::open(session, "/sections").await?;
    let button = |id: &Value| page.at(&format!("tr[data-id='{id}'] [data-action='remind']"));
    expect(button(&taught.id)).to_be_visible().await?;
    expect(button(&free.id)).to_have_count(0).await?;

    page.press("#open-create-reminder").await?;
    let offered = page.at("#reminder-sections label");
    expect(offered.filter_text(&taught.label)).to_be_visible().await?;
    expect(offered.filter_text(&free.label)).to_have_count(0).await?;
    page.press("dialog[open] [data-role=none]").await?;
    page.press("dialog[open] [type=submit]").await?;
    page.finds_fault("reminder-sections", "Please choose from 1 to 200 sections.").await?;
    assert_eq!(received(mailbox, &teacher.email).await, 0);
    Ok(())
}

#[e2e(roles = ["program_admin", "instructor"], tags = ["mail"])]
async fn tc_mail_rem_010_program_admin_reminds_the_instructor(
    program_admin: &Session,
    instructor: &Session,
    mailbox: &Mailbox,
) -> TestResult {
    let api = Api::of(program_admin).await?;
    let known = api.only("courses", "code", "CS101").await?;
    let term = api.only("terms", "name", "Fall 2026").await?;
    let lecture = Lecture::within(&api, &known["program_id"], &term["id"]).await?;
    let profile = Api::of(instructor).await?.get("/profile").await?;
    let section = lecture.section(program_admin, "001", &profile["id"]).await?;
    let exam = json!({ "section_id": section.id, "name": unique("Exam"), "kind": "exam", "weight": 40,
        "students_took": 12, "students_passed": 11 });
    Api::of(instructor).await?.create("assessments", exam).await?;

    let office = Page::open(program_admin, "/sections").await?;
    office.press_in_row(&section.label, "remind").await?;
    let email = profile["email"].as_str().unwrap_or_default();
    let message = mailbox.next(to(email).and(subject_contains(&*section.label))).await?;
    assert!(message.text().contains("So far it has 1 assessment."), "{}", message.text());
    let desk = Page::open(instructor, &message.link("Open the section")?).await?;
    expect(desk.at("h1")).to_have_text(format!("{}-001 Roman Law", lecture.code)).await?;
    desk.go("/sections").await?;
    expect(desk.at("[data-action='remind'], #open-create-reminder").visible()).to_have_count(0).await?;
    Ok(())
}
