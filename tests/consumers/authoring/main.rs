//! Tests that use what a test can be written with: cases, expected failures, skips, steps, attachments, time limits.

mod attachments;
mod cases;
mod fixme;
mod skips;
#[path = "../outcomes/stage.rs"]
mod stage;
mod steps;
mod waits;

callboard::main!();
