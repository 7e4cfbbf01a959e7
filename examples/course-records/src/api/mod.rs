//! The JSON API under `/api`, for the pages' JavaScript and for programs.
//!
//! Every kind of record has the same five routes. Lists answer `{"items": […], "total": n}`, one record is
//! the object itself, errors are `{"error": "…", "fields": {"name": "…"}}` with 400, 401, 403, 404, 409,
//! 422, 429, 502 or 503. A request that changes something carries the page's CSRF token in `X-CSRF-Token`.
//!
//! Where there is a campus directory, lists of programs and courses have a `revision`. A change that sends it
//! in `If-Match` is refused with 409 when the catalogue was edited since.

mod invitations;
mod profile;
mod reminders;

use std::collections::HashMap;

use axum::extract::{FromRequest, Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get, post, put};
use axum::{Json, Router, middleware};
use serde_json::{Map, Value, json};

use crate::auth::{Viewer, session};
use crate::error::{Error, Result};
use crate::faults::{Fault, planted};
use crate::records::assessments::Assessments;
use crate::records::courses::Courses;
use crate::records::institutions::Institutions;
use crate::records::invitations::Invitations;
use crate::records::offerings::Offerings;
use crate::records::programs::Programs;
use crate::records::sections::Sections;
use crate::records::terms::Terms;
use crate::records::users::{Instructors, Users, set_active};
use crate::records::{self, Access, Filter, Form, Kind, Listed, Record};
use crate::server::App;
use crate::transfer;

pub(crate) fn router(app: &App) -> Router<App> {
    let api = Router::new()
        .merge(record_routes::<Institutions>())
        .merge(record_routes::<Programs>())
        .merge(record_routes::<Courses>())
        .merge(record_routes::<Terms>())
        .merge(record_routes::<Offerings>())
        .merge(record_routes::<Sections>())
        .merge(record_routes::<Assessments>())
        .merge(record_routes::<Users>())
        .route("/invitations", get(list::<Invitations>).post(invitations::create))
        .route("/invitations/{id}", one::<Invitations>())
        .route("/invitations/{id}/send", post(invitations::send_again))
        .route("/instructors", get(list::<Instructors>))
        .route("/sections/{id}/remind", post(reminders::remind))
        .route("/reminders", post(reminders::remind_several))
        .route("/users/{id}/activate", post(activate))
        .route("/users/{id}/deactivate", post(deactivate))
        .route("/dashboard", get(dashboard))
        .route("/dashboard/registration", post(planted::dashboards::register))
        .route("/profile", get(profile::show).put(profile::update))
        .route("/profile/password", put(profile::change_password))
        .route("/export/{file}", get(transfer::export::download))
        .route("/import/courses", post(transfer::import::courses))
        .fallback(|| async { Error::NotFound("address") })
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(app.clone(), session::require_for_api));
    Router::new().nest("/api", api)
}

fn record_routes<R: Record + 'static>() -> Router<App> {
    let all = format!("/{}", R::KIND.plural());
    Router::new().route(&all, get(list::<R>).post(create::<R>)).route(&format!("{all}/{{id}}"), one::<R>())
}

fn one<R: Record + 'static>() -> MethodRouter<App> {
    get(show::<R>).put(update::<R>).delete(remove::<R>)
}

async fn list<R: Listed>(
    State(app): State<App>,
    viewer: Viewer,
    Query(mut query): Query<HashMap<String, String>>,
) -> Result<Json<Value>> {
    R::KIND.demand(&viewer, Access::Read)?;
    if Fault::StickySearch.is_on() {
        planted::with_last_search(&viewer, R::KIND, &mut query);
    }
    if Fault::SlowReport.is_on() && R::KIND == Kind::Offering {
        planted::utilisation(&app.db).await?;
    }
    let filter = Filter::from_query::<R>(&query)?;
    let campus = app.campus;
    let (items, revision) = app
        .db
        .read(move |db| {
            let fresh = || records::list::<R>(db, &viewer, &filter);
            let mut items = if Fault::CacheWithoutViewer.is_on() {
                planted::cache::list(R::KIND, &query, fresh)?
            } else {
                fresh()?
            };
            if Fault::StaleIndex.is_on() && R::KIND == Kind::User && query.contains_key("search") {
                planted::index::keep_known(&mut items);
            }
            let revision = campus.and_then(|campus| campus.revision(&viewer, R::KIND));
            Ok((items, revision))
        })
        .await?;
    let mut answer = json!({ "total": items.len(), "items": items });
    if let Some(revision) = revision {
        answer["revision"] = revision.into();
    }
    Ok(Json(answer))
}

