//! What the application is about. Each kind of record has a file: how it is listed, who sees which, how
//! it is made and changed. What is the same for all of them is here, and asks always on behalf of a
//! [`Viewer`].
//!
//! A record leaves this room as the JSON object that its `SELECT` builds: the API, the tables, the exports
//! and the dashboard show the same names. Every object has `id` and `label` (what people call it).

pub(crate) mod assessments;
pub(crate) mod courses;
pub(crate) mod dashboard;
mod form;
pub(crate) mod institutions;
pub(crate) mod invitations;
pub(crate) mod offerings;
pub(crate) mod programs;
pub(crate) mod reminders;
pub(crate) mod sections;
pub(crate) mod terms;
pub(crate) mod users;

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Statement, ToSql};
use serde_json::Value;

pub(crate) use form::Form;
pub(crate) use institutions::now;

use crate::auth::{Role, Viewer};
use crate::error::{Error, Result};
use crate::faults::Fault;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Institution,
    Program,
    Course,
    Term,
    Offering,
    Section,
    Assessment,
    User,
    Invitation,
    /// The users with the role instructor, as those see them who assign sections.
    Instructor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    None,
    Read,
    Write,
}

impl Kind {
    pub(crate) const fn singular(self) -> &'static str {
        match self {
            Self::Institution => "institution",
            Self::Program => "program",
            Self::Course => "course",
            Self::Term => "term",
            Self::Offering => "offering",
            Self::Section => "section",
            Self::Assessment => "assessment",
            Self::User => "user",
            Self::Invitation => "invitation",
            Self::Instructor => "instructor",
        }
    }

    pub(crate) const fn plural(self) -> &'static str {
        match self {
            Self::Institution => "institutions",
            Self::Program => "programs",
            Self::Course => "courses",
            Self::Term => "terms",
            Self::Offering => "offerings",
            Self::Section => "sections",
            Self::Assessment => "assessments",
            Self::User => "users",
            Self::Invitation => "invitations",
            Self::Instructor => "instructors",
        }
    }

    /// What a role may do with this kind at all. Which of the records, the listings' scopes say.
    pub(crate) const fn access(self, role: Role) -> Access {
        match role {
            Role::SiteAdmin => match self {
                Self::Instructor => Access::Read,
                _ => Access::Write,
            },
            Role::InstitutionAdmin => match self {
                Self::Institution => Access::None,
                Self::Instructor => Access::Read,
                _ => Access::Write,
            },
            Role::ProgramAdmin => match self {
                Self::Institution | Self::User => Access::None,
                Self::Program | Self::Term | Self::Instructor => Access::Read,
                Self::Course | Self::Offering | Self::Section | Self::Assessment | Self::Invitation => {
                    Access::Write
                }
            },
            Role::Instructor => match self {
                Self::Assessment => Access::Write,
                Self::Course | Self::Section => Access::Read,
                _ => Access::None,
            },
        }
    }

    pub(crate) fn demand(self, viewer: &Viewer, needed: Access) -> Result<()> {
        if self.access(viewer.role) >= needed { Ok(()) } else { Err(Error::forbidden()) }
    }
}

/// How a kind of record is read.
pub(crate) struct Listing {
    /// `SELECT json_object(…) FROM …`, without conditions.
    pub(crate) select: &'static str,
    /// The id's column in it.
    pub(crate) id: &'static str,
    /// Who sees a row: alternatives over `:role`, `:institution` and `:user`.
    pub(crate) scope: &'static [&'static str],
    /// The text that a search looks in.
    pub(crate) search: &'static str,
    /// Query parameters that keep the rows of one parent, and their columns.
    pub(crate) parents: &'static [(&'static str, &'static str)],
    pub(crate) order: &'static str,
}

/// Alternatives of scopes that several listings share. `p` is the program of the row.
pub(crate) const SITE: &str = ":role = 'site_admin'";
pub(crate) const OWN_INSTITUTION: &str = ":role = 'institution_admin' AND p.institution_id = :institution";
pub(crate) const OWN_PROGRAM: &str = ":role = 'program_admin'
     AND p.id IN (SELECT program_id FROM program_admins WHERE user_id = :user)";

