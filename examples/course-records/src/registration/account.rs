//! What these pages need to know about an account.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::auth::session;
use crate::error::Result;
use crate::mail::{Letter, letters};
use crate::records::users;
use crate::server::App;

use super::tokens::{self, Purpose};

pub(super) struct Account {
    pub(super) id: i64,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) is_active: bool,
    pub(super) is_verified: bool,
    institution: String,
}

const SELECT: &str =
    "SELECT u.id, u.email, u.display_name, u.is_active, u.is_verified, coalesce(i.name, 'Course Records')
    FROM users u LEFT JOIN institutions i ON i.id = u.institution_id";

impl Account {
    pub(super) fn by_email(db: &Connection, email: &str) -> Result<Option<Self>> {
        let found = db.query_row(&format!("{SELECT} WHERE u.email = ?1"), [email], Self::read);
        Ok(found.optional()?)
    }

    pub(super) fn by_id(db: &Connection, id: i64) -> Result<Self> {
        Ok(db.query_row(&format!("{SELECT} WHERE u.id = ?1"), [id], Self::read)?)
    }

    /// The account of a token that is still good. A deactivated account's are not.
    pub(super) fn of_token(db: &Connection, purpose: Purpose, token: &str) -> Result<Self> {
        let id = tokens::owner(db, purpose, token)?.ok_or_else(super::worn_out)?;
        let account = Self::by_id(db, id)?;
        if account.is_active { Ok(account) } else { Err(super::worn_out()) }
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            email: row.get(1)?,
            name: row.get(2)?,
            is_active: row.get(3)?,
            is_verified: row.get(4)?,
            institution: row.get(5)?,
        })
    }

    /// The person has shown that the address is theirs.
    pub(super) fn verify(&self, db: &Connection) -> Result<()> {
        db.execute("UPDATE users SET is_verified = 1 WHERE id = ?1", [self.id])?;
        tokens::revoke(db, Purpose::Verify, self.id)
    }

    /// A new password ends all sessions: who knew the old one may be in one of them.
    pub(super) fn set_password(&self, db: &Connection, password: &str) -> Result<()> {
        users::set_password(db, self.id, password)?;
        session::end_all(db, self.id, None)
    }

    pub(super) fn welcome(&self, app: &App) -> Letter {
        letters::welcome(&self.email, &self.name, &self.institution, app.links.to("/login"))
    }
}

/// Sends the welcome while the person goes on. They know already what it says, so nobody has to wait for it, and
/// nothing is undone when it does not arrive.
pub(super) fn send_welcome(app: &App, letter: Letter) {
    let mailer = app.mailer.clone();
    tokio::spawn(async move {
        // The mailer has written into the log why.
        let _ = mailer.send(&letter).await;
    });
}
