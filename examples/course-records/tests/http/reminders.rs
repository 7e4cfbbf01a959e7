//! Reminding instructors.

use callboard::mail::{subject_contains, to};
use serde_json::{Value, json};

use crate::client::Person;
use crate::site::{INSTRUCTOR, Site};

const TOO_SOON: &str =
    "This instructor was reminded of this section a short time ago. Please try again in 10 minutes.";

/// The ids of the first sections that somebody sees: two of CS101, one of CS102, and one of MATH101 that nobody
/// teaches, for those who administer that program.
async fn sections<const COUNT: usize>(admin: &Person) -> [i64; COUNT] {
    let mut ids = admin.list("/sections").await.into_iter().map(|item| item["id"].as_i64().expect("an id"));
    std::array::from_fn(|_| ids.next().expect("another section"))
}

async fn remind(person: &Person, section: i64, body: Value) -> (u16, Value) {
    person.api("POST", &format!("/sections/{section}/remind"), body).await
}

#[tokio::test]
async fn an_instructor_is_reminded_and_finds_the_section() {
    let site = Site::start().await;
    let admin = site.server.sign_in("program_admin").await;
    let [section] = sections(&admin).await;
    let (status, item) = remind(&admin, section, json!({ "note": "By Friday,\nplease <b>" })).await;
    assert_eq!((status, item["reminded_at"].is_string()), (200, true), "{item}");

    let message = site.message(INSTRUCTOR, "Reminder: assessments of CS101-001 · Fall 2026").await;
    for words in [
        "Hello Instructor 0,",
        "Program admin 0 asks you to complete the assessments of CS101-001 · Fall 2026, Introduction to Programming. So far it has 2 assessments.",
        "By Friday,\nplease <b>",
    ] {
        assert!(message.text().contains(words), "{words} in {}", message.text());
    }
    assert!(message.html().is_some_and(|html| html.contains("please &lt;b&gt;")), "{:?}", message.html());
    let link = message.link("Open the section").expect("a link");
    assert_eq!(link, format!("{}/sections/{section}", site.server.url));
    let mut instructor = site.server.sign_in("instructor").await;
    assert_eq!(instructor.open(&link).await.status, 200);
}

#[tokio::test]
async fn the_same_section_waits_and_others_do_not() {
    let site = Site::start().await;
    let admin = site.server.sign_in("program_admin").await;
    let [first, second] = sections(&admin).await;
    assert_eq!(remind(&admin, first, json!({})).await.0, 200);
    let answer = admin
        .request(
            reqwest::Method::POST,
            &format!("/api/sections/{first}/remind"),
            Some("application/json"),
            "{}",
        )
        .await;
    assert_eq!(answer.status(), 429);
    let wait: u64 = answer.headers()["retry-after"].to_str().expect("a number").parse().expect("a number");
    assert!((590..=600).contains(&wait), "{wait}");
    assert_eq!(answer.json::<Value>().await.expect("JSON")["error"], TOO_SOON);
    // Whoever asks.
    let other = site.institution_admin().await;
    assert_eq!(remind(&other, first, json!({})).await.0, 429);
    assert_eq!(remind(&other, second, json!({})).await.0, 200);
    site.change("UPDATE reminders SET sent_at = sent_at - 600");
    assert_eq!(remind(&admin, first, json!({})).await.0, 200);
    // Another instructor was not reminded of it yet.
    let new = json!({ "email": "ida@example.test", "display_name": "Ida", "role": "instructor",
        "password": "only-for-tests" });
    let ida = other.api("POST", "/users", new).await.1["id"].clone();
    let change = json!({ "number": "001", "instructor_id": ida });
    let (status, item) = other.api("PUT", &format!("/sections/{first}"), change).await;
    assert_eq!((status, &item["reminded_at"]), (200, &Value::Null));
    assert_eq!(remind(&admin, first, json!({})).await.0, 200);
    site.message("ida@example.test", "Reminder").await;
    assert_eq!(site.mailbox.messages().await.len(), 4);
}

#[tokio::test]
async fn two_at_once_send_one() {
    let site = Site::start().await;
    let admin = site.server.sign_in("program_admin").await;
    let [section] = sections(&admin).await;
    let (a, b, c) = tokio::join!(
        remind(&admin, section, json!({})),
        remind(&admin, section, json!({})),
        remind(&admin, section, json!({}))
    );
    let mut statuses = [a.0, b.0, c.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 429, 429]);
    assert_eq!(site.mailbox.messages().await.len(), 1);
}

#[tokio::test]
async fn how_long_they_wait_is_a_setting() {
    let site = Site::start_with(&["--reminder-minutes", "0"]).await;
    let admin = site.server.sign_in("program_admin").await;
    let [section] = sections(&admin).await;
    for _ in 0..2 {
        assert_eq!(remind(&admin, section, json!({})).await.0, 200);
    }
    assert_eq!(site.mailbox.messages().await.len(), 2);
}

#[tokio::test]
async fn a_reminder_that_did_not_leave_does_not_count() {
    let site = Site::start().await;
    let admin = site.server.sign_in("program_admin").await;
    let [section] = sections(&admin).await;
    for (code, status) in [(550, 502), (451, 503)] {
        site.mailbox.refuse(to(INSTRUCTOR), code, "not now").await;
        let (answered, body) = remind(&admin, section, json!({})).await;
        assert_eq!(answered, status);
        assert!(
            body["error"]
                .as_str()
                .is_some_and(|text| text.contains(&code.to_string()) && text.contains("not now")),
            "{body}"
        );
        site.mailbox.reset_delivery().await;
    }
    assert_eq!(site.count("reminders"), 0);
    assert_eq!(remind(&admin, section, json!({})).await.0, 200);
}

