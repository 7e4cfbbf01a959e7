//! The HTML pages.
//!
//! Conventions, for scripts and tests alike:
//!
//! * `document.body.dataset.ready` is `"true"` once a page shows what it fetched. While a table reloads, it is
//!   `aria-busy="true"`.
//! * A table is `table#<plural>`, a row `tr[data-id="<id>"]`, a cell `td[data-key="<API name>"]`; the search
//!   field is `#search`, the empty state `#empty`.
//! * Dialogs are `dialog#<verb>-<singular>`: `#create-course`, `#edit-course`, `#delete-course`. A page's button
//!   that opens one is `#open-<verb>-<singular>`; in a row it is `button[data-action="edit"]` and so on.
//! * Fields are `#<singular>-<name>` with dashes and without a final `_id` or `_ids`: `#course-program` for
//!   `program_id`. Their errors are `#<field>-error`. Create and edit share the fields, which move into the dialog
//!   that opens. The profile's are `#display-name` and alike.
//! * What is sent by a button in a table's head is made in a dialog as if it were a record: on `/users`
//!   `#open-create-invitation` and `#create-invitation`, with the fields of `/invitations`; on `/sections`
//!   `#open-create-reminder` and `#create-reminder`, with `#reminder-sections` (`[data-role="all"]` and `[data-role="none"]` choose) and `#reminder-note`. The reminders
//!   that could not be sent are `#reminder-report li[data-id]`. A row's are `button[data-action="remind"]` for a
//!   section and `button[data-action="send"]` for an invitation.
//! * A form of people who are not signed in is `form#<name>`, with `#<name>-<field>`, `#<name>-submit`, `#<name>-error`
//!   and `#<name>-<field>-error`; what it is about is in `#<name>-lead`. The names: `login`, `register`, `verify`,
//!   `resend` (the message for verifying again), `forgot`, `reset`, `accept`. `#login-notice` says what was done.
//! * Inside a dialog, `[data-role="error"]` says what is wrong, the submit button is `[type="submit"]`, and
//!   `[data-role="cancel"]` closes it.
//! * `#toast` (`role="status"`) says what was done, until it is closed or something else was done.

pub(crate) mod assets;
mod forms;
mod tables;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Router, middleware};
use minijinja::value::Serde;
use minijinja::{Value, context};

pub(crate) use forms::{FormPage, Input};

use crate::auth::{Viewer, session};
use crate::error::{Error, Result};
use crate::records::dashboard::CARDS;
use crate::records::programs::Programs;
use crate::records::sections::Sections;
use crate::records::{self, Access, Filter, Kind, get as get_record};
use crate::server::App;
use crate::templates;
use crate::transfer::export;

/// The kinds with a page of their own, in the order of the navigation.
const NAVIGATION: [Kind; 8] = [
    Kind::Institution,
    Kind::Program,
    Kind::Course,
    Kind::Term,
    Kind::Offering,
    Kind::Section,
    Kind::User,
    Kind::Invitation,
];

/// Renders a page. The templates' names end in `.html`, therefore every value is escaped.
pub(crate) fn render(name: &str, values: Value) -> Result<Html<String>> {
    templates::render(name, values).map(Html)
}

pub(crate) fn router(app: &App) -> Router<App> {
    let mut pages = Router::new()
        .route("/", get(|| async { Redirect::to("/dashboard") }))
        .route("/dashboard", get(dashboard))
        .route("/sections/{id}", get(section))
        .route("/profile", get(profile))
        .route("/import-export", get(transfer));
    for kind in NAVIGATION {
        let path = format!("/{}", kind.plural());
        pages = pages.route(&path, get(move |viewer: Viewer| async move { records_page(&viewer, kind) }));
    }
    pages.layer(middleware::from_fn_with_state(app.clone(), session::require_for_page))
}

type Page = Result<Html<String>, PageError>;

async fn dashboard(viewer: Viewer) -> Page {
    let cards: Vec<_> = CARDS
        .into_iter()
        .filter(|kind| kind.access(viewer.role) != Access::None)
        .map(|kind| {
            let href = NAVIGATION.contains(&kind).then(|| format!("/{}", kind.plural()));
            context! { name => kind.plural(), title => capitalised(kind.plural()), href }
        })
        .collect();
    page("dashboard.html", "dashboard", "Dashboard", &viewer, context! { cards })
}

fn records_page(viewer: &Viewer, kind: Kind) -> Page {
    kind.demand(viewer, Access::Read)?;
    let title = capitalised(kind.plural());
    let invitation = (kind == Kind::User).then(|| tables::context(Kind::Invitation, viewer));
    let values = context! { table => tables::context(kind, viewer), invitation };
    page("list.html", kind.plural(), &title, viewer, values)
}

async fn section(State(app): State<App>, viewer: Viewer, Path(id): Path<String>) -> Page {
    Kind::Section.demand(&viewer, Access::Read)?;
    let id = id.parse().map_err(|_| Error::NotFound("page"))?;
    let reader = viewer.clone();
    let section = app.db.read(move |db| get_record::<Sections>(db, &reader, id)).await?;
    let title = records::text(&section, "label").to_owned();
    let values = context! {
        section => Serde(&section),
        table => tables::context(Kind::Assessment, &viewer),
    };
    page("section.html", "sections", &title, &viewer, values)
}

async fn profile(viewer: Viewer) -> Page {
    page("profile.html", "profile", "Your profile", &viewer, context! {})
}

async fn transfer(State(app): State<App>, viewer: Viewer) -> Page {
    Kind::Course.demand(&viewer, Access::Write)?;
    let reader = viewer.clone();
    let programs = app.db.read(move |db| records::list::<Programs>(db, &reader, &Filter::default())).await?;
    let exports: Vec<_> = export::offered_to(viewer.role)
        .map(|kind| context! { name => kind.plural(), title => capitalised(kind.plural()) })
        .collect();
    let values = context! { exports, programs => Serde(&programs) };
    page("transfer.html", "import-export", "Import and export", &viewer, values)
}

pub(crate) async fn not_found() -> PageError {
    Error::NotFound("page").into()
}

/// A page inside the frame of the signed-in application. `name` is the page's in the navigation.
fn page(template: &str, name: &str, title: &str, viewer: &Viewer, values: Value) -> Page {
    let navigation: Vec<_> = NAVIGATION
        .into_iter()
        .filter(|kind| kind.access(viewer.role) != Access::None)
        .map(|kind| context! { name => kind.plural(), title => capitalised(kind.plural()) })
        .collect();
    let values = context! {
        page => name,
        title,
        navigation,
        transfers => Kind::Course.access(viewer.role) == Access::Write,
        csrf => viewer.session.csrf.as_str(),
        viewer => context! {
            name => viewer.display_name.as_str(),
            email => viewer.email.as_str(),
            role => viewer.role.name(),
            role_title => viewer.role.title(),
        },
        ..values
    };
    Ok(render(template, values)?)
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// An error where a person waits for a page.
pub(crate) struct PageError(Error);

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        self.0.log();
        let status = self.0.status();
        let title = match status {
            StatusCode::NOT_FOUND => "Page not found",
            StatusCode::FORBIDDEN => "No access",
            StatusCode::GONE => "This link is no good any more",
            StatusCode::SERVICE_UNAVAILABLE => "Not available",
            _ => "Something went wrong",
        };
        let values = context! { title, status => status.as_u16(), message => self.0.to_string() };
        match render("error.html", values) {
            Ok(page) => (status, page).into_response(),
            Err(error) => {
                error.log();
                (status, title).into_response()
            }
        }
    }
}
