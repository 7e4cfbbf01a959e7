//! What a test's fixtures take in their turn, looked at before anything is started: the roles that are needed, and whether it can work
//! at all.

use std::any::TypeId;

use super::fixture::{Argument, Description, Kind, Scope, Whose};
use super::registry::{SignInEntry, TestEntry};

/// The fixtures of a test cannot be set up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FixtureError {
    /// Each needs the other first.
    #[error("fixtures wait for each other: {chain}; asked for by the test `{test}`")]
    Cycle { chain: String, test: String },
    /// The one would end before the other.
    #[error(
        "{slot} lives as long as its slot, but takes {test}, which lives as long as a test; give `{name}` the key \
         `scope = \"slot\"`, or take it in the tests"
    )]
    ShorterLived { slot: String, test: String, name: &'static str },
    /// An account of no role.
    #[error(
        "{who} takes an `&Account`, but nobody says of which role: add `role = \"…\"` to `#[fixture]`{or_to_the_test}"
    )]
    NoRole { who: String, or_to_the_test: String },
    /// A session of one of several roles.
    #[error(
        "{who} takes `{argument}: &{ty}`, but the test {test} has several roles; name the argument after one of them, or give the \
         fixture a `role = \"…\"`"
    )]
    WhichRole { who: String, argument: &'static str, ty: &'static str, test: String },
    /// One value, twice, and not shared.
    #[error(
        "{who} takes `{first}` and `{second}`, which are the same value, one of them by `&mut`; take it once"
    )]
    SameValue { who: String, first: &'static str, second: &'static str },
}

/// All roles that a test needs: those that it names, and those that its fixtures name.
pub(super) fn roles(
    test: &'static TestEntry,
    sign_in: &dyn Fn(&str) -> Option<&'static SignInEntry>,
) -> Result<Vec<&'static str>, FixtureError> {
    let mut survey =
        Survey { test, sign_in, roles: test.roles.to_vec(), seen: Vec::new(), chain: Vec::new() };
    let who = format!("the test `{}` ({})", test.name, test.place);
    survey.function(&who, test.arguments, Asker { scope: Scope::Test, role: None, signs_in: false })?;
    Ok(survey.roles)
}

/// A walk through all that one test asks for.
struct Survey<'a> {
    test: &'static TestEntry,
    sign_in: &'a dyn Fn(&str) -> Option<&'static SignInEntry>,
    roles: Vec<&'static str>,
    seen: Vec<Seen>,
    /// What is being looked at, and what asked for it.
    chain: Vec<(Seen, String)>,
}