#[tokio::test]
async fn only_who_administers_a_section_reminds_and_only_who_can_be_reminded() {
    let site = Site::start().await;
    let admin = site.institution_admin().await;
    let [first, _, _, free] = sections(&admin).await;
    let (status, body) = remind(&admin, free, json!({})).await;
    assert_eq!((status, &body["error"]), (409, &json!("Nobody teaches this section yet.")));
    let program_admin = site.server.sign_in("program_admin").await;
    assert_eq!(remind(&program_admin, free, json!({})).await.0, 403, "another program");
    let instructor = site.server.sign_in("instructor").await;
    assert_eq!(remind(&instructor, first, json!({})).await.0, 403);
    let all = json!({ "section_ids": [first] });
    assert_eq!(instructor.api("POST", "/reminders", all.clone()).await.0, 403);
    let neighbour = site.server.sign_in_as("institution_admin_worker1@example.test").await;
    assert_eq!(neighbour.api("POST", "/reminders", all).await.0, 403);
    assert_eq!(remind(&admin, 999_999, json!({})).await.0, 404);
    assert_eq!(remind(&admin, first, json!({ "note": "x".repeat(1001) })).await.0, 422);
    site.change("UPDATE users SET is_active = 0 WHERE role = 'instructor'");
    let (status, body) = remind(&admin, first, json!({})).await;
    assert_eq!(
        (status, body["error"].as_str().is_some_and(|text| text.contains("deactivated"))),
        (409, true)
    );
    assert_eq!(site.mailbox.messages().await.len(), 0);
    assert_eq!(site.count("reminders"), 0);
}

#[tokio::test]
async fn several_are_reminded_at_once_and_one_failure_stops_no_other() {
    let site = Site::start().await;
    let admin = site.institution_admin().await;
    let [first, second, third, free] = sections(&admin).await;
    assert_eq!(remind(&admin, first, json!({})).await.0, 200);
    site.message(INSTRUCTOR, "CS101-001").await;
    site.mailbox.refuse(subject_contains("CS101-002"), 554, "no thanks").await;
    let ids = json!({ "section_ids": [first, second, third, free, third], "note": "All of you" });
    let (status, report) = admin.api("POST", "/reminders", ids).await;
    assert_eq!(status, 200, "{report}");
    assert_eq!(report["sent"], json!([{ "id": third, "label": "CS102-001 · Fall 2026" }]));
    let failed: Vec<_> = report["failed"].as_array().expect("a list").iter().collect();
    let found: Vec<_> = failed.iter().map(|item| (&item["id"], &item["status"])).collect();
    assert_eq!(
        found,
        [(&json!(first), &json!(429)), (&json!(second), &json!(502)), (&json!(free), &json!(409))]
    );
    assert_eq!(failed[0]["error"], TOO_SOON);
    assert!(failed[1]["error"].as_str().is_some_and(|text| text.contains("554 5.7.1 no thanks")), "{report}");
    let message = site.message(INSTRUCTOR, "CS102-001").await;
    assert!(message.text().contains("All of you"));

    // What was refused goes out the next time.
    site.mailbox.reset_delivery().await;
    let (_, report) = admin.api("POST", "/reminders", json!({ "section_ids": [second, third] })).await;
    assert_eq!(report["sent"], json!([{ "id": second, "label": "CS101-002 · Fall 2026" }]));
}

#[tokio::test]
async fn several_are_refused_before_any_is_sent() {
    let site = Site::start().await;
    let admin = site.server.sign_in("program_admin").await;
    let [first] = sections(&admin).await;
    let all = site.institution_admin().await;
    let [_, _, _, foreign] = sections(&all).await;
    for (ids, status) in [
        (json!([first, foreign]), 403),
        (json!([first, 999_999]), 404),
        (json!([]), 422),
        (json!("all"), 422),
        (json!((1..=201).collect::<Vec<_>>()), 422),
    ] {
        let (answered, body) = admin.api("POST", "/reminders", json!({ "section_ids": ids })).await;
        assert_eq!(answered, status, "{ids}: {body}");
    }
    assert_eq!(site.mailbox.messages().await.len(), 0);
}

#[tokio::test]
async fn without_a_mail_server_several_fail_together() {
    // A port that nobody listens on: it was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|taken| taken.local_addr());
    let url = format!("smtp://{}", port.expect("a port"));
    let server = crate::client::Server::launch(&[], Some(&url));
    let admin = server.sign_in("program_admin").await;
    let [first, second, third] = sections(&admin).await;
    let ids = json!({ "section_ids": [first, second, third] });
    let (status, report) = admin.api("POST", "/reminders", ids).await;
    assert_eq!((status, &report["sent"]), (200, &json!([])));
    let failed = report["failed"].as_array().expect("a list");
    assert_eq!(failed.len(), 3);
    for item in failed {
        let words = "The mail server cannot be reached. Please try again later.";
        assert_eq!((&item["status"], &item["error"]), (&json!(503), &json!(words)));
    }
    let (_, section) = admin.api("GET", &format!("/sections/{first}"), Value::Null).await;
    assert_eq!(section["reminded_at"], Value::Null);
}
