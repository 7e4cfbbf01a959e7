//! Terms of an institution.

use rusqlite::{Connection, params};

use super::{Dependant, Form, Kind, Listed, Listing, Record, SITE, institutions};
use crate::auth::Viewer;
use crate::error::Result;

pub(crate) struct Terms;

impl Listed for Terms {
    const KIND: Kind = Kind::Term;
    const LISTING: Listing = Listing {
        select: "SELECT json_object(
                'id', t.id, 'label', t.name, 'name', t.name, 'start_date', t.start_date, 'end_date', t.end_date,
                'institution_id', i.id, 'institution_name', i.name,
                'offerings', (SELECT count(*) FROM offerings o WHERE o.term_id = t.id))
            FROM terms t JOIN institutions i ON i.id = t.institution_id",
        id: "t.id",
        scope: &[SITE, ":role IN ('institution_admin', 'program_admin') AND i.id = :institution"],
        search: "t.name || ' ' || i.name",
        parents: &[("institution_id", "i.id")],
        order: "t.start_date DESC, t.name, t.id",
    };
}

impl Record for Terms {
    const DEPENDANTS: &'static [Dependant] = &[Dependant {
        singular: "offering",
        plural: "offerings",
        count: "SELECT count(*) FROM offerings WHERE term_id = ?1",
    }];

    fn create(db: &Connection, viewer: &Viewer, mut form: Form) -> Result<i64> {
        let (name, start, end) = read(&mut form);
        let institution_id = institutions::chosen(db, viewer, &mut form)?;
        form.finish()?;
        db.execute(
            "INSERT INTO terms (institution_id, name, start_date, end_date) VALUES (?1, ?2, ?3, ?4)",
            params![institution_id, name, start, end],
        )?;
        Ok(db.last_insert_rowid())
    }

    fn update(db: &Connection, _: &Viewer, id: i64, mut form: Form) -> Result<()> {
        let (name, start, end) = read(&mut form);
        form.finish()?;
        db.execute(
            "UPDATE terms SET name = ?2, start_date = ?3, end_date = ?4 WHERE id = ?1",
            params![id, name, start, end],
        )?;
        Ok(())
    }
}

fn read(form: &mut Form) -> (String, String, String) {
    let name = form.text("name", 60);
    let (start, end) = (form.date("start_date"), form.date("end_date"));
    if end <= start {
        form.reject("end_date", "The end must be after the start.");
    }
    (name, start.to_string(), end.to_string())
}
