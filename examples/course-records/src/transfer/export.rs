//! Export: the rows that somebody sees, as a CSV file to download.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::auth::{Role, Viewer};
use crate::error::{Error, Result};
use crate::records::courses::Courses;
use crate::records::programs::Programs;
use crate::records::sections::Sections;
use crate::records::users::Users;
use crate::records::{Access, Filter, Kind, Listed, list};
use crate::server::App;

/// The columns of a file are the names of the API. The courses' file can be imported again.
const FILES: [(Kind, &[&str]); 4] = [
    (Kind::Program, &["name", "description", "institution_name", "courses", "admins"]),
    (Kind::Course, &["code", "title", "credits", "description", "program_name", "institution_name"]),
    (
        Kind::Section,
        &[
            "course_code",
            "course_title",
            "number",
            "term_name",
            "program_name",
            "institution_name",
            "instructor_name",
            "instructor_email",
            "capacity",
            "assessments",
        ],
    ),
    (
        Kind::User,
        &["email", "display_name", "role", "institution_name", "is_active", "programs", "created_at"],
    ),
];

/// What somebody with this role may export. Instructors have their pages; the files are for administrators.
pub(crate) fn offered_to(role: Role) -> impl Iterator<Item = Kind> {
    FILES
        .into_iter()
        .map(|(kind, _)| kind)
        .filter(move |kind| role != Role::Instructor && kind.access(role) != Access::None)
}

/// `GET /api/export/courses.csv`
pub(crate) async fn download(
    State(app): State<App>,
    viewer: Viewer,
    Path(file): Path<String>,
) -> Result<Response> {
    let found = FILES
        .into_iter()
        .find(|(kind, _)| file.strip_suffix(".csv").is_some_and(|name| name == kind.plural()));
    let (kind, columns) = found.ok_or(Error::NotFound("export"))?;
    if !offered_to(viewer.role).any(|offered| offered == kind) {
        return Err(Error::forbidden());
    }
    let rows = app
        .db
        .read(move |db| {
            let all = Filter::default();
            match Some(kind) {
                Some(Programs::KIND) => list::<Programs>(db, &viewer, &all),
                Some(Courses::KIND) => list::<Courses>(db, &viewer, &all),
                Some(Sections::KIND) => list::<Sections>(db, &viewer, &all),
                Some(Users::KIND) => list::<Users>(db, &viewer, &all),
                _ => Err(Error::NotFound("export")),
            }
        })
        .await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")),
    ];
    Ok((headers, write(&rows, columns)?).into_response())
}

fn write(rows: &[Value], columns: &[&str]) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns).map_err(Error::internal)?;
    for row in rows {
        writer.write_record(columns.iter().map(|column| cell(&row[*column]))).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(|error| Error::internal(error.to_string()))
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
