//! The tables: which columns and which fields the page of a kind has. The scripts do the rest.

use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use crate::auth::{Role, Viewer};
use crate::records::{Access, Kind, invitations};

#[derive(Clone, Copy, Serialize)]
struct Column {
    /// The name in the API.
    key: &'static str,
    label: &'static str,
    /// `text`, `strong`, `number`, `percent`, `date`, `time`, `words`, `active`, `person` (with the address), or `link` (to the
    /// record's own page).
    shows: &'static str,
    site_only: bool,
}

#[derive(Clone, Copy, Serialize)]
struct Field {
    /// The name in the API.
    name: &'static str,
    label: &'static str,
    /// `text`, `email`, `password`, `number`, `date`, `area`, `check`, `select`, `checks`.
    input: &'static str,
    required: bool,
    /// Fixed once the record exists.
    create_only: bool,
    /// Only site admins choose; for others it is their own institution.
    site_only: bool,
    help: &'static str,
    /// For numbers: least and greatest.
    range: (i64, i64),
    /// For `select` and `checks`: the API's list of what can be chosen…
    source: &'static str,
    /// …or fixed choices with their labels.
    choices: &'static [(&'static str, &'static str)],
    /// Offers only what belongs to the same institution as the choice in another field: that field, and the
    /// name of the institution's id in its chosen record.
    same_as: (&'static str, &'static str),
    /// Shown only for these values of `role`.
    roles: &'static [&'static str],
}

struct Table {
    lead: &'static str,
    empty: &'static str,
    columns: &'static [Column],
    fields: &'static [Field],
    /// Further buttons in the table's head, for those who may write: id and title.
    buttons: &'static [(&'static str, &'static str)],
}

const fn column(key: &'static str, label: &'static str, shows: &'static str) -> Column {
    Column { key, label, shows, site_only: false }
}

const INSTITUTION_COLUMN: Column =
    Column { site_only: true, ..column("institution_name", "Institution", "text") };

const fn field(name: &'static str, label: &'static str, input: &'static str) -> Field {
    Field {
        name,
        label,
        input,
        required: true,
        create_only: false,
        site_only: false,
        help: "",
        range: (0, 0),
        source: "",
        choices: &[],
        same_as: ("", ""),
        roles: &[],
    }
}

const fn optional(field: Field) -> Field {
    Field { required: false, ..field }
}

const fn number(name: &'static str, label: &'static str, range: (i64, i64)) -> Field {
    Field { range, ..field(name, label, "number") }
}

/// A choice among records that cannot be changed afterwards.
const fn parent(name: &'static str, label: &'static str, source: &'static str) -> Field {
    Field { source, create_only: true, ..field(name, label, "select") }
}

const INSTITUTION: Field =
    Field { site_only: true, ..parent("institution_id", "Institution", "institutions") };

const INSTITUTIONS: Table = Table {
    lead: "Colleges and universities whose records are kept here.",
    empty: "No institutions yet.",
    columns: &[
        column("name", "Name", "strong"),
        column("city", "City", "text"),
        column("programs", "Programs", "number"),
        column("users", "Users", "number"),
    ],
    buttons: &[],
    fields: &[field("name", "Name", "text"), optional(field("city", "City", "text"))],
};

const PROGRAMS: Table = Table {
    lead: "Programs group courses, and are looked after by program admins.",
    empty: "No programs yet.",
    columns: &[
        column("name", "Name", "strong"),
        INSTITUTION_COLUMN,
        column("admins", "Program admins", "text"),
        column("courses", "Courses", "number"),
    ],
    buttons: &[],
    fields: &[
        INSTITUTION,
        field("name", "Name", "text"),
        optional(field("description", "Description", "area")),
    ],
};

const COURSES: Table = Table {
    lead: "What is taught, whether or not it is offered in a term.",
    empty: "No courses yet.",
    columns: &[
        column("code", "Code", "strong"),
        column("title", "Title", "text"),
        column("program_name", "Program", "text"),
        INSTITUTION_COLUMN,
        column("credits", "Credits", "number"),
        column("offerings", "Offerings", "number"),
    ],
    buttons: &[],
    fields: &[
        parent("program_id", "Program", "programs"),
        field("code", "Code", "text"),
        field("title", "Title", "text"),
        number("credits", "Credits", (0, 60)),
        optional(field("description", "Description", "area")),
    ],
};

const TERMS: Table = Table {
    lead: "The periods in which courses are offered.",
    empty: "No terms yet.",
    columns: &[
        column("name", "Name", "strong"),
        INSTITUTION_COLUMN,
        column("start_date", "Start", "date"),
        column("end_date", "End", "date"),
        column("offerings", "Offerings", "number"),
    ],
    buttons: &[],
    fields: &[
        INSTITUTION,
        field("name", "Name", "text"),
        field("start_date", "Start", "date"),
        field("end_date", "End", "date"),
    ],
};

const OFFERINGS: Table = Table {
    lead: "Courses as they are offered in a term.",
    empty: "No offerings yet.",
    columns: &[
        column("course_code", "Course", "strong"),
        column("course_title", "Title", "text"),
        column("term_name", "Term", "text"),
        column("program_name", "Program", "text"),
        INSTITUTION_COLUMN,
        column("capacity", "Capacity", "number"),
        column("sections", "Sections", "number"),
    ],
    buttons: &[],
    fields: &[
        parent("course_id", "Course", "courses"),
        Field { same_as: ("course_id", "institution_id"), ..parent("term_id", "Term", "terms") },
        number("capacity", "Capacity", (1, 2000)),
    ],
};

