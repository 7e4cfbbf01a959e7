//! Several runs told as one: the shards of a suite, or what was run again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::{Machine, RunEnd, RunFacts, Span, Story, TestStory};
use crate::model::{Outcome, SlotId, TestId};

/// So many tests that ran twice are named, so many words a notice may have.
const NAMED: usize = 5;

/// Runs cannot be told as one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MergeError {
    #[error(
        "runs of different suites cannot be merged: `{first}` is of `{first_suite}`, `{second}` of `{second_suite}`; make the \
         reports of each by itself"
    )]
    Suites { first: String, first_suite: String, second: String, second_suite: String },
    #[error("{0} runs with slots up to {1} are too many to be merged: name fewer")]
    TooMany(usize, u16),
}

impl Story {
    /// Puts runs together. Each keeps the times that it had from its own beginning, since nobody knows what the clocks of other
    /// machines said; a test that several have counts once, and slots are told apart. Beside it comes what is remarkable about all
    /// that, in sentences.
    ///
    /// # Errors
    ///
    /// They are of different suites, or more than there are numbers for slots.
    pub(crate) fn merge(mut runs: Vec<Self>) -> Result<(Self, Vec<String>), MergeError> {
        if runs.len() < 2 {
            return Ok((runs.pop().unwrap_or_default(), Vec::new()));
        }
        if let Some(other) = runs.iter().find(|run| run.run.suite != runs[0].run.suite) {
            let suite = |run: &Self| run.run.suite.clone().unwrap_or_else(|| "no suite".to_owned());
            return Err(MergeError::Suites {
                first: runs[0].run.id.clone(),
                first_suite: suite(&runs[0]),
                second: other.run.id.clone(),
                second_suite: suite(other),
            });
        }
        runs.sort_by_cached_key(|run| (run.run.shard.map(|shard| shard.number), began(run)));
        let machines = machines(&runs)?;
        let mut merged = Self { run: facts(&machines), ..Self::default() };
        let mut homes: HashMap<TestId, usize> = HashMap::new();
        let mut twice: BTreeMap<(usize, usize), Vec<TestId>> = BTreeMap::new();
        for (number, (mut run, machine)) in runs.into_iter().zip(&machines).enumerate() {
            run.shift_slots(machine.slots_from);
            merged.last_us = merged.last_us.max(run.last_us);
            merged.lanes.append(&mut run.lanes);
            merged.shared.extend(run.shared.into_iter().map(|span| {
                let of = format!("{} {}", machine.label, span.of);
                Span { of: of.trim_end().to_owned(), ..span }
            }));
            merged.notices.extend(run.notices.into_iter().map(|mut notice| {
                notice.text = format!("{}: {}", machine.label, notice.text);
                notice
            }));
            merged.flaws.append(&mut run.flaws);
            for test in run.tests {
                let id = test.planned.test.clone();
                let Some(&home) = homes.get(&id) else {
                    homes.insert(id.clone(), number);
                    merged.places.insert(id, merged.tests.len());
                    merged.tests.push(test);
                    continue;
                };
                let there = &mut merged.tests[merged.places[&id]];
                let new_counts = worth(&test, machine) > worth(there, &machines[home]);
                if !test.attempts.is_empty() && !there.attempts.is_empty() {
                    let (loser, winner) = if new_counts { (home, number) } else { (number, home) };
                    twice.entry((loser, winner)).or_default().push(id.clone());
                }
                if new_counts {
                    homes.insert(id, number);
                    *there = test;
                }
            }
        }
        let mut remarks = remarks(&machines);
        remarks.extend(twice.iter().map(|((loser, winner), tests)| {
            ran_twice(&machines[*loser].named(), &machines[*winner].named(), tests)
        }));
        merged.end = end(&merged, &machines);
        merged.machines = machines;
        Ok((merged, remarks))
    }

    /// Adds so many to the number of every slot.
    fn shift_slots(&mut self, by: u16) {
        let shifted = |slot: SlotId| SlotId(slot.0.saturating_add(by));
        self.lanes =
            std::mem::take(&mut self.lanes).into_iter().map(|(slot, lane)| (shifted(slot), lane)).collect();
        for notice in &mut self.notices {
            notice.slot = notice.slot.map(shifted);
        }
        for test in &mut self.tests {
            test.planned.prefers = test.planned.prefers.map(shifted);
            for trial in test.recheck.iter_mut().flatten() {
                trial.slot = shifted(trial.slot);
            }
            for attempt in test.attempts.iter_mut().chain(&mut test.afterwards) {
                attempt.slot = attempt.slot.map(shifted);
                attempt.companions.iter_mut().for_each(|slot| *slot = shifted(*slot));
            }
        }
    }
}

fn began(story: &Story) -> Option<Timestamp> {
    story.run.started.parse().ok()
}

impl Machine {
    /// `shard 2 (2026-11-22T07-15-02Z-3f9a)`
    fn named(&self) -> String {
        format!("{} ({})", self.label, self.run.id)
    }
}

