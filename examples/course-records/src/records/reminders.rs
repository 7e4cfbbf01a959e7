//! Reminders: who administers a section asks its instructor by e-mail to complete the assessments. The same
//! instructor is not reminded of the same section again within some minutes, whoever asks.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::sections::Sections;
use super::{Access, Kind, get, text};
use crate::auth::Viewer;
use crate::error::{Error, Result};
use crate::links::Links;
use crate::mail::{Letter, letters};

/// A reminder that is written but not sent yet.
pub(crate) struct Reserved {
    pub(crate) id: i64,
    pub(crate) letter: Letter,
}

/// Notes the reminder and writes its letter. Noting comes first, so that two people who ask at once do not both
/// send one; a reminder that is not sent is [taken back](take_back).
pub(crate) fn reserve(
    db: &Connection,
    viewer: &Viewer,
    section_id: i64,
    note: &str,
    minutes: u32,
    links: &Links,
) -> Result<Reserved> {
    Kind::Section.demand(viewer, Access::Write)?;
    let section = get::<Sections>(db, viewer, section_id)?;
    let Some(instructor_id) = section["instructor_id"].as_i64() else {
        return Err(Error::Conflict("Nobody teaches this section yet.".into()));
    };
    if section["instructor_is_active"] == false {
        return Err(Error::Conflict("The account of this instructor has been deactivated.".into()));
    }
    let now = Timestamp::now().as_second();
    let last: Option<i64> = db.query_row(
        "SELECT max(sent_at) FROM reminders WHERE section_id = ?1 AND instructor_id = ?2",
        params![section_id, instructor_id],
        |row| row.get(0),
    )?;
    let wait = last.map_or(0, |last| last + i64::from(minutes) * 60 - now);
    if wait > 0 {
        return Err(Error::too_many("This instructor was reminded of this section a short time ago.", wait));
    }
    db.execute(
        "INSERT INTO reminders (section_id, instructor_id, sender_id, sent_at) VALUES (?1, ?2, ?3, ?4)",
        params![section_id, instructor_id, viewer.user_id, now],
    )?;
    let id = db.last_insert_rowid();
    let letter = letters::reminder(
        &letters::Reminder {
            to: text(&section, "instructor_email"),
            name: text(&section, "instructor_name"),
            sender: &viewer.display_name,
            section: text(&section, "label"),
            course: text(&section, "course_title"),
            assessments: section["assessments"].as_i64().unwrap_or_default(),
            note,
        },
        links.to(&format!("/sections/{section_id}")),
    );
    Ok(Reserved { id, letter })
}

/// As if it had not been asked for.
pub(crate) fn take_back(db: &Connection, id: i64) -> Result<()> {
    db.execute("DELETE FROM reminders WHERE id = ?1", [id])?;
    Ok(())
}
