//! Without a mail server: what needs one says so, the rest works. And settings that cannot be used.

use serde_json::json;

use crate::client::{Server, program};

const NOT_SET_UP: &str = "Sending mail is not set up here. Please tell the people who run this site.";

#[tokio::test]
async fn what_needs_mail_says_that_it_is_not_set_up() {
    let server = Server::start();
    let mut person = server.anonymous();
    for path in ["/register", "/forgot-password"] {
        let page = person.open(path).await;
        assert_eq!((page.status, &*page.at("error-message")), (503, NOT_SET_UP), "{path}");
    }
    let page = person.open("/verify").await;
    let page = person.fill(&page, "resend", &[("email", "ida@example.test")]).await;
    assert_eq!((page.status, &*page.at("resend-error")), (503, NOT_SET_UP));

    let admin = server.sign_in("institution_admin").await;
    let section = admin.list("/sections?search=CS101").await[0]["id"].clone();
    for (path, body) in [
        ("/invitations".to_owned(), json!({ "email": "ida@example.test", "role": "instructor" })),
        (format!("/sections/{section}/remind"), json!({})),
        ("/reminders".to_owned(), json!({ "section_ids": [section] })),
    ] {
        let (status, answer) = admin.api("POST", &path, body).await;
        assert_eq!((status, &answer["error"]), (503, &json!(NOT_SET_UP)), "{path}");
    }
    assert_eq!(admin.list("/invitations").await.len(), 0);
    assert_eq!(admin.list("/sections").await[0]["reminded_at"], json!(null));
    for path in ["/sections", "/users", "/invitations"] {
        assert_eq!(admin.status(path).await, 200, "{path}");
    }
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str], smtp_url: &str| {
        let output = program()
            .args(["serve", "--port", "0", "--database"])
            .arg(folder.path().join("app.db"))
            .args(arguments)
            .env("SMTP_URL", smtp_url)
            .output()
            .expect("it starts");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let url = run(&[], "smtps://me:secret@mail.example.test");
    assert!(url.contains("must be smtp://[USER:PASSWORD@]HOST[:PORT]") && !url.contains("secret"), "{url}");
    let sender = run(&["--mail-from", "nobody"], "smtp://127.0.0.1");
    assert!(sender.contains("the sender \"nobody\" is no address"), "{sender}");
    let public = run(&["--public-url", "example.org"], "smtp://127.0.0.1");
    assert!(public.contains("such as https://records.example.org"), "{public}");
}

#[tokio::test]
async fn a_mail_server_with_credentials_gets_them() {
    use callboard::mail::{Server as Smtp, Settings, to};

    let smtp = Smtp::start(Settings::default().credentials("mailer", "p@ss:word")).await.expect("a server");
    let right = smtp.url().replace("//", "//mailer:p%40ss%3Aword@");
    let wrong = smtp.url().replace("//", "//mailer:password@");
    for (url, status) in [(&right, 200), (&wrong, 502)] {
        let server = Server::launch(&[], Some(url));
        let mut person = server.anonymous();
        let page = person.send_form("/forgot-password", "forgot", &[("email", "ida@example.test")]).await;
        assert_eq!(page.status, status, "{}", page.text);
    }
    smtp.mailbox().next(to("ida@example.test")).await.expect("a message");
}
