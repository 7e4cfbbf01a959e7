//! Programs of an institution. Program administrators see those that they are assigned to.

use rusqlite::{Connection, params};

use super::{
    Dependant, Form, Kind, Listed, Listing, OWN_INSTITUTION, OWN_PROGRAM, Record, SITE, institutions,
};
use crate::auth::Viewer;
use crate::error::Result;

pub(crate) struct Programs;

impl Listed for Programs {
    const KIND: Kind = Kind::Program;
    const LISTING: Listing = Listing {
        select: "SELECT json_object(
                'id', p.id, 'label', p.name, 'name', p.name, 'description', p.description,
                'institution_id', p.institution_id, 'institution_name', i.name,
                'courses', (SELECT count(*) FROM courses c WHERE c.program_id = p.id),
                'admins', coalesce((SELECT group_concat(u.display_name, ', ')
                    FROM program_admins a JOIN users u ON u.id = a.user_id WHERE a.program_id = p.id), ''))
            FROM programs p JOIN institutions i ON i.id = p.institution_id",
        id: "p.id",
        scope: &[SITE, OWN_INSTITUTION, OWN_PROGRAM],
        search: "p.name || ' ' || p.description || ' ' || i.name",
        parents: &[("institution_id", "p.institution_id")],
        order: "p.name, p.id",
    };
}

impl Record for Programs {
    const DEPENDANTS: &'static [Dependant] = &[Dependant {
        singular: "course",
        plural: "courses",
        count: "SELECT count(*) FROM courses WHERE program_id = ?1",
    }];

    fn create(db: &Connection, viewer: &Viewer, mut form: Form) -> Result<i64> {
        let (name, description) = read(&mut form);
        let institution_id = institutions::chosen(db, viewer, &mut form)?;
        form.finish()?;
        db.execute(
            "INSERT INTO programs (institution_id, name, description) VALUES (?1, ?2, ?3)",
            params![institution_id, name, description],
        )?;
        Ok(db.last_insert_rowid())
    }

    fn update(db: &Connection, _: &Viewer, id: i64, mut form: Form) -> Result<()> {
        let (name, description) = read(&mut form);
        form.finish()?;
        db.execute(
            "UPDATE programs SET name = ?2, description = ?3 WHERE id = ?1",
            params![id, name, description],
        )?;
        Ok(())
    }
}

fn read(form: &mut Form) -> (String, String) {
    (form.text("name", 120), form.optional_text("description", 1000))
}
