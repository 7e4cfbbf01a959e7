//! Invitations: who administers an institution or a program asks somebody by e-mail to join, with a role.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde_json::Value;

use super::institutions::{self, now};
use super::programs::Programs;
use super::{Form, Kind, Listed, Listing, Record, SITE, get, referred, text};
use crate::auth::{Role, Viewer};
use crate::error::{Error, Result};
use crate::registration::tokens::Purpose;

pub(crate) struct Invitations;

impl Listed for Invitations {
    const KIND: Kind = Kind::Invitation;
    const LISTING: Listing = Listing {
        select: "SELECT json_object(
                'id', v.id, 'label', v.email, 'email', v.email, 'role', v.role,
                'institution_id', v.institution_id, 'institution_name', i.name,
                'program_ids', json((SELECT json_group_array(program_id) FROM (
                    SELECT program_id FROM invitation_programs WHERE invitation_id = v.id ORDER BY program_id))),
                'programs', coalesce((SELECT group_concat(p.name, ', ')
                    FROM invitation_programs a JOIN programs p ON p.id = a.program_id
                    WHERE a.invitation_id = v.id), ''),
                'status', CASE WHEN v.accepted_at IS NOT NULL THEN 'accepted' WHEN v.sent_at IS NULL THEN 'not sent'
                    WHEN v.expires_at <= unixepoch() THEN 'expired' ELSE 'open' END,
                'invited_by', u.display_name, 'created_at', v.created_at, 'sent_at', v.sent_at)
            FROM invitations v
            JOIN institutions i ON i.id = v.institution_id
            LEFT JOIN users u ON u.id = v.invited_by",
        id: "v.id",
        scope: &[
            SITE,
            ":role = 'institution_admin' AND v.institution_id = :institution",
            ":role = 'program_admin' AND v.invited_by = :user",
        ],
        search: "v.email || ' ' || replace(v.role, '_', ' ') || ' ' || i.name",
        parents: &[("institution_id", "v.institution_id")],
        order: "v.id DESC",
    };
}

impl Record for Invitations {
    /// The caller sends the message, and then calls [`sent`] or takes the invitation back.
    fn create(db: &Connection, viewer: &Viewer, mut form: Form) -> Result<i64> {
        let email = form.email("email");
        let offer = Offer::read(db, viewer, &mut form)?;
        let known = "SELECT count(*) FROM users WHERE email = ?1 AND is_verified = 1";
        if db.query_row(known, [&email], |row| row.get::<_, i64>(0))? > 0 {
            return Err(Error::Conflict("Another user already has this email.".into()));
        }
        db.execute(
            "INSERT INTO invitations (email, role, institution_id, invited_by, created_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![email, offer.role.name(), offer.institution_id, viewer.user_id, now(), expiry()],
        )?;
        let id = db.last_insert_rowid();
        offer.write_programs(db, id)?;
        Ok(id)
    }

    /// What is offered may change until it is accepted; to whom, may not: the address has the link.
    fn update(db: &Connection, viewer: &Viewer, id: i64, mut form: Form) -> Result<()> {
        let before = open(db, viewer, id)?;
        let offer = Offer::read(db, viewer, &mut form)?;
        if before["institution_id"].as_i64() != Some(offer.institution_id) {
            return Err(Error::field(
                "institution_id",
                "Please make a new invitation for another institution.",
            ));
        }
        db.execute("UPDATE invitations SET role = ?2 WHERE id = ?1", params![id, offer.role.name()])?;
        offer.write_programs(db, id)
    }
}

/// What somebody is invited to be.
struct Offer {
    role: Role,
    institution_id: i64,
    program_ids: Vec<i64>,
}

impl Offer {
    fn read(db: &Connection, viewer: &Viewer, form: &mut Form) -> Result<Self> {
        let roles = offered_by(viewer.role);
        let role =
            Role::parse(&form.choice("role", &roles.iter().map(|role| role.name()).collect::<Vec<_>>()));
        let program_ids = form.ids("program_ids");
        let institution_id = institutions::chosen(db, viewer, form)?;
        form.finish()?;
        let role = role.ok_or_else(|| Error::field("role", "Please choose one."))?;
        if role != Role::ProgramAdmin {
            return Ok(Self { role, institution_id, program_ids: Vec::new() });
        }
        for &program_id in &program_ids {
            let program = referred::<Programs>(db, viewer, program_id, "program_ids")?;
            if program["institution_id"].as_i64() != Some(institution_id) {
                return Err(Error::field("program_ids", "Please choose programs of the institution."));
            }
        }
        Ok(Self { role, institution_id, program_ids })
    }

