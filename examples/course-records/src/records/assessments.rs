//! Assessments of a section, and what came of them.

use rusqlite::{Connection, params};

use super::sections::{OWN_SECTION, Sections};
use super::{Form, Kind, Listed, Listing, OWN_INSTITUTION, OWN_PROGRAM, Record, SITE, referred};
use crate::auth::{Role, Viewer};
use crate::error::{Error, Result};
use crate::faults::Fault;

pub(crate) struct Assessments;

pub(crate) const KINDS: [&str; 4] = ["exam", "project", "assignment", "presentation"];

impl Listed for Assessments {
    const KIND: Kind = Kind::Assessment;
    const LISTING: Listing = Listing {
        select: "SELECT json_object(
                'id', a.id, 'label', a.name, 'name', a.name, 'kind', a.kind, 'weight', a.weight,
                'students_took', a.students_took, 'students_passed', a.students_passed,
                'narrative', a.narrative, 'section_id', s.id, 'section_number', s.number,
                'course_code', c.code, 'term_name', t.name)
            FROM assessments a
            JOIN sections s ON s.id = a.section_id
            JOIN offerings o ON o.id = s.offering_id
            JOIN terms t ON t.id = o.term_id
            JOIN courses c ON c.id = o.course_id
            JOIN programs p ON p.id = c.program_id",
        id: "a.id",
        scope: &[SITE, OWN_INSTITUTION, OWN_PROGRAM, OWN_SECTION],
        search: "a.name || ' ' || a.kind || ' ' || a.narrative",
        parents: &[("section_id", "s.id"), ("course_id", "c.id"), ("program_id", "p.id")],
        order: "t.start_date DESC, c.code, s.number, a.id",
    };
}

impl Record for Assessments {
    fn create(db: &Connection, viewer: &Viewer, mut form: Form) -> Result<i64> {
        let section_id = form.id("section_id");
        let assessment = Assessment::read(&mut form)?;
        referred::<Sections>(db, viewer, section_id, "section_id")?;
        db.execute(
            "INSERT INTO assessments (section_id, name, kind, weight, students_took, students_passed, narrative)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                section_id,
                assessment.name,
                assessment.kind,
                assessment.weight,
                assessment.took,
                assessment.passed,
                assessment.narrative
            ],
        )?;
        let id = db.last_insert_rowid();
        check_weights(db, id)?;
        Ok(id)
    }

    fn update(db: &Connection, viewer: &Viewer, id: i64, mut form: Form) -> Result<()> {
        let assessment = Assessment::read(&mut form)?;
        if Fault::CoursesInvisible.is_on() {
            check_course(db, viewer, id)?;
        }
        db.execute(
            "UPDATE assessments SET name = ?2, kind = ?3, weight = ?4, students_took = ?5,
             students_passed = ?6, narrative = ?7 WHERE id = ?1",
            params![
                id,
                assessment.name,
                assessment.kind,
                assessment.weight,
                assessment.took,
                assessment.passed,
                assessment.narrative
            ],
        )?;
        check_weights(db, id)
    }
}

struct Assessment {
    name: String,
    kind: String,
    weight: i64,
    took: i64,
    passed: i64,
    narrative: String,
}

impl Assessment {
    fn read(form: &mut Form) -> Result<Self> {
        let assessment = Self {
            name: form.text("name", 120),
            kind: form.choice("kind", &KINDS),
            weight: form.number("weight", 0..=100),
            took: form.number("students_took", 0..=2000),
            passed: form.number("students_passed", 0..=2000),
            narrative: form.optional_text("narrative", 5000),
        };
        if assessment.passed > assessment.took {
            form.reject("students_passed", "More students passed than took it.");
        }
        form.finish()?;
        Ok(assessment)
    }
}

/// `courses-invisible`: whether an instructor sees the course, asked as if they were its program's admin.
fn check_course(db: &Connection, viewer: &Viewer, id: i64) -> Result<()> {
    let sees: bool = db.query_row(
        "SELECT EXISTS (SELECT 1 FROM assessments a
            JOIN sections s ON s.id = a.section_id
            JOIN offerings o ON o.id = s.offering_id
            JOIN courses c ON c.id = o.course_id
            JOIN program_admins v ON v.program_id = c.program_id
            WHERE a.id = ?1 AND v.user_id = ?2)",
        params![id, viewer.user_id],
        |row| row.get(0),
    )?;
    if sees || viewer.role != Role::Instructor { Ok(()) } else { Err(Error::NotFound("course")) }
}

/// The weights of a section's assessments are parts of one grade. Asked after the change; the error undoes it.
fn check_weights(db: &Connection, id: i64) -> Result<()> {
    let sum: i64 = db.query_row(
        "SELECT sum(weight) FROM assessments
         WHERE section_id = (SELECT section_id FROM assessments WHERE id = ?1)",
        [id],
        |row| row.get(0),
    )?;
    if sum <= 100 {
        return Ok(());
    }
    Err(Error::field("weight", format!("The weights of this section would add up to {sum} %.")))
}
