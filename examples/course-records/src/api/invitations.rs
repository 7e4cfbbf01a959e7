//! Invitations are made together with their message: one that reaches nobody is not there.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use rusqlite::Connection;
use serde_json::Value;

use super::{Fields, Id};
use crate::auth::{Role, Viewer};
use crate::error::Result;
use crate::links::Links;
use crate::mail::{Letter, letters};
use crate::records::invitations::{self, Invitations};
use crate::records::{self, Access, Form, Kind, Record as _, text};
use crate::registration::tokens::{self, Purpose};
use crate::server::{App, to_the_end};

pub(super) async fn create(
    State(app): State<App>,
    viewer: Viewer,
    Fields(fields): Fields,
) -> Result<impl IntoResponse> {
    Kind::Invitation.demand(&viewer, Access::Write)?;
    app.mailer.demand()?;
    let item = to_the_end(async move {
        let (writer, links) = (viewer.clone(), app.links.clone());
        let (id, letter) = app
            .db
            .write(move |db| {
                let id = Invitations::create(db, &writer, Form::new(fields))?;
                let item = records::get::<Invitations>(db, &writer, id)?;
                Ok((id, letter(db, &writer, &item, &links)?))
            })
            .await?;
        if let Err(error) = app.mailer.send(&letter).await {
            app.db.write(move |db| invitations::take_back(db, id)).await?;
            return Err(error.into());
        }
        noted(&app, viewer, id).await
    })
    .await?;
    let location = format!("/api/invitations/{}", item["id"]);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(item)))
}

/// Sends an open invitation once more, with a new link. If that fails, it stays as it was.
pub(super) async fn send_again(State(app): State<App>, viewer: Viewer, Id(id): Id) -> Result<Json<Value>> {
    Kind::Invitation.demand(&viewer, Access::Write)?;
    app.mailer.demand()?;
    let item = to_the_end(async move {
        let (writer, links) = (viewer.clone(), app.links.clone());
        let letter =
            app.db.write(move |db| letter(db, &writer, &invitations::open(db, &writer, id)?, &links)).await?;
        app.mailer.send(&letter).await?;
        noted(&app, viewer, id).await
    })
    .await?;
    Ok(Json(item))
}

/// The message for an invitation, with a new token.
fn letter(db: &Connection, viewer: &Viewer, item: &Value, links: &Links) -> Result<Letter> {
    let token = tokens::issue(db, Purpose::Invitation, item["id"].as_i64().unwrap_or_default())?;
    let invitation = letters::Invitation {
        to: text(item, "email"),
        inviter: &viewer.display_name,
        institution: text(item, "institution_name"),
        role: Role::parse(text(item, "role")).map_or("", Role::title),
        programs: text(item, "programs"),
    };
    Ok(letters::invitation(&invitation, links.with_token("/invitations/accept", &token)))
}

async fn noted(app: &App, viewer: Viewer, id: i64) -> Result<Value> {
    app.db
        .write(move |db| {
            invitations::sent(db, id)?;
            records::get::<Invitations>(db, &viewer, id)
        })
        .await
}