/// Who ran what: each with a label, and numbers of slots of its own.
fn machines(runs: &[Story]) -> Result<Vec<Machine>, MergeError> {
    let last = runs.iter().flat_map(|run| run.lanes.keys().map(|slot| slot.0).chain([run.run.slots])).max();
    let last = last.unwrap_or_default();
    // A person can still read them: slot 3 of the second is 203.
    let apart = [100, 1_000, 10_000].into_iter().find(|apart| *apart > last);
    let numbers: BTreeSet<u32> = runs.iter().filter_map(|run| Some(run.run.shard?.number)).collect();
    let are_shards = numbers.len() == runs.len();
    let machine = |(run, number): (&Story, u16)| {
        let label = match run.run.shard.filter(|_| are_shards) {
            Some(shard) => format!("shard {}", shard.number),
            None => format!("run {number}"),
        };
        Some(Machine { label, run: run.run.clone(), slots_from: apart?.checked_mul(number)?, end: run.end })
    };
    let machines: Option<Vec<Machine>> = runs.iter().zip(1..).map(machine).collect();
    machines.filter(|machines| machines.len() == runs.len()).ok_or(MergeError::TooMany(runs.len(), last))
}

/// What is said of all of them as of one.
fn facts(machines: &[Machine]) -> RunFacts {
    let runs = || machines.iter().map(|machine| &machine.run);
    let mut facts = machines[0].run.clone();
    facts.id = runs().map(|run| run.id.as_str()).collect::<Vec<_>>().join(" + ");
    if let Some(first) = runs().min_by_key(|run| run.started.parse::<Timestamp>().ok()) {
        facts.started.clone_from(&first.started);
    }
    facts.cores = runs().map(|run| run.cores).sum();
    facts.workers = runs().map(|run| run.workers).sum();
    facts.slots = runs().fold(0, |sum, run| sum.saturating_add(run.slots));
    facts.exact = runs().all(|run| run.exact);
    facts.accounts = BTreeMap::new();
    for (role, accounts) in runs().flat_map(|run| &run.accounts) {
        *facts.accounts.entry(role.clone()).or_default() += accounts;
    }
    (facts.shard, facts.division, facts.shuffle_seed) = (None, None, None);
    facts
}

/// The end of the whole, where each of them has one.
fn end(merged: &Story, machines: &[Machine]) -> Option<RunEnd> {
    let ends: Vec<RunEnd> = machines.iter().map(|machine| machine.end).collect::<Option<_>>()?;
    Some(RunEnd {
        counts: merged.counts(),
        took_us: ends.iter().map(|end| end.took_us).max()?,
        interrupted: ends.iter().any(|end| end.interrupted),
        stopped_after: ends.iter().filter_map(|end| end.stopped_after).max(),
    })
}

/// Which of two tellings of a test counts: what ran goes before what did not, and then the one that began last.
fn worth(test: &TestStory, machine: &Machine) -> (bool, bool, Option<Timestamp>) {
    let ran = test.verdict.as_ref().is_some_and(|verdict| verdict.outcome != Outcome::Skipped);
    (ran, !test.attempts.is_empty(), machine.run.started.parse().ok())
}

fn ran_twice(loser: &str, winner: &str, tests: &[TestId]) -> String {
    let named: Vec<&str> = tests.iter().take(NAMED).map(TestId::as_str).collect();
    let more = match tests.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let tests = if tests.len() == 1 { "1 test".to_owned() } else { format!("{} tests", tests.len()) };
    format!("{tests} ran in {loser} and in {winner}; what counts is {winner}: {}{more}", named.join(", "))
}

/// What nobody would see who looks at the whole.
fn remarks(machines: &[Machine]) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(of) = machines.iter().filter_map(|machine| Some(machine.run.shard?.of)).max() {
        let there: BTreeSet<u32> =
            machines.iter().filter_map(|machine| Some(machine.run.shard?.number)).collect();
        let missing: Vec<String> = (1..=of)
            .filter(|number| !there.contains(number))
            .map(|number| format!("{number}/{of}"))
            .collect();
        if !missing.is_empty() {
            let (s, are) = if missing.len() == 1 { ("", "is") } else { ("s", "are") };
            said.push(format!(
                "shard{s} {} {are} missing: nothing is known of the tests there",
                missing.join(", ")
            ));
        }
        said.extend(differing(machines, "are shards of different wholes", |run| {
            Some(run.shard.map_or_else(|| "no shard".to_owned(), |shard| format!("one of {}", shard.of)))
        }));
        let divisions: BTreeSet<_> =
            machines.iter().filter_map(|machine| machine.run.division.as_ref()).collect();
        if divisions.len() > 1 {
            said.push(
                "the shards were divided differently, so that tests may be in none or in several: give each machine the same \
                 tests and filters, and the same earlier runs or none"
                    .to_owned(),
            );
        }
    }
    for machine in machines.iter().filter(|machine| machine.end.is_none()) {
        said.push(format!("{} has no end: it was killed, or goes on", machine.named()));
    }
    said.extend(differing(machines, "have different versions of callboard", |run| {
        Some(run.callboard.clone())
    }));
    said.extend(differing(machines, "have different numbers of slots", |run| Some(run.slots.to_string())));
    said.extend(differing(machines, "have different accounts", |run| {
        let accounts: Vec<String> =
            run.accounts.iter().map(|(role, number)| format!("{number} {role}")).collect();
        Some(if accounts.is_empty() { "none".to_owned() } else { accounts.join(", ") })
    }));
    said
}

/// What is not the same everywhere: each value, with those that have it.
fn differing(machines: &[Machine], what: &str, of: impl Fn(&RunFacts) -> Option<String>) -> Option<String> {
    let mut values: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for machine in machines {
        values.entry(of(&machine.run)?).or_default().push(&machine.label);
    }
    if values.len() < 2 {
        return None;
    }
    let values: Vec<String> =
        values.iter().map(|(value, who)| format!("{} {value}", who.join(" and "))).collect();
    Some(format!("the merged runs {what}: {}", values.join("; ")))
}
