//! Tests of every outcome, and of every need of a place.

mod again;
mod attributes;
mod cast;
mod fail;
#[path = "../http/mod.rs"]
mod http;
mod pass;
mod place;
mod service;
mod stage;
mod text;
mod time;

callboard::main!();
