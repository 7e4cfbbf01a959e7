//! Users. A site administrator manages all of them, an institution administrator those of the own
//! institution; nobody can lock themselves out.

use rusqlite::{Connection, params};
use serde_json::Value;

use super::institutions::{self, now};
use super::programs::Programs;
use super::{Dependant, Form, Kind, Listed, Listing, Record, SITE, get, referred, text};
use crate::auth::{Role, Viewer, password, session};
use crate::error::{Error, Result};

pub(crate) struct Users;
pub(crate) struct Instructors;

impl Listed for Users {
    const KIND: Kind = Kind::User;
    const LISTING: Listing = Listing {
        select: "SELECT json_object(
                'id', u.id, 'label', u.display_name, 'email', u.email, 'display_name', u.display_name,
                'role', u.role, 'institution_id', u.institution_id, 'institution_name', i.name,
                'is_active', json(iif(u.is_active, 'true', 'false')),
                'is_verified', json(iif(u.is_verified, 'true', 'false')), 'created_at', u.created_at,
                'program_ids', json((SELECT json_group_array(program_id) FROM (
                    SELECT program_id FROM program_admins WHERE user_id = u.id ORDER BY program_id))),
                'programs', coalesce((SELECT group_concat(p.name, ', ')
                    FROM program_admins a JOIN programs p ON p.id = a.program_id WHERE a.user_id = u.id), ''),
                'sections', (SELECT count(*) FROM sections s WHERE s.instructor_id = u.id),
                'campus_number', (SELECT number FROM campus_numbers n WHERE n.user_id = u.id))
            FROM users u LEFT JOIN institutions i ON i.id = u.institution_id",
        id: "u.id",
        scope: &[SITE, ":role = 'institution_admin' AND u.institution_id = :institution"],
        search: "u.display_name || ' ' || u.email || ' ' || replace(u.role, '_', ' ') || ' ' || coalesce(i.name, '')",
        parents: &[("institution_id", "u.institution_id")],
        order: "u.display_name COLLATE NOCASE, u.id",
    };
}

impl Listed for Instructors {
    const KIND: Kind = Kind::Instructor;
    const LISTING: Listing = Listing {
        select: "SELECT json_object(
                'id', u.id, 'label', u.display_name, 'email', u.email, 'display_name', u.display_name,
                'is_active', json(iif(u.is_active, 'true', 'false')),
                'institution_id', u.institution_id, 'institution_name', i.name)
            FROM (SELECT * FROM users WHERE role = 'instructor' AND is_verified = 1) u
            JOIN institutions i ON i.id = u.institution_id",
        id: "u.id",
        scope: &[SITE, ":role IN ('institution_admin', 'program_admin') AND u.institution_id = :institution"],
        search: "u.display_name || ' ' || u.email",
        parents: &[("institution_id", "u.institution_id")],
        order: "u.display_name COLLATE NOCASE, u.id",
    };
}

impl Record for Users {
    const DEPENDANTS: &'static [Dependant] = &[Dependant {
        singular: "section",
        plural: "sections",
        count: "SELECT count(*) FROM sections WHERE instructor_id = ?1",
    }];

    fn create(db: &Connection, viewer: &Viewer, mut form: Form) -> Result<i64> {
        let user = User::read(db, viewer, &mut form)?;
        if let Err(message) = password::check_new(form.password("password")) {
            form.reject("password", message);
        }
        form.finish()?;
        let id = insert(db, &user, form.password("password"))?;
        assign_programs(db, viewer, id, &user)?;
        Ok(id)
    }

    fn update(db: &Connection, viewer: &Viewer, id: i64, mut form: Form) -> Result<()> {
        let before = get::<Self>(db, viewer, id)?;
        let user = User::read(db, viewer, &mut form)?;
        let new_password = Some(form.password("password").to_owned()).filter(|password| !password.is_empty());
        if let Some(Err(message)) = new_password.as_deref().map(password::check_new) {
            form.reject("password", message);
        }
        form.finish()?;
        user.may_follow(viewer, &before)?;
        db.execute(
            "UPDATE users SET email = ?2, display_name = ?3, role = ?4, institution_id = ?5, is_active = ?6
             WHERE id = ?1",
            params![id, user.email, user.display_name, user.role.name(), user.institution_id, user.is_active],
        )?;
        assign_programs(db, viewer, id, &user)?;
        if let Some(password) = &new_password {
            set_password(db, id, password)?;
        }
        if new_password.is_some() || !user.is_active {
            session::end_all(db, id, Some(viewer.session.id.as_str()).filter(|_| id == viewer.user_id))?;
        }
        Ok(())
    }

    fn may_delete(_: &Connection, viewer: &Viewer, id: i64) -> Result<()> {
        if id != viewer.user_id {
            return Ok(());
        }
        Err(Error::Conflict("You cannot delete your own account.".into()))
    }
}

