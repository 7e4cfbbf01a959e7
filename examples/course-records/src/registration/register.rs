//! Registering: an account of an instructor, which can be used once its address is verified.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use rusqlite::{Connection, params};

use super::account::Account;
use super::limit;
use super::tokens::{self, Purpose};
use crate::auth::form::Sent;
use crate::auth::{Role, password};
use crate::error::Result;
use crate::faults::Fault;
use crate::mail::letters;
use crate::pages::{FormPage, Input, PageError};
use crate::records::{Form, now};
use crate::server::{App, to_the_end};

pub(super) async fn show(State(app): State<App>, headers: HeaderMap) -> Result<Response, PageError> {
    app.mailer.demand()?;
    let institutions = institutions(&app).await?;
    let number = preview(&app).await?;
    form(["", "", ""], institutions, &number).show(&headers)
}

pub(super) async fn submit(
    State(app): State<App>,
    headers: HeaderMap,
    sent: Sent,
) -> Result<Response, PageError> {
    let institutions = institutions(&app).await?;
    let result = match Newcomer::read(&sent, &institutions) {
        Ok(newcomer) => {
            let email = newcomer.email.clone();
            to_the_end(async move { register(&app, newcomer).await }).await.map(|()| email)
        }
        Err(error) => Err(error),
    };
    match result {
        Ok(email) => super::verify::sent(&email).show(&headers),
        Err(error) => {
            let values = ["email", "display_name", "institution_id"].map(|name| sent.get(name));
            form(values, institutions, sent.get(NUMBER)).refuse(&headers, error)
        }
    }
}

/// Makes the account and sends the message that verifies its address.
///
/// Whether the address is free is asked in the transaction that takes it, so two people at once cannot both
/// get it; the database refuses a second account with it in any case. The message leaves after the commit: a
/// link never arrives before its token is there. When the message is refused, the account stays unverified, and
/// registering again goes on with it.
async fn register(app: &App, newcomer: Newcomer) -> Result<()> {
    app.mailer.demand()?;
    let links = app.links.clone();
    let campus = app.campus.clone();
    let letter = app
        .db
        .write(move |db| {
            limit::admit(db, &newcomer.email)?;
            let (email, name) = (&newcomer.email, &newcomer.name);
            let id = match Account::by_email(db, email)? {
                None => {
                    let id = newcomer.insert(db)?;
                    if let Some(campus) = campus {
                        campus.registered(db, id, email, newcomer.number)?;
                    }
                    id
                }
                Some(known) if !known.is_active => return Ok(letters::deactivated(email, &known.name)),
                Some(known) if known.is_verified => {
                    return Ok(letters::account_exists(email, &known.name, links.to("/login")));
                }
                Some(known) => newcomer.replace(db, known.id)?,
            };
            let token = tokens::issue(db, Purpose::Verify, id)?;
            Ok(letters::verification(email, name, links.with_token("/verify", &token)))
        })
        .await?;
    Ok(app.mailer.send(&letter).await?)
}

struct Newcomer {
    email: String,
    name: String,
    institution_id: i64,
    /// Made for every request, so that the time of the answer does not tell whether the address is free.
    password_hash: String,
    /// The campus number that the form showed (`registration-race`).
    number: Option<i64>,
}

impl Newcomer {
    fn read(sent: &Sent, institutions: &[(String, String)]) -> Result<Self> {
        let mut form = Form::new(sent.fields());
        let email = form.email("email");
        let name = form.text("display_name", 120);
        let institution_id = form.id("institution_id");
        if !institutions.iter().any(|(id, _)| *id == institution_id.to_string()) {
            form.reject("institution_id", "Please choose one.");
        }
        if let Err(message) = password::check_new(form.password("password")) {
            form.reject("password", message);
        }
        form.finish()?;
        let password_hash = password::hash(form.password("password"))?;
        let number = sent.get(NUMBER).parse().ok().filter(|_| Fault::RegistrationRace.is_on());
        Ok(Self { email, name, institution_id, password_hash, number })
    }

    fn insert(&self, db: &Connection) -> Result<i64> {
        let Self { email, name, institution_id, password_hash, .. } = self;
        db.execute(
            "INSERT INTO users (email, display_name, role, institution_id, password_hash, is_verified, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)",
            params![email, name, Role::Instructor.name(), institution_id, password_hash, now()],
        )?;
        Ok(db.last_insert_rowid())
    }

    /// Nobody has shown yet that the address is theirs, so who comes later has as good a claim. The links of
    /// whoever came before end: they would verify this password.
    fn replace(&self, db: &Connection, id: i64) -> Result<i64> {
        let Self { name, institution_id, password_hash, .. } = self;
        tokens::revoke(db, Purpose::Verify, id)?;
        db.execute("DELETE FROM program_admins WHERE user_id = ?1", [id])?;
        db.execute(
            "UPDATE users SET display_name = ?2, role = ?3, institution_id = ?4, password_hash = ?5 WHERE id = ?1",
            params![id, name, Role::Instructor.name(), institution_id, password_hash],
        )?;
        Ok(id)
    }
}

/// `registration-race`: the field of the form that has the campus number.
const NUMBER: &str = "campus_number";

/// The campus number for the form; empty where it has none.
async fn preview(app: &App) -> Result<String> {
    let Some(campus) = app.campus.clone().filter(|_| Fault::RegistrationRace.is_on()) else {
        return Ok(String::new());
    };
    // On a thread for blocking work.
    app.db.read(move |_| Ok(campus.preview()?.to_string())).await
}

/// Ids and names, for everybody to choose from.
async fn institutions(app: &App) -> Result<Vec<(String, String)>> {
    app.db
        .read(|db| {
            let mut statement = db.prepare_cached("SELECT id, name FROM institutions ORDER BY name, id")?;
            let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?.to_string(), row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
}

fn form<'a>(
    [email, name, institution]: [&'a str; 3],
    institutions: Vec<(String, String)>,
    number: &'a str,
) -> FormPage<'a> {
    FormPage {
        name: "register",
        title: "Register",
        lead: "For instructors. Your institution’s administrators can give you another role later.".into(),
        action: "/register",
        hidden: if number.is_empty() { Vec::new() } else { vec![(NUMBER, number)] },
        inputs: vec![
            Input::own_name(name),
            Input::email(email),
            Input {
                name: "institution_id",
                label: "Institution",
                kind: "select",
                autocomplete: "organization",
                value: institution,
                choices: institutions,
                ..Input::default()
            },
            Input::new_password("Password"),
        ],
        submit: "Register",
        links: vec![("/login", "Sign in instead")],
    }
}
