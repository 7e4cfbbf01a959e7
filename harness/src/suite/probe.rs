//! Probes: what they return, and how a run and its workers call them by the same name.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::collect::Test;
use super::context::Context;
use super::error::{Failure, failure_of};
use super::fixture::{Argument, Whose, fixture_type};
use super::registry::{Place, TestEntry};
use crate::browser::Session;
use crate::model::{Event, Finding, Findings, Role, TestId};
use crate::trail::Trail;

/// What can be executed in a slot, by what a worker finds it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Known {
    /// A function marked `#[e2e]`.
    Test(TestId),
    /// A function marked `#[probe]`, for this role.
    Probe(TestId, Role),
    /// The sign-in of a role, and nothing else.
    SignIn(Role),
}

/// What may become [`Findings`]; those without a name have that of the probe.
#[diagnostic::on_unimplemented(
    message = "a probe cannot return `{Self}`",
    label = "nothing that accounts can be compared by",
    note = "return a `Vec<String>`, a `String`, a number, a `bool`, an `Option` of these, `callboard::Findings`, nothing, or a \
            `Result` of one of them with `E: Debug`"
)]
pub trait IntoFindings {
    /// Turns it into them.
    fn into_findings(self, name: &str) -> Findings;
}

impl IntoFindings for Findings {
    fn into_findings(self, _: &str) -> Findings {
        self
    }
}

impl IntoFindings for () {
    fn into_findings(self, _: &str) -> Findings {
        Findings::new()
    }
}

/// One by one, and not whatever is `Into<Finding>`: so the compiler says of another type what can be returned.
macro_rules! one_finding {
    ($([$($parameter:tt)*] $type:ty;)+) => {$(
        impl<$($parameter)*> IntoFindings for $type {
            fn into_findings(self, name: &str) -> Findings {
                Findings::new().with(name, self)
            }
        }
    )+};
}

one_finding! {
    [] Finding; [] String; [] &str; [] bool;
    [] i8; [] i16; [] i32; [] i64; [] i128; [] isize; [] u8; [] u16; [] u32; [] u64; [] u128; [] usize; [] f32; [] f64;
    [T: ToString] Vec<T>; [T: ToString] BTreeSet<T>; [T: Into<Finding>] Option<T>;
}

/// What a function marked `#[probe]` may return.
#[diagnostic::on_unimplemented(
    message = "a probe cannot return `{Self}`",
    label = "nothing that accounts can be compared by",
    note = "return a `Vec<String>`, a `String`, a number, a `bool`, an `Option` of these, `callboard::Findings`, nothing, or a \
            `Result` of one of them with `E: Debug`"
)]
pub trait ProbeReturn {
    /// Turns it into what accounts are compared by.
    fn conclude(self, name: &str) -> Result<Findings, Failure>;
}

impl<T: IntoFindings> ProbeReturn for T {
    fn conclude(self, name: &str) -> Result<Findings, Failure> {
        Ok(self.into_findings(name))
    }
}

impl<T: IntoFindings, E: fmt::Debug + 'static> ProbeReturn for Result<T, E> {
    fn conclude(self, name: &str) -> Result<Findings, Failure> {
        self.map(|found| found.into_findings(name)).map_err(|error| failure_of(&error))
    }
}

impl Context {
    /// A probe has found this.
    #[doc(hidden)]
    pub fn found(&self, findings: Findings) {
        let findings = findings.map_texts(|text| self.home().mask(text));
        if let Some(trail) = Trail::of_this_thread() {
            trail.tell(|test, attempt| Event::Found { test, attempt, findings });
        }
    }
}

impl Test {
    /// The sign-in of a role as something to execute. It lives as long as the process, which needs one of each role.
    pub(crate) fn of_sign_in(role: &Role) -> Self {
        let name: &'static str = Box::leak(role.to_string().into_boxed_str());
        let whose = Whose::Role(name);
        let argument =
            Argument { name: "session", whose, mutable: false, fixture: fixture_type::<Session>() };
        let entry = TestEntry {
            name: "sign_in",
            place: Place { file: "callboard.toml", line: 1, column: 1 },
            roles: Box::leak(Box::new([name])),
            arguments: Box::leak(Box::new([argument])),
            run: |context| {
                Box::pin(async move {
                    let _session = context.take(0).await?;
                    context.begin();
                    Ok(())
                })
            },
            ..TestEntry::PLAIN
        };
        Self {
            id: TestId::new("sign_in"),
            known: Known::SignIn(role.clone()),
            entry: Box::leak(Box::new(entry)),
            roles: vec![name],
            allow_console: Vec::new(),
        }
    }
}
