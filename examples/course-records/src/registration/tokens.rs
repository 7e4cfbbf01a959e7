//! Tokens: random, stored as a hash, used once, for a limited time.

use blake2::{Blake2s256, Digest as _};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use crate::auth::{hexadecimal, random_token};
use crate::error::Result;

const HOUR: i64 = 3600;

/// What a token proves, and the id of the user or invitation for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// That an address is the user's.
    Verify,
    /// That a user who forgot the password may choose another one.
    Reset,
    /// That somebody was invited.
    Invitation,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::Invitation => "invitation",
        }
    }

    /// The column of whom it is about.
    const fn column(self) -> &'static str {
        match self {
            Self::Verify | Self::Reset => "user_id",
            Self::Invitation => "invitation_id",
        }
    }

    /// For how many seconds a token is good. The letters say the same in words.
    pub(crate) const fn lifetime(self) -> i64 {
        match self {
            Self::Verify => 48 * HOUR,
            Self::Reset => HOUR,
            Self::Invitation => 7 * 24 * HOUR,
        }
    }
}

/// A new token. Older ones stay good: a message may arrive after a later one.
pub(crate) fn issue(db: &Connection, purpose: Purpose, id: i64) -> Result<String> {
    let token = random_token()?;
    let now = Timestamp::now().as_second();
    db.execute("DELETE FROM tokens WHERE expires_at <= ?1", [now])?;
    let column = purpose.column();
    db.execute(
        &format!("INSERT INTO tokens (hash, purpose, {column}, expires_at) VALUES (?1, ?2, ?3, ?4)"),
        params![hash(&token), purpose.name(), id, now + purpose.lifetime()],
    )?;
    Ok(token)
}

/// Whom a token is about, if it is good.
pub(crate) fn owner(db: &Connection, purpose: Purpose, token: &str) -> Result<Option<i64>> {
    let column = purpose.column();
    let found = db.query_row(
        &format!("SELECT {column} FROM tokens WHERE hash = ?1 AND purpose = ?2 AND expires_at > ?3"),
        params![hash(token), purpose.name(), Timestamp::now().as_second()],
        |row| row.get(0),
    );
    Ok(found.optional()?)
}

/// Ends all tokens of one purpose, the one that was used and those that wait in other messages.
pub(crate) fn revoke(db: &Connection, purpose: Purpose, id: i64) -> Result<()> {
    let column = purpose.column();
    db.execute(
        &format!("DELETE FROM tokens WHERE {column} = ?1 AND purpose = ?2"),
        params![id, purpose.name()],
    )?;
    Ok(())
}

/// Tokens are too random to be guessed, so one quick pass is enough.
fn hash(token: &str) -> String {
    hexadecimal(&Blake2s256::digest(token.as_bytes()))
}
