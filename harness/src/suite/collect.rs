//! The suite: everything that was registered, sorted by name, each name once.

use std::collections::BTreeMap;

use once_cell::sync::OnceCell;

use super::graph::{self, FixtureError};
use super::probe::Known;
use super::registry::{Place, ProbeEntry, SignInEntry, TestEntry};
use crate::model::{Location, Pattern, Role, TestId};

/// All tests, probes and sign-ins of this executable.
#[derive(Debug)]
pub(crate) struct Suite {
    tests: Vec<Test>,
    /// Each for one role.
    probes: Vec<Test>,
    sign_ins: BTreeMap<Role, &'static SignInEntry>,
    sign_in_of_others: Option<&'static SignInEntry>,
}

/// A test, or what is executed like one, and its name.
#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) id: TestId,
    /// What a worker finds it by.
    pub(crate) known: Known,
    pub(crate) entry: &'static TestEntry,
    /// The roles of which it needs an account: its own, and those of its fixtures.
    pub(crate) roles: Vec<&'static str>,
    /// What is no error on its pages.
    pub(crate) allow_console: Vec<Pattern>,
}

/// What was registered contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SuiteError {
    /// A name means one test.
    #[error("two {what} are called `{name}`: at {first} and at {second}; rename one of them")]
    SameName { what: &'static str, name: String, first: String, second: String },
    /// A role is signed in one way.
    #[error("two functions sign in {whom}: at {first} and at {second}; remove one of them")]
    SameSignIn { whom: String, first: String, second: String },
    /// What is allowed on the pages of a test cannot be matched.
    #[error(
        "`allow_console` of the test `{test}` ({place}) has what is no regular expression, {pattern:?}: {why}; write a backslash \
         before a character that is meant as itself"
    )]
    Pattern { test: String, place: String, pattern: &'static str, why: String },
    /// Fixtures cannot be set up.
    #[error(transparent)]
    Fixture(#[from] FixtureError),
}

impl Suite {
    /// What this executable has registered; collected once.
    pub(crate) fn collected() -> Result<&'static Self, SuiteError> {
        static SUITE: OnceCell<Suite> = OnceCell::new();
        SUITE.get_or_try_init(|| {
            let probes = inventory::iter::<ProbeEntry>().map(|ProbeEntry(entry)| entry);
            Self::of(inventory::iter::<TestEntry>(), probes, inventory::iter::<SignInEntry>())
        })
    }

    fn of(
        tests: impl IntoIterator<Item = &'static TestEntry>,
        probes: impl IntoIterator<Item = &'static TestEntry>,
        sign_ins: impl IntoIterator<Item = &'static SignInEntry>,
    ) -> Result<Self, SuiteError> {
        let tests = named("tests", tests, |_, id| Known::Test(id))?;
        let of_role = |entry: &TestEntry, id| Known::Probe(id, Role::new(entry.roles.concat()));
        let probes = named("probes", probes, of_role)?;

        let mut suite = Self { tests, probes, sign_ins: BTreeMap::new(), sign_in_of_others: None };
        for entry in sign_ins {
            let before = match entry.role {
                Some(role) => suite.sign_ins.insert(Role::new(role), entry),
                None => suite.sign_in_of_others.replace(entry),
            };
            if let Some(before) = before {
                let whom =
                    entry.role.map_or_else(|| "all roles".to_owned(), |role| format!("the role `{role}`"));
                let [first, second] = [before, entry].map(|entry| entry.place.to_string());
                return Err(SuiteError::SameSignIn { whom, first, second });
            }
        }
        let mut tests = std::mem::take(&mut suite.tests);
        let mut probes = std::mem::take(&mut suite.probes);
        for test in tests.iter_mut().chain(&mut probes) {
            test.roles = graph::roles(test.entry, &|role| suite.sign_in(&Role::new(role)))?;
            test.allow_console = patterns(test.entry)?;
        }
        Ok(Self { tests, probes, ..suite })
    }

    /// All tests, sorted by name.
    pub(crate) fn tests(&self) -> &[Test] {
        &self.tests
    }

    /// All probes, each for one role, sorted by name.
    pub(crate) fn probes(&self) -> &[Test] {
        &self.probes
    }

    /// What is to be executed, if it is there.
    pub(crate) fn find(&'static self, known: &Known) -> Option<&'static Test> {
        match known {
            Known::Test(_) => self.tests.iter().find(|test| test.known == *known),
            Known::Probe(..) => self.probes.iter().find(|probe| probe.known == *known),
            Known::SignIn(role) => Some(Box::leak(Box::new(Test::of_sign_in(role)))),
        }
    }

    /// All sign-ins.
    pub(crate) fn sign_ins(&self) -> impl Iterator<Item = &'static SignInEntry> {
        self.sign_ins.values().copied().chain(self.sign_in_of_others)
    }

    /// How a role is signed in.
    pub(crate) fn sign_in(&self, role: &Role) -> Option<&'static SignInEntry> {
        self.sign_ins.get(role).copied().or(self.sign_in_of_others)
    }
}

