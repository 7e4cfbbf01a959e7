//! Offerings: a course in a term.

use rusqlite::{Connection, params};

use super::courses::Courses;
use super::terms::Terms;
use super::{Dependant, Form, Kind, Listed, Listing, OWN_INSTITUTION, OWN_PROGRAM, Record, SITE, referred};
use crate::auth::Viewer;
use crate::error::{Error, Result};

pub(crate) struct Offerings;

impl Listed for Offerings {
    const KIND: Kind = Kind::Offering;
    const LISTING: Listing = Listing {
        select: "SELECT json_object(
                'id', o.id, 'label', c.code || ' · ' || t.name, 'capacity', o.capacity,
                'course_id', c.id, 'course_code', c.code, 'course_title', c.title,
                'term_id', t.id, 'term_name', t.name, 'program_id', p.id, 'program_name', p.name,
                'institution_id', i.id, 'institution_name', i.name,
                'sections', (SELECT count(*) FROM sections s WHERE s.offering_id = o.id))
            FROM offerings o
            JOIN terms t ON t.id = o.term_id
            JOIN courses c ON c.id = o.course_id
            JOIN programs p ON p.id = c.program_id
            JOIN institutions i ON i.id = p.institution_id",
        id: "o.id",
        scope: &[SITE, OWN_INSTITUTION, OWN_PROGRAM],
        search: "c.code || ' ' || c.title || ' ' || t.name || ' ' || p.name",
        parents: &[
            ("course_id", "c.id"),
            ("term_id", "t.id"),
            ("program_id", "p.id"),
            ("institution_id", "i.id"),
        ],
        order: "t.start_date DESC, c.code, o.id",
    };
}

impl Record for Offerings {
    const DEPENDANTS: &'static [Dependant] = &[Dependant {
        singular: "section",
        plural: "sections",
        count: "SELECT count(*) FROM sections WHERE offering_id = ?1",
    }];

    fn create(db: &Connection, viewer: &Viewer, mut form: Form) -> Result<i64> {
        let (course_id, term_id, capacity) = (form.id("course_id"), form.id("term_id"), capacity(&mut form));
        form.finish()?;
        let course = referred::<Courses>(db, viewer, course_id, "course_id")?;
        let term = referred::<Terms>(db, viewer, term_id, "term_id")?;
        if course["institution_id"] != term["institution_id"] {
            return Err(Error::field("term_id", "Please choose a term of the course's institution."));
        }
        db.execute(
            "INSERT INTO offerings (course_id, term_id, capacity) VALUES (?1, ?2, ?3)",
            params![course_id, term_id, capacity],
        )?;
        Ok(db.last_insert_rowid())
    }

    fn update(db: &Connection, _: &Viewer, id: i64, mut form: Form) -> Result<()> {
        let capacity = capacity(&mut form);
        form.finish()?;
        db.execute("UPDATE offerings SET capacity = ?2 WHERE id = ?1", params![id, capacity])?;
        Ok(())
    }
}

fn capacity(form: &mut Form) -> i64 {
    form.number("capacity", 1..=2000)
}
