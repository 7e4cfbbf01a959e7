//! What can go wrong while a request is answered, and how the API says it.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::mail::MailError;

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// The texts are for the person in front of the page, therefore whole sentences. What happened inside
/// (`Database`, `Internal`) goes to the log only.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("Please sign in.")]
    Unauthenticated,
    #[error("{0}")]
    Forbidden(String),
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    #[error("{0}")]
    BadRequest(String),
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    Unavailable(String),
    #[error("Please correct the marked fields.")]
    Invalid(BTreeMap<String, String>),
    /// A link that was good once.
    #[error("{0}")]
    Gone(String),
    #[error("{message}")]
    TooMany { message: String, seconds: i64 },
    #[error(transparent)]
    Mail(#[from] MailError),
    #[error("Something went wrong on our side. Please try again.")]
    Database(#[source] rusqlite::Error),
    #[error("Something went wrong on our side. Please try again.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    pub(crate) fn forbidden() -> Self {
        Self::Forbidden("You do not have permission to do this.".into())
    }

    pub(crate) fn field(name: &str, message: impl Into<String>) -> Self {
        Self::Invalid(BTreeMap::from([(name.to_owned(), message.into())]))
    }

    /// Somebody has to wait. `what` is a sentence, to which the time is added.
    pub(crate) fn too_many(what: &str, seconds: i64) -> Self {
        let minutes = (seconds.max(1) + 59) / 60;
        let unit = if minutes == 1 { "minute" } else { "minutes" };
        Self::TooMany { message: format!("{what} Please try again in {minutes} {unit}."), seconds }
    }

    pub(crate) fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Unauthenticated => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Gone(_) => StatusCode::GONE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Mail(MailError::Refused { .. }) => StatusCode::BAD_GATEWAY,
            Self::Unavailable(_) | Self::Mail(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Database(_) | Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Writes the cause of an internal error to the log; the answer does not show it.
    pub(crate) fn log(&self) {
        match self {
            Self::Database(source) => tracing::error!("database: {source}"),
            Self::Internal(source) => tracing::error!("internal: {source}"),
            _ => {}
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.log();
        let message = self.to_string();
        let status = self.status();
        let wait = match &self {
            Self::TooMany { seconds, .. } => Some([(header::RETRY_AFTER, seconds.to_string())]),
            _ => None,
        };
        let fields = if let Self::Invalid(fields) = self { fields } else { BTreeMap::new() };
        (status, wait, Json(json!({ "error": message, "fields": fields }))).into_response()
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        // `ON DELETE RESTRICT` is reported as a trigger's refusal.
        const IN_USE: [i32; 2] =
            [rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY, rusqlite::ffi::SQLITE_CONSTRAINT_TRIGGER];
        const UNIQUE: [i32; 2] =
            [rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE, rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY];
        let rusqlite::Error::SqliteFailure(code, message) = &error else { return Self::Database(error) };
        if IN_USE.contains(&code.extended_code) {
            return Self::Conflict("Other records depend on this one.".into());
        }
        if !UNIQUE.contains(&code.extended_code) {
            return Self::Database(error);
        }
        Self::Conflict(already_taken(message.as_deref().unwrap_or_default()))
    }
}

/// `UNIQUE constraint failed: courses.program_id, courses.code` as a person would say it.
fn already_taken(message: &str) -> String {
    let column = message.rsplit([' ', ':']).next().unwrap_or_default();
    match column.split_once('.') {
        Some(("offerings", _)) => "This course is already offered in this term.".into(),
        Some((table, column)) => {
            let record = table.strip_suffix('s').unwrap_or(table);
            format!("Another {record} already has this {}.", column.replace('_', " "))
        }
        None => "This record exists already.".into(),
    }
}