/// Something that keeps a record from being deleted.
pub(crate) struct Dependant {
    pub(crate) singular: &'static str,
    pub(crate) plural: &'static str,
    /// Counts them for the id `?1`.
    pub(crate) count: &'static str,
}

/// A kind of record that can be listed.
pub(crate) trait Listed {
    const KIND: Kind;
    const LISTING: Listing;
}

/// A kind of record that can be made, changed and deleted. The caller has asked [`Kind::demand`], and runs
/// each of these in a transaction of its own.
pub(crate) trait Record: Listed {
    const DEPENDANTS: &'static [Dependant] = &[];

    fn create(db: &Connection, viewer: &Viewer, form: Form) -> Result<i64>;

    /// `id` is a record that the viewer sees.
    fn update(db: &Connection, viewer: &Viewer, id: i64, form: Form) -> Result<()>;

    /// More reasons against deleting than dependants.
    fn may_delete(_db: &Connection, _viewer: &Viewer, _id: i64) -> Result<()> {
        Ok(())
    }
}

/// Which of the visible rows are wanted.
#[derive(Default)]
pub(crate) struct Filter {
    id: Option<i64>,
    search: String,
    parents: Vec<(&'static str, i64)>,
}

impl Filter {
    pub(crate) fn by_id(id: i64) -> Self {
        Self { id: Some(id), ..Self::default() }
    }

    /// From a query string: `search`, and the parents that the listing knows.
    pub(crate) fn from_query<R: Listed>(query: &HashMap<String, String>) -> Result<Self> {
        let mut filter = Self::default();
        for (name, value) in query {
            if name == "search" {
                value.trim().clone_into(&mut filter.search);
                continue;
            }
            let known = R::LISTING.parents.iter().find(|(parent, _)| parent == name);
            let &(_, column) = known.ok_or_else(|| {
                Error::BadRequest(format!("A list of {} has no filter “{name}”.", R::KIND.plural()))
            })?;
            let id = value
                .parse()
                .map_err(|_| Error::BadRequest(format!("The filter “{name}” must be a number.")))?;
            filter.parents.push((column, id));
        }
        Ok(filter)
    }
}

/// The rows that the viewer sees and the filter wants, in the listing's order.
pub(crate) fn list<R: Listed>(db: &Connection, viewer: &Viewer, filter: &Filter) -> Result<Vec<Value>> {
    let (condition, parameters) = conditions(&R::LISTING, viewer, filter);
    let Listing { select, order, .. } = R::LISTING;
    let page = if Fault::FirstPageOnly.is_on() && viewer.institution_id.is_some() { " LIMIT 10" } else { "" };
    objects(db, &format!("{select} WHERE {condition} ORDER BY {order}{page}"), &parameters)
}

/// The rows that were made last, newest first.
pub(crate) fn newest<R: Listed>(db: &Connection, viewer: &Viewer, limit: usize) -> Result<Vec<Value>> {
    let filter = Filter::default();
    let (condition, parameters) = conditions(&R::LISTING, viewer, &filter);
    let Listing { select, id, .. } = R::LISTING;
    objects(db, &format!("{select} WHERE {condition} ORDER BY {id} DESC LIMIT {limit}"), &parameters)
}

/// How many rows the viewer sees.
pub(crate) fn count<R: Listed>(db: &Connection, viewer: &Viewer) -> Result<i64> {
    let filter = Filter::default();
    let (condition, parameters) = conditions(&R::LISTING, viewer, &filter);
    let sql = format!("SELECT count(*) FROM ({} WHERE {condition})", R::LISTING.select);
    let mut statement = db.prepare_cached(&sql)?;
    bind(&mut statement, &parameters)?;
    let mut rows = statement.raw_query();
    rows.next()?.map_or(Ok(0), |row| Ok(row.get(0)?))
}

/// The rows of a statement that selects one JSON object each.
fn objects(db: &Connection, sql: &str, parameters: &Parameters<'_>) -> Result<Vec<Value>> {
    let mut statement = db.prepare_cached(sql)?;
    bind(&mut statement, parameters)?;
    let mut rows = statement.raw_query();
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        let text = row.get_ref(0)?.as_str().map_err(Error::internal)?;
        items.push(serde_json::from_str(text).map_err(Error::internal)?);
    }
    Ok(items)
}

