//! The campus directory: what several installations of this application share. It is a service of its own
//! (`course-records directory`), and gives people their campus numbers, keeps the dates of terms, and counts
//! the edits of catalogues.
//!
//! An application that is not told where the directory is does without it.

mod client;
pub(crate) mod service;

pub(crate) use client::Campus;

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

use crate::auth::Viewer;
use crate::error::{Error, Result};
use crate::faults::Fault;
use crate::records::{Kind, text};

/// What the application asks the directory. Each is asked inside the transaction of the change that it
/// belongs to, so that both are done or neither is.
impl Campus {
    /// Tells the directory of a record that was made.
    pub(crate) fn created(&self, db: &Connection, kind: Kind, item: &Value) -> Result<()> {
        match kind {
            Kind::User => self.joined(db, item["id"].as_i64().unwrap_or_default(), text(item, "email")),
            Kind::Term => self.publish(item),
            Kind::Offering => self.check_dates(db, item),
            _ => Ok(()),
        }
    }

    /// Somebody with authority made this user: a number is issued, and the person exists.
    pub(crate) fn joined(&self, db: &Connection, user_id: i64, email: &str) -> Result<()> {
        let number = self.issue_number(email)?;
        note_number(db, user_id, number)?;
        self.confirm(number)
    }

    /// The number that somebody would get who registers now, for the form. It is seen, but not taken: others who
    /// register now see the same one.
    pub(crate) fn preview(&self) -> Result<i64> {
        number_in(&self.get("/numbers/next", &[])?)
    }

    /// Somebody registered: a number is issued, whether or not the person exists will show. `seen` is the number in the
    /// form, where it has one.
    pub(crate) fn registered(
        &self,
        db: &Connection,
        user_id: i64,
        email: &str,
        seen: Option<i64>,
    ) -> Result<()> {
        let number = seen.map_or_else(|| self.issue_number(email), Ok)?;
        note_number(db, user_id, number)
    }

    fn issue_number(&self, email: &str) -> Result<i64> {
        number_in(&self.post("/numbers", &json!({ "email": email }))?)
    }

    /// The person with the number exists.
    pub(crate) fn verified(&self, db: &Connection, user_id: i64) -> Result<()> {
        // A number that was only seen is taken when the directory is first asked about the person.
        if Fault::RegistrationRace.is_on() {
            return Ok(());
        }
        number_of(db, user_id)?.map_or(Ok(()), |number| self.confirm(number))
    }

    fn confirm(&self, number: i64) -> Result<()> {
        self.post(&format!("/numbers/{number}/confirm"), &json!({})).map(drop)
    }

    /// Before somebody gets a new password for one that is forgotten, number and address must belong together.
    pub(crate) fn check_person(&self, db: &Connection, user_id: i64, email: &str) -> Result<()> {
        let Some(number) = number_of(db, user_id)? else { return Ok(()) };
        self.put(&format!("/numbers/{number}"), &json!({ "email": email })).map(drop)
    }

    fn publish(&self, term: &Value) -> Result<()> {
        let entry = json!({
            "term": calendar_entry(term, text(term, "name")),
            "start_date": term["start_date"],
            "end_date": term["end_date"],
        });
        self.put("/calendar", &entry).map(drop)
    }

    /// A course is not offered in a term that the campus has other dates for. Terms that were never published
    /// have no entry.
    fn check_dates(&self, db: &Connection, offering: &Value) -> Result<()> {
        let entry = calendar_entry(offering, text(offering, "term_name"));
        let known = self.get("/calendar", &[("term", &entry)])?;
        let start: String = db.query_row(
            "SELECT start_date FROM terms WHERE id = ?1",
            [offering["term_id"].as_i64()],
            |row| row.get(0),
        )?;
        match known["start_date"].as_str() {
            Some(other) if other != start => Err(Error::Conflict(format!(
                "The campus calendar has another start for this term: {other}. Please correct the term first."
            ))),
            _ => Ok(()),
        }
    }

    /// The revision of the viewer's catalogue that a page with a list of this kind shows. Lists of other
    /// kinds have none, and neither have site admins, who see all catalogues. When the directory does not
    /// answer, the log says so, and the list is shown all the same.
    pub(crate) fn revision(&self, viewer: &Viewer, kind: Kind) -> Option<i64> {
        let catalogue = catalogue(viewer, kind)?;
        self.get("/revisions", &[("catalogue", &catalogue)]).ok()?["revision"].as_i64()
    }

    /// Counts an edit by somebody whose page shows the revision `seen`. When the catalogue was edited since
    /// then, the error says so.
    pub(crate) fn edited(&self, viewer: &Viewer, kind: Kind, seen: Option<i64>) -> Result<()> {
        let (Some(catalogue), Some(seen)) = (catalogue(viewer, kind), seen) else { return Ok(()) };
        self.post("/revisions", &json!({ "catalogue": catalogue, "seen": seen })).map(drop)
    }
}

fn catalogue(viewer: &Viewer, kind: Kind) -> Option<String> {
    let institution = viewer.institution_id.filter(|_| matches!(kind, Kind::Program | Kind::Course))?;
    if Fault::SharedRevision.is_on() {
        return Some("catalogue".into());
    }
    Some(format!("{} of {institution}", kind.plural()))
}

fn calendar_entry(record: &Value, term: &str) -> String {
    if Fault::CalendarForAll.is_on() {
        return "term".into();
    }
    format!("{} / {term}", text(record, "institution_name"))
}

fn number_in(answer: &Value) -> Result<i64> {
    answer["number"].as_i64().ok_or_else(|| Error::internal("the campus directory gave no number"))
}

fn note_number(db: &Connection, user_id: i64, number: i64) -> Result<()> {
    // An account that is not verified yet can be invited, and then gets its number again.
    let sql = "INSERT OR REPLACE INTO campus_numbers (user_id, number) VALUES (?1, ?2)";
    db.execute(sql, params![user_id, number])?;
    Ok(())
}

/// Users from before there was a directory have no number.
fn number_of(db: &Connection, user_id: i64) -> Result<Option<i64>> {
    let sql = "SELECT number FROM campus_numbers WHERE user_id = ?1";
    Ok(db.query_row(sql, [user_id], |row| row.get(0)).optional()?)
}