const SECTIONS: Table = Table {
    lead: "The groups that an offering is taught in.",
    empty: "No sections yet.",
    columns: &[
        column("label", "Section", "link"),
        column("course_title", "Title", "text"),
        column("term_name", "Term", "text"),
        INSTITUTION_COLUMN,
        column("instructor_name", "Instructor", "text"),
        column("assessments", "Assessments", "number"),
        column("reminded_at", "Reminded", "time"),
    ],
    buttons: &[("open-create-reminder", "Remind instructors")],
    fields: &[
        parent("offering_id", "Offering", "offerings"),
        field("number", "Number", "text"),
        Field {
            source: "instructors",
            same_as: ("offering_id", "institution_id"),
            ..optional(field("instructor_id", "Instructor", "select"))
        },
    ],
};

const ASSESSMENTS: Table = Table {
    lead: "How students were assessed, and how they did.",
    empty: "No assessments yet.",
    columns: &[
        column("name", "Name", "strong"),
        column("kind", "Kind", "words"),
        column("weight", "Weight", "percent"),
        column("students_took", "Took", "number"),
        column("students_passed", "Passed", "number"),
        column("narrative", "Narrative", "text"),
    ],
    buttons: &[],
    fields: &[
        field("name", "Name", "text"),
        Field {
            choices: &[
                ("exam", "Exam"),
                ("project", "Project"),
                ("assignment", "Assignment"),
                ("presentation", "Presentation"),
            ],
            ..field("kind", "Kind", "select")
        },
        Field {
            help: "Percent of the grade. All of a section are at most 100.",
            ..number("weight", "Weight", (0, 100))
        },
        number("students_took", "Students who took it", (0, 2000)),
        number("students_passed", "Students who passed", (0, 2000)),
        optional(field("narrative", "Narrative", "area")),
    ],
};

const USERS: Table = Table {
    lead: "Who can sign in, and as what.",
    empty: "No users yet.",
    columns: &[
        column("display_name", "Name and e-mail", "person"),
        column("role", "Role", "words"),
        INSTITUTION_COLUMN,
        column("programs", "Programs", "text"),
        column("is_active", "Status", "active"),
    ],
    buttons: &[("open-create-invitation", "Invite somebody")],
    fields: &[
        field("display_name", "Name", "text"),
        field("email", "E-mail", "email"),
        Field {
            choices: &[
                ("site_admin", "Site admin"),
                ("institution_admin", "Institution admin"),
                ("program_admin", "Program admin"),
                ("instructor", "Instructor"),
            ],
            ..field("role", "Role", "select")
        },
        Field {
            create_only: false,
            roles: &["institution_admin", "program_admin", "instructor"],
            ..INSTITUTION
        },
        Field {
            source: "programs",
            same_as: ("institution_id", "id"),
            roles: &["program_admin"],
            ..optional(field("program_ids", "Programs", "checks"))
        },
        Field {
            help: "At least 8 characters. When you edit somebody, leave it empty to keep the old one.",
            ..field("password", "Password", "password")
        },
        optional(field("is_active", "May sign in", "check")),
    ],
};

const INVITATIONS: Table = Table {
    lead: "Who was asked by e-mail to join. The link in the message works for seven days.",
    empty: "No invitations yet.",
    columns: &[
        column("email", "E-mail", "strong"),
        column("role", "Role", "words"),
        INSTITUTION_COLUMN,
        column("programs", "Programs", "text"),
        column("invited_by", "Invited by", "text"),
        column("status", "Status", "words"),
    ],
    buttons: &[],
    fields: &[
        Field { create_only: true, ..field("email", "E-mail", "email") },
        Field {
            choices: &[
                ("institution_admin", "Institution admin"),
                ("program_admin", "Program admin"),
                ("instructor", "Instructor"),
            ],
            ..field("role", "Role", "select")
        },
        INSTITUTION,
        Field {
            source: "programs",
            same_as: ("institution_id", "id"),
            roles: &["program_admin"],
            ..optional(field("program_ids", "Programs", "checks"))
        },
    ],
};

/// What the template `table.html` needs. `kind` is one that has a table.
pub(super) fn context(kind: Kind, viewer: &Viewer) -> Value {
    let table = match kind {
        Kind::Institution => INSTITUTIONS,
        Kind::Program => PROGRAMS,
        Kind::Course => COURSES,
        Kind::Term => TERMS,
        Kind::Offering => OFFERINGS,
        Kind::Section => SECTIONS,
        Kind::Assessment => ASSESSMENTS,
        Kind::User | Kind::Instructor => USERS,
        Kind::Invitation => INVITATIONS,
    };
    let site = viewer.role == Role::SiteAdmin;
    let columns: Vec<_> = table.columns.iter().filter(|column| site || !column.site_only).collect();
    let fields: Vec<_> = table
        .fields
        .iter()
        .filter(|field| site || !field.site_only)
        .map(|field| {
            let may_choose = |name: &str| match kind {
                Kind::Invitation if field.name == "role" => {
                    invitations::offered_by(viewer.role).iter().any(|role| role.name() == name)
                }
                _ => site || name != "site_admin",
            };
            let choices: Vec<_> = field.choices.iter().filter(|choice| may_choose(choice.0)).collect();
            context! { id => id_of(kind, field.name), choices, ..Value::from(Serde(field)) }
        })
        .collect();
    context! {
        singular => kind.singular(),
        plural => kind.plural(),
        lead => table.lead,
        empty => table.empty,
        writable => kind.access(viewer.role) == Access::Write,
        columns => Serde(columns),
        fields,
        buttons => Serde(table.buttons),
    }
}

/// `program_ids` of a user is `user-programs`.
fn id_of(kind: Kind, name: &str) -> String {
    let name = match name.strip_suffix("_ids") {
        Some(many) => format!("{many}s"),
        None => name.strip_suffix("_id").unwrap_or(name).to_owned(),
    };
    format!("{}-{}", kind.singular(), name.replace('_', "-"))
}
