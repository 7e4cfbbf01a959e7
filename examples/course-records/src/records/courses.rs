//! Courses of a program. Instructors see those that they teach a section of.

use rusqlite::{Connection, params};

use super::programs::Programs;
use super::{Dependant, Form, Kind, Listed, Listing, OWN_INSTITUTION, OWN_PROGRAM, Record, SITE, referred};
use crate::auth::Viewer;
use crate::error::Result;

pub(crate) struct Courses;

impl Listed for Courses {
    const KIND: Kind = Kind::Course;
    const LISTING: Listing = Listing {
        select: "SELECT json_object(
                'id', c.id, 'label', c.code || ' ' || c.title, 'code', c.code, 'title', c.title,
                'credits', c.credits, 'description', c.description,
                'program_id', p.id, 'program_name', p.name,
                'institution_id', i.id, 'institution_name', i.name,
                'offerings', (SELECT count(*) FROM offerings o WHERE o.course_id = c.id))
            FROM courses c
            JOIN programs p ON p.id = c.program_id
            JOIN institutions i ON i.id = p.institution_id",
        id: "c.id",
        scope: &[
            SITE,
            OWN_INSTITUTION,
            OWN_PROGRAM,
            ":role = 'instructor' AND c.id IN (SELECT o.course_id FROM offerings o
                JOIN sections s ON s.offering_id = o.id WHERE s.instructor_id = :user)",
        ],
        search: "c.code || ' ' || c.title || ' ' || p.name",
        parents: &[("program_id", "p.id"), ("institution_id", "i.id")],
        order: "c.code, c.id",
    };
}

impl Record for Courses {
    const DEPENDANTS: &'static [Dependant] = &[Dependant {
        singular: "offering",
        plural: "offerings",
        count: "SELECT count(*) FROM offerings WHERE course_id = ?1",
    }];

    fn create(db: &Connection, viewer: &Viewer, mut form: Form) -> Result<i64> {
        let course = Course::read(&mut form);
        let program_id = form.id("program_id");
        form.finish()?;
        referred::<Programs>(db, viewer, program_id, "program_id")?;
        course.insert(db, program_id)
    }

    fn update(db: &Connection, _: &Viewer, id: i64, mut form: Form) -> Result<()> {
        let course = Course::read(&mut form);
        form.finish()?;
        course.write(db, id)
    }
}

/// The fields that both the form and the CSV import carry.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Course {
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) credits: i64,
    pub(crate) description: String,
}

impl Course {
    pub(crate) fn read(form: &mut Form) -> Self {
        Self {
            code: form.text("code", 20),
            title: form.text("title", 200),
            credits: form.number("credits", 0..=60),
            description: form.optional_text("description", 2000),
        }
    }

    pub(crate) fn insert(&self, db: &Connection, program_id: i64) -> Result<i64> {
        db.prepare_cached(
            "INSERT INTO courses (program_id, code, title, credits, description) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![program_id, self.code, self.title, self.credits, self.description])?;
        Ok(db.last_insert_rowid())
    }

    pub(crate) fn write(&self, db: &Connection, id: i64) -> Result<()> {
        db.prepare_cached(
            "UPDATE courses SET code = ?2, title = ?3, credits = ?4, description = ?5 WHERE id = ?1",
        )?
        .execute(params![id, self.code, self.title, self.credits, self.description])?;
        Ok(())
    }
}
