//! An end-to-end test harness: every browser test in a place of its own, in parallel.
//!
//! A test asks for a role. callboard leases it a *slot*: an account of each role, a port, the application's own
//! server on that port, a warm browser. It runs there beside the others, as many at once as the machine
//! carries, and whatever way the run ends, nothing of it stays behind.
//!
//! ```toml
//! # Cargo.toml
//! [dev-dependencies]
//! callboard = "0.1"
//!
//! [[test]]
//! name = "e2e"
//! harness = false
//! ```
//!
//! ```no_run
//! // tests/e2e/main.rs
//! use callboard::{Account, Session, TestResult, e2e, expect, sign_in};
//!
//! #[sign_in]
//! async fn sign_in_by_page(session: &Session, account: &Account) -> TestResult {
//!     session.goto("/login").await?;
//!     session.by_label("E-mail").fill(account.username()).await?;
//!     session.by_label("Password").fill(account.password()).await?;
//!     session.by_role("button").named("Sign in").click().await?;
//!     expect(session).to_have_url("/dashboard").await?;
//!     Ok(())
//! }
//!
//! #[e2e(role = "instructor")]
//! async fn sees_own_courses(session: &Session) -> TestResult {
//!     session.goto("/courses").await?;
//!     expect(session.by_role("heading")).to_have_text("Courses").await?;
//!     Ok(())
//! }
//!
//! callboard::main!();
//! ```
//!
//! What runs where is said in `callboard.toml` beside `Cargo.toml`; the README has all its keys.
//!
//! # Arguments of a test
//!
//! | argument | what it is |
//! | --- | --- |
//! | `&`[`Session`] | an isolated browser context, signed in as the slot's account of the test's role |
//! | `&`[`Account`] | that account: username, password, attributes |
//! | `&`[`App`] | the application in the test's slot: base URL, log |
//! | `&`[`Slot`] | the slot: number, ports, folder |
//! | `&` or `&mut` of your own types | [fixtures](guide::fixtures) |
//! | `&Mailbox` | the mail that the application sent in the slot (feature `mail`) |
//!
//! With `roles = ["program_admin", "instructor"]` the name of a session or account says whose it is; a session
//! named `anonymous` is nobody's. Two users of one role are `roles = ["instructor", "instructor#2"]`: [`guide::several_users`].
//!
//! Elements are found and acted on with [locators](guide::locators); what a page has to become is said with
//! [expectations](guide::expectations).
//! How a test goes to pages, waits for what they ask for, and meets dialogs, downloads and further pages, is in [`guide::pages`];
//! how it answers requests in the place of a server, in [`guide::routes`].
//! What else a test can be written with (cases, expected failures, skips, steps, attachments, time limits) is in
//! [`guide::cases`]; what a test that failed leaves for the next one, in [`guide::resets`]. Options of a run: [`guide::runs`];
//! what is printed of it: [`guide::terminal`].
//! What a failed attempt leaves to be looked at: [`guide::traces`]. What a run leaves for CI systems and pull requests, runs of several
//! machines, and the history of tests: [`guide::reports`]. In which browsers tests run: [`guide::engines`].
//! Why tests fail, by experiment: [`guide::analysis`]. Whether the accounts of a role see the same: [`guide::audit`].
//!
//! # Features
//!
//! * `harness` (default): everything. Without it only [`setup`] is left, which builds in seconds.
//! * `report`: the reports of runs that are over, also without `harness`.
//! * `tls`: HTTPS to applications and drivers elsewhere. Off by default.
//! * `mail`: an SMTP server in each slot, and the fixture `&Mailbox`. Off by default.
//! * `mail-tls`: STARTTLS for it. Off by default.

#![cfg_attr(
    not(feature = "harness"),
    allow(dead_code, unused_imports, reason = "most of the ground floor is there for the harness")
)]

