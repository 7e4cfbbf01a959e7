//! Sections of an offering, each taught by one instructor or nobody yet.

use rusqlite::{Connection, params};
use serde_json::Value;

use super::offerings::Offerings;
use super::users::Instructors;
use super::{
    Dependant, Form, Kind, Listed, Listing, OWN_INSTITUTION, OWN_PROGRAM, Record, SITE, get, referred,
};
use crate::auth::Viewer;
use crate::error::{Error, Result};

pub(crate) struct Sections;

/// The alternative of a scope that gives instructors their own sections. `s` is the section of the row.
pub(super) const OWN_SECTION: &str = ":role = 'instructor' AND s.instructor_id = :user";

impl Listed for Sections {
    const KIND: Kind = Kind::Section;
    const LISTING: Listing = Listing {
        select: "SELECT json_object(
                'id', s.id, 'label', c.code || '-' || s.number || ' · ' || t.name, 'number', s.number,
                'offering_id', o.id, 'capacity', o.capacity,
                'course_id', c.id, 'course_code', c.code, 'course_title', c.title,
                'term_id', t.id, 'term_name', t.name, 'program_id', p.id, 'program_name', p.name,
                'institution_id', i.id, 'institution_name', i.name,
                'instructor_id', s.instructor_id, 'instructor_name', u.display_name,
                'instructor_email', u.email,
                'instructor_is_active', json(CASE u.is_active WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END),
                'reminded_at', (SELECT strftime('%Y-%m-%dT%H:%M:%SZ', max(r.sent_at), 'unixepoch') FROM reminders r
                    WHERE r.section_id = s.id AND r.instructor_id = s.instructor_id),
                'assessments', (SELECT count(*) FROM assessments a WHERE a.section_id = s.id))
            FROM sections s
            JOIN offerings o ON o.id = s.offering_id
            JOIN terms t ON t.id = o.term_id
            JOIN courses c ON c.id = o.course_id
            JOIN programs p ON p.id = c.program_id
            JOIN institutions i ON i.id = p.institution_id
            LEFT JOIN users u ON u.id = s.instructor_id",
        id: "s.id",
        scope: &[SITE, OWN_INSTITUTION, OWN_PROGRAM, OWN_SECTION],
        search: "c.code || '-' || s.number || ' ' || c.title || ' ' || t.name || ' ' || coalesce(u.display_name, '')",
        parents: &[
            ("offering_id", "o.id"),
            ("course_id", "c.id"),
            ("term_id", "t.id"),
            ("program_id", "p.id"),
            ("institution_id", "i.id"),
            ("instructor_id", "s.instructor_id"),
        ],
        order: "t.start_date DESC, c.code, s.number, s.id",
    };
}

impl Record for Sections {
    const DEPENDANTS: &'static [Dependant] = &[Dependant {
        singular: "assessment",
        plural: "assessments",
        count: "SELECT count(*) FROM assessments WHERE section_id = ?1",
    }];

    fn create(db: &Connection, viewer: &Viewer, mut form: Form) -> Result<i64> {
        let offering_id = form.id("offering_id");
        let (number, instructor_id) = read(&mut form);
        form.finish()?;
        let offering = referred::<Offerings>(db, viewer, offering_id, "offering_id")?;
        check_instructor(db, viewer, instructor_id, &offering)?;
        db.execute(
            "INSERT INTO sections (offering_id, number, instructor_id) VALUES (?1, ?2, ?3)",
            params![offering_id, number, instructor_id],
        )?;
        Ok(db.last_insert_rowid())
    }

    fn update(db: &Connection, viewer: &Viewer, id: i64, mut form: Form) -> Result<()> {
        let (number, instructor_id) = read(&mut form);
        form.finish()?;
        let section = get::<Self>(db, viewer, id)?;
        check_instructor(db, viewer, instructor_id, &section)?;
        db.execute(
            "UPDATE sections SET number = ?2, instructor_id = ?3 WHERE id = ?1",
            params![id, number, instructor_id],
        )?;
        Ok(())
    }
}

fn read(form: &mut Form) -> (String, Option<i64>) {
    (form.text("number", 10), form.optional_id("instructor_id"))
}

/// `place` is the section or its offering.
fn check_instructor(db: &Connection, viewer: &Viewer, id: Option<i64>, place: &Value) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    let instructor = referred::<Instructors>(db, viewer, id, "instructor_id")?;
    if instructor["institution_id"] == place["institution_id"] {
        return Ok(());
    }
    Err(Error::field("instructor_id", "Please choose an instructor of the same institution."))
}