    fn write_programs(&self, db: &Connection, id: i64) -> Result<()> {
        db.execute("DELETE FROM invitation_programs WHERE invitation_id = ?1", [id])?;
        for program_id in &self.program_ids {
            db.execute(
                "INSERT OR IGNORE INTO invitation_programs (invitation_id, program_id) VALUES (?1, ?2)",
                params![id, program_id],
            )?;
        }
        Ok(())
    }
}

/// The roles that somebody may invite to: nobody's above their own.
pub(crate) const fn offered_by(role: Role) -> &'static [Role] {
    match role {
        Role::SiteAdmin | Role::InstitutionAdmin => {
            &[Role::InstitutionAdmin, Role::ProgramAdmin, Role::Instructor]
        }
        Role::ProgramAdmin => &[Role::ProgramAdmin, Role::Instructor],
        Role::Instructor => &[],
    }
}

/// An invitation that nobody has accepted yet.
pub(crate) fn open(db: &Connection, viewer: &Viewer, id: i64) -> Result<Value> {
    let item = get::<Invitations>(db, viewer, id)?;
    if text(&item, "status") == "accepted" {
        return Err(Error::Conflict("This invitation was accepted already.".into()));
    }
    Ok(item)
}

/// Notes that a mail server took the message, from when on the time counts.
pub(crate) fn sent(db: &Connection, id: i64) -> Result<()> {
    db.execute(
        "UPDATE invitations SET sent_at = ?2, expires_at = ?3 WHERE id = ?1",
        params![id, now(), expiry()],
    )?;
    Ok(())
}

/// As if it had not been made.
pub(crate) fn take_back(db: &Connection, id: i64) -> Result<()> {
    db.execute("DELETE FROM invitations WHERE id = ?1", [id])?;
    Ok(())
}

fn expiry() -> i64 {
    Timestamp::now().as_second() + Purpose::Invitation.lifetime()
}

/// An invitation as the person who accepts it has it.
pub(crate) struct Invited {
    pub(crate) id: i64,
    pub(crate) email: String,
    pub(crate) role: String,
    pub(crate) institution: String,
    institution_id: i64,
}

impl Invited {
    pub(crate) fn find(db: &Connection, id: i64) -> Result<Self> {
        Ok(db.query_row(
            "SELECT v.id, v.email, v.role, i.name, i.id
             FROM invitations v JOIN institutions i ON i.id = v.institution_id WHERE v.id = ?1",
            [id],
            |row| {
                Ok(Self {
                    id: row.get(0)?,
                    email: row.get(1)?,
                    role: row.get(2)?,
                    institution: row.get(3)?,
                    institution_id: row.get(4)?,
                })
            },
        )?)
    }
}

/// Makes the user of an invitation, or of an account that nobody has verified, and returns the user's id.
pub(crate) fn accept(
    db: &Connection,
    invited: &Invited,
    unverified: Option<i64>,
    name: &str,
    password_hash: &str,
) -> Result<i64> {
    let Invited { id, email, role, institution_id, .. } = invited;
    let user_id = if let Some(user_id) = unverified {
        db.execute(
            "UPDATE users SET display_name = ?2, role = ?3, institution_id = ?4, password_hash = ?5,
             is_verified = 1 WHERE id = ?1",
            params![user_id, name, role, institution_id, password_hash],
        )?;
        user_id
    } else {
        db.execute(
            "INSERT INTO users (email, display_name, role, institution_id, password_hash, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![email, name, role, institution_id, password_hash, now()],
        )?;
        db.last_insert_rowid()
    };
    db.execute("DELETE FROM program_admins WHERE user_id = ?1", [user_id])?;
    db.execute(
        "INSERT INTO program_admins (program_id, user_id)
         SELECT program_id, ?2 FROM invitation_programs WHERE invitation_id = ?1",
        params![id, user_id],
    )?;
    db.execute("UPDATE invitations SET accepted_at = ?2 WHERE id = ?1", params![id, now()])?;
    Ok(user_id)
}