#[cfg(feature = "harness")]
mod audit;
#[cfg(any(feature = "bench", all(test, feature = "harness")))]
#[doc(hidden)]
pub mod bench;
#[cfg(feature = "harness")]
mod browser;
#[cfg(feature = "harness")]
mod cli;
mod config;
#[cfg(feature = "harness")]
mod diagnose;
#[cfg(feature = "report")]
mod kept;
#[cfg(feature = "harness")]
mod machine;
#[cfg(feature = "mail")]
pub mod mail;
mod model;
#[cfg(feature = "harness")]
mod process;
#[cfg(feature = "report")]
mod report;
#[cfg(feature = "harness")]
mod run;
#[cfg(feature = "harness")]
mod services;
pub mod setup;
#[cfg(feature = "report")]
mod sheet;
#[cfg(feature = "harness")]
mod slots;
#[cfg(feature = "report")]
mod story;
#[cfg(feature = "harness")]
mod suite;
#[cfg(feature = "harness")]
mod trace;
#[cfg(feature = "harness")]
mod trail;
#[cfg(feature = "report")]
mod video;
#[cfg(feature = "harness")]
mod worker;

#[cfg(feature = "harness")]
pub use browser::Session;
#[cfg(feature = "harness")]
pub use browser::expect::poll::expect_poll;
#[cfg(feature = "harness")]
pub use browser::expect::{expect, expect_soft};
#[cfg(feature = "harness")]
pub use browser::locator::text::{exact, matching};
#[cfg(feature = "harness")]
pub use browser::locator::{Locator, PageError};
#[cfg(feature = "harness")]
pub use callboard_macros::{e2e, fixture, probe, sign_in};
#[cfg(feature = "mail")]
pub use mail::Mailbox;
pub use model::{Account, Finding, Findings, FindingsError, Location, Outcome, Role, SlotId, TestId};
#[cfg(feature = "harness")]
pub use services::App;
#[cfg(feature = "harness")]
pub use slots::Slot;
#[cfg(feature = "harness")]
pub use suite::{Borrowed, BorrowedMut, Context, Description, Fixture, Handle, Scope, TestError, TestResult};
#[cfg(feature = "harness")]
pub use thirtyfour;
#[cfg(feature = "harness")]
pub use trail::{AttachError, attach, step};

/// What is done with a page and expected of it, beside [`Locator`] and [`expect`].
#[cfg(feature = "harness")]
pub mod page {
    pub use crate::browser::awaited::Awaited;
    pub use crate::browser::dialog::Dialog;
    pub use crate::browser::download::Download;
    pub use crate::browser::emulation::{ColorScheme, Emulate};
    pub use crate::browser::expect::poll::Polling;
    pub use crate::browser::expect::{Expectation, Expecting, PageExpectation, Subject};
    pub use crate::browser::going::{Arrival, Load, Navigation};
    pub use crate::browser::locator::action::{
        Action, Check, Choice, Click, Drag, FileData, Fill, Hover, Press, Screenshot, Select, Simple,
        TypeText, Upload,
    };
    pub use crate::browser::locator::evaluate::Evaluation;
    pub use crate::browser::locator::read::Rect;
    pub use crate::browser::locator::text::Text;
    pub use crate::browser::network::pattern::{Addressed, Pattern};
    pub use crate::browser::network::response::{Request, Response};
    pub use crate::browser::route::{Abort, Failure, Fetched, Fulfill, GoOn, Route, Routing};
    pub use crate::browser::tab::dialogs::Answer;
    pub use crate::browser::tab::input::Button;
}

/// Pages on what a test can use, with examples.
#[cfg(feature = "harness")]
pub mod guide {
    #[doc = include_str!("../guide/audit.md")]
    pub mod audit {}

    #[doc = include_str!("../guide/analysis.md")]
    pub mod analysis {}

    #[doc = include_str!("../guide/locators.md")]
    pub mod locators {}

    #[doc = include_str!("../guide/routes.md")]
    pub mod routes {}

    #[doc = include_str!("../guide/fixtures.md")]
    pub mod fixtures {}

    #[doc = include_str!("../guide/several_users.md")]
    pub mod several_users {}

    #[doc = include_str!("../guide/cases.md")]
    pub mod cases {}

    #[doc = include_str!("../guide/expectations.md")]
    pub mod expectations {}

    #[doc = include_str!("../guide/pages.md")]
    pub mod pages {}

    #[doc = include_str!("../guide/engines.md")]
    pub mod engines {}

    #[doc = include_str!("../guide/traces.md")]
    pub mod traces {}

    #[doc = include_str!("../guide/report_page.md")]
    pub mod report_page {}

    #[doc = include_str!("../guide/runs.md")]
    pub mod runs {}

    #[doc = include_str!("../guide/terminal.md")]
    pub mod terminal {}
    #[doc = include_str!("../guide/reports.md")]
    pub mod reports {}

