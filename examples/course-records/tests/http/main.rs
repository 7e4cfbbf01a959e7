//! The application from outside: the built program, its command line and its answers over HTTP.

mod campus;
mod client;
mod directory;
mod faults;
mod faults_file;
mod faults_shared;
mod forms;
mod invitations;
mod no_mail;
mod permissions;
mod program;
mod records;
mod registration;
mod reminders;
mod reset;
mod sign_in;
mod site;
mod transfer;
mod users;
