//! Import of courses: all rows or none, and first only a look at what would happen.

use std::collections::{HashMap, HashSet};

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use csv::StringRecord;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::auth::Viewer;
use crate::error::{Error, Result};
use crate::records::courses::{Course, Courses};
use crate::records::programs::Programs;
use crate::records::{Access, Form, Listed, referred};
use crate::server::App;

const REQUIRED: [&str; 3] = ["code", "title", "credits"];
/// `program_name` and `institution_name` stand in exported files; the import goes into one program.
const ALLOWED: [&str; 6] = ["code", "title", "credits", "description", "program_name", "institution_name"];
const MAX_ROWS: usize = 5000;

#[derive(Deserialize)]
pub(crate) struct Target {
    program_id: Option<i64>,
    #[serde(default)]
    dry_run: bool,
}

#[derive(Default, Serialize)]
struct Report {
    committed: bool,
    created: usize,
    updated: usize,
    unchanged: usize,
    rows: Vec<Planned>,
    errors: Vec<Mistake>,
}

#[derive(Serialize)]
struct Planned {
    row: u64,
    code: String,
    title: String,
    action: &'static str,
}

/// What is wrong in a row. Rows are numbered as an editor numbers lines: the header is line 1.
#[derive(Serialize)]
struct Mistake {
    row: u64,
    field: String,
    message: String,
}

/// `POST /api/import/courses?program_id=1&dry_run=true`, the file as the body. A dry run answers 200 with a
/// report also when rows are wrong; without it they are 422 and nothing is changed.
pub(crate) async fn courses(
    State(app): State<App>,
    viewer: Viewer,
    target: Result<Query<Target>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Value>)> {
    Courses::KIND.demand(&viewer, Access::Write)?;
    let Query(target) = target.map_err(|error| Error::BadRequest(error.body_text()))?;
    let body = body.map_err(|_| Error::field("file", "The file cannot be read, or is larger than 2 MB."))?;
    let program_id =
        target.program_id.ok_or_else(|| Error::field("program_id", "Please choose a program."))?;
    let text = std::str::from_utf8(&body)
        .map_err(|_| Error::field("file", "The file is not UTF-8 text. Please save it as CSV UTF-8."))?
        .trim_start_matches('\u{feff}')
        .to_owned();
    if text.trim().is_empty() {
        return Err(Error::field("file", "Please choose a file with at least one course."));
    }
    if target.dry_run {
        let report = app.db.read(move |db| plan(db, &viewer, program_id, &text)).await?;
        return Ok((StatusCode::OK, Json(json!(report.0))));
    }
    let report = app
        .db
        .write(move |db| {
            let (mut report, changes) = plan(db, &viewer, program_id, &text)?;
            if report.errors.is_empty() {
                apply(db, program_id, &changes)?;
                report.committed = true;
            }
            Ok(report)
        })
        .await?;
    if report.committed {
        return Ok((StatusCode::OK, Json(json!(report))));
    }
    let mut answer = json!(report);
    answer["error"] = "Nothing was imported: please correct the rows below.".into();
    answer["fields"] = json!({});
    Ok((StatusCode::UNPROCESSABLE_ENTITY, Json(answer)))
}

/// A course to insert, or with an id one to change.
type Change = (Option<i64>, Course);

