//! People who exist for one test: what may end badly for an account is not tried with the slot's own.

use serde_json::{Value, json};

use super::{Api, Page, Step, unique};
use callboard::Session;

/// A user with a password that the test knows.
pub(crate) struct Person {
    pub(crate) id: Value,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) password: String,
}

impl Person {
    /// A new instructor in the institution of an institution admin.
    pub(crate) async fn instructor(admin: &Session) -> Step<Self> {
        let name = unique("Visiting Lecturer");
        let email = format!("{}@example.test", name.to_lowercase().replace(' ', "."));
        let password = "a password for one test".to_owned();
        let fields =
            json!({ "display_name": name, "email": email, "role": "instructor", "password": password });
        let user = Api::of(admin).await?.create("users", fields).await?;
        Ok(Self { id: user["id"].clone(), name, email, password })
    }

    /// Signs in in a session of nobody, and arrives at the dashboard.
    pub(crate) async fn sign_in<'s>(&self, anonymous: &'s Session) -> Step<Page<'s>> {
        let page = Page::open(anonymous, "/login").await?;
        page.sign_in(&self.email, &self.password).await?;
        page.arrives("/dashboard").await?;
        Ok(page)
    }
}
