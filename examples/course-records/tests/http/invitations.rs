//! Invitations: making, sending, accepting.

use callboard::mail::{Message, to};
use serde_json::{Value, json};

use crate::client::{PASSWORD, Person};
use crate::site::{INSTRUCTOR, Site};

const IDA: &str = "ida@example.test";

fn invitation(role: &str) -> Value {
    json!({ "email": IDA, "role": role })
}

fn link(message: &Message) -> String {
    message.link("Accept the invitation").expect("a link")
}

async fn accept(site: &Site, link: &str) -> (u16, bool) {
    let fields = [("display_name", "Ida"), ("password", PASSWORD)];
    let page = site.server.anonymous().send_form(link, "accept", &fields).await;
    (page.status, page.has("login-notice"))
}

async fn invite(admin: &Person, fields: Value) -> Value {
    let (status, item) = admin.api("POST", "/invitations", fields).await;
    assert_eq!(status, 201, "{item}");
    item
}

#[tokio::test]
async fn who_is_invited_gets_role_and_programs() {
    let site = Site::start().await;
    let admin = site.institution_admin().await;
    let program = admin.id_of("/programs", "name", "Mathematics (W0)").await;
    let mut fields = invitation("program_admin");
    fields["program_ids"] = json!([program]);
    let item = invite(&admin, fields).await;
    assert_eq!((&item["status"], &item["programs"]), (&json!("open"), &json!("Mathematics (W0)")));
    assert_eq!(item["invited_by"], "Institution admin 0");

    let message = site.message(IDA, "You are invited to Worker 0 College").await;
    let words = "Your role will be: program admin for Mathematics (W0).";
    assert!(message.text().contains(words), "{}", message.text());
    let mut person = site.server.anonymous();
    let page = person.open(&link(&message)).await;
    let lead = "You will be program admin of Worker 0 College, and sign in with ida@example.test.";
    assert_eq!(page.at("accept-lead"), lead);
    let wrong = person.fill(&page, "accept", &[("display_name", ""), ("password", "short")]).await;
    assert_eq!((wrong.status, &*wrong.at("accept-display-name-error")), (422, "This field is required."));
    let fields = [("display_name", "Ida"), ("password", PASSWORD)];
    let page = person.fill(&wrong, "accept", &fields).await;
    assert_eq!(page.at("login-notice"), "Your account is ready. Please sign in.");
    site.message(IDA, "Welcome").await;

    let ida = site.server.sign_in_as(IDA).await;
    assert_eq!(ida.list("/programs").await[0]["id"], program);
    let items = admin.list("/invitations").await;
    assert_eq!(items[0]["status"], "accepted");
    let path = format!("/invitations/{}", item["id"]);
    for (method, path) in [("PUT", path.clone()), ("POST", format!("{path}/send"))] {
        let (status, body) = admin.api(method, &path, invitation("instructor")).await;
        assert_eq!((status, &body["error"]), (409, &json!("This invitation was accepted already.")));
    }
    assert_eq!(admin.api("POST", "/invitations", invitation("instructor")).await.0, 409, "she is a user now");
}

#[tokio::test]
async fn a_link_works_once_for_seven_days_and_until_it_is_withdrawn() {
    let site = Site::start().await;
    let admin = site.institution_admin().await;
    let item = invite(&admin, invitation("instructor")).await;
    let path = format!("/invitations/{}", item["id"]);
    let first = link(&site.message(IDA, "invited").await);
    site.change(
        "UPDATE tokens SET expires_at = unixepoch(); UPDATE invitations SET expires_at = unixepoch()",
    );
    let page = site.server.anonymous().open(&first).await;
    let gone = "This invitation was accepted or withdrawn, or is too old. Please ask for another one.";
    assert_eq!((page.status, &*page.at("error-message")), (410, gone));
    assert_eq!(admin.list("/invitations").await[0]["status"], "expired");

    // Sent again, and again: whichever message is found first.
    for _ in 0..2 {
        let (status, item) = admin.api("POST", &format!("{path}/send"), Value::Null).await;
        assert_eq!((status, &item["status"]), (200, &json!("open")));
    }
    let (second, third) =
        (link(&site.message(IDA, "invited").await), link(&site.message(IDA, "invited").await));
    assert_eq!(accept(&site, &second).await, (200, true));
    for link in [&second, &third] {
        assert_eq!(site.server.anonymous().open(link).await.status, 410);
    }

    let other = json!({ "email": "ola@example.test", "role": "instructor" });
    let item = invite(&admin, other).await;
    let withdrawn = link(&site.message("ola@example.test", "invited").await);
    assert_eq!(admin.api("DELETE", &format!("/invitations/{}", item["id"]), Value::Null).await.0, 200);
    assert_eq!(site.server.anonymous().open(&withdrawn).await.status, 410);
}

#[tokio::test]
async fn an_invitation_that_reaches_nobody_is_not_there() {
    let site = Site::start().await;
    let admin = site.institution_admin().await;
    site.mailbox.refuse(to(IDA), 550, "no such user").await;
    let (status, body) = admin.api("POST", "/invitations", invitation("instructor")).await;
    let words = "The mail server refused the message to ida@example.test: 550 5.1.0 no such user. Please check the address.";
    assert_eq!((status, &body["error"]), (502, &json!(words)));
    assert_eq!(admin.list("/invitations").await.len(), 0);
    assert_eq!(site.count("tokens"), 0);

    site.mailbox.reset_delivery().await;
    let item = invite(&admin, invitation("instructor")).await;
    let first = link(&site.message(IDA, "invited").await);
    site.mailbox.refuse(to(IDA), 451, "later").await;
    let path = format!("/invitations/{}/send", item["id"]);
    assert_eq!(admin.api("POST", &path, Value::Null).await.0, 503);
    assert_eq!(admin.list("/invitations").await[0], item, "it stays as it was");
    assert_eq!(accept(&site, &first).await, (200, true));
}

