//! How often anybody may have a message sent to one address. It counts requests, not messages or accounts, so
//! that the answer tells nothing about the address.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::error::{Error, Result};

const MOST: i64 = 5;
const WINDOW_SECONDS: i64 = 15 * 60;

/// Counts a request, or refuses it.
pub(super) fn admit(db: &Connection, email: &str) -> Result<()> {
    let now = Timestamp::now().as_second();
    db.execute("DELETE FROM mail_requests WHERE requested_at <= ?1", [now - WINDOW_SECONDS])?;
    let (count, first): (i64, Option<i64>) = db.query_row(
        "SELECT count(*), min(requested_at) FROM mail_requests WHERE email = ?1",
        [email],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    if count >= MOST {
        let seconds = first.unwrap_or(now) + WINDOW_SECONDS - now;
        return Err(Error::too_many("Too many messages were requested for this address.", seconds));
    }
    db.execute("INSERT INTO mail_requests (email, requested_at) VALUES (?1, ?2)", params![email, now])?;
    Ok(())
}