struct User {
    email: String,
    display_name: String,
    role: Role,
    institution_id: Option<i64>,
    is_active: bool,
    program_ids: Vec<i64>,
}

impl User {
    fn read(db: &Connection, viewer: &Viewer, form: &mut Form) -> Result<Self> {
        let email = form.email("email");
        let display_name = form.text("display_name", 120);
        let is_active = form.flag("is_active", true);
        let program_ids = form.ids("program_ids");
        let role = Role::parse(&form.choice("role", &Role::ALL.map(Role::name)));
        let institution_id = match role {
            None | Some(Role::SiteAdmin) => None,
            Some(_) => Some(institutions::chosen(db, viewer, form)?),
        };
        form.finish()?;
        let role = role.ok_or_else(|| Error::field("role", "Please choose one."))?;
        if role == Role::SiteAdmin && viewer.role != Role::SiteAdmin {
            return Err(Error::Forbidden("Only site admins can make site admins.".into()));
        }
        Ok(Self { email, display_name, role, institution_id, is_active, program_ids })
    }

    /// Whether the user who was `before` may become this.
    fn may_follow(&self, viewer: &Viewer, before: &Value) -> Result<()> {
        let same_role = text(before, "role") == self.role.name();
        if before["id"] == viewer.user_id {
            if !self.is_active {
                return Err(Error::Conflict("You cannot deactivate your own account.".into()));
            }
            if !same_role {
                return Err(Error::Conflict("You cannot change your own role.".into()));
            }
        }
        let moves = before["institution_id"].as_i64() != self.institution_id;
        let teaches = before["sections"].as_i64().unwrap_or_default() > 0;
        if teaches && (!same_role || moves) {
            let message = "This user teaches sections. Reassign them before you change role or institution.";
            return Err(Error::Conflict(message.into()));
        }
        Ok(())
    }
}

fn insert(db: &Connection, user: &User, password: &str) -> Result<i64> {
    db.execute(
        "INSERT INTO users (email, display_name, role, institution_id, password_hash, is_active, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            user.email,
            user.display_name,
            user.role.name(),
            user.institution_id,
            password::hash(password)?,
            user.is_active,
            now()
        ],
    )?;
    Ok(db.last_insert_rowid())
}

pub(crate) fn set_password(db: &Connection, id: i64, password: &str) -> Result<()> {
    let hash = password::hash(password)?;
    db.execute("UPDATE users SET password_hash = ?2 WHERE id = ?1", params![id, hash])?;
    Ok(())
}

/// Lets a user sign in or not, without touching anything else.
pub(crate) fn set_active(db: &Connection, viewer: &Viewer, id: i64, active: bool) -> Result<Value> {
    get::<Users>(db, viewer, id)?;
    if id == viewer.user_id {
        return Err(Error::Conflict("You cannot deactivate your own account.".into()));
    }
    db.execute("UPDATE users SET is_active = ?2 WHERE id = ?1", params![id, active])?;
    if !active {
        session::end_all(db, id, None)?;
    }
    get::<Users>(db, viewer, id)
}

/// Only program administrators have programs; for everybody else the assignments go.
fn assign_programs(db: &Connection, viewer: &Viewer, id: i64, user: &User) -> Result<()> {
    db.execute("DELETE FROM program_admins WHERE user_id = ?1", [id])?;
    if user.role != Role::ProgramAdmin {
        return Ok(());
    }
    for &program_id in &user.program_ids {
        let program = referred::<Programs>(db, viewer, program_id, "program_ids")?;
        if program["institution_id"].as_i64() != user.institution_id {
            return Err(Error::field("program_ids", "Please choose programs of the user's institution."));
        }
        db.execute(
            "INSERT OR IGNORE INTO program_admins (program_id, user_id) VALUES (?1, ?2)",
            params![program_id, id],
        )?;
    }
    Ok(())
}

/// The first account of a new database.
pub(crate) fn create_site_admin(db: &Connection, email: &str, password: &str) -> Result<i64> {
    let mut form = Form::new([("email".to_owned(), email.into())].into_iter().collect());
    let email = form.email("email");
    if let Err(message) = password::check_new(password) {
        form.reject("password", message);
    }
    form.finish()?;
    let user = User {
        display_name: email.clone(),
        email,
        role: Role::SiteAdmin,
        institution_id: None,
        is_active: true,
        program_ids: Vec::new(),
    };
    insert(db, &user, password)
}
