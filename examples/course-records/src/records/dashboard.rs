//! The dashboard: how many of everything somebody has, and what came last.

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::assessments::Assessments;
use super::courses::Courses;
use super::institutions::Institutions;
use super::offerings::Offerings;
use super::programs::Programs;
use super::sections::Sections;
use super::terms::Terms;
use super::users::Users;
use super::{Access, Kind, Listed, newest, text};
use crate::auth::{Role, Viewer};
use crate::error::Result;

/// What is counted, in the order of the cards. Assessments have no page of their own but are counted.
pub(crate) const CARDS: [Kind; 8] = [
    Kind::Institution,
    Kind::Program,
    Kind::Course,
    Kind::Term,
    Kind::Offering,
    Kind::Section,
    Kind::Assessment,
    Kind::User,
];
const RECENT: usize = 6;

/// `{"counts": {"programs": 2, …}, "recent": {"title", "items": [{"id", "kind", "label", "detail", "href"}]}}`
pub(crate) fn summary(db: &Connection, viewer: &Viewer) -> Result<Value> {
    let mut counts = Map::new();
    count::<Institutions>(db, viewer, &mut counts)?;
    count::<Programs>(db, viewer, &mut counts)?;
    count::<Courses>(db, viewer, &mut counts)?;
    count::<Terms>(db, viewer, &mut counts)?;
    count::<Offerings>(db, viewer, &mut counts)?;
    count::<Sections>(db, viewer, &mut counts)?;
    count::<Assessments>(db, viewer, &mut counts)?;
    count::<Users>(db, viewer, &mut counts)?;
    let recent = match viewer.role {
        Role::Instructor => recent::<Sections>(db, viewer, "Your sections", |item| {
            (text(item, "course_title").to_owned(), format!("/sections/{}", item["id"]))
        })?,
        _ => recent::<Courses>(db, viewer, "Recently added courses", |item| {
            let place = if viewer.role == Role::SiteAdmin { "institution_name" } else { "program_name" };
            (text(item, place).to_owned(), "/courses".to_owned())
        })?,
    };
    Ok(json!({ "counts": counts, "recent": recent }))
}

fn count<R: Listed>(db: &Connection, viewer: &Viewer, counts: &mut Map<String, Value>) -> Result<()> {
    if R::KIND.access(viewer.role) == Access::None {
        return Ok(());
    }
    counts.insert(R::KIND.plural().to_owned(), super::count::<R>(db, viewer)?.into());
    Ok(())
}

fn recent<R: Listed>(
    db: &Connection,
    viewer: &Viewer,
    title: &str,
    describe: impl Fn(&Value) -> (String, String),
) -> Result<Value> {
    let items: Vec<Value> = newest::<R>(db, viewer, RECENT)?
        .iter()
        .map(|item| {
            let (detail, href) = describe(item);
            json!({
                "id": item["id"], "kind": R::KIND.singular(), "label": item["label"],
                "detail": detail, "href": href,
            })
        })
        .collect();
    Ok(json!({ "title": title, "items": items }))
}
