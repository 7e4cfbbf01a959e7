//! What the macros emit. Their output is made of these types, so all of it is public, and none of
//! it is for writing by hand.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::Context;
use super::error::Failure;
use super::fixture::Argument;

/// A future that stays on the thread of its slot: what tests hold need not be `Send`.
pub type LocalFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// A function marked `#[e2e]`.
#[derive(Debug, Clone, Copy)]
pub struct TestEntry {
    /// `module_path!()` of the function, the crate's name included.
    pub module: &'static str,
    /// The name of the function.
    pub name: &'static str,
    /// Where the function's name stands.
    pub place: Place,
    /// The roles it asks for, in its order, without repetition; empty: none. `instructor#2` is the account that another
    /// slot has.
    pub roles: &'static [&'static str],
    /// `tags = [...]`
    pub tags: &'static [&'static str],
    /// `timeout = "90s"`; `None`: as configured.
    pub timeout: Option<Duration>,
    /// `retries = 1`; `None`: as configured.
    pub retries: Option<u32>,
    /// `exclusive`: nothing else runs meanwhile.
    pub exclusive: bool,
    /// `group = "mail"`: one at a time within the group.
    pub group: Option<&'static str>,
    /// `slot = 3`: only in that slot.
    pub slot: Option<u16>,
    /// `#[ignore]`, with its reason or an empty one.
    pub ignore: Option<&'static str>,
    /// `#[should_panic]`
    pub should_panic: ShouldPanic,
    /// `allow_console = [...]`: errors on its pages that are none.
    pub allow_console: &'static [&'static str],
    /// `fixme = "why"`: it is expected to fail.
    pub fixme: Option<&'static str>,
    /// `skip_if = condition`
    pub skip_if: Option<SkipIf>,
    /// Its arguments, in its order.
    pub arguments: &'static [Argument],
    /// Sets up the arguments, calls the function, and says what it said.
    pub run: for<'a> fn(&'a Context) -> LocalFuture<'a, Result<(), Failure>>,
}

/// A function marked `#[probe]`, for one of its roles, which is the only one that it has.
#[derive(Debug)]
pub struct ProbeEntry(pub TestEntry);

impl TestEntry {
    /// One that asks for nothing.
    pub const PLAIN: Self = Self {
        module: "",
        name: "",
        place: Place { file: "", line: 0, column: 0 },
        roles: &[],
        tags: &[],
        timeout: None,
        retries: None,
        exclusive: false,
        group: None,
        slot: None,
        ignore: None,
        should_panic: ShouldPanic::No,
        allow_console: &[],
        fixme: None,
        skip_if: None,
        arguments: &[],
        run: |_| Box::pin(async { Ok(()) }),
    };
}

/// A function marked `#[sign_in]`.
#[derive(Debug)]
pub struct SignInEntry {
    /// `module_path!()` of the function, the crate's name included.
    pub module: &'static str,
    /// The name of the function.
    pub name: &'static str,
    /// Where the function's name stands.
    pub place: Place,
    /// `role = "…"`; `None`: every role that has no sign-in of its own.
    pub role: Option<&'static str>,
    /// `timeout = "90s"`; `None`: as configured.
    pub timeout: Option<Duration>,
    /// Its arguments, in its order.
    pub arguments: &'static [Argument],
    /// Sets up the arguments, calls the function, and says what it said.
    pub run: for<'a> fn(&'a Context) -> LocalFuture<'a, Result<(), Failure>>,
}

/// Where something stands in the source.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// `file!()`
    pub file: &'static str,
    /// `line!()`
    pub line: u32,
    /// `column!()`
    pub column: u32,
}

/// `#[should_panic]` of a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShouldPanic {
    /// A panic is a failure.
    No,
    /// It has to panic.
    Yes,
    /// It has to panic with a message that contains this.
    With(&'static str),
}

/// `skip_if = condition`, `skip_if = (condition, "why")`
#[derive(Debug, Clone, Copy)]
pub struct SkipIf {
    /// Whether the test is skipped.
    pub condition: fn() -> bool,
    /// Why; the text of the condition where nothing else is said.
    pub reason: &'static str,
}

inventory::collect!(TestEntry);
inventory::collect!(SignInEntry);
inventory::collect!(ProbeEntry);
