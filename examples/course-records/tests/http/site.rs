//! The application together with a mail server.

use callboard::Mailbox;
use callboard::mail::{self, Message, Settings, to};

use crate::client::{PASSWORD, Person, Server};
use crate::forms::Shown;

pub(crate) const INSTRUCTOR: &str = "instructor_worker0@example.test";
/// Worker 0 College: three institutions are shared by all workers.
pub(crate) const COLLEGE: &str = "4";

pub(crate) struct Site {
    pub(crate) server: Server,
    pub(crate) mailbox: Mailbox,
    /// Held, because it stops with it.
    _smtp: mail::Server,
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        let smtp = mail::Server::start(Settings::default()).await.expect("a mail server");
        let server = Server::launch(arguments, Some(&smtp.url()));
        Self { server, mailbox: smtp.mailbox(), _smtp: smtp }
    }

    /// Somebody without a session sends the form for registering.
    pub(crate) async fn register(&self, email: &str, password: &str) -> Shown {
        let fields = [
            ("display_name", "Ida Example"),
            ("email", email),
            ("institution_id", COLLEGE),
            ("password", password),
        ];
        self.server.anonymous().send_form("/register", "register", &fields).await
    }

    /// A registered person, and the link that verifies the address.
    pub(crate) async fn registered(&self, email: &str) -> String {
        assert_eq!(self.register(email, PASSWORD).await.status, 200);
        self.message(email, "Verify").await.link("Verify my address").expect("a link")
    }

    /// Waits for the next message to an address with this in its subject.
    pub(crate) async fn message(&self, email: &str, subject: &str) -> Message {
        let wanted = to(email).subject_contains(subject);
        self.mailbox.next(wanted).await.unwrap_or_else(|error| panic!("{error}\n{}", self.server.log()))
    }

    /// The status of signing in, and what the page says if that is refused.
    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> (u16, String) {
        let mut person = self.server.anonymous();
        let page = person.send_form("/login", "login", &[("email", email), ("password", password)]).await;
        let words = if page.has("login-error") { page.at("login-error") } else { String::new() };
        (page.status, words)
    }

    /// How many rows a table has that meet a condition.
    pub(crate) fn count(&self, table_and_condition: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table_and_condition}");
        self.server.connection().query_row(&sql, [], |row| row.get(0)).expect("a count")
    }

    pub(crate) fn change(&self, sql: &str) {
        self.server.connection().execute_batch(sql).expect("a change");
    }

    pub(crate) async fn institution_admin(&self) -> Person {
        self.server.sign_in("institution_admin").await
    }
}
