//! The application from outside: the built program, its command line and its answers over HTTP.

mod client;
mod permissions;
mod program;
mod records;
mod sign_in;
mod transfer;
mod users;