fn plan(db: &Connection, viewer: &Viewer, program_id: i64, text: &str) -> Result<(Report, Vec<Change>)> {
    referred::<Programs>(db, viewer, program_id, "program_id")?;
    let existing = existing_courses(db, program_id)?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|error| unreadable(&error))?.clone();
    check_headers(&headers)?;

    let (mut report, mut changes) = (Report::default(), Vec::new());
    let mut seen = HashSet::new();
    let mut lines = Lines { text, offset: 0, line: 1 };
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let row = lines.number(error.position());
                report.errors.push(Mistake { row, field: String::new(), message: shape_of(&error) });
                continue;
            }
        };
        let row = lines.number(record.position());
        if seen.len() == MAX_ROWS {
            let message = format!("Please import at most {MAX_ROWS} rows at once.");
            report.errors.push(Mistake { row, field: String::new(), message });
            break;
        }
        let mut form = Form::new(fields(&headers, &record));
        let course = Course::read(&mut form);
        if !seen.insert(course.code.to_lowercase()) && !course.code.is_empty() {
            form.reject("code", format!("The code {} stands in an earlier row too.", course.code));
        }
        if !form.errors().is_empty() {
            report.errors.extend(form.errors().iter().map(|(field, message)| Mistake {
                row,
                field: field.clone(),
                message: message.clone(),
            }));
            continue;
        }
        let known = existing.get(&course.code.to_lowercase());
        let action = match known {
            None => "create",
            Some((_, before)) if *before == course => "unchanged",
            Some(_) => "update",
        };
        match action {
            "create" => report.created += 1,
            "update" => report.updated += 1,
            _ => report.unchanged += 1,
        }
        report.rows.push(Planned { row, code: course.code.clone(), title: course.title.clone(), action });
        if action != "unchanged" {
            changes.push((known.map(|(id, _)| *id), course));
        }
    }
    if report.rows.is_empty() && report.errors.is_empty() {
        return Err(Error::field("file", "The file has a header but no courses."));
    }
    Ok((report, changes))
}

/// Numbers lines. The reader's own numbers are those of where it went on reading: before empty lines, and
/// before the second half of a CR LF.
struct Lines<'t> {
    text: &'t str,
    offset: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line on which the record at this position begins. Positions come in ascending order.
    fn number(&mut self, position: Option<&csv::Position>) -> u64 {
        let bytes = self.text.as_bytes();
        let start =
            position.and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(self.offset);
        let content = bytes.iter().skip(start).position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or(0);
        for byte in bytes.iter().take(start + content).skip(self.offset) {
            self.line += u64::from(*byte == b'\n');
        }
        self.offset = start + content;
        self.line
    }
}

fn apply(db: &Connection, program_id: i64, changes: &[Change]) -> Result<()> {
    for (known, course) in changes {
        match known {
            Some(id) => course.write(db, *id)?,
            None => {
                course.insert(db, program_id)?;
            }
        }
    }
    Ok(())
}

/// The program's courses by lower-case code.
fn existing_courses(db: &Connection, program_id: i64) -> Result<HashMap<String, (i64, Course)>> {
    let mut statement =
        db.prepare("SELECT id, code, title, credits, description FROM courses WHERE program_id = ?1")?;
    let rows = statement.query_map([program_id], |row| {
        let course =
            Course { code: row.get(1)?, title: row.get(2)?, credits: row.get(3)?, description: row.get(4)? };
        Ok((course.code.to_lowercase(), (row.get(0)?, course)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn check_headers(headers: &StringRecord) -> Result<()> {
    let expected = format!("The first line must name the columns {}.", REQUIRED.join(", "));
    if let Some(missing) = REQUIRED.iter().find(|name| !headers.iter().any(|header| header == **name)) {
        return Err(Error::field("file", format!("The column “{missing}” is missing. {expected}")));
    }
    if let Some(unknown) = headers.iter().find(|header| !ALLOWED.contains(header)) {
        return Err(Error::field("file", format!("The column “{unknown}” is unknown. {expected}")));
    }
    let mut names = HashSet::new();
    match headers.iter().find(|header| !names.insert(*header)) {
        Some(twice) => Err(Error::field("file", format!("The column “{twice}” stands there twice."))),
        None => Ok(()),
    }
}

fn fields(headers: &StringRecord, record: &StringRecord) -> Map<String, Value> {
    headers.iter().zip(record).map(|(name, value)| (name.to_owned(), value.into())).collect()
}

fn unreadable(error: &csv::Error) -> Error {
    Error::field("file", format!("The file cannot be read as CSV: {error}."))
}

fn shape_of(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("This row has {len} values instead of {expected_len}.")
        }
        _ => "This row cannot be read as CSV.".into(),
    }
}
