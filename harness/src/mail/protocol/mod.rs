//! SMTP as a pure state machine: bytes in, replies and questions out, and nothing in between that waits.
//!
//! Commands are read by `smtp-proto`, which knows them all with their parameters and is kept by people who run a mail
//! server. The dialogue around it is our own. `mailin` has one, but it knows neither SIZE nor SMTPUTF8 nor any parameter
//! but BODY, reads no address that is not UTF-8, and leaves all limits to its caller; `samotop` is built on async-std,
//! which has ended; and `smtp-proto`'s receiver of DATA misses the end of an empty message and takes `.` CR CR LF for one.

mod auth;
mod data;
mod dialogue;
mod objection;
mod reply;

pub(super) use dialogue::{Ask, Dialogue, NO_ROOM, Terms};
pub(super) use reply::Reply;
