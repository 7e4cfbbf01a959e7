//! `cargo xtask e2e` and `cargo xtask test`: the two commands of a project with callboard's tests.
//!
//! A project gets them with a package `xtask` in its workspace, whose `src/main.rs` is
//!
//! ```no_run
//! fn main() -> std::process::ExitCode {
//!     callboard_xtask::Project::new().e2e("my-application").main()
//! }
//! ```
//!
//! and with three lines in `.cargo/config.toml`:
//!
//! ```toml
//! [alias]
//! xtask = "run --package xtask --"
//! ```
//!
//! * `cargo xtask e2e [ARGS]` builds the test target `e2e` of the package `my-application` and runs it
//!   with the given arguments: `cargo xtask e2e instructor:: --workers 4`.
//! * `cargo xtask e2e report [RUN]... [--output DIR]` makes the reports of runs again, and those of several shards as one. It
//!   builds no tests.
//! * `cargo xtask e2e history [TEST] [--json]` says how tests did in the runs that are kept.
//! * `cargo xtask e2e analyze [FILTER]...` finds out by experiment why tests fail, and `cargo xtask e2e replay FILE` makes what it has
//!   found happen again.
//! * `cargo xtask e2e audit [FILTER]...` compares the accounts of each role by what its probes find.
//! * `cargo xtask test [ARGS]` runs every test of the workspace with `cargo test`, and then the steps
//!   that the project adds with [`Project::then`].
//!
//! # Browsers
//!
//! Both commands first look for a browser and its driver, and install them if there are none: with
//! `apt-get` where it may be used without a password, else by downloading Chrome for Testing into the
//! user's cache. They say so before they do it. `--no-install` forbids it.
//!
//! # Environment
//!
//! | variable | meaning |
//! | --- | --- |
//! | `CALLBOARD_BROWSER`, `CALLBOARD_DRIVER` | the executables to use |
//! | `CALLBOARD_NO_INSTALL` | `1` is the same as `--no-install` |
//! | `CALLBOARD_CHROME_FOR_TESTING` | the address of a mirror of Chrome for Testing |
//! | `CARGO`, `CARGO_TARGET_DIR` | as cargo has them |
//!
//! A mirror has `last-known-good-versions-with-downloads.json` as Google publishes it, and beside it the
//! archives by their own paths: `<version>/linux64/chromedriver-linux64.zip`.
//!
//! # Exit codes
//!
//! Those of the program that was run; 128 and the signal's number if it died of a signal; 2 if the
//! command line or a setting is wrong; 3 if there is no browser to test with, or no cargo.

mod args;
mod cargo;
mod e2e;
mod error;
mod history;
mod install;
mod message;
mod process;
mod project;
mod report;
mod step;
mod suite;
mod test;
#[cfg(test)]
mod tests;

pub use project::Project;
pub use step::Step;
pub use suite::Suite;