/// Binds those parameters that the statement has; not every scope asks for all of them.
fn bind(statement: &mut Statement<'_>, parameters: &Parameters<'_>) -> Result<()> {
    for (name, value) in parameters {
        if let Some(index) = statement.parameter_index(name)? {
            statement.raw_bind_parameter(index, value)?;
        }
    }
    Ok(())
}

/// One record. One that exists but is not for this viewer is *forbidden*, so that a person who follows a
/// colleague's link learns why it does not work.
pub(crate) fn get<R: Listed>(db: &Connection, viewer: &Viewer, id: i64) -> Result<Value> {
    if let Some(item) = list::<R>(db, viewer, &Filter::by_id(id))?.pop() {
        return Ok(item);
    }
    let exists = format!("SELECT 1 FROM {} WHERE id = ?1", R::KIND.plural());
    if R::KIND != Kind::Instructor && db.query_row(&exists, [id], |_| Ok(())).optional()?.is_some() {
        return Err(Error::forbidden());
    }
    Err(Error::NotFound(R::KIND.singular()))
}

/// The record that a form's field refers to: one that is not there is the field's error.
pub(crate) fn referred<R: Listed>(db: &Connection, viewer: &Viewer, id: i64, field: &str) -> Result<Value> {
    get::<R>(db, viewer, id).map_err(|error| match error {
        Error::NotFound(kind) => Error::field(field, format!("Please choose one; there is no such {kind}.")),
        other => other,
    })
}

/// Deletes a record that nothing depends on, and returns it as it was.
pub(crate) fn delete<R: Record>(db: &Connection, viewer: &Viewer, id: i64) -> Result<Value> {
    let item = get::<R>(db, viewer, id)?;
    R::may_delete(db, viewer, id)?;
    for dependant in R::DEPENDANTS {
        let count: i64 = db.query_row(dependant.count, [id], |row| row.get(0))?;
        if count > 0 {
            let (noun, them) =
                if count == 1 { (dependant.singular, "it") } else { (dependant.plural, "them") };
            let kind = R::KIND.singular();
            let message = format!("This {kind} has {count} {noun}. Delete or reassign {them} first.");
            return Err(Error::Conflict(message));
        }
    }
    db.execute(&format!("DELETE FROM {} WHERE id = ?1", R::KIND.plural()), [id])?;
    Ok(item)
}

pub(crate) fn text<'v>(item: &'v Value, name: &str) -> &'v str {
    item[name].as_str().unwrap_or_default()
}

type Parameters<'a> = Vec<(String, &'a dyn ToSql)>;

/// The `WHERE` clause, made of the listing's own text and parameters only.
fn conditions<'a>(listing: &Listing, viewer: &'a Viewer, filter: &'a Filter) -> (String, Parameters<'a>) {
    let mut conditions = vec![format!("(({}))", listing.scope.join(") OR ("))];
    let mut parameters: Parameters<'a> = vec![
        (":role".into(), role_name(viewer.role)),
        (":institution".into(), &viewer.institution_id),
        (":user".into(), &viewer.user_id),
    ];
    if let Some(id) = &filter.id {
        conditions.push(format!("{} = :id", listing.id));
        parameters.push((":id".into(), id));
    }
    if !filter.search.is_empty() {
        conditions.push(format!("instr(lower({}), lower(:search)) > 0", listing.search));
        parameters.push((":search".into(), &filter.search));
    }
    for (index, (column, id)) in filter.parents.iter().enumerate() {
        conditions.push(format!("{column} = :parent{index}"));
        parameters.push((format!(":parent{index}"), id));
    }
    (conditions.join(" AND "), parameters)
}

/// The role's name with a place in memory that a parameter can refer to.
fn role_name(role: Role) -> &'static dyn ToSql {
    const NAMES: [&str; 4] = [
        Role::SiteAdmin.name(),
        Role::InstitutionAdmin.name(),
        Role::ProgramAdmin.name(),
        Role::Instructor.name(),
    ];
    &NAMES[role as usize]
}