/// These functions, sorted by name, each name once.
fn named(
    what: &'static str,
    entries: impl IntoIterator<Item = &'static TestEntry>,
    known: impl Fn(&TestEntry, TestId) -> Known,
) -> Result<Vec<Test>, SuiteError> {
    let test = |entry: &'static TestEntry| {
        let id = test_id(entry.module, entry.name);
        Test { known: known(entry, id.clone()), id, entry, roles: Vec::new(), allow_console: Vec::new() }
    };
    let mut tests: Vec<Test> = entries.into_iter().map(test).collect();
    // A probe is there once for each of its roles.
    tests.sort_by(|a, b| (&a.id, a.entry.roles).cmp(&(&b.id, b.entry.roles)));
    if let Some(pair) = tests.windows(2).find(|pair| pair[0].known == pair[1].known) {
        let [first, second] = [0, 1].map(|i| pair[i].entry.place.to_string());
        return Err(SuiteError::SameName { what, name: pair[0].id.to_string(), first, second });
    }
    Ok(tests)
}

fn patterns(test: &TestEntry) -> Result<Vec<Pattern>, SuiteError> {
    let pattern = |pattern: &&'static str| {
        Pattern::new(pattern).map_err(|error| SuiteError::Pattern {
            test: test.name.to_owned(),
            place: test.place.to_string(),
            pattern,
            why: error.to_string(),
        })
    };
    test.allow_console.iter().map(pattern).collect()
}

/// `my_crate::instructor::updates` and its function are known as `instructor::updates`.
pub(crate) fn test_id(module: &str, name: &str) -> TestId {
    match module.split_once("::") {
        Some((_, inner)) => TestId::new(format!("{inner}::{name}")),
        None => TestId::new(name),
    }
}

impl From<Place> for Location {
    fn from(place: Place) -> Self {
        Self { file: place.file.to_owned(), line: place.line, column: place.column }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(module: &'static str, name: &'static str, line: u32) -> &'static TestEntry {
        let place = Place { file: "tests/e2e/main.rs", line, column: 1 };
        Box::leak(Box::new(TestEntry { module, name, place, ..TestEntry::PLAIN }))
    }

    fn sign_in(role: Option<&'static str>, line: u32) -> &'static SignInEntry {
        Box::leak(Box::new(SignInEntry {
            module: "e2e",
            name: "sign_in",
            place: Place { file: "tests/e2e/main.rs", line, column: 1 },
            role,
            timeout: None,
            arguments: &[],
            run: |_| Box::pin(async { Ok(()) }),
        }))
    }

    #[test]
    fn what_is_allowed_has_to_be_a_pattern() {
        let with = |allow_console| -> &'static TestEntry {
            let place = Place { file: "tests/e2e/main.rs", line: 1, column: 1 };
            Box::leak(Box::new(TestEntry { name: "t", place, allow_console, ..TestEntry::PLAIN }))
        };
        let suite = Suite::of([with(&["^fine$"])], [], []).unwrap();
        assert!(suite.tests()[0].allow_console[0].matches("fine"));
        let error = Suite::of([with(&["fine", "("])], [], []).unwrap_err().to_string();
        assert!(
            error.starts_with(
                "`allow_console` of the test `t` (tests/e2e/main.rs:1:1) has what is no regular expression, \"(\": "
            ),
            "{error}"
        );
    }

    #[test]
    fn tests_are_sorted_by_their_name_without_the_crate() {
        let suite =
            Suite::of([test("e2e::b", "x", 1), test("e2e", "z", 2), test("e2e::a", "y", 3)], [], []).unwrap();
        let names: Vec<&str> = suite.tests().iter().map(|test| test.id.as_str()).collect();
        assert_eq!(names, ["a::y", "b::x", "z"]);
    }

    #[test]
    fn a_name_twice_is_an_error_with_both_places() {
        let error = Suite::of([test("e2e::a", "x", 1), test("e2e::a", "x", 9)], [], []).unwrap_err();
        assert_eq!(
            error.to_string(),
            "two tests are called `a::x`: at tests/e2e/main.rs:1:1 and at tests/e2e/main.rs:9:1; rename one of them"
        );
    }

    #[test]
    fn a_probe_is_there_once_for_each_of_its_roles() {
        let of = |roles, line| -> &'static TestEntry {
            let place = Place { file: "tests/e2e/main.rs", line, column: 1 };
            Box::leak(Box::new(TestEntry { module: "e2e", name: "x", place, roles, ..TestEntry::PLAIN }))
        };
        let suite = Suite::of([test("e2e", "x", 1)], [of(&["b"], 2), of(&["a"], 2)], []).unwrap();
        let roles: Vec<_> = suite.probes().iter().map(|probe| probe.entry.roles[0]).collect();
        assert_eq!(roles, ["a", "b"]);
        let error = Suite::of([], [of(&["a"], 2), of(&["a"], 9)], []).unwrap_err();
        assert_eq!(
            error.to_string(),
            "two probes are called `x`: at tests/e2e/main.rs:2:1 and at tests/e2e/main.rs:9:1; rename one of them"
        );
    }

    #[test]
    fn a_role_has_its_own_sign_in_or_that_of_all() {
        let suite = Suite::of([], [], [sign_in(Some("instructor"), 1), sign_in(None, 2)]).unwrap();
        assert_eq!(suite.sign_in(&Role::new("instructor")).unwrap().place.line, 1);
        assert_eq!(suite.sign_in(&Role::new("site_admin")).unwrap().place.line, 2);
        Suite::of([], [], [sign_in(None, 1), sign_in(None, 2)]).unwrap_err();
    }
}