async fn show<R: Listed>(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Json<Value>> {
    R::KIND.demand(&viewer, Access::Read)?;
    Ok(Json(app.db.read(move |db| records::get::<R>(db, &viewer, id)).await?))
}

async fn create<R: Record>(
    State(app): State<App>,
    viewer: Viewer,
    Fields(fields): Fields,
) -> Result<impl IntoResponse> {
    R::KIND.demand(&viewer, Access::Write)?;
    let campus = app.campus;
    let item = app
        .db
        .write(move |db| {
            let id = R::create(db, &viewer, Form::new(fields))?;
            if let Some(campus) = campus {
                campus.created(db, R::KIND, &records::get::<R>(db, &viewer, id)?)?;
            }
            records::get::<R>(db, &viewer, id)
        })
        .await?;
    let location = format!("/api/{}/{}", R::KIND.plural(), item["id"]);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(item)))
}

async fn update<R: Record>(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    headers: HeaderMap,
    Fields(fields): Fields,
) -> Result<Json<Value>> {
    R::KIND.demand(&viewer, Access::Write)?;
    let seen = revision_in(&headers);
    let campus = app.campus;
    let item = app
        .db
        .write(move |db| {
            records::get::<R>(db, &viewer, id)?;
            R::update(db, &viewer, id, Form::new(fields))?;
            if let Some(campus) = campus {
                campus.edited(&viewer, R::KIND, seen)?;
            }
            if Fault::StaleIndex.is_on() && R::KIND == Kind::User {
                planted::index::rebuild(db)?;
            }
            records::get::<R>(db, &viewer, id)
        })
        .await?;
    Ok(Json(item))
}

async fn remove<R: Record>(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Json<Value>> {
    R::KIND.demand(&viewer, Access::Write)?;
    let item = app.db.write(move |db| records::delete::<R>(db, &viewer, id)).await?;
    Ok(Json(json!({ "deleted": item })))
}

async fn activate(app: State<App>, viewer: Viewer, id: Id) -> Result<Json<Value>> {
    switch(app, viewer, id, true).await
}

async fn deactivate(app: State<App>, viewer: Viewer, id: Id) -> Result<Json<Value>> {
    switch(app, viewer, id, false).await
}

async fn switch(State(app): State<App>, viewer: Viewer, Id(id): Id, active: bool) -> Result<Json<Value>> {
    Kind::User.demand(&viewer, Access::Write)?;
    Ok(Json(app.db.write(move |db| set_active(db, &viewer, id, active)).await?))
}

async fn dashboard(State(app): State<App>, viewer: Viewer, headers: HeaderMap) -> Result<Json<Value>> {
    let summary = app.db.read(move |db| records::dashboard::summary(db, &viewer)).await?;
    if Fault::DashboardRace.is_on() {
        planted::dashboards::demand(&headers)?;
    }
    Ok(Json(summary))
}

/// The revision of the catalogue that the editor's page shows. Programs that send none are not checked.
fn revision_in(headers: &HeaderMap) -> Option<i64> {
    headers.get(header::IF_MATCH)?.to_str().ok()?.trim_matches('"').parse().ok()
}

async fn method_not_allowed() -> impl IntoResponse {
    let body = json!({ "error": "This address does not answer to this method.", "fields": {} });
    (StatusCode::METHOD_NOT_ALLOWED, Json(body))
}

/// The `{id}` of a path; what is no number is an address that does not exist.
struct Id(i64);

impl<S: Send + Sync> axum::extract::FromRequestParts<S> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self> {
        match Path::<i64>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(Error::NotFound("address")),
        }
    }
}

/// The body of a request: a JSON object.
pub(crate) struct Fields(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        match Json::<Map<String, Value>>::from_request(request, state).await {
            Ok(Json(fields)) => Ok(Self(fields)),
            Err(_) => Err(Error::BadRequest("The body must be a JSON object.".into())),
        }
    }
}
