//! What people change about themselves.

use axum::Json;
use axum::extract::State;
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use super::Fields;
use crate::auth::{Viewer, password, session};
use crate::error::{Error, Result};
use crate::records::{Form, users};
use crate::server::App;

pub(super) async fn show(State(app): State<App>, viewer: Viewer) -> Result<Json<Value>> {
    Ok(Json(app.db.read(move |db| profile(db, viewer.user_id)).await?))
}

pub(super) async fn update(
    State(app): State<App>,
    viewer: Viewer,
    Fields(fields): Fields,
) -> Result<Json<Value>> {
    let profile = app
        .db
        .write(move |db| {
            let mut form = Form::new(fields);
            let name = form.text("display_name", 120);
            form.finish()?;
            db.execute("UPDATE users SET display_name = ?2 WHERE id = ?1", params![viewer.user_id, name])?;
            profile(db, viewer.user_id)
        })
        .await?;
    Ok(Json(profile))
}

/// Changing the password ends the sessions on other devices, not this one.
pub(super) async fn change_password(
    State(app): State<App>,
    viewer: Viewer,
    Fields(fields): Fields,
) -> Result<Json<Value>> {
    app.db
        .write(move |db| {
            let mut form = Form::new(fields);
            let hash: String =
                db.query_row("SELECT password_hash FROM users WHERE id = ?1", [viewer.user_id], |row| {
                    row.get(0)
                })?;
            if !password::matches(form.password("current_password"), Some(&hash)) {
                form.reject("current_password", "This is not your current password.");
            }
            if let Err(message) = password::check_new(form.password("new_password")) {
                form.reject("new_password", message);
            }
            form.finish()?;
            users::set_password(db, viewer.user_id, form.password("new_password"))?;
            session::end_all(db, viewer.user_id, Some(&viewer.session.id))
        })
        .await?;
    Ok(Json(json!({ "changed": true })))
}

fn profile(db: &Connection, user_id: i64) -> Result<Value> {
    let text: String = db.query_row(
        "SELECT json_object('id', u.id, 'email', u.email, 'display_name', u.display_name, 'role', u.role,
            'institution_id', u.institution_id, 'institution_name', i.name)
         FROM users u LEFT JOIN institutions i ON i.id = u.institution_id WHERE u.id = ?1",
        [user_id],
        |row| row.get(0),
    )?;
    serde_json::from_str(&text).map_err(Error::internal)
}
