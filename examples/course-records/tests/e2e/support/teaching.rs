//! Sections that exist for one test: nobody was reminded of them yet.

use callboard::Session;
use serde_json::{Value, json};

use super::{Api, Person, Step, unique};

/// A course that is offered in a term, and what is made for it.
pub(crate) struct Lecture {
    /// The course's code, unlike all others.
    pub(crate) code: String,
    offering: Value,
}

/// A section of it.
pub(crate) struct Section {
    pub(crate) id: Value,
    /// What people call it, such as `LAW 4711-3-001 · Autumn 4711-2`.
    pub(crate) label: String,
}

impl Section {
    pub(crate) fn path(&self) -> String {
        format!("/sections/{}", self.id)
    }
}

impl Lecture {
    /// In a program and a term of its own, by an institution admin.
    pub(crate) async fn new(admin: &Session) -> Step<Self> {
        let api = Api::of(admin).await?;
        let program = api.create("programs", json!({ "name": unique("Law") })).await?;
        let term = json!({ "name": unique("Autumn"), "start_date": "2027-09-01", "end_date": "2027-12-20" });
        let term = api.create("terms", term).await?;
        Self::within(&api, &program["id"], &term["id"]).await
    }

    /// In a program and a term that are there.
    pub(crate) async fn within(api: &Api<'_>, program: &Value, term: &Value) -> Step<Self> {
        let code = unique("LAW");
        let course = json!({ "program_id": program, "code": code, "title": "Roman Law", "credits": 3 });
        let course = api.create("courses", course).await?;
        let offering = json!({ "course_id": course["id"], "term_id": term, "capacity": 30 });
        let offering = api.create("offerings", offering).await?["id"].take();
        Ok(Self { code, offering })
    }

    /// Another section, taught by somebody (the id of a user) or, with `null`, by nobody yet.
    pub(crate) async fn section(&self, admin: &Session, number: &str, teacher: &Value) -> Step<Section> {
        let fields = json!({ "offering_id": self.offering, "number": number, "instructor_id": teacher });
        let mut section = Api::of(admin).await?.create("sections", fields).await?;
        let label = section["label"].as_str().unwrap_or_default().to_owned();
        Ok(Section { id: section["id"].take(), label })
    }

    /// Another section, and the new instructor who teaches it.
    pub(crate) async fn taught(&self, admin: &Session, number: &str) -> Step<(Section, Person)> {
        let teacher = Person::instructor(admin).await?;
        Ok((self.section(admin, number, &teacher.id).await?, teacher))
    }
}
