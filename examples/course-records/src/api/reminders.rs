//! Reminding instructors of their sections, one or several.

use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::{Fields, Id};
use crate::auth::Viewer;
use crate::error::{Error, Result};
use crate::mail::MailError;
use crate::records::reminders::{self, Reserved};
use crate::records::sections::Sections;
use crate::records::{self, Access, Form, Kind};
use crate::server::{App, to_the_end};

const MOST: usize = 200;
const LONGEST_NOTE: usize = 1000;

/// `POST /api/sections/{id}/remind` with `{"note": "…"}`, which may be left out. Answers the section, or 409 if
/// there is nobody to remind, 429 if it was done a short time ago, 502 or 503 if the message was not taken.
pub(super) async fn remind(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id,
    Fields(fields): Fields,
) -> Result<Json<Value>> {
    Kind::Section.demand(&viewer, Access::Write)?;
    let mut form = Form::new(fields);
    let note = form.optional_text("note", LONGEST_NOTE);
    form.finish()?;
    app.mailer.demand()?;
    let reminded = to_the_end(async move {
        send(&app, &viewer, id, &note).await?;
        app.db.read(move |db| records::get::<Sections>(db, &viewer, id)).await
    });
    Ok(Json(reminded.await?))
}

/// `POST /api/reminders` with `{"section_ids": [1, 2], "note": "…"}`. Answers
/// `{"sent": [{"id", "label"}], "failed": [{"id", "label", "status", "error"}]}`: that one instructor cannot be
/// reminded keeps no message from the others. A section that the viewer does not see is an error before any is sent.
pub(super) async fn remind_several(
    State(app): State<App>,
    viewer: Viewer,
    Fields(fields): Fields,
) -> Result<Json<Value>> {
    Kind::Section.demand(&viewer, Access::Write)?;
    let mut form = Form::new(fields);
    let mut seen = HashSet::new();
    let mut ids = form.ids("section_ids");
    ids.retain(|id| seen.insert(*id));
    if !form.errors().contains_key("section_ids") && !(1..=MOST).contains(&ids.len()) {
        form.reject("section_ids", format!("Please choose from 1 to {MOST} sections."));
    }
    let note = form.optional_text("note", LONGEST_NOTE);
    form.finish()?;
    app.mailer.demand()?;
    let (reader, wanted) = (viewer.clone(), ids.clone());
    let labels: Vec<_> = app
        .db
        .read(move |db| {
            let label = |id: &i64| Ok(records::get::<Sections>(db, &reader, *id)?["label"].clone());
            wanted.iter().map(label).collect::<Result<_>>()
        })
        .await?;
    let report = to_the_end(async move {
        let (mut sent, mut failed) = (Vec::new(), Vec::new());
        let mut broken: Option<Value> = None;
        for (id, label) in ids.into_iter().zip(labels) {
            // Without a mail server every further message would only take its time to fail as well.
            if let Some(error) = &broken {
                failed.push(json!({ "id": id, "label": label, "status": 503, "error": error }));
                continue;
            }
            match send(&app, &viewer, id, &note).await {
                Ok(()) => sent.push(json!({ "id": id, "label": label })),
                Err(error) => {
                    let (status, text) = (error.status().as_u16(), error.to_string());
                    error.log();
                    if matches!(&error, Error::Mail(reason) if !reason.is_about_this_message()) {
                        broken = Some(text.clone().into());
                    }
                    failed.push(json!({ "id": id, "label": label, "status": status, "error": text }));
                }
            }
        }
        Ok(json!({ "sent": sent, "failed": failed }))
    });
    Ok(Json(report.await?))
}

/// Notes the reminder, sends it, and takes it back if it did not leave.
async fn send(app: &App, viewer: &Viewer, section_id: i64, note: &str) -> Result<()> {
    let (viewer, note, links, minutes) =
        (viewer.clone(), note.to_owned(), app.links.clone(), app.reminder_minutes);
    let reserve = move |db: &rusqlite::Transaction<'_>| {
        reminders::reserve(db, &viewer, section_id, &note, minutes, &links)
    };
    let Reserved { id, letter, .. } = app.db.write(reserve).await?;
    let sent: Result<(), MailError> = app.mailer.send(&letter).await;
    if sent.is_err() {
        app.db.write(move |db| reminders::take_back(db, id)).await?;
    }
    Ok(sent?)
}
