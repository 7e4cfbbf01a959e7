//! Managing users.

use serde_json::{Value, json};

use crate::client::{PASSWORD, Server};

fn user(role: &str) -> Value {
    json!({ "email": "pat@example.test", "display_name": "Pat", "role": role, "password": PASSWORD })
}

#[tokio::test]
async fn a_new_program_admin_signs_in_and_sees_the_assigned_program() {
    let server = Server::start();
    let admin = server.sign_in("institution_admin").await;
    let program = admin.id_of("/programs", "name", "Mathematics (W0)").await;
    let mut new = user("program_admin");
    new["program_ids"] = json!([program]);
    let (status, created) = admin.api("POST", "/users", new.clone()).await;
    assert_eq!(status, 201, "{created}");
    assert_eq!(created["program_ids"], json!([program]));
    assert_eq!(created["is_active"], true);
    assert!(created.get("password").is_none() && created.get("password_hash").is_none());

    let pat = server.sign_in_as("pat@example.test").await;
    assert_eq!(pat.list("/programs").await[0]["id"], program);
    let (status, body) = admin.api("POST", "/users", new).await;
    assert_eq!((status, &body["error"]), (409, &json!("Another user already has this email.")));

    // With another role the assignments go.
    let path = format!("/users/{}", created["id"]);
    let mut changed = user("instructor");
    changed["password"] = "".into();
    let (status, changed) = admin.api("PUT", &path, changed).await;
    assert_eq!((status, &changed["program_ids"]), (200, &json!([])));
    assert_eq!(pat.status("/programs").await, 403, "the role counts at once");
    assert_eq!(admin.api("DELETE", &path, Value::Null).await.0, 200);
    assert_eq!(pat.status("/api/dashboard").await, 401);
}

#[tokio::test]
async fn a_deactivated_user_cannot_sign_in() {
    let server = Server::start();
    let admin = server.sign_in("institution_admin").await;
    let instructor = server.sign_in("instructor").await;
    let email = "instructor_worker0@example.test";
    let id = admin.id_of("/users", "email", email).await;
    let (status, answer) = admin.api("POST", &format!("/users/{id}/deactivate"), Value::Null).await;
    assert_eq!((status, &answer["is_active"]), (200, &json!(false)));
    assert_eq!(instructor.status("/api/dashboard").await, 401);
    let mut person = server.anonymous();
    let answer = person.submit_login(email, PASSWORD, "").await;
    assert_eq!(answer.status(), 401);
    assert!(answer.text().await.expect("a page").contains("This account has been deactivated."));
    let (status, answer) = admin.api("POST", &format!("/users/{id}/activate"), Value::Null).await;
    assert_eq!((status, &answer["is_active"]), (200, &json!(true)));
    assert_eq!(person.submit_login(email, PASSWORD, "").await.status(), 303);
}

#[tokio::test]
async fn nobody_locks_themselves_out() {
    let server = Server::start();
    let admin = server.sign_in("institution_admin").await;
    let own = admin.id_of("/users", "email", "institution_admin_worker0@example.test").await;
    let path = format!("/users/{own}");
    assert_eq!(admin.api("DELETE", &path, Value::Null).await.0, 409);
    assert_eq!(admin.api("POST", &format!("{path}/deactivate"), Value::Null).await.0, 409);
    let (_, me) = admin.api("GET", &path, Value::Null).await;
    for (name, value) in [("is_active", json!(false)), ("role", json!("instructor"))] {
        let mut changed = me.clone();
        changed[name] = value;
        assert_eq!(admin.api("PUT", &path, changed).await.0, 409, "{name}");
    }
    assert_eq!(admin.api("PUT", &path, me).await.0, 200);
}

#[tokio::test]
async fn roles_and_institutions_fit_together() {
    let server = Server::start();
    let admin = server.sign_in("institution_admin").await;
    assert_eq!(admin.api("POST", "/users", user("site_admin")).await.0, 403);
    let site_admin = server.sign_in("site_admin").await;
    let (status, body) = site_admin.api("POST", "/users", user("instructor")).await;
    assert_eq!((status, body["fields"]["institution_id"].is_string()), (422, true));

    // A program of another institution than the user's.
    let program = admin.list("/programs").await[0]["id"].clone();
    let mut new = user("program_admin");
    new["institution_id"] = 1.into();
    new["program_ids"] = json!([program]);
    let (status, body) = site_admin.api("POST", "/users", new).await;
    assert_eq!((status, body["fields"]["program_ids"].is_string()), (422, true));

    let (status, created) = site_admin.api("POST", "/users", user("site_admin")).await;
    assert_eq!((status, &created["institution_id"]), (201, &Value::Null));
    let mut weak = user("site_admin");
    weak["password"] = "short".into();
    weak["email"] = "no address".into();
    let (status, body) = site_admin.api("POST", "/users", weak).await;
    assert_eq!((status, body["fields"]["email"].is_string()), (422, true));

    // Who teaches keeps the role.
    let id = admin.id_of("/users", "role", "instructor").await;
    let (_, mut teacher) = admin.api("GET", &format!("/users/{id}"), Value::Null).await;
    teacher["role"] = "program_admin".into();
    assert_eq!(admin.api("PUT", &format!("/users/{id}"), teacher).await.0, 409);
}

#[tokio::test]
async fn a_password_that_an_admin_sets_ends_the_sessions() {
    let server = Server::start();
    let admin = server.sign_in("institution_admin").await;
    let instructor = server.sign_in("instructor").await;
    let email = "instructor_worker0@example.test";
    let id = admin.id_of("/users", "email", email).await;
    let (_, mut user) = admin.api("GET", &format!("/users/{id}"), Value::Null).await;
    user["password"] = "set by the admin".into();
    assert_eq!(admin.api("PUT", &format!("/users/{id}"), user).await.0, 200);
    assert_eq!(instructor.status("/api/profile").await, 401);
    let mut again = server.anonymous();
    assert_eq!(again.submit_login(email, PASSWORD, "").await.status(), 401);
    assert_eq!(again.submit_login(email, "set by the admin", "").await.status(), 303);
}

#[tokio::test]
async fn only_site_admins_make_site_admins() {
    let server = Server::start();
    let admin = server.sign_in("institution_admin").await;
    let id = admin.id_of("/users", "role", "program_admin").await;
    let (_, mut user) = admin.api("GET", &format!("/users/{id}"), Value::Null).await;
    user["role"] = "site_admin".into();
    let (status, body) = admin.api("PUT", &format!("/users/{id}"), user).await;
    assert_eq!((status, &body["error"]), (403, &json!("Only site admins can make site admins.")));
    let offered = |page: &str| page.contains("<option value=\"site_admin\">");
    assert!(!offered(&admin.get("/users").await.text().await.expect("a page")));
    let site_admin = server.sign_in("site_admin").await;
    assert!(offered(&site_admin.get("/users").await.text().await.expect("a page")));
}
