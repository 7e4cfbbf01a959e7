//! Which tests a run executes, and what each needs: decided before anything is started.

use crate::config::Config;
use crate::model::{Part, SlotId};
use crate::slots::{Need, hardest_first};
use crate::suite::{ShouldPanic, SkipIfError, Test};

use super::shuffle;

/// What the command line says about which tests run, and in which order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    /// A name contains one of these; without any, every name does.
    pub(crate) filters: Vec<String>,
    pub(crate) skip: Vec<String>,
    /// Filters and skips are whole names.
    pub(crate) exact: bool,
    pub(crate) ignored: Ignored,
    pub(crate) exclude_should_panic: bool,
    /// One of these tags, if there are any.
    pub(crate) tags: Vec<String>,
    /// One of these roles, if there are any.
    pub(crate) roles: Vec<String>,
    /// Benchmarks were asked for, of which there are none.
    pub(crate) nothing: bool,
    pub(crate) shuffle: Option<Shuffle>,
}

/// What happens to tests marked `#[ignore]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Ignored {
    #[default]
    Show,
    Run,
    RunOnly,
}

/// Tests start in random order.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shuffle {
    Anew,
    Again(u64),
}

/// The selected tests, in the order of their names.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) tests: Vec<Planned>,
    pub(crate) shuffle_seed: Option<u64>,
}

/// A selected test.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) test: &'static Test,
    /// It is shown as ignored, with this reason or an empty one, and not executed.
    pub(crate) ignored: Option<&'static str>,
}

impl Plan {
    /// Asks the conditions of the tests that would be executed: those whose `skip_if` holds are shown as ignored, also
    /// where ignored tests are run. `skip_if` says that a test cannot run here, `#[ignore]` that it need not.
    pub(crate) fn ask_conditions(&mut self) -> Result<(), SkipIfError> {
        for planned in self.tests.iter_mut().filter(|planned| planned.ignored.is_none()) {
            planned.ignored = planned.test.skip_if()?;
        }
        Ok(())
    }

    /// Selects as libtest does, and by tag and role.
    pub(crate) fn new(tests: &'static [Test], wanted: &Selection) -> Self {
        let selected = tests.iter().filter(|test| is_selected(test, wanted));
        let planned = selected.map(|test| {
            let ignored = test.entry.ignore.filter(|_| wanted.ignored == Ignored::Show);
            Planned { test, ignored }
        });
        let planned: Vec<Planned> = planned.collect();
        let shuffle_seed = wanted.shuffle.map(|shuffle| match shuffle {
            Shuffle::Anew => shuffle::seed(),
            Shuffle::Again(seed) => seed,
        });
        Self { tests: planned, shuffle_seed }
    }

    /// The tests that are executed, in the order of their names.
    pub(crate) fn executed(&self) -> impl Iterator<Item = &'static Test> {
        self.tests.iter().filter(|planned| planned.ignored.is_none()).map(|planned| planned.test)
    }
}

fn is_selected(test: &Test, wanted: &Selection) -> bool {
    let name = test.id.as_str();
    let entry = test.entry;
    let matches =
        |filter: &String| if wanted.exact { name == filter } else { name.contains(filter.as_str()) };
    let one_of =
        |some: &[String], has: &[&str]| some.is_empty() || some.iter().any(|one| has.contains(&one.as_str()));
    let is_wanted = |asked: &str| wanted.roles.iter().any(|role| role == Part::of(asked).role);
    (wanted.filters.is_empty() || wanted.filters.iter().any(matches))
        && !wanted.skip.iter().any(matches)
        && (wanted.ignored != Ignored::RunOnly || entry.ignore.is_some())
        && !(wanted.exclude_should_panic && entry.should_panic != ShouldPanic::No)
        && !wanted.nothing
        && one_of(&wanted.tags, entry.tags)
        && (wanted.roles.is_empty() || test.roles.iter().any(|asked| is_wanted(asked)))
}

/// What the tests that are executed need of their places, and the order in which they should start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Demand {
    pub(crate) needs: Vec<Need>,
    /// Indices of `needs`.
    pub(crate) order: Vec<usize>,
}

impl Plan {
    /// What the tests need, where these slots may be used.
    pub(crate) fn demand(&self, config: &Config, usable: &[SlotId]) -> Demand {
        let needs: Vec<Need> = self.executed().map(|test| need(test, config, usable)).collect();
        let order = match self.shuffle_seed {
            Some(seed) => shuffle::order(needs.len(), seed),
            None => hardest_first(&needs),
        };
        Demand { needs, order }
    }
}

/// What a test needs of its place: an account for each of its roles, in a slot that may be used, and those of others
/// in further ones.
pub(crate) fn need(test: &Test, config: &Config, usable: &[SlotId]) -> Need {
    let have_accounts = |companion: Option<usize>| {
        let has_them = move |slot: &SlotId| config.has_accounts(&test.roles, companion, *slot);
        usable.iter().copied().filter(has_them)
    };
    let entry = test.entry;
    let is_pinned_here = |slot: &SlotId| entry.slot.is_none_or(|pinned| pinned == slot.0);
    Need {
        slots: have_accounts(None).filter(is_pinned_here).collect(),
        companions: (0..Part::companions(&test.roles))
            .map(|number| have_accounts(Some(number)).collect())
            .collect(),
        group: entry.group,
        exclusive: entry.exclusive,
        expected: None,
    }
}
