//! The built product, from outside: its command lines, exit codes, events and processes.

use callboard_tests::{Consumer, Stage};

mod analysis;
mod analysis_parts;
mod audit;
mod browser;
mod cases;
mod config;
mod editors;
mod engines;
mod face;
mod failures;
mod fixtures;
mod json;
mod last_failed;
mod leases;
mod limits;
mod mail;
mod order;
mod outcomes;
mod output;
mod page_errors;
mod pairs;
mod pressure;
mod rechecks;
mod remains;
mod repeat;
mod report_page;
mod reports;
mod resets;
mod routes;
mod services;
mod sign_in;
mod skips;
mod steps;
mod stopping;
mod strangers;
mod terminal;
mod traces;
mod videos;
mod watching;
mod workers;

/// The suite of tests of every outcome, on a stage.
fn outcomes(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-outcomes"))
}

/// The suite of what tests can be written with, on a stage.
fn authoring(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-authoring"))
}

/// A stage for it: its roles, and this text after them.
fn authoring_stage(slots: u16, text: &str) -> Stage {
    let role =
        |name: &str| format!("[roles.{name}]\nusername = \"{name}{{slot}}\"\npassword = \"secret-word\"\n");
    let roles: String = ["instructor", "admin", "student"].map(role).concat();
    Stage::with(slots, &format!("{roles}{text}"))
}

/// The suite of tests that hurt their process.
fn rough(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-rough"))
}

/// The suite with tests that leave processes behind.
fn soak(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-soak"))
}

/// The suite of a thousand tests.
fn many(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-many"))
}

/// The suite of tests with a browser.
fn browser(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-browser"))
}

/// The suite of tests on whose pages something goes wrong.
fn page_errors(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-page-errors"))
}

/// The suite of tests that answer requests themselves.
fn routes(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-routes"))
}

/// The suite of tests with fixtures of their own.
fn fixtures(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-fixtures"))
}

/// The suite of tests that leave traces, and of those that look at them.
fn trace(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-trace"))
}

/// The suite of tests that use accounts of several slots.
fn pairs(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-pairs"))
}

/// The suite of tests with mail.
fn mail(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-mail"))
}

/// The suite of tests that fail for reasons of every kind.
fn suspects(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-suspects"))
}

/// The suite with probes.
fn audited(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-audit"))
}

/// The suite of tests that fail in one place or at one time.
fn rechecks(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-rechecks"))
}

/// The suite of tests that leave something behind.
fn resets(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-resets"))
}

/// The application as a service of a slot, with these further arguments. All that are started write to
/// `server.log` on the stage.
fn server(arguments: &str) -> String {
    let arguments = format!("{:?}", arguments.split_whitespace().collect::<Vec<_>>());
    let arguments = arguments.trim_matches(['[', ']']);
    format!(
        "[[service]]\nname = \"app\"\n\
         command = [\"{{bin_dir}}/test-server\", \"{{port}}\", \"--log\", \"{{config_dir}}/server.log\", {arguments}]\n\
         ready = {{ http = \"/health\" }}\n"
    )
}
