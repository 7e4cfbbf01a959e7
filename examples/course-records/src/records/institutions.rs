//! Institutions: colleges and universities. Only site administrators manage them.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Dependant, Form, Kind, Listed, Listing, Record, SITE};
use crate::auth::{Role, Viewer};
use crate::error::Result;

pub(crate) struct Institutions;

impl Listed for Institutions {
    const KIND: Kind = Kind::Institution;
    const LISTING: Listing = Listing {
        select: "SELECT json_object(
                'id', i.id, 'label', i.name, 'name', i.name, 'city', i.city, 'created_at', i.created_at,
                'programs', (SELECT count(*) FROM programs p WHERE p.institution_id = i.id),
                'users', (SELECT count(*) FROM users u WHERE u.institution_id = i.id))
            FROM institutions i",
        id: "i.id",
        scope: &[SITE],
        search: "i.name || ' ' || i.city",
        parents: &[],
        order: "i.name, i.id",
    };
}

impl Record for Institutions {
    const DEPENDANTS: &'static [Dependant] = &[
        Dependant {
            singular: "program",
            plural: "programs",
            count: "SELECT count(*) FROM programs WHERE institution_id = ?1",
        },
        Dependant {
            singular: "term",
            plural: "terms",
            count: "SELECT count(*) FROM terms WHERE institution_id = ?1",
        },
        Dependant {
            singular: "user",
            plural: "users",
            count: "SELECT count(*) FROM users WHERE institution_id = ?1",
        },
    ];

    fn create(db: &Connection, _: &Viewer, mut form: Form) -> Result<i64> {
        let (name, city) = read(&mut form)?;
        db.execute(
            "INSERT INTO institutions (name, city, created_at) VALUES (?1, ?2, ?3)",
            params![name, city, now()],
        )?;
        Ok(db.last_insert_rowid())
    }

    fn update(db: &Connection, _: &Viewer, id: i64, mut form: Form) -> Result<()> {
        let (name, city) = read(&mut form)?;
        db.execute("UPDATE institutions SET name = ?2, city = ?3 WHERE id = ?1", params![id, name, city])?;
        Ok(())
    }
}

fn read(form: &mut Form) -> Result<(String, String)> {
    let fields = (form.text("name", 120), form.optional_text("city", 80));
    form.finish()?;
    Ok(fields)
}

/// The institution that a new record belongs to: a site administrator chooses, for everybody else it is
/// their own.
pub(super) fn chosen(db: &Connection, viewer: &Viewer, form: &mut Form) -> Result<i64> {
    if viewer.role != Role::SiteAdmin {
        return viewer.institution_id.ok_or_else(crate::error::Error::forbidden);
    }
    let id = form.id("institution_id");
    form.finish()?;
    super::referred::<Institutions>(db, viewer, id, "institution_id")?;
    Ok(id)
}

/// The time of a record's making, to the second.
pub(crate) fn now() -> String {
    Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
