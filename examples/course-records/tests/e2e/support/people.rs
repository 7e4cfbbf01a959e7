//! People who exist for one test: what may end badly for an account is not tried with the slot's own.

use serde_json::{Value, json};

use super::{Api, Page, Step, address, unique};
use callboard::Session;

/// A user with a password that the test knows.
pub(crate) struct Person {
    pub(crate) id: Value,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) password: String,
}

impl Person {
    /// A name, an address and a password that nobody has; the application does not know them yet.
    pub(crate) fn unknown(name: &str) -> Self {
        let name = unique(name);
        let (email, password) = (address(&name), "a password for one test".to_owned());
        Self { id: Value::Null, name, email, password }
    }

    /// A new instructor in the institution of an institution admin.
    pub(crate) async fn instructor(admin: &Session) -> Step<Self> {
        Self::unknown("Visiting Lecturer").made_by(admin, "instructor", Value::Null).await
    }

    /// The institution admin of a new institution, who sees nothing of all others.
    pub(crate) async fn principal(site_admin: &Session) -> Step<Self> {
        let institution = json!({ "name": unique("Island College") });
        let institution = Api::of(site_admin).await?.create("institutions", institution).await?["id"].take();
        Self::unknown("Principal").made_by(site_admin, "institution_admin", institution).await
    }

    async fn made_by(mut self, admin: &Session, role: &str, institution: Value) -> Step<Self> {
        let fields = json!({ "display_name": self.name, "email": self.email, "role": role,
            "institution_id": institution, "password": self.password });
        self.id = Api::of(admin).await?.create("users", fields).await?["id"].take();
        Ok(self)
    }

    /// Signs in in a session of nobody, and arrives at the dashboard.
    pub(crate) async fn sign_in<'s>(&self, anonymous: &'s Session) -> Step<Page<'s>> {
        let page = Page::open(anonymous, "/login").await?;
        page.sign_in(&self.email, &self.password).await?;
        page.arrives("/dashboard").await?;
        Ok(page)
    }
}