type Seen = (TypeId, Option<&'static str>);

/// The function whose arguments are looked at.
#[derive(Clone, Copy)]
struct Asker {
    scope: Scope,
    role: Option<&'static str>,
    /// It is a sign-in, which is given its session and account.
    signs_in: bool,
}

impl Survey<'_> {
    fn function(
        &mut self,
        who: &str,
        arguments: &'static [Argument],
        asker: Asker,
    ) -> Result<(), FixtureError> {
        let of_test = if asker.scope == Scope::Test { self.test.roles } else { &[] };
        for (index, argument) in arguments.iter().enumerate() {
            let description = (argument.fixture.describe)();
            let role = argument.role(asker.role, of_test).filter(|_| description.is_of_a_role());
            let is_same = |other: &&Argument| {
                other.fixture.id == argument.fixture.id
                    && argument.role(asker.role, of_test) == other.role(asker.role, of_test)
                    && (argument.mutable || other.mutable)
            };
            if description.kind != Kind::Session
                && let Some(other) = arguments[..index].iter().find(is_same)
            {
                let who = who.to_owned();
                return Err(FixtureError::SameValue { who, first: other.name, second: argument.name });
            }
            self.argument(who, argument, &description, Asker { role, ..asker })?;
        }
        Ok(())
    }

    /// One argument of `who`; `asked` has the role that it has there.
    fn argument(
        &mut self,
        who: &str,
        argument: &'static Argument,
        description: &Description,
        asked: Asker,
    ) -> Result<(), FixtureError> {
        let role = asked.role;
        let node = (argument.fixture.id, role);
        match description.kind {
            Kind::Surroundings => return Ok(()),
            Kind::Session | Kind::Account if asked.signs_in => return Ok(()),
            Kind::Session | Kind::Account => self.need(role),
            Kind::Made(Scope::Test) if asked.scope == Scope::Slot => {
                let (slot, test) = (who.to_owned(), description.shown());
                return Err(FixtureError::ShorterLived { slot, test, name: description.name });
            }
            Kind::Made(_) => description.roles.iter().for_each(|role| self.need(Some(role))),
        }
        let has_choice = self.test.roles.len() > 1 && asked.scope == Scope::Test;
        if matches!(description.kind, Kind::Session | Kind::Account)
            && (argument.whose, role, has_choice) == (Whose::Asker, None, true)
        {
            let (who, test) = (who.to_owned(), format!("`{}` ({})", self.test.name, self.test.place));
            return Err(FixtureError::WhichRole { who, argument: argument.name, ty: description.name, test });
        }
        if description.kind == Kind::Account && role.is_none() {
            let or_to_the_test = match asked.scope {
                Scope::Test => format!(" or to the test `{}` ({})", self.test.name, self.test.place),
                Scope::Slot => String::new(),
            };
            return Err(FixtureError::NoRole { who: who.to_owned(), or_to_the_test });
        }
        if let Some(first) = self.chain.iter().position(|(other, _)| *other == node) {
            let names = self.chain[first..].iter().map(|(_, shown)| shown.as_str());
            let names: Vec<&str> = names.chain([self.chain[first].1.as_str()]).collect();
            let (chain, test) = (names.join(", which takes "), self.test.name.to_owned());
            return Err(FixtureError::Cycle { chain: chain.replacen(", which takes ", " takes ", 1), test });
        }
        if self.seen.contains(&node) {
            return Ok(());
        }
        self.seen.push(node);
        let (shown, arguments, asking) = match description.kind {
            // Whoever wants a session of a role has to wait for its sign-in.
            Kind::Session => {
                let Some(entry) = role.and_then(self.sign_in) else { return Ok(()) };
                let shown = format!("the sign-in `{}` ({})", entry.name, entry.place);
                (shown, entry.arguments, Asker { scope: Scope::Test, role: None, signs_in: true })
            }
            Kind::Made(scope) => {
                let scope = if scope == Scope::Slot { scope } else { asked.scope };
                (
                    description.shown(),
                    description.arguments,
                    Asker { scope, role, signs_in: asked.signs_in && scope == Scope::Test },
                )
            }
            _ => return Ok(()),
        };
        self.chain.push((node, shown.clone()));
        let result = self.function(&shown, arguments, asking);
        self.chain.pop();
        result
    }

    fn need(&mut self, role: Option<&'static str>) {
        self.roles.extend(role.filter(|role| !self.roles.contains(role)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Context;
    use super::super::error::TestResult;
    use super::super::fixture::{Fixture, fixture_type};
    use super::super::registry::Place;
    use super::*;
    use crate::browser::Session;
    use crate::model::Account;

    const PLACE: Place = Place { file: "e2e.rs", line: 1, column: 1 };

    const fn argument<T: Fixture>(name: &'static str, whose: Whose, mutable: bool) -> Argument {
        Argument { name, whose, mutable, fixture: fixture_type::<T>() }
    }

    /// A fixture that is never set up, of these arguments.
    macro_rules! fixture {
        ($name:ident, $scope:ident, $roles:expr, $arguments:expr) => {
            struct $name;

            impl Fixture for $name {
                fn describe() -> Description {
                    const ARGUMENTS: &[Argument] = $arguments;
                    let named = Description::of::<Self>().function(stringify!($name), PLACE, ARGUMENTS);
                    named.scope(Scope::$scope).roles($roles)
                }

                async fn set_up(_: &Context) -> TestResult<Self> {
                    unreachable!("it is only looked at")
                }
            }
        };
    }

    fixture!(Visit, Test, &[], &[argument::<Session>("session", Whose::Asker, false)]);
    fixture!(Teaching, Test, &["teacher"], &[argument::<Session>("session", Whose::Role("teacher"), false)]);
    fixture!(Lesson, Test, &[], &[argument::<Teaching>("teaching", Whose::Asker, false)]);
    fixture!(Profile, Test, &[], &[argument::<Account>("account", Whose::Asker, false)]);
    fixture!(Board, Slot, &[], &[argument::<Account>("account", Whose::Asker, false)]);
    fixture!(Shelf, Slot, &[], &[argument::<Lesson>("lesson", Whose::Asker, false)]);
    fixture!(One, Test, &[], &[argument::<Two>("two", Whose::Asker, false)]);
    fixture!(Two, Test, &[], &[argument::<One>("one", Whose::Asker, false)]);
    fixture!(Token, Slot, &[], &[argument::<Session>("session", Whose::Role("teacher"), false)]);

    fn survey(
        roles: &'static [&'static str],
        arguments: &'static [Argument],
        sign_in: Option<&'static SignInEntry>,
    ) -> Result<Vec<&'static str>, String> {
        let entry = TestEntry { name: "t", place: PLACE, roles, arguments, ..TestEntry::PLAIN };
        super::roles(Box::leak(Box::new(entry)), &|_| sign_in).map_err(|error| error.to_string())
    }

    #[test]
    fn the_roles_of_fixtures_are_needed_too() {
        const ARGUMENTS: &[Argument] = &[
            argument::<Visit>("visit", Whose::Role("student"), false),
            argument::<Lesson>("lesson", Whose::Role("student"), false),
        ];
        assert_eq!(survey(&["student"], ARGUMENTS, None), Ok(vec!["student", "teacher"]));
    }

    #[test]
    fn an_account_is_somebodys() {
        const PROFILE: &[Argument] = &[argument::<Profile>("profile", Whose::Nobody, false)];
        const BOARD: &[Argument] = &[argument::<Board>("board", Whose::Role("student"), false)];
        let error = "the fixture `Profile` (e2e.rs:1:1) takes an `&Account`, but nobody says of which role: add `role = \"…\"` to \
                     `#[fixture]` or to the test `t` (e2e.rs:1:1)";
        assert_eq!(survey(&[], PROFILE, None), Err(error.to_owned()));
        let error = "the fixture `Board` (e2e.rs:1:1) takes an `&Account`, but nobody says of which role: add `role = \"…\"` to \
                     `#[fixture]`";
        assert_eq!(survey(&["student"], BOARD, None), Err(error.to_owned()));
    }

    #[test]
    fn with_several_roles_a_session_has_to_be_somebodys() {
        const ARGUMENTS: &[Argument] = &[argument::<Visit>("visit", Whose::Nobody, false)];
        let error = "the fixture `Visit` (e2e.rs:1:1) takes `session: &Session`, but the test `t` (e2e.rs:1:1) has several roles; \
                     name the argument after one of them, or give the fixture a `role = \"…\"`";
        assert_eq!(survey(&["student", "teacher"], ARGUMENTS, None), Err(error.to_owned()));
        assert_eq!(survey(&[], ARGUMENTS, None), Ok(vec![]));
    }

    #[test]
    fn what_lives_longer_cannot_take_what_lives_shorter() {
        const ARGUMENTS: &[Argument] = &[argument::<Shelf>("shelf", Whose::Nobody, false)];
        let error = "the fixture `Shelf` (e2e.rs:1:1) lives as long as its slot, but takes the fixture `Lesson` (e2e.rs:1:1), which lives \
                     as long as a test; give `Lesson` the key `scope = \"slot\"`, or take it in the tests";
        assert_eq!(survey(&[], ARGUMENTS, None), Err(error.to_owned()));
    }

    #[test]
    fn one_value_is_not_taken_twice_if_it_is_changed() {
        const ARGUMENTS: &[Argument] = &[
            argument::<Lesson>("lesson", Whose::Nobody, false),
            argument::<Lesson>("again", Whose::Nobody, true),
        ];
        let error = "the test `t` (e2e.rs:1:1) takes `lesson` and `again`, which are the same value, one of them by `&mut`; take it \
                     once";
        assert_eq!(survey(&[], ARGUMENTS, None), Err(error.to_owned()));
    }

    #[test]
    fn a_cycle_is_shown_also_one_through_a_sign_in() {
        static SIGN_IN: SignInEntry = SignInEntry {
            module: "e2e",
            name: "by_token",
            place: PLACE,
            role: None,
            timeout: None,
            arguments: &[argument::<Token>("token", Whose::Nobody, false)],
            run: |_| Box::pin(async { Ok(()) }),
        };
        const SESSION: &[Argument] = &[argument::<Session>("session", Whose::Role("teacher"), false)];
        const ARGUMENTS: &[Argument] = &[argument::<One>("one", Whose::Nobody, false)];
        let error = "fixtures wait for each other: the fixture `One` (e2e.rs:1:1) takes the fixture `Two` (e2e.rs:1:1), which takes the \
                     fixture `One` (e2e.rs:1:1); asked for by the test `t`";
        assert_eq!(survey(&[], ARGUMENTS, None), Err(error.to_owned()));

        let error = "fixtures wait for each other: the sign-in `by_token` (e2e.rs:1:1) takes the fixture `Token` (e2e.rs:1:1), which \
                     takes the sign-in `by_token` (e2e.rs:1:1); asked for by the test `t`";
        assert_eq!(survey(&["teacher"], SESSION, Some(&SIGN_IN)), Err(error.to_owned()));
        assert!(survey(&["student"], SESSION, None).is_ok());
    }
}