#[tokio::test]
async fn nobody_is_invited_twice_or_in_vain() {
    let site = Site::start().await;
    let admin = site.institution_admin().await;
    let mut known = invitation("instructor");
    known["email"] = INSTRUCTOR.into();
    let (status, body) = admin.api("POST", "/invitations", known).await;
    assert_eq!((status, &body["error"]), (409, &json!("Another user already has this email.")));
    invite(&admin, invitation("instructor")).await;
    let (status, body) = admin.api("POST", "/invitations", invitation("program_admin")).await;
    assert_eq!((status, &body["error"]), (409, &json!("Another invitation already has this email.")));
    let (status, body) =
        admin.api("POST", "/invitations", json!({ "email": "x", "role": "site_admin" })).await;
    assert_eq!((status, body["fields"].as_object().map_or(0, serde_json::Map::len)), (422, 2));
    assert_eq!(site.mailbox.messages().await.len(), 1);

    // The later of two institutions loses; the person has one account.
    let neighbour = site.server.sign_in_as("institution_admin_worker1@example.test").await;
    invite(&neighbour, invitation("institution_admin")).await;
    let (first, second) =
        (link(&site.message(IDA, "Worker 0").await), link(&site.message(IDA, "Worker 1").await));
    assert_eq!(accept(&site, &first).await, (200, true));
    assert_eq!(accept(&site, &second).await, (409, false));
    assert_eq!(site.count("users WHERE email = 'ida@example.test'"), 1);
}

#[tokio::test]
async fn everybody_invites_within_reach() {
    let site = Site::start().await;
    let admin = site.institution_admin().await;
    let other = admin.id_of("/programs", "name", "Mathematics (W0)").await;
    let program_admin = site.server.sign_in("program_admin").await;
    let own = program_admin.list("/programs").await[0]["id"].clone();
    assert_eq!(program_admin.api("POST", "/invitations", invitation("institution_admin")).await.0, 422);
    for (programs, status) in [(json!([other]), 403), (json!([own]), 201)] {
        let mut fields = invitation("program_admin");
        fields["program_ids"] = programs;
        assert_eq!(program_admin.api("POST", "/invitations", fields).await.0, status);
    }
    assert_eq!(site.mailbox.messages().await.len(), 1);
    let item = program_admin.list("/invitations").await[0].clone();
    let path = format!("/invitations/{}", item["id"]);
    let (status, changed) = admin.api("PUT", &path, invitation("instructor")).await;
    assert_eq!((status, &changed["role"], &changed["programs"]), (200, &json!("instructor"), &json!("")));

    let instructor = site.server.sign_in("instructor").await;
    let neighbour = site.server.sign_in_as("institution_admin_worker1@example.test").await;
    assert_eq!(neighbour.list("/invitations").await, Vec::<Value>::new());
    for (person, list, one) in [(&instructor, 403, 403), (&neighbour, 200, 403)] {
        assert_eq!(person.status("/api/invitations").await, list);
        assert_eq!(person.status("/invitations").await, list);
        for (method, path) in [("GET", &path), ("DELETE", &path), ("POST", &format!("{path}/send"))] {
            assert_eq!(person.api(method, path, Value::Null).await.0, one, "{method} {path}");
        }
    }
    assert_eq!(instructor.api("POST", "/invitations", invitation("instructor")).await.0, 403);
    let site_admin = site.server.sign_in("site_admin").await;
    let (status, body) = site_admin.api("POST", "/invitations", invitation("instructor")).await;
    assert_eq!((status, body["fields"]["institution_id"].is_string()), (422, true));
    assert_eq!(site_admin.list("/invitations").await[0]["institution_name"], "Worker 0 College");
    assert_eq!(site.mailbox.messages().await.len(), 1);
}

#[tokio::test]
async fn an_invitation_stands_above_a_registration_that_nobody_verified() {
    let site = Site::start().await;
    let verification = site.registered(IDA).await;
    let admin = site.institution_admin().await;
    invite(&admin, invitation("institution_admin")).await;
    assert_eq!(accept(&site, &link(&site.message(IDA, "invited").await)).await, (200, true));
    let user = admin.list("/users?search=ida@").await[0].clone();
    assert_eq!((&user["role"], &user["is_verified"]), (&json!("institution_admin"), &json!(true)));
    assert_eq!(site.server.anonymous().open(&verification).await.status, 410);
    assert_eq!(site.sign_in(IDA, PASSWORD).await.0, 200);
}

#[tokio::test]
async fn instructors_who_are_not_verified_get_no_sections() {
    let site = Site::start().await;
    let link = site.registered(IDA).await;
    let admin = site.institution_admin().await;
    let instructors = || async { admin.list("/instructors?search=ida").await.len() };
    assert_eq!(instructors().await, 0);
    site.server.anonymous().send_form(&link, "verify", &[]).await;
    assert_eq!(instructors().await, 1);
}
