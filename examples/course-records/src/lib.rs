//! Course Records: a web application in which institutions keep their programs, courses, terms,
//! offerings, sections and assessments.
//!
//! The pages are rendered on the server; a little JavaScript fills their tables and dialogs from the
//! JSON API under `/api`. Everything is in one `SQLite` database.
//!
//! | room | what lives there |
//! | --- | --- |
//! | `cli` | the command line: `serve`, `seed`, `create-admin`, `directory`, `faults` |
//! | `server` | routes, request log, start and stop |
//! | `pages` | the HTML pages and the definitions of their tables and forms |
//! | `api` | the JSON API |
//! | `records` | what the application is about: one file per kind of record |
//! | `transfer` | CSV export and import |
//! | `registration` | registering, verifying an address, resetting a password, accepting an invitation |
//! | `mail` | what the application writes, and how it gets to a mail server |
//! | `auth` | passwords, sessions, CSRF tokens, roles |
//! | `seed` | a database with accounts for tests |
//! | `campus` | the campus directory: what installations share, as a service of its own, and how it is asked |
//! | `db` | schema, migrations, connections |
//! | `faults` | bugs that are planted on demand, for a diagnosis to find |

mod api;
mod auth;
mod campus;
mod cli;
mod db;
mod error;
mod faults;
mod links;
mod mail;
mod pages;
mod records;
mod registration;
mod seed;
mod server;
mod templates;
mod transfer;

use std::process::ExitCode;

/// Runs the command line of this process and returns its exit code: 0, 1 for an error (which is
/// printed to standard error), 2 for a usage error.
pub fn run() -> ExitCode {
    cli::run()
}
