//! The directory itself: a small server with a file of its own.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Path as Segment, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post, put};
use axum::{Json, Router};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::OwnedSemaphorePermit;

use crate::db::{Db, OpenError};
use crate::error::{Error, Result};
use crate::faults::Fault;

const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];
const CONNECTIONS: usize = 3;
/// How long a connection is kept for a number that nobody confirms (`pool-runs-dry`).
const UNCONFIRMED: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub(crate) struct Directory {
    db: Db,
    /// The connections of `pool-runs-dry`, by number.
    kept: Arc<Mutex<HashMap<i64, OwnedSemaphorePermit>>>,
}

impl Directory {
    /// Opens the directory's file, and makes it if there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        Ok(Self { db: Db::open_with(path, MIGRATIONS, CONNECTIONS)?, kept: Arc::default() })
    }

    pub(crate) fn router(self) -> Router {
        Router::new()
            .route("/numbers", post(issue))
            .route("/numbers/next", get(next))
            .route("/numbers/{number}", put(claim))
            .route("/numbers/{number}/confirm", post(confirm))
            .route("/calendar", get(dates).put(publish))
            .route("/revisions", get(revision).post(edit))
            .route("/health", get(health))
            .fallback(|| async { Error::NotFound("address") })
            .with_state(self)
    }

    fn keep(&self, number: i64, connection: OwnedSemaphorePermit) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(number, connection);
        let directory = self.clone();
        tokio::spawn(async move {
            // Nobody may ever confirm it: the connection comes back with time.
            tokio::time::sleep(UNCONFIRMED).await;
            directory.release(number);
        });
    }

    fn release(&self, number: i64) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }
}

#[derive(Deserialize)]
struct Person {
    email: String,
}

/// A number that nobody has had.
async fn issue(
    State(directory): State<Directory>,
    Json(person): Json<Person>,
) -> Result<(StatusCode, Json<Value>)> {
    let connection = if Fault::PoolRunsDry.is_on() { Some(directory.db.keep_connection()?) } else { None };
    let number = directory
        .db
        .write(move |db| {
            let number =
                if Fault::NumberFromClock.is_on() { Timestamp::now().as_second() } else { next_number(db)? };
            db.execute("INSERT INTO numbers (number, email) VALUES (?1, ?2)", params![number, person.email])?;
            Ok(number)
        })
        .await?;
    if let Some(connection) = connection {
        directory.keep(number, connection);
    }
    Ok((StatusCode::CREATED, Json(json!({ "number": number }))))
}

/// The number that would be issued now. It is nobody's yet.
async fn next(State(directory): State<Directory>) -> Result<Json<Value>> {
    let number = directory.db.read(|db| next_number(db)).await?;
    Ok(Json(json!({ "number": number })))
}

fn next_number(db: &Connection) -> Result<i64> {
    Ok(db.query_row("SELECT coalesce(max(number), 100000) + 1 FROM numbers", [], |row| row.get(0))?)
}

/// Gives a number to somebody, unless somebody else has it.
async fn claim(
    State(directory): State<Directory>,
    Segment(number): Segment<i64>,
    Json(person): Json<Person>,
) -> Result<Json<Value>> {
    let holder: String = directory
        .db
        .write(move |db| {
            db.execute(
                "INSERT OR IGNORE INTO numbers (number, email) VALUES (?1, ?2)",
                params![number, person.email],
            )?;
            let sql = "SELECT email FROM numbers WHERE number = ?1";
            let holder: String = db.query_row(sql, [number], |row| row.get(0))?;
            if holder != person.email {
                return Err(Error::Conflict(format!("The campus number {number} is somebody else's.")));
            }
            Ok(holder)
        })
        .await?;
    Ok(Json(json!({ "number": number, "email": holder })))
}

async fn confirm(State(directory): State<Directory>, Segment(number): Segment<i64>) -> Result<Json<Value>> {
    directory.release(number);
    directory
        .db
        .write(move |db| {
            let known = db.execute("UPDATE numbers SET confirmed = 1 WHERE number = ?1", [number])? > 0;
            Ok(Json(json!({ "number": number, "known": known })))
        })
        .await
}

#[derive(Deserialize, Serialize)]
struct Entry {
    term: String,
    start_date: String,
    end_date: String,
}

async fn publish(State(directory): State<Directory>, Json(entry): Json<Entry>) -> Result<Json<Entry>> {
    directory
        .db
        .write(move |db| {
            db.execute(
                "INSERT OR REPLACE INTO calendar (term, start_date, end_date) VALUES (?1, ?2, ?3)",
                params![entry.term, entry.start_date, entry.end_date],
            )?;
            Ok(Json(entry))
        })
        .await
}

#[derive(Deserialize)]
struct Which {
    #[serde(default)]
    term: String,
    #[serde(default)]
    catalogue: String,
}

/// The dates of a term; an empty object if the campus does not know it.
async fn dates(State(directory): State<Directory>, Query(which): Query<Which>) -> Result<Json<Value>> {
    directory
        .db
        .read(move |db| {
            let sql = "SELECT start_date, end_date FROM calendar WHERE term = ?1";
            let dates = db
                .query_row(sql, [&which.term], |row| {
                    Ok(json!({ "start_date": row.get::<_, String>(0)?, "end_date": row.get::<_, String>(1)? }))
                })
                .optional()?;
            Ok(Json(dates.unwrap_or_else(|| json!({}))))
        })
        .await
}

async fn revision(State(directory): State<Directory>, Query(which): Query<Which>) -> Result<Json<Value>> {
    let revision = directory.db.read(move |db| revision_of(db, &which.catalogue)).await?;
    Ok(Json(json!({ "revision": revision })))
}

#[derive(Deserialize)]
struct Edit {
    catalogue: String,
    /// The revision that the editor's page shows.
    seen: i64,
}

async fn edit(State(directory): State<Directory>, Json(edit): Json<Edit>) -> Result<Json<Value>> {
    let revision = directory
        .db
        .write(move |db| {
            if revision_of(db, &edit.catalogue)? != edit.seen {
                return Err(Error::Conflict(
                    "Somebody else has edited the catalogue meanwhile. Please reload the page.".into(),
                ));
            }
            db.execute(
                "INSERT OR REPLACE INTO revisions (catalogue, revision) VALUES (?1, ?2)",
                params![edit.catalogue, edit.seen + 1],
            )?;
            Ok(edit.seen + 1)
        })
        .await?;
    Ok(Json(json!({ "revision": revision })))
}

fn revision_of(db: &Connection, catalogue: &str) -> Result<i64> {
    let sql = "SELECT revision FROM revisions WHERE catalogue = ?1";
    Ok(db.query_row(sql, [catalogue], |row| row.get(0)).optional()?.unwrap_or(0))
}

async fn health(State(directory): State<Directory>) -> Result<Json<Value>> {
    directory.db.read(|db| next_number(db)).await?;
    Ok(Json(json!({ "status": "ok" })))
}