    #[doc = include_str!("../guide/resets.md")]
    pub mod resets {}

    #[doc = include_str!("../guide/watching.md")]
    pub mod watching {}

    #[doc = include_str!("../guide/page_errors.md")]
    pub mod page_errors {}

    #[cfg(feature = "mail")]
    #[doc = include_str!("../guide/mail.md")]
    pub mod mail {}
}

/// Reports of runs that are over, made again from what they left. It is what `cargo xtask e2e report` calls; without the
/// feature `harness` it builds in seconds.
///
/// ```no_run
/// use std::path::Path;
///
/// // The reports of two shards, as one, in a folder of their own.
/// let shards = ["artifacts/shard-1".into(), "artifacts/shard-2".into()];
/// let made = callboard::reports::make(&shards, Path::new("target/callboard"), Some(Path::new("merged")))?;
/// for notice in &made.notices {
///     eprintln!("notice: {notice}");
/// }
/// assert!(made.files.contains(&"merged/junit.xml".into()));
/// # Ok::<(), callboard::reports::Error>(())
/// ```
#[cfg(feature = "report")]
pub mod reports {
    pub use crate::kept::output_dir;
    pub use crate::report::{
        Made, Past, PastSuite, PastTest, Place, ReportsError as Error, Since, make, past,
    };
}

/// What a run writes into `events.jsonl`: a [`Record`](events::Record) on each line.
///
/// ```
/// use callboard::events::{Event, Record};
///
/// let line = r#"{"at_us":1250,"event":"slot_leased","slot":3,"port":3005}"#;
/// let record: Record = serde_json::from_str(line)?;
/// assert!(matches!(record.event, Event::SlotLeased { port: 3005, .. }));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub mod events {
    pub use crate::model::{
        Counts, Event, LimitReason, Order, PageProblem, PageProblemKind, PageRequest, PageSource,
        PlannedTest, Pressure, Problem, Record, RenewWhy, Repetition, ResetHow, ResetWhy, Row, Schedule,
        SentRequest, Shard, Start, StepResult, Trial,
    };
}

/// Makes the `main` of a test target with `harness = false`: written once, below or above its tests.
///
/// The executable takes every argument that libtest takes, and callboard's own; `--help` lists them. It exits with 0
/// when all tests passed, 101 when some did not, 2 when the command line, the configuration or the suite is wrong, 3
/// when the surroundings could not be set up at all, 130 when it was interrupted.
///
/// ```no_run
/// callboard::main!();
/// ```
#[cfg(feature = "harness")]
#[macro_export]
macro_rules! main {
    () => {
        fn main() -> ::std::process::ExitCode {
            $crate::__private::main($crate::__private::Consumer {
                manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
                package: ::core::env!("CARGO_PKG_NAME"),
                target: ::core::module_path!(),
            })
        }
    };
}

/// Skips the test while it runs: it is shown as ignored, with this reason.
///
/// It ends the test at once, from wherever it is called in the test's own future: in the test itself, in its helpers, in
/// the set-up of a fixture. What was set up is torn down, and the test is not tried again.
///
/// ```
/// use callboard::{App, e2e, skip};
///
/// #[e2e]
/// fn prints_a_certificate(app: &App) {
///     if app.base_url().contains("staging") {
///         skip!("{} has no printer", app.base_url());
///     }
/// }
/// ```
///
/// # Panics
///
/// Where no test is executed, for instance on a thread that a test has started: with a message that says so.
#[cfg(feature = "harness")]
#[macro_export]
macro_rules! skip {
    () => {
        ::core::compile_error!("say why the test is skipped: `skip!(\"there is no printer\")`")
    };
    ($($reason:tt)+) => {
        $crate::__private::skip(::std::format!($($reason)+))
    };
}

/// What the macros' output is made of. Not for writing by hand, and free to change.
#[cfg(feature = "harness")]
#[doc(hidden)]
pub mod __private {
    pub use inventory;

    pub use crate::cli::{Consumer, main, run_alone};
    pub use crate::suite::{
        Argument, Failure, FixtureReturn, FixtureType, IntoFindings, LocalFuture, Place, ProbeEntry,
        ProbeReturn, ShouldPanic, SignInEntry, SkipIf, Taken, TestEntry, TestReturn, Whose, fixture_type,
    };
    pub use crate::trail::skip;
}
