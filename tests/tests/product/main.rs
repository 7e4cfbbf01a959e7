//! The built product, from outside: its command lines, exit codes, events and processes.

use callboard_tests::{Consumer, Stage};

mod browser;
mod config;
mod editors;
mod face;
mod failures;
mod leases;
mod mail;
mod outcomes;
mod remains;
mod services;
mod sign_in;
mod strangers;

/// The suite of tests of every outcome, on a stage.
fn outcomes(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-outcomes"))
}

/// The suite of a thousand tests.
fn many(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-many"))
}

/// The suite of tests with a browser.
fn browser(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-browser"))
}

/// The suite of tests with mail.
fn mail(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-mail"))
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
