//! The file of accounts: CSV with the columns role, slot, username, password, and further attributes.
//!
//! No message shows what is in it: a row has a password, and the first line may be a row by mistake.

use std::collections::BTreeMap;
use std::path::Path;

use super::diagnostic::{Diagnostic, nearest};
use super::reader::Item;
use super::settings::MOST_SLOTS;
use super::source::shown;
use crate::model::{Account, Role, SlotId};

const COLUMNS: [&str; 4] = ["role", "slot", "username", "password"];

/// An account and where it stands.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) account: Account,
    /// `accounts.csv:3`
    pub(super) place: String,
}

/// The rows of this role. `None` after a fault, which the reader has noted.
pub(super) fn read(item: &Item<'_>, file: &Path, role: &Role) -> Option<Vec<Row>> {
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            item.refuse(
                format!("cannot read the accounts of role `{role}` from {}: {error}", shown(file)),
                "name a CSV file that can be read; its path starts from the folder of this file",
            );
            return None;
        }
    };
    match rows(&bytes, &shown(file), role) {
        Ok(rows) if rows.is_empty() => {
            item.refuse(
                format!("role `{role}` has no account: {} has no row of it", shown(file)),
                format!("add rows whose column `role` is {role}, or leave the role out"),
            );
            None
        }
        Ok(rows) => Some(rows),
        Err(faults) => {
            for fault in faults {
                item.reader.refuse_elsewhere(fault);
            }
            None
        }
    }
}

fn rows(bytes: &[u8], file: &str, role: &Role) -> Result<Vec<Row>, Vec<Diagnostic>> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map_err(|error| vec![malformed(bytes, file, &error)])?.clone();
    let columns = columns(&header)
        .map_err(|(message, help)| vec![Diagnostic::new(message, help).at(format!("{file}:1"))])?;
    let mut rows: Vec<Row> = Vec::new();
    let mut faults = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                faults.push(malformed(bytes, file, &error));
                continue;
            }
        };
        let place = format!("{file}:{}", line(bytes, record.position()));
        match row(&record, &header, columns, role, &rows) {
            Ok(Some(account)) => rows.push(Row { account, place }),
            Ok(None) => {}
            Err((message, help)) => faults.push(Diagnostic::new(message, help).at(place)),
        }
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

/// Where in a row role, slot, username and password stand.
fn columns(header: &csv::StringRecord) -> Result<[usize; 4], (String, String)> {
    let names: Vec<&str> = header.iter().collect();
    for (index, name) in names.iter().enumerate() {
        if name.trim() != *name || name.is_empty() {
            return Err((
                format!("column {} has no name, or blanks around it", index + 1),
                "give each column a name, without blanks around it".to_owned(),
            ));
        }
        if let Some(other) = names[..index].iter().position(|other| other == name) {
            return Err((
                format!("columns {} and {} have the same name", other + 1, index + 1),
                "give each column a name of its own".to_owned(),
            ));
        }
    }
    let further: Vec<&str> = names.iter().copied().filter(|name| !COLUMNS.contains(name)).collect();
    let mut found = [0; 4];
    for (place, column) in found.iter_mut().zip(COLUMNS) {
        *place = names.iter().position(|name| *name == column).ok_or_else(|| {
            let near = nearest(column, &further);
            let near = near.and_then(|near| names.iter().position(|name| *name == near));
            let near = near.map(|near| format!("is it column {}? ", near + 1));
            (
                format!("there is no column `{column}`"),
                format!(
                    "{}the first line names the columns: {}, then further attributes",
                    near.unwrap_or_default(),
                    COLUMNS.join(",")
                ),
            )
        })?;
    }
    Ok(found)
}

/// The account of a row, if it is one of this role. The rows so far tell what is taken.
fn row(
    record: &csv::StringRecord,
    header: &csv::StringRecord,
    [role_column, slot_column, username_column, password_column]: [usize; 4],
    role: &Role,
    before: &[Row],
) -> Result<Option<Account>, (String, String)> {
    let field = |column: usize| record.get(column).unwrap_or_default();
    let slot = field(slot_column).parse().ok().filter(|slot| *slot < MOST_SLOTS);
    let slot = slot.map(SlotId).ok_or_else(|| {
        (
            "the slot of this row is not one".to_owned(),
            format!("write a whole number from 0 to {} in the column `slot`", MOST_SLOTS - 1),
        )
    })?;
    let username = field(username_column);
    if username.is_empty() {
        return Err(("this account has no username".to_owned(), "write the name to sign in with".to_owned()));
    }
    if field(role_column) != role.as_str() {
        return Ok(None);
    }
    if let Some(other) = before.iter().find(|other| other.account.slot() == slot) {
        return Err((
            format!("role `{role}` has a second account for slot {slot}; the first is at {}", other.place),
            "keep one row for each role and slot".to_owned(),
        ));
    }
    if let Some(other) = before.iter().find(|other| other.account.username() == username) {
        return Err((
            format!(
                "slots {} and {slot} would share one login of role `{role}`; the other is at {}",
                other.account.slot(),
                other.place
            ),
            "give each slot an account of its own".to_owned(),
        ));
    }
    let attributes: BTreeMap<String, String> = header
        .iter()
        .zip(record)
        .filter(|(name, _)| !COLUMNS.contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Ok(Some(Account::new(role.clone(), slot, username, field(password_column), attributes)))
}

/// What the CSV reader objects to, without what it read.
fn malformed(bytes: &[u8], file: &str, error: &csv::Error) -> Diagnostic {
    let message = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("this row has {len} fields, and the first line names {expected_len} columns")
        }
        csv::ErrorKind::Utf8 { .. } => "this row is not UTF-8".to_owned(),
        _ => "this row cannot be read".to_owned(),
    };
    Diagnostic::new(message, "write one field for each column; put a field with a comma in it in quotes")
        .at(format!("{file}:{}", line(bytes, error.position())))
}

/// The line that a row begins in. The CSV reader's own count is of the end of the row before, with
/// blank lines still to come.
fn line(bytes: &[u8], position: Option<&csv::Position>) -> usize {
    let end_before = position.map_or(0, |position| usize::try_from(position.byte()).unwrap_or_default());
    let (before, rest) = bytes.split_at(end_before.min(bytes.len()));
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    1 + before.iter().chain(blank).filter(|byte| **byte == b'\n').count()
}
