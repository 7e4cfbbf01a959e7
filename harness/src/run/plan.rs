//! Which tests a run executes, and what each needs: decided before anything is started.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::model::{Part, PlannedTest, Repetition, Shard, SlotId, TestId};
use crate::slots::{Need, best_order};
use crate::suite::{ShouldPanic, SkipIfError, Test};

use super::experience::Experience;
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

/// The selected tests, in the order of their names; where they are repeated, all once, then all again.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) tests: Vec<Planned>,
    pub(crate) shuffle_seed: Option<u64>,
    /// The part that is left, and what tells how the whole was divided.
    pub(crate) shard: Option<Shard>,
    pub(crate) division: Option<String>,
}

/// A selected test, or one of several executions of it.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    pub(crate) test: &'static Test,
    pub(crate) repetition: Option<Repetition>,
    /// It is shown as ignored, with this reason or an empty one, and not executed.
    pub(crate) ignored: Option<&'static str>,
}

impl Planned {
    /// What it is called in results and events.
    pub(crate) fn name(&self) -> TestId {
        self.repetition.as_ref().map_or_else(|| self.test.id.clone(), Repetition::name)
    }
}

impl Plan {
    /// Leaves out what is not one of these.
    pub(crate) fn keep(&mut self, tests: &BTreeSet<TestId>) {
        self.tests.retain(|planned| tests.contains(&planned.test.id));
    }

    /// Each test is executed so many times, each time as a test of its own. Those that are only shown are shown once.
    pub(crate) fn repeat(&mut self, times: u32) {
        if times < 2 {
            return;
        }
        let once: Vec<Planned> = self.executed().cloned().collect();
        self.tests.retain(|planned| planned.ignored.is_some());
        let repeated = (1..=times).flat_map(|number| {
            once.iter().map(move |planned| {
                let repetition = Repetition { of: planned.test.id.clone(), number, times };
                Planned { repetition: Some(repetition), ..planned.clone() }
            })
        });
        self.tests.extend(repeated);
    }

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
            Planned { test, repetition: None, ignored }
        });
        let planned: Vec<Planned> = planned.collect();
        let shuffle_seed = wanted.shuffle.map(|shuffle| match shuffle {
            Shuffle::Anew => shuffle::seed(),
            Shuffle::Again(seed) => seed,
        });
        Self { tests: planned, shuffle_seed, shard: None, division: None }
    }

    /// The tests that are executed, in the order of the plan.
    pub(crate) fn executed(&self) -> impl Iterator<Item = &Planned> {
        self.tests.iter().filter(|planned| planned.ignored.is_none())
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
    /// What the tests need, where these slots may be used by so many tests at once. A shuffled run makes nothing of
    /// experience: its seed alone decides.
    pub(crate) fn demand(
        &self,
        config: &Config,
        usable: &[SlotId],
        workers: usize,
        experience: &Experience,
    ) -> Demand {
        let mut needs: Vec<Need> =
            self.executed().map(|planned| need(planned.test, config, usable)).collect();
        let Some(seed) = self.shuffle_seed else {
            for (need, planned) in needs.iter_mut().zip(self.executed()) {
                need.expected = experience.of(&planned.test.id);
            }
            let order = best_order(&needs, workers);
            return Demand { needs, order };
        };
        for (need, draw) in needs.iter_mut().zip(shuffle::draws(seed)) {
            need.prefers = preferred(&need.slots, workers, draw);
        }
        let order = shuffle::order(needs.len(), seed);
        Demand { needs, order }
    }

    /// What is going to be executed, for the events.
    pub(crate) fn told(&self, demand: &Demand) -> Vec<PlannedTest> {
        let tests: Vec<&Planned> = self.executed().collect();
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let told = demand.order.iter().map(|&test| PlannedTest {
            test: tests[test].name(),
            repetition: tests[test].repetition.clone(),
            prefers: demand.needs[test].prefers,
            location: Some(tests[test].test.entry.place.into()),
            roles: words(&tests[test].test.roles),
            tags: words(tests[test].test.entry.tags),
        });
        told.collect()
    }
}

/// The slot that this draw stands for: one of the first of a test's, no more than can be busy at once. Else a run of two
/// workers would start the services and the browsers of all slots.
pub(super) fn preferred(slots: &[SlotId], workers: usize, draw: u64) -> Option<SlotId> {
    let choice = slots.len().min(workers);
    let pick = draw.checked_rem(u64::try_from(choice).ok()?)?;
    slots.get(usize::try_from(pick).ok()?).copied()
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
        roles: test.roles.len(),
        expected: None,
        prefers: None,
    }
}
