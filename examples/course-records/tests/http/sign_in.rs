//! Signing in and out, sessions, CSRF tokens.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use serde_json::{Value, json};

use crate::client::{FORM, PASSWORD, Person, Server, between};

fn location(answer: &reqwest::Response) -> &str {
    answer.headers().get(LOCATION).expect("a redirect").to_str().expect("a readable one")
}

async fn dashboard_status(person: &Person) -> u16 {
    person.status("/api/dashboard").await
}

#[tokio::test]
async fn the_right_password_opens_a_session() {
    let server = Server::start();
    let mut person = server.anonymous();
    let answer = person.submit_login("INSTRUCTOR_worker0@example.test", PASSWORD, "").await;
    assert_eq!(answer.status(), 303);
    assert_eq!(location(&answer), "/dashboard");
    let cookies: Vec<_> =
        answer.headers().get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok()).collect();
    let session =
        cookies.iter().find(|cookie| cookie.starts_with("course_records_session=")).expect("a session");
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=43200"] {
        assert!(session.contains(attribute), "{session}");
    }
    assert_eq!(dashboard_status(&person).await, 200);
}

#[tokio::test]
async fn a_wrong_password_says_so_and_opens_nothing() {
    let server = Server::start();
    for (email, password) in
        [("instructor_worker0@example.test", "wrong"), ("nobody@example.test", PASSWORD), ("", "")]
    {
        let mut person = server.anonymous();
        let answer = person.submit_login(email, password, "").await;
        assert_eq!(answer.status(), 401);
        let page = answer.text().await.expect("a page");
        assert_eq!(between(&page, "role=\"alert\">", "</p>"), "E-mail or password is wrong.");
        assert_eq!(dashboard_status(&person).await, 401);
    }
}

#[tokio::test]
async fn anonymous_people_are_sent_to_the_form_and_back() {
    let server = Server::start();
    let mut person = server.anonymous();
    let answer = person.get("/sections?search=a%20b").await;
    assert_eq!(answer.status(), 303);
    assert_eq!(location(&answer), "/login?next=/sections%3Fsearch%3Da%2520b");
    let (status, body) = person.api("GET", "/courses", Value::Null).await;
    assert_eq!((status, &body["error"]), (401, &json!("Please sign in.")));

    let answer =
        person.submit_login("instructor_worker0@example.test", PASSWORD, "/sections?search=a%20b").await;
    assert_eq!(location(&answer), "/sections?search=a%20b");
    let answer = person.get("/login").await;
    assert_eq!(location(&answer), "/dashboard", "who is signed in needs no form");
}

#[tokio::test]
async fn nobody_sees_anything_without_a_session() {
    let server = Server::start();
    let person = server.anonymous();
    for kind in [
        "institutions",
        "programs",
        "courses",
        "terms",
        "offerings",
        "sections",
        "users",
        "invitations",
        "dashboard",
        "profile",
    ] {
        let answer = person.get(&format!("/{kind}")).await;
        assert_eq!((answer.status().as_u16(), location(&answer)), (303, &*format!("/login?next=/{kind}")));
        for method in ["GET", "POST", "DELETE"] {
            let (status, body) = person.api(method, &format!("/{kind}"), Value::Null).await;
            assert_eq!((status, &body["error"]), (401, &json!("Please sign in.")), "{method} {kind}");
        }
    }
    let page = person.get("/login").await.text().await.expect("a page");
    assert!(!page.contains("<nav"), "{page}");
}

#[tokio::test]
async fn next_does_not_lead_to_another_site() {
    let server = Server::start();
    for next in ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)"] {
        let mut person = server.anonymous();
        let answer = person.submit_login("instructor_worker0@example.test", PASSWORD, next).await;
        assert_eq!(location(&answer), "/dashboard", "{next}");
    }
}

#[tokio::test]
async fn what_is_typed_into_the_form_is_escaped() {
    let server = Server::start();
    let answer = server.anonymous().submit_login("\"><script>", "wrong", "/\"><script>").await;
    assert!(!answer.text().await.expect("a page").contains("<script>"));
}

#[tokio::test]
async fn a_change_without_the_csrf_token_is_refused() {
    let server = Server::start();
    let mut person = server.sign_in("site_admin").await;
    let right = std::mem::take(&mut person.csrf);
    let institution = json!({ "name": "Nowhere College" });
    let (status, _) = person.api("POST", "/institutions", institution.clone()).await;
    assert_eq!(status, 403);
    person.csrf = right.replace(|_: char| true, "0");
    let (status, _) = person.api("DELETE", "/institutions/1", Value::Null).await;
    assert_eq!(status, 403);
    person.csrf = right;
    let (status, _) = person.api("POST", "/institutions", institution).await;
    assert_eq!(status, 201);

    let answer = server.anonymous().request(Method::POST, "/login", Some(FORM), "email=a&password=b").await;
    assert_eq!(answer.status(), 403);
    assert_eq!(answer.headers()[CONTENT_TYPE], "text/html; charset=utf-8");
}

#[tokio::test]
async fn the_log_tells_requests_but_no_secrets() {
    let server = Server::start();
    let person = server.sign_in("instructor").await;
    assert_eq!(person.status("/courses?search=secret").await, 200);
    let log = server.log();
    assert!(log.contains("POST /login 303") && log.contains("GET /courses 200"), "{log}");
    let session = person.cookies[0].1.as_str();
    for secret in ["secret", PASSWORD, session, &person.csrf] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_for_good() {
    let server = Server::start();
    let mut person = server.sign_in("instructor").await;
    let csrf = std::mem::take(&mut person.csrf);
    let answer = person.request(Method::POST, "/logout", Some(FORM), "").await;
    assert_eq!(answer.status(), 403, "no token");
    let answer = person.request(Method::POST, "/logout", Some(FORM), &format!("csrf_token={csrf}")).await;
    assert_eq!((answer.status().as_u16(), location(&answer)), (303, "/login"));
    assert_eq!(dashboard_status(&person).await, 401, "the old cookie");
}

#[tokio::test]
async fn people_change_their_own_name_and_password() {
    let server = Server::start();
    let person = server.sign_in("instructor").await;
    let other_device = server.sign_in("instructor").await;
    let (status, profile) = person.api("PUT", "/profile", json!({ "display_name": " Ada <b> " })).await;
    assert_eq!((status, &profile["display_name"]), (200, &json!("Ada <b>")));
    let page = person.get("/profile").await.text().await.expect("a page");
    assert!(page.contains("Ada &lt;b&gt;") && !page.contains("Ada <b>"));
    let (status, body) = person.api("PUT", "/profile", json!({ "display_name": "" })).await;
    assert_eq!((status, &body["fields"]["display_name"]), (422, &json!("This field is required.")));

    let wrong = json!({ "current_password": "wrong", "new_password": "short" });
    let (status, body) = person.api("PUT", "/profile/password", wrong).await;
    assert_eq!((status, body["fields"].as_object().map_or(0, serde_json::Map::len)), (422, 2));
    let right = json!({ "current_password": PASSWORD, "new_password": "another password" });
    assert_eq!(person.api("PUT", "/profile/password", right).await.0, 200);
    assert_eq!(dashboard_status(&person).await, 200);
    assert_eq!(dashboard_status(&other_device).await, 401);
    let mut again = server.anonymous();
    let email = "instructor_worker0@example.test";
    assert_eq!(again.submit_login(email, PASSWORD, "").await.status(), 401);
    assert_eq!(again.submit_login(email, "another password", "").await.status(), 303);
}
