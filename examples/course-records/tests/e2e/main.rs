//! The browser tests of course-records, each in a slot of its own.
//!
//! A test makes the records it works with, under names that nothing else has, and asks the server as well as
//! the page what came of it. So the tests of a slot can share its database, in any order.

mod accounts;
mod support;

mod dashboards;
mod import_export;
mod institution_admin;
mod instructor;
mod invitations;
mod permissions;
mod probes;
mod program_admin;
mod registration;
mod reminders;
mod several_users;
mod sign_in;
mod site_admin;

callboard::main!();
